//! `[account]`: what cash and coins earn and owe, and what the venue asks, as typed.

mod bars;
mod penalty;
mod reduction;
mod said;
mod stablecoin;
mod terms;

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::registry::{SettingError, build};
use hedgerow_core::{OptionMarginAsk, Timestamp};
use hedgerow_sim::{MARGINS, MarginModel, MarginOf, SpotMargin, Sweep, Then, TopUp};
use serde::Deserialize;
use toml::Spanned;

use crate::costs::CostsSpec;
use crate::section::{Section, within};

pub(crate) use penalty::PenaltySpec;
use reduction::ReductionSpec;
pub(crate) use said::{Of, events, sentences};
pub(crate) use terms::add_option_margin;

/// Numbers by ticker.
type ByCoin = BTreeMap<Spanned<String>, Spanned<f64>>;

/// `[account]` as typed.
#[derive(Debug)]
pub(crate) struct AccountSpec {
    borrow_rate: Option<f64>,
    coin_percent: ByCoin,
    coin_borrow_percent: ByCoin,
    stablecoin: Option<Spanned<String>>,
    pub(crate) margin: Option<MarginSpec>,
    /// Every key in canonical TOML, defaults filled in.
    raw: Vec<(String, String)>,
}

/// The keys of `[account]` that say what the venue asks.
#[derive(Debug)]
pub(crate) struct MarginSpec {
    pub(crate) model: Box<dyn MarginModel>,
    scope: MarginOf,
    /// `None` where nothing is said: all of `[capital]`.
    posted: Option<Posted>,
    haircut_percent: ByCoin,
    /// What is owed for spot asks this; `None` where nothing is said: [`SpotMargin::CROSS_3X`].
    spot_margin: Option<Spanned<SpotMargin>>,
    top_up: Option<Spanned<TopUp>>,
    sweep: Option<Sweep>,
    reduce_at: Option<ReductionSpec>,
    pub(crate) penalty: PenaltySpec,
    then: Then,
    /// Where the model stands.
    model_span: Range<usize>,
}

#[derive(Debug)]
struct Posted {
    usd: f64,
    usd_span: Range<usize>,
    coins: ByCoin,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpotMarginSpec {
    initial_percent: f64,
    maintenance_percent: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopUpSpec {
    below_ratio: f64,
    to_ratio: f64,
    delay_hours: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SweepSpec {
    above_ratio: f64,
    to_ratio: f64,
    delay_hours: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LiquidationSpec {
    penalty_bps: Option<Spanned<f64>>,
    option_penalty_bps: Option<Spanned<f64>>,
    then: Option<ThenSpec>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum ThenSpec {
    Stop,
    Unhedged,
}

#[derive(Deserialize, Clone, Copy)]
enum ScopeSpec {
    #[serde(rename = "book and legs")]
    BookAndLegs,
    #[serde(rename = "legs")]
    Legs,
}

/// Keys that mean nothing without `margin`.
const OF_MARGIN: [&str; 9] = [
    "margin_of",
    "posted_usd",
    "posted_coins",
    "haircut_percent",
    "spot_margin",
    "top_up",
    "sweep",
    "reduce_at",
    "liquidation",
];

/// Reads the section.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(crate) fn read(mut section: Section<'_>) -> Result<AccountSpec, SettingError> {
    let mut raw = section.raw();
    let borrow: Option<Spanned<f64>> = section.read("borrow_percent")?;
    let borrow_rate = borrow
        .as_ref()
        .map(|percent| {
            within("borrow_percent", percent, (0.0, 10_000.0)).map(|found| found / 100.0)
        })
        .transpose()?;
    let coin_percent = by_coin(&mut section, "coin_percent", (-50.0, 1000.0))?;
    let coin_borrow_percent = by_coin(&mut section, "coin_borrow_percent", (0.0, 10_000.0))?;
    let stablecoin: Option<Spanned<String>> = section.read("stablecoin")?;
    if let (Some(percent), Some(name)) = (&borrow, &stablecoin) {
        let message = format!(
            "`borrow_percent` is what USD owed pay, and with `stablecoin` none are: type `coin_borrow_percent = {{ {} = {} }}`",
            name.get_ref(),
            percent.get_ref()
        );
        return Err(SettingError::at(percent.span(), message));
    }
    let margin = match section.take("margin") {
        None => {
            if let Some(key) = OF_MARGIN.into_iter().find(|key| section.has(key)) {
                let message = format!(
                    "`{key}` needs a margin model: add `margin = \"deribit_standard\"` or another; see `hedgerow list`"
                );
                return Err(SettingError::at(section.span(), message));
            }
            None
        }
        Some(setting) => {
            let place = setting.span();
            let model = build(MARGINS, setting, "margin model")?;
            Some(margin((model, place), &mut section, &mut raw)?)
        }
    };
    // Taken above where they are typed; here, so that messages about unknown keys list them.
    OF_MARGIN.into_iter().for_each(|key| drop(section.take(key)));
    section.finish()?;
    Ok(AccountSpec { borrow_rate, coin_percent, coin_borrow_percent, stablecoin, margin, raw })
}

fn margin(
    (model, model_span): (Box<dyn MarginModel>, Range<usize>),
    section: &mut Section<'_>,
    raw: &mut Vec<(String, String)>,
) -> Result<MarginSpec, SettingError> {
    let scope = match section.read("margin_of")? {
        None => {
            raw.push(("margin_of".to_owned(), "\"book and legs\"".to_owned()));
            MarginOf::BookAndLegs
        }
        Some(ScopeSpec::BookAndLegs) => MarginOf::BookAndLegs,
        Some(ScopeSpec::Legs) => MarginOf::Legs,
    };
    let usd: Option<Spanned<f64>> = section.read("posted_usd")?;
    usd.as_ref().map(|usd| within("posted_usd", usd, (0.0, 1e15))).transpose()?;
    let says_coins = section.has("posted_coins");
    let coins = by_coin(section, "posted_coins", (0.0, 1e15))?;
    let posted = (usd.is_some() || says_coins).then(|| {
        let usd = usd.unwrap_or_else(|| Spanned::new(model_span.clone(), 0.0));
        Posted { usd_span: usd.span(), usd: usd.into_inner(), coins }
    });
    let haircut_percent = by_coin(section, "haircut_percent", (0.0, 100.0))?;
    let spot_margin = spot_margin(section)?;
    let reduce_at = reduction::read(section)?;
    let (top_up, sweep) = transfers(section)?;
    if let (Some(sweep), Some(kept)) = (&sweep, reduce_at)
        && sweep.to_ratio < kept.ratio()
    {
        let message = format!(
            "`sweep` leaves {} times the maintenance margin, under the {} of `reduce_at`",
            sweep.to_ratio,
            kept.ratio()
        );
        return Err(SettingError::at(model_span, message));
    }
    let (penalty, then) = liquidation(section)?;
    // Written back with what they mean.
    raw.retain(|(key, _)| key != "liquidation" && key != "reduce_at");
    Ok(MarginSpec {
        model,
        scope,
        posted,
        haircut_percent,
        spot_margin,
        top_up,
        sweep,
        reduce_at,
        penalty,
        then,
        model_span,
    })
}

fn spot_margin(section: &mut Section<'_>) -> Result<Option<Spanned<SpotMargin>>, SettingError> {
    let Some(spec) = section.read::<Spanned<SpotMarginSpec>>("spot_margin")? else {
        return Ok(None);
    };
    let SpotMarginSpec { initial_percent, maintenance_percent } = *spec.get_ref();
    if !(0.0 <= maintenance_percent
        && maintenance_percent <= initial_percent
        && initial_percent <= 1000.0)
    {
        let message = format!(
            "`spot_margin` needs 0 <= maintenance_percent <= initial_percent <= 1000, found {maintenance_percent} and {initial_percent}: per cent of what is owed for spot"
        );
        return Err(SettingError::at(spec.span(), message));
    }
    let (initial, maintenance) = (initial_percent / 100.0, maintenance_percent / 100.0);
    Ok(Some(Spanned::new(spec.span(), SpotMargin { initial, maintenance })))
}

fn liquidation(section: &mut Section<'_>) -> Result<(PenaltySpec, Then), SettingError> {
    let Some(spec) = section.read::<LiquidationSpec>("liquidation")? else {
        return Ok((PenaltySpec::default(), Then::Stop));
    };
    let bps = |key, bps: Option<Spanned<f64>>| {
        bps.map(|bps| within(key, &bps, (0.0, 10_000.0))).transpose()
    };
    let penalty = PenaltySpec {
        linear_bps: bps("penalty_bps", spec.penalty_bps)?,
        option_bps: bps("option_penalty_bps", spec.option_penalty_bps)?,
    };
    let then = match spec.then {
        None | Some(ThenSpec::Stop) => Then::Stop,
        Some(ThenSpec::Unhedged) => Then::Unhedged,
    };
    Ok((penalty, then))
}

/// Transfers to the venue and back.
type Transfers = (Option<Spanned<TopUp>>, Option<Sweep>);

fn transfers(section: &mut Section<'_>) -> Result<Transfers, SettingError> {
    let top_up: Option<Spanned<TopUpSpec>> = section.read("top_up")?;
    let sweep: Option<Spanned<SweepSpec>> = section.read("sweep")?;
    let refuse = |place: Range<usize>, message: &str| Err(SettingError::at(place, message));
    if let Some(spec) = &top_up {
        let TopUpSpec { below_ratio, to_ratio, delay_hours } = *spec.get_ref();
        if !(1.0 <= below_ratio && below_ratio < to_ratio && to_ratio.is_finite()) {
            let message =
                "`top_up` needs 1 <= below_ratio < to_ratio: margin equity over maintenance margin";
            return refuse(spec.span(), message);
        }
        within("delay_hours", &Spanned::new(spec.span(), delay_hours), (0.0, 8760.0))?;
    }
    if let Some(spec) = &sweep {
        let SweepSpec { above_ratio, to_ratio, delay_hours } = *spec.get_ref();
        let least = top_up.as_ref().map_or(1.0, |top_up| top_up.get_ref().below_ratio);
        if !(least <= to_ratio && to_ratio <= above_ratio && above_ratio.is_finite()) {
            let message = "`sweep` needs to_ratio <= above_ratio, and to_ratio at least 1 and the `below_ratio` of `top_up`";
            return refuse(spec.span(), message);
        }
        within("delay_hours", &Spanned::new(spec.span(), delay_hours), (0.0, 8760.0))?;
    }
    let top_up = top_up.map(|spec| {
        let (place, spec) = (spec.span(), spec.into_inner());
        let delay_millis = millis(spec.delay_hours);
        let TopUpSpec { below_ratio, to_ratio, .. } = spec;
        Spanned::new(place, TopUp { below_ratio, to_ratio, delay_millis })
    });
    let sweep = sweep.map(Spanned::into_inner).map(|spec| Sweep {
        above_ratio: spec.above_ratio,
        to_ratio: spec.to_ratio,
        delay_millis: millis(spec.delay_hours),
    });
    Ok((top_up, sweep))
}

#[expect(clippy::cast_possible_truncation, reason = "at most a year of milliseconds")]
fn millis(hours: f64) -> i64 {
    (hours * 3_600_000.0).round() as i64
}

fn by_coin(
    section: &mut Section<'_>,
    key: &'static str,
    bounds: (f64, f64),
) -> Result<ByCoin, SettingError> {
    let coins: ByCoin = section.read(key)?.unwrap_or_default();
    for number in coins.values() {
        within(key, number, bounds)?;
    }
    Ok(coins)
}

impl AccountSpec {
    /// The section on one line, defaults filled in; a penalty that a venue says is not repeated.
    pub(crate) fn setting(&self, costs: &CostsSpec, time: &[Timestamp]) -> String {
        let pairs = self.raw.iter().map(|(key, value)| format!("{key} = {value}"));
        let liquidation = self.margin.as_ref().map(|margin| {
            let then = match margin.then {
                Then::Stop => "stop",
                Then::Unhedged => "unhedged",
            };
            let penalty = margin.penalty.settings(costs, time);
            format!("liquidation = {{ {penalty}then = \"{then}\" }}")
        });
        let reduction = self.margin.as_ref().and_then(|margin| margin.reduce_at);
        let reduction = reduction.map(|reduction| reduction.setting());
        let all: Vec<String> = pairs.chain(reduction).chain(liquidation).collect();
        format!("{{ {} }}", all.join(", "))
    }

    /// What is to be known of options; `None` without a margin model.
    pub(crate) fn ask(&self) -> Option<OptionMarginAsk> {
        self.margin.as_ref().map(|margin| margin.model.ask())
    }
}
