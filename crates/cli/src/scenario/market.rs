//! The `[market]` table: where data come from, what is replayed, and the funding that no series holds.

use std::ops::Range;

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{Setting, SettingError, build, parameters, unknown};
use hedgerow_data::{DeclaredFunding, MarketSource, Window};
use hedgerow_sim::{FUNDING_FORMULAS, FundingFormula};
use toml::Spanned;
use toml::de::DeValue;

use crate::section::Section;
use crate::write::toml_value;

/// The table as typed.
#[derive(Debug)]
pub(crate) struct MarketSpec {
    pub(crate) source: MarketSource,
    pub(crate) period: Period,
    /// What makes funding for perpetuals without a series of it.
    pub(crate) funding: Option<Spanned<Box<dyn FundingFormula>>>,
    /// In canonical TOML.
    pub(crate) raw: String,
}

/// The window that is replayed.
#[derive(Debug, Default)]
pub(crate) struct Period {
    pub(crate) from: Option<Spanned<String>>,
    pub(crate) to: Option<Spanned<String>>,
    pub(crate) span: Range<usize>,
}

impl Period {
    /// As instants.
    pub(crate) fn window(&self) -> Result<Window, SettingError> {
        let instant = |text: &Option<Spanned<String>>, end_of_day| {
            text.as_ref().map(|text| instant(text, end_of_day)).transpose()
        };
        Ok(Window {
            from: instant(&self.from, EndOfDay::Excluded)?,
            to: instant(&self.to, EndOfDay::Included)?,
        })
    }
}

/// Reads the table.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub(crate) fn read(setting: Setting<'_>) -> Result<MarketSpec, SettingError> {
    let raw = toml_value(setting.get_ref());
    let mut section = Section::from_setting("[market]", setting)?;
    let (from, to) = (date(section.take("from"))?, date(section.take("to"))?);
    let formula = section.take_if("funding", |value| value.as_str() != Some("none"));
    let funding = formula.map(funding).transpose()?;
    let span = section.span();
    let source: MarketSource = parameters(section.rest()).map_err(|error| SettingError {
        message: error.message.replace("expected one of ", "expected one of `from`, `to`, "),
        span: error.span.filter(|inner| !inner.is_empty()).or(Some(span.clone())),
    })?;
    let period = Period { from, to, span };
    let mut source = MarketSource { window: period.window()?, ..source };
    if funding.is_some() {
        source.funding = Some(DeclaredFunding::ByFormula);
    }
    Ok(MarketSpec { source, period, funding, raw })
}

/// What makes funding of prices, for those who have said something else than `"none"`.
fn funding(setting: Setting<'_>) -> Result<Spanned<Box<dyn FundingFormula>>, SettingError> {
    let span = setting.span();
    if let DeValue::String(name) = setting.get_ref()
        && FUNDING_FORMULAS.iter().all(|entry| entry.name != *name)
    {
        let known = std::iter::once("none").chain(FUNDING_FORMULAS.iter().map(|entry| entry.name));
        return Err(SettingError::at(span, unknown("funding", name, known)));
    }
    Ok(Spanned::new(span, build(FUNDING_FORMULAS, setting, "funding formula")?))
}

/// A date as text, or as TOML's own date without quotes.
pub(crate) fn date(setting: Option<Setting<'_>>) -> Result<Option<Spanned<String>>, SettingError> {
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
