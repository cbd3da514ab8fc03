//! Calendar arbitrage: the check against a dense grid, and surfaces that have none at any strike.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "tests stop where they fail, and count small numbers"
)]

#[path = "common/chain.rs"]
mod chain;
mod common;
#[path = "common/deribit.rs"]
mod deribit;

use chain::Recipe;
use hedgerow_core::{Chain, Market, OptionContract, Quote, Timestamp};
use hedgerow_greeks::smile::{
    MOST_NEAR_POINTS, RawSvi, SliceGrade, SmileError, butterfly, calendar,
};
use hedgerow_greeks::{Surface, SurfaceHistory, inverse};
use proptest::prelude::*;

/// The least rise from one slice to a later one over a grid of forty deviations on both sides, relative to the total
/// variance of the earlier one at the money, and where it is; wings count where they cross.
fn least_rise(earlier: &RawSvi, later: &RawSvi) -> (f64, f64) {
    let scale = later.at(0.0).value.sqrt();
    let unit = earlier.at(0.0).value;
    let (before, after) = (earlier.wings(), later.wings());
    if after.left < before.left {
        return (f64::NEG_INFINITY, f64::NEG_INFINITY);
    }
    if after.right < before.right {
        return (f64::NEG_INFINITY, f64::INFINITY);
    }
    (-4000..=4000)
        .map(|i| f64::from(i) / 100.0 * scale)
        .map(|k| ((later.at(k).value - earlier.at(k).value) / unit, k))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap()
}

/// No smile lies below an earlier one at any strike.
fn assert_ordered(surface: &Surface) {
    for (i, later) in surface.slices.iter().enumerate() {
        assert!(butterfly(&later.fit.svi).is_free(), "{later:?}");
        for earlier in &surface.slices[..i] {
            let (rise, k) = least_rise(&earlier.fit.svi, &later.fit.svi);
            assert!(rise > -1e-8, "{rise} at {k}: {earlier:?} {later:?}");
        }
    }
    assert!(surface.is_calendar_free());
}

#[test]
fn crossings_and_wings_are_seen() {
    let earlier = RawSvi { a: 0.01, b: 0.1, rho: -0.3, m: 0.0, sigma: 0.2 };
    assert_eq!(calendar(&earlier, &earlier.scaled(1.5)), None);
    assert_eq!(calendar(&earlier, &earlier), None);
    let below = calendar(&earlier, &earlier.scaled(0.9)).unwrap();
    assert!(below.depth > 0.0 && below.nearest.abs() < 1e-9, "{below:?}");
    // A tenth of 0.01 + 0.1 · (0.3 · 50 + 50.0004) at the last strike that is looked at.
    assert!((below.deepest + 50.0).abs() < 1e-9 && (below.depth - 0.651).abs() < 1e-5, "{below:?}");
    // Higher at the money, but with a flatter left wing: 0.19 = 0.01 (√(k² + 0.04) − 0.3 k) at k = −14.6143.
    let flatter = RawSvi { a: 0.2, b: 0.09, ..earlier };
    let crossing = calendar(&earlier, &flatter).unwrap();
    assert!((crossing.nearest + 14.6143).abs() < 1e-4, "{crossing:?}");
    // So much higher that they cross beyond every strike: 10 > 0.01 · 1.3 · 50.
    let beyond = calendar(&earlier, &RawSvi { a: 10.0, ..flatter }).unwrap();
    assert!(beyond.nearest.is_infinite() && beyond.depth.is_infinite(), "{beyond:?}");
    // A dip between two strikes of any grid: a kink of the earlier one that is a thousandth wide.
    let kink = RawSvi { a: 0.011, b: 0.2, rho: 0.0, m: 0.123_456, sigma: 1e-4 };
    let bowl = RawSvi { a: 0.0109, b: 0.21, rho: 0.0, m: 0.123_456, sigma: 1e-4 };
    let dip = calendar(&kink, &bowl).unwrap();
    assert!((dip.deepest - 0.123_456).abs() < 1e-5 && (dip.depth - 9.9e-5).abs() < 1e-6, "{dip:?}");
}

/// The case of an independent reader: of two expiries the later is quoted in a narrower range, and the earlier one's wing
/// rises through it at strikes that only the earlier one quotes. On BTC's chain of 2026-02-12T16:01 the 105,200 call of
/// 27 February was dearer than that of 6 March, in both directions of the smile's range unquoted by one of them.
#[test]
fn wings_cross_nowhere_where_one_expiry_is_not_quoted() {
    let market = chain::market(&Recipe { noise: 0.0, n_snapshots: 1, ..Recipe::default() });
    let mut chain = market.chains()[0].clone();
    let expiries = expiries_of(&chain);
    // The third expiry's smile is steep, and the fourth's flat and quoted next to the money only. By hand they cross where
    // (0.36 + k²) 30 = 0.36 · 90, at k = −0.8485: four deviations beyond the fourth's last strike, and within the third's.
    reprice(&mut chain, |expiry, k, vol| {
        if expiry == expiries[2] {
            Some((0.36 + k * k).sqrt())
        } else if expiry == expiries[3] {
            (k.abs() < 0.2).then_some(0.6)
        } else {
            Some(vol)
        }
    });
    let surface = Surface::fit(&chain, &chain.quotes).unwrap();
    assert_eq!(surface.slices.len(), 5, "{:?}", surface.refused);
    assert_ordered(&surface);
    let [near, far] = [&surface.slices[2].fit, &surface.slices[3].fit];
    assert_eq!(far.grade, SliceGrade::Repaired);
    assert!(near.error.near_median_points.unwrap() < 0.5, "{near:?}");
    assert!(far.error.near_median_points.unwrap() < 0.5, "{far:?}");
}

/// One expiry is quoted at a quarter of the vol of all others, so tightly that it keeps to its quotes and bends the two
/// before it: it contradicts them both, and without it nothing is wrong. So it goes, though it is not off itself.
#[test]
fn the_expiry_that_contradicts_the_others_goes_even_where_it_is_not_off_itself() {
    let market = chain::market(&Recipe { noise: 0.0, n_snapshots: 1, ..Recipe::default() });
    let mut chain = market.chains()[0].clone();
    let expiries = expiries_of(&chain);
    reprice(&mut chain, |expiry, _, vol| {
        Some(if expiry == expiries[3] { 0.25 * vol } else { vol })
    });
    widen(&mut chain, |expiry| if expiry == expiries[3] { 1e-4 } else { 0.05 });
    let surface = Surface::fit(&chain, &chain.quotes).unwrap();
    let refused: Vec<_> = surface.refused.iter().map(|refused| refused.expiry).collect();
    assert_eq!(refused, [expiries[3]], "{:?}", surface.refused);
    let reason = surface.refused[0].reason;
    let is_told = matches!(
        reason,
        SmileError::Contradicts { other, points: 2.0.., .. } if other == expiries[2]
    );
    assert!(is_told, "{reason:?}");
    assert_ordered(&surface);
}

/// An expiry that ends without a new quote of any other moves none of them: here it contradicted them, and fitted again
/// without it they would be elsewhere. A quote that is new, or one that became too old, is a new surface.
#[test]
fn the_end_of_an_expiry_moves_no_other() {
    let recipe = Recipe { noise: 0.0, n_snapshots: 10, rows_per_snapshot: 1, ..Recipe::default() };
    let market = chain::market(&recipe);
    let mut chain = market.chains()[0].clone();
    let expiries = expiries_of(&chain);
    let n_first = chain.snapshots[0].len();
    chain.quotes.truncate(n_first);
    reprice(&mut chain, |expiry, _, vol| Some(if expiry == expiries[0] { 5.0 * vol } else { vol }));
    widen(&mut chain, |expiry| if expiry == expiries[0] { 1e-4 } else { 0.02 });
    // Contracts are in the order of expiry, and so the rest is the end.
    let rest = chain
        .quotes
        .iter()
        .position(|quote| chain.contracts[quote.contract].expiry > expiries[0])
        .unwrap();
    let refitted = Surface::fit(&chain, &chain.quotes[rest..]).unwrap();
    chain.snapshots = vec![0..n_first, rest..n_first, rest + 1..n_first];
    let snapshot = |row: usize| match row {
        0..8 => 0,
        8 => 1,
        _ => 2,
    };
    chain.snapshot_of_row = (0..10).map(|row| Some(snapshot(row))).collect();
    let market = market.with_chains(vec![chain]).unwrap();
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    assert!(expiries[0] > market.time()[7] && expiries[0] < market.time()[8]);
    assert_eq!(history.at(8), history.at(7));
    assert_eq!(history.vol(8, 1.0, expiries[1]), history.vol(7, 1.0, expiries[1]));
    assert_ne!(history.at(8), Some(&refitted), "the case is none");
    assert_eq!(history.vol(8, 1.0, expiries[0]), None);
    assert_ne!(history.at(9), history.at(8), "a quote has gone that had not expired");
    assert_eq!(history.summary().n_surfaces, 2);
}

/// Quotes of two expiries that cannot both be true, so wide that no smile lies outside of a bid and an ask: smiles are
/// refused where they cross for good, and where they could only be parted by leaving their quotes by many points.
#[test]
fn smiles_that_contradict_each_other_are_refused_however_wide_their_quotes() {
    for (ratio, crosses) in [(0.05, true), (0.3, false)] {
        let market = chain::market(&Recipe { noise: 0.0, n_snapshots: 1, ..Recipe::default() });
        let mut chain = market.chains()[0].clone();
        let expiries = expiries_of(&chain);
        reprice(&mut chain, |expiry, _, vol| {
            Some(if expiry == expiries[3] { ratio * vol } else { vol })
        });
        for quote in &mut chain.quotes {
            quote.bid = quote.bid.map(|bid| 1e-3 * bid);
            quote.ask = Some(0.9);
        }
        let surface = Surface::fit(&chain, &chain.quotes).unwrap();
        assert_ordered(&surface);
        assert!(matches!(surface.refused.len(), 1..=2), "{:?}", surface.refused);
        let crossed = surface.refused.iter().find_map(|refused| match refused.reason {
            SmileError::Crosses { .. } => Some(refused.reason.to_string()),
            _ => None,
        });
        let expected = crosses.then_some(
            "its smile and that of 2025-02-02T08:00:00Z cross however they are fitted (calendar arbitrage), first at \
             log-moneyness 0.000: the quotes of the two contradict each other; look at how old they are",
        );
        assert_eq!(crossed.as_deref(), expected);
        for refused in &surface.refused {
            let is_bent = matches!(refused.reason, SmileError::Contradicts { points: 2.0.., .. });
            assert!(crosses || is_bent, "{refused:?}");
        }
        for slice in &surface.slices {
            assert!(slice.fit.error.near_median_points.unwrap() <= MOST_NEAR_POINTS, "{slice:?}");
        }
    }
}

fn expiries_of(chain: &Chain) -> Vec<Timestamp> {
    let mut found: Vec<_> = chain.contracts.iter().map(|option| option.expiry).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Gives every quote the vol that `vol` answers to its expiry, log-moneyness and vol; `None`: it is no longer bid.
fn reprice(chain: &mut Chain, vol: impl Fn(Timestamp, f64, f64) -> Option<f64>) {
    for quote in &mut chain.quotes {
        let option = &chain.contracts[quote.contract];
        let k = (option.strike / quote.forward.unwrap()).ln();
        let Some(vol) = vol(option.expiry, k, quote.mark_vol.unwrap()) else {
            quote.bid = None;
            continue;
        };
        requote(option, quote, vol, 0.01);
    }
}

/// Quotes every option as far around its vol as `half_spread` answers to its expiry.
fn widen(chain: &mut Chain, half_spread: impl Fn(Timestamp) -> f64) {
    for quote in &mut chain.quotes {
        let option = &chain.contracts[quote.contract];
        requote(option, quote, quote.mark_vol.unwrap(), half_spread(option.expiry));
    }
}

fn requote(option: &OptionContract, quote: &mut Quote, vol: f64, half_spread: f64) {
    let (forward, years) = (quote.forward.unwrap(), option.expiry.years_since(quote.time));
    let price = |vol| inverse::coin_greeks(option.kind, forward, option.strike, years, vol).value;
    quote.mark_vol = Some(vol);
    quote.mark = Some(price(vol));
    quote.ask = Some(price(vol + half_spread));
    quote.bid = Some(price((vol - half_spread).max(0.01))).filter(|bid| *bid >= 1e-4);
}

/// The 359 chains of both currencies, 8,500 smiles: none lies below an earlier one at any strike. 2,805 pairs once did.
#[test]
fn real_chains_do_not_cross_at_any_strike() {
    let Some(paths) = deribit::archives() else { return };
    for currency in ["BTC", "ETH"] {
        let market: Market = deribit::market(&paths[1..2], currency);
        let chain = &market.chains()[0];
        for row in (0..market.n_rows()).step_by(3) {
            assert_ordered(&Surface::at(chain, row, market.time()[row]).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    /// Where the check finds nothing a dense grid finds nothing; where it finds a breach there is one, and none nearer.
    #[test]
    fn the_check_is_a_dense_grid(earlier in slices(), later in slices(), growth in 0.5..3.0) {
        let later = later.scaled(growth);
        let (rise, at) = least_rise(&earlier, &later);
        match calendar(&earlier, &later) {
            None => prop_assert!(rise >= -1.001e-10, "{rise} at {at}"),
            Some(found) => {
                prop_assert!(rise < 1e-9 || found.nearest.abs() > 30.0 * later.at(0.0).value.sqrt());
                let rise = |k: f64| later.at(k).value - earlier.at(k).value;
                if found.nearest.is_finite() && found.nearest != 0.0 {
                    prop_assert!(rise(found.nearest) < 0.0);
                    prop_assert!((rise(found.deepest) + found.depth).abs() <= 1e-12 * found.depth);
                    for i in 0..200 {
                        let k = found.nearest.abs() * f64::from(i) / 201.0;
                        let slack = 1.001e-10 * earlier.at(0.0).value;
                        prop_assert!(rise(k) >= -slack && rise(-k) >= -slack, "{k} {found:?}");
                    }
                }
            }
        }
    }
}

fn slices() -> impl Strategy<Value = RawSvi> {
    (0.001..0.1, 0.01..0.4, -0.9..0.9, -0.3..0.3, 0.001..0.5)
        .prop_map(|(a, b, rho, m, sigma)| RawSvi { a, b, rho, m, sigma })
}
