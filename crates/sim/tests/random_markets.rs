//! The laws over the product, on markets that are drawn at random and shrunk when one breaks a law: gaps, spikes, funding of
//! either sign, of zero and absent, dated futures that expire on a row of the grid and off it.
//!
//! Cases come from one seed, which a failure prints with the smallest market that fails.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "small numbers")]

mod support;

use hedgerow_core::{
    AssetColumns, Contract, ContractTerms, Exposure, FundingEvent, Future, Ledger, Market, PaidIn,
    Timestamp, Tradable,
};
use hedgerow_sim::{BookCosts, Costs, FillAt, RATIOS, RULES, To, future_track, simulate};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use support::product::*;
use support::*;

const SEED: u64 = 20_261_125;

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig {
        cases,
        rng_seed: RngSeed::Fixed(SEED),
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    }
}

/// One row: how it differs from the row before.
#[derive(Debug, Clone, Copy)]
struct Step {
    /// Hours since the row before.
    hours: i64,
    /// Move of the spot, basis points; the open takes the first half of it.
    move_bps: i32,
    /// Of the perp over the spot, basis points.
    basis_bps: i32,
}

/// Everything that is drawn.
#[derive(Debug, Clone)]
struct Drawn {
    steps: Vec<Step>,
    /// Rows, as shares of all, and what their prices are multiplied by.
    spikes: Vec<(f64, f64)>,
    /// Basis points every eight hours, taken in turn; `None` where perps have no funding.
    funding: Option<Vec<i32>>,
    /// Rows, as shares of all, and minutes after them, at which futures expire; one more outlives the market.
    expiries: Vec<(f64, i64)>,
}

/// What hedges.
#[derive(Debug, Clone, Copy)]
struct Hedger {
    rule: usize,
    ratio: usize,
    track: usize,
    fill: FillAt,
    to: To,
    straddled: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let hours = prop_oneof![8 => Just(1_i64), 1 => 2..30_i64];
    let step = (hours, -300..=300_i32, -40..=40_i32)
        .prop_map(|(hours, move_bps, basis_bps)| Step { hours, move_bps, basis_bps });
    prop::collection::vec(step, 3..90)
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let spikes = prop::collection::vec((0.0..1.0, prop_oneof![0.3..0.7, 1.5..3.0]), 0..3);
    let rates = prop_oneof![Just(vec![0]), prop::collection::vec(-20..=20_i32, 1..5)];
    let expiries = prop::collection::vec((0.05..1.0, prop_oneof![Just(0_i64), 1..60_i64]), 0..3);
    (steps(), spikes, prop::option::weighted(0.8, rates), expiries)
        .prop_map(|(steps, spikes, funding, expiries)| Drawn { steps, spikes, funding, expiries })
}

/// Any rule but the one that builds trees, which the fixed product has.
fn hedger() -> impl Strategy<Value = Hedger> {
    let rules: Vec<usize> =
        (0..RULES.len()).filter(|rule| RULES[*rule].name != "hodges_neuberger").collect();
    let place = prop_oneof![Just(To::EDGE), Just(To::CENTRE)];
    let fill = prop_oneof![Just(FillAt::NextOpen), Just(FillAt::DecidingPrice)];
    let kinds = (prop::sample::select(rules), 0..RATIOS.len(), 0..TRACKS.len());
    (kinds, fill, place, any::<bool>()).prop_map(|((rule, ratio, track), fill, to, straddled)| {
        Hedger { rule, ratio, track, fill, to, straddled }
    })
}

#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "a few rows")]
fn row_of(share: f64, n_rows: usize) -> usize {
    (share * n_rows as f64) as usize
}

impl Drawn {
    fn market(&self) -> Market {
        let (mut now, mut price) = (0, 20_000.0);
        let (mut time, mut spot, mut open, mut perp) = (vec![], vec![], vec![], vec![]);
        for step in &self.steps {
            let half = 1.0 + 0.5e-4 * f64::from(step.move_bps);
            now += step.hours * HOUR;
            time.push(Timestamp::from_millis(now));
            open.push(price * half);
            price *= half * half;
            spot.push(price);
            perp.push(price * (1.0 + 1e-4 * f64::from(step.basis_bps)));
        }
        for (share, factor) in &self.spikes {
            let row = row_of(*share, spot.len());
            for column in [&mut spot, &mut open, &mut perp] {
                column[row] *= factor;
            }
        }
        let funding = self.funding.as_ref().map(|rates| {
            let events = (1..=now / (8 * HOUR)).zip(rates.iter().cycle());
            let event = |(k, rate): (i64, &i32)| FundingEvent {
                time: Timestamp::from_millis(k * 8 * HOUR),
                rate: 1e-4 * f64::from(*rate),
                mark: None,
            };
            events.map(event).collect::<Vec<_>>()
        });
        let tradable = |name: &str, contract| Tradable {
            name: name.to_owned(),
            asset: 0,
            contract,
            price: perp.clone(),
            open: Some(open.clone()),
            funding: funding.clone(),
            high: None,
            low: None,
            marked_at_spot: false,
        };
        let tradables = vec![
            tradable("BTC perp", Contract::LinearPerp),
            tradable("BTC inverse perp", Contract::InversePerp),
        ];
        let futures = self.futures(&time, &spot);
        let name = "BTC".to_owned();
        let asset = AssetColumns { name, spot, open: Some(open.clone()), high: None, low: None };
        let market = Market::new(time, vec![asset], tradables, vec![]).unwrap();
        market.with_futures(futures).unwrap()
    }

    /// On a basis of 10 % a year and 0.1 % that only the settlement takes, known at every row up to expiry.
    fn futures(&self, time: &[Timestamp], spot: &[f64]) -> Vec<Future> {
        let last = time[time.len() - 1];
        let expiry = |(share, minutes): &(f64, i64)| {
            let row = time[row_of(*share, time.len())];
            Timestamp::from_millis(row.millis() + minutes * HOUR / 60)
        };
        let mut expiries: Vec<Timestamp> = self.expiries.iter().map(expiry).collect();
        expiries.push(last.plus_days(30));
        let future = |expiry: Timestamp, paid_in: PaidIn| Future {
            name: format!("BTC-{}", expiry.millis()),
            asset: 0,
            expiry,
            terms: ContractTerms { paid_in, size: 10.0, tick: None, lot: None },
            ends: None,
            holes: Vec::new(),
            price: time
                .iter()
                .zip(spot)
                .map(|(now, spot)| {
                    let years = expiry.years_since(*now);
                    (years >= 0.0).then(|| spot * (1e-3 + (0.1 * years).exp()))
                })
                .collect(),
        };
        let of = |paid_in: PaidIn| expiries.iter().map(move |expiry| future(*expiry, paid_in));
        of(PaidIn::Usd).chain(of(PaidIn::Coin)).collect()
    }
}

impl Hedger {
    fn name(&self) -> String {
        let (rule, ratio) = (RULES[self.rule].name, RATIOS[self.ratio].name);
        format!("seed {SEED}: {rule}, {ratio}, {}", TRACKS[self.track].0)
    }

    fn exposure(&self, market: &Market) -> Exposure {
        if self.straddled { straddles(market, 4.0, 3.0) } else { book(market, 3.0) }
    }

    fn strategy(&self, market: &Market) -> hedgerow_sim::Strategy {
        let track = TRACKS[self.track].1(market, self.fill);
        by_examples(market, track, (self.rule, self.ratio), self.to)
    }

    fn run(&self, market: &Market) -> Ledger {
        let exposure = self.exposure(market);
        let costs = BookCosts::new(market, &exposure, &COSTS);
        simulate(market, &exposure, &self.strategy(market), &account(), &costs)
    }
}

proptest! {
    #![proptest_config(config(300))]

    /// Change of equity = sum of the lines, equity is what is held, coins reconcile, cost = rate × turnover.
    #[test]
    fn wealth_and_cost_on_random_markets(drawn in drawn(), hedger in hedger()) {
        let market = drawn.market();
        let strategy = hedger.strategy(&market);
        assert_wealth_and_cost(&market, &hedger.exposure(&market), &strategy, &hedger.name());
    }

    /// What comes after a row changes no bit of any row up to it.
    #[test]
    fn no_look_ahead_on_random_markets(drawn in drawn(), hedger in hedger(), share in 0.0..1.0) {
        let market = drawn.market();
        let row = row_of(share, market.n_rows());
        let (known, other) = (hedger.run(&market), hedger.run(&forked(&market, row)));
        assert_same_up_to(row, &known, &other, &hedger.name());
    }

    /// Over each row a future that is held to its expiry earns the move of the spot and what is lost of its basis; at the
    /// first row at or after the expiry, on the grid or off it, it is settled at the spot and has none left.
    #[test]
    fn futures_settle_on_the_grid_and_off_it(drawn in drawn()) {
        let market = drawn.market();
        let (time, spot) = (market.time(), &market.assets()[0].spot);
        for paid_in in [PaidIn::Usd, PaidIn::Coin] {
            let track = future_track(&market, 0, paid_in, 0.0, &Costs::ZERO).unwrap();
            for row in 1..market.n_rows() {
                let contracts =
                    market.futures().iter().filter(|future| future.terms.paid_in == paid_in);
                let held = contracts
                    .filter(|future| future.expiry > time[row - 1])
                    .min_by_key(|future| future.expiry)
                    .unwrap();
                let from = held.price[row - 1].unwrap();
                let to = if time[row] >= held.expiry { spot[row] } else { held.price[row].unwrap() };
                let expected = match paid_in {
                    PaidIn::Usd => to - from,
                    PaidIn::Coin => (1.0 / from - 1.0 / to) * spot[row],
                };
                let scale = if paid_in == PaidIn::Usd { spot[row] } else { 1.0 };
                let found = track.pnl[row];
                prop_assert!(
                    (found - expected).abs() <= 1e-12 * scale,
                    "seed {SEED}, {}, row {row}: {found}, expected {expected}",
                    held.name
                );
            }
        }
    }
}

/// Without a shrunk example nothing is learned of a failure: a law that is wrong fails with the smallest market.
#[test]
fn a_broken_law_is_shrunk_and_told_with_its_seed() {
    use proptest::test_runner::{TestError, TestRunner};
    let mut runner = TestRunner::new(config(64));
    let broken = runner.run(&drawn(), |drawn| {
        let market = drawn.market();
        prop_assert!(market.assets()[0].spot.iter().all(|spot| *spot < 22_000.0));
        Ok(())
    });
    let Err(TestError::Fail(_, smallest)) = broken else { panic!("{broken:?}") };
    assert!(smallest.steps.len() <= 8 && smallest.expiries.is_empty(), "{smallest:?}");
}
