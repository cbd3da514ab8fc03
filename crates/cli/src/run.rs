//! `hedgerow run`: scenario to ledgers to report.

use std::path::{Path, PathBuf};

use anyhow::Context;
use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};
use hedgerow_core::{Ledger, Severity};
use hedgerow_report::{Bootstrap, Comparison, Run};
use hedgerow_sim::simulate_all_on_terms;
use rayon::prelude::*;
use serde_json::json;

use crate::args::RunArgs;
use crate::input_files::{self, InputFile};
use crate::output::{Existing, Folder, MANIFEST, check_place, say, sha256};
use crate::presets::{DEFAULT, Preset};
use crate::progress::Progress;
use crate::resolve::{BookOf, Plan, Source, plan};
use crate::trades::not_replayed;
use crate::{account, assumptions, resolved};

/// Width of the table where the output is not a terminal, characters.
const PLAIN_WIDTH: u16 = 132;

/// Replays a scenario and writes its folder.
///
/// # Errors
/// Wrong input, or a folder that cannot be written; nothing is left behind then.
pub(crate) fn run(args: &RunArgs) -> anyhow::Result<()> {
    let progress = Progress::start();
    let source = match (&args.scenario, &args.preset) {
        (Some(path), _) => Source::open(path)?,
        (None, preset) => Preset::named(preset.as_deref().unwrap_or(DEFAULT))?.source(),
    };
    let plan = plan(&source, BookOf::Scenario, &|stage| progress.stage(stage))?;
    let place = Place {
        folder: args
            .out
            .clone()
            .unwrap_or_else(|| Path::new("reports").join(slug(&plan.scenario.name))),
        existing: if args.overwrite { Existing::Replace } else { Existing::Keep },
    };
    replay(&source, &plan, &place, progress)
}

/// Where a run is written.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) folder: PathBuf,
    pub(crate) existing: Existing,
}

/// Replays what was planned and writes its folder.
///
/// # Errors
/// A folder that cannot be written, and amounts beyond all bounds; nothing is left behind then.
pub(crate) fn replay(
    source: &Source,
    plan: &Plan,
    place: &Place,
    progress: Progress,
) -> anyhow::Result<()> {
    let inputs = InputFile::all(&plan.files)?;
    let resolved = resolved::toml(plan);
    let identity = identity(source, &resolved, &inputs);
    check_place(&place.folder, &identity, place.existing)?;
    progress.stage("replaying the strategies");
    let ledgers = simulate_all_on_terms(
        &plan.market,
        &plan.exposure,
        &plan.strategies,
        (&plan.account, &plan.terms),
        &plan.book_costs,
    );
    check_finite(plan, &ledgers).with_context(|| source.label.clone())?;
    let prepare = || Folder::prepare(&place.folder, &identity, place.existing);
    let (folder, table) = write(prepare, plan, &ledgers, &resolved, &progress)?;
    manifest(&folder, source, plan, &resolved, &identity, &inputs)?;
    folder.finish()?;
    drop(progress);
    say(&summary(plan, &ledgers, &table, &place.folder));
    Ok(())
}

/// Refuses sizes whose products are beyond the numbers.
fn check_finite(plan: &Plan, ledgers: &[Ledger]) -> anyhow::Result<()> {
    for ledger in ledgers {
        let columns = ledger
            .legs
            .iter()
            .flat_map(|leg| [&leg.price_pnl, &leg.carry, &leg.turnover, &leg.held]);
        for column in columns.chain([&ledger.equity]) {
            if let Some(row) =
                column.iter().position(|number| number.is_nan() || number.abs() >= 1e100)
            {
                anyhow::bail!(
                    "strategy `{}`: amounts at {} are beyond all bounds ({:.1e}); check `quantity`, `size`, [capital] and the prices",
                    ledger.strategy,
                    plan.market.time()[row],
                    column[row]
                );
            }
        }
    }
    Ok(())
}

/// Measures, draws and writes everything but the manifest; returns the comparison for the terminal. The folder is made when
/// there is something to write, so that an interrupted run leaves nothing.
fn write(
    prepare: impl FnOnce() -> anyhow::Result<Folder>,
    plan: &Plan,
    ledgers: &[Ledger],
    resolved: &str,
    progress: &Progress,
) -> anyhow::Result<(Folder, Comparison)> {
    let mut assumptions = assumptions::of(plan);
    assumptions.extend(not_replayed(plan, ledgers).map(|said| ("Trades".to_owned(), said)));
    assumptions.extend(idle(ledgers).map(|leg| ("Legs".to_owned(), format!("{leg}."))));
    let bootstrap = plan.scenario.bootstrap;
    let title = plan.title();
    let run = Run {
        name: &title,
        about: &plan.scenario.about,
        version: env!("CARGO_PKG_VERSION"),
        market: &plan.market,
        exposure: &plan.exposure,
        ledgers,
        quality: &plan.quality,
        assumptions: &assumptions,
        scenario: resolved,
        bootstrap: Bootstrap {
            seed: bootstrap.seed,
            resamples: bootstrap.resamples,
            level: bootstrap.level_percent / 100.0,
        },
        progress: &|stage| progress.stage(stage),
    };
    let report = hedgerow_report::measure(&run);
    let charts = hedgerow_report::charts(&run, &report);
    let folder = prepare()?;
    progress.stage("writing the report");
    hedgerow_data::write_parquet(
        &hedgerow_report::ledger_table(&run),
        &folder.path().join("ledger.parquet"),
    )
    .context("ledger.parquet")?;
    if let Some(events) = hedgerow_report::account_events_table(&report) {
        hedgerow_data::write_parquet(&events, &folder.path().join("account-events.parquet"))
            .context("account-events.parquet")?;
    }
    folder.write("index.html", hedgerow_report::html(&run, &report, &charts).as_bytes())?;
    folder.write("summary.json", hedgerow_report::summary_json(&report).as_bytes())?;
    charts.par_iter().try_for_each(|chart| {
        folder.write(&format!("{}.svg", chart.name), chart.svg.as_bytes())?;
        folder.write(&format!("{}.png", chart.name), &chart.png)
    })?;
    Ok((folder, hedgerow_report::comparison(&report)))
}

/// Tells runs apart: the same scenario, data and version give the same identity.
fn identity(source: &Source, resolved: &str, inputs: &[InputFile]) -> String {
    let hashes: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
    let parts = [env!("CARGO_PKG_VERSION"), &source.text, resolved, &hashes.join("\n")];
    sha256(parts.join("\n\n").as_bytes())
}

fn manifest(
    folder: &Folder,
    source: &Source,
    plan: &Plan,
    resolved: &str,
    identity: &str,
    inputs: &[InputFile],
) -> anyhow::Result<()> {
    let mut names: Vec<PathBuf> = std::fs::read_dir(folder.path())?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    names.sort();
    let outputs = names.iter().map(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        Ok(json!({ "file": name, "sha256": sha256(&std::fs::read(path)?) }))
    });
    let manifest = json!({
        "hedgerow": env!("CARGO_PKG_VERSION"),
        "identity": identity,
        "scenario": { "file": source.label, "sha256": sha256(source.text.as_bytes()), "resolved": resolved },
        "seed": plan.scenario.bootstrap.seed,
        "embedded_sample": plan.scenario.market.source.source.is_some(),
        "inputs": input_files::listed(inputs),
        "outputs": outputs.collect::<anyhow::Result<Vec<_>>>()?,
    });
    folder.write(MANIFEST, format!("{manifest:#}\n").as_bytes())
}

fn summary(plan: &Plan, ledgers: &[Ledger], comparison: &Comparison, place: &Path) -> String {
    let time = plan.market.time();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    if table.width().is_none() {
        table.set_width(PLAIN_WIDTH);
    }
    table.set_header(&comparison.header);
    table.add_rows(&comparison.rows);
    let unbroken = (1..comparison.header.len()).map(|column| {
        let cells = comparison.rows.iter().map(|row| &row[column]);
        let words =
            cells.chain([&comparison.header[column]]).flat_map(|cell| cell.split_whitespace());
        let longest = words.map(|word| word.chars().count()).max().unwrap_or(0);
        let with_padding = u16::try_from(longest + 2).unwrap_or(u16::MAX);
        ColumnConstraint::LowerBoundary(Width::Fixed(with_padding))
    });
    table.set_constraints(std::iter::once(ColumnConstraint::ContentWidth).chain(unbroken));
    format!(
        "{}\n{} rows from {} to {}, data quality: {}\n{}\n{table}\n{}{}\nreport: {}\n",
        plan.title(),
        time.len(),
        time[0],
        time[time.len() - 1],
        plan.quality.verdict(),
        warnings(plan) + &idle(ledgers).map(|leg| format!("warning: {leg}\n")).collect::<String>(),
        comparison.notes.iter().map(|note| format!("{note}\n")).collect::<String>(),
        account::events(&plan.market, ledgers),
        place.join("index.html").display()
    )
}

/// Legs that had something to hedge and never traded.
fn idle(ledgers: &[Ledger]) -> impl Iterator<Item = String> {
    let is_zero = |number: &f64| *number == 0.0;
    ledgers.iter().flat_map(move |ledger| {
        // Of instruments that are held by turns, those that were never chosen are no news.
        let acts = ledger.legs.iter().any(|leg| !leg.traded.iter().all(is_zero));
        let idle = ledger.legs.iter().filter(move |leg| {
            let wants = leg.ideal.iter().flatten().any(|ideal| *ideal != 0.0);
            wants && !acts && leg.traded.iter().all(is_zero)
        });
        idle.map(|leg| {
            format!(
                "`{}`, {}: never traded: its rule asks at no row, or its orders are due after the last row",
                ledger.strategy, leg.name
            )
        })
    })
}

/// What was found in the data that changes results, and of options that are not those asked for, a line each.
fn warnings(plan: &Plan) -> String {
    let findings = plan.quality.series.iter().flat_map(|series| {
        let warnings =
            series.findings.iter().filter(|finding| finding.severity == Severity::Warning);
        warnings.map(move |finding| {
            format!("warning: {}: {}: {}\n", series.name, finding.defect.about(), finding.detail)
        })
    });
    let of_options = plan.warnings.iter().map(|warning| format!("warning: {warning}\n"));
    findings.chain(of_options).collect()
}

/// A name as a folder: lower case letters, digits and hyphens.
pub(crate) fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "run".to_owned() } else { slug.to_owned() }
}
