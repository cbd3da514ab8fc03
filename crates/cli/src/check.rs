//! `hedgerow check`: the verdict on a scenario or on data files, without a run.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{anyhow, bail};
use hedgerow_core::{Market, PaidIn, Quality, SeriesQuality, Severity};
use hedgerow_data::Checked;

use crate::args::CheckArgs;
use crate::hints::as_options;
use crate::output::{Existing, Folder, MANIFEST, check_place, say, sha256};
use crate::progress::Progress;
use crate::resolve::{BookOf, Plan, Source, plan};

/// Judges what is named, as a scenario when it is one that ends in `.toml`, else as data.
///
/// # Errors
/// Whatever makes it unusable; under `--strict` also what would change results.
pub(crate) fn check(args: &CheckArgs) -> anyhow::Result<()> {
    if let Some(out) = &args.out {
        check_place(out, IDENTITY, existing(args))?;
    }
    let is_scenario = |path: &Path| path.extension().is_some_and(|extension| extension == "toml");
    match args.paths.iter().find(|path| is_scenario(path)) {
        Some(path) if args.paths.len() > 1 => {
            bail!("`{}` is a scenario: check it alone", path.display())
        }
        Some(path) => check_scenario(path, args),
        None => check_data(args),
    }
}

/// What the manifest of a verdict says it is: any verdict may take the place of another under `--overwrite`.
const IDENTITY: &str = "quality";

fn existing(args: &CheckArgs) -> Existing {
    if args.overwrite { Existing::Replace } else { Existing::Keep }
}

fn check_scenario(path: &Path, args: &CheckArgs) -> anyhow::Result<()> {
    if let Some(option) = args.declared.first_set() {
        bail!(
            "{option} cannot be used with a scenario: its [[market.series]] say what its files are"
        );
    }
    let progress = Progress::start();
    let source = Source::open(path)?;
    let plan = plan(&source, BookOf::Scenario, &|stage| progress.stage(stage))?;
    drop(progress);
    write_folder(args, &plan.quality, &[])?;
    if args.json {
        say(&hedgerow_report::quality_json(&plan.quality, &[]));
        return Ok(());
    }
    say(&scenario_text(path, &plan));
    say_folder(args);
    Ok(())
}

/// The verdict on a scenario that was resolved, and what it assumes.
pub(crate) fn scenario_text(path: &Path, plan: &Plan) -> String {
    let mut text = verdict(&plan.quality);
    let time = plan.market.time();
    let (first, last) = (time[0], time[time.len() - 1]);
    let _ = writeln!(text, "\nperiod: {} rows, {first} to {last}", time.len());
    listed(&mut text, &plan.market);
    let _ = writeln!(text, "strategies:");
    for strategy in &plan.strategies {
        let _ = writeln!(text, "  {}: {}", strategy.name, strategy.about);
    }
    for (topic, sentence) in crate::assumptions::of(plan) {
        let _ = writeln!(text, "{}: {sentence}", topic.to_lowercase());
    }
    let _ = writeln!(text, "\n{}: the scenario can be run", path.display());
    text
}

/// Dated futures with the rolls from one to the next, and option chains.
fn listed(text: &mut String, market: &Market) {
    for future in market.futures() {
        let rows = future.price.iter().filter(|price| price.is_some()).count();
        let step =
            |step: Option<f64>| step.map_or_else(|| "n/a".to_owned(), |step| step.to_string());
        let _ = writeln!(
            text,
            "future {}: expires {}, {} a contract, tick {}, lot {}; priced at {rows} of {} rows",
            future.name,
            future.expiry,
            match future.terms.paid_in {
                PaidIn::Usd => format!("{} coins", future.terms.size),
                PaidIn::Coin => format!("{} USD", future.terms.size),
            },
            step(future.terms.tick),
            step(future.terms.lot),
            market.n_rows()
        );
    }
    for (asset, columns) in market.assets().iter().enumerate() {
        for (paid_in, about) in [(PaidIn::Usd, "USD"), (PaidIn::Coin, "coins")] {
            let continuous = market.continuous_future(asset, paid_in, ROLL_MILLIS);
            for roll in hedgerow_data::describe_rolls(market, &continuous) {
                let _ = writeln!(text, "roll a day before expiry: {roll}");
            }
            let Some(chain) = market.chain(asset, paid_in) else { continue };
            let known = chain.snapshot_of_row.iter().filter(|snapshot| snapshot.is_some()).count();
            let taken = chain.n_taken.map_or_else(
                || "a stream of quotes".to_owned(),
                |n| format!("{n} snapshots taken"),
            );
            let _ = writeln!(
                text,
                "option chain of {}, quoted in {about}: {} options, {taken}, known at {known} of {} rows",
                columns.name,
                chain.contracts.len(),
                market.n_rows()
            );
        }
    }
}

/// How long before its expiry a future is left, where rolls are only shown.
const ROLL_MILLIS: i64 = hedgerow_core::MILLIS_PER_DAY;

fn check_data(args: &CheckArgs) -> anyhow::Result<()> {
    let progress = Progress::start();
    progress.stage("reading the data");
    let Checked { quality, refused } =
        hedgerow_data::check_files(&args.paths, &args.declared.declared())
            .map_err(|error| anyhow!(as_options(&error.to_string(), &[])))?;
    drop(progress);
    let refused: Vec<String> =
        refused.iter().map(|error| as_options(&error.to_string(), &[])).collect();
    write_folder(args, &quality, &refused)?;
    if args.json {
        say(&hedgerow_report::quality_json(&quality, &refused));
    } else {
        if !quality.series.is_empty() || !quality.assumptions.is_empty() {
            say(&verdict(&quality));
        }
        say_folder(args);
    }
    let warnings = quality.count(Severity::Warning);
    if let [only] = refused.as_slice() {
        bail!("{only}");
    }
    if !refused.is_empty() {
        bail!("{} files cannot be used:\n  {}", refused.len(), refused.join("\n  "));
    }
    if args.declared.strict && warnings > 0 {
        bail!("--strict refuses the data: {warnings} warnings, listed above");
    }
    if !args.json {
        let (count, last) = (
            quality.series.len(),
            if quality.series.len() == 1 { "series" } else { "series, all" },
        );
        say(&format!("\n{count} {last} usable\n"));
    }
    Ok(())
}

/// Writes the verdict as files, where a folder is asked for.
fn write_folder(args: &CheckArgs, quality: &Quality, refused: &[String]) -> anyhow::Result<()> {
    let Some(out) = &args.out else { return Ok(()) };
    let folder = Folder::prepare(out, IDENTITY, existing(args))?;
    let mut files = vec![
        ("index.html".to_owned(), hedgerow_report::quality_page(quality, refused).into_bytes()),
        ("quality.json".to_owned(), hedgerow_report::quality_json(quality, refused).into_bytes()),
    ];
    for chart in hedgerow_report::quality_charts(quality, refused) {
        files.push((format!("{}.svg", chart.name), chart.svg.into_bytes()));
        files.push((format!("{}.png", chart.name), chart.png));
    }
    for (name, content) in &files {
        folder.write(name, content)?;
    }
    let outputs: Vec<_> = files
        .iter()
        .map(|(name, content)| serde_json::json!({ "file": name, "sha256": sha256(content) }))
        .collect();
    let manifest = serde_json::json!({
        "hedgerow": env!("CARGO_PKG_VERSION"),
        "identity": IDENTITY,
        "outputs": outputs,
    });
    folder.write(MANIFEST, format!("{manifest:#}\n").as_bytes())?;
    folder.finish()
}

fn say_folder(args: &CheckArgs) {
    if let Some(out) = &args.out {
        say(&format!("\nverdict: {}\n", out.join("index.html").display()));
    }
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
        series.step_millis.map_or_else(String::new, |step| format!(
            ", every {}",
            hedgerow_report::format::duration(step)
        ))
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
