//! Per cent or fraction: told by size, never guessed silently. The same for a file that comes in one block or in many.

use hedgerow_core::{Defect, Severity};

use crate::DataError;
use crate::findings::Findings;
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

/// So many figures are judged at a time: a year of them by the half minute.
const JUDGED: usize = 1 << 20;

/// A column of a block, and whether its cells carried per cent signs.
pub(crate) type Measured<'a> = (Role, &'a mut Vec<f64>, bool);

/// The unit of the rates or vols of one file, told as its blocks come in.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Units {
    file: String,
    column: String,
    role: Option<Role>,
    /// Whether figures carry per cent signs; unknown until there is one.
    signed: Option<bool>,
    /// Sizes other than zero that are still to be judged, as they stand in the file.
    sizes: Vec<f64>,
    /// Least and greatest median of those that were.
    typical: Option<(f64, f64)>,
}

impl Units {
    /// Converts the rates or vols of a block to fractions; prices stay as they are.
    ///
    /// # Errors
    /// [`DataError::Key`] when the declaration contradicts the file.
    pub(crate) fn push(
        &mut self,
        (file, column): (&str, &str),
        spec: &SeriesSpec,
        plan: &Plan,
        (role, cells, signed): Measured<'_>,
    ) -> Result<(), DataError> {
        let key = |reason| DataError::Key { series: spec.title(), key: "unit", reason };
        if !matches!(role, Role::Rate | Role::Vol) {
            let reason = match role {
                Role::HalfSpread => "with half-spreads, which are in bps",
                _ => "with prices, which are in USD",
            };
            return spec.unit.map_or(Ok(()), |_| Err(key(reason)));
        }
        if self.role.is_none() {
            (self.file, self.column) = (file.to_owned(), column.to_owned());
            self.role = Some(role);
        }
        if signed && plan.unit == Some(ValueUnit::Fraction) {
            return Err(key("as `fraction`: the file writes per cent signs"));
        }
        if !cells.is_empty() && *self.signed.get_or_insert(signed) != signed {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: "rates",
                reason: format!("column `{column}` has per cent signs in some places only"),
            });
        }
        if !signed {
            self.sizes.extend(cells.iter().map(|cell| cell.abs()).filter(|size| *size > 0.0));
            if self.sizes.len() >= JUDGED {
                self.judge();
            }
        }
        if signed || plan.unit == Some(ValueUnit::Percent) {
            cells.iter_mut().for_each(|cell| *cell /= 100.0);
        }
        Ok(())
    }

    /// The last block is in.
    pub(crate) fn finish(&mut self, spec: &SeriesSpec, plan: &Plan, findings: &mut Findings) {
        self.judge();
        if self.signed == Some(true) && plan.unit.is_none() && spec.unit.is_none() {
            let what = "figures carry per cent signs and are read so";
            findings.say(Defect::Unit, Severity::Note, what);
        }
    }

    /// Takes the median of the sizes that have come in.
    fn judge(&mut self) {
        let middle = self.sizes.len() / 2;
        if self.sizes.is_empty() {
            return;
        }
        let median = *self.sizes.select_nth_unstable_by(middle, f64::total_cmp).1;
        let (least, greatest) = self.typical.unwrap_or((median, median));
        self.typical = Some((least.min(median), greatest.max(median)));
        self.sizes.clear();
    }

    /// Checks the sizes against the unit in which they are read, now that the step is known.
    ///
    /// # Errors
    /// [`DataError::ValueUnit`] names the unit that the numbers look like.
    pub(crate) fn check(
        &self,
        unit: Option<ValueUnit>,
        step: i64,
        findings: &mut Findings,
    ) -> Result<(), DataError> {
        let (Some(role), Some((least, greatest))) = (self.role, self.typical) else {
            return Ok(());
        };
        let looks_like = |read_as, looks_like, typical| {
            Err(DataError::ValueUnit {
                file: self.file.clone(),
                column: self.column.clone(),
                read_as,
                typical,
                looks_like,
            })
        };
        let scale = if role == Role::Rate { per_eight_hours(step) } else { 1.0 };
        let (too_small, too_large) = match role {
            Role::Rate => (LOW_FUNDING_PERCENT, HIGH_FUNDING),
            _ => (VOL_LIMIT, VOL_LIMIT),
        };
        let absurd = if role == Role::Rate { ABSURD_FUNDING } else { VOL_LIMIT };
        match unit {
            Some(ValueUnit::Percent) if least * scale < too_small => {
                looks_like("percent", "fraction", least)
            }
            None if greatest * scale > too_large => looks_like("fraction", "percent", greatest),
            Some(ValueUnit::Fraction) if greatest * scale > absurd => {
                looks_like("fraction", "percent", greatest)
            }
            Some(ValueUnit::Fraction) if greatest * scale > too_large => {
                let what = format!(
                    "a typical rate of {greatest} is declared a fraction but looks like per cent"
                );
                findings.say(Defect::Unit, Severity::Warning, what);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a step in milliseconds is exact in f64")]
fn per_eight_hours(step: i64) -> f64 {
    EIGHT_HOURS_MILLIS / step as f64
}
