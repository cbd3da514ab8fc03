//! Which delta hedges best from one snapshot of the real chains to the next, out of sample.
//!
//! ```text
//! cargo run --release -p hedgerow-greeks --example compare_deltas
//! ```
//!
//! For every option of five to ninety days and |delta| between 0.05 and 0.95 that is quoted in both snapshots, the error is
//! the change of its USD value less delta times the change of its forward, per USD of forward. Printed is one minus the
//! mean squared error over that of Black-Scholes: Hull and White's gain. All deltas are judged on the same moves.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and stops where its data is broken"
)]

use std::collections::HashMap;

use hedgerow_core::registry::build;
use hedgerow_core::{Market, OptionKind, Quote, Timestamp};
use hedgerow_greeks::delta::{Memory, View};
use hedgerow_greeks::{DELTAS, HedgeDelta, Past, Side, Smile, SurfaceHistory, Terms, black76};

#[path = "../tests/common/deribit.rs"]
mod deribit;

const RULES: [&str; 9] = [
    "delta = \"black_scholes\"",
    "delta = \"sticky_moneyness\"",
    "delta = { skew_stickiness = { ratio = 0.5 } }",
    "delta = { skew_stickiness = { ratio = 1.5 } }",
    "delta = { skew_stickiness = { ratio = 2 } }",
    "delta = { sabr = { beta = 1 } }",
    "delta = { bartlett = { beta = 1 } }",
    "delta = { hull_white = { window_days = 30 } }",
    "delta = \"heston\"",
];

/// Names of the groups that errors are summed over.
const GROUPS: [&str; 5] = ["all", "puts out", "puts in", "calls out", "calls in"];

fn main() {
    let Some(paths) = deribit::archives() else { return };
    let rules: Vec<Box<dyn HedgeDelta>> = RULES.iter().map(|line| rule(line)).collect();
    for currency in ["BTC", "ETH"] {
        let market = deribit::market(&paths, currency);
        let squares = squares(&market, &rules);
        println!("{currency}: {} moves", squares[0][0].0);
        println!(
            "{:>44} {}",
            "gain over Black-Scholes, per cent:",
            GROUPS.map(|g| format!("{g:>10}")).concat()
        );
        for (line, sums) in RULES.iter().zip(&squares) {
            let gains: String = (0..GROUPS.len())
                .map(|group| {
                    let gain = 1.0 - sums[group].1 / squares[0][group].1;
                    format!("{:>10.1}", 1e2 * gain)
                })
                .collect();
            println!("{:>44} {gains}", line.trim_start_matches("delta = "));
        }
    }
}

fn rule(line: &str) -> Box<dyn HedgeDelta> {
    let table: toml::de::DeTable<'_> = toml::de::DeTable::parse(line).unwrap().into_inner();
    let setting = table.into_iter().next().unwrap().1;
    build(DELTAS, setting, "delta").unwrap()
}

/// Number and sum of squared errors of each rule and group.
fn squares(market: &Market, rules: &[Box<dyn HedgeDelta>]) -> Vec<[(usize, f64); 5]> {
    let chain = &market.chains()[0];
    let surfaces = SurfaceHistory::fit(market, chain);
    let past = Past { market, asset: 0, chain: Some(chain), surfaces: Some(&surfaces) };
    let learned: Vec<Vec<Memory>> = rules.iter().map(|rule| rule.learn(&past).unwrap()).collect();
    let mut sums = vec![[(0, 0.0); 5]; rules.len()];
    for row in 0..market.n_rows() - 1 {
        let later: HashMap<usize, &Quote> =
            chain.at(row + 1).iter().map(|quote| (quote.contract, quote)).collect();
        let mut tuned: HashMap<Timestamp, Option<(Smile, Vec<Memory>)>> = HashMap::new();
        for quote in chain.at(row) {
            let contract = &chain.contracts[quote.contract];
            let of_expiry = tuned.entry(contract.expiry).or_insert_with(|| {
                let smile = surfaces.smile(row, contract.expiry)?;
                Some((smile, rules.iter().map(|rule| rule.tune(&smile)).collect()))
            });
            let (Some((smile, tuned)), Some(later)) = (of_expiry, later.get(&quote.contract))
            else {
                continue;
            };
            let Some(case) = Case::new(contract.kind, contract.strike, quote, later, smile) else {
                continue;
            };
            let deltas: Option<Vec<f64>> = (0..rules.len())
                .map(|i| {
                    let memory = learned[i].get(row).copied().unwrap_or(Memory::Nothing);
                    rules[i].delta(&case.view(smile, memory, tuned[i]))
                })
                .collect();
            for (sums, delta) in sums.iter_mut().zip(deltas.into_iter().flatten()) {
                let error = case.value - delta * case.forward;
                for group in [0, case.group] {
                    sums[group].0 += 1;
                    sums[group].1 += error * error;
                }
            }
        }
    }
    sums
}

/// One option over one move.
struct Case {
    kind: OptionKind,
    terms: Terms,
    /// Change of value per USD of forward.
    value: f64,
    /// Relative change of the forward.
    forward: f64,
    group: usize,
}

impl Case {
    fn new(
        kind: OptionKind,
        strike: f64,
        now: &Quote,
        later: &Quote,
        smile: &Smile,
    ) -> Option<Self> {
        let (from, to, vol) = (now.forward?, later.forward?, now.mark_vol?);
        let terms = Terms { spot: from, strike, years: smile.years, vol, rate: 0.0, carry: 0.0 };
        let delta = black76(kind, from, strike, smile.years, vol).delta.abs();
        let days = 365.0 * smile.years;
        if !(0.05..=0.95).contains(&delta) || !(5.0..=90.0).contains(&days) {
            return None;
        }
        // Without a bid or an ask a mark is an opinion.
        now.bid.and(now.ask).and(later.bid).and(later.ask)?;
        let group = match (kind, delta < 0.5) {
            (OptionKind::Put, true) => 1,
            (OptionKind::Put, false) => 2,
            (OptionKind::Call, true) => 3,
            (OptionKind::Call, false) => 4,
        };
        let value = (later.mark? * to - now.mark? * from) / from;
        Some(Self { kind, terms, value, forward: to / from - 1.0, group })
    }

    fn view<'a>(&self, smile: &'a Smile, memory: Memory, tuned: Memory) -> View<'a> {
        View {
            kind: self.kind,
            terms: self.terms,
            side: Side::Long,
            smile: Some(smile),
            memory,
            tuned,
        }
    }
}
