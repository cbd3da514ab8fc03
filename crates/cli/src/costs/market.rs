//! Half-spreads and impact that follow the market: `half_spread_bps` and `impact` where they are tables.

use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError, parameters};
use hedgerow_core::{Contract, HalfSpread, Market, Track};
use hedgerow_sim::{
    Impact, Negatives, OptionImpact, SpreadByVol, SpreadEstimator, SpreadFromBars,
    known_half_spread, known_vol, put_half_spread,
};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use crate::section::within;

/// Days of returns behind a vol that costs follow, where nothing is said.
const WINDOW_DAYS: f64 = 30.0;

/// A half-spread that follows the market.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Spread {
    /// The same throughout, a fraction of notional.
    Constant(f64),
    /// The vol of the spot.
    ByVol(SpreadByVol),
    /// What the spot's bars tell.
    FromBars(SpreadFromBars),
    /// The asset's series of half-spreads, of this name where there are several.
    Series(Option<String>),
}

/// `impact` as typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ImpactSpec {
    /// Of spot and perpetuals.
    pub(crate) linear: Impact,
    /// USD a day in dated futures; `None` where it is not typed.
    pub(crate) future_volume: Option<f64>,
    /// Of options; `None` where it is not typed.
    pub(crate) options: Option<OptionImpact>,
    span: Range<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByVolTable {
    bps: Spanned<f64>,
    at_vol_percent: Spanned<f64>,
    power: Option<Spanned<f64>>,
    window_days: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FromBarsTable {
    from_bars: SpreadEstimator,
    negatives: Option<Negatives>,
    window_days: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SeriesTable {
    series: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImpactTable {
    coefficient: Spanned<f64>,
    daily_volume_usd: Spanned<f64>,
    window_days: Option<Spanned<f64>>,
    future_daily_volume_usd: Option<Spanned<f64>>,
    option_daily_volume_usd: Option<Spanned<f64>>,
    option_vol_points_a_day: Option<Spanned<f64>>,
}

fn positive(key: &str, number: &Spanned<f64>) -> Result<f64, SettingError> {
    match *number.get_ref() {
        found if found.is_finite() && found > 0.0 => Ok(found),
        found => Err(SettingError::at(
            number.span(),
            format!("`{key}` is {found}, expected a number above 0"),
        )),
    }
}

fn window(days: Option<&Spanned<f64>>) -> Result<f64, SettingError> {
    days.map_or(Ok(WINDOW_DAYS), |days| positive("window_days", days))
}

/// What may stand for a half-spread.
pub(super) const SHAPES: &str = "`half_spread_bps` is a number, a table or `\"series\"`";

/// Reads one half-spread.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(super) fn spread(setting: Setting<'_>) -> Result<Spread, SettingError> {
    let has =
        |key: &str| matches!(setting.get_ref(), DeValue::Table(table) if table.contains_key(key));
    match setting.get_ref() {
        DeValue::Integer(_) | DeValue::Float(_) => {
            let bps: Spanned<f64> = parameters(setting)?;
            let bps = within("half_spread_bps", &bps, (0.0, 10_000.0))?;
            return Ok(Spread::Constant(bps / 10_000.0));
        }
        DeValue::String(word) if word == "series" => return Ok(Spread::Series(None)),
        DeValue::Table(_) if has("from_bars") => return from_bars(setting),
        DeValue::Table(_) if has("series") => {
            let SeriesTable { series } = parameters(setting)?;
            return Ok(Spread::Series(Some(series.into_inner())));
        }
        DeValue::Table(_) => {}
        _ => return Err(SettingError::at(setting.span(), SHAPES)),
    }
    let table: ByVolTable = parameters(setting)?;
    let power = table.power.as_ref().map_or(Ok(1.0), |power| positive("power", power))?;
    Ok(Spread::ByVol(SpreadByVol {
        spread: positive("bps", &table.bps)? / 10_000.0,
        at_vol: positive("at_vol_percent", &table.at_vol_percent)? / 100.0,
        power,
        window_days: window(table.window_days.as_ref())?,
    }))
}

fn from_bars(setting: Setting<'_>) -> Result<Spread, SettingError> {
    let span = setting.span();
    let lacks = |message: &str| SettingError::at(span.clone(), message);
    let FromBarsTable { from_bars, negatives, window_days } = parameters(setting)?;
    let negatives = negatives.ok_or_else(|| {
        lacks("a half-spread from bars lacks `negatives`: \"zero_each\" takes each estimate below 0 as 0, \"zero_mean\" their mean")
    })?;
    let window_days = window_days.ok_or_else(|| {
        lacks("a half-spread from bars lacks `window_days`, over which it is estimated")
    })?;
    let window_days = positive("window_days", &window_days)?;
    Ok(Spread::FromBars(SpreadFromBars { estimator: from_bars, negatives, window_days }))
}

/// Reads `impact`.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(super) fn impact(setting: Setting<'_>) -> Result<ImpactSpec, SettingError> {
    let span = setting.span();
    let table: ImpactTable = parameters(setting)?;
    let coefficient = positive("coefficient", &table.coefficient)?;
    let optional =
        |key, number: Option<&Spanned<f64>>| number.map(|number| positive(key, number)).transpose();
    let volume = optional("option_daily_volume_usd", table.option_daily_volume_usd.as_ref())?;
    let points = optional("option_vol_points_a_day", table.option_vol_points_a_day.as_ref())?;
    let options = match (volume, points) {
        (None, None) => None,
        (Some(daily_volume), Some(vol_points_a_day)) => {
            Some(OptionImpact { coefficient, daily_volume, vol_points_a_day })
        }
        _ => {
            let message = "`option_daily_volume_usd` and `option_vol_points_a_day` go together: give both or neither";
            return Err(SettingError::at(span, message));
        }
    };
    Ok(ImpactSpec {
        linear: Impact {
            coefficient,
            daily_volume: positive("daily_volume_usd", &table.daily_volume_usd)?,
            window_days: window(table.window_days.as_ref())?,
        },
        future_volume: optional("future_daily_volume_usd", table.future_daily_volume_usd.as_ref())?,
        options,
        span,
    })
}

impl Spread {
    /// Puts the half-spread on a linear track of the period.
    ///
    /// # Errors
    /// [`SettingError`] at `span` where it is not known yet.
    pub(super) fn put_on(
        &self,
        track: &mut Track,
        (full, rows): (&Market, &Range<usize>),
        span: &Range<usize>,
    ) -> Result<(), SettingError> {
        let spread = match self {
            Self::Constant(spread) => vec![*spread; track.price.len()],
            Self::ByVol(spread) => {
                spread.half_spread(&vol((full, rows), track.asset, spread.window_days, span)?)
            }
            Self::FromBars(spread) => spread
                .half_spread(full, track.asset, rows)
                .map_err(|error| SettingError::at(span.clone(), error.to_string()))?,
            Self::Series(name) => known_half_spread(full, (track.asset, name.as_deref()), rows)
                .map_err(|error| SettingError::at(span.clone(), error.to_string()))?,
        };
        put_half_spread(track, spread);
        Ok(())
    }

    /// Whether it is made of this series.
    pub(super) fn uses(&self, series: &HalfSpread) -> bool {
        matches!(self, Self::Series(name) if name.is_none() || *name == series.name)
    }

    /// As an assumption says it, without a full stop; `of` is of what, with a blank before it.
    pub(super) fn sentence(&self, of: &str) -> String {
        match self {
            Self::Constant(spread) => format!("Half-spread{of} {} bp", spread * 10_000.0),
            Self::Series(None) => {
                format!("Half-spread{of} that of the asset's series, as the row before knows it,")
            }
            Self::Series(Some(name)) => {
                format!(
                    "Half-spread{of} that of the asset's series `{name}`, as the row before knows it,"
                )
            }
            Self::ByVol(spread) => format!(
                "Half-spread{of} {} bp at a vol of {} %, times (vol / {} %)^{}, with the vol of the {} days before each row",
                spread.spread * 10_000.0,
                spread.at_vol * 100.0,
                spread.at_vol * 100.0,
                spread.power,
                spread.window_days
            ),
            Self::FromBars(spread) => {
                let source = match spread.estimator {
                    SpreadEstimator::CorwinSchultz => "Corwin and Schultz (2012)",
                    SpreadEstimator::AbdiRanaldo => "Abdi and Ranaldo (2017)",
                };
                let negatives = match spread.negatives {
                    Negatives::ZeroEach => "each pair's estimate below 0 taken as 0",
                    Negatives::ZeroMean => "a mean below 0 taken as 0",
                };
                format!(
                    "Half-spread{of} estimated from the spot's bars of the {} days before each row ({source}; {negatives})",
                    spread.window_days
                )
            }
        }
    }
}

impl ImpactSpec {
    /// Puts the impact on a track of the period and its rolls.
    ///
    /// # Errors
    /// [`SettingError`] where the vol is not known yet, or the volume of such instruments is not typed.
    pub(super) fn put_on(
        &self,
        track: &mut Track,
        (full, rows): (&Market, &Range<usize>),
    ) -> Result<(), SettingError> {
        let unknown = |what, keys| {
            let message = format!(
                "`impact` is set and the volume of {what} is not known ({} is traded): give {keys}",
                track.name
            );
            SettingError::at(self.span.clone(), message)
        };
        let daily_volume = match track.contract {
            None => {
                let keys = "`option_daily_volume_usd` and `option_vol_points_a_day`";
                let options = self.options.ok_or_else(|| unknown("options", keys))?;
                options.put_on(track, &full.assets()[track.asset].spot[rows.clone()]);
                return Ok(());
            }
            Some(Contract::LinearFuture | Contract::InverseFuture) => self
                .future_volume
                .ok_or_else(|| unknown("dated futures", "`future_daily_volume_usd`"))?,
            Some(_) => self.linear.daily_volume,
        };
        let impact = Impact { daily_volume, ..self.linear };
        let vol = vol((full, rows), track.asset, impact.window_days, &self.span)?;
        impact.put_on(track, &vol);
        Ok(())
    }

    /// As an assumption says it.
    pub(super) fn sentence(&self) -> String {
        let Impact { coefficient, daily_volume, .. } = self.linear;
        let futures = self.future_volume.map_or_else(String::new, |volume| {
            format!(" ({volume} for dated futures, at their rolls too)")
        });
        let options = self.options.map_or_else(String::new, |options| {
            format!(
                " An option hedge on q USD of underlying, and its rolls, moves its implied vol by {coefficient} times {} vol points times the square root of q over {} USD a day.",
                options.vol_points_a_day, options.daily_volume
            )
        });
        format!(
            "A linear hedge of q USD slips by {coefficient} times the daily vol times the square root of q over {daily_volume} USD a day{futures}.{options} The book's own trades are charged without it."
        )
    }
}

/// The vol of an asset's spot before each row of the period.
fn vol(
    (full, rows): (&Market, &Range<usize>),
    asset: usize,
    window_days: f64,
    span: &Range<usize>,
) -> Result<Vec<f64>, SettingError> {
    known_vol(full, asset, rows, window_days).map_err(|time| {
        let message = format!(
            "costs by vol need {window_days} days of prices before the period; none are known at {time}: start later, or shorten `window_days`"
        );
        SettingError::at(span.clone(), message)
    })
}
