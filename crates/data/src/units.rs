//! Per cent or fraction: told by size, never guessed silently.

use hedgerow_core::{Defect, Finding, Severity};

use crate::DataError;
use crate::formats::Plan;
use crate::read::raw::Role;
use crate::source::{SeriesSpec, ValueUnit};

const EIGHT_HOURS_MILLIS: f64 = 28_800_000.0;

/// Typical funding per 8 hours beyond this is not a fraction unless that is declared: it would be 220 % a year. Binance
/// BTC 2020-2023: 0.00014 on average, 0.003 at most.
const HIGH_FUNDING: f64 = 0.002;

/// Typical funding per 8 hours beyond this is not a fraction whatever is declared: 2200 % a year.
const ABSURD_FUNDING: f64 = 0.02;

/// Typical funding per 8 hours below this is not in per cent: it would be half a per cent a year.
const LOW_FUNDING_PERCENT: f64 = 0.0005;

/// A typical vol above this is in per cent, below it a fraction: between 5 % and 500 % a year lies every coin.
const VOL_LIMIT: f64 = 5.0;

/// A column, the step of its series in milliseconds, and whether its cells carried per cent signs.
pub(crate) type Measured<'a> = (&'a mut (Role, Vec<f64>), i64, bool);

/// Converts rates and vols to fractions; prices stay as they are.
///
/// # Errors
/// [`DataError::ValueUnit`] names the unit that the numbers look like.
pub(crate) fn to_fractions(
    file: &str,
    spec: &SeriesSpec,
    plan: &Plan,
    column: &str,
    ((role, cells), step, signed): Measured<'_>,
) -> Result<Option<Finding>, DataError> {
    let key = |reason| DataError::Key { series: spec.title(), key: "unit", reason };
    if !matches!(role, Role::Rate | Role::Vol) {
        return spec.unit.map_or(Ok(None), |_| Err(key("with prices, which are in USD")));
    }
    if signed && plan.unit == Some(ValueUnit::Fraction) {
        return Err(key("as `fraction`: the file writes per cent signs"));
    }
    if signed {
        in_percent(cells);
        return Ok(plan
            .unit
            .is_none()
            .then(|| note("figures carry per cent signs and are read so")));
    }
    let typical = typical(cells);
    let finding = match typical {
        Some(typical) => check(file, plan, column, *role, (typical, step))?,
        None => None,
    };
    if plan.unit == Some(ValueUnit::Percent) {
        in_percent(cells);
    }
    Ok(finding)
}

#[expect(clippy::cast_precision_loss, reason = "a step in milliseconds is exact in f64")]
fn check(
    file: &str,
    plan: &Plan,
    column: &str,
    role: Role,
    (typical, step): (f64, i64),
) -> Result<Option<Finding>, DataError> {
    let looks_like = |read_as, looks_like| DataError::ValueUnit {
        file: file.to_owned(),
        column: column.to_owned(),
        read_as,
        typical,
        looks_like,
    };
    if role == Role::Vol {
        return match plan.unit {
            Some(ValueUnit::Percent) if typical < VOL_LIMIT => {
                Err(looks_like("percent", "fraction"))
            }
            None | Some(ValueUnit::Fraction) if typical > VOL_LIMIT => {
                Err(looks_like("fraction", "percent"))
            }
            _ => Ok(None),
        };
    }
    let per_eight_hours = typical * EIGHT_HOURS_MILLIS / step as f64;
    match plan.unit {
        Some(ValueUnit::Percent) if per_eight_hours < LOW_FUNDING_PERCENT => {
            Err(looks_like("percent", "fraction"))
        }
        None if per_eight_hours > HIGH_FUNDING => Err(looks_like("fraction", "percent")),
        Some(ValueUnit::Fraction) if per_eight_hours > ABSURD_FUNDING => {
            Err(looks_like("fraction", "percent"))
        }
        Some(ValueUnit::Fraction) if per_eight_hours > HIGH_FUNDING => Ok(Some(Finding {
            severity: Severity::Warning,
            ..note(&format!(
                "a typical rate of {typical} is declared a fraction but looks like per cent"
            ))
        })),
        _ => Ok(None),
    }
}

fn note(detail: &str) -> Finding {
    Finding {
        defect: Defect::Unit,
        severity: Severity::Note,
        count: 1,
        first: None,
        detail: detail.to_owned(),
    }
}

fn in_percent(cells: &mut [f64]) {
    cells.iter_mut().for_each(|cell| *cell /= 100.0);
}

/// Median of the absolute values other than zero.
fn typical(cells: &[f64]) -> Option<f64> {
    let mut sizes: Vec<f64> =
        cells.iter().map(|cell| cell.abs()).filter(|size| *size > 0.0).collect();
    let middle = sizes.len() / 2;
    (!sizes.is_empty()).then(|| *sizes.select_nth_unstable_by(middle, f64::total_cmp).1)
}
