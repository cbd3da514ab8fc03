//! A scenario file as typed: every key read, none left over, nothing looked up yet.

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{Setting, SettingError, build, parameters};
use hedgerow_data::MarketSource;
use hedgerow_greeks::{BookSpec, VOLS, VolModel};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::account::{self, AccountSpec};
use crate::costs::{self, CostsSpec};
use crate::section::{Section, within};
use crate::write::toml_value;

mod strategy;

pub(crate) use strategy::{AgainstSpec, DeltaSpec, FillSpec, LegSpec, StrategySpec};

/// A scenario as typed.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) market: MarketSource,
    pub(crate) period: Period,
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

/// The window that is replayed.
#[derive(Debug, Default)]
pub(crate) struct Period {
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) to: Option<Spanned<String>>,
    pub(crate) span: Range<usize>,
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
    pub(crate) market: String,
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
    let (market, period) = market(root.need("market")?, &mut raw)?;
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
        period,
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

fn market(
    setting: Setting<'_>,
    raw: &mut RawSections,
) -> Result<(MarketSource, Period), SettingError> {
    raw.market = toml_value(setting.get_ref());
    let mut section = Section::from_setting("[market]", setting)?;
    let (from, to) = (date(section.take("from"))?, date(section.take("to"))?);
    let span = section.span();
    let source = parameters(section.rest()).map_err(|error| SettingError {
        message: error.message.replace("expected one of ", "expected one of `from`, `to`, "),
        span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
    })?;
    Ok((source, Period { from, to, span }))
}

/// A date as text, or as TOML's own date without quotes.
fn date(setting: Option<Setting<'_>>) -> Result<Option<Spanned<String>>, SettingError> {
    let Some(setting) = setting else { return Ok(None) };
    let span = setting.span();
    match setting.into_inner() {
        DeValue::String(text) => Ok(Some(Spanned::new(span, text.into_owned()))),
        DeValue::Datetime(time) => Ok(Some(Spanned::new(span, time.to_string()))),
        other => {
            Err(SettingError::at(span, format!("expected a date, found {}", other.type_str())))
        }
    }
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

/// A date means the whole day: as `to`, up to its end.
pub(crate) fn instant(
    text: &Spanned<String>,
    end_of_day: EndOfDay,
) -> Result<Timestamp, SettingError> {
    let typed = text.get_ref();
    let time = Timestamp::parse(typed).ok_or_else(|| {
        let message = format!("expected a date or a UTC time such as 2022-11-06 or 2022-11-06T08:00:00Z, found `{typed}`");
        SettingError::at(text.span(), message)
    })?;
    let is_date = typed.trim().len() == "2022-11-06".len();
    Ok(if is_date && end_of_day == EndOfDay::Included { time.plus_days(1) } else { time })
}

/// Whether a date given as an instant includes its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndOfDay {
    /// The instant is the day's end.
    Included,
    /// The instant is the day's start.
    Excluded,
}
