//! What a venue did to a strategy's account, with times and costs.

use hedgerow_core::{AccountEvent, AccountEventKind, Ledger, Timestamp};

use crate::Run;

/// Most events that a page, a picture and `summary.json` show; all of them are in `account-events.parquet`.
pub(crate) const MOST: usize = 40;

/// The account of one strategy under margin.
#[derive(Debug, Clone, PartialEq)]
pub struct AccountReport {
    /// Key of the margin model, `deribit_standard`.
    pub model: String,
    /// Everything that happened, in the order of time.
    pub events: Vec<AccountEventReport>,
}

/// One thing that happened to an account.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AccountEventReport {
    /// Instant of its row: the end of the bar within which it happened.
    pub time: Timestamp,
    /// What happened.
    pub event: AccountEvent,
    /// What the venue charged for closing, USD, at least 0; `None` where nothing was closed.
    pub penalty: Option<f64>,
    /// Fees, half-spreads and slippage of closing the legs, USD; `None` where nothing was closed.
    pub trading: Option<f64>,
}

impl AccountReport {
    /// `None` without a margin model.
    pub(crate) fn of(run: &Run<'_>, ledger: &Ledger) -> Option<Self> {
        let margin = &ledger.margin;
        margin.is_kept().then(|| Self {
            model: margin.model.clone(),
            events: margin.events.iter().map(|event| event_report(run, event)).collect(),
        })
    }

    /// Number of events of a kind.
    pub fn count(&self, kind: AccountEventKind) -> usize {
        self.events.iter().filter(|found| found.event.kind == kind).count()
    }

    /// The event at which the venue closed all legs.
    pub fn liquidation(&self) -> Option<&AccountEventReport> {
        self.events.iter().find(|found| found.event.kind == AccountEventKind::Liquidation)
    }
}

impl AccountEventReport {
    /// Penalty and trading costs, USD; `None` where nothing was closed.
    pub fn cost(&self) -> Option<f64> {
        Some(self.penalty? + self.trading?)
    }
}

/// The gravest `most` of the events of several strategies, each with its strategy, in the order of time: liquidations before
/// reductions, margin calls and transfers, larger ones before smaller ones.
pub(crate) fn gravest<'a>(
    accounts: impl Iterator<Item = (usize, &'a AccountReport)>,
    most: usize,
) -> Vec<(usize, &'a AccountEventReport)> {
    let events = accounts.flat_map(|(strategy, account)| {
        account.events.iter().enumerate().map(move |(place, event)| (strategy, place, event))
    });
    let mut events: Vec<_> = events.collect();
    events.sort_by(|(_, _, a), (_, _, b)| {
        let by_size = b.event.amount.total_cmp(&a.event.amount);
        gravity(b.event.kind).cmp(&gravity(a.event.kind)).then(by_size).then(a.time.cmp(&b.time))
    });
    events.truncate(most);
    events.sort_by_key(|(strategy, place, found)| (found.time, *strategy, *place));
    events.into_iter().map(|(strategy, _, found)| (strategy, found)).collect()
}

const fn gravity(kind: AccountEventKind) -> u8 {
    match kind {
        AccountEventKind::Liquidation => 3,
        AccountEventKind::Reduction | AccountEventKind::ReductionShort => 2,
        AccountEventKind::MarginCall => 1,
        AccountEventKind::TopUpSent
        | AccountEventKind::TopUpArrived
        | AccountEventKind::SweepSent
        | AccountEventKind::SweepArrived => 0,
    }
}

fn event_report(run: &Run<'_>, event: &AccountEvent) -> AccountEventReport {
    let closes = event.share.is_some_and(|share| share > 0.0);
    AccountEventReport {
        time: run.market.time()[event.row],
        event: *event,
        penalty: closes.then_some(event.penalty),
        trading: closes.then_some(event.trading),
    }
}
