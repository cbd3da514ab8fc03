//! What a run assumes of its account, and what became of it, in sentences.

use hedgerow_core::{AccountEvent, AccountEventKind, Found, Ledger, Market, Track};
use hedgerow_sim::{MarginOf, SpotMargin, Sweep, Then, TopUp};

use super::{AccountSpec, ByCoin, MarginSpec, Posted, bars, stablecoin};
use crate::costs::CostsSpec;

/// What an account's sentences are read from beside its own settings.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Of<'a> {
    /// What a liquidation costs is read from these.
    pub(crate) costs: &'a CostsSpec,
    pub(crate) market: &'a Market,
    /// What the legs of all strategies trade.
    pub(crate) tracks: &'a [&'a Track],
}

/// What is assumed of the account, in sentences; `discounts`: whether options are valued.
pub(crate) fn sentences(
    spec: Option<&AccountSpec>,
    (rate, discounts): (f64, bool),
    of: Of<'_>,
) -> Vec<String> {
    let percent = rate * 100.0;
    let discounting = if discounts { ", and options are discounted at the same rate" } else { "" };
    let owed = match spec.and_then(|spec| spec.borrow_rate) {
        None => format!("earns and pays {percent} % a year"),
        Some(rate) => {
            format!("earns {percent} % a year, and {} % are paid on what is owed", rate * 100.0)
        }
    };
    let mut all = match spec.and_then(|spec| spec.stablecoin.as_ref()) {
        None => vec![format!("USD cash {owed}, continuously compounded{discounting}.")],
        Some(name) => vec![stablecoin::sentence(name.get_ref())],
    };
    let Some(spec) = spec else {
        all.push("No margin, liquidation or withdrawal is modelled.".to_owned());
        return all;
    };
    if spec.stablecoin.is_some() && discounts {
        all.push(format!("Options are discounted at {percent} % a year."));
    }
    all.extend(listed("Coins earn", &spec.coin_percent, "% a year"));
    all.extend(listed(
        "Coins owed, and spot sold short, pay",
        &spec.coin_borrow_percent,
        "% a year",
    ));
    match &spec.margin {
        None => all.push("No margin, liquidation or withdrawal is modelled.".to_owned()),
        Some(margin) => all.extend(margin.sentences(of)),
    }
    all
}

/// What venues did to the strategies, a line each, for the terminal; those to which nothing happened have none.
pub(crate) fn events(market: &Market, ledgers: &[Ledger]) -> String {
    let line = |ledger: &Ledger| {
        let events = &ledger.margin.events;
        // A reduction of nothing is an account with nothing left to close.
        let happened = |event: &&AccountEvent| event.share.is_none_or(|share| share > 0.0);
        let count =
            |kind| events.iter().filter(happened).filter(|event| event.kind == kind).count();
        let stuck = events.iter().filter(|event| !happened(event)).count();
        let stuck = (stuck > 0)
            .then(|| format!("{stuck} times under `reduce_at` with nothing to close against it"));
        let counts: Vec<String> = [
            (AccountEventKind::MarginCall, "margin calls"),
            (AccountEventKind::TopUpSent, "transfers to the venue"),
            (AccountEventKind::SweepSent, "transfers to the treasury"),
            (AccountEventKind::Reduction, "reductions"),
            (AccountEventKind::ReductionShort, "reductions that were not enough"),
        ]
        .into_iter()
        .filter(|(kind, _)| count(*kind) > 0)
        .map(|(kind, what)| format!("{} {what}", count(kind)))
        .collect();
        let end = events.iter().find(|event| event.kind == AccountEventKind::Liquidation);
        let end = end.map(|event| liquidation(market, event));
        let penalty: f64 = ledger.margin.liquidation.iter().sum();
        let penalty = (penalty > 0.0).then(|| format!("penalties of {penalty:.2} USD"));
        let all: Vec<String> = counts.into_iter().chain(stuck).chain(end).chain(penalty).collect();
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
    /// What is asked of what is owed for spot.
    pub(super) fn spot(&self) -> SpotMargin {
        self.spot_margin.as_ref().map_or(SpotMargin::CROSS_3X, |typed| *typed.get_ref())
    }

    fn sentences(&self, Of { costs, market, tracks }: Of<'_>) -> Vec<String> {
        let time = market.time();
        let penalty = self.penalty.sentence(costs, time);
        let scope = match self.scope {
            MarginOf::BookAndLegs => "Book and legs are margined together",
            MarginOf::Legs => {
                "The legs are margined; the book is held elsewhere, and pays and receives there"
            }
        };
        let mut all = vec![format!("{scope}: {}.", self.model.describe())];
        all.push(match &self.posted {
            None => "All of the capital is at the venue.".to_owned(),
            Some(Posted { usd, coins, .. }) => {
                let coins = coins.iter().map(|(name, number)| {
                    format!(" and {} {}", number.get_ref(), name.get_ref())
                });
                let coins: String = coins.collect();
                format!("At the venue are at first {usd} USD{coins}; the rest of the capital is in the treasury.")
            }
        });
        all.extend(listed("Haircuts of collateral", &self.haircut_percent, "%"));
        let SpotMargin { initial, maintenance } = self.spot();
        all.push(format!(
            "What is owed for spot legs (coins sold that the account has not, USD that paid for coins) asks {} % initial and {} % maintenance margin{}; coins of the account, the book and spot legs offset each other, and a haircut is of what is left.",
            100.0 * initial,
            100.0 * maintenance,
            if self.spot_margin.is_some() { "" } else { " (as Binance's cross margin at 3 times)" }
        ));
        if let Some(top_up) = &self.top_up {
            let TopUp { below_ratio, to_ratio, delay_millis } = *top_up.get_ref();
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
        all.push(bars::sentence(market, tracks));
        all.push("What is closed within a bar is closed where margin equity meets what it must not fall under, at the open of a bar that opens beyond it; funding, expiries and rolls of that bar fall on what is left, and money that arrives within a bar counts from its end on. The legs' trades are limited to what initial margin leaves; the book opens and rolls whatever initial margin says, and where the two are more than margin equity there is a margin call.".to_owned());
        if let Some(reduction) = &self.reduce_at {
            all.push(reduction.sentence(self.penalty, (costs, time)));
        }
        let then = match self.then {
            Then::Stop => {
                "the book is closed too, where the legs are and at its mark, for the same penalty on its options and no fees, and what is left stays in cash and coins"
            }
            Then::Unhedged => "the book goes on unhedged, and its margin is not looked at again",
        };
        all.push(format!(
            "Under the maintenance margin all legs are closed, at their fees and a penalty of {penalty}, both at the prices at which they are closed; then {then}."
        ));
        all
    }
}

#[expect(clippy::cast_precision_loss, reason = "at most a year of milliseconds")]
fn hours(millis: i64) -> f64 {
    millis as f64 / 3_600_000.0
}
