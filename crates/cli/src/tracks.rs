//! The instruments of legs, each priced over the period, and the ratios that are learned from their past.

use std::collections::BTreeMap;
use std::sync::Arc;

use hedgerow_core::registry::SettingError;
use hedgerow_core::{Contract, Market, Track};
use hedgerow_greeks::{
    GreeksError, MarginOfOptions, OptionSpec, Valued, VolMarks, option_margin, resolve_unit, value,
};
use hedgerow_sim::fees::Liquidity;
use hedgerow_sim::ratio::History;
use hedgerow_sim::{
    FutureError, RatioColumn, future_track, linear_track, option_track, stop_track,
};

use crate::account::AccountSpec;
use crate::baselines::nothing;
use crate::desk::Desk;
use crate::instruments::{Instrument, One};
use crate::scenario::LegSpec;

/// Tracks that several legs share.
#[derive(Debug, Default)]
pub(crate) struct Tracks {
    /// By instrument as typed and asset.
    made: BTreeMap<(String, usize), Arc<Track>>,
    /// What valuing options had to decide, such as that the last one is open at the end.
    pub(crate) notes: Vec<String>,
    /// What valuing options found that a reader must not miss.
    pub(crate) warnings: Vec<String>,
}

/// A ratio over the period.
pub(crate) struct RatioOfPeriod {
    pub(crate) column: RatioColumn,
    /// For a leg's sentence.
    pub(crate) about: String,
    /// What making it had to decide.
    pub(crate) notes: Vec<String>,
}

/// What was said of valuing the options of a leg.
#[derive(Default)]
struct Said {
    notes: Vec<String>,
    warnings: Vec<String>,
}

impl Desk<'_> {
    /// The track of an instrument, made once for all legs that hold it.
    pub(crate) fn shared(
        &self,
        one: &One,
        raw: &str,
        (spec, asset): (&LegSpec, usize),
        tracks: &mut Tracks,
    ) -> anyhow::Result<Arc<Track>> {
        let fill = spec.fill.as_ref().map(|fill| *fill.get_ref());
        let key = (format!("{raw} {:?} {fill:?}", self.liquidity(spec)), asset);
        if let Some(track) = tracks.made.get(&key) {
            return Ok(Arc::clone(track));
        }
        let liquidity = self.liquidity(spec);
        let (mut track, said) = self.priced(one, (spec, asset), liquidity)?;
        if liquidity == Liquidity::Maker && self.can_force() {
            let (taker, _) = self.priced(one, (spec, asset), Liquidity::Taker)?;
            track.forced = Some(Box::new(taker));
        }
        let of_leg = |said: String| format!("option leg, {said}");
        tracks.notes.extend(said.notes.into_iter().map(of_leg));
        tracks.warnings.extend(said.warnings.into_iter().map(of_leg));
        if let Some(place) = spec.rests() {
            track = stop_track(track, self.market)
                .map_err(|error| SettingError::at(place, format!("`fill = \"stop\"`: {error}")))?;
        }
        let track = Arc::new(track);
        tracks.made.insert(key, Arc::clone(&track));
        Ok(track)
    }

    /// The track of an instrument that trades on this side of the book, and what valuing it had to decide.
    fn priced(
        &self,
        one: &One,
        (spec, asset): (&LegSpec, usize),
        liquidity: Liquidity,
    ) -> anyhow::Result<(Track, Said)> {
        let (mut track, said) = match one {
            One::Option(option) => self.option(option, (spec, asset), liquidity)?,
            one => (self.plain(self.market, one, (spec, asset), liquidity)?, Said::default()),
        };
        self.scenario.costs.put_on(&mut track, liquidity, (self.full, &self.rows))?;
        Ok((track, said))
    }

    /// Whether a venue may close legs by force.
    pub(crate) fn can_force(&self) -> bool {
        self.scenario.account.as_ref().is_some_and(|account| account.margin.is_some())
    }

    /// On which side of the book a leg trades.
    pub(crate) fn liquidity(&self, spec: &LegSpec) -> Liquidity {
        spec.liquidity.unwrap_or(self.scenario.costs.liquidity)
    }

    /// The asset that an instrument follows.
    pub(crate) fn traded(&self, one: &One, asset: usize) -> Result<usize, SettingError> {
        one.asset().map_or(Ok(asset), |name| self.asset_named(name))
    }

    /// The track of spot, a perp or a future over the whole history.
    pub(crate) fn full_track(
        &self,
        one: &One,
        spec: &LegSpec,
        asset: usize,
    ) -> Result<Track, SettingError> {
        self.plain(self.full, one, (spec, asset), self.liquidity(spec))
    }

    fn plain(
        &self,
        market: &Market,
        one: &One,
        (spec, asset): (&LegSpec, usize),
        liquidity: Liquidity,
    ) -> Result<Track, SettingError> {
        let traded = self.traded(one, asset)?;
        let costs = self.prices.of(liquidity);
        let fill = spec.fill.as_ref().map_or(self.scenario.costs.fill, |fill| fill.get_ref().at());
        match one {
            One::Linear { contract, .. } => linear_track(market, traded, *contract, costs, fill)
                .ok_or_else(|| no_such(market, traded, *contract, spec)),
            One::Future { paid_in, roll_days, .. } => {
                future_track(market, traded, *paid_in, *roll_days, costs)
                    .map_err(|error| no_future(&error, spec))
            }
            One::Option(_) => unreachable!("an option is priced by itself"),
        }
    }

    /// The track of one unit of an option programme, and what was said of valuing it.
    fn option(
        &self,
        option: &OptionSpec,
        (spec, asset): (&LegSpec, usize),
        liquidity: Liquidity,
    ) -> anyhow::Result<(Track, Said)> {
        if self.scenario.vol.is_none() {
            let message = "an option leg needs a [vol] model; see `hedgerow list`";
            return Err(SettingError::at(spec.span.clone(), message).into());
        }
        let line = resolve_unit(option, self.market, asset).map_err(|error| SettingError {
            span: error.span.filter(|inner| !inner.is_empty()).or(Some(spec.span.clone())),
            ..error
        })?;
        let vols: Vec<VolMarks> =
            self.vols.iter().map(|vol| vol.slice(self.rows.clone())).collect();
        let lines = std::slice::from_ref(&line);
        let placed = |error: GreeksError| SettingError::at(spec.span.clone(), error.to_string());
        let Valued { exposure: mut unit, notes, warnings, .. } =
            value(self.market, &vols, lines, self.scenario.rate).map_err(placed)?;
        if let Some(ask) = self.scenario.account.as_ref().and_then(AccountSpec::ask) {
            let asked = (&ask, MarginOfOptions::Unit);
            let mut margins = option_margin(self.market, &vols, lines, self.scenario.rate, asked)
                .map_err(placed)?;
            unit.slopes[asset].margin = margins[asset].take();
        }
        let asset_columns = &self.market.assets()[asset];
        let name = format!("{} {}", asset_columns.name, option.programme.get_ref());
        let costs = self.prices.of(liquidity);
        let prices = (self.market.time(), &asset_columns.spot[..]);
        Ok((option_track(name, asset, &unit, prices, costs), Said { notes, warnings }))
    }

    /// The ratio over the period, from the whole history before it. Of several instruments it is learned from the first.
    pub(crate) fn ratio(
        &self,
        spec: &LegSpec,
        asset: usize,
    ) -> Result<RatioOfPeriod, SettingError> {
        let Some(ratio) = &spec.ratio else {
            let column = RatioColumn::Constant(1.0);
            return Ok(RatioOfPeriod { column, about: String::new(), notes: Vec::new() });
        };
        let about = format!(", {}", ratio.describe());
        let constant = ratio.column(&nothing(self.market));
        if matches!(constant, RatioColumn::Constant(_)) {
            return Ok(RatioOfPeriod { column: constant, about, notes: Vec::new() });
        }
        let one = match &*spec.with {
            Instrument::One(One::Option(_)) => {
                Err("an option leg takes a constant ratio, or its `size` alone")
            }
            Instrument::Basket { .. } => {
                Err("a basket finds its ratios itself; give it a constant one or none")
            }
            Instrument::One(one) => Ok(one),
            Instrument::Cheapest { of, .. } => Ok(&of[0].with),
        };
        let one = one.map_err(|message| SettingError::at(spec.span.clone(), message))?;
        let track = self.full_track(one, spec, asset)?;
        let (column, notes) = ratio.column_and_notes(&History::new(self.full, asset, &track));
        let column = column.slice(self.rows.clone());
        if matches!(&column, RatioColumn::Rows(rows) if rows.iter().all(Option::is_none)) {
            let message = "the ratio is never known in this period: shorten its window, or give it more history before `from`";
            return Err(SettingError::at(spec.span.clone(), message));
        }
        Ok(RatioOfPeriod { column, about, notes })
    }
}

fn no_such(market: &Market, asset: usize, contract: Contract, spec: &LegSpec) -> SettingError {
    let ticker = &market.assets()[asset].name;
    let kind = if contract.is_inverse() { "inverse perp" } else { "perp" };
    let message = format!(
        "the market has no such perp on {ticker} ({kind}); add its prices under [[market.series]], or declare `perp = \"at_spot\"` under [market]"
    );
    SettingError::at(spec.span.clone(), message)
}

fn no_future(error: &FutureError, spec: &LegSpec) -> SettingError {
    let advice = match error {
        FutureError::None { .. } => "add one under [[market.series]] with `is = \"future\"`",
        FutureError::Gap { .. } => {
            "add contracts that cover the period, change `roll_days`, or cut the period with `from` and `to`"
        }
        FutureError::Hole { .. } => {
            "fill the hole, raise `max_gap` under [market] to let the price move with the spot for so long, change `roll_days`, or \
             cut the period with `from` and `to`"
        }
    };
    SettingError::at(spec.span.clone(), format!("{error}; {advice}"))
}
