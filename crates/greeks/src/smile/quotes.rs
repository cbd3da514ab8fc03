//! Which quotes of a chain speak of the smile, and how loudly.
//!
//! A quote is used where the option is out of the money (a put below the forward, a call at or above it), somebody bids
//! and somebody offers, the bid is not above the ask, and its vol lies between [`LEAST_VOL`] and [`MOST_VOL`]. Its vol is
//! the mark vol; without one, that of the mark price; without that too, that of the middle of bid and ask. It weighs
//!
//! ```text
//! 1 / (h² + h₀²),     h = half the spread over vega, in vol;     h₀ = 0.002
//! ```
//!
//! so a quote is believed as far as its spread says, and no quote is believed beyond [`LEAST_HALF_SPREAD`].

use std::collections::BTreeMap;
use std::fmt;

use hedgerow_core::{Chain, OptionKind, PaidIn, Quote, Timestamp};

use super::fit_error::median;
use super::{SmileError, SmileQuote};
use crate::implied_vol;
use crate::normal::pdf;

/// Lowest vol that is believed, decimal.
pub const LEAST_VOL: f64 = 0.01;

/// Highest vol that is believed, decimal.
pub const MOST_VOL: f64 = 5.0;

/// h₀: a fifth of a vol point, a guess at what a mark is good for.
pub const LEAST_HALF_SPREAD: f64 = 0.002;

/// Forwards of one expiry that differ from their median by more than this factor are not of its underlying.
const MOST_FORWARD_RATIO: f64 = 1.25;

/// One forward in so many may be off; where more are, there are two underlyings.
const MOST_OFF: usize = 10;

/// The usable quotes of one expiry.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpiryQuotes {
    /// When the options expire.
    pub expiry: Timestamp,
    /// From the latest quote of any expiry to this one, ACT/365F.
    pub years: f64,
    /// Median of the quotes' forwards, USD per coin.
    pub forward: f64,
    /// One per usable option, at least one. Log-moneyness is to the quote's own forward: quotes of one snapshot are not
    /// simultaneous.
    pub quotes: Vec<SmileQuote>,
    /// What bids and asks each of them, in the same order.
    pub spreads: Vec<Spread>,
    /// What was left out.
    pub dropped: Dropped,
}

/// Between which prices a quote's option can be traded, per coin of forward.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Best bid.
    pub bid: f64,
    /// Best ask.
    pub ask: f64,
    /// From the quote to the expiry, ACT/365F.
    pub years: f64,
}

/// Number of quotes left out, by the first reason that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Dropped {
    /// No forward is known.
    pub no_forward: usize,
    /// In the money: the other kind of the same strike is used.
    pub in_the_money: usize,
    /// No bid or no ask.
    pub no_side: usize,
    /// Bid above ask.
    pub crossed: usize,
    /// No vol between the bounds.
    pub no_vol: usize,
    /// The forward is far from that of the expiry's other quotes.
    pub other_forward: usize,
}

/// The reasons that apply, as `17 in the money, 3 crossed`.
impl fmt::Display for Dropped {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            (self.in_the_money, "in the money"),
            (self.no_side, "without bid or ask"),
            (self.crossed, "crossed (bid above ask)"),
            (self.no_vol, "without a vol between 1 % and 500 %"),
            (self.no_forward, "without a forward"),
            (self.other_forward, "with a forward far from the others"),
        ];
        let applying = counts.iter().filter(|(count, _)| *count > 0);
        let text: Vec<String> = applying.map(|(count, what)| format!("{count} {what}")).collect();
        formatter.write_str(&text.join(", "))
    }
}

impl Dropped {
    /// What to do where nothing is left, by the commonest reason other than that an option is in the money.
    pub(crate) fn advice(&self) -> &'static str {
        let reasons = [
            (self.no_side, "bring two-sided quotes of options out of the money"),
            (self.crossed, "check which column is the bid and which the ask"),
            (self.no_vol, "check the columns of vol and mark, and the unit of the vol"),
            (self.no_forward, "bring the forward of each quote"),
            (self.other_forward, "check the column of the forward"),
        ];
        // Of several that are as common the first.
        let commonest = reasons.iter().rev().max_by_key(|(count, _)| *count);
        commonest.expect("there are reasons").1
    }
}

/// The usable quotes of each expiry among `quotes`, in the order of time.
///
/// `quotes` are of `chain`, each of another option; their order does not matter.
pub fn expiries(
    chain: &Chain,
    quotes: &[Quote],
) -> BTreeMap<Timestamp, Result<ExpiryQuotes, SmileError>> {
    let mut groups: BTreeMap<Timestamp, Vec<&Quote>> = BTreeMap::new();
    for quote in quotes {
        groups.entry(chain.contracts[quote.contract].expiry).or_default().push(quote);
    }
    let latest = quotes.iter().map(|quote| quote.time).max();
    let years = |expiry: Timestamp| latest.map_or(0.0, |latest| expiry.years_since(latest));
    groups
        .into_iter()
        .map(|(expiry, group)| (expiry, usable(chain, (expiry, years(expiry)), &group)))
        .collect()
}

fn usable(
    chain: &Chain,
    (expiry, years): (Timestamp, f64),
    group: &[&Quote],
) -> Result<ExpiryQuotes, SmileError> {
    if years <= 0.0 {
        return Err(SmileError::Years { years });
    }
    let mut forwards: Vec<f64> = group.iter().filter_map(|quote| positive(quote.forward)).collect();
    let typical = median(&mut forwards);
    let is_off = |forward: f64| {
        typical.is_some_and(|typical| {
            forward > MOST_FORWARD_RATIO * typical || typical > MOST_FORWARD_RATIO * forward
        })
    };
    if MOST_OFF * forwards.iter().filter(|forward| is_off(**forward)).count() > forwards.len() {
        let (lowest, highest) = (forwards[0], forwards[forwards.len() - 1]);
        return Err(SmileError::TwoUnderlyings { lowest, highest });
    }
    let mut dropped = Dropped::default();
    let (mut found, mut spreads) = (Vec::with_capacity(group.len() / 2), Vec::new());
    for quote in group {
        if quote.forward.is_some_and(is_off) {
            dropped.other_forward += 1;
            continue;
        }
        match smile_quote(chain, expiry, quote) {
            Ok((quote, spread)) => {
                found.push(quote);
                spreads.push(spread);
            }
            Err(reason) => *reason(&mut dropped) += 1,
        }
    }
    forwards.retain(|forward| !is_off(*forward));
    let Some(forward) = median(&mut forwards).filter(|_| !found.is_empty()) else {
        return Err(SmileError::NoUsableQuote { found: group.len(), dropped });
    };
    Ok(ExpiryQuotes { expiry, years, forward, quotes: found, spreads, dropped })
}

/// Which counter a quote that is left out belongs to.
type Reason = fn(&mut Dropped) -> &mut usize;

fn smile_quote(
    chain: &Chain,
    expiry: Timestamp,
    quote: &Quote,
) -> Result<(SmileQuote, Spread), Reason> {
    let contract = &chain.contracts[quote.contract];
    let forward = positive(quote.forward).ok_or::<Reason>(|dropped| &mut dropped.no_forward)?;
    let kind = if contract.strike < forward { OptionKind::Put } else { OptionKind::Call };
    if contract.kind != kind {
        return Err(|dropped| &mut dropped.in_the_money);
    }
    let (Some(bid), Some(ask)) = (positive(quote.bid), positive(quote.ask)) else {
        return Err(|dropped| &mut dropped.no_side);
    };
    if bid > ask {
        return Err(|dropped| &mut dropped.crossed);
    }
    let log_moneyness = (contract.strike / forward).ln();
    let years = expiry.years_since(quote.time);
    // Prices per coin of forward.
    let unit = match chain.paid_in {
        PaidIn::Coin => 1.0,
        PaidIn::Usd => forward,
    };
    let of_price = |price: f64| vol_of_price(kind, price / unit, log_moneyness, years);
    let vol = quote
        .mark_vol
        .or_else(|| positive(quote.mark).and_then(of_price))
        .or_else(|| of_price(0.5 * (bid + ask)))
        .filter(|vol| (LEAST_VOL..=MOST_VOL).contains(vol))
        .ok_or::<Reason>(|dropped| &mut dropped.no_vol)?;
    let deviation = vol * years.sqrt();
    let vega = pdf(0.5 * deviation - log_moneyness / deviation) * years.sqrt();
    let half_spread = 0.5 * (ask - bid) / unit / vega;
    // Where vega underflows a price says nothing of vol.
    let weight = 1.0 / (half_spread * half_spread + LEAST_HALF_SPREAD * LEAST_HALF_SPREAD);
    Ok((
        SmileQuote { log_moneyness, vol, weight },
        Spread { bid: bid / unit, ask: ask / unit, years },
    ))
}

pub(crate) fn positive(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite() && *number > 0.0)
}

/// The vol at which an option on a forward of 1 is worth `price`; `None` where no vol is.
pub(crate) fn vol_of_price(
    kind: OptionKind,
    price: f64,
    log_moneyness: f64,
    years: f64,
) -> Option<f64> {
    implied_vol(kind, 1.0, log_moneyness.exp(), years, price).ok()
}
