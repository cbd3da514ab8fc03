//! Runs to test with: a treasury of coins and hedges made by hand, whose ledgers keep the identity of every row.
#![allow(dead_code, reason = "each test file uses a part of this module")]
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    reason = "test support: small numbers, known inputs"
)]

use hedgerow_core::{
    AssetColumns, Contract, Coverage, Defect, Explained, Exposure, Finding, GradeCounts, Ledger,
    LegLedger, Line, MarginLedger, Market, Quality, SeriesQuality, Severity, Slopes, Timestamp,
    Tradable,
};
use hedgerow_report::{Bootstrap, Run};
use statrs::distribution::{ContinuousCDF, Normal};

/// Everything that a run borrows.
pub(crate) struct Case {
    pub(crate) market: Market,
    pub(crate) exposure: Exposure,
    pub(crate) ledgers: Vec<Ledger>,
    pub(crate) quality: Quality,
    pub(crate) assumptions: Vec<(String, String)>,
    pub(crate) name: String,
    pub(crate) bootstrap: Bootstrap,
}

impl Case {
    pub(crate) fn run(&self) -> Run<'_> {
        Run {
            name: &self.name,
            about: "A company holds coins and asks what a hedge would have bought.",
            version: "0.1.0",
            market: &self.market,
            exposure: &self.exposure,
            ledgers: &self.ledgers,
            quality: &self.quality,
            assumptions: &self.assumptions,
            scenario: "name = \"treasury\"\n\n[market]\nsource = \"sample\"\n",
            bootstrap: self.bootstrap,
            progress: &|_| {},
        }
    }
}

/// A treasury of `coins` on daily prices, unhedged only.
pub(crate) fn treasury(spot: &[f64], coins: f64) -> Case {
    let start = Timestamp::parse("2020-01-02").unwrap();
    let time = (0..spot.len()).map(|day| start.plus_days(i64::try_from(day).unwrap())).collect();
    treasury_at(time, spot, coins)
}

/// A treasury of `coins` on prices at these instants, unhedged only.
pub(crate) fn treasury_at(time: Vec<Timestamp>, spot: &[f64], coins: f64) -> Case {
    let n = spot.len();
    let (first, last) = (time[0], time[n - 1]);
    let mut slopes = Slopes::zero(n, vec![None; n]);
    slopes.coins = coins;
    slopes.delta = vec![coins; n];
    let exposure = Exposure {
        value: spot.iter().map(|spot| coins * spot).collect(),
        cash_flow: vec![0.0; n],
        slopes: vec![slopes],
        explained: Explained::zero(n),
        trades: Vec::new(),
        grades: GradeCounts::default(),
    };
    Case {
        market: market(time, spot),
        exposure,
        ledgers: vec![ledger("unhedged", "the book as it is", spot, coins, None)],
        quality: quality(n, first, last),
        assumptions: vec![
            ("Fills".into(), "at the deciding row's price: the data has no opens".into()),
            ("Fees".into(), "5 bps of notional".into()),
        ],
        name: "Treasury of 100 BTC".into(),
        bootstrap: Bootstrap { seed: 7, resamples: 200, level: 0.95 },
    }
}

fn market(time: Vec<Timestamp>, spot: &[f64]) -> Market {
    let asset =
        AssetColumns { name: "BTC".into(), spot: spot.to_vec(), open: None, high: None, low: None };
    let perp = Tradable {
        name: "BTC perp".into(),
        asset: 0,
        contract: Contract::LinearPerp,
        price: spot.to_vec(),
        open: None,
        funding: None,
        high: None,
        low: None,
        marked_at_spot: true,
    };
    Market::new(time, vec![asset], vec![perp], Vec::new()).unwrap()
}

fn quality(n_rows: usize, first: Timestamp, last: Timestamp) -> Quality {
    let finding = Finding {
        defect: Defect::StaleRun,
        severity: Severity::Note,
        count: 2,
        first: Some(first),
        detail: "the same price 3 days in a row, kept".into(),
    };
    let series = SeriesQuality {
        name: "BTC spot".into(),
        source: "embedded sample".into(),
        format: "hedgerow-daily".into(),
        n_rows,
        first,
        last,
        step_millis: Some(86_400_000),
        findings: vec![finding],
        coverage: Coverage::default(),
        marks: Vec::new(),
    };
    Quality { series: vec![series], assumptions: vec!["a day ends at 24:00 UTC".into()] }
}

/// Units to hold at a row; unknown before a ratio is known.
type Ideal<'a> = &'a dyn Fn(usize) -> Option<f64>;

/// A perp that follows `ideal` outside a band, in coins.
pub(crate) struct PerpLeg<'a> {
    pub(crate) ideal: Ideal<'a>,
    pub(crate) band: f64,
    pub(crate) fee_rate: f64,
    pub(crate) spread_rate: f64,
    pub(crate) funding: f64,
}

pub(crate) fn ledger(
    name: &str,
    about: &str,
    spot: &[f64],
    coins: f64,
    leg: Option<&PerpLeg<'_>>,
) -> Ledger {
    let n = spot.len();
    let zeros = || vec![0.0; n];
    let moves: Vec<f64> =
        (0..n).map(|i| if i == 0 { 0.0 } else { spot[i] - spot[i - 1] }).collect();
    let mut explained = Explained::zero(n);
    let mut net_delta = vec![coins; n];
    let legs: Vec<LegLedger> = leg.map(|rule| perp(rule, spot, &moves)).into_iter().collect();
    for leg in &legs {
        for (i, net) in net_delta.iter_mut().enumerate() {
            *net += leg.held[i];
            explained.line_mut(Line::Delta)[i] = leg.price_pnl[i];
            explained.line_mut(Line::Carry)[i] = leg.carry[i];
            explained.line_mut(Line::Fee)[i] = -leg.fee[i];
            explained.line_mut(Line::Spread)[i] = -leg.spread[i];
        }
    }
    let mut equity = coins * spot[0];
    let equity = (0..n)
        .map(|i| {
            explained.line_mut(Line::Delta)[i] += coins * moves[i];
            equity += explained.sum(i);
            equity
        })
        .collect();
    Ledger {
        strategy: name.into(),
        about: about.into(),
        legs,
        book_pnl: moves.iter().map(|step| coins * step).collect(),
        book_fee: zeros(),
        book_spread: zeros(),
        interest: zeros(),
        cash: zeros(),
        coins: vec![zeros()],
        collateral_pnl: zeros(),
        equity,
        net_delta: vec![net_delta],
        explained,
        margin: MarginLedger::default(),
    }
}

fn perp(rule: &PerpLeg<'_>, spot: &[f64], moves: &[f64]) -> LegLedger {
    let n = spot.len();
    let mut leg = LegLedger {
        name: "short perp".into(),
        instrument: "BTC perp".into(),
        asset: 0,
        contract: Some(Contract::LinearPerp),
        price: spot.to_vec(),
        fill: spot.to_vec(),
        slippage: vec![0.0; n],
        roll: vec![0.0; n],
        premium: vec![0.0; n],
        ..LegLedger::default()
    };
    let mut held: f64 = 0.0;
    for i in 0..n {
        leg.price_pnl.push(held * moves[i]);
        leg.carry.push(if i == 0 { 0.0 } else { -held * spot[i] * rule.funding });
        let ideal = (rule.ideal)(i);
        let target = ideal.filter(|ideal| (ideal - held).abs() > rule.band).unwrap_or(held);
        let notional = (target - held).abs() * spot[i];
        leg.ideal.push(ideal);
        leg.traded.push(target - held);
        leg.fee.push(rule.fee_rate * notional);
        leg.spread.push(rule.spread_rate * notional);
        leg.turnover.push(notional);
        held = target;
        leg.held.push(held);
    }
    leg.explained = Explained::zero(n);
    leg.explained.line_mut(Line::Delta).copy_from_slice(&leg.price_pnl);
    leg
}

/// Deterministic uniforms and normals: the linear congruential generator of the reference fixtures.
pub(crate) struct Lcg(pub u32);

impl Lcg {
    pub(crate) fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (f64::from(self.0) + 0.5) / 4_294_967_296.0
    }

    pub(crate) fn normal(&mut self) -> f64 {
        Normal::standard().inverse_cdf(self.uniform())
    }

    /// AR(1) started at its first innovation, with 100 points dropped.
    pub(crate) fn autoregression(&mut self, rho: f64, n: usize) -> Vec<f64> {
        let mut y = 0.0;
        let all: Vec<f64> = (0..n + 100)
            .map(|i| {
                let z = self.normal();
                y = if i == 0 { z } else { rho * y + z };
                y
            })
            .collect();
        all[100..].to_vec()
    }
}

/// Daily prices whose calm and stormy times follow each other, from a seed.
pub(crate) fn prices(n: usize, seed: u32) -> Vec<f64> {
    let mut noise = Lcg(seed);
    let (mut spot, mut variance) = (10_000.0_f64, 9e-4_f64);
    (0..n)
        .map(|_| {
            let step = variance.sqrt() * noise.normal();
            variance = 2e-5 + 0.08 * step * step + 0.9 * variance;
            spot *= step.exp();
            spot
        })
        .collect()
}

/// A treasury with a half, a full, a banded and a slow hedge.
pub(crate) fn hedged_treasury(spot: &[f64]) -> Case {
    let mut case = treasury(spot, 100.0);
    let smooth = |i: usize| (i >= 30).then(|| -100.0 * (0.6 + 0.4 * (i as f64 / 97.0).sin()));
    let rules: [(&str, Ideal<'_>, f64); 4] = [
        ("half hedged", &|_| Some(-50.0), 0.0),
        ("fully hedged", &|_| Some(-100.0), 0.0),
        ("moving ratio, band 5", &smooth, 5.0),
        ("moving ratio, band 25", &smooth, 25.0),
    ];
    for (name, ideal, band) in rules {
        let leg = PerpLeg { ideal, band, fee_rate: 5e-4, spread_rate: 1e-4, funding: 3e-4 };
        case.ledgers.push(ledger(name, "short linear perp", spot, 100.0, Some(&leg)));
    }
    case
}
