//! Surfaces: what they are made of, what lies between and beyond, and that they never see the future.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    clippy::print_stdout,
    reason = "tests stop where they fail, and count small numbers"
)]

#[path = "common/chain.rs"]
mod chain;
mod common;
#[path = "common/deribit.rs"]
mod deribit;

use chain::{CARRY, Recipe, market, theta};
use hedgerow_core::{Chain, Market, OptionKind, PaidIn, Quote, Timestamp};
use hedgerow_greeks::smile::{
    Dropped, MOST_NEAR_POINTS, SliceGrade, SmileError, butterfly, expiries,
};
use hedgerow_greeks::{Surface, SurfaceHistory, inverse};
use proptest::prelude::*;

/// The first snapshot of the default recipe, changed.
fn first(change: impl Fn(&mut Chain)) -> (Market, Chain) {
    let market = market(&Recipe { n_snapshots: 1, ..Recipe::default() });
    let mut chain = market.chains()[0].clone();
    change(&mut chain);
    (market, chain)
}

fn surface(chain: &Chain) -> Surface {
    Surface::fit(chain, &chain.quotes).unwrap()
}

/// Known smiles plus noise of a fifth of a vol point: vols come back within the noise, parameters nearly.
#[test]
fn known_smiles_are_recovered() {
    let recipe = Recipe::default();
    let market = market(&recipe);
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    let summary = history.summary();
    assert_eq!((summary.n_surfaces, summary.refused), (6, 0));
    assert!(summary.near_median_points.unwrap() < 0.2, "{summary:?}");
    for surface in history.surfaces() {
        assert!(surface.slices.len() >= 4);
        for slice in &surface.slices {
            assert!(butterfly(&slice.fit.svi).is_free());
            let truth = recipe.smile.slice(theta(recipe.vol, slice.years)).raw();
            for deviations in [-1.0, -0.5, 0.0, 0.5, 1.0] {
                // Where there are quotes: strikes end at 95,000.
                let k =
                    (deviations * truth.at(0.0).value.sqrt()).min((95_000.0 / slice.forward).ln());
                let vol =
                    |svi: &hedgerow_greeks::smile::RawSvi| (svi.at(k).value / slice.years).sqrt();
                let off = (vol(&slice.fit.svi) - vol(&truth)).abs();
                assert!(off < recipe.noise, "{deviations}: {off} {slice:?}");
            }
            let wings = (slice.fit.svi.wings(), truth.wings());
            assert!((wings.0.left / wings.1.left - 1.0).abs() < 0.5, "{wings:?}");
        }
    }
}

#[test]
fn between_and_beyond_expiries() {
    let recipe = Recipe { noise: 0.0, ..Recipe::default() };
    let market = market(&recipe);
    let surface = surface_at(&market, 0);
    let (near, far) = (&surface.slices[2], &surface.slices[3]);
    let at = |days: i64| surface.smile(surface.time.plus_days(days)).unwrap();
    // Listed expiries are themselves.
    for (days, slice) in chain::TENORS.iter().zip(&surface.slices) {
        let smile = at(*days);
        assert!((smile.at(0.1).value - slice.fit.svi.at(0.1).value).abs() < 1e-15);
        assert!((smile.forward / slice.forward - 1.0).abs() < 1e-12);
    }
    // Between: linear in total variance.
    let smile = at(45);
    let share = (smile.years - near.years) / (far.years - near.years);
    assert!((share - 0.25).abs() < 1e-12);
    let expected = 0.75 * near.fit.svi.at(-0.2).value + 0.25 * far.fit.svi.at(-0.2).value;
    assert!((smile.at(-0.2).value - expected).abs() < 1e-15);
    // Before the first and after the last: the vol of the nearest at the same log-moneyness.
    let flat = |days: i64, slice: &hedgerow_greeks::Slice| {
        let vol = (slice.fit.svi.at(0.03).value / slice.years).sqrt();
        assert!((at(days).vol(0.03) - vol).abs() < 1e-12);
    };
    flat(1, &surface.slices[0]);
    flat(700, surface.slices.last().unwrap());
    // Forwards follow the carry, everywhere.
    for days in [1, 2, 17, 45, 100, 400] {
        let smile = at(days);
        let expected = chain::spot(0) * (CARRY * smile.years).exp();
        assert!((smile.forward / expected - 1.0).abs() < 1e-12, "{days}");
    }
    // The skew is the slope of the vol.
    let (smile, h) = (at(45), 1e-6);
    for k in [-0.3, 0.0, 0.2] {
        let slope = (smile.vol(k + h) - smile.vol(k - h)) / (2.0 * h);
        assert!((smile.skew(k) - slope).abs() < 1e-8);
    }
    assert_eq!(surface.smile(surface.time), None);
    assert!(surface.is_calendar_free());
}

fn surface_at(market: &Market, row: usize) -> Surface {
    Surface::at(&market.chains()[0], row, market.time()[row]).unwrap()
}

/// As of: quotes of later snapshots may say anything; earlier rows do not change by a bit.
#[test]
fn future_quotes_never_change_an_earlier_row() {
    let market = market(&Recipe::default());
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    let cut = 3;
    let mut chain = market.chains()[0].clone();
    for quote in &mut chain.quotes[market.chains()[0].snapshots[cut].start..] {
        quote.mark_vol = quote.mark_vol.map(|vol| 3.0 * vol);
        quote.forward = quote.forward.map(|forward| 0.5 * forward);
    }
    let changed = market.clone().with_chains(vec![chain]).unwrap();
    let other = SurfaceHistory::fit(&changed, &changed.chains()[0]);
    for row in 0..2 * cut {
        assert_eq!(history.at(row), other.at(row));
    }
    assert_ne!(history.at(2 * cut), other.at(2 * cut));
}

/// A chain whose rows would see their future is a programmer's error.
#[test]
fn a_late_quote_is_refused() {
    let market = market(&Recipe::default());
    let mut chain = market.chains()[0].clone();
    chain.snapshot_of_row[0] = Some(1);
    let late = std::panic::catch_unwind(|| SurfaceHistory::fit(&market, &chain));
    let message = *late.unwrap_err().downcast::<String>().unwrap();
    assert_eq!(message, "row 0 at 2025-01-03T08:01:00Z would see a quote of 2025-01-03T14:00:00Z");
}

/// One surface per snapshot; rows between share it; an expiry that has passed has no vol.
#[test]
fn rows_know_their_snapshot() {
    let market = market(&Recipe::default());
    let history = SurfaceHistory::fit(&market, &market.chains()[0]);
    assert_eq!(history.at(2), history.at(3));
    assert_ne!(history.at(3), history.at(4));
    let expiry = Timestamp::parse("2025-02-02T08:00:00Z").unwrap();
    let (vol, grade) = history.vol(3, 1.0, expiry).unwrap();
    assert!((vol - 0.6).abs() < 0.01, "{vol}");
    assert_eq!(grade, SliceGrade::Svi);
    assert_eq!(history.vol(3, 1.0, market.time()[3]), None);
    assert_eq!(history.slice(2..6).vol(1, 1.0, expiry), history.vol(3, 1.0, expiry));
}

#[test]
fn order_of_quotes_does_not_matter() {
    let (_, chain) = first(|_| {});
    let mut turned = chain.quotes.clone();
    turned.reverse();
    turned.rotate_left(17);
    assert_eq!(surface(&chain), Surface::fit(&chain, &turned).unwrap());
}

/// The number of threads cannot be seen.
#[test]
fn parallel_is_sequential() {
    let market = market(&Recipe::default());
    let fit = |n| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
        pool.install(|| SurfaceHistory::fit(&market, &market.chains()[0]))
    };
    assert_eq!(fit(1), fit(4));
}

/// Without mark vols they follow from marks, and without marks from the middle of bid and ask.
#[test]
fn vols_follow_from_prices() {
    let (_, quoted) = first(|_| {});
    let (_, marked) = first(|chain| each(chain, |quote| quote.mark_vol = None));
    let (_, middle) = first(|chain| {
        each(chain, |quote| {
            quote.mark_vol = None;
            quote.mark = None;
        });
    });
    for (slice, other) in surface(&quoted).slices.iter().zip(surface(&marked).slices) {
        for k in [-0.1, 0.0, 0.1] {
            let (a, b) = (slice.fit.svi.at(k).value, other.fit.svi.at(k).value);
            assert!((a / b - 1.0).abs() < 1e-6, "{a} {b}");
        }
    }
    for (slice, other) in surface(&quoted).slices.iter().zip(surface(&middle).slices) {
        let (a, b) = (slice.fit.svi.at(0.0).value, other.fit.svi.at(0.0).value);
        assert!((a / b - 1.0).abs() < 0.01, "{a} {b}");
    }
}

/// A linear chain quotes USD per coin: the same smile.
#[test]
fn linear_and_inverse_chains_agree() {
    let (_, coin) = first(|chain| each(chain, |quote| quote.mark_vol = None));
    let (_, usd) = first(|chain| {
        chain.paid_in = PaidIn::Usd;
        each(chain, |quote| {
            quote.mark_vol = None;
            for price in [&mut quote.bid, &mut quote.ask, &mut quote.mark] {
                *price = price.map(|price| price * quote.forward.unwrap());
            }
        });
    });
    for (slice, other) in surface(&coin).slices.iter().zip(surface(&usd).slices) {
        let (a, b) = (slice.fit.svi.at(0.05).value, other.fit.svi.at(0.05).value);
        assert!((a / b - 1.0).abs() < 1e-7, "{a} {b}");
    }
}

fn each(chain: &mut Chain, change: impl Fn(&mut Quote)) {
    chain.quotes.iter_mut().for_each(change);
}

#[test]
fn spoilt_chains_are_refused_with_a_reason() {
    let reasons = |change: fn(&mut Chain)| -> Vec<SmileError> {
        let (_, chain) = first(change);
        surface(&chain).refused.iter().map(|refused| refused.reason).collect()
    };
    let bids = reasons(|chain| each(chain, |quote| quote.bid = None));
    assert_eq!(bids.len(), 5);
    assert_eq!(
        bids[0].to_string(),
        "no usable quote of 58: 29 in the money, 29 without bid or ask; bring two-sided quotes of options out of the money"
    );
    let crossed = reasons(|chain| each(chain, |quote| quote.ask = quote.bid.map(|bid| 0.5 * bid)));
    assert!(matches!(
        crossed[4],
        SmileError::NoUsableQuote { dropped: Dropped { crossed: 25.., .. }, .. }
    ));
    assert!(
        crossed[4].to_string().contains(" crossed (bid above ask); check which column is the bid")
    );
    let forwards = reasons(|chain| each(chain, |quote| quote.forward = None));
    assert!(matches!(
        forwards[0],
        SmileError::NoUsableQuote { dropped: Dropped { no_forward: 58, .. }, .. }
    ));
    let two = reasons(|chain| {
        for quote in chain.quotes.iter_mut().step_by(3) {
            quote.forward = Some(3_000.0);
        }
    });
    assert_eq!(two.len(), 5);
    assert!(
        two[0].to_string().ends_with("two underlyings in one chain? split the file by underlying")
    );
    // One forward that is off costs its own quote, not its expiry.
    let (_, one) = first(|chain| chain.quotes[3].forward = Some(1e300));
    let found = surface(&one);
    assert!(found.refused.is_empty());
    assert_eq!(found.slices[0].dropped.other_forward, 1);
    let nan = reasons(|chain| each(chain, |quote| quote.mark_vol = Some(f64::NAN)));
    assert!(matches!(nan[0], SmileError::NoUsableQuote { .. }));
    let expired = reasons(|chain| each(chain, |quote| quote.time = quote.time.plus_days(10)));
    assert_eq!(expired.len(), 2);
    assert!(matches!(expired[0], SmileError::Years { years } if years < 0.0));
}

/// A quote is believed as far as its spread says: one that is three vol points off moves the smile when it is tight, and
/// does not when it is wide.
#[test]
fn wide_quotes_count_less() {
    let vol_with = |half_spread: Option<f64>| {
        let (_, chain) = first(|chain| {
            let contracts = chain.contracts.clone();
            let off =
                |quote: &&mut Quote| (contracts[quote.contract].strike - 60_000.0).abs() < 1.0;
            for quote in chain.quotes.iter_mut().filter(off) {
                let Some(half_spread) = half_spread else { continue };
                let middle = 0.5 * (quote.bid.unwrap() + quote.ask.unwrap());
                quote.bid = Some(middle * (1.0 - half_spread));
                quote.ask = Some(middle * (1.0 + half_spread));
                quote.mark_vol = quote.mark_vol.map(|vol| vol + 0.03);
            }
        });
        surface(&chain).smile(chain.quotes[0].time.plus_days(30)).unwrap().vol(0.0)
    };
    let (clean, tight, wide) = (vol_with(None), vol_with(Some(0.001)), vol_with(Some(0.5)));
    assert!((tight - clean).abs() > 0.01, "{clean} {tight}");
    assert!((wide - clean).abs() < 0.001, "{clean} {wide}");
}

/// A later expiry quoted at half the vol cannot be bent over the earlier ones, nor they below it: it is refused with what
/// it would miss, and the others stay.
#[test]
fn calendar_arbitrage_is_refused() {
    let late = |chain: &Chain| {
        chain.contracts[chain.quotes[0].contract].expiry.plus_days(chain::TENORS[3] - 2)
    };
    let (_, chain) = first(|chain| {
        let late = late(chain);
        let contracts = chain.contracts.clone();
        for quote in &mut chain.quotes {
            if contracts[quote.contract].expiry == late {
                quote.mark_vol = quote.mark_vol.map(|vol| 0.5 * vol);
            }
        }
    });
    let surface = surface(&chain);
    assert!(surface.is_calendar_free());
    assert_eq!(surface.slices.len(), 4);
    assert_eq!(surface.refused[0].expiry, late(&chain));
    assert!(matches!(surface.refused[0].reason, SmileError::Contradicts { points: 2.0.., .. }));
}

/// Of two expiries that contradict each other, each right around its own vols, the one that is quoted wider gives way, be it
/// the earlier or the later: it is bent or refused, and the other keeps to its quotes.
#[test]
fn of_two_that_contradict_the_lighter_gives_way() {
    for (heavier, lighter, half_spreads) in [(2, 3, [0.005, 0.03]), (3, 2, [0.03, 0.005])] {
        let (_, chain) = first(|chain| {
            let contracts = chain.contracts.clone();
            let start = contracts[chain.quotes[0].contract].expiry.plus_days(-chain::TENORS[0]);
            for quote in &mut chain.quotes {
                let option = &contracts[quote.contract];
                let of = |tenor: usize| option.expiry == start.plus_days(chain::TENORS[tenor]);
                let (factor, half_spread) = match (of(2), of(3)) {
                    (true, _) => (1.0, half_spreads[0]),
                    // Total variance between those of 9 and of 30 days.
                    (_, true) => (0.5, half_spreads[1]),
                    _ => continue,
                };
                let vol = factor * quote.mark_vol.unwrap();
                let (forward, years) =
                    (quote.forward.unwrap(), option.expiry.years_since(quote.time));
                let price = |vol: f64| {
                    inverse::coin_greeks(option.kind, forward, option.strike, years, vol).value
                };
                quote.mark_vol = Some(vol);
                quote.bid = Some(price(vol - half_spread));
                quote.ask = Some(price(vol + half_spread));
            }
        });
        let surface = surface(&chain);
        let start = surface.slices[0].expiry.plus_days(-chain::TENORS[0]);
        let of = |tenor: usize| {
            let expiry = start.plus_days(chain::TENORS[tenor]);
            surface.slices.iter().find(|slice| slice.expiry == expiry)
        };
        let near = of(heavier).unwrap().fit.error.near_median_points.unwrap();
        assert!(near < 0.5, "{lighter}: {near}");
        let bent = of(lighter).map(|slice| slice.fit.error.near_median_points.unwrap());
        assert!(bent.is_none_or(|points| points > 1.0), "{lighter}: {bent:?}");
        assert!(surface.is_calendar_free());
    }
}

/// Slices outside of bid and ask are counted: none where the spread is wider than the noise, and where it is narrower, as
/// many as pricing every quote at the slice's vol finds.
#[test]
fn what_lies_outside_the_spread_is_counted() {
    for (half_spread, any) in [(0.01, false), (0.0005, true)] {
        let market = market(&Recipe { half_spread, n_snapshots: 3, ..Recipe::default() });
        let chain = &market.chains()[0];
        let history = SurfaceHistory::fit(&market, chain);
        let (mut expected, mut n_quotes) = (0, 0);
        for (row, surface) in history.surfaces().enumerate() {
            for slice in &surface.slices {
                let quotes = chain.quotes[chain.snapshots[row].clone()].iter();
                for quote in quotes.filter(|quote| quote.bid.is_some()) {
                    let contract = &chain.contracts[quote.contract];
                    let (forward, strike) = (quote.forward.unwrap(), contract.strike);
                    let otm = (contract.kind == OptionKind::Put) == (strike < forward);
                    if contract.expiry != slice.expiry || !otm {
                        continue;
                    }
                    let vol =
                        (slice.fit.svi.at((strike / forward).ln()).value / slice.years).sqrt();
                    let price =
                        inverse::coin_greeks(contract.kind, forward, strike, slice.years, vol)
                            .value;
                    n_quotes += 1;
                    expected +=
                        usize::from(price < quote.bid.unwrap() || price > quote.ask.unwrap());
                }
            }
        }
        let spreads = history.summary().spreads;
        assert_eq!(spreads.near.n_quotes + spreads.far.n_quotes, n_quotes);
        assert_eq!(spreads.near.slice + spreads.far.slice, expected);
        assert_eq!(spreads.near.mark + spreads.far.mark, 0, "the made marks lie in the middle");
        assert_eq!(spreads.near.slice > 0, any, "{spreads:?}");
        assert!(spreads.near.n_quotes > 20 && spreads.far.n_quotes > 20, "{spreads:?}");
    }
}

/// A variance swap on a fitted smile costs what a dense strip of its options does (Demeterfi et al. 1999), and what the mean
/// of its variance over z = d₂ is (Gatheral, *The Volatility Surface*, 2006, equation 11.4); on a flat smile its vol.
#[test]
fn variance_swaps_follow_from_the_smile() {
    let (_, chain) = first(|_| {});
    for slice in surface(&chain).slices {
        let svi = slice.fit.svi;
        let (n, width) = (400_000, 60.0 * svi.at(0.0).value.sqrt());
        let step = width / f64::from(n);
        let mean: f64 = (0..=n)
            .map(|i| f64::from(i) * step - 0.5 * width)
            .map(|k| {
                let w = svi.at(k);
                let root = w.value.sqrt();
                let d2 = -k / root - 0.5 * root;
                // -d d₂/dk
                let slope =
                    1.0 / root - 0.5 * k * w.slope / (w.value * root) + 0.25 * w.slope / root;
                let density = (-0.5 * d2 * d2).exp() / (2.0 * std::f64::consts::PI).sqrt();
                density * w.value * slope * step
            })
            .sum();
        let vol = slice.variance_swap_vol().unwrap();
        let expected = (mean / slice.years).sqrt();
        assert!((vol / expected - 1.0).abs() < 1e-7, "{vol} {expected}");
        let at_the_money = (svi.at(0.0).value / slice.years).sqrt();
        assert!(vol > at_the_money, "a smile adds variance: {vol} {at_the_money}");
        let flat = hedgerow_greeks::smile::RawSvi::flat(0.04 * slice.years);
        let flat = hedgerow_greeks::Slice {
            fit: hedgerow_greeks::smile::Fit { svi: flat, ..slice.fit },
            ..slice
        };
        assert!((flat.variance_swap_vol().unwrap() - 0.2).abs() < 1e-9);
        // Found by a reader: a steep left wing was cut off at e^50 forwards, which gave 2.1064 here. The strip of puts and calls at
        // every strike, summed by SciPy with scaled complementary errors, is worth 4.520293142994897.
        let steep =
            hedgerow_greeks::smile::RawSvi { a: 0.04, b: 0.7, rho: -0.7, m: 0.0, sigma: 0.2 };
        let steep = hedgerow_greeks::Slice {
            years: 1.0,
            fit: hedgerow_greeks::smile::Fit { svi: steep, ..slice.fit },
            ..flat
        };
        let vol = steep.variance_swap_vol().unwrap();
        assert!((vol - 4.520_293_142_994_897_f64.sqrt()).abs() < 1e-8, "{vol}");
    }
}

/// One strike is a flat slice, and says so.
#[test]
fn one_strike_is_flat() {
    let (_, chain) = first(|chain| {
        let contracts = chain.contracts.clone();
        chain.quotes.retain(|quote| (contracts[quote.contract].strike - 60_000.0).abs() < 1.0);
    });
    for slice in surface(&chain).slices {
        assert_eq!(slice.fit.grade, SliceGrade::Flat);
        assert!((slice.fit.svi.at(0.7).value - slice.fit.svi.at(0.0).value).abs() < 1e-15);
    }
    let (_, mut none) = first(|_| {});
    none.quotes.clear();
    assert_eq!(Surface::fit(&none, &none.quotes), None);
    assert!(expiries(&none, &none.quotes).is_empty());
}

/// An expiry whose quotes no smile passes is refused: it serves no mark and pushes no other expiry.
#[test]
fn an_expiry_off_its_quotes_serves_and_moves_nothing() {
    let (_, clean) = first(|_| {});
    let expiry = surface(&clean).slices[2].expiry;
    // Two quotes at the money contradict their neighbours, bid and ask included.
    let (_, broken) = first(|chain| {
        let contracts = chain.contracts.clone();
        for quote in &mut chain.quotes {
            let option = &contracts[quote.contract];
            if option.expiry == expiry && (option.strike - 60_000.0).abs() < 1.0 {
                quote.mark_vol = quote.mark_vol.map(|vol| vol + 0.3);
                quote.bid = quote.bid.map(|bid| 1.45 * bid);
                quote.ask = quote.ask.map(|ask| 1.55 * ask);
            }
        }
    });
    let (_, without) = first(|chain| {
        let contracts = chain.contracts.clone();
        chain.quotes.retain(|quote| contracts[quote.contract].expiry != expiry);
    });
    let (broken, without) = (surface(&broken), surface(&without));
    assert_eq!(broken.refused.len(), 1);
    assert_eq!(broken.refused[0].expiry, expiry);
    let SmileError::OffQuotes { log_moneyness, points } = broken.refused[0].reason else {
        unreachable!("{:?}", broken.refused)
    };
    assert!(log_moneyness.abs() < 0.02 && points > 10.0, "{log_moneyness} {points}");
    assert_eq!(broken.slices, without.slices);
    assert_eq!(broken.smile(expiry), without.smile(expiry));
}

/// A month of both currencies as Deribit quoted them, the crash of February 2026 in it: marks are inverse Black-76 of their vols;
/// slices are within half a vol point near the money, free of butterflies, do not cross, and none is off its quotes. On the
/// 7th and the 26th a slice once was, by 26 and by 11.5 points.
#[test]
fn real_chains() {
    let Some(paths) = deribit::archives() else { return };
    for currency in ["BTC", "ETH"] {
        let market = deribit::market(&paths[1..2], currency);
        let chain = &market.chains()[0];
        assert!(median(mark_errors(chain)) < 1e-5);
        let history = SurfaceHistory::fit(&market, chain);
        let summary = history.summary();
        assert!(summary.near_median_points.unwrap() <= 0.5, "{summary:?}");
        assert!(summary.svi + summary.repaired > 9 * (summary.essvi + summary.flat), "{summary:?}");
        for slice in history.surfaces().flat_map(|surface| &surface.slices) {
            assert!(butterfly(&slice.fit.svi).is_free(), "{slice:?}");
            assert!(
                slice.near_miss.is_none_or(|miss| miss.points <= MOST_NEAR_POINTS),
                "{slice:?}"
            );
        }
        assert_eq!(summary.calendar_breaches, 0, "{summary:?}");
    }
}

fn mark_errors(chain: &Chain) -> Vec<f64> {
    chain
        .quotes
        .iter()
        .filter_map(|quote| {
            let option = &chain.contracts[quote.contract];
            let years = option.expiry.years_since(quote.time);
            let (mark, vol, forward) = (quote.mark?, quote.mark_vol?, quote.forward?);
            let kind: OptionKind = option.kind;
            let model = inverse::coin_greeks(kind, forward, option.strike, years, vol);
            (years > 0.0).then(|| (model.value - mark).abs())
        })
        .collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever is quoted, every smile that comes out has a vol everywhere.
    #[test]
    fn spoilt_quotes_never_become_nan(spoilt in proptest::collection::vec(spoil(), 1..200)) {
        let (_, mut chain) = first(|_| {});
        for (at, field, number) in spoilt {
            let n = chain.quotes.len();
            let quote = &mut chain.quotes[at % n];
            *match field {
                0 => &mut quote.bid,
                1 => &mut quote.ask,
                2 => &mut quote.mark,
                3 => &mut quote.mark_vol,
                4 => &mut quote.forward,
                _ => &mut quote.index,
            } = number;
        }
        let surface = surface(&chain);
        prop_assert_eq!(surface.slices.len() + surface.refused.len(), 5);
        for days in [0, 1, 2, 20, 90, 1000] {
            let Some(smile) = surface.smile(surface.time.plus_days(days)) else { continue };
            prop_assert!(smile.forward.is_finite() && smile.forward > 0.0);
            for k in [-5.0, -0.3, 0.0, 0.1, 5.0] {
                let (vol, skew) = (smile.vol(k), smile.skew(k));
                prop_assert!(vol.is_finite() && vol > 0.0 && skew.is_finite(), "{k} {vol} {skew}");
            }
        }
    }
}

/// Which quote, which of its numbers, and what it says instead.
fn spoil() -> impl Strategy<Value = (usize, u8, Option<f64>)> {
    let number = prop_oneof![
        Just(None),
        Just(Some(0.0)),
        Just(Some(f64::NAN)),
        Just(Some(f64::INFINITY)),
        Just(Some(-1.0)),
        Just(Some(1e-300)),
        any::<f64>().prop_map(Some),
        (1e-5..2.0).prop_map(Some),
    ];
    (0_usize..1000, 0_u8..6, number)
}
