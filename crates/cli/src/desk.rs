//! The desk: a scenario's book, account, strategies and legs, each given what it needs of the market.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use anyhow::bail;
use hedgerow_core::registry::SettingError;
use hedgerow_core::{Contract, Exposure, Market, Track};
use hedgerow_greeks::{BookLine, VolMarks, resolve, resolve_unit, value};
use hedgerow_sim::ratio::History;
use hedgerow_sim::rehedge::Before;
use hedgerow_sim::{
    Account, Against, DeltaKind, Leg, RatioColumn, Rule, Strategy, linear_track, option_track,
};
use toml::Spanned;

use crate::baselines::{every_row, nothing};
use crate::deltas::ChosenDelta;
use crate::instruments::Instrument;
use crate::scenario::{AgainstSpec, DeltaSpec, LegSpec, Scenario, StrategySpec};

/// Tracks that several legs share, by instrument as typed and asset.
pub(crate) type Tracks = BTreeMap<(String, usize), Arc<Track>>;

/// What resolving a leg needs.
#[derive(Clone)]
pub(crate) struct Desk<'a> {
    pub(crate) full: &'a Market,
    pub(crate) rows: Range<usize>,
    pub(crate) market: &'a Market,
    /// Of the full market.
    pub(crate) vols: &'a [VolMarks],
    pub(crate) scenario: &'a Scenario,
    /// Deltas that legs ask for, in the order of their columns.
    pub(crate) chosen: &'a [ChosenDelta],
}

impl Desk<'_> {
    pub(crate) fn book(&self) -> Result<Vec<BookLine>, SettingError> {
        let lines = self.scenario.book.iter().map(|(spec, span)| {
            resolve(spec, self.market).map_err(|error| SettingError {
                span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
                ..error
            })
        });
        lines.collect()
    }

    pub(crate) fn account(&self) -> Result<Account, SettingError> {
        let mut coins = vec![0.0; self.market.assets().len()];
        for (asset, number) in &self.scenario.capital.coins {
            coins[self.asset_named(asset)?] = *number;
        }
        Ok(Account { usd: self.scenario.capital.usd, coins, rate: self.scenario.rate })
    }

    fn asset_named(&self, name: &Spanned<String>) -> Result<usize, SettingError> {
        self.market.asset_index(name.get_ref()).ok_or_else(|| {
            let known = self.market.assets().iter().map(|asset| asset.name.as_str());
            SettingError::at(
                name.span(),
                hedgerow_core::registry::unknown("asset", name.get_ref(), known),
            )
        })
    }

    pub(crate) fn asset(&self, leg: &LegSpec) -> Result<usize, SettingError> {
        match &leg.asset {
            Some(name) => self.asset_named(name),
            None if self.market.assets().len() == 1 => Ok(0),
            None => {
                let names: Vec<&str> =
                    self.market.assets().iter().map(|asset| asset.name.as_str()).collect();
                let message = format!(
                    "the market has several assets; say which the leg hedges: `asset = \"{}\"`",
                    names.join("\" or \"")
                );
                Err(SettingError::at(leg.span.clone(), message))
            }
        }
    }

    pub(crate) fn strategy(
        &self,
        spec: &mut StrategySpec,
        exposure: &Exposure,
        tracks: &mut Tracks,
    ) -> anyhow::Result<Strategy> {
        let mut legs: Vec<Leg> = Vec::new();
        let mut sentences = Vec::new();
        for leg in &mut spec.legs {
            let (leg, sentence) = self.leg(leg, exposure, tracks, legs.len())?;
            if legs.iter().any(|earlier| earlier.name == leg.name) {
                bail!(
                    "strategy `{}` has two legs called `{}`; give each a `name` of its own",
                    spec.name,
                    leg.name
                );
            }
            sentences.push(sentence);
            legs.push(leg);
        }
        let about = spec.about.clone().unwrap_or_else(|| sentences.join("; then "));
        Ok(Strategy { name: spec.name.clone(), about, legs })
    }

    fn leg(
        &self,
        spec: &mut LegSpec,
        exposure: &Exposure,
        tracks: &mut Tracks,
        index: usize,
    ) -> anyhow::Result<(Leg, String)> {
        let asset = self.asset(spec)?;
        self.check_leg(spec, exposure, asset)?;
        let key = (spec.raw["with"].clone(), asset);
        let track = match tracks.get(&key) {
            Some(track) => Arc::clone(track),
            None => {
                let track = Arc::new(self.track(spec, asset)?);
                tracks.insert(key, Arc::clone(&track));
                track
            }
        };
        let ratio = self.ratio(spec, asset)?;
        if matches!(&ratio.0, RatioColumn::Rows(rows) if rows.iter().all(Option::is_none)) {
            let message = "the ratio is never known in this period: shorten its window, or give it more history before `from`";
            return Err(SettingError::at(spec.span.clone(), message).into());
        }
        let mut rule = spec.when.take().map_or_else(|| self.default_rule(spec), Ok)?;
        rule.warm_up(&Before {
            time: &self.full.time()[..self.rows.start],
            spot: &self.full.assets()[asset].spot[..self.rows.start],
        });
        let sentence = self.sentence(spec, &track, &ratio);
        let leg = Leg {
            name: spec.name.clone().unwrap_or_else(|| {
                if index == 0 { "hedge".to_owned() } else { format!("hedge {}", index + 1) }
            }),
            track,
            against: match spec.against {
                AgainstSpec::Delta => Against::Delta,
                AgainstSpec::Size(size) => Against::Size(size),
            },
            delta: self.delta(spec, asset),
            ratio: ratio.0,
            rule,
            to: spec.to,
        };
        Ok((leg, sentence))
    }

    fn check_leg(
        &self,
        spec: &LegSpec,
        exposure: &Exposure,
        asset: usize,
    ) -> Result<(), SettingError> {
        let refuse = |message: &str| Err(SettingError::at(spec.span.clone(), message));
        let slopes = &exposure.slopes[asset];
        let option = matches!(*spec.with, Instrument::Option(_));
        match spec.against {
            AgainstSpec::Delta if option => refuse(
                "an option leg takes `against = { size = units per coin held }`, for example 1.0 for a protective put",
            ),
            AgainstSpec::Delta if slopes.delta.iter().all(|delta| *delta == 0.0) => {
                refuse("the book has no delta in this asset, so there is nothing to hedge")
            }
            AgainstSpec::Size(_) if slopes.coins == 0.0 => refuse(
                "`size` is per coin held outright, and the book holds none of this asset; add a [[book]] with programme = \"spot\"",
            ),
            AgainstSpec::Size(_) if spec.delta.is_some() => {
                refuse("`delta` has no meaning for a leg of fixed size; remove it")
            }
            _ if matches!(spec.delta, Some(DeltaSpec::Coin)) && slopes.coin_value.is_empty() => {
                refuse(
                    "`delta = \"coin\"` is for books with coin-settled options, and this book has none",
                )
            }
            _ => Ok(()),
        }
    }

    fn delta(&self, spec: &LegSpec, asset: usize) -> DeltaKind {
        match spec.delta {
            None | Some(DeltaSpec::BlackScholes) => DeltaKind::BlackScholes,
            Some(DeltaSpec::Coin) => DeltaKind::Coin,
            Some(DeltaSpec::Chosen(_)) => {
                let of_asset = || self.chosen.iter().filter(|chosen| chosen.asset == asset);
                let index = of_asset().position(|chosen| chosen.name == spec.raw["delta"]);
                DeltaKind::Column(index.expect("every chosen delta was made before the legs"))
            }
        }
    }

    fn default_rule(&self, spec: &LegSpec) -> anyhow::Result<Box<dyn Rule>> {
        match (spec.against, every_row()) {
            (AgainstSpec::Size(_), Some(rule)) => Ok(rule),
            _ => {
                let message = "the leg lacks `when`: say when it re-hedges, for example `when = \"every_row\"`";
                Err(SettingError::at(spec.span.clone(), message).into())
            }
        }
    }

    fn track(&self, spec: &LegSpec, asset: usize) -> anyhow::Result<Track> {
        let ticker = &self.market.assets()[asset].name;
        match &*spec.with {
            Instrument::Linear(contract) => Ok(self.linear(self.market, asset, *contract, spec)?),
            Instrument::Option(option) => {
                if self.scenario.vol.is_none() {
                    let message = "an option leg needs a [vol] model; see `hedgerow list`";
                    return Err(SettingError::at(spec.span.clone(), message).into());
                }
                let line =
                    resolve_unit(option, self.market, asset).map_err(|error| SettingError {
                        span: error
                            .span
                            .filter(|inner| !inner.is_empty())
                            .or(Some(spec.span.clone())),
                        ..error
                    })?;
                let vols: Vec<VolMarks> =
                    self.vols.iter().map(|vol| vol.slice(self.rows.clone())).collect();
                let unit =
                    value(self.market, &vols, std::slice::from_ref(&line), self.scenario.rate)?
                        .exposure;
                let name = format!("{ticker} {}", option.programme.get_ref());
                Ok(option_track(
                    name,
                    asset,
                    &unit,
                    &self.market.assets()[asset].spot,
                    &self.scenario.costs,
                ))
            }
        }
    }

    fn linear(
        &self,
        market: &Market,
        asset: usize,
        contract: Contract,
        spec: &LegSpec,
    ) -> Result<Track, SettingError> {
        linear_track(market, asset, contract, &self.scenario.costs, self.scenario.fill).ok_or_else(|| {
            let ticker = &market.assets()[asset].name;
            let message = format!(
                "the market has no such perp on {ticker}; add its prices under [[market.series]], or declare `perp = \"at_spot\"` under [market]"
            );
            SettingError::at(spec.span.clone(), message)
        })
    }

    /// The ratio over the period, from the whole history before it, and its sentence.
    fn ratio(&self, spec: &LegSpec, asset: usize) -> Result<(RatioColumn, String), SettingError> {
        let Some(ratio) = &spec.ratio else {
            return Ok((RatioColumn::Constant(1.0), String::new()));
        };
        let about = format!(", {}", ratio.describe());
        match &*spec.with {
            Instrument::Linear(contract) => {
                let track = self.linear(self.full, asset, *contract, spec)?;
                Ok((
                    ratio.column(&History::new(self.full, asset, &track)).slice(self.rows.clone()),
                    about,
                ))
            }
            Instrument::Option(_) => match ratio.column(&nothing(self.market)) {
                RatioColumn::Constant(constant) => Ok((RatioColumn::Constant(constant), about)),
                RatioColumn::Rows(_) | RatioColumn::Equity(_) => {
                    let message = "an option leg takes a constant ratio, or its `size` alone";
                    Err(SettingError::at(spec.span.clone(), message))
                }
            },
        }
    }

    fn sentence(
        &self,
        spec: &LegSpec,
        track: &Track,
        (_, ratio): &(RatioColumn, String),
    ) -> String {
        let when = spec
            .raw
            .get("when")
            .map_or_else(String::new, |when| format!(", when {}", when.trim_matches('"')));
        match spec.against {
            AgainstSpec::Delta => {
                let delta = match &spec.delta {
                    None | Some(DeltaSpec::BlackScholes) => "delta".to_owned(),
                    Some(DeltaSpec::Coin) => "coin delta".to_owned(),
                    Some(DeltaSpec::Chosen(_)) => {
                        format!("delta {}", spec.raw["delta"].trim_matches('"'))
                    }
                };
                format!("{} against {delta}{ratio}{when}, {}", track.name, spec.to)
            }
            AgainstSpec::Size(size) => {
                let option = if track.contract.is_none() {
                    format!(" ({})", spec.raw["with"])
                } else {
                    String::new()
                };
                let deal = if size < 0.0 { "sells" } else { "buys" };
                format!("{deal} {} {}{option} per coin held{ratio}{when}", size.abs(), track.name)
            }
        }
    }
}
