//! `[costs]`: what trading costs, as typed, and by date once the venue and the period are known.

use std::num::NonZeroUsize;
use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError, parameters, unknown};
use hedgerow_core::{Market, Timestamp, Track};
use hedgerow_sim::fees::{Fee, Liquidity, VENUES, Venue};
use hedgerow_sim::{CostSchedule, Costs, Execution, FillAt, Impact, SpreadByVol, known_vol};
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use crate::section::Section;
use crate::write::toml_value;

/// Days of returns behind a vol that costs follow, where nothing is said.
const WINDOW_DAYS: f64 = 30.0;

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
    pub(crate) spread_by_vol: Option<SpreadByVol>,
    pub(crate) impact: Option<Impact>,
    /// `half_spread_bps` and `impact` in canonical TOML, where they are tables.
    pub(crate) raw: Vec<(&'static str, String)>,
    span: Range<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpreadSpec {
    bps: Spanned<f64>,
    at_vol_percent: Spanned<f64>,
    power: Option<Spanned<f64>>,
    window_days: Option<Spanned<f64>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ImpactSpec {
    coefficient: Spanned<f64>,
    daily_volume_usd: Spanned<f64>,
    window_days: Option<Spanned<f64>>,
}

/// Keys of `[costs]` beside those of [`Costs`], as messages list them.
const MORE_KEYS: &str = "`delay_rows`, `fill`, `impact`, `liquidity`, `twap_rows`, `venue`, ";

/// Reads the section.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(crate) fn read(mut section: Section<'_>) -> Result<CostsSpec, SettingError> {
    let span = section.span();
    let mut raw = Vec::new();
    let venue = section.read::<Spanned<String>>("venue")?.map(|name| venue(&name)).transpose()?;
    let liquidity = section.read("liquidity")?.unwrap_or_default();
    let fill = section.read("fill")?.unwrap_or_default();
    let execution = execution(&mut section)?.unwrap_or_default();
    let impact = section.take("impact").map(|setting| {
        raw.push(("impact", toml_value(setting.get_ref())));
        impact(setting)
    });
    let by_vol = section.take_table("half_spread_bps").map(|setting| {
        raw.push(("half_spread_bps", toml_value(setting.get_ref())));
        spread(setting)
    });
    let typed = Fee::ALL.iter().map(|(_, key)| *key).filter(|key| section.has(key)).collect();
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
    let (spread_by_vol, impact) = (by_vol.transpose()?, impact.transpose()?);
    Ok(CostsSpec {
        costs,
        typed,
        venue,
        liquidity,
        fill,
        execution,
        spread_by_vol,
        impact,
        raw,
        span,
    })
}

/// `delay_rows` and `twap_rows` of a section; `None` where neither is typed.
pub(crate) fn execution(section: &mut Section<'_>) -> Result<Option<Execution>, SettingError> {
    let delay: Option<Spanned<usize>> = section.read("delay_rows")?;
    let slices: Option<Spanned<usize>> = section.read("twap_rows")?;
    if delay.is_none() && slices.is_none() {
        return Ok(None);
    }
    let within = |rows: &Option<Spanned<usize>>, key: &str, least: usize| match rows {
        None => Ok(least),
        Some(rows) if (least..=100_000).contains(rows.get_ref()) => Ok(*rows.get_ref()),
        Some(rows) => Err(SettingError::at(
            rows.span(),
            format!("`{key}` is {}, expected {least} to 100000", rows.get_ref()),
        )),
    };
    let delay_rows = within(&delay, "delay_rows", 0)?;
    let slices = within(&slices, "twap_rows", 1)?;
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

fn spread(setting: Setting<'_>) -> Result<SpreadByVol, SettingError> {
    let spec: SpreadSpec = parameters(setting)?;
    let power = spec.power.as_ref().map_or(Ok(1.0), |power| positive("power", power))?;
    Ok(SpreadByVol {
        spread: positive("bps", &spec.bps)? / 10_000.0,
        at_vol: positive("at_vol_percent", &spec.at_vol_percent)? / 100.0,
        power,
        window_days: window(spec.window_days.as_ref())?,
    })
}

fn impact(setting: Setting<'_>) -> Result<Impact, SettingError> {
    let spec: ImpactSpec = parameters(setting)?;
    Ok(Impact {
        coefficient: positive("coefficient", &spec.coefficient)?,
        daily_volume: positive("daily_volume_usd", &spec.daily_volume_usd)?,
        window_days: window(spec.window_days.as_ref())?,
    })
}

/// What trading costs over a period, for each side of the book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    taker: CostSchedule,
    maker: CostSchedule,
}

impl Prices {
    /// One line for each day on which the fees change within the period, and for its start.
    pub(crate) fn sentences(&self, liquidity: Liquidity) -> Vec<String> {
        let schedule = self.of(liquidity);
        let first = fee_sentence(&schedule.first);
        let later = schedule
            .changes
            .iter()
            .map(|(day, costs)| format!("From {day}: {}", fee_sentence(costs)));
        std::iter::once(first).chain(later).collect()
    }

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
        let changes = days.map(|day| Ok((day, at(day)?))).collect::<Result<_, SettingError>>()?;
        Ok(CostSchedule { first: at(start)?, changes })
    }

    fn at(
        &self,
        venue: &Venue,
        used: &[Fee],
        liquidity: Liquidity,
        time: Timestamp,
    ) -> Result<Costs, SettingError> {
        let mut costs = self.costs;
        for (fee, key) in Fee::ALL.iter().filter(|(_, key)| !self.typed.contains(key)) {
            match venue.rate(*fee, liquidity, time) {
                Ok(rate) => *fee.of(&mut costs) = rate,
                Err(_) if !used.contains(fee) => {}
                Err(since) => {
                    let known =
                        since.map_or("at any date".to_owned(), |day| format!("before {day}"));
                    let message = format!(
                        "`{key}` of {} is not known {known} (the run starts at {time}); give it under [costs]",
                        venue.name
                    );
                    return Err(SettingError::at(self.span.clone(), message));
                }
            }
        }
        Ok(costs)
    }

    /// Puts spreads and impact that follow the vol on a track of the period.
    ///
    /// # Errors
    /// [`SettingError`] where the vol is not known yet.
    pub(crate) fn put_on(
        &self,
        track: &mut Track,
        (full, rows): (&Market, &Range<usize>),
    ) -> Result<(), SettingError> {
        let asset = track.asset;
        let vol = |window_days| {
            known_vol(full, asset, rows, window_days).map_err(|time| {
                let message = format!(
                    "costs by vol need {window_days} days of prices before the period; none are known at {time}: start later, or shorten `window_days`"
                );
                SettingError::at(self.span.clone(), message)
            })
        };
        if let Some(spread) = &self.spread_by_vol {
            let vol = vol(spread.window_days)?;
            spread.put_on(track, &vol);
        }
        if let Some(impact) = &self.impact {
            let vol = vol(impact.window_days)?;
            impact.put_on(track, &vol);
        }
        Ok(())
    }
}

/// A table under a key that may also hold a number.
impl<'a> Section<'a> {
    fn take_table(&mut self, key: &'static str) -> Option<Setting<'a>> {
        self.take_if(key, |value| matches!(value, DeValue::Table(_)))
    }
}

fn fee_sentence(costs: &Costs) -> String {
    format!(
        "spot {} bp, perps {} bp, dated futures {} bp of notional ({} bp at delivery); options {} bp of the underlying, {} bp at delivery, at most {} % of the option's price.",
        costs.spot_fee_bps.0,
        costs.perp_fee_bps.0,
        costs.future_fee_bps.0,
        costs.future_delivery_bps.0,
        costs.option_fee_bps.0,
        costs.option_delivery_bps.0,
        costs.option_fee_cap_percent.0,
    )
}

impl CostsSpec {
    /// Everything that is assumed of costs, in sentences.
    pub(crate) fn sentences(&self, prices: &Prices) -> String {
        let side = match self.liquidity {
            Liquidity::Taker => "Taker",
            Liquidity::Maker => "Maker",
        };
        let mut all = vec![format!("{side} fees: {}", prices.sentences(self.liquidity).join(" "))];
        all.push(match self.venue {
            Some(venue) => format!(
                "They are those of {} ({}), by date, where the scenario does not give its own.",
                venue.name, venue.about
            ),
            None => "They are the scenario's figures at all dates.".to_owned(),
        });
        let costs = &self.costs;
        all.push(match &self.spread_by_vol {
            None => format!("Half-spread {} bp", costs.half_spread_bps.0),
            Some(spread) => format!(
                "Half-spread {} bp at a vol of {} %, times (vol / {} %)^{}, with the vol of the {} days before each row",
                spread.spread * 10_000.0,
                spread.at_vol * 100.0,
                spread.at_vol * 100.0,
                spread.power,
                spread.window_days
            ),
        } + &format!(
            " and slippage {} bp for spot, perps and futures; {} and {} vol points times vega for options.",
            costs.slippage_bps.0, costs.option_half_spread_points, costs.option_slippage_points
        ));
        if let Some(impact) = &self.impact {
            all.push(format!(
                "A linear hedge of q USD slips by {} times the daily vol times the square root of q over {} USD a day; rolls are charged without it.",
                impact.coefficient, impact.daily_volume
            ));
        }
        if !self.execution.is_at_once() {
            all.push(execution_sentence(self.execution));
        }
        all.join(" ")
    }

    /// The keys that are no line of [`Costs`], as TOML.
    pub(crate) fn settings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.venue.map(|venue| format!("venue = {:?}", venue.name)));
        if self.liquidity == Liquidity::Maker {
            lines.push("liquidity = \"maker\"".to_owned());
        }
        lines.extend(execution_settings(self.execution));
        lines.extend(self.raw.iter().map(|(key, value)| format!("{key} = {value}")));
        lines
    }

    /// The lines of [`Costs`] that are the scenario's own, as TOML: all of them without a venue.
    pub(crate) fn lines(&self) -> String {
        let all = toml::to_string(&self.costs).unwrap_or_default();
        let keep = |line: &&str| {
            let key = line.split(' ').next().unwrap_or_default();
            let of_venue = self.venue.is_some()
                && Fee::ALL.iter().any(|(_, fee)| *fee == key)
                && !self.typed.contains(&key);
            !(of_venue || self.raw.iter().any(|(table, _)| *table == key))
        };
        all.lines().filter(keep).collect::<Vec<_>>().join("\n")
    }
}

/// `delay_rows` and `twap_rows` as TOML, those that differ from nothing.
pub(crate) fn execution_settings(execution: Execution) -> Vec<String> {
    let mut lines = Vec::new();
    if execution.delay_rows > 0 {
        lines.push(format!("delay_rows = {}", execution.delay_rows));
    }
    if execution.slices.get() > 1 {
        lines.push(format!("twap_rows = {}", execution.slices));
    }
    lines
}

/// What is assumed of fills that are late or in slices.
pub(crate) fn execution_sentence(execution: Execution) -> String {
    let late = match execution.delay_rows {
        0 => String::new(),
        rows => format!(", {rows} rows later than they would be"),
    };
    let slices = match execution.slices.get() {
        1 => String::new(),
        rows => format!(", in {rows} equal slices over as many rows"),
    };
    format!(
        "Decisions are filled{late}{slices}; rules and later legs count them as held, and what is not filled by the last row stays unfilled."
    )
}
