//! A scenario file as typed: every key read, none left over, nothing looked up yet.

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError, build, parameters};
use hedgerow_greeks::{BookSpec, VOLS, VolModel};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::account::{self, AccountSpec};
use crate::costs::{self, CostsSpec};
use crate::section::{Section, within};
use crate::write::toml_value;

mod market;
mod strategy;

pub(crate) use market::{EndOfDay, MarketSpec, date, instant};
pub(crate) use strategy::{AgainstSpec, DeltaSpec, FillSpec, LegSpec, StrategySpec};

/// A scenario as typed.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) market: MarketSpec,
    pub(crate) vol: Option<Box<dyn VolModel>>,
    /// Empty where there is no [[book]].
    pub(crate) book: Vec<(BookSpec, Range<usize>)>,
    pub(crate) capital: Capital,
    pub(crate) account: Option<AccountSpec>,
    /// Continuous rate on USD, fraction per year.
    pub(crate) rate: f64,
    pub(crate) costs: CostsSpec,
    pub(crate) bootstrap: BootstrapSpec,
    pub(crate) strategies: Vec<StrategySpec>,
    /// Sections as typed, in canonical TOML, for the resolved scenario.
    pub(crate) raw: RawSections,
}

/// What the account starts with.
#[derive(Debug, Default)]
pub(crate) struct Capital {
    pub(crate) usd: f64,
    /// Where the USD stand.
    pub(crate) usd_span: Range<usize>,
    pub(crate) coins: BTreeMap<Spanned<String>, f64>,
}

/// How intervals are drawn, as typed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct BootstrapSpec {
    pub(crate) seed: u64,
    pub(crate) resamples: usize,
    pub(crate) level_percent: f64,
}

impl Default for BootstrapSpec {
    fn default() -> Self {
        Self { seed: 1, resamples: 1000, level_percent: 95.0 }
    }
}

/// Sections in canonical TOML.
#[derive(Debug, Default)]
pub(crate) struct RawSections {
    pub(crate) vol: String,
    pub(crate) book: Vec<String>,
}

/// Reads the text of a scenario file.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(crate) fn read(text: &str) -> Result<Scenario, SettingError> {
    let document = DeTable::parse(text)?;
    let span = 0..0;
    let mut root = Section::new("the scenario", span, document.into_inner());
    let name: Spanned<String> = root.read_needed("name")?;
    if name.get_ref().trim().is_empty() {
        return Err(SettingError::at(name.span(), "`name` is empty"));
    }
    let about: Option<String> = root.read("about")?;
    let mut raw = RawSections::default();
    let market = market::read(root.need("market")?)?;
    let vol = root.section("vol")?.map(|section| vol(section, &mut raw)).transpose()?;
    let book = book(root.take("book"), &mut raw)?;
    let capital = root.section("capital")?.map(capital).transpose()?.unwrap_or_default();
    let account = root.section("account")?.map(account::read).transpose()?;
    let rate = root.section("rates")?.map(rate).transpose()?.unwrap_or(0.0);
    let costs = root.section("costs")?.map(costs::read).transpose()?.unwrap_or_default();
    let bootstrap = root.section("bootstrap")?.map(bootstrap).transpose()?.unwrap_or_default();
    let strategies = root.sections("strategy", "strategy")?;
    let strategies = strategies.into_iter().map(strategy::read).collect::<Result<Vec<_>, _>>()?;
    root.finish()?;
    let name = name.into_inner();
    let about = about.unwrap_or_default();
    Ok(Scenario {
        name,
        about,
        market,
        vol,
        book,
        capital,
        account,
        rate,
        costs,
        bootstrap,
        strategies,
        raw,
    })
}

fn vol(mut section: Section<'_>, raw: &mut RawSections) -> Result<Box<dyn VolModel>, SettingError> {
    let model = section.need("model")?;
    raw.vol = toml_value(model.get_ref());
    let model = build(VOLS, model, "vol model")?;
    section.finish()?;
    Ok(model)
}

fn book(
    setting: Option<Setting<'_>>,
    raw: &mut RawSections,
) -> Result<Vec<(BookSpec, Range<usize>)>, SettingError> {
    let Some(setting) = setting else { return Ok(Vec::new()) };
    let span = setting.span();
    let DeValue::Array(lines) = setting.into_inner() else {
        return Err(SettingError::at(span, "expected tables [[book]]"));
    };
    if lines.is_empty() {
        return Err(SettingError::at(span, "[[book]] is empty: what is to be hedged?"));
    }
    lines
        .into_iter()
        .map(|line| {
            raw.book.push(toml_value(line.get_ref()));
            let span = line.span();
            let spec = parameters(line).map_err(|error| SettingError {
                message: format!("[[book]]: {}", error.message),
                span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
            })?;
            Ok((spec, span))
        })
        .collect()
}

fn capital(mut section: Section<'_>) -> Result<Capital, SettingError> {
    let usd: Option<Spanned<f64>> = section.read("usd")?;
    let coins: Option<BTreeMap<Spanned<String>, Spanned<f64>>> = section.read("coins")?;
    section.finish()?;
    let finite = |number: &Spanned<f64>| match number.get_ref() {
        number if number.is_finite() => Ok(*number),
        found => {
            Err(SettingError::at(number.span(), format!("expected a finite number, found {found}")))
        }
    };
    let coins = coins.unwrap_or_default().into_iter();
    let coins = coins
        .map(|(asset, number)| Ok((asset, finite(&number)?)))
        .collect::<Result<_, SettingError>>()?;
    let usd_span = usd.as_ref().map_or(0..0, Spanned::span);
    let usd = usd.as_ref().map(finite).transpose()?.unwrap_or(0.0);
    Ok(Capital { usd, usd_span, coins })
}

fn rate(mut section: Section<'_>) -> Result<f64, SettingError> {
    let percent: Spanned<f64> = section.read_needed("usd_percent")?;
    section.finish()?;
    Ok(within("usd_percent", &percent, (-50.0, 100.0))? / 100.0)
}

fn bootstrap(mut section: Section<'_>) -> Result<BootstrapSpec, SettingError> {
    let default = BootstrapSpec::default();
    let seed = section.read("seed")?.unwrap_or(default.seed);
    let resamples: Option<Spanned<usize>> = section.read("resamples")?;
    let level: Option<Spanned<f64>> = section.read("level_percent")?;
    section.finish()?;
    let resamples = resamples
        .map_or(Ok(default.resamples), |number| within("resamples", &number, (100, 100_000)))?;
    let level_percent = level.map_or(Ok(default.level_percent), |number| {
        within("level_percent", &number, (50.0, 99.9))
    })?;
    Ok(BootstrapSpec { seed, resamples, level_percent })
}
