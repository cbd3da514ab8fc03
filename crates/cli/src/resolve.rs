//! From what was typed to what will run: data loaded, period cut, book valued, legs given their instruments.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use hedgerow_core::registry::SettingError;
use hedgerow_core::{Contract, Exposure, Market, Quality, Timestamp, Track};
use hedgerow_data::{Loaded, check_coverage, load};
use hedgerow_greeks::{BookLine, VolMarks, resolve, resolve_unit, value};
use hedgerow_sim::ratio::History;
use hedgerow_sim::{
    Account, Against, BookCosts, DeltaKind, Leg, RULES, RatioColumn, Rule, Strategy, linear_track,
    option_track,
};
use toml::Spanned;

use crate::diagnose::ScenarioError;
use crate::instruments::Instrument;
use crate::scenario::{AgainstSpec, EndOfDay, LegSpec, Scenario, StrategySpec, instant, read};

/// A scenario file, read but not resolved.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the user calls it.
    pub(crate) label: String,
    /// Its content.
    pub(crate) text: String,
    /// Where relative paths start.
    pub(crate) folder: PathBuf,
}

impl Source {
    /// Reads a file.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let label = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{label}: cannot read the scenario"))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(Self { label, text, folder })
    }

    /// An error with its place in this file.
    pub(crate) fn at(&self, error: &SettingError) -> anyhow::Error {
        ScenarioError::new(error, &self.label, &self.text).into()
    }
}

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) market: Market,
    pub(crate) quality: Quality,
    /// Files that were read, for the manifest.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) book: Vec<BookLine>,
    pub(crate) vols: Vec<VolMarks>,
    pub(crate) exposure: Exposure,
    /// What valuing the book had to decide.
    pub(crate) notes: Vec<String>,
    pub(crate) account: Account,
    pub(crate) book_costs: BookCosts,
    /// The unhedged book first.
    pub(crate) strategies: Vec<Strategy>,
    /// Typed strategies, with those that are always in the comparison added; no entry for the unhedged book.
    pub(crate) specs: Vec<StrategySpec>,
}

/// Resolves a scenario; `stage` is told what is being done.
///
/// # Errors
/// The first thing that is wrong, with its place in the scenario or the data.
pub(crate) fn plan(source: &Source, stage: &dyn Fn(&str)) -> anyhow::Result<Plan> {
    let mut scenario = read(&source.text).map_err(|error| source.at(&error))?;
    let mut specs = std::mem::take(&mut scenario.strategies);
    stage("loading the market");
    let Loaded { market: full, quality, files, .. } = load(&scenario.market, &source.folder)?;
    let rows = rows(&full, &scenario).map_err(|error| source.at(&error))?;
    check_coverage(&full, rows.clone())?;
    let market = full.slice(rows.clone());
    stage("valuing the book");
    let vols = vols(&full, &scenario)?;
    let desk =
        Desk { full: &full, rows: rows.clone(), market: &market, vols: &vols, scenario: &scenario };
    let book = desk.book().map_err(|error| source.at(&error))?;
    let sliced: Vec<VolMarks> = vols.iter().map(|vol| vol.slice(rows.clone())).collect();
    if scenario.vol.is_none() && book.iter().any(|line| matches!(line, BookLine::Options(_))) {
        bail!(
            "{}: the book has options, so the scenario needs a [vol] model; see `hedgerow list`",
            source.label
        );
    }
    let valued =
        value(&market, &sliced, &book, scenario.rate).with_context(|| source.label.clone())?;
    let account = desk.account().map_err(|error| source.at(&error))?;
    let book_costs = BookCosts::new(&market, &valued.exposure, &scenario.costs);
    add_every_row(&mut specs, &desk, &valued.exposure);
    stage("preparing the hedges");
    let mut strategies = vec![unhedged()];
    let mut tracks = Tracks::default();
    for spec in &mut specs {
        let strategy = desk.strategy(spec, &valued.exposure, &mut tracks);
        strategies.push(strategy.map_err(|error| located(error, source))?);
    }
    check_names(&strategies, source)?;
    Ok(Plan {
        book,
        vols: sliced,
        exposure: valued.exposure,
        notes: valued.notes,
        account,
        book_costs,
        strategies,
        specs,
        scenario,
        market,
        quality,
        files,
    })
}

fn located(error: anyhow::Error, source: &Source) -> anyhow::Error {
    match error.downcast::<SettingError>() {
        Ok(error) => source.at(&error),
        Err(error) => error.context(source.label.clone()),
    }
}

fn check_names(strategies: &[Strategy], source: &Source) -> anyhow::Result<()> {
    for (index, strategy) in strategies.iter().enumerate() {
        if strategies[..index].iter().any(|earlier| earlier.name == strategy.name) {
            bail!(
                "{}: two strategies are called `{}`; give each a name of its own",
                source.label,
                strategy.name
            );
        }
    }
    Ok(())
}

fn unhedged() -> Strategy {
    Strategy {
        name: "unhedged".to_owned(),
        about: "the book as it is".to_owned(),
        legs: Vec::new(),
    }
}

/// The rows whose bars lie wholly in the period.
fn rows(market: &Market, scenario: &Scenario) -> Result<Range<usize>, SettingError> {
    let period = &scenario.period;
    let time = market.time();
    let from = period.from.as_ref().map(|text| instant(text, EndOfDay::Excluded)).transpose()?;
    let to = period.to.as_ref().map(|text| instant(text, EndOfDay::Included)).transpose()?;
    let step = market.step_millis().unwrap_or(0);
    let (first, last) = (time[0], time[time.len() - 1]);
    let starts = Timestamp::from_millis(first.millis() - step);
    let outside = |text: &Option<Spanned<String>>, what: &str| {
        let span = text.as_ref().map_or(period.span.clone(), Spanned::span);
        SettingError::at(
            span,
            format!("`{what}` is outside the data, which runs from {starts} to {last}"),
        )
    };
    if from.is_some_and(|from| from < starts || from >= last) {
        return Err(outside(&period.from, "from"));
    }
    if to.is_some_and(|to| to > last || to <= starts) {
        return Err(outside(&period.to, "to"));
    }
    if let (Some(from), Some(to), Some(text)) = (from, to, &period.to)
        && to <= from
    {
        return Err(SettingError::at(
            text.span(),
            format!("`to` ({to}) is not after `from` ({from})"),
        ));
    }
    let rows =
        market.rows_between(from.unwrap_or(Timestamp::from_millis(i64::MIN)), to.unwrap_or(last));
    if rows.len() < 2 {
        let message = format!("the period has {} rows of data, expected at least 2", rows.len());
        return Err(SettingError::at(period.span.clone(), message));
    }
    Ok(rows)
}

/// Vols of the whole history, so that a warm-up costs nothing of the period.
fn vols(full: &Market, scenario: &Scenario) -> anyhow::Result<Vec<VolMarks>> {
    let assets = 0..full.assets().len();
    match &scenario.vol {
        None => Ok(assets.map(|_| VolMarks::unknown(full.n_rows())).collect()),
        Some(model) => assets.map(|asset| Ok(VolMarks::new(&**model, full, asset)?)).collect(),
    }
}

/// The comparison always holds "every row": the first instrument that hedges delta, all of it, at every row.
fn add_every_row(specs: &mut Vec<StrategySpec>, desk: &Desk<'_>, exposure: &Exposure) {
    let is_every_row = |spec: &StrategySpec| match spec.legs.as_slice() {
        [leg] => {
            let ratio =
                leg.ratio.as_ref().map_or(1.0, |ratio| match ratio.column(&desk.nothing()) {
                    RatioColumn::Constant(ratio) => ratio,
                    RatioColumn::Rows(_) => f64::NAN,
                });
            let every =
                leg.when.as_ref().is_some_and(|rule| format!("{rule:?}").starts_with("EveryRow"));
            leg.against == AgainstSpec::Delta && (ratio - 1.0).abs() < 1e-12 && every
        }
        _ => false,
    };
    let delta_leg =
        specs.iter().flat_map(|spec| &spec.legs).find(|leg| leg.against == AgainstSpec::Delta);
    let Some(contract) = (match delta_leg.map(|leg| (&*leg.with, &leg.asset)) {
        Some((Instrument::Linear(contract), None)) => Some(*contract),
        Some(_) => None,
        None => desk.market.tradable(0, Contract::LinearPerp).map(|_| Contract::LinearPerp),
    }) else {
        return;
    };
    let has_delta =
        exposure.slopes.iter().any(|slopes| slopes.delta.iter().any(|delta| *delta != 0.0));
    if specs.iter().any(is_every_row) || desk.market.assets().len() > 1 || !has_delta {
        return;
    }
    let name = match contract {
        Contract::Spot => "spot",
        Contract::LinearPerp => "perp",
        Contract::InversePerp => "inverse_perp",
    };
    let taken = specs.iter().any(|spec| spec.name == "every row");
    let leg = LegSpec {
        name: None,
        asset: None,
        with: Box::new(Instrument::Linear(contract)),
        against: AgainstSpec::Delta,
        delta: None,
        ratio: None,
        when: RULES.iter().find(|entry| entry.name == "every_row").and_then(every_row),
        to: hedgerow_sim::To::Edge,
        span: 0..0,
        raw: BTreeMap::from([("with", format!("{name:?}")), ("when", r#""every_row""#.to_owned())]),
    };
    specs.push(StrategySpec {
        name: if taken { "every row (always compared)" } else { "every row" }.to_owned(),
        about: Some("always in the comparison: the whole delta, hedged at every row".to_owned()),
        legs: vec![leg],
    });
}

fn every_row(entry: &hedgerow_core::registry::Entry<dyn Rule>) -> Option<Box<dyn Rule>> {
    let empty = Spanned::new(0..0, toml::de::DeValue::Table(toml::de::DeTable::new()));
    (entry.build)(empty).ok()
}

/// Tracks that several legs share, by instrument as typed and asset.
type Tracks = BTreeMap<(String, usize), Arc<Track>>;

/// What resolving a leg needs.
#[derive(Clone)]
struct Desk<'a> {
    full: &'a Market,
    rows: Range<usize>,
    market: &'a Market,
    /// Of the full market.
    vols: &'a [VolMarks],
    scenario: &'a Scenario,
}

impl Desk<'_> {
    fn book(&self) -> Result<Vec<BookLine>, SettingError> {
        let lines = self.scenario.book.iter().map(|(spec, span)| {
            resolve(spec, self.market).map_err(|error| SettingError {
                span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
                ..error
            })
        });
        lines.collect()
    }

    fn account(&self) -> Result<Account, SettingError> {
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

    fn asset(&self, leg: &LegSpec) -> Result<usize, SettingError> {
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

    fn nothing(&self) -> History<'_> {
        History {
            time: &self.market.time()[..1],
            spot: &[1.0],
            spot_return: vec![0.0],
            hedge_return: vec![0.0],
        }
    }

    fn strategy(
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
        let rule = spec.when.take().map_or_else(|| self.default_rule(spec), Ok)?;
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
            delta: spec.delta.unwrap_or_default(),
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
            _ if spec.delta == Some(DeltaKind::Coin) && slopes.coin_value.is_empty() => refuse(
                "`delta = \"coin\"` is for books with coin-settled options, and this book has none",
            ),
            _ => Ok(()),
        }
    }

    fn default_rule(&self, spec: &LegSpec) -> anyhow::Result<Box<dyn Rule>> {
        let entry = RULES.iter().find(|entry| entry.name == "every_row");
        match (spec.against, entry.and_then(every_row)) {
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
            Instrument::Option(_) => match ratio.column(&self.nothing()) {
                RatioColumn::Constant(constant) => Ok((RatioColumn::Constant(constant), about)),
                RatioColumn::Rows(_) => {
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
                let delta =
                    if spec.delta == Some(DeltaKind::Coin) { "coin delta" } else { "delta" };
                let to = if spec.to == hedgerow_sim::To::Edge { "edge" } else { "centre" };
                format!("{} against {delta}{ratio}{when}, to the {to}", track.name)
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
