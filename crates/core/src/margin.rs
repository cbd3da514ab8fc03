//! What a venue asked of an account, and what it did to it.

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
    /// Penalties of liquidations and forced reductions, at least 0; their fees and spreads are among the legs'.
    pub liquidation: Vec<f64>,
    /// What happened, in the order of time.
    pub events: Vec<AccountEvent>,
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
    /// The venue closed a part of the legs.
    Reduction,
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
            Self::Liquidation => "liquidation",
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
    /// Share of the legs that was closed; `None` where none was.
    pub share: Option<f64>,
    /// Spot of the first asset that is held at which it happened, USD per coin.
    pub spot: f64,
    /// Margin equity just before it, USD.
    pub equity: f64,
    /// Initial margin just before it, USD.
    pub initial: f64,
    /// Maintenance margin just before it, USD.
    pub maintenance: f64,
}
