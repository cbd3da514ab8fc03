//! `hedgerow surface`: an option chain to the vol surface of every snapshot, with its error and its arbitrage verdict.

mod shown;
mod slices;

use std::fmt::Write as _;

use anyhow::{anyhow, bail};
use hedgerow_core::{Defect, PaidIn, SeriesQuality, Severity, Timestamp};
use hedgerow_data::{LoadedChain, load_chains, write_parquet};
use hedgerow_greeks::Surface;
use hedgerow_report::{SurfaceReport, surface_charts, surface_page};
use rayon::prelude::*;

use crate::args::SurfaceArgs;
use crate::hints::as_options;
use crate::input_files::{self, InputFile};
use crate::output::{Existing, Folder, MANIFEST, say, sha256};
use crate::progress::Progress;

/// The table of smiles.
const SLICES: &str = "slices.parquet";

/// Fits every snapshot of one chain and writes page, table and pictures.
///
/// # Errors
/// Files that hold no chain or several, a chain of which nothing can be fitted, and a folder that cannot be written.
pub(crate) fn surface(args: &SurfaceArgs) -> anyhow::Result<()> {
    let existing = if args.overwrite { Existing::Replace } else { Existing::Keep };
    let progress = Progress::start();
    progress.stage("reading the chain");
    let loaded = the_chain(args)?;
    let shown = snapshot_at(&loaded, args.at)?;
    progress.stage("fitting");
    let surfaces = fit(&loaded);
    check_fitted(&surfaces, &loaded.quality)?;
    progress.stage("writing");
    let report = shown::report(&loaded, &surfaces, shown);
    let inputs = InputFile::all(&loaded.files)?;
    let identity = identity((&loaded, &inputs), &surfaces, shown);
    let folder = Folder::prepare(&args.out, &identity, existing)?;
    write(&folder, (&identity, &inputs), (&surfaces, &report))?;
    folder.finish()?;
    drop(progress);
    say(&summary(args, &report));
    Ok(())
}

/// The one chain of the files.
fn the_chain(args: &SurfaceArgs) -> anyhow::Result<LoadedChain> {
    let loaded = load_chains(&args.paths, &args.declared.declared(), args.settlement)
        .map_err(|error| anyhow!(as_options(&error.to_string(), &[("paid_in", "--settlement")])))?;
    match <[LoadedChain; 1]>::try_from(loaded) {
        Ok([one]) if one.time.is_empty() => {
            bail!("{} has no quote that is known before its option expires", one.quality.source)
        }
        Ok([one]) => Ok(one),
        Err(several) => match several.first() {
            None => bail!("the files hold no option chain"),
            Some(first) => bail!(
                "the files hold options on {} paid in coins and others paid in USD; choose with --settlement",
                first.asset
            ),
        },
    }
}

/// The newest snapshot that is known at a time, or the last.
fn snapshot_at(loaded: &LoadedChain, at: Option<Timestamp>) -> anyhow::Result<usize> {
    let (first, last) = (loaded.time[0], loaded.time.len() - 1);
    let Some(at) = at else { return Ok(last) };
    match loaded.time.partition_point(|time| *time <= at) {
        0 => bail!("--at {at}: no snapshot is known then, the first is of {first}"),
        after => Ok(after - 1),
    }
}

/// The surface of every snapshot, in order.
fn fit(loaded: &LoadedChain) -> Vec<Surface> {
    let at = |row: usize| Surface::at(&loaded.chain, row, loaded.time[row]);
    let fitted: Vec<Option<Surface>> = (0..loaded.time.len()).into_par_iter().map(at).collect();
    fitted.into_iter().map(|surface| surface.expect("a snapshot has a quote")).collect()
}

/// Of a chain without one smile the reasons are told, each with the expiries of its first snapshot, and what was found in
/// the files.
fn check_fitted(surfaces: &[Surface], quality: &SeriesQuality) -> anyhow::Result<()> {
    if surfaces.iter().any(|surface| !surface.slices.is_empty()) {
        return Ok(());
    }
    let mut reasons: Vec<(String, Vec<String>, usize)> = Vec::new();
    for surface in surfaces {
        for refused in &surface.refused {
            let (reason, expiry) = (refused.reason.to_string(), refused.expiry.to_string());
            match reasons.iter_mut().find(|(known, ..)| *known == reason) {
                Some((_, expiries, count)) => {
                    *count += 1;
                    if expiries.len() < MOST_TOLD && !expiries.contains(&expiry) {
                        expiries.push(expiry);
                    }
                }
                None => reasons.push((reason, vec![expiry], 1)),
            }
        }
    }
    let n_more = reasons.len().saturating_sub(MOST_TOLD);
    let mut text = "no expiry of any snapshot can be fitted:".to_owned();
    for (reason, expiries, count) in reasons.iter().take(MOST_TOLD) {
        let more = count - expiries.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = write!(text, "\n  {}{more}: {reason}", expiries.join(", "));
    }
    if n_more > 0 {
        let _ = write!(text, "\n  and {n_more} other reasons");
    }
    for sentence in found(quality) {
        let _ = write!(text, "\n  found: {sentence}");
    }
    bail!("{text}")
}

/// Reasons, and expiries of each, that are told of a chain without one smile.
const MOST_TOLD: usize = 3;

/// What was found in the files and is not how every chain is: options without a bid, rows that are not simultaneous.
fn found(quality: &SeriesQuality) -> impl Iterator<Item = &str> {
    let findings = quality.findings.iter().filter(|finding| {
        finding.severity == Severity::Warning
            || matches!(finding.defect, Defect::BadValue | Defect::Symbol)
    });
    findings.map(|finding| finding.detail.as_str())
}

/// Tells surfaces apart: the same files, chain, snapshot and version give the same identity.
fn identity(
    (loaded, inputs): (&LoadedChain, &[InputFile]),
    surfaces: &[Surface],
    shown: usize,
) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let hashes: Vec<&str> = inputs.iter().map(|input| input.sha256.as_str()).collect();
    let LoadedChain { asset, time, .. } = loaded;
    let content = format!("{version} {hashes:?} {asset} {time:?} {shown} {surfaces:?}");
    format!("surface {}", sha256(content.as_bytes()))
}

fn write(
    folder: &Folder,
    (identity, inputs): (&str, &[InputFile]),
    (surfaces, report): (&[Surface], &SurfaceReport),
) -> anyhow::Result<()> {
    let charts = surface_charts(report);
    let mut files = vec![("index.html".to_owned(), surface_page(report, &charts).into_bytes())];
    for chart in charts {
        files.push((format!("{}.svg", chart.name), chart.svg.into_bytes()));
        files.push((format!("{}.png", chart.name), chart.png));
    }
    for (name, content) in &files {
        folder.write(name, content)?;
    }
    let times: Vec<Timestamp> = report.snapshots.iter().map(|snapshot| snapshot.time).collect();
    let slices = folder.path().join(SLICES);
    write_parquet(&slices::table(&times, surfaces), &slices)?;
    files.push((SLICES.to_owned(), std::fs::read(&slices)?));
    let outputs: Vec<_> = files
        .iter()
        .map(|(name, content)| serde_json::json!({ "file": name, "sha256": sha256(content) }))
        .collect();
    let manifest = serde_json::json!({
        "hedgerow": env!("CARGO_PKG_VERSION"),
        "identity": identity,
        "inputs": input_files::listed(inputs),
        "outputs": outputs,
    });
    folder.write(MANIFEST, format!("{manifest:#}\n").as_bytes())
}

/// `coins` or `USD`.
fn currency(paid_in: PaidIn) -> &'static str {
    match paid_in {
        PaidIn::Coin => "coins",
        PaidIn::Usd => "USD",
    }
}

fn summary(args: &SurfaceArgs, report: &SurfaceReport) -> String {
    let mut text = String::new();
    for sentence in hedgerow_report::surface_verdicts(report) {
        let _ = writeln!(text, "{sentence}");
    }
    for sentence in found(&report.quality) {
        let _ = writeln!(text, "found: {sentence}");
    }
    for sentence in &report.assumptions {
        let _ = writeln!(text, "assumed: {sentence}");
    }
    let _ = writeln!(
        text,
        "drawn: the snapshot of {}\nreport: {}",
        report.snapshots[report.shown].time,
        args.out.join("index.html").display()
    );
    text
}
