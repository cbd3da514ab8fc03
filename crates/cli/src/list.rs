//! `hedgerow list`: everything a scenario can say.

use hedgerow_core::registry::Entry;

use crate::instruments::INSTRUMENTS;
use crate::output::say;

/// Prints every registry.
pub(crate) fn list() -> anyhow::Result<()> {
    let mut text = String::new();
    section(&mut text, "Data formats, `format` of a [[market.series]]", hedgerow_data::FORMATS);
    section(&mut text, "Vol models, `model` of [vol]", hedgerow_greeks::VOLS);
    heading(
        &mut text,
        "Programmes, `programme` of a [[book]] (`call` and `put` also of an option leg)",
    );
    for programme in hedgerow_greeks::PROGRAMMES {
        item(&mut text, programme.name, programme.about, programme.example);
    }
    section(&mut text, "Instruments, `with` of a [[strategy.leg]]", INSTRUMENTS);
    section(&mut text, "Rules, `when` of a [[strategy.leg]]", hedgerow_sim::RULES);
    section(&mut text, "Ratios, `ratio` of a [[strategy.leg]]", hedgerow_sim::RATIOS);
    heading(&mut text, "Metrics, in summary.json and the report");
    for metric in hedgerow_report::METRICS {
        text.push_str(&format!("  {:<32} {}\n", metric.key, metric.about));
    }
    say(&text);
    Ok(())
}

fn section<T: ?Sized>(text: &mut String, title: &str, entries: &[Entry<T>]) {
    heading(text, title);
    for entry in entries {
        item(text, entry.name, entry.about, entry.example);
    }
}

fn heading(text: &mut String, title: &str) {
    text.push_str(&format!("{}{title}\n\n", if text.is_empty() { "" } else { "\n" }));
}

fn item(text: &mut String, name: &str, about: &str, example: &str) {
    text.push_str(&format!("  {name:<18} {about}\n"));
    for line in example.lines() {
        text.push_str(&format!("  {:<18}   {line}\n", ""));
    }
}
