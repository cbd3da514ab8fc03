//! Nanoseconds per row of the hedge pass, by rule and ratio: `cargo run --release -p hedgerow-sim --example hedge_pass [rows]`.
//!
//! Hourly rows, straddles sold and rolled, a linear perp filled at the next open, one thread. A rule's columns are made once a run
//! (`bind`), and are timed apart from the loop: the loop is the time of a run less that of its binding. The best of five.
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

use hedgerow_core::{Contract, Exposure, Market};
use hedgerow_sim::ratio::History;
use hedgerow_sim::rehedge::Past;
use hedgerow_sim::{Costs, FillAt, RATIOS, RULES, Strategy, simulate, sweep};
use support::{account, free, leg, market, ratio, rule, straddles, strategy, with_ratio};

/// Seconds of the fastest of five runs.
fn fastest(mut work: impl FnMut()) -> f64 {
    let times = (0..5).map(|_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    });
    times.fold(f64::INFINITY, f64::min)
}

struct Bench {
    market: Market,
    exposure: Exposure,
}

impl Bench {
    fn strategy(&self, line: &str) -> Strategy {
        let costs = Costs::default();
        let rule = rule(line);
        strategy(vec![leg(&self.market, Contract::LinearPerp, FillAt::NextOpen, &costs, rule)])
    }

    /// Milliseconds to bind, and nanoseconds per row of the loop for statistics and for a whole ledger.
    fn rule(&self, line: &str) -> [f64; 3] {
        let rows = self.market.n_rows() as f64;
        let strategies = [self.strategy(line)];
        let leg = &strategies[0].legs[0];
        let past = Past {
            time: self.market.time(),
            spot: &self.market.assets()[0].spot,
            exposure: &self.exposure,
            asset: 0,
            cost_rate: leg.track.cost_rate,
            rate: 0.0,
        };
        let bind = fastest(|| drop(leg.rule.bind(&past)));
        let none = free(&self.market, &self.exposure);
        let statistics =
            fastest(|| drop(sweep(&self.market, &self.exposure, &strategies, &account(), &none)));
        let ledger = fastest(|| {
            drop(simulate(&self.market, &self.exposure, &strategies[0], &account(), &none));
        });
        let per_row = |seconds: f64| 1e9 * (seconds - bind).max(0.0) / rows;
        [1e3 * bind, per_row(statistics), per_row(ledger)]
    }
}

fn main() {
    let rows = std::env::args().nth(1).map_or(300_000, |rows| rows.parse().unwrap());
    let market = market(1, rows);
    let exposure = straddles(&market, 10.0, 0.0);
    let bench = Bench { market, exposure };
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    println!(
        "{rows} rows\n{:<24}{:>12}{:>16}{:>16}",
        "rule", "bind ms", "statistics ns", "ledger ns"
    );
    for entry in RULES {
        let [bind, statistics, ledger] = bench.rule(entry.example);
        println!("{:<24}{bind:>12.2}{statistics:>16.1}{ledger:>16.1}", entry.name);
    }
    println!("{:<24}{:>12}{:>16}", "ratio", "column ms", "statistics ns");
    let base = || bench.strategy("when = { delta_band = 0.5 }").legs.remove(0);
    let history = History::new(&bench.market, 0, &base().track);
    let none = free(&bench.market, &bench.exposure);
    for entry in RATIOS {
        let column = fastest(|| drop(ratio(entry.example).column(&history)));
        let leg = with_ratio(&bench.market, base(), &*ratio(entry.example));
        let strategies = [strategy(vec![leg])];
        let seconds = fastest(|| {
            drop(sweep(&bench.market, &bench.exposure, &strategies, &account(), &none));
        });
        let per_row = 1e9 * seconds / rows as f64;
        println!("{:<24}{:>12.2}{per_row:>16.1}", entry.name, 1e3 * column);
    }
}
