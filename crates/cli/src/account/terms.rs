//! `[account]` resolved: the terms that a run is kept under, and what its options must know for them.

use std::ops::Range;

use hedgerow_core::registry::SettingError;
use hedgerow_core::{Contract, Exposure, Market, PaidIn, Settlement};
use hedgerow_greeks::{BookLine, GreeksError, MarginOfOptions, VolMarks, option_margin};
use hedgerow_sim::{Account, AccountTerms, MarginOf, MarginTerms, Strategy};

use super::{AccountSpec, ByCoin, MarginSpec, Posted};
use crate::desk::Desk;

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
        let paid_in = spec.stablecoin.as_ref().map(|name| self.stablecoin(name)).transpose()?;
        if let Some(margin) = &spec.margin {
            self.check_capital(margin, account)?;
            self.check_haircuts(margin, (account, paid_in), strategies, book)?;
        }
        Ok(AccountTerms {
            borrow_rate: spec.borrow_rate,
            coin_rate: rates(&spec.coin_percent)?,
            coin_borrow_rate: rates(&spec.coin_borrow_percent)?,
            paid_in,
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
        let refuse = |message: String| SettingError::at(spec.model_span.clone(), message);
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
        let has_spot = tracks().any(|track| track.contract == Some(Contract::Spot));
        if let Some(typed) = spec.spot_margin.as_ref().filter(|_| !has_spot) {
            let message = "`spot_margin` is asked for spot legs that are not paid for, and no strategy has a leg with = \"spot\": leave it out";
            return Err(SettingError::at(typed.span(), message));
        }
        let (posted_usd, posted_coins) = self.posted(spec, account)?;
        let has_treasury = posted_usd < account.usd || posted_coins != account.coins;
        if let Some(top_up) = &spec.top_up
            && !(has_treasury || spec.sweep.is_some() || spec.scope == MarginOf::Legs)
        {
            let message = "`top_up` can never send anything: all of [capital] is at the venue; leave a part of it in the treasury with `posted_usd` or `posted_coins`";
            return Err(SettingError::at(top_up.span(), message));
        }
        let penalty = spec.penalty.penalty(&self.scenario.costs, self.market.time());
        Ok(MarginTerms {
            scope: spec.scope,
            posted_usd,
            posted_coins,
            haircut: self.column(&spec.haircut_percent, 0.01)?,
            spot: spec.spot(),
            top_up: spec.top_up.as_ref().map(|top_up| *top_up.get_ref()),
            sweep: spec.sweep,
            reduce_at: spec.reduce_at.map(|reduction| reduction.terms(&penalty)),
            penalty,
            then: spec.then,
            ..bound
        })
    }

    /// A venue takes no debt for collateral.
    fn check_capital(&self, spec: &MarginSpec, account: &Account) -> Result<(), SettingError> {
        let capital = &self.scenario.capital;
        let refuse = |place: Range<usize>, what: &str| {
            let model = spec.model.name();
            let message = format!(
                "[capital] owes {what}, which `{model}` takes for no collateral: expected at least 0 under a margin model"
            );
            Err(SettingError::at(place, message))
        };
        if account.usd < 0.0 {
            return refuse(capital.usd_span.clone(), &format!("{} USD", -account.usd));
        }
        match capital.coins.iter().find(|(_, coins)| **coins < 0.0) {
            None => Ok(()),
            Some((name, coins)) => refuse(name.span(), &format!("{} {}", -coins, name.get_ref())),
        }
    }

    /// A haircut is of coins that the account may hold.
    fn check_haircuts(
        &self,
        spec: &MarginSpec,
        (account, paid_in): (&Account, Option<usize>),
        strategies: &[Strategy],
        book: &[BookLine],
    ) -> Result<(), SettingError> {
        for (name, haircut) in &spec.haircut_percent {
            let asset = self.asset_named(name)?;
            let tracks =
                strategies.iter().flat_map(|strategy| &strategy.legs).map(|leg| &*leg.track);
            let of_legs = tracks.filter(|track| track.asset == asset).any(|track| {
                matches!(track.settlement, Settlement::Coin | Settlement::CoinCash)
                    || track.contract == Some(Contract::Spot)
            });
            let of_book = spec.scope == MarginOf::BookAndLegs
                && book.iter().any(|line| line.asset() == asset && brings_coins(line));
            let holds = account.coins[asset] != 0.0 || paid_in == Some(asset) || of_legs || of_book;
            if !holds && *haircut.get_ref() > 0.0 {
                let name = name.get_ref();
                let message = format!(
                    "a haircut on {name}, of which this account never holds any at the venue: no {name} in [capital], in the book or paid by a leg"
                );
                return Err(SettingError::at(haircut.span(), message));
            }
        }
        Ok(())
    }

    fn posted(
        &self,
        spec: &MarginSpec,
        account: &Account,
    ) -> Result<(f64, Vec<f64>), SettingError> {
        let Some(Posted { usd, usd_span, coins }) = &spec.posted else {
            return Ok((account.usd, account.coins.clone()));
        };
        let refuse = |place: Range<usize>, what: &str, posted: f64, capital: f64| {
            let message = format!(
                "{posted} {what} are posted, but [capital] has {capital}: post at most that"
            );
            Err(SettingError::at(place, message))
        };
        if *usd > account.usd.max(0.0) {
            return refuse(usd_span.clone(), "USD", *usd, account.usd);
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

/// Whether a line of a book is made of coins, or pays them.
fn brings_coins(line: &BookLine) -> bool {
    match line {
        BookLine::Spot { .. } => true,
        BookLine::Options(options) => options.settlement == PaidIn::Coin,
        BookLine::Fills(fills) => fills.settlement == PaidIn::Coin,
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
