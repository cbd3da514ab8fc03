//! `[costs]`: what trading costs, as typed, and by date once the venue and the period are known.

mod market;
mod said;

use std::num::NonZeroUsize;
use std::ops::Range;

use hedgerow_core::registry::{SettingError, parameters, unknown};
use hedgerow_core::{Market, Timestamp, Track};
use hedgerow_sim::fees::{Fee, Liquidity, VENUES, Venue};
use hedgerow_sim::{CostSchedule, Costs, Execution, FillAt};
use toml::Spanned;
use toml::de::DeValue;

use crate::scenario::FillSpec;
use crate::section::{Section, within};
use crate::write::toml_value;

use market::{ImpactSpec, Spread};

pub(crate) use said::{execution_sentence, execution_settings};

/// `[costs]` as typed.
#[derive(Debug, Default)]
pub(crate) struct CostsSpec {
    /// What is typed, defaults filled in; what a venue says comes over the defaults, never over what is typed.
    pub(crate) costs: Costs,
    /// Keys that are typed.
    typed: Vec<&'static str>,
    pub(crate) venue: Option<&'static Venue>,
    pub(crate) liquidity: Liquidity,
    pub(crate) fill: FillAt,
    pub(crate) execution: Execution,
    /// In the place of `half_spread_bps` as a number.
    pub(crate) spread: Option<Spread>,
    pub(crate) impact: Option<ImpactSpec>,
    /// `half_spread_bps` and `impact` in canonical TOML, where they are tables.
    pub(crate) raw: Vec<(&'static str, String)>,
    span: Range<usize>,
}

/// Keys of `[costs]` beside those of [`Costs`], as messages list them.
const MORE_KEYS: &str = "`delay_rows`, `fill`, `impact`, `liquidity`, `twap_rows`, `venue`, ";

/// Why a `liquidity` is refused where the scenario has no venue.
pub(crate) const LIQUIDITY_WITHOUT_VENUE: &str = "`liquidity` chooses between the fees of a venue, and [costs] names no `venue`; name one, or type the fee itself";

/// Reads the section.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(crate) fn read(mut section: Section<'_>) -> Result<CostsSpec, SettingError> {
    let span = section.span();
    let mut raw = Vec::new();
    let venue = section.read::<Spanned<String>>("venue")?.map(|name| venue(&name)).transpose()?;
    let liquidity: Option<Spanned<Liquidity>> = section.read("liquidity")?;
    if let (Some(typed), None) = (&liquidity, venue) {
        return Err(SettingError::at(typed.span(), LIQUIDITY_WITHOUT_VENUE));
    }
    let liquidity = liquidity.map(Spanned::into_inner).unwrap_or_default();
    let fill = fill(section.read("fill")?)?;
    let execution = execution(&mut section)?.unwrap_or_default();
    let impact = section.take("impact").map(|setting| {
        raw.push(("impact", toml_value(setting.get_ref())));
        market::impact(setting)
    });
    let spread = section
        .take_if("half_spread_bps", |value| matches!(value, DeValue::Table(_) | DeValue::String(_)))
        .map(|setting| {
            raw.push(("half_spread_bps", toml_value(setting.get_ref())));
            market::spread(setting)
        });
    let typed = Fee::LINES.iter().map(|(_, key)| *key).filter(|key| section.has(key)).collect();
    let costs: Costs = parameters(section.rest()).map_err(|error| SettingError {
        message: format!(
            "[costs]: {}",
            error.message.replace("expected one of ", &format!("expected one of {MORE_KEYS}"))
        ),
        span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
    })?;
    if let Some((key, number)) = costs.first_invalid() {
        let message = format!("[costs]: `{key}` is {number}, expected 0 to 10000");
        return Err(SettingError::at(span, message));
    }
    let (spread, impact) = (spread.transpose()?, impact.transpose()?);
    Ok(CostsSpec { costs, typed, venue, liquidity, fill, execution, spread, impact, raw, span })
}

/// Where decisions are filled, for all legs that do not say it themselves.
fn fill(typed: Option<Spanned<FillSpec>>) -> Result<FillAt, SettingError> {
    match typed {
        None => Ok(FillAt::default()),
        Some(fill) if *fill.get_ref() == FillSpec::Stop => Err(SettingError::at(
            fill.span(),
            "orders rest leg by leg: say `fill = \"stop\"` in the [[strategy.leg]], not in [costs]",
        )),
        Some(fill) => Ok(fill.get_ref().at()),
    }
}

/// `delay_rows` and `twap_rows` of a section; `None` where neither is typed.
pub(crate) fn execution(section: &mut Section<'_>) -> Result<Option<Execution>, SettingError> {
    let delay: Option<Spanned<usize>> = section.read("delay_rows")?;
    let slices: Option<Spanned<usize>> = section.read("twap_rows")?;
    if delay.is_none() && slices.is_none() {
        return Ok(None);
    }
    let rows = |key, rows: &Option<Spanned<usize>>, least| {
        rows.as_ref().map_or(Ok(least), |rows| within(key, rows, (least, 100_000)))
    };
    let delay_rows = rows("delay_rows", &delay, 0)?;
    let slices = rows("twap_rows", &slices, 1)?;
    Ok(Some(Execution {
        delay_rows,
        slices: NonZeroUsize::new(slices).unwrap_or(NonZeroUsize::MIN),
    }))
}

fn venue(name: &Spanned<String>) -> Result<&'static Venue, SettingError> {
    let known = || VENUES.iter().map(|venue| venue.name);
    Venue::named(name.get_ref())
        .ok_or_else(|| SettingError::at(name.span(), unknown("venue", name.get_ref(), known())))
}

/// What trading costs over a period, for each side of the book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    taker: CostSchedule,
    maker: CostSchedule,
}

impl Prices {
    /// The costs of orders of this kind.
    pub(crate) fn of(&self, liquidity: Liquidity) -> &CostSchedule {
        match liquidity {
            Liquidity::Maker => &self.maker,
            Liquidity::Taker => &self.taker,
        }
    }
}

impl CostsSpec {
    /// The costs over `market`; `used` are the fees that the run may charge.
    ///
    /// # Errors
    /// [`SettingError`] where the venue's fee is not known for a date of the period and the scenario does not give it.
    pub(crate) fn prices(&self, market: &Market, used: &[Fee]) -> Result<Prices, SettingError> {
        Ok(Prices {
            taker: self.schedule(market, used, Liquidity::Taker)?,
            maker: self.schedule(market, used, Liquidity::Maker)?,
        })
    }

    fn schedule(
        &self,
        market: &Market,
        used: &[Fee],
        liquidity: Liquidity,
    ) -> Result<CostSchedule, SettingError> {
        let Some(venue) = self.venue else { return Ok(self.costs.into()) };
        let time = market.time();
        let (start, end) = (time[0], time[time.len() - 1]);
        let at = |time| self.at(venue, used, liquidity, time);
        let days = venue.days().into_iter().filter(|day| *day > start && *day <= end);
        let first = at(start)?;
        let mut changes: Vec<(Timestamp, Costs)> = Vec::new();
        for day in days {
            let costs = at(day)?;
            if costs != changes.last().map_or(first, |(_, last)| *last) {
                changes.push((day, costs));
            }
        }
        Ok(CostSchedule { first, changes })
    }

    /// Whether the scenario says the fee itself, or the general one of which it is a special case.
    fn is_typed(&self, fee: Fee) -> bool {
        let typed = |fee: Fee| fee.key().is_some_and(|key| self.typed.contains(&key));
        typed(fee) || fee.general().is_some_and(typed)
    }

    fn at(
        &self,
        venue: &Venue,
        used: &[Fee],
        liquidity: Liquidity,
        time: Timestamp,
    ) -> Result<Costs, SettingError> {
        let mut costs = self.costs;
        let of_venue = Fee::LINES.iter().map(|(fee, _)| *fee).filter(|fee| !self.is_typed(*fee));
        for fee in of_venue {
            if let Ok(rate) = venue.own_rate(fee, time) {
                fee.set(&mut costs, rate.at(liquidity));
            }
        }
        for fee in used.iter().filter(|fee| !self.is_typed(**fee)) {
            if let Err(missing) = venue.rate(*fee, time) {
                let key = fee.general().unwrap_or(*fee).key().unwrap_or_default();
                let message = format!(
                    "`{key}` of {} is not known {missing} (needed at {time}); give it under [costs]",
                    venue.name
                );
                return Err(SettingError::at(self.span.clone(), message));
            }
        }
        Ok(costs)
    }

    /// Puts spreads and impact that follow the market on a track of the period.
    ///
    /// # Errors
    /// [`SettingError`] where what they follow is not known yet, or a volume is not typed.
    pub(crate) fn put_on(
        &self,
        track: &mut Track,
        market: (&Market, &Range<usize>),
    ) -> Result<(), SettingError> {
        if let Some(spread) = self.spread.filter(|_| track.contract.is_some()) {
            spread.put_on(track, market, &self.span)?;
        }
        self.impact.as_ref().map_or(Ok(()), |impact| impact.put_on(track, market))
    }
}
