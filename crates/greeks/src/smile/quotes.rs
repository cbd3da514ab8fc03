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

/// Forwards of one expiry that differ by more than this factor belong to different underlyings.
const MOST_FORWARD_RATIO: f64 = 1.25;

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
    let mut dropped = Dropped::default();
    let (mut found, mut spreads) = (Vec::with_capacity(group.len() / 2), Vec::new());
    for quote in group {
        match smile_quote(chain, expiry, quote) {
            Ok((quote, spread)) => {
                found.push(quote);
                spreads.push(spread);
            }
            Err(reason) => *reason(&mut dropped) += 1,
        }
    }
    let mut forwards: Vec<f64> = group.iter().filter_map(|quote| positive(quote.forward)).collect();
    let Some(forward) = median(&mut forwards).filter(|_| !found.is_empty()) else {
        return Err(SmileError::NoUsableQuote { found: group.len(), dropped });
    };
    let (lowest, highest) = (forwards[0], forwards[forwards.len() - 1]);
    if highest > MOST_FORWARD_RATIO * lowest {
        return Err(SmileError::TwoUnderlyings { lowest, highest });
    }
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
