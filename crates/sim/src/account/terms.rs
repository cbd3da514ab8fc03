//! The terms on which an account is held: interest, collateral, margin, transfers, liquidation.

use hedgerow_core::{Market, Series};

use crate::MarginModel;
use crate::margin::Margin;

/// What an account's cash and coins earn and owe, and what its venue asks. [`AccountTerms::default`] asks nothing: debit balances
/// pay the rate that cash earns, coins earn nothing.
#[derive(Debug, Default)]
pub struct AccountTerms {
    /// Continuous rate that USD owed pay, per year; `None`: the rate that cash earns.
    pub borrow_rate: Option<f64>,
    /// Continuous rate that coins earn, per year and asset; empty for none.
    pub coin_rate: Vec<f64>,
    /// Continuous rate that coins owed pay, per year and asset: negative balances, and spot sold short; empty for none.
    pub coin_borrow_rate: Vec<f64>,
    /// An asset in which USD amounts are paid and held, a stablecoin: index into the market's assets. The account's USD before the
    /// first row are held in it too, at the first row's price.
    pub paid_in: Option<usize>,
    /// What the venue asks; `None`: nothing is ever asked.
    pub margin: Option<MarginTerms>,
}

impl AccountTerms {
    /// Rate that coins earn, or pay where they are owed.
    pub(crate) fn coin_rate(&self, asset: usize, coins: f64) -> f64 {
        let rates = if coins < 0.0 { &self.coin_borrow_rate } else { &self.coin_rate };
        rates.get(asset).copied().unwrap_or(0.0)
    }

    /// Rate that USD earn, or pay where they are owed; `rate` is what they earn.
    pub(crate) fn usd_rate(&self, usd: f64, rate: f64) -> f64 {
        self.borrow_rate.filter(|_| usd < 0.0).unwrap_or(rate)
    }
}

/// What a venue asks of an account, and what happens to it.
#[derive(Debug)]
pub struct MarginTerms {
    /// As written in a scenario.
    pub name: &'static str,
    /// What is asked.
    pub margin: Box<dyn Margin>,
    /// Whether the value of options counts in margin equity.
    pub counts_options: bool,
    /// What is held at the venue.
    pub scope: MarginOf,
    /// USD at the venue before the first row; the rest of the account is in the treasury.
    pub posted_usd: f64,
    /// Coins at the venue before the first row, one number per asset.
    pub posted_coins: Vec<f64>,
    /// Share of a coin's value that does not count as collateral, one number per asset.
    pub haircut: Vec<f64>,
    /// What is asked for spot legs that are not paid for.
    pub spot: SpotMargin,
    /// Transfers from the treasury.
    pub top_up: Option<TopUp>,
    /// Transfers to the treasury.
    pub sweep: Option<Sweep>,
    /// A ratio that the account keeps by reducing its legs; `None`: an account under its maintenance margin is liquidated at once.
    pub reduce_at: Option<Reduction>,
    /// Penalty on the notional that a liquidation closes.
    pub penalty: Penalty,
    /// What comes after a liquidation.
    pub then: Then,
}

impl MarginTerms {
    /// Whether the book is held at the venue.
    pub(crate) fn holds_book(&self) -> bool {
        self.scope == MarginOf::BookAndLegs
    }

    /// A model bound to a market in which contracts on some assets are held. All else is as permissive as can be: everything
    /// is at the venue, no haircut, no transfers, no penalty, and the book goes on unhedged.
    ///
    /// # Errors
    /// As [`MarginModel::bind`].
    pub fn new(
        model: &dyn MarginModel,
        market: &Market,
        has_contracts: impl Fn(usize) -> bool,
        (usd, coins): (f64, &[f64]),
    ) -> Result<Self, String> {
        let assets = market.assets().iter().enumerate().map(|(index, asset)| {
            crate::margin::MarginAsset { ticker: &asset.name, has_contracts: has_contracts(index) }
        });
        Ok(Self {
            name: model.name(),
            margin: model.bind(&assets.collect::<Vec<_>>())?,
            counts_options: model.counts_options(),
            scope: MarginOf::BookAndLegs,
            posted_usd: usd,
            posted_coins: coins.to_vec(),
            haircut: vec![0.0; market.assets().len()],
            spot: SpotMargin { initial: 0.0, maintenance: 0.0 },
            top_up: None,
            sweep: None,
            reduce_at: None,
            penalty: Penalty::flat(0.0),
            then: Then::Unhedged,
        })
    }
}

/// What a venue asks for what is owed for spot: coins sold that the account did not have, and USD that paid for coins bought,
/// fractions of its value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpotMargin {
    /// What opening takes.
    pub initial: f64,
    /// What keeping takes.
    pub maintenance: f64,
}

impl SpotMargin {
    /// Binance's cross margin at three times: nothing more is lent where assets are under 1.5 times what is owed, and the account
    /// is liquidated at 1.1 (Binance, "Margin Level and Risk Control", support article 360030493931).
    pub const CROSS_3X: Self = Self { initial: 0.5, maintenance: 0.1 };
}

/// How an account reduces its legs before it is liquidated.
#[derive(Debug, Clone, PartialEq)]
pub struct Reduction {
    /// Margin equity over maintenance margin under which a part of all legs is closed, and which legs may not be made larger
    /// against; at least 1.
    pub ratio: f64,
    /// Penalty on the notional that is closed, beside the fees of the trades: none where the account reduces by itself, the
    /// venue's where that does it.
    pub penalty: Penalty,
    /// How long after a reduction no leg is made larger unless that frees margin, milliseconds.
    pub pause_millis: i64,
}

impl Reduction {
    /// A reduction that costs its trades, after which legs may grow again at once.
    pub const fn at(ratio: f64) -> Self {
        Self { ratio, penalty: Penalty::flat(0.0), pause_millis: 0 }
    }
}

/// What a venue charges on the notional that it closes, beside the fee of the trade: fractions, by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Penalty {
    /// Of perps, futures and spot.
    pub linear: Series,
    /// Of options, on the underlying's price.
    pub options: Series,
}

impl Penalty {
    /// The same for everything at all rows.
    pub const fn flat(fraction: f64) -> Self {
        Self { linear: Series::Constant(fraction), options: Series::Constant(fraction) }
    }
}

/// What is held at the venue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarginOf {
    /// Book and legs, margined together.
    BookAndLegs,
    /// The legs only; the book is held elsewhere, and what it pays and receives is the treasury's.
    Legs,
}

/// Transfers from the treasury to the venue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TopUp {
    /// Margin equity over maintenance margin under which money is sent.
    pub below_ratio: f64,
    /// The ratio that it is to bring, as of when it is sent.
    pub to_ratio: f64,
    /// How long it takes, milliseconds.
    pub delay_millis: i64,
}

/// Transfers from the venue to the treasury.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sweep {
    /// Margin equity over maintenance margin above which money is sent.
    pub above_ratio: f64,
    /// The ratio that is left.
    pub to_ratio: f64,
    /// How long it takes, milliseconds.
    pub delay_millis: i64,
}

/// What comes after a liquidation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// The book is closed too, at its mark; what is left are cash and coins.
    Stop,
    /// The book goes on without a hedge, and its margin is not looked at again.
    Unhedged,
}
