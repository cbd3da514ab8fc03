//! What each option is marked at, row by row: one vol for all, a surface, or the option's own quotes.
//!
//! With a surface an option has a vol and a carry of its own. Where it is quoted, a snapshot says
//!
//! ```text
//! carry  = ln(forward / index) / years                      all four as of the quote
//! gap    = quoted vol − smile(ln(strike / forward))
//! excess = quoted price − model price at the quoted vol     what rounding and the venue leave
//! ```
//!
//! and until the next snapshot the option's vol is smile(ln(strike / (spot e^(carry years)))) + gap, its value the model's
//! at that vol plus the excess. So at the quote's own moment the value is the quote, the Greeks are those of its vol, and
//! between quotes the smile moves with the forward and no option jumps between its quote and the surface. A mark is graded
//! quoted at the row that is the first to know the quote, and surface after it.
//!
//! Venues do not discount: the model's price in USD is the undiscounted value of the forward, that in coins the same over
//! the forward. A quoted price that no vol can explain, a call above its forward or a put above its strike, says nothing.

use std::ops::Range;

use hedgerow_core::{Chain, Grade, Market, OptionKind, PaidIn, Quote, Timestamp};
use serde::Deserialize;

use crate::smile::{LEAST_VOL, MOST_VOL, positive, vol_of_price};
use crate::{Smile, SurfaceHistory, VolMarks, black76, inverse};

/// What marks an option where its market has a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MarkBy {
    /// Its own quotes, where it is listed; else the surface.
    #[default]
    Quoted,
    /// The surface alone.
    Surface,
}

/// How options get vols of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Smiles {
    /// Fitted to the chain, one per snapshot.
    pub surfaces: SurfaceHistory,
    /// Which chain of the asset.
    pub paid_in: PaidIn,
    /// What marks an option.
    pub by: MarkBy,
    /// One vol per row for all options where there is no surface; `None`: such options have no vol.
    pub fallback: Option<Vec<Option<f64>>>,
}

impl Smiles {
    /// The smiles of `rows`, for a market sliced by the same rows.
    ///
    /// # Panics
    /// When `rows` reaches beyond them.
    #[must_use]
    pub fn slice(&self, rows: Range<usize>) -> Self {
        Self {
            surfaces: self.surfaces.slice(rows.clone()),
            fallback: self.fallback.as_ref().map(|vols| vols[rows].to_vec()),
            ..*self
        }
    }

    /// The smile of an expiry at a row, and the carry of its forward, which is `rate` where no index is quoted; `None`
    /// without a surface.
    pub(crate) fn smile(&self, row: usize, expiry: Timestamp, rate: f64) -> Option<(Smile, f64)> {
        let smile = self.surfaces.smile(row, expiry)?;
        let index = self.surfaces.at(row).and_then(|surface| surface.index);
        let carry = index.map_or(rate, |index| (smile.forward / index).ln() / smile.years);
        Some((smile, carry))
    }
}

/// What an option is valued with at a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptionMark {
    /// Annualised, decimal.
    pub vol: f64,
    /// Continuous rate of discounting, per year.
    pub rate: f64,
    /// Continuous carry of the forward, per year.
    pub carry: f64,
    /// USD per coin of underlying above the model's value.
    pub excess: f64,
    /// Where it comes from.
    pub grade: Grade,
    /// Whether it rests on the smiles of other expiries, because its own has none.
    pub is_of_neighbours: bool,
}

/// An option by its terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OptionTerms {
    pub(crate) kind: OptionKind,
    pub(crate) strike: f64,
    pub(crate) expiry: Timestamp,
}

/// Where and at which rate options are marked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) market: &'a Market,
    pub(crate) asset: usize,
    /// Continuous USD rate per year; also the carry where no forward is quoted.
    pub(crate) rate: f64,
}

/// The marks of one option.
#[derive(Debug, Clone)]
pub(crate) enum Marks<'a> {
    /// The vol of the asset, one per row of the market.
    Flat { vol: &'a [Option<f64>], rate: f64, grade: Grade },
    /// Its own, one per row from `first` on.
    Own { first: usize, marks: Vec<Option<OptionMark>> },
}

impl Marks<'_> {
    /// The mark at a row; `None` where no vol is known, and outside the rows asked for.
    #[inline]
    pub(crate) fn at(&self, row: usize) -> Option<OptionMark> {
        match self {
            Self::Flat { vol, rate, grade } => vol[row].map(|vol| OptionMark {
                vol,
                rate: *rate,
                carry: *rate,
                excess: 0.0,
                grade: *grade,
                is_of_neighbours: false,
            }),
            Self::Own { first, marks } => marks.get(row.checked_sub(*first)?).copied().flatten(),
        }
    }

    /// Whether the option has a vol of its own.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self, Self::Own { .. })
    }
}

impl VolMarks {
    /// The marks of an option at `rows`, which lie before its expiry.
    pub(crate) fn of_option(
        &self,
        place: Place<'_>,
        option: OptionTerms,
        rows: Range<usize>,
    ) -> Marks<'_> {
        let Some(smiles) = &self.smiles else {
            return Marks::Flat { vol: &self.vol, rate: place.rate, grade: self.grade };
        };
        let first = rows.start;
        let chain = place.market.chain(place.asset, smiles.paid_in);
        let book = Book::new(smiles, chain, place, option);
        let mut known = Known::default();
        let mut current = None;
        let marks = rows.map(|row| {
            let snapshot = smiles.surfaces.snapshot(row);
            if row == first || snapshot != current {
                current = snapshot;
                known = book.known(row);
            }
            book.mark(&known, row)
        });
        Marks::Own { first, marks: marks.collect() }
    }
}

/// What a snapshot says of an option.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// The smile of its expiry, and the carry of its forward.
    smile: Option<(Smile, f64)>,
    quote: Option<Quoted>,
}

impl Known {
    /// The mark, with whether it rests on the smiles of other expiries.
    fn flagged(&self, mark: OptionMark) -> OptionMark {
        let of_neighbours = self.smile.as_ref().is_some_and(|(smile, _)| smile.is_of_neighbours);
        let is_of_neighbours = mark.grade == Grade::Surface && of_neighbours;
        OptionMark { is_of_neighbours, ..mark }
    }
}

/// A quote as vol and carry.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    time: Timestamp,
    vol: f64,
    carry: f64,
    /// Quoted vol less the smile's; 0 without a smile.
    gap: f64,
    /// Quoted price less the model's, coins or USD as the chain is paid in.
    excess: f64,
}

/// An option and where it is looked up.
#[derive(Debug)]
struct Book<'a> {
    smiles: &'a Smiles,
    /// The chain and the option's place in it, where it is listed and its quotes are asked for.
    listed: Option<(&'a Chain, usize)>,
    place: Place<'a>,
    option: OptionTerms,
    spot: &'a [f64],
    /// Before which a quote is no news at the first row.
    before: Timestamp,
}

impl<'a> Book<'a> {
    fn new(
        smiles: &'a Smiles,
        chain: Option<&'a Chain>,
        place: Place<'a>,
        option: OptionTerms,
    ) -> Self {
        let is_it = |contract: &hedgerow_core::OptionContract| {
            contract.kind == option.kind
                && contract.expiry == option.expiry
                && (contract.strike - option.strike).abs() <= 1e-9 * option.strike
        };
        let listed = chain
            .filter(|_| smiles.by == MarkBy::Quoted)
            .and_then(|chain| Some((chain, chain.contracts.iter().position(is_it)?)));
        let step = place.market.step_millis().unwrap_or(0);
        Self {
            smiles,
            listed,
            place,
            option,
            spot: &place.market.assets()[place.asset].spot,
            before: Timestamp::from_millis(place.market.time()[0].millis() - step),
        }
    }

    fn known(&self, row: usize) -> Known {
        let smile = self.smiles.smile(row, self.option.expiry, self.place.rate);
        let index = self.smiles.surfaces.at(row).and_then(|surface| surface.index);
        let quote = self.listed.and_then(|(chain, contract)| {
            let quote = chain.at(row).iter().find(|quote| quote.contract == contract)?;
            self.quoted(quote, index, smile.as_ref().map(|(smile, _)| smile))
        });
        Known { smile, quote }
    }

    /// A quote as vol and carry; `None` where it says nothing of the option's worth.
    fn quoted(&self, quote: &Quote, index: Option<f64>, smile: Option<&Smile>) -> Option<Quoted> {
        let OptionTerms { kind, strike, expiry } = self.option;
        let years = expiry.years_since(quote.time);
        let forward = positive(quote.forward).or(smile.map(|smile| smile.forward))?;
        if years <= 0.0 {
            return None;
        }
        let carry = positive(quote.index)
            .or(index)
            .map_or(self.place.rate, |index| (forward / index).ln() / years);
        let log_moneyness = (strike / forward).ln();
        let unit = match self.smiles.paid_in {
            PaidIn::Coin => 1.0,
            PaidIn::Usd => forward,
        };
        let most = match kind {
            OptionKind::Call => unit,
            OptionKind::Put => unit * strike / forward,
        };
        let price = price_of(quote).filter(|price| *price < most);
        let vol = quote
            .mark_vol
            .or_else(|| vol_of_price(kind, price? / unit, log_moneyness, years))
            .filter(|vol| (LEAST_VOL..=MOST_VOL).contains(vol))?;
        let model = match self.smiles.paid_in {
            PaidIn::Coin => inverse::coin_greeks(kind, forward, strike, years, vol).value,
            PaidIn::Usd => black76(kind, forward, strike, years, vol).value,
        };
        Some(Quoted {
            time: quote.time,
            vol,
            carry,
            gap: smile.map_or(0.0, |smile| vol - smile.vol(log_moneyness)),
            excess: price.map_or(0.0, |price| price - model),
        })
    }

    fn mark(&self, known: &Known, row: usize) -> Option<OptionMark> {
        let years = self.option.expiry.years_since(self.place.market.time()[row]);
        let on_smile = |smile: &Smile, carry: f64| {
            smile.vol((self.option.strike / self.spot[row]).ln() - carry * years)
        };
        let is_vol = |vol: &f64| vol.is_finite() && *vol > 0.0;
        if let Some(quote) = &known.quote {
            let moved = known.smile.as_ref().map(|(smile, _)| on_smile(smile, quote.carry));
            let vol = moved.map(|vol| vol + quote.gap).filter(is_vol);
            let is_news = quote.time
                > row.checked_sub(1).map_or(self.before, |before| self.place.market.time()[before]);
            let grade = if is_news || vol.is_none() { Grade::Quoted } else { Grade::Surface };
            let vol = vol.unwrap_or(quote.vol);
            let mark = self.with(vol, quote.carry, (quote.excess, row), grade);
            return Some(known.flagged(mark));
        }
        if let Some((smile, carry)) = &known.smile
            && let Some(vol) = Some(on_smile(smile, *carry)).filter(is_vol)
        {
            return Some(known.flagged(self.with(vol, *carry, (0.0, row), Grade::Surface)));
        }
        let (vol, rate) = (self.smiles.fallback.as_ref()?[row]?, self.place.rate);
        let grade = Grade::Synthetic;
        Some(OptionMark { vol, rate, carry: rate, excess: 0.0, grade, is_of_neighbours: false })
    }

    /// Venues do not discount: marks in USD are values of the forward, marks in coins the same over the forward, which in
    /// USD are discounted at the carry.
    fn with(&self, vol: f64, carry: f64, (excess, row): (f64, usize), grade: Grade) -> OptionMark {
        let (rate, unit) = match self.smiles.paid_in {
            PaidIn::Coin => (carry, self.spot[row]),
            PaidIn::Usd => (0.0, 1.0),
        };
        OptionMark { vol, rate, carry, excess: excess * unit, grade, is_of_neighbours: false }
    }
}

/// What an option is quoted at: its mark, else the middle of bid and ask; `None` where it is not priced, and where it has
/// no mark and its bid is above its ask.
pub(crate) fn price_of(quote: &Quote) -> Option<f64> {
    let middle = || {
        let (bid, ask) = quote.sides()?;
        Some(0.5 * (positive(Some(bid))? + positive(Some(ask))?))
    };
    positive(quote.mark).or_else(middle)
}
