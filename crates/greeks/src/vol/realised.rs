//! Realised vol of the past plus a premium, for times before any implied vol was published.

use hedgerow_core::registry::{Entry, Setting, SettingError, parameters};
use hedgerow_core::{Grade, Market};
use serde::Deserialize;
use toml::Spanned;

use super::{VolModel, ewma, parkinson};
use crate::GreeksError;

/// The registry's line.
pub(super) const ENTRY: Entry<dyn VolModel> = Entry {
    name: "realised",
    about: "realised vol up to the row (`ewma` or `parkinson`), plus a premium in vol points",
    example: "model = { realised = { estimator = { ewma = { half_life_days = 10 } }, premium_points = 5 } }",
    build,
};

/// The model, checked.
#[derive(Debug, Clone, Copy)]
struct Realised {
    estimator: Estimator,
    /// Vol points; `None` when none was typed.
    premium_points: Option<f64>,
}

#[derive(Debug, Clone, Copy)]
enum Estimator {
    Ewma { half_life_days: f64 },
    Parkinson { window_days: f64 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    estimator: TypedEstimator,
    premium_points: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TypedEstimator {
    Ewma(TypedEwma),
    Parkinson(TypedParkinson),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedEwma {
    half_life_days: Spanned<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedParkinson {
    window_days: Spanned<f64>,
}

fn build(setting: Setting<'_>) -> Result<Box<dyn VolModel>, SettingError> {
    let typed: Typed = parameters(setting)?;
    let estimator = match typed.estimator {
        TypedEstimator::Ewma(TypedEwma { half_life_days }) => {
            Estimator::Ewma { half_life_days: positive("half_life_days", &half_life_days)? }
        }
        TypedEstimator::Parkinson(TypedParkinson { window_days }) => {
            Estimator::Parkinson { window_days: positive("window_days", &window_days)? }
        }
    };
    let premium_points = typed.premium_points.as_ref().map(finite_points).transpose()?;
    Ok(Box::new(Realised { estimator, premium_points }))
}

fn positive(key: &str, days: &Spanned<f64>) -> Result<f64, SettingError> {
    let found = *days.get_ref();
    if found.is_finite() && found > 0.0 {
        return Ok(found);
    }
    Err(SettingError::at(days.span(), format!("`{key}` must be positive, found {found}")))
}

fn finite_points(points: &Spanned<f64>) -> Result<f64, SettingError> {
    let found = *points.get_ref();
    if found.is_finite() {
        return Ok(found);
    }
    let message = format!("`premium_points` must be a finite number, found {found}");
    Err(SettingError::at(points.span(), message))
}

impl VolModel for Realised {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn column(&self, market: &Market, asset: usize) -> Result<Vec<Option<f64>>, GreeksError> {
        let mut vols = match self.estimator {
            Estimator::Ewma { half_life_days } => {
                ewma::column(market.time(), &market.assets()[asset].spot, half_life_days)
            }
            Estimator::Parkinson { window_days } => parkinson::column(market, asset, window_days)?,
        };
        let premium = self.premium_points.map_or(0.0, |points| points / 1e2);
        for (row, vol) in vols.iter_mut().enumerate() {
            let Some(vol) = vol else { continue };
            *vol += premium;
            if *vol <= 0.0 {
                return Err(GreeksError::VolNotPositive {
                    asset: market.assets()[asset].name.clone(),
                    row,
                    time: market.time()[row],
                    found_percent: *vol * 1e2,
                });
            }
        }
        Ok(vols)
    }

    fn describe(&self) -> String {
        let estimate = match self.estimator {
            Estimator::Ewma { half_life_days } => {
                format!("EWMA of squared log returns, half-life {half_life_days} days")
            }
            Estimator::Parkinson { window_days } => {
                format!("Parkinson's high-low range, window {window_days} days")
            }
        };
        let premium = self.premium_points.map_or_else(
            || "without a premium".to_owned(),
            |points| format!("with {points:+} vol points"),
        );
        format!(
            "options are marked at the realised vol of the past ({estimate}) {premium}, the same for every strike and \
             expiry"
        )
    }

    fn grade(&self) -> Grade {
        Grade::Synthetic
    }
}
