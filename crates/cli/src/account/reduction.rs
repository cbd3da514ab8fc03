//! `reduce_at`: a ratio that an account keeps by closing a part of its legs, as typed.

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{SettingError, parameters};
use hedgerow_sim::{Penalty, Reduction};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::PenaltySpec;
use crate::costs::CostsSpec;
use crate::section::{Section, within};

/// Time in which nothing is bought back, where nothing is said.
const PAUSE_HOURS: f64 = 24.0;

/// `reduce_at` as typed, with what it means where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct ReductionSpec {
    ratio: f64,
    /// `None`: none above a ratio of 1, where the account acts by itself; at 1 the venue does, and charges what it charges for a
    /// liquidation.
    penalty_bps: Option<f64>,
    pause_hours: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    ratio: Spanned<f64>,
    penalty_bps: Option<Spanned<f64>>,
    pause_hours: Option<Spanned<f64>>,
}

/// Reads `reduce_at = 1.5` or `reduce_at = { ratio = 1.5, penalty_bps = 0, pause_hours = 24 }`.
pub(super) fn read(section: &mut Section<'_>) -> Result<Option<ReductionSpec>, SettingError> {
    let is_table = |value: &DeValue<'_>| matches!(value, DeValue::Table(_));
    let table = match section.take_if("reduce_at", is_table) {
        Some(setting) => parameters(setting)?,
        None => {
            let Some(ratio) = section.read("reduce_at")? else { return Ok(None) };
            Table { ratio, penalty_bps: None, pause_hours: None }
        }
    };
    let ratio = within("reduce_at", &table.ratio, (1.0, 100.0))?;
    let number = |key, number: Option<Spanned<f64>>, most| {
        number.map(|number| within(key, &number, (0.0, most))).transpose()
    };
    Ok(Some(ReductionSpec {
        ratio,
        penalty_bps: number("penalty_bps", table.penalty_bps, 10_000.0)?,
        pause_hours: number("pause_hours", table.pause_hours, 8760.0)?.unwrap_or(PAUSE_HOURS),
    }))
}

impl ReductionSpec {
    /// Margin equity over maintenance margin.
    pub(super) fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Bps of notional; `None` for those of a liquidation.
    fn penalty_bps(&self) -> Option<f64> {
        self.penalty_bps.or((self.ratio > 1.0).then_some(0.0))
    }

    /// The terms, given what a liquidation costs.
    pub(super) fn terms(&self, of_venue: &Penalty) -> Reduction {
        let penalty_bps = self.penalty_bps();
        Reduction {
            ratio: self.ratio,
            penalty: penalty_bps
                .map_or_else(|| of_venue.clone(), |bps| Penalty::flat(bps / 10_000.0)),
            pause_millis: super::millis(self.pause_hours),
        }
    }

    /// The key with everything that it means.
    pub(super) fn setting(&self) -> String {
        let Self { ratio, pause_hours, .. } = self;
        let penalty = self.penalty_bps().map(|bps| format!(", penalty_bps = {bps:?}"));
        let penalty = penalty.unwrap_or_default();
        format!("reduce_at = {{ ratio = {ratio:?}{penalty}, pause_hours = {pause_hours:?} }}")
    }

    /// What is assumed, in sentences; `of_venue` is what a liquidation costs.
    pub(super) fn sentence(
        &self,
        of_venue: PenaltySpec,
        (costs, time): (&CostsSpec, &[Timestamp]),
    ) -> String {
        let Self { ratio, pause_hours, .. } = self;
        let penalty = match self.penalty_bps() {
            Some(bps) if bps <= 0.0 => "no penalty".to_owned(),
            Some(bps) => format!("a penalty of {bps} bp of notional"),
            None => format!("a penalty of {}", of_venue.sentence(costs, time)),
        };
        format!(
            "Under {ratio} times the maintenance margin the least hundredths of all legs that bring it back there are closed, within a bar again and again at the price at which it falls under, whatever the bar does later; where none do, those that leave the most of margin equity over maintenance margin, and where that is none the account says so and waits. A reduction pays the fees of its trades and {penalty}. No leg is made larger against that ratio, and for {pause_hours} hours after a reduction none at all, unless that frees initial margin."
        )
    }
}
