//! What the hedge cost: positive is paid, negative is received. What deltas earned is no cost: see [`crate::Costs`].

use super::{Against, Group, Metric, Unit};

/// Fees.
pub(super) const FEE: Metric = Metric {
    key: "cost_fee",
    label: "Fees",
    about: "fees of the hedge's trades",
    unit: Unit::Usd,
    group: Group::Costs,
    against: Against::Nothing,
    compute: |sample| Some(sample.costs.fee),
    interval: None,
};

/// Half-spreads.
pub(super) const SPREAD: Metric = Metric {
    key: "cost_spread",
    label: "Half-spreads",
    about: "half-spreads of the hedge's trades",
    compute: |sample| Some(sample.costs.spread),
    ..FEE
};

/// Slippage.
pub(super) const SLIPPAGE: Metric = Metric {
    key: "cost_slippage",
    label: "Slippage",
    about: "slippage of the hedge's trades",
    compute: |sample| Some(sample.costs.slippage),
    ..FEE
};

/// Rolls.
pub(super) const ROLL: Metric = Metric {
    key: "cost_roll",
    label: "Rolls",
    about: "fees, half-spreads and slippage of carrying hedges from one contract to the next",
    compute: |sample| Some(sample.costs.roll),
    ..FEE
};

/// Funding.
pub(super) const FUNDING: Metric = Metric {
    key: "cost_funding",
    label: "Funding, net",
    about: "funding paid less funding received; negative when more was received than paid",
    compute: |sample| Some(sample.costs.funding),
    ..FEE
};

/// Basis.
pub(super) const BASIS: Metric = Metric {
    key: "cost_basis",
    label: "Basis, net",
    about: "what prices of perps and futures that moved differently from the spot cost; negative when they earned, as a future sold above the spot does",
    compute: |sample| Some(sample.costs.basis),
    ..FEE
};

/// Options without their deltas.
pub(super) const OPTIONS: Metric = Metric {
    key: "cost_options",
    label: "Options, without their delta",
    about: "what hedge options lost with the P&L of their deltas taken out: minus their theta, gamma, vega and higher orders; negative when they earned",
    compute: |sample| Some(sample.costs.options),
    ..FEE
};

/// Everything.
pub(super) const TOTAL: Metric = Metric {
    key: "cost_total",
    label: "Total cost of the hedge",
    about: "fees, half-spreads, slippage, rolls, funding, basis and options without their delta: minus the P&L of the legs, but for what their deltas earned",
    compute: |sample| Some(sample.costs.total()),
    ..FEE
};

/// Everything, of what is hedged.
pub(super) const TOTAL_SHARE: Metric = Metric {
    key: "cost_share",
    label: "Total cost, of unhedged equity",
    about: "total cost of the hedge divided by the average equity of the unhedged book over the run",
    unit: Unit::Fraction,
    compute: |sample| sample.share_of_unhedged(sample.costs.total()),
    ..FEE
};

/// Everything, of what is hedged and a year.
pub(super) const TOTAL_SHARE_YEAR: Metric = Metric {
    key: "cost_share_per_year",
    label: "Total cost, of unhedged equity a year",
    about: "total cost of the hedge divided by the average equity of the unhedged book and the years of 365 days",
    unit: Unit::Fraction,
    compute: |sample| Some(sample.share_of_unhedged(sample.costs.total())? / sample.years()?),
    ..FEE
};

/// Option premium.
pub(super) const PREMIUM: Metric = Metric {
    key: "cost_premium",
    label: "Option premiums less payoffs",
    about: "premiums of hedge options less their payoffs and closing values, what their deltas earned included; negative when they paid more than they cost; not part of the total, n/a without option legs",
    compute: |sample| sample.costs.premium,
    ..FEE
};

/// The book's own.
pub(super) const BOOK: Metric = Metric {
    key: "cost_book",
    label: "Book's own fees and half-spreads",
    about: "fees and half-spreads of the book's own option trades, paid hedged or not; not part of the total",
    compute: |sample| Some(sample.costs.book),
    ..FEE
};

/// Notional turned over.
pub(super) const TURNOVER: Metric = Metric {
    key: "turnover",
    label: "Turnover",
    about: "notional turned over by the hedge's trades",
    compute: |sample| Some(sample.costs.turnover),
    ..FEE
};

/// Number of trades.
pub(super) const TRADES: Metric = Metric {
    key: "trades",
    label: "Trades",
    about: "number of rows at which a leg of the hedge traded, over all legs",
    unit: Unit::Count,
    compute: |sample| Some(trades(sample.costs.trades)),
    ..FEE
};

/// Price of trading.
pub(super) const PER_TURNOVER: Metric = Metric {
    key: "cost_per_turnover",
    label: "Trading cost per USD of turnover",
    about: "fees, half-spreads, slippage and rolls divided by the turnover",
    unit: Unit::FractionInBps,
    compute: |sample| {
        let costs = sample.costs;
        (costs.turnover > 0.0).then(|| costs.trading() / costs.turnover)
    },
    ..FEE
};

#[expect(clippy::cast_precision_loss, reason = "a number of trades is far below 2^53")]
fn trades(trades: usize) -> f64 {
    trades as f64
}
