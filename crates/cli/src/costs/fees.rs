//! Fees that a scenario gives itself: a number, one for each side of the book, or steps by date.

use std::ops::Range;

use hedgerow_core::Timestamp;
use hedgerow_core::registry::{Setting, SettingError, parameters};
use hedgerow_sim::Costs;
use hedgerow_sim::fees::{Fee, Liquidity, Venue};
use toml::Spanned;
use toml::de::DeValue;

use crate::scenario::{EndOfDay, date, instant};
use crate::section::{Section, within};
use crate::write::toml_value;

/// What a scenario says of one fee.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TypedFee {
    pub(super) fee: Fee,
    pub(super) key: &'static str,
    /// In the order of time.
    steps: Vec<Step>,
    /// In canonical TOML, where it is more than a number.
    pub(super) raw: Option<String>,
    /// Where the first step stands.
    span: Range<usize>,
}

/// What holds from an instant on, in the unit of the fee; `None` for what the venue says.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Step {
    /// `None`: at all dates.
    from: Option<Timestamp>,
    maker: Option<f64>,
    taker: Option<f64>,
}

/// Least that a maker's fee may be: rebates are smaller.
const LEAST_BPS: f64 = -10.0;

/// Most that any fee may be.
const MOST_BPS: f64 = 10_000.0;

/// Takes every fee of `[costs]`.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(super) fn read(
    section: &mut Section<'_>,
    venue: Option<&Venue>,
) -> Result<Vec<TypedFee>, SettingError> {
    let mut typed = Vec::new();
    for (fee, key) in Fee::LINES {
        if let Some(setting) = section.take(key) {
            typed.push(Line { fee, key, venue }.read(setting)?);
        }
    }
    Ok(typed)
}

/// A fee that is being read.
#[derive(Clone, Copy)]
struct Line<'a> {
    fee: Fee,
    key: &'static str,
    venue: Option<&'a Venue>,
}

impl Line<'_> {
    fn read(self, setting: Setting<'_>) -> Result<TypedFee, SettingError> {
        let (raw, mut span) = (toml_value(setting.get_ref()), setting.span());
        let (steps, raw) = match setting.get_ref() {
            DeValue::Integer(_) | DeValue::Float(_) => (vec![self.number(setting)?], None),
            DeValue::Table(_) => (vec![self.sides(setting)?], Some(raw)),
            DeValue::Array(_) => {
                let (steps, first) = self.dated(setting)?;
                span = first;
                (steps, Some(raw))
            }
            other => {
                let message = format!("{}, found {}", self.shapes(), other.type_str());
                return Err(SettingError::at(span, message));
            }
        };
        Ok(TypedFee { fee: self.fee, key: self.key, steps, raw, span })
    }

    /// The key of a number in a list.
    fn unit_key(self) -> &'static str {
        if self.fee == Fee::OptionCap { "percent" } else { "bps" }
    }

    fn shapes(self) -> String {
        let (key, unit) = (self.key, self.unit_key());
        format!(
            "`{key}` is a number, `{{ maker = -1, taker = 5 }}`, or a list by date such as `[{{ from = 2023-01-01, {unit} = 3 }}]`"
        )
    }

    /// The same for both sides at all dates.
    fn number(self, setting: Setting<'_>) -> Result<Step, SettingError> {
        let both = Some(self.both(self.key, &parameters(setting)?)?);
        Ok(Step { from: None, maker: both, taker: both })
    }

    /// A fee of both sides: no rebate, which takers do not get.
    fn both(self, key: &str, number: &Spanned<f64>) -> Result<f64, SettingError> {
        let found = *number.get_ref();
        if found < 0.0 && self.fee.has_rebates() {
            let message = format!(
                "`{key}` is {found}, expected 0 to {MOST_BPS}: a fee below 0 is a rebate, which makers get and takers do not; say `{{ maker = {found} }}`, with `taker` beside it where that is not as the venue has it"
            );
            return Err(SettingError::at(number.span(), message));
        }
        within(key, number, (0.0, MOST_BPS))
    }

    /// `{ maker = …, taker = … }`.
    fn sides(self, setting: Setting<'_>) -> Result<Step, SettingError> {
        let mut section = Section::from_setting(format!("`{}`", self.key), setting)?;
        let step = self.step(None, &mut section)?;
        section.finish()?;
        Ok(step)
    }

    fn step(
        self,
        from: Option<Timestamp>,
        section: &mut Section<'_>,
    ) -> Result<Step, SettingError> {
        let unit = self.unit_key();
        let place = section.span();
        let both: Option<Spanned<f64>> = if from.is_some() { section.read(unit)? } else { None };
        let maker: Option<Spanned<f64>> = section.read("maker")?;
        let taker: Option<Spanned<f64>> = section.read("taker")?;
        match (&both, &maker, &taker) {
            (Some(both), None, None) => {
                let both = Some(self.both(unit, both)?);
                return Ok(Step { from, maker: both, taker: both });
            }
            (None, Some(_), _) | (None, None, Some(_)) => {}
            (None, None, None) => return Err(SettingError::at(place, self.shapes())),
            _ => {
                let message =
                    format!("`{unit}` is for makers and takers; remove it, or `maker` and `taker`");
                return Err(SettingError::at(place, message));
            }
        }
        if let (Some(maker), None) = (&maker, self.venue) {
            let message = "`maker` is the fee of orders that rest in the book of a venue, and [costs] names no `venue`; name one, or say the taker's fee alone";
            return Err(SettingError::at(maker.span(), message));
        }
        let least = if self.fee.has_rebates() { LEAST_BPS } else { 0.0 };
        let maker = maker.map(|number| within("maker", &number, (least, MOST_BPS))).transpose()?;
        let taker = taker.map(|number| within("taker", &number, (0.0, MOST_BPS))).transpose()?;
        Ok(Step { from, maker, taker })
    }

    /// A list by date, and where its first entry stands.
    fn dated(self, setting: Setting<'_>) -> Result<(Vec<Step>, Range<usize>), SettingError> {
        let span = setting.span();
        let DeValue::Array(list) = setting.into_inner() else {
            return Err(SettingError::at(span, self.shapes()));
        };
        let (mut steps, mut first) = (Vec::<Step>::new(), None);
        for entry in list {
            let place = entry.span();
            let name = format!("an entry of `{}`", self.key);
            let mut section = Section::from_setting(name, entry)?;
            let text = date(Some(section.need("from")?))?;
            let text = text.ok_or_else(|| SettingError::at(place, self.shapes()))?;
            let from = instant(&text, EndOfDay::Excluded)?;
            if steps.last().is_some_and(|last| last.from >= Some(from)) {
                let message = format!(
                    "`from` is {from}, not after the one before it: entries of `{}` stand in the order of time",
                    self.key
                );
                return Err(SettingError::at(text.span(), message));
            }
            steps.push(self.step(Some(from), &mut section)?);
            section.finish()?;
            first.get_or_insert(text.span());
        }
        let first = first.ok_or_else(|| SettingError::at(span, self.shapes()))?;
        Ok((steps, first))
    }
}

impl TypedFee {
    /// What it says for this side at `time`; `None` where that is left to the venue.
    pub(super) fn at(&self, liquidity: Liquidity, time: Timestamp) -> Option<f64> {
        let has_begun = |step: &&Step| step.from.is_none_or(|from| from <= time);
        let step = self.steps.iter().rev().find(has_begun)?;
        match liquidity {
            Liquidity::Maker => step.maker,
            Liquidity::Taker => step.taker,
        }
    }

    /// The days at which it changes.
    pub(super) fn days(&self) -> impl Iterator<Item = Timestamp> {
        self.steps.iter().filter_map(|step| step.from)
    }

    /// Refuses a list that says nothing at the start of the run.
    ///
    /// # Errors
    /// [`SettingError`] at its first date.
    pub(super) fn check_start(&self, start: Timestamp) -> Result<(), SettingError> {
        match self.days().next().filter(|from| *from > start) {
            None => Ok(()),
            Some(from) => {
                let message = format!(
                    "the first `from` of `{}` is {from}, and the run starts at {start}: let the first entry hold from then on, or from earlier",
                    self.key
                );
                Err(SettingError::at(self.span.clone(), message))
            }
        }
    }

    /// Writes a number that holds for both sides at all dates.
    pub(super) fn set_number(&self, costs: &mut Costs) {
        if let (None, [Step { taker: Some(number), .. }]) = (&self.raw, self.steps.as_slice()) {
            self.fee.set(costs, *number);
        }
    }
}
