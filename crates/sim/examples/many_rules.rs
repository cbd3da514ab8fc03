//! Twelve hundred rules over four years of hours: `cargo run --release -p hedgerow-sim --example many_rules [threads]`.
//!
//! Straddles sold and rolled, hedged with a linear perp filled at the next open, with funding, fees, spread and slippage.
//! Statistics of each rule; the time is that of the sweep, the best of three, and of all of the market and book before it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::disallowed_methods,
    reason = "an example that measures and prints"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use hedgerow_core::Contract;
use hedgerow_sim::{Costs, FillAt, Strategy, sweep};
use support::{account, free, leg, market, rule, straddles, strategy};

/// Four years.
const ROWS: usize = 35_064;

/// 300 each of fixed bands, of Whalley and Wilmott's, of clocks, and of a clock or a move.
fn lines() -> Vec<String> {
    let mut lines = Vec::new();
    for k in 1..=300 {
        let k = f64::from(k);
        lines.push(format!("when = {{ delta_band = {} }}", 0.01 * k));
        lines
            .push(format!("when = {{ whalley_wilmott = {{ risk_aversion = {} }} }}", 1e-6 * k * k));
        lines.push(format!("when = {{ clock = {{ hours = {k} }} }}"));
        lines.push(format!(
            "when = {{ any = [{{ clock = {{ hours = {} }} }}, {{ spot_move = {{ percent = {} }} }}] }}",
            24.0 + k,
            0.02 * k
        ));
    }
    lines
}

/// The processor's own name, where the system tells it.
fn processor() -> String {
    let told = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = told.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or("a processor without a name", |(_, name)| name).to_owned()
}

fn main() {
    let most = std::thread::available_parallelism().map_or(1, usize::from);
    let threads = std::env::args().nth(1).map_or(most, |threads| threads.parse().unwrap());
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
    let start = Instant::now();
    let market = market(1, ROWS);
    let exposure = straddles(&market, 10.0, 0.0);
    let before = start.elapsed().as_secs_f64();
    let costs = Costs::default();
    let strategies: Vec<Strategy> = lines()
        .iter()
        .map(|line| {
            let rule = rule(line);
            strategy(vec![leg(&market, Contract::LinearPerp, FillAt::NextOpen, &costs, rule)])
        })
        .collect();
    let none = free(&market, &exposure);
    let mut best = f64::INFINITY;
    let mut trades = 0;
    for _ in 0..3 {
        let start = Instant::now();
        let outcomes = sweep(&market, &exposure, &strategies, &account(), &none);
        best = best.min(start.elapsed().as_secs_f64());
        trades = outcomes.iter().map(|outcome| outcome.trades).sum();
    }
    let n = strategies.len();
    println!("{n} rules over {ROWS} rows, {trades} trades");
    println!(
        "{best:.2} s, {:.1} ns per rule and row, after {before:.2} s for market and book",
        1e9 * best / (n * ROWS) as f64
    );
    println!(
        "{threads} threads of {most}; {}; {} on {}",
        processor(),
        std::env::consts::ARCH,
        std::env::consts::OS
    );
}
