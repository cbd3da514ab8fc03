//! `[[strategy]]` and its legs, as typed.

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError, build, parameters};
use hedgerow_greeks::{DELTAS, HedgeDelta};
use hedgerow_sim::fees::Liquidity;
use hedgerow_sim::{Execution, FillAt, RATIOS, RULES, Ratio, Rule, To};
use serde::Deserialize;
use toml::Spanned;

use crate::costs;
use crate::instruments::{INSTRUMENTS, Instrument};
use crate::section::Section;
use crate::write::toml_value;

/// One strategy as typed.
#[derive(Debug)]
pub(crate) struct StrategySpec {
    pub(crate) name: String,
    pub(crate) about: Option<String>,
    pub(crate) legs: Vec<LegSpec>,
}

/// One leg as typed.
#[derive(Debug)]
pub(crate) struct LegSpec {
    pub(crate) name: Option<String>,
    pub(crate) asset: Option<Spanned<String>>,
    pub(crate) with: Box<Instrument>,
    pub(crate) against: AgainstSpec,
    pub(crate) delta: Option<DeltaSpec>,
    pub(crate) ratio: Option<Box<dyn Ratio>>,
    pub(crate) when: Option<Box<dyn Rule>>,
    pub(crate) to: To,
    /// Where it differs from the scenario's.
    pub(crate) liquidity: Option<Liquidity>,
    /// Where it differs from the scenario's.
    pub(crate) execution: Option<Spanned<Execution>>,
    /// Where it differs from the scenario's.
    pub(crate) fill: Option<Spanned<FillSpec>>,
    pub(crate) span: Range<usize>,
    /// Where `delta` stands, or the leg where it is left out.
    pub(crate) delta_span: Range<usize>,
    /// `with`, `against`, `delta`, `ratio`, `when` as typed, in canonical TOML; defaults filled in.
    pub(crate) raw: BTreeMap<&'static str, String>,
}

/// `against` as typed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgainstSpec {
    /// The delta of book and legs before.
    Delta,
    /// Their vega.
    Vega,
    /// Their gamma.
    Gamma,
    /// Their delta and the account's coins.
    Account,
    /// Their deltas in all assets.
    Portfolio,
    /// Units per coin held.
    Size(f64),
}

/// `fill` of a leg as typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FillSpec {
    /// At the open of the row after the decision.
    NextOpen,
    /// At the price of the deciding row.
    DecidingPrice,
    /// At levels of the spot at which orders rest.
    Stop,
}

impl FillSpec {
    /// As typed.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::NextOpen => "next_open",
            Self::DecidingPrice => "deciding_price",
            Self::Stop => "stop",
        }
    }

    /// The fills of the track before orders rest.
    pub(crate) const fn at(self) -> FillAt {
        match self {
            Self::NextOpen | Self::Stop => FillAt::NextOpen,
            Self::DecidingPrice => FillAt::DecidingPrice,
        }
    }
}

impl LegSpec {
    /// How soon it trades; as the scenario does where it does not say so.
    pub(crate) fn execution(&self, of_scenario: Execution) -> Execution {
        self.execution.as_ref().map_or(of_scenario, |own| *own.get_ref())
    }

    /// The place of `fill = "stop"`, for legs whose orders rest at levels.
    pub(crate) fn rests(&self) -> Option<Range<usize>> {
        self.fill.as_ref().filter(|fill| *fill.get_ref() == FillSpec::Stop).map(Spanned::span)
    }
}

/// `delta` as typed.
#[derive(Debug)]
pub(crate) enum DeltaSpec {
    /// The exposure's own.
    BlackScholes,
    /// The exposure's own, less the value in coins of coin-settled options.
    Coin,
    /// By a rule that makes a column of its own.
    Chosen(Box<dyn HedgeDelta>),
}

/// Reads a `[[strategy]]`.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(super) fn read(mut section: Section<'_>) -> Result<StrategySpec, SettingError> {
    let name: Spanned<String> = section.read_needed("name")?;
    if name.get_ref().trim().is_empty() {
        return Err(SettingError::at(name.span(), "the strategy's name is empty"));
    }
    if name.get_ref() == "unhedged" {
        let message = format!(
            "`{}` cannot name a strategy: the unhedged book is always in the comparison",
            name.get_ref()
        );
        return Err(SettingError::at(name.span(), message));
    }
    let about = section.read("about")?;
    let legs = section.sections("leg", "strategy.leg")?;
    if legs.is_empty() {
        let message = format!(
            "strategy `{}` has no [[strategy.leg]]; the unhedged book is always in the comparison",
            name.get_ref()
        );
        return Err(SettingError::at(section.span(), message));
    }
    let legs = legs.into_iter().map(leg).collect::<Result<_, _>>()?;
    section.finish()?;
    Ok(StrategySpec { name: name.into_inner(), about, legs })
}

fn leg(mut section: Section<'_>) -> Result<LegSpec, SettingError> {
    let mut raw = BTreeMap::new();
    let mut note = |key: &'static str, setting: Setting<'_>| {
        raw.insert(key, toml_value(setting.get_ref()));
    };
    let (name, asset, span) = (section.read("name")?, section.read("asset")?, section.span());
    let with = section.need("with")?;
    note("with", with.clone());
    let with = build(INSTRUMENTS, with, "instrument")?;
    let against = section.take("against");
    against.iter().cloned().for_each(|setting| note("against", setting));
    let against = against.map(against_spec).transpose()?.unwrap_or(AgainstSpec::Delta);
    let delta = section.take("delta");
    delta.iter().cloned().for_each(|setting| note("delta", setting));
    let delta_span = delta.as_ref().map_or_else(|| span.clone(), Spanned::span);
    let delta = delta.map(delta_spec).transpose()?;
    let ratio = section.take("ratio");
    ratio.iter().cloned().for_each(|setting| note("ratio", setting));
    let ratio = ratio.map(|setting| build(RATIOS, setting, "ratio")).transpose()?;
    let when = section.take("when");
    when.iter().cloned().for_each(|setting| note("when", setting));
    let when = when.map(|setting| build(RULES, setting, "rule")).transpose()?;
    let to = section.read("to")?.unwrap_or_default();
    let (liquidity, execution) = (section.read("liquidity")?, costs::execution(&mut section)?);
    let fill = section.read("fill")?;
    section.finish()?;
    Ok(LegSpec {
        name,
        asset,
        with,
        against,
        delta,
        ratio,
        when,
        to,
        liquidity,
        execution,
        fill,
        span,
        delta_span,
        raw,
    })
}

fn delta_spec(setting: Setting<'_>) -> Result<DeltaSpec, SettingError> {
    let rule = build(DELTAS, setting, "delta")?;
    Ok(match rule.name() {
        "black_scholes" => DeltaSpec::BlackScholes,
        "coin" => DeltaSpec::Coin,
        _ => DeltaSpec::Chosen(rule),
    })
}

fn against_spec(setting: Setting<'_>) -> Result<AgainstSpec, SettingError> {
    let span = setting.span();
    match parameters(setting) {
        Ok(AgainstSpec::Size(size)) if !size.is_finite() => {
            Err(SettingError::at(span, format!("size is {size}, expected a finite number")))
        }
        Ok(against) => Ok(against),
        Err(error) => Err(SettingError::at(
            span,
            format!(
                "`against` is `\"delta\"`, `\"account\"`, `\"vega\"`, `\"gamma\"`, `\"portfolio\"` or `{{ size = units per coin held }}`: {}",
                error.message
            ),
        )),
    }
}
