//! `[account]`: what cash and coins earn and owe, and what the venue asks, as typed and resolved.

mod said;

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::registry::{SettingError, build};
use hedgerow_core::{Contract, Exposure, Market, OptionMarginAsk};
use hedgerow_greeks::{BookLine, GreeksError, MarginOfOptions, VolMarks, option_margin};
use hedgerow_sim::{
    Account, AccountTerms, MARGINS, MarginModel, MarginOf, MarginTerms, Strategy, Sweep, Then,
    TopUp,
};
use serde::Deserialize;
use toml::Spanned;

use crate::desk::Desk;
use crate::section::Section;

pub(crate) use said::{events, sentences};

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
    top_up: Option<TopUp>,
    sweep: Option<Sweep>,
    reduce_at: Option<f64>,
    penalty_bps: f64,
    then: Then,
    span: Range<usize>,
}

#[derive(Debug)]
struct Posted {
    usd: f64,
    coins: ByCoin,
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
    penalty_bps: f64,
    then: ThenSpec,
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

/// What a liquidation costs and what comes after it, where nothing is said: Deribit's 0.5 % of 2019.
const LIQUIDATION: LiquidationSpec = LiquidationSpec { penalty_bps: 50.0, then: ThenSpec::Stop };

/// Keys that mean nothing without `margin`.
const OF_MARGIN: [&str; 8] = [
    "margin_of",
    "posted_usd",
    "posted_coins",
    "haircut_percent",
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
        .map(|percent| within("borrow_percent", &percent, -50.0, 1000.0).map(|found| found / 100.0))
        .transpose()?;
    let coin_percent = by_coin(&mut section, "coin_percent", (-50.0, 1000.0))?;
    let coin_borrow_percent = by_coin(&mut section, "coin_borrow_percent", (0.0, 10_000.0))?;
    let stablecoin = section.read("stablecoin")?;
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
            Some(margin(build(MARGINS, setting, "margin model")?, &mut section, &mut raw)?)
        }
    };
    OF_MARGIN.into_iter().for_each(|key| drop(section.take(key)));
    section.finish()?;
    Ok(AccountSpec { borrow_rate, coin_percent, coin_borrow_percent, stablecoin, margin, raw })
}

fn margin(
    model: Box<dyn MarginModel>,
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
    let usd = usd.map(|usd| within("posted_usd", &usd, 0.0, 1e15)).transpose()?;
    let says_coins = section.has("posted_coins");
    let coins = by_coin(section, "posted_coins", (0.0, 1e15))?;
    let posted = (usd.is_some() || says_coins).then(|| Posted { usd: usd.unwrap_or(0.0), coins });
    let haircut_percent = by_coin(section, "haircut_percent", (0.0, 100.0))?;
    let reduce_at: Option<Spanned<f64>> = section.read("reduce_at")?;
    let reduce_at = reduce_at.map(|at| within("reduce_at", &at, 1.0, 100.0)).transpose()?;
    let (top_up, sweep) = transfers(section)?;
    let liquidation: Option<Spanned<LiquidationSpec>> = section.read("liquidation")?;
    let LiquidationSpec { penalty_bps, then } = match liquidation {
        None => {
            let default =
                format!("{{ penalty_bps = {:?}, then = \"stop\" }}", LIQUIDATION.penalty_bps);
            raw.push(("liquidation".to_owned(), default));
            LIQUIDATION
        }
        Some(typed) => {
            let place = typed.span();
            let typed = typed.into_inner();
            let penalty = Spanned::new(place, typed.penalty_bps);
            within("penalty_bps", &penalty, 0.0, 10_000.0)?;
            typed
        }
    };
    let then = match then {
        ThenSpec::Stop => Then::Stop,
        ThenSpec::Unhedged => Then::Unhedged,
    };
    let span = section.span();
    Ok(MarginSpec {
        model,
        scope,
        posted,
        haircut_percent,
        top_up,
        sweep,
        reduce_at,
        penalty_bps,
        then,
        span,
    })
}

fn transfers(section: &mut Section<'_>) -> Result<(Option<TopUp>, Option<Sweep>), SettingError> {
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
        within("delay_hours", &Spanned::new(spec.span(), delay_hours), 0.0, 8760.0)?;
    }
    if let Some(spec) = &sweep {
        let SweepSpec { above_ratio, to_ratio, delay_hours } = *spec.get_ref();
        let least = top_up.as_ref().map_or(1.0, |top_up| top_up.get_ref().below_ratio);
        if !(least <= to_ratio && to_ratio <= above_ratio && above_ratio.is_finite()) {
            let message = "`sweep` needs to_ratio <= above_ratio, and to_ratio at least 1 and the `below_ratio` of `top_up`";
            return refuse(spec.span(), message);
        }
        within("delay_hours", &Spanned::new(spec.span(), delay_hours), 0.0, 8760.0)?;
    }
    let top_up = top_up.map(Spanned::into_inner).map(|spec| TopUp {
        below_ratio: spec.below_ratio,
        to_ratio: spec.to_ratio,
        delay_millis: millis(spec.delay_hours),
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

fn within(key: &str, number: &Spanned<f64>, least: f64, most: f64) -> Result<f64, SettingError> {
    let found = *number.get_ref();
    if (least..=most).contains(&found) {
        return Ok(found);
    }
    let message = format!("`{key}` is {found}, expected {least} to {most}");
    Err(SettingError::at(number.span(), message))
}

fn by_coin(
    section: &mut Section<'_>,
    key: &'static str,
    (least, most): (f64, f64),
) -> Result<ByCoin, SettingError> {
    let coins: ByCoin = section.read(key)?.unwrap_or_default();
    for number in coins.values() {
        within(key, number, least, most)?;
    }
    Ok(coins)
}

impl AccountSpec {
    /// The section on one line, defaults filled in.
    pub(crate) fn setting(&self) -> String {
        let pairs: Vec<String> =
            self.raw.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        format!("{{ {} }}", pairs.join(", "))
    }

    /// What is to be known of options; `None` without a margin model.
    pub(crate) fn ask(&self) -> Option<OptionMarginAsk> {
        self.margin.as_ref().map(|margin| margin.model.ask())
    }
}

impl Desk<'_> {
    /// The terms of the scenario's account, for these strategies.
    ///
    /// # Errors
    /// [`SettingError`] with the place of a coin that is no asset, or of what the model has no figures for.
    pub(crate) fn terms(
        &self,
        account: &Account,
        strategies: &[Strategy],
        book: &[BookLine],
    ) -> Result<AccountTerms, SettingError> {
        let Some(spec) = &self.scenario.account else { return Ok(AccountTerms::default()) };
        let rates = |percent: &ByCoin| self.column(percent, 0.01);
        Ok(AccountTerms {
            borrow_rate: spec.borrow_rate,
            coin_rate: rates(&spec.coin_percent)?,
            coin_borrow_rate: rates(&spec.coin_borrow_percent)?,
            paid_in: spec.stablecoin.as_ref().map(|name| self.asset_named(name)).transpose()?,
            margin: spec
                .margin
                .as_ref()
                .map(|margin| self.margin(margin, account, strategies, book))
                .transpose()?,
        })
    }

    fn margin(
        &self,
        spec: &MarginSpec,
        account: &Account,
        strategies: &[Strategy],
        book: &[BookLine],
    ) -> Result<MarginTerms, SettingError> {
        let refuse = |message: String| SettingError::at(spec.span.clone(), message);
        let tracks =
            || strategies.iter().flat_map(|strategy| &strategy.legs).map(|leg| &*leg.track);
        let options = tracks().any(|track| track.contract.is_none())
            || spec.scope == MarginOf::BookAndLegs && book.iter().any(BookLine::holds_options);
        if options && !spec.model.takes_options() {
            return Err(refuse(format!(
                "`{}` has no rules for options: take another margin model, or hold the book elsewhere with `margin_of = \"legs\"` and hedge without options",
                spec.model.name()
            )));
        }
        let has_contracts = |asset: usize| {
            tracks().any(|track| {
                track.asset == asset && track.contract.is_some_and(|held| held != Contract::Spot)
            })
        };
        let all = (account.usd, &account.coins[..]);
        let bound =
            MarginTerms::new(&*spec.model, self.market, has_contracts, all).map_err(refuse)?;
        let (posted_usd, posted_coins) = self.posted(spec, account)?;
        Ok(MarginTerms {
            scope: spec.scope,
            posted_usd,
            posted_coins,
            haircut: self.column(&spec.haircut_percent, 0.01)?,
            top_up: spec.top_up,
            sweep: spec.sweep,
            reduce_at: spec.reduce_at,
            penalty: spec.penalty_bps / 10_000.0,
            then: spec.then,
            ..bound
        })
    }

    fn posted(
        &self,
        spec: &MarginSpec,
        account: &Account,
    ) -> Result<(f64, Vec<f64>), SettingError> {
        let Some(Posted { usd, coins }) = &spec.posted else {
            return Ok((account.usd, account.coins.clone()));
        };
        let refuse = |place: Range<usize>, what: &str, posted: f64, capital: f64| {
            let message = format!(
                "{posted} {what} are posted, but [capital] has {capital}: post at most that"
            );
            Err(SettingError::at(place, message))
        };
        if *usd > account.usd.max(0.0) {
            return refuse(spec.span.clone(), "USD", *usd, account.usd);
        }
        let posted = self.column(coins, 1.0)?;
        for (name, number) in coins {
            let capital = account.coins[self.asset_named(name)?];
            if *number.get_ref() > capital.max(0.0) {
                return refuse(number.span(), name.get_ref(), *number.get_ref(), capital);
            }
        }
        Ok((*usd, posted))
    }

    /// A number for each asset, 0 where nothing is said.
    fn column(&self, numbers: &ByCoin, unit: f64) -> Result<Vec<f64>, SettingError> {
        let mut column = vec![0.0; self.market.assets().len()];
        for (name, number) in numbers {
            column[self.asset_named(name)?] = number.get_ref() * unit;
        }
        Ok(column)
    }
}

/// Gives the options of a book the columns that the account's margin model asks for.
///
/// # Errors
/// As valuing the book.
pub(crate) fn add_option_margin(
    spec: Option<&AccountSpec>,
    (market, vols): (&Market, &[VolMarks]),
    book: &[BookLine],
    rate: f64,
    exposure: &mut Exposure,
) -> Result<(), GreeksError> {
    let Some(ask) = spec.and_then(AccountSpec::ask) else { return Ok(()) };
    if !book.iter().any(BookLine::holds_options) {
        return Ok(());
    }
    let margins = option_margin(market, vols, book, rate, (&ask, MarginOfOptions::Book))?;
    for (slopes, margin) in exposure.slopes.iter_mut().zip(margins) {
        slopes.margin = margin;
    }
    Ok(())
}
