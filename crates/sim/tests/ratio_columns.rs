//! V4.3 over whole columns of the engine: what a ratio is at every row, and what it removes from a run's P&L.
#![allow(clippy::float_cmp, reason = "laws that hold bit for bit")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::cast_precision_loss, reason = "tests")]

mod support;

use hedgerow_core::{Contract, Ledger, Market, Timestamp};
use hedgerow_sim::ratio::correlation::Correlation;
use hedgerow_sim::ratio::garch::Garch;
use hedgerow_sim::ratio::{History, Ratio};
use hedgerow_sim::{Costs, FillAt, RatioColumn, linear_track};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use support::*;

/// A market whose perp moves with the spot by a correlation that comes and goes, and by itself.
fn wandering(seed: u64, n_rows: usize) -> Market {
    let base = market(seed, n_rows);
    let spot = &base.assets()[0].spot;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut perp = vec![spot[0]];
    for row in 1..n_rows {
        let noise: f64 = StandardNormal.sample(&mut random);
        let with = 0.6 + 0.4 * (row as f64 / 70.0).sin();
        let spot_return = spot[row] / spot[row - 1] - 1.0;
        let step = with * spot_return + 0.008 * (1.0 - with) * noise;
        perp.push(perp[row - 1] + spot[row - 1] * step);
    }
    with_perp(&base, perp)
}

fn history(market: &Market) -> History<'_> {
    let track = linear_track(market, 0, Contract::LinearPerp, &Costs::ZERO, FillAt::DecidingPrice);
    History::new(market, 0, &track.unwrap())
}

fn column(history: &History<'_>, line: &str) -> Vec<Option<f64>> {
    let column = Ratio::column(&*ratio(line), history);
    (0..history.time.len()).map(|row| column.at(row)).collect()
}

/// The rows to fit on at each row at which a model of this window is fitted again.
fn fits(time: &[Timestamp], window_days: f64, every: usize) -> Vec<Option<std::ops::Range<usize>>> {
    let mut last = None;
    let due = |row: usize| {
        let full = row > 0 && time[row].days_since(time[0]) >= window_days;
        let due = full && last.is_none_or(|last| row - last >= every);
        if !due {
            return None;
        }
        last = Some(row);
        let inside = |first: &usize| time[row].days_since(time[*first - 1]) <= window_days;
        Some((1..=row).find(inside).unwrap()..row + 1)
    };
    (0..time.len()).map(due).collect()
}

/// Two variances, the matrix of DCC, and what moves them.
struct State {
    margins: [Garch; 2],
    variances: [f64; 2],
    dcc: Correlation,
    q: [f64; 3],
}

/// The recursion of DCC with both weights 0, row by row from the first fit to the last row.
fn dcc_without_weights(history: &History<'_>, window_days: f64, every: usize) -> Vec<Option<f64>> {
    let (x, y) = (&history.hedge_return, &history.spot_return);
    let fits = fits(history.time, window_days, every);
    let mut state: Option<State> = None;
    let ratio = |row: usize| {
        match fits[row].clone() {
            Some(rows) => {
                let (x, y) = (&x[rows.clone()], &y[rows]);
                let margins = [Garch::fit(x).unwrap().0, Garch::fit(y).unwrap().0];
                let ((h, next_h), (s, next_s)) = (margins[0].filter(x), margins[1].filter(y));
                let pairs: Vec<[f64; 2]> =
                    (0..x.len()).map(|i| [x[i] / h[i].sqrt(), y[i] / s[i].sqrt()]).collect();
                let dcc = Correlation { a: 0.0, b: 0.0, ..Correlation::constant(&pairs) };
                let q = pairs.iter().fold(dcc.mean, |q, pair| dcc.next(q, *pair));
                state = Some(State { margins, variances: [next_h, next_s], dcc, q });
            }
            None => {
                if let Some(State { margins, variances, dcc, q }) = &mut state {
                    *q = dcc.next(*q, [x[row] / variances[0].sqrt(), y[row] / variances[1].sqrt()]);
                    *variances = [
                        margins[0].next(variances[0], x[row]),
                        margins[1].next(variances[1], y[row]),
                    ];
                }
            }
        }
        let State { variances, q, .. } = state.as_ref()?;
        Some(Correlation::of(*q) * (variances[1] / variances[0]).sqrt())
    };
    (0..history.time.len()).map(ratio).collect()
}

/// DCC with a = b = 0 is CCC at every row of the path: through fits, between them and over gaps. With the weights that fit
/// best it is another column, known at the same rows.
#[test]
fn v4_3_dcc_without_weights_is_ccc_at_every_row() {
    let market = wandering(51, 700);
    let history = history(&market);
    let ccc = column(&history, "ratio = { ccc_garch = { window_days = 8, refit_rows = 60 } }");
    assert_eq!(dcc_without_weights(&history, 8.0, 60), ccc);
    assert!(ccc.iter().flatten().count() > 450);
    let dcc = column(&history, "ratio = { dcc_garch = { window_days = 8, refit_rows = 60 } }");
    assert!(dcc.iter().zip(&ccc).all(|(dcc, ccc)| dcc.is_some() == ccc.is_some()));
    let apart = dcc.iter().zip(&ccc).filter(|(dcc, ccc)| dcc != ccc).count();
    assert!(apart > 300, "{apart} rows differ");
}

/// At every row the smoothed ratio is that of weighted sums over all returns so far, weights halving with the days since.
#[test]
fn v4_3_ewma_is_a_ratio_of_weighted_sums_at_every_row() {
    let market = wandering(52, 400);
    let history = history(&market);
    for half_life_days in [2.0, 12.0] {
        let line = format!("ratio = {{ ewma = {{ half_life_days = {half_life_days:?} }} }}");
        let found = column(&history, &line);
        let days = |from: usize, to: usize| history.time[to].days_since(history.time[from]);
        for (row, found) in found.iter().enumerate() {
            assert_eq!(found.is_some(), row > 0 && days(0, row) >= half_life_days, "row {row}");
            let Some(found) = found else { continue };
            let (mut xy, mut xx) = (0.0, 0.0);
            for i in 1..=row {
                // A return counts by the length of its own row, and by what has passed since.
                let weight = (1.0 - (-days(i - 1, i) / half_life_days).exp2())
                    * (-days(i, row) / half_life_days).exp2();
                xy += weight * history.hedge_return[i] * history.spot_return[i];
                xx += weight * history.hedge_return[i].powi(2);
            }
            assert!((found - xy / xx).abs() < 1e-12, "row {row}: {found}, {}", xy / xx);
        }
    }
}

fn moments(x: &[f64], y: &[f64]) -> f64 {
    let n = x.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum::<f64>() / (n - 1.0)
}

/// One coin held, hedged with a constant share of itself in the perp, free of cost and never traded again.
fn hedged(market: &Market, share: f64) -> Ledger {
    let exposure = coins(market, 1.0);
    let leg = hedgerow_sim::Leg {
        ratio: RatioColumn::Constant(share),
        ..free_leg(market, Contract::LinearPerp, r#"when = "every_row""#)
    };
    run_free(market, &exposure, leg)
}

fn changes(ledger: &Ledger) -> Vec<f64> {
    ledger.equity.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Out of sample a fitted ratio may do worse than no hedge: here the perp turns against the spot after the window.
#[test]
fn v4_3_effectiveness_out_of_sample_may_be_negative() {
    let base = market(54, 600);
    let spot = &base.assets()[0].spot;
    let mut perp = vec![spot[0]];
    for row in 1..600 {
        let with = if row < 200 { 1.0 } else { -1.0 };
        perp.push(perp[row - 1] * (1.0 + with * (spot[row] / spot[row - 1] - 1.0)));
    }
    let market = with_perp(&base, perp);
    let line = "ratio = { rolling_ols = { window_days = 8 } }";
    let exposure = coins(&market, 1.0);
    let plain = free_leg(&market, Contract::LinearPerp, r#"when = "every_row""#);
    let fitted = with_ratio(&market, plain, &*ratio(line));
    let ledger = run_free(&market, &exposure, fitted);
    let (left, alone) = (changes(&ledger), changes(&hedged(&market, 0.0)));
    let removed = |rows: std::ops::Range<usize>| {
        let (left, alone) = (&left[rows.clone()], &alone[rows]);
        1.0 - moments(left, left) / moments(alone, alone)
    };
    // The window is full before the perp turns, at row 200; half of it must have passed before the ratio turns too.
    assert!(removed(0..199) > 0.0 && removed(200..270) < 0.0, "{}", removed(200..270));
}
