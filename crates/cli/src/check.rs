//! `hedgerow check`: is this scenario, or this data file, usable?

use std::fmt::Write as _;

use hedgerow_core::{Quality, SeriesQuality, Severity};

use crate::args::CheckArgs;
use crate::output::say;
use crate::progress::Progress;
use crate::resolve::{Source, plan};

/// Checks a scenario or a data file and prints the verdict.
///
/// # Errors
/// What makes the file unusable.
pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<()> {
    let progress = Progress::start();
    if args.file.extension().is_some_and(|extension| extension == "toml") {
        let source = Source::open(&args.file)?;
        let plan = plan(&source, &|stage| progress.stage(stage))?;
        drop(progress);
        let mut text = verdict(&plan.quality);
        let time = plan.market.time();
        let _ = writeln!(
            text,
            "\nperiod: {} rows, {} to {}",
            time.len(),
            time[0],
            time[time.len() - 1]
        );
        let _ = writeln!(text, "strategies:");
        for strategy in &plan.strategies {
            let _ = writeln!(text, "  {}: {}", strategy.name, strategy.about);
        }
        for (topic, sentence) in crate::assumptions::of(&plan) {
            let _ = writeln!(text, "{}: {sentence}", topic.to_lowercase());
        }
        let _ = writeln!(text, "\n{}: the scenario can be run", args.file.display());
        say(&text);
        return Ok(());
    }
    progress.stage("reading the file");
    let series = hedgerow_data::check_file(&args.file)?;
    drop(progress);
    let quality = Quality { series: vec![series], assumptions: Vec::new() };
    say(&format!("{}\n{}: the file can be used\n", verdict(&quality), args.file.display()));
    Ok(())
}

/// The quality of the data as text.
pub(crate) fn verdict(quality: &Quality) -> String {
    let mut text = String::new();
    for series in &quality.series {
        series_verdict(&mut text, series);
    }
    for assumption in &quality.assumptions {
        let _ = writeln!(text, "assumed: {assumption}");
    }
    let (warnings, all) = (quality.count(Severity::Warning), quality.count(Severity::Note));
    let _ = writeln!(
        text,
        "data quality: {} ({warnings} warnings, {} notes)",
        quality.verdict(),
        all - warnings
    );
    text
}

fn series_verdict(text: &mut String, series: &SeriesQuality) {
    let _ = writeln!(
        text,
        "{} from {} ({}): {} rows, {} to {}{}",
        series.name,
        series.source,
        series.format,
        series.n_rows,
        series.first,
        series.last,
        series.step_millis.map_or_else(String::new, |step| format!(", every {}", duration(step)))
    );
    for finding in &series.findings {
        let severity = if finding.severity == Severity::Warning { "warning" } else { "note" };
        let first = finding.first.map_or_else(String::new, |time| format!(", first at {time}"));
        let _ =
            writeln!(text, "  {severity}: {}: {}{first}", finding.defect.about(), finding.detail);
    }
    if series.findings.is_empty() {
        let _ = writeln!(text, "  nothing found");
    }
}

/// `1 d`, `8 h`, `90 s`.
fn duration(millis: i64) -> String {
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s")];
    match units.iter().find(|(unit, _)| millis % unit == 0) {
        Some((unit, name)) => format!("{} {name}", millis / unit),
        None => format!("{millis} ms"),
    }
}
