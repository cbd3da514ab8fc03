//! How near a strategy came to what its venue asks, and what that cost.

use hedgerow_core::{AccountEvent, AccountEventKind};

use super::{Against, Group, Metric, Unit};
use crate::Sample;
use crate::stats::moments::{count, sum};

/// How much would have been left.
pub(super) const DISTANCE: Metric = Metric {
    key: "margin_distance",
    label: "Smallest distance to maintenance margin",
    about: "margin equity over maintenance margin, less 1, where it was smallest: at the rows' marks and, where the market has them, at the bars' highs and lows, as if nothing had been closed on the way there; the venue liquidates below 0",
    unit: Unit::Fraction,
    group: Group::Account,
    against: Against::Nothing,
    compute: |sample| {
        let ratios = sample.margin.lowest_ratio.iter().flatten().copied();
        ratios.reduce(f64::min).map(|lowest| lowest - 1.0)
    },
    interval: None,
};

/// Time in which nothing could be opened.
pub(super) const DAYS_UNDER_INITIAL: Metric = Metric {
    key: "days_under_initial_margin",
    label: "Time under initial margin",
    about: "days from rows at which margin equity was under initial margin to the rows after them, up to a liquidation: nothing could be opened then",
    unit: Unit::Days,
    compute: |sample| sample.margin.is_kept().then(|| days_under_initial(sample)),
    ..DISTANCE
};

/// Margin calls.
pub(super) const CALLS: Metric = Metric {
    key: "margin_calls",
    label: "Margin calls",
    about: "times that margin equity fell under initial margin, each counted once until it was back",
    unit: Unit::Count,
    compute: |sample| events(sample, AccountEventKind::MarginCall),
    ..DISTANCE
};

/// Money sent to the venue.
pub(super) const TOP_UPS: Metric = Metric {
    key: "top_ups",
    label: "Transfers to the venue",
    about: "times that money was sent from the treasury to the venue",
    compute: |sample| events(sample, AccountEventKind::TopUpSent),
    ..CALLS
};

/// Parts of the legs closed.
pub(super) const REDUCTIONS: Metric = Metric {
    key: "reductions",
    label: "Reductions",
    about: "times that a part of the legs was closed to keep the account's ratio, or as much of it as could be",
    compute: |sample| {
        let kinds = [AccountEventKind::Reduction, AccountEventKind::ReductionShort];
        let closes = |event: &&AccountEvent| kinds.contains(&event.kind) && event.amount > 0.0;
        let found: Vec<_> = sample.margin.events.iter().filter(closes).collect();
        sample.margin.is_kept().then(|| count(&found))
    },
    ..CALLS
};

/// All legs closed.
pub(super) const LIQUIDATIONS: Metric = Metric {
    key: "liquidations",
    label: "Liquidations",
    about: "times that the venue closed all legs: at most once, the strategy is over then",
    compute: |sample| events(sample, AccountEventKind::Liquidation),
    ..CALLS
};

/// What the venue charged for closing.
pub(super) const PENALTY: Metric = Metric {
    key: "liquidation_penalty",
    label: "Penalties of forced closings",
    about: "what was charged for liquidations, and for reductions where these have a penalty, beyond the fees and half-spreads of trading, which are among those of the legs; not part of the total cost of the hedge, for it falls on a book as well",
    unit: Unit::Usd,
    compute: |sample| {
        sample.margin.is_kept().then(|| sum(sample.margin.liquidation.iter().copied()))
    },
    ..DISTANCE
};

/// What money cost.
pub(super) const INTEREST: Metric = Metric {
    key: "interest_paid",
    label: "Interest, net",
    about: "interest paid on what is owed less interest received on cash and coins; negative when more was received than paid",
    unit: Unit::Usd,
    compute: |sample| {
        let received = sample.explained.line(hedgerow_core::Line::Interest);
        Some(0.0 - sum(received.iter().copied()))
    },
    ..DISTANCE
};

/// `None` where nobody counted.
fn events(sample: &Sample<'_>, kind: AccountEventKind) -> Option<f64> {
    let found: Vec<_> = sample.margin.events.iter().filter(|event| event.kind == kind).collect();
    sample.margin.is_kept().then(|| count(&found))
}

fn days_under_initial(sample: &Sample<'_>) -> f64 {
    let (margin, time) = (sample.margin, sample.time);
    let end = margin.liquidated_at().unwrap_or(time.len() - 1);
    let under = (0..end).filter(|&row| margin.equity[row] < margin.initial[row]);
    sum(under.map(|row| time[row + 1].days_since(time[row])))
}
