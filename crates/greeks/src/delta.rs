//! Which delta of an option a hedge follows; one file per delta.
//!
//! A delta is a number of coins per coin of underlying, made from what is known at a row: the option's own terms, the
//! smile as of the row, and what was learned from earlier rows. Learning happens before, as a column with one entry per
//! row from the rows up to it: a delta cannot look ahead because the column does not.
//!
//! With vol a function of log-moneyness, σ(k), the deltas that follow a smile are
//!
//! ```text
//! Δ = Δ_BS(σ) + vega ∂σ/∂S
//! ```
//!
//! and differ in what they believe of ∂σ/∂S. On a flat surface all of them are Black-Scholes.

use std::fmt::Debug;

use hedgerow_core::registry::{Entry, SettingError};
use hedgerow_core::{Chain, Market, OptionKind, Timestamp};
use toml::Spanned;

use crate::smile::Sabr;
use crate::{
    Greeks, GreeksError, Heston, OptionMark, Side, Smile, SurfaceHistory, Terms, black_scholes,
};

pub mod barles_soner;
pub mod bartlett;
pub mod black_scholes_mark;
pub mod coin;
pub mod constant_vol;
pub mod heston;
mod heston_fit;
mod heston_grid;
pub mod hull_white;
pub mod leland;
pub mod realised_vol;
pub mod sabr;
pub mod skew_stickiness;
pub mod sticky_moneyness;
pub mod sticky_strike;
pub mod zakamouline;

pub use heston_fit::fit_heston;
pub use hull_white::{HedgeDay, HullWhite, Quadratic};

/// Every delta, alphabetically.
pub const DELTAS: &[Entry<dyn HedgeDelta>] = &[
    barles_soner::ENTRY,
    bartlett::ENTRY,
    black_scholes_mark::ENTRY,
    coin::ENTRY,
    constant_vol::ENTRY,
    heston::ENTRY,
    hull_white::ENTRY,
    leland::ENTRY,
    realised_vol::ENTRY,
    sabr::ENTRY,
    skew_stickiness::ENTRY,
    sticky_moneyness::ENTRY,
    sticky_strike::ENTRY,
    zakamouline::ENTRY,
];

/// A way to choose the delta of an option.
pub trait HedgeDelta: Debug + Send + Sync {
    /// As written in a scenario.
    fn name(&self) -> &'static str;

    /// One sentence for the report's assumptions, without its full stop.
    fn describe(&self) -> String;

    /// Whether it is made from an option chain, by itself or as a smile fitted to it: without one it is never known.
    fn needs_chain(&self) -> bool {
        false
    }

    /// What is known at each row from the rows up to it: one entry per row, or none at all for a delta without memory.
    ///
    /// # Errors
    /// [`GreeksError`] when the market lacks what is to be learned from.
    fn learn(&self, _past: &Past<'_>) -> Result<Vec<Memory>, GreeksError> {
        Ok(Vec::new())
    }

    /// What is made of a smile, once for each smile of an expiry.
    fn tune(&self, _smile: &Smile) -> Memory {
        Memory::Nothing
    }

    /// Coins per coin of underlying, for the option held long; `None` where the delta is not known or not defined.
    fn delta(&self, view: &View<'_>) -> Option<f64>;
}

/// The history that deltas learn from.
#[derive(Debug, Clone, Copy)]
pub struct Past<'a> {
    /// Prices and vols.
    pub market: &'a Market,
    /// Which asset of the market.
    pub asset: usize,
    /// The asset's option chain, where the market has one.
    pub chain: Option<&'a Chain>,
    /// Surfaces fitted to that chain.
    pub surfaces: Option<&'a SurfaceHistory>,
}

/// What was learned, as known at one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Memory {
    /// Nothing, or nothing yet.
    Nothing,
    /// An annualised vol, decimal.
    Vol(f64),
    /// Hull and White's coefficients.
    HullWhite(HullWhite),
    /// SABR of the option's expiry.
    Sabr(Sabr),
    /// Heston's model of the whole surface.
    Heston(Heston),
}

/// One option at one row.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Call or put.
    pub kind: OptionKind,
    /// The option; `vol` is the one it is marked at. Years are positive.
    pub terms: Terms,
    /// Whether the option is bought or sold: costs widen one and narrow the other.
    pub side: Side,
    /// The smile of its expiry as of the row, where there is one.
    pub smile: Option<&'a Smile>,
    /// What was learned from rows up to this one.
    pub memory: Memory,
    /// What was made of the smile.
    pub tuned: Memory,
}

impl View<'_> {
    /// Forward of the expiry: spot e^(carry·years).
    pub fn forward(&self) -> f64 {
        self.terms.spot * (self.terms.carry * self.terms.years).exp()
    }

    /// ln(strike / forward).
    pub fn log_moneyness(&self) -> f64 {
        (self.terms.strike / self.forward()).ln()
    }

    /// Value and slopes at another vol; `None` where that is no vol.
    pub fn greeks_at(&self, vol: f64) -> Option<Greeks> {
        let is_vol = vol.is_finite() && vol > 0.0;
        is_vol.then(|| black_scholes(self.kind, Terms { vol, ..self.terms }))
    }

    /// Value and slopes at the vol the option is marked at.
    pub fn greeks(&self) -> Option<Greeks> {
        self.greeks_at(self.terms.vol)
    }

    /// Value and slopes at the smile's vol, and dvol/dk there; `None` without a smile.
    pub fn on_smile(&self) -> Option<(Greeks, f64)> {
        let (smile, k) = (self.smile?, self.log_moneyness());
        Some((self.greeks_at(smile.vol(k))?, smile.skew(k)))
    }
}

/// A delta that has learned from a history and answers for any option in it.
#[derive(Debug)]
pub struct Deltas<'a> {
    rule: &'a dyn HedgeDelta,
    past: Past<'a>,
    learned: Vec<Memory>,
}

/// An option through the rows at which it is held.
#[derive(Debug, Clone)]
pub struct OptionPath {
    /// Call or put.
    pub kind: OptionKind,
    /// USD per coin.
    pub strike: f64,
    /// When it expires.
    pub expiry: Timestamp,
    /// Bought or sold.
    pub side: Side,
    /// The rows at which it is held, all before its expiry.
    pub rows: std::ops::Range<usize>,
    /// What it is marked at, one per row held.
    pub marks: Vec<Option<OptionMark>>,
}

impl<'a> Deltas<'a> {
    /// Lets a delta learn.
    ///
    /// # Errors
    /// As [`HedgeDelta::learn`].
    ///
    /// # Panics
    /// When a delta learns something for some rows only.
    pub fn new(rule: &'a dyn HedgeDelta, past: Past<'a>) -> Result<Self, GreeksError> {
        let learned = rule.learn(&past)?;
        assert!(
            learned.is_empty() || learned.len() == past.market.n_rows(),
            "`{}` remembers {} rows of {}",
            rule.name(),
            learned.len(),
            past.market.n_rows()
        );
        Ok(Self { rule, past, learned })
    }

    /// What was learned, for `past` restricted to `rows`: a warm-up then costs nothing of the period.
    ///
    /// # Panics
    /// When `rows` reaches beyond what was learned or `past` has another number of rows.
    #[must_use]
    pub fn slice(self, rows: std::ops::Range<usize>, past: Past<'a>) -> Self {
        assert_eq!(rows.len(), past.market.n_rows(), "one row of the past for each row kept");
        let learned =
            if self.learned.is_empty() { Vec::new() } else { self.learned[rows].to_vec() };
        Self { rule: self.rule, past, learned }
    }

    /// The market it answers for.
    pub(crate) fn market(&self) -> &'a Market {
        self.past.market
    }

    /// Which asset of the market.
    pub(crate) fn asset(&self) -> usize {
        self.past.asset
    }

    /// The delta at each row of `option`, coins per coin of underlying held long; `None` where it is not known.
    pub fn column(&self, option: &OptionPath) -> Vec<Option<f64>> {
        let spot = &self.past.market.assets()[self.past.asset].spot;
        let mut current = None;
        let mut tuned = Memory::Nothing;
        let mut smile = None;
        option
            .rows
            .clone()
            .zip(&option.marks)
            .map(|(row, mark)| {
                let snapshot = self.past.surfaces.and_then(|surfaces| surfaces.snapshot(row));
                if snapshot != current || row == option.rows.start {
                    current = snapshot;
                    smile = self.past.surfaces.and_then(|all| all.smile(row, option.expiry));
                    tuned = smile.as_ref().map_or(Memory::Nothing, |smile| self.rule.tune(smile));
                }
                let years = option.expiry.years_since(self.past.market.time()[row]);
                let mark = (*mark)?;
                let view = View {
                    kind: option.kind,
                    terms: Terms {
                        spot: spot[row],
                        strike: option.strike,
                        years,
                        vol: mark.vol,
                        rate: mark.rate,
                        carry: mark.carry,
                    },
                    side: option.side,
                    smile: smile.as_ref(),
                    memory: self.learned.get(row).copied().unwrap_or(Memory::Nothing),
                    tuned,
                };
                (years > 0.0).then(|| self.rule.delta(&view)).flatten()
            })
            .collect()
    }
}

/// A parameter that must be above 0.
fn positive(key: &str, typed: &Spanned<f64>) -> Result<f64, SettingError> {
    let found = *typed.get_ref();
    if found.is_finite() && found > 0.0 {
        return Ok(found);
    }
    Err(SettingError::at(typed.span(), format!("`{key}` must be positive, found {found}")))
}

/// A parameter between two bounds, both allowed.
fn within(key: &str, typed: &Spanned<f64>, low: f64, high: f64) -> Result<f64, SettingError> {
    let found = *typed.get_ref();
    if (low..=high).contains(&found) {
        return Ok(found);
    }
    let message = format!("`{key}` must lie between {low} and {high}, found {found}");
    Err(SettingError::at(typed.span(), message))
}
