//! `[account]`: what cash and coins earn and owe, and what the venue asks, as typed and resolved.

use std::collections::BTreeMap;
use std::ops::Range;

use hedgerow_core::registry::{SettingError, build};
use hedgerow_core::{
    AccountEvent, AccountEventKind, Contract, Exposure, Found, Ledger, Market, OptionMarginAsk,
};
use hedgerow_greeks::{BookLine, GreeksError, MarginOfOptions, VolMarks, option_margin};
use hedgerow_sim::{
    Account, AccountTerms, MARGINS, MarginModel, MarginOf, MarginTerms, Strategy, Sweep, Then,
    TopUp,
};
use serde::Deserialize;
use toml::Spanned;

use crate::desk::Desk;
use crate::section::Section;

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

/// What is assumed of the account, in sentences.
pub(crate) fn sentences(spec: Option<&AccountSpec>, rate: f64, discounts: bool) -> Vec<String> {
    let percent = rate * 100.0;
    let discounting = if discounts { ", and options are discounted at the same rate" } else { "" };
    let owed = match spec.and_then(|spec| spec.borrow_rate) {
        None => format!("earns and pays {percent} % a year"),
        Some(rate) => {
            format!("earns {percent} % a year, and {} % are paid on what is owed", rate * 100.0)
        }
    };
    let mut all = vec![format!("USD cash {owed}, continuously compounded{discounting}.")];
    let Some(spec) = spec else {
        all.push("No margin, liquidation or withdrawal is modelled.".to_owned());
        return all;
    };
    all.extend(listed("Coins earn", &spec.coin_percent, "% a year"));
    all.extend(listed(
        "Coins owed, and spot sold short, pay",
        &spec.coin_borrow_percent,
        "% a year",
    ));
    if let Some(name) = &spec.stablecoin {
        all.push(format!(
            "USD amounts are paid and held in {name}, at its price of the row.",
            name = name.get_ref()
        ));
    }
    match &spec.margin {
        None => all.push("No margin, liquidation or withdrawal is modelled.".to_owned()),
        Some(margin) => all.extend(margin.sentences()),
    }
    all
}

/// What venues did to the strategies, a line each, for the terminal; those to which nothing happened have none.
pub(crate) fn events(market: &Market, ledgers: &[Ledger]) -> String {
    let line = |ledger: &Ledger| {
        let events = &ledger.margin.events;
        let count = |kind| events.iter().filter(|event| event.kind == kind).count();
        let counts: Vec<String> = [
            (AccountEventKind::MarginCall, "margin calls"),
            (AccountEventKind::TopUpSent, "transfers to the venue"),
            (AccountEventKind::SweepSent, "transfers to the treasury"),
            (AccountEventKind::Reduction, "forced reductions"),
        ]
        .into_iter()
        .filter(|(kind, _)| count(*kind) > 0)
        .map(|(kind, what)| format!("{} {what}", count(kind)))
        .collect();
        let end = events.iter().find(|event| event.kind == AccountEventKind::Liquidation);
        let end = end.map(|event| liquidation(market, event));
        let all: Vec<String> = counts.into_iter().chain(end).collect();
        (!all.is_empty()).then(|| format!("account of `{}`: {}\n", ledger.strategy, all.join(", ")))
    };
    ledgers.iter().filter_map(line).collect()
}

/// `liquidated at 2026-02-05T16:00:00Z, at a spot of 63000.00: margin equity 1200.00 under maintenance margin 1300.00`.
fn liquidation(market: &Market, event: &AccountEvent) -> String {
    let AccountEvent { row, found, spot, equity, maintenance, .. } = event;
    let (within, worst) = match found {
        Found::AtMark => ("at", ""),
        Found::OnWayUp | Found::OnWayDown => {
            ("within the bar that ends at", " at the bar's worst price")
        }
    };
    format!(
        "liquidated {within} {}, at a spot of {spot:.2} (margin equity {equity:.2} USD, maintenance margin {maintenance:.2} USD{worst})",
        market.time()[*row]
    )
}

fn listed(what: &str, coins: &ByCoin, unit: &str) -> Option<String> {
    let numbers: Vec<String> = coins
        .iter()
        .map(|(name, number)| format!("{} {} {unit}", name.get_ref(), number.get_ref()))
        .collect();
    (!numbers.is_empty()).then(|| format!("{what}: {}.", numbers.join(", ")))
}

impl MarginSpec {
    fn sentences(&self) -> Vec<String> {
        let scope = match self.scope {
            MarginOf::BookAndLegs => "Book and legs are margined together",
            MarginOf::Legs => {
                "The legs are margined; the book is held elsewhere, and pays and receives there"
            }
        };
        let mut all = vec![format!("{scope}: {}.", self.model.describe())];
        all.push(match &self.posted {
            None => "All of the capital is at the venue.".to_owned(),
            Some(Posted { usd, coins }) => {
                let coins = coins.iter().map(|(name, number)| {
                    format!(" and {} {}", number.get_ref(), name.get_ref())
                });
                let coins: String = coins.collect();
                format!("At the venue are at first {usd} USD{coins}; the rest of the capital is in the treasury.")
            }
        });
        all.extend(listed("Haircuts of collateral", &self.haircut_percent, "%"));
        if let Some(TopUp { below_ratio, to_ratio, delay_millis }) = self.top_up {
            all.push(format!(
                "Where margin equity is under {below_ratio} times the maintenance margin at a row, as much is sent from the treasury as brings {to_ratio} times; it arrives {} hours later, one transfer at a time.",
                hours(delay_millis)
            ));
        }
        if let Some(Sweep { above_ratio, to_ratio, delay_millis }) = self.sweep {
            all.push(format!(
                "Above {above_ratio} times, what is over {to_ratio} times and not needed as initial margin is sent to the treasury, {} hours.",
                hours(delay_millis)
            ));
        }
        all.push("Margin is checked at every row's mark, and, where the market has highs and lows, on the way to both with what was held over the bar (all assets at their highest or lowest at once, vols as at the row before); what is closed on the way is closed where margin equity crosses the maintenance margin, taken as straight lines, never better than the bar's open. Trades are limited to what initial margin leaves.".to_owned());
        if let Some(ratio) = self.reduce_at {
            all.push(format!(
                "Under {ratio} times the maintenance margin the venue first closes the least hundredths of all legs that bring it back there."
            ));
        }
        let then = match self.then {
            Then::Stop => {
                "the book is closed too, at its mark without fees, and what is left stays in cash and coins"
            }
            Then::Unhedged => "the book goes on unhedged, and its margin is not looked at again",
        };
        all.push(format!(
            "Under the maintenance margin all legs are closed, at their fees and a penalty of {} bp of notional; then {then}.",
            self.penalty_bps
        ));
        all
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a year of milliseconds")]
fn hours(millis: i64) -> f64 {
    millis as f64 / 3_600_000.0
}
