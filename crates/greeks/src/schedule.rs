//! When a line's options open and end, and at which strikes: decided row after row, from rows no later.

use hedgerow_core::{Market, Timestamp};

use crate::book::{Life, OptionLine};
use crate::{GreeksError, OptionKind, Strike, StrikeKey, VolMarks, strike_for_delta};

/// One generation of a line's options.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Holding {
    /// Row at which it opens.
    pub(crate) open: usize,
    /// Row and manner of its end; `None` while it is still held at the last row.
    pub(crate) end: Option<End>,
    /// When its options expire.
    pub(crate) expiry: Timestamp,
    /// Strikes, USD per coin, one per option of the programme.
    pub(crate) strikes: Vec<f64>,
}

/// How a holding ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The first row at or after the planned time.
    pub(crate) row: usize,
    /// Whether the options have expired by then; otherwise they are closed at mark.
    pub(crate) expired: bool,
}

impl Holding {
    /// The rows after which the options are held.
    pub(crate) fn rows(&self, n_rows: usize) -> std::ops::Range<usize> {
        self.open..self.end.map_or(n_rows, |end| end.row)
    }
}

/// Every holding of a line, in the order of time. One is opened wherever one ends, on the last row too.
pub(crate) fn schedule(
    line: &OptionLine,
    market: &Market,
    marks: &VolMarks,
    rate: f64,
) -> Result<Vec<Holding>, GreeksError> {
    let time = market.time();
    let mut holdings = Vec::new();
    let mut open = Some(0);
    while let Some(row) = open {
        let (expiry, planned_end) = ends(line.life, time[row]);
        if row == 0 {
            check_within(line, market, expiry, planned_end)?;
        }
        let end_row = row + time[row..].partition_point(|time| *time < planned_end);
        let end =
            (end_row < time.len()).then(|| End { row: end_row, expired: time[end_row] >= expiry });
        check_vols(line, market, marks, row..end_row)?;
        let strikes = strikes(line, market, marks, Opening { row, expiry, rate })?;
        holdings.push(Holding { open: row, end, expiry, strikes });
        open = match line.life {
            Life::Fixed { .. } => None,
            Life::ToExpiry { .. } | Life::Rolled { .. } => end.map(|end| end.row),
        };
    }
    Ok(holdings)
}

/// Expiry and planned end of an option opened at `opened`.
fn ends(life: Life, opened: Timestamp) -> (Timestamp, Timestamp) {
    let after = |millis: i64| Timestamp::from_millis(opened.millis() + millis);
    match life {
        Life::Fixed { expiry } => (expiry, expiry),
        Life::ToExpiry { tenor_millis } => (after(tenor_millis), after(tenor_millis)),
        Life::Rolled { tenor_millis, roll_millis } => (after(tenor_millis), after(roll_millis)),
    }
}

fn check_within(
    line: &OptionLine,
    market: &Market,
    expiry: Timestamp,
    planned_end: Timestamp,
) -> Result<(), GreeksError> {
    let (first, last) = (market.time()[0], market.time()[market.n_rows() - 1]);
    if expiry <= first {
        return Err(GreeksError::ExpiryBeforeData { line: line.name(), expiry, first });
    }
    if planned_end > last {
        return Err(GreeksError::ExpiryBeyondData { line: line.name(), end: planned_end, last });
    }
    Ok(())
}

fn check_vols(
    line: &OptionLine,
    market: &Market,
    marks: &VolMarks,
    rows: std::ops::Range<usize>,
) -> Result<(), GreeksError> {
    let Some(row) = rows.into_iter().find(|row| marks.vol[*row].is_none()) else { return Ok(()) };
    let time = market.time();
    let known_before = marks.vol[..row].iter().rposition(Option::is_some);
    let known_after = marks.vol[row..].iter().position(Option::is_some).map(|ahead| row + ahead);
    let remedy = match (known_before, known_after) {
        (Some(before), _) => format!(
            "the last one before is that of {}; close the gap in the data, or use another model",
            time[before]
        ),
        (None, Some(after)) => format!(
            "it starts {}: set `from` to that day or later, or use another model",
            time[after]
        ),
        (None, None) => "it has none in this period; use another model".to_owned(),
    };
    Err(GreeksError::VolUnknown {
        asset: line.ticker.clone(),
        model: marks.model.clone(),
        time: time[row],
        remedy,
    })
}

/// What a strike rule sees.
#[derive(Debug, Clone, Copy)]
struct Opening {
    row: usize,
    expiry: Timestamp,
    rate: f64,
}

/// One strike per option of the programme.
fn strikes(
    line: &OptionLine,
    market: &Market,
    marks: &VolMarks,
    opening: Opening,
) -> Result<Vec<f64>, GreeksError> {
    let time = market.time()[opening.row];
    let spot = market.assets()[line.asset].spot[opening.row];
    let years = opening.expiry.years_since(time);
    let vol = marks.vol[opening.row].expect("`check_vols` covers the opening row");
    let usd = |rule: Strike, kind: OptionKind| match rule {
        Strike::Usd(usd) => usd,
        Strike::Moneyness(moneyness) => moneyness * spot,
        Strike::Delta(delta) => {
            strike_for_delta(kind, delta, spot * (opening.rate * years).exp(), years, vol)
        }
    };
    let by_key: Vec<(StrikeKey, f64)> = line
        .strikes
        .iter()
        .map(|(key, rule)| {
            let option = line.programme.options.iter().find(|option| option.strike == *key);
            (*key, usd(*rule, option.expect("strikes are resolved from the options").kind))
        })
        .collect();
    if let Some(pair) = by_key.windows(2).find(|pair| pair[0].1 >= pair[1].1) {
        return Err(GreeksError::StrikeOrder {
            line: line.name(),
            time,
            lower: pair[0].0.name(),
            lower_usd: pair[0].1,
            upper: pair[1].0.name(),
            upper_usd: pair[1].1,
        });
    }
    let of_option = |key| by_key.iter().find(|(known, _)| *known == key).map(|(_, usd)| *usd);
    Ok(line
        .programme
        .options
        .iter()
        .map(|option| of_option(option.strike).expect("every option's strike is resolved"))
        .collect())
}
