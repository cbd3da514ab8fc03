//! What a venue asked of an account, and what it did to it.

use crate::Explained;

/// The account at its venue, one entry per market row, USD at the row's marks, after the row's trades. Every column is empty
/// where a run has no margin model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarginLedger {
    /// Name of the model, `deribit_standard`; empty without one.
    pub model: String,
    /// What opening the positions takes, at least 0.
    pub initial: Vec<f64>,
    /// What keeping them takes, at least 0.
    pub maintenance: Vec<f64>,
    /// What the venue counts against the two: cash, coins less haircut and, where the model has it so, option values.
    pub equity: Vec<f64>,
    /// Cash and coins that are not at the venue: in the treasury, or on their way.
    pub treasury: Vec<f64>,
    /// Margin equity over maintenance margin where it was lowest over the row: at its mark, before and after its trades, and,
    /// where the market has them, at the bar's highest and lowest prices with what was held over the bar once its open was
    /// traded, as if nothing had been closed on the way there. 1 is where the venue liquidates. `None` where nothing is asked, and after a liquidation, when
    /// nobody looks any more.
    pub lowest_ratio: Vec<Option<f64>>,
    /// Penalties of liquidations and reductions, at least 0, at the prices at which they happened: those of the legs, and the
    /// rest the book's. Their fees and spreads are among the legs'.
    pub liquidation: Vec<f64>,
    /// How the book ended, where the venue closed it with the legs.
    pub book_closed: Option<BookClosed>,
    /// What happened, in the order of time.
    pub events: Vec<AccountEvent>,
}

impl MarginLedger {
    /// Whether the run had a margin model.
    pub fn is_kept(&self) -> bool {
        !self.model.is_empty()
    }

    /// Row at which the venue closed all legs.
    pub fn liquidated_at(&self) -> Option<usize> {
        let mut events = self.events.iter();
        events.find(|event| event.kind == AccountEventKind::Liquidation).map(|event| event.row)
    }
}

/// A book that a venue closed: from `row` on nothing of it is left.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BookClosed {
    /// Market row.
    pub row: usize,
    /// USD that the book brought at the row: what closing it paid, with the row's own premiums and payoffs where it was closed
    /// after them.
    pub cash_flow: f64,
    /// Coins that it brought at the row, one number per asset.
    pub coin_flow: Vec<f64>,
    /// The book's P&L of the row by line, one row: up to where it was closed.
    pub explained: Explained,
}

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AccountEventKind {
    /// Margin equity fell under initial margin; nothing can be opened. Noted once until it is back.
    MarginCall,
    /// Money left the treasury for the venue.
    TopUpSent,
    /// Money from the treasury reached the venue.
    TopUpArrived,
    /// Money left the venue for the treasury.
    SweepSent,
    /// Money from the venue reached the treasury.
    SweepArrived,
    /// Parts of the legs were closed, each of which brought the account back to the ratio that it keeps: one event a row.
    Reduction,
    /// What could be closed of the legs was, and the account stays under that ratio. Where nothing could be closed it is noted
    /// once, until the account is back.
    ReductionShort,
    /// The venue closed all legs.
    Liquidation,
}

impl AccountEventKind {
    /// Key in files, `margin_call`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::MarginCall => "margin_call",
            Self::TopUpSent => "top_up_sent",
            Self::TopUpArrived => "top_up_arrived",
            Self::SweepSent => "sweep_sent",
            Self::SweepArrived => "sweep_arrived",
            Self::Reduction => "reduction",
            Self::ReductionShort => "reduction_short",
            Self::Liquidation => "liquidation",
        }
    }

    /// As a page calls it, `Margin call`.
    pub const fn label(self) -> &'static str {
        match self {
            Self::MarginCall => "Margin call",
            Self::TopUpSent => "Sent to the venue",
            Self::TopUpArrived => "Arrived at the venue",
            Self::SweepSent => "Sent to the treasury",
            Self::SweepArrived => "Arrived in the treasury",
            Self::Reduction => "Reduction",
            Self::ReductionShort => "Reduction, not enough",
            Self::Liquidation => "Liquidation",
        }
    }
}

/// Where within its row an event was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Found {
    /// At the row's mark.
    AtMark,
    /// On the way to the bar's highest prices.
    OnWayUp,
    /// On the way to the bar's lowest prices.
    OnWayDown,
}

impl Found {
    /// Key in files, `on_way_down`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::AtMark => "at_mark",
            Self::OnWayUp => "on_way_up",
            Self::OnWayDown => "on_way_down",
        }
    }

    /// As a page calls it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::AtMark => "at the mark",
            Self::OnWayUp => "on the way to the high",
            Self::OnWayDown => "on the way to the low",
        }
    }
}

/// One thing that happened to an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountEvent {
    /// Market row.
    pub row: usize,
    /// What.
    pub kind: AccountEventKind,
    /// Where within the row.
    pub found: Found,
    /// USD sent, arrived, or of notional closed; of a margin call what is missing to the initial margin. At least 0.
    pub amount: f64,
    /// Share of the legs that was closed, 0 where a reduction could close nothing; `None` of what closes nothing.
    pub share: Option<f64>,
    /// Spot of the first asset that is held at which it happened, USD per coin; where parts were closed one after another, that of
    /// the first.
    pub spot: f64,
    /// Penalties of the closing, USD, at least 0.
    pub penalty: f64,
    /// Fees, half-spreads and slippage of the closing, USD.
    pub trading: f64,
    /// Margin equity just before it, USD; of a closing within a bar, at the bar's worst price as if it had not happened.
    pub equity: f64,
    /// Initial margin just before it, USD.
    pub initial: f64,
    /// Maintenance margin just before it, USD.
    pub maintenance: f64,
}
