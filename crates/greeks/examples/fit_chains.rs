//! Fits every snapshot of the real chains beside the project and prints how well and how fast.
//!
//! ```text
//! cargo run --release -p hedgerow-greeks --example fit_chains
//! ```
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a measurement prints, and stops where its data is broken"
)]

use std::time::Instant;

use hedgerow_core::Market;
use hedgerow_greeks::delta::fit_heston;
use hedgerow_greeks::smile::{Outside, SliceGrade, SpreadCheck, butterfly};
use hedgerow_greeks::{Slice, SurfaceHistory, inverse};

#[path = "../tests/common/deribit.rs"]
mod deribit;

fn main() {
    let Some(paths) = deribit::archives() else { return };
    let mut total = 0.0;
    let mut n_slices = 0;
    for currency in ["BTC", "ETH"] {
        let market = deribit::market(&paths, currency);
        let chain = &market.chains()[0];
        println!("{currency}: {} snapshots, {} quotes", chain.snapshots.len(), chain.quotes.len());
        marks(&market);
        let (start, busy) = (Instant::now(), cpu_seconds());
        let history = SurfaceHistory::fit(&market, chain);
        let seconds = start.elapsed().as_secs_f64();
        println!("  {seconds:.2} s, {:.2} s of processor time", cpu_seconds() - busy);
        total += seconds;
        n_slices += report(&history, seconds);
        heston(&history);
    }
    println!("together {n_slices} slices in {total:.2} s: {:.0} slices/s", n_slices as f64 / total);
}

/// Processor time of all threads so far; 0 where the system does not tell.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = |i: usize| text.split(' ').nth(i).and_then(|text| text.parse::<f64>().ok());
    (ticks(13).unwrap_or(0.0) + ticks(14).unwrap_or(0.0)) / 100.0
}

/// Heston's model over the same surfaces.
fn heston(history: &SurfaceHistory) {
    let busy = cpu_seconds();
    let fitted: Vec<_> = history.surfaces().filter_map(fit_heston).collect();
    let seconds = (cpu_seconds() - busy) / fitted.len() as f64;
    let mut correlations: Vec<f64> = fitted.iter().map(|model| model.correlation).collect();
    println!(
        "  Heston: {:.1} ms a surface; correlation {}",
        1e3 * seconds,
        quantiles(&mut correlations, 1.0)
    );
}

fn marks(market: &Market) {
    let chain = &market.chains()[0];
    let mut errors: Vec<f64> = chain
        .quotes
        .iter()
        .filter_map(|quote| {
            let contract = &chain.contracts[quote.contract];
            let years = contract.expiry.years_since(quote.time);
            let (mark, vol, forward) = (quote.mark?, quote.mark_vol?, quote.forward?);
            let model =
                inverse::coin_greeks(contract.kind, forward, contract.strike, years, vol).value;
            (years > 0.0).then_some((model - mark).abs())
        })
        .collect();
    println!("  mark from mark vol: off by {} coins", quantiles(&mut errors, 1.0));
}

fn report(history: &SurfaceHistory, seconds: f64) -> usize {
    let summary = history.summary();
    println!("  {summary:?}");
    let slices: Vec<_> = history.surfaces().flat_map(|surface| &surface.slices).collect();
    let arbitrage = slices.iter().filter(|slice| !butterfly(&slice.fit.svi).is_free()).count();
    println!(
        "  {} slices in {seconds:.2} s: {:.0} slices/s; {arbitrage} with butterfly arbitrage",
        slices.len(),
        slices.len() as f64 / seconds
    );
    for grade in [SliceGrade::Svi, SliceGrade::Repaired, SliceGrade::Essvi, SliceGrade::Flat] {
        let of: Vec<_> = slices.iter().filter(|slice| slice.fit.grade == grade).collect();
        let error = |of: fn(&hedgerow_greeks::smile::FitError) -> f64| {
            let mut errors: Vec<f64> =
                slices.iter().filter(|s| s.fit.grade == grade).map(|s| of(&s.fit.error)).collect();
            quantiles(&mut errors, 1.0)
        };
        println!("  {grade:?}: {}", of.len());
        if of.is_empty() {
            continue;
        }
        println!(
            "    near the money, vol points: {}",
            error(|e| e.near_median_points.unwrap_or(0.0))
        );
        println!("    all quotes, vol points:     {}", error(|e| e.median_points));
        println!("    worst quote, vol points:    {}", error(|e| e.worst_points));
        println!("    all quotes, coins:          {}", error(|e| e.median_coins));
        let mut spreads = SpreadCheck::default();
        of.iter().for_each(|slice| spreads += slice.spreads);
        println!("    outside bid and ask, near:  {}", outside(spreads.near));
        println!("    outside bid and ask, far:   {}", outside(spreads.far));
    }
    println!("  near the money: {}", outside(summary.spreads.near));
    println!("  beyond:         {}", outside(summary.spreads.far));
    let mut far: Vec<f64> =
        slices.iter().map(|slice| slice.far_miss.map_or(0.0, |miss| miss.points)).collect();
    println!("  farther out, beyond bid and ask, vol points: {}", quantiles(&mut far, 1.0));
    calendar(&slices);
    let mut reasons: Vec<String> = history
        .surfaces()
        .flat_map(|surface| &surface.refused)
        .map(|refused| refused.reason.to_string())
        .collect();
    reasons.sort();
    for reason in reasons.chunk_by(|a, b| a[..12] == b[..12]) {
        println!("  refused {} like: {}", reason.len(), reason[0]);
    }
    slices.len()
}

fn outside(of: Outside) -> String {
    let share = |n: usize| 1e2 * n as f64 / of.n_quotes.max(1) as f64;
    format!(
        "slice {:.1} %, mark {:.1} % of {} quotes",
        share(of.slice),
        share(of.mark),
        of.n_quotes
    )
}

/// Where slices lie below the one before, and by how much.
fn calendar(slices: &[&Slice]) {
    let (mut deviations, mut points, mut years) = (vec![], vec![], vec![]);
    for slice in slices {
        let Some(breach) = slice.calendar else { continue };
        let svi = &slice.fit.svi;
        deviations.push(breach.nearest.abs() / svi.at(0.0).value.sqrt());
        let vol = (svi.at(breach.deepest).value / slice.years).sqrt();
        points.push(1e2 * breach.depth / (2.0 * vol * slice.years));
        years.push(365.0 * slice.years);
    }
    if !points.is_empty() {
        println!("  calendar breaches: {}", points.len());
        println!("    nearest to the money, deviations: {}", quantiles(&mut deviations, 1.0));
        println!("    deepest, vol points: {}", quantiles(&mut points, 1.0));
        println!("    of slices of so many days: {}", quantiles(&mut years, 1.0));
    }
}

fn quantiles(values: &mut [f64], unit: f64) -> String {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize] * unit;
    format!(
        "median {:.3e}, 90 % {:.3e}, 99 % {:.3e}, worst {:.3e}",
        at(0.5),
        at(0.9),
        at(0.99),
        at(1.0)
    )
}
