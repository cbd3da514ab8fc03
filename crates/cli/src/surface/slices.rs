//! Every smile of every snapshot as a table.

use hedgerow_core::{Cells, Column, Table, Timestamp};
use hedgerow_greeks::smile::{Butterfly, Dropped, SliceGrade, SmileError, SviJw, butterfly};
use hedgerow_greeks::{RefusedExpiry, Slice, Surface};
use rayon::prelude::*;

/// One expiry of one snapshot, with a smile or without.
struct Line<'a> {
    snapshot: Timestamp,
    expiry: Timestamp,
    slice: Option<(&'a Slice, Butterfly)>,
    refused: Option<SmileError>,
}

/// A row per snapshot and expiry, in this order.
pub(super) fn table(times: &[Timestamp], surfaces: &[Surface]) -> Table {
    let lines: Vec<Line<'_>> = times
        .par_iter()
        .zip(surfaces)
        .flat_map_iter(|(time, surface)| lines(*time, surface))
        .collect();
    let mut columns = vec![
        column("snapshot", "UTC", "when it was complete", time(&lines, |line| line.snapshot)),
        column("expiry", "UTC", "when the options expire", time(&lines, |line| line.expiry)),
    ];
    let of_slice = |name, unit, about, of: fn(&Slice) -> Option<f64>| {
        let cells = lines.iter().map(|line| line.slice.as_ref().and_then(|(slice, _)| of(slice)));
        column(name, unit, about, Cells::Maybe(cells.collect()))
    };
    columns.extend(NUMBERS.map(|(name, unit, about, of)| of_slice(name, unit, about, of)));
    let least = lines.iter().map(|line| line.slice.as_ref().map(|(_, butterfly)| butterfly.least));
    let about = "least value of Durrleman's g; negative where a butterfly has a negative price";
    columns.push(column("least_g", "1", about, Cells::Maybe(least.collect())));
    columns.extend(LEFT_OUT.map(|(name, about, of)| {
        let cells = lines.iter().map(|line| line.dropped().map(|dropped| count(of(&dropped))));
        column(name, "quotes", about, Cells::Maybe(cells.collect()))
    }));
    let words = |of: fn(&Line<'_>) -> String| names(lines.iter().map(of));
    columns.extend([
        column(
            "grade",
            "1",
            "how the smile was come by, or `refused`",
            words(|line| {
                line.slice.as_ref().map_or("refused", |(slice, _)| grade(slice)).to_owned()
            }),
        ),
        column(
            "butterfly",
            "1",
            "`free` or `breach`; empty without a smile",
            words(butterfly_verdict),
        ),
        column(
            "calendar",
            "1",
            "`free` of calendar arbitrage, which is lying below the expiry before, at every strike, or `breach`; empty without a smile",
            words(calendar_verdict),
        ),
        column(
            "far",
            "1",
            "`within`, or `flagged` where far_miss_points are more than is trusted; empty without a smile",
            words(far_verdict),
        ),
        column(
            "reason",
            "1",
            "why there is no smile; empty where there is one",
            words(|line| line.refused.map_or_else(String::new, |reason| reason.to_string())),
        ),
    ]);
    Table { columns }
}

/// A figure of a smile: name, unit, meaning.
type Number = (&'static str, &'static str, &'static str, fn(&Slice) -> Option<f64>);

const NUMBERS: [Number; 30] = [
    ("years", "years", "from the latest quote of the snapshot to expiry, ACT/365F", |s| {
        Some(s.years)
    }),
    ("forward", "USD", "median forward of the quotes, per coin", |s| Some(s.forward)),
    ("at_the_money", "1", "vol at the forward, annualised", |s| Some(at_the_money(s))),
    (
        "variance_swap",
        "1",
        "vol at which a variance swap costs nothing, annualised: options of the smile at every strike",
        Slice::variance_swap_vol,
    ),
    ("a", "1", "raw SVI: level of total variance", |s| Some(s.fit.svi.a)),
    ("b", "1", "raw SVI: steepness of the wings", |s| Some(s.fit.svi.b)),
    ("rho", "1", "raw SVI: tilt", |s| Some(s.fit.svi.rho)),
    ("m", "1", "raw SVI: log-moneyness of the centre", |s| Some(s.fit.svi.m)),
    ("sigma", "1", "raw SVI: roundness at the centre", |s| Some(s.fit.svi.sigma)),
    ("jw_v", "1", "SVI jump wings: variance at the forward, per year", |s| {
        Some(jump_wings(s).at_money)
    }),
    (
        "jw_psi",
        "1",
        "SVI jump wings: slope of the vol to log-moneyness at the forward, times the root of years",
        |s| Some(jump_wings(s).skew),
    ),
    (
        "jw_p",
        "1",
        "SVI jump wings: slope of total variance to low strikes, over the root of that at the forward",
        |s| Some(jump_wings(s).put_wing),
    ),
    (
        "jw_c",
        "1",
        "SVI jump wings: slope of total variance to high strikes, over the root of that at the forward",
        |s| Some(jump_wings(s).call_wing),
    ),
    ("jw_v_tilde", "1", "SVI jump wings: least variance at any strike, per year", |s| {
        Some(jump_wings(s).least)
    }),
    ("n_quotes", "quotes", "that the smile was fitted to", |s| Some(count(s.fit.error.n_quotes))),
    ("rms_points", "vol points", "root of the weighted mean square error", |s| {
        Some(s.fit.error.rms_points)
    }),
    ("median_points", "vol points", "median absolute error", |s| Some(s.fit.error.median_points)),
    (
        "near_median_points",
        "vol points",
        "median absolute error within one standard deviation of the money",
        |s| s.fit.error.near_median_points,
    ),
    ("worst_points", "vol points", "largest absolute error", |s| Some(s.fit.error.worst_points)),
    ("worst_at", "1", "log-moneyness of the largest absolute error", |s| {
        Some(s.fit.error.worst_at)
    }),
    (
        "far_miss_points",
        "vol points",
        "most by which the smile leaves a bid and ask beyond one standard deviation; empty where it leaves none",
        |s| s.far_miss.map(|miss| miss.points),
    ),
    ("far_miss_at", "1", "log-moneyness of that quote", |s| {
        s.far_miss.map(|miss| miss.log_moneyness)
    }),
    ("median_coins", "coins", "median absolute error of the price", |s| {
        Some(s.fit.error.median_coins)
    }),
    ("worst_coins", "coins", "largest absolute error of the price", |s| {
        Some(s.fit.error.worst_coins)
    }),
    ("n_near", "quotes", "within one standard deviation of the money", |s| {
        Some(count(s.spreads.near.n_quotes))
    }),
    ("n_near_outside", "quotes", "of these, where the smile lies outside bid and ask", |s| {
        Some(count(s.spreads.near.slice))
    }),
    ("n_far", "quotes", "beyond one standard deviation", |s| Some(count(s.spreads.far.n_quotes))),
    ("n_far_outside", "quotes", "of these, where the smile lies outside bid and ask", |s| {
        Some(count(s.spreads.far.slice))
    }),
    (
        "calendar_at",
        "1",
        "log-moneyness nearest to the money where total variance is below that of an earlier expiry",
        |s| s.calendar.map(|breach| breach.nearest).filter(|k| k.is_finite()),
    ),
    ("calendar_depth", "1", "most total variance missing against an earlier expiry", |s| {
        s.calendar.map(|breach| breach.depth).filter(|depth| depth.is_finite())
    }),
];

/// A reason for leaving quotes out: its column, in words, its count.
pub(super) type LeftOut = (&'static str, &'static str, fn(&Dropped) -> usize);

/// Every reason.
pub(super) const LEFT_OUT: [LeftOut; 6] = [
    ("n_in_the_money", "in the money", |dropped| dropped.in_the_money),
    ("n_no_side", "without a bid or an ask", |dropped| dropped.no_side),
    ("n_crossed", "with a bid above their ask", |dropped| dropped.crossed),
    ("n_no_vol", "without a vol between 1 % and 500 %", |dropped| dropped.no_vol),
    ("n_no_forward", "without a forward", |dropped| dropped.no_forward),
    ("n_other_forward", "with a forward far from the others", |dropped| dropped.other_forward),
];

/// The quotes that an expiry without a smile left out; `None` where that is not why it has none.
pub(super) fn dropped_of(refused: &RefusedExpiry) -> Option<Dropped> {
    dropped_by(refused.reason)
}

fn dropped_by(reason: SmileError) -> Option<Dropped> {
    match reason {
        SmileError::NoUsableQuote { dropped, .. } => Some(dropped),
        SmileError::Years { .. }
        | SmileError::OffQuotes { .. }
        | SmileError::Bent { .. }
        | SmileError::Contradicts { .. }
        | SmileError::Crosses { .. }
        | SmileError::TwoUnderlyings { .. } => None,
    }
}

fn lines(snapshot: Timestamp, surface: &Surface) -> Vec<Line<'_>> {
    let fitted = surface.slices.iter().map(|slice| Line {
        snapshot,
        expiry: slice.expiry,
        slice: Some((slice, butterfly(&slice.fit.svi))),
        refused: None,
    });
    let refused = surface.refused.iter().map(|refused| Line {
        snapshot,
        expiry: refused.expiry,
        slice: None,
        refused: Some(refused.reason),
    });
    let mut lines: Vec<Line<'_>> = fitted.chain(refused).collect();
    lines.sort_by_key(|line| line.expiry);
    lines
}

impl Line<'_> {
    fn dropped(&self) -> Option<Dropped> {
        let of_slice = self.slice.as_ref().map(|(slice, _)| slice.dropped);
        of_slice.or_else(|| self.refused.and_then(dropped_by))
    }
}

fn butterfly_verdict(line: &Line<'_>) -> String {
    verdict(line.slice.as_ref().map(|(_, butterfly)| butterfly.is_free()))
}

fn calendar_verdict(line: &Line<'_>) -> String {
    verdict(line.slice.as_ref().map(|(slice, _)| slice.calendar.is_none()))
}

fn far_verdict(line: &Line<'_>) -> String {
    let flag = |(slice, _): &(&Slice, Butterfly)| {
        if slice.is_off_far_out() { "flagged" } else { "within" }
    };
    line.slice.as_ref().map_or("", flag).to_owned()
}

fn verdict(is_free: Option<bool>) -> String {
    is_free.map_or("", |free| if free { "free" } else { "breach" }).to_owned()
}

/// As it stands in tables.
pub(super) fn grade(slice: &Slice) -> &'static str {
    grade_name(slice.fit.grade)
}

/// As it stands in tables.
pub(super) fn grade_name(grade: SliceGrade) -> &'static str {
    match grade {
        SliceGrade::Svi => "svi",
        SliceGrade::Repaired => "repaired",
        SliceGrade::Essvi => "essvi",
        SliceGrade::Flat => "flat",
    }
}

/// The smile in jump-wing coordinates.
fn jump_wings(slice: &Slice) -> SviJw {
    SviJw::from_raw(&slice.fit.svi, slice.years)
}

/// Vol at the forward, decimal.
pub(super) fn at_the_money(slice: &Slice) -> f64 {
    (slice.fit.svi.at(0.0).value / slice.years).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "counts of quotes are far below 2^53")]
fn count(n: usize) -> f64 {
    n as f64
}

fn column(name: &str, unit: &'static str, about: &'static str, cells: Cells) -> Column {
    Column { name: name.to_owned(), unit, about, cells }
}

fn time(lines: &[Line<'_>], of: fn(&Line<'_>) -> Timestamp) -> Cells {
    Cells::Time(lines.iter().map(of).collect())
}

/// Texts of which there are few.
fn names(cells: impl Iterator<Item = String>) -> Cells {
    let mut names: Vec<String> = Vec::new();
    let index = cells.map(|cell| {
        let known = names.iter().position(|name| *name == cell).unwrap_or_else(|| {
            names.push(cell);
            names.len() - 1
        });
        u32::try_from(known).expect("a chain has fewer than 2^32 expiries")
    });
    let index = index.collect();
    Cells::Names { names, index }
}
