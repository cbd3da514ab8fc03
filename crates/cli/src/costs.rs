//! `[costs]`: what trading costs, as typed, and by date once the venue and the period are known.

mod fees;
mod market;
mod period;
mod said;
mod spreads;
mod takers;

use std::num::NonZeroUsize;
use std::ops::Range;

use hedgerow_core::registry::{SettingError, unknown};
use hedgerow_core::{Bps, Contract, Market, Timestamp, Track};
use hedgerow_sim::fees::{Fee, Liquidity, VENUES, Venue};
use hedgerow_sim::{CostSchedule, Costs, Execution, FillAt};
use toml::Spanned;
use toml::de::DeValue;

use crate::scenario::FillSpec;
use crate::section::{Section, within};
use crate::write::toml_value;

use fees::TypedFee;
use market::ImpactSpec;
use spreads::Spreads;
use takers::Charge;

pub(crate) use period::prices;
pub(crate) use said::{RESTS, execution_sentence, execution_settings};
pub(crate) use takers::Takers;

/// `[costs]` as typed.
#[derive(Debug, Default)]
pub(crate) struct CostsSpec {
    /// What is typed as a number, defaults filled in; what a venue says comes over the defaults, never over what is typed.
    pub(crate) costs: Costs,
    /// Fees that are typed.
    fees: Vec<TypedFee>,
    pub(crate) venue: Option<&'static Venue>,
    pub(crate) liquidity: Liquidity,
    pub(crate) fill: FillAt,
    /// Where `fill = "next_open"` is typed.
    opens_span: Option<Range<usize>>,
    /// `None` where all is filled at once.
    execution: Option<Spanned<Execution>>,
    /// In the place of `half_spread_bps` as a number.
    pub(crate) spreads: Option<Spreads>,
    pub(crate) impact: Option<ImpactSpec>,
    /// What is typed and charged to takers only.
    charges: Vec<Charge>,
    /// Keys that are more than a number, in canonical TOML.
    pub(crate) raw: Vec<(&'static str, String)>,
    span: Range<usize>,
}

/// Why a `liquidity` is refused where the scenario has no venue.
pub(crate) const LIQUIDITY_WITHOUT_VENUE: &str = "`liquidity` chooses between the fees of a venue, and [costs] names no `venue`; name one, or type the fee itself";

/// Reads the section.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(crate) fn read(mut section: Section<'_>) -> Result<CostsSpec, SettingError> {
    let mut spec = CostsSpec { span: section.span(), ..CostsSpec::default() };
    spec.venue = section.read::<Spanned<String>>("venue")?.map(|name| venue(&name)).transpose()?;
    let liquidity: Option<Spanned<Liquidity>> = section.read("liquidity")?;
    if let (Some(typed), None) = (&liquidity, spec.venue) {
        return Err(SettingError::at(typed.span(), LIQUIDITY_WITHOUT_VENUE));
    }
    spec.liquidity = liquidity.map(Spanned::into_inner).unwrap_or_default();
    spec.fill(section.read("fill")?)?;
    spec.execution = execution(&mut section)?;
    spec.fees = fees::read(&mut section, spec.venue)?;
    spec.fees.iter().for_each(|fee| fee.set_number(&mut spec.costs));
    let raw = spec.fees.iter().filter_map(|fee| Some((fee.key, fee.raw.clone()?)));
    spec.raw.extend(raw);
    spec.tables(&mut section)?;
    spec.numbers(&mut section)?;
    section.finish()?;
    Ok(spec)
}

impl CostsSpec {
    /// Takes `impact`, and `half_spread_bps` where it is more than a number.
    fn tables(&mut self, section: &mut Section<'_>) -> Result<(), SettingError> {
        let is_number =
            |value: &DeValue<'_>| matches!(value, DeValue::Integer(_) | DeValue::Float(_));
        if let Some(setting) = section.take_if("half_spread_bps", |value| !is_number(value)) {
            self.raw.push(("half_spread_bps", toml_value(setting.get_ref())));
            self.charges.push(Charge::of_linear("half_spread_bps", setting.span()));
            self.spreads = Some(spreads::read(setting)?);
        }
        if let Some(setting) = section.take("impact") {
            self.raw.push(("impact", toml_value(setting.get_ref())));
            self.charges.push(Charge::of_legs("impact", setting.span()));
            self.impact = Some(market::impact(setting)?);
        }
        Ok(())
    }

    /// Takes the half-spreads and slippages that are numbers.
    fn numbers(&mut self, section: &mut Section<'_>) -> Result<(), SettingError> {
        let mut charges = Vec::new();
        let mut read = |key, charge: fn(&'static str, Range<usize>) -> Charge| {
            let Some(number) = section.read::<Spanned<f64>>(key)? else { return Ok(None) };
            let found = within(key, &number, (0.0, 10_000.0))?;
            // Nothing is what orders that rest are charged.
            charges.extend((found > 0.0).then(|| charge(key, number.span())));
            Ok::<_, SettingError>(Some(found))
        };
        let costs = &mut self.costs;
        let half_spread = read("half_spread_bps", Charge::of_linear)?.map(Bps);
        costs.half_spread_bps = half_spread.unwrap_or(costs.half_spread_bps);
        let slippage = read("slippage_bps", Charge::of_linear)?.map(Bps);
        costs.slippage_bps = slippage.unwrap_or(costs.slippage_bps);
        let points = read("option_half_spread_points", Charge::of_options)?;
        costs.option_half_spread_points = points.unwrap_or(costs.option_half_spread_points);
        let points = read("option_slippage_points", Charge::of_options)?;
        costs.option_slippage_points = points.unwrap_or(costs.option_slippage_points);
        self.charges.extend(charges);
        Ok(())
    }

    /// Where decisions are filled, for all legs that do not say it themselves.
    fn fill(&mut self, typed: Option<Spanned<FillSpec>>) -> Result<(), SettingError> {
        let Some(typed) = typed else { return Ok(()) };
        match typed.get_ref() {
            FillSpec::Stop => {
                return Err(SettingError::at(
                    typed.span(),
                    "orders rest leg by leg: say `fill = \"stop\"` in the [[strategy.leg]], not in [costs]",
                ));
            }
            FillSpec::NextOpen => self.opens_span = Some(typed.span()),
            FillSpec::DecidingPrice => {}
        }
        self.fill = typed.get_ref().at();
        Ok(())
    }
}

/// `delay_rows` and `twap_rows` of a section; `None` where neither is typed.
pub(crate) fn execution(
    section: &mut Section<'_>,
) -> Result<Option<Spanned<Execution>>, SettingError> {
    let delay: Option<Spanned<usize>> = section.read("delay_rows")?;
    let slices: Option<Spanned<usize>> = section.read("twap_rows")?;
    if delay.is_none() && slices.is_none() {
        return Ok(None);
    }
    let rows = |key, rows: &Option<Spanned<usize>>, least| {
        rows.as_ref().map_or(Ok(least), |rows| within(key, rows, (least, 100_000)))
    };
    let delay_rows = rows("delay_rows", &delay, 0)?;
    let slices_span = slices.as_ref().map(Spanned::span);
    let slices = rows("twap_rows", &slices, 1)?;
    let place = delay.map(|rows| rows.span()).or(slices_span).unwrap_or_default();
    let slices = NonZeroUsize::new(slices).unwrap_or(NonZeroUsize::MIN);
    Ok(Some(Spanned::new(place, Execution { delay_rows, slices })))
}

fn venue(name: &Spanned<String>) -> Result<&'static Venue, SettingError> {
    let known = || VENUES.iter().map(|venue| venue.name);
    Venue::named(name.get_ref())
        .ok_or_else(|| SettingError::at(name.span(), unknown("venue", name.get_ref(), known())))
}

/// Whether anything in a market has opens.
pub(crate) fn has_opens(market: &Market) -> bool {
    market.assets().iter().any(|asset| asset.open.is_some())
        || market.tradables().iter().any(|tradable| tradable.open.is_some())
}

/// Refuses a delay after which nothing is left of the run.
///
/// # Errors
/// [`SettingError`] where it stands.
pub(crate) fn check_execution(
    execution: Option<&Spanned<Execution>>,
    n_rows: usize,
) -> Result<(), SettingError> {
    let Some(execution) = execution else { return Ok(()) };
    let delay = execution.get_ref().delay_rows;
    if delay == 0 || delay + 1 < n_rows {
        return Ok(());
    }
    let message = format!(
        "`delay_rows` is {delay} and the run has {n_rows} rows: nothing would be filled before its last one; expected less than {}",
        n_rows - 1
    );
    Err(SettingError::at(execution.span(), message))
}

/// What trading costs over a period, for each side of the book.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    taker: CostSchedule,
    maker: CostSchedule,
    /// What is traded at the market at all.
    pub(crate) takers: Takers,
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
            takers: Takers::default(),
        })
    }

    fn schedule(
        &self,
        market: &Market,
        used: &[Fee],
        liquidity: Liquidity,
    ) -> Result<CostSchedule, SettingError> {
        let time = market.time();
        let (start, end) = (time[0], time[time.len() - 1]);
        self.fees.iter().try_for_each(|fee| fee.check_start(start))?;
        let at = |time| self.at(used, liquidity, time);
        let mut days: Vec<Timestamp> = self.venue.map(Venue::days).unwrap_or_default();
        days.extend(self.fees.iter().flat_map(TypedFee::days));
        days.retain(|day| *day > start && *day <= end);
        days.sort();
        days.dedup();
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

    /// What the scenario itself says of a fee.
    fn typed(&self, fee: Fee, liquidity: Liquidity, time: Timestamp) -> Option<f64> {
        self.fees.iter().find(|typed| typed.fee == fee)?.at(liquidity, time)
    }

    /// Whether the scenario says the fee itself, or the general one of which it is a special case.
    fn is_typed(&self, fee: Fee, liquidity: Liquidity, time: Timestamp) -> bool {
        let typed = |fee: Fee| self.typed(fee, liquidity, time).is_some();
        typed(fee) || fee.general().is_some_and(typed)
    }

    fn at(
        &self,
        used: &[Fee],
        liquidity: Liquidity,
        time: Timestamp,
    ) -> Result<Costs, SettingError> {
        let mut costs = self.costs;
        for (fee, _) in Fee::LINES {
            let of_venue = || self.venue?.own_rate(fee, time).ok();
            if let Some(rate) = self.typed(fee, liquidity, time) {
                fee.set(&mut costs, rate);
            } else if let Some(rate) = of_venue().filter(|_| !self.is_typed(fee, liquidity, time)) {
                fee.set(&mut costs, rate.at(liquidity));
            }
        }
        let Some(venue) = self.venue else { return Ok(costs) };
        for fee in used.iter().filter(|fee| !self.is_typed(**fee, liquidity, time)) {
            if let Err(missing) = venue.rate(*fee, time) {
                let key = fee.general().unwrap_or(*fee).key().unwrap_or_default();
                let message = format!(
                    "`{key}` of {} is not known {missing} (needed at {time}); give it under [costs]",
                    venue.name
                );
                return Err(SettingError::at(self.span.clone(), message));
            }
        }
        Ok(match liquidity {
            Liquidity::Maker => costs.resting(),
            Liquidity::Taker => costs,
        })
    }

    /// How soon legs trade that do not say it themselves.
    pub(crate) fn execution(&self) -> Execution {
        self.execution.as_ref().map(|execution| *execution.get_ref()).unwrap_or_default()
    }

    /// Whether the half-spread of such instruments is given.
    pub(crate) fn has_spread(&self, contract: Contract) -> bool {
        self.spreads.as_ref().is_none_or(|spreads| spreads.has(contract))
    }

    /// Refuses what the data cannot do: fills at opens that are not there, delays longer than the run, recorded half-spreads that
    /// nothing uses; `period` is the replayed market, `place` where the scenario has its market.
    ///
    /// # Errors
    /// [`SettingError`] with the place of the first.
    pub(crate) fn check_market(
        &self,
        period: &Market,
        place: &Range<usize>,
    ) -> Result<(), SettingError> {
        check_execution(self.execution.as_ref(), period.n_rows())?;
        if let Some(span) = self.opens_span.as_ref().filter(|_| !has_opens(period)) {
            let message = "`fill = \"next_open\"` needs opens, and no series of the market has any; say `fill = \"deciding_price\"`, or give series of bars";
            return Err(SettingError::at(span.clone(), message));
        }
        let uses = |series| self.spreads.as_ref().is_some_and(|spreads| spreads.uses(series));
        let Some(unused) = period.half_spreads().iter().find(|series| !uses(series)) else {
            return Ok(());
        };
        let ticker = &period.assets()[unused.asset].name;
        let (which, word) = match &unused.name {
            None => (String::new(), "\"series\"".to_owned()),
            Some(name) => (format!(", `{name}`,"), format!("{{ series = \"{name}\" }}")),
        };
        let typed = self.charges.iter().find(|charge| charge.key == "half_spread_bps");
        let span =
            self.spreads.as_ref().map(Spreads::span).or(typed.map(|charge| charge.span.clone()));
        let span = span.or(Some(self.span.clone()).filter(|span| !span.is_empty()));
        let message = format!(
            "the market has a series of half-spreads of {ticker}{which} and nothing uses it; say `half_spread_bps = {word}` under [costs], or leave the series out"
        );
        Err(SettingError::at(span.unwrap_or_else(|| place.clone()), message))
    }

    /// Puts spreads and impact that follow the market on a track of the period; orders that rest are charged neither.
    ///
    /// # Errors
    /// [`SettingError`] where what they follow is not known yet, or a volume is not typed.
    pub(crate) fn put_on(
        &self,
        track: &mut Track,
        liquidity: Liquidity,
        market: (&Market, &Range<usize>),
    ) -> Result<(), SettingError> {
        if liquidity == Liquidity::Maker {
            return Ok(());
        }
        if let Some(spreads) = &self.spreads {
            spreads.put_on(track, market)?;
        }
        self.impact.as_ref().map_or(Ok(()), |impact| impact.put_on(track, market))
    }
}
