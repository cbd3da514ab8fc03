//! Surfaces as what the report shows of them.

use hedgerow_core::{Chain, MILLIS_PER_DAY, PaidIn, Quote, Timestamp};
use hedgerow_data::LoadedChain;
use hedgerow_greeks::smile::{
    CalendarBreach, Dropped, FitError, MOST_FAR_POINTS, Miss, Outside, SliceGrade, SpreadCheck,
    butterfly,
};
use hedgerow_greeks::{OptionKind, Slice, Surface, coin_implied_vol, implied_vol};
use hedgerow_report::{
    QuotedVol, ShownError, ShownMiss, ShownOutside, SmileFit, SnapshotFit, SurfaceReport,
};
use rayon::prelude::*;

use super::currency;
use super::slices::{LEFT_OUT, at_the_money, dropped_of, grade, grade_name};

/// Points of a line.
const POINTS: u32 = 120;

/// Every snapshot in numbers, and the one at `shown` as smiles.
pub(super) fn report(loaded: &LoadedChain, surfaces: &[Surface], shown: usize) -> SurfaceReport {
    let surface = &surfaces[shown];
    let quotes = loaded.chain.at(shown);
    SurfaceReport {
        asset: loaded.asset.clone(),
        paid_in: currency(loaded.chain.paid_in),
        snapshots: loaded
            .time
            .par_iter()
            .zip(surfaces)
            .enumerate()
            .map(|(row, (time, surface))| snapshot(*time, surface, (&loaded.chain, row)))
            .collect(),
        most_far_points: MOST_FAR_POINTS,
        shown,
        smiles: surface.slices.iter().map(|slice| smile(&loaded.chain, quotes, slice)).collect(),
        term_structure: term_structure(surface),
        refused: surface
            .refused
            .iter()
            .map(|refused| (refused.expiry, refused.reason.to_string()))
            .collect(),
        quality: loaded.quality.clone(),
        assumptions: loaded.assumptions.clone(),
    }
}

fn snapshot(time: Timestamp, surface: &Surface, (chain, row): (&Chain, usize)) -> SnapshotFit {
    let slices = &surface.slices;
    let quotes = chain.at(row);
    let worst = |miss: &dyn Fn(&Slice) -> Option<Miss>| {
        let all = slices.iter().filter_map(|slice| Some((slice, miss(slice)?)));
        let worst = all.max_by(|a, b| a.1.points.total_cmp(&b.1.points));
        worst.map(|(slice, miss)| shown_miss(chain, quotes, (slice, miss)))
    };
    let grades = [SliceGrade::Svi, SliceGrade::Repaired, SliceGrade::Essvi, SliceGrade::Flat];
    let count = |grade| slices.iter().filter(|slice| slice.fit.grade == grade).count();
    let mut dropped: Vec<Dropped> = slices.iter().map(|slice| slice.dropped).collect();
    dropped.extend(surface.refused.iter().filter_map(dropped_of));
    let mut spreads = SpreadCheck::default();
    slices.iter().for_each(|slice| spreads += slice.spreads);
    SnapshotFit {
        time,
        grades: grades.map(|grade| (grade_name(grade), count(grade))).to_vec(),
        n_refused: surface.refused.len(),
        butterflies: slices.iter().filter(|slice| !butterfly(&slice.fit.svi).is_free()).count(),
        calendars: slices.iter().filter(|slice| slice.calendar.is_some()).count(),
        n_used: slices.iter().map(|slice| slice.fit.error.n_quotes).sum(),
        left_out: LEFT_OUT.map(|(_, about, of)| (about, dropped.iter().map(of).sum())).to_vec(),
        error: over_all(slices),
        worst: worst(&|slice| {
            let error = &slice.fit.error;
            Some(Miss { log_moneyness: error.worst_at, points: error.worst_points })
        }),
        far_miss: worst(&|slice| slice.far_miss),
        n_off_far_out: slices.iter().filter(|slice| slice.is_off_far_out()).count(),
        outside_near: outside(spreads.near),
        outside_far: outside(spreads.far),
    }
}

/// A miss with the strike of its quote: the listed one that is nearest, for a quote's log-moneyness is to its own forward.
fn shown_miss(chain: &Chain, quotes: &[Quote], (slice, miss): (&Slice, Miss)) -> ShownMiss {
    let at = slice.forward * miss.log_moneyness.exp();
    let contracts = quotes.iter().map(|quote| &chain.contracts[quote.contract]);
    let strikes = contracts.filter(|contract| contract.expiry == slice.expiry);
    let nearest = strikes
        .map(|contract| contract.strike)
        .min_by(|a, b| (a / at).ln().abs().total_cmp(&(b / at).ln().abs()));
    ShownMiss { expiry: slice.expiry, strike: nearest.unwrap_or(at), points: miss.points }
}

fn outside(of: Outside) -> ShownOutside {
    ShownOutside { n_quotes: of.n_quotes, smile: of.slice, mark: of.mark }
}

/// Medians over smiles, and the worst of all; `None` without any.
fn over_all(slices: &[Slice]) -> Option<ShownError> {
    let errors = || slices.iter().map(|slice| slice.fit.error);
    let worst = |of: fn(FitError) -> f64| errors().map(of).reduce(f64::max);
    Some(ShownError {
        near_median_points: median(errors().filter_map(|error| error.near_median_points)),
        median_points: median(errors().map(|error| error.median_points))?,
        worst_points: worst(|error| error.worst_points)?,
        median_coins: median(errors().map(|error| error.median_coins))?,
        worst_coins: worst(|error| error.worst_coins)?,
    })
}

/// The middle value, or the mean of the two middle ones.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

fn smile(chain: &Chain, quotes: &[Quote], slice: &Slice) -> SmileFit {
    let error = slice.fit.error;
    let quoted: Vec<QuotedVol> = quotes
        .iter()
        .filter(|quote| chain.contracts[quote.contract].expiry == slice.expiry)
        .filter_map(|quote| quoted(chain, quote))
        .collect();
    let found = butterfly(&slice.fit.svi);
    SmileFit {
        expiry: slice.expiry,
        years: slice.years,
        forward: slice.forward,
        grade: grade(slice),
        at_the_money: at_the_money(slice),
        n_quotes: error.n_quotes,
        error: ShownError {
            near_median_points: error.near_median_points,
            median_points: error.median_points,
            worst_points: error.worst_points,
            median_coins: error.median_coins,
            worst_coins: error.worst_coins,
        },
        outside_near: outside(slice.spreads.near),
        outside_far: outside(slice.spreads.far),
        far_miss: slice.far_miss.map(|miss| shown_miss(chain, quotes, (slice, miss))),
        is_off_far_out: slice.is_off_far_out(),
        butterfly: if found.is_free() {
            "free".to_owned()
        } else {
            format!("breach, least g {:.3}", found.least)
        },
        calendar: slice.calendar.map_or_else(|| "free".to_owned(), breach),
        curve: curve(slice, &quoted),
        quotes: quoted,
    }
}

fn breach(breach: CalendarBreach) -> String {
    format!("breach at {:.2} forwards", breach.nearest.exp())
}

/// The smile from the lowest strike that is quoted to the highest.
fn curve(slice: &Slice, quotes: &[QuotedVol]) -> Vec<(f64, f64)> {
    let strikes = || quotes.iter().map(|quote| (quote.strike / slice.forward).ln());
    let (Some(low), Some(high)) = (strikes().reduce(f64::min), strikes().reduce(f64::max)) else {
        return Vec::new();
    };
    let point = |step: u32| {
        let k = low + (high - low) * f64::from(step) / f64::from(POINTS);
        let vol = (slice.fit.svi.at(k).value / slice.years).sqrt();
        (slice.forward * k.exp(), vol)
    };
    (0..=POINTS).map(point).collect()
}

/// The vols of a two-sided quote of an option out of the money, as those that are fitted.
fn quoted(chain: &Chain, quote: &Quote) -> Option<QuotedVol> {
    let contract = &chain.contracts[quote.contract];
    let forward = quote.forward?;
    let kind = if contract.strike < forward { OptionKind::Put } else { OptionKind::Call };
    if contract.kind != kind || quote.sides().is_none() {
        return None;
    }
    let years = contract.expiry.years_since(quote.time);
    let vol = |price: f64| match chain.paid_in {
        PaidIn::Coin => coin_implied_vol(kind, forward, contract.strike, years, price).ok(),
        PaidIn::Usd => implied_vol(kind, forward, contract.strike, years, price).ok(),
    };
    Some(QuotedVol {
        strike: contract.strike,
        mark: quote.mark_vol.or_else(|| quote.mark.and_then(vol)),
        bid: quote.bid.and_then(vol),
        ask: quote.ask.and_then(vol),
    })
}

/// The surface at the money from the first expiry to the last, in equal ratios of time.
fn term_structure(surface: &Surface) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (surface.slices.first(), surface.slices.last()) else {
        return Vec::new();
    };
    let point = |step: u32| {
        let share = f64::from(step) / f64::from(POINTS);
        let years = first.years * (last.years / first.years).powf(share);
        let smile = surface.smile(after(surface.time, years))?;
        Some((smile.years, smile.vol(0.0)))
    };
    (0..=POINTS).filter_map(point).collect()
}

/// The instant that lies so many years after another.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "milliseconds of a few years"
)]
fn after(time: Timestamp, years: f64) -> Timestamp {
    let millis = years * hedgerow_core::DAYS_PER_YEAR * MILLIS_PER_DAY as f64;
    Timestamp::from_millis(time.millis() + millis.round() as i64)
}
