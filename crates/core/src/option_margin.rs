//! What a venue's margin rules ask of options, as columns that know nothing of options.

use crate::OptionKind;

/// What is to be known of options for a margin model.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OptionMarginAsk {
    /// Requirements option by option; `None` where the model has none.
    pub short: Option<ShortOptionRates>,
    /// Moves at which options are revalued.
    pub shocks: Vec<Shock>,
}

/// The requirement for an option sold, coins per coin of underlying; one bought needs its premium and no more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortOptionRates {
    /// Initial, at the money.
    pub initial: f64,
    /// Initial, far out of the money.
    pub least_initial: f64,
    /// Maintenance.
    pub maintenance: f64,
}

impl ShortOptionRates {
    /// Initial and maintenance margin of an option sold, coins per coin; `mark` in coins (Deribit's standard margin):
    ///
    /// ```text
    /// initial     = max(0.15 − out of the money / forward, 0.10) + mark,   of a put at least its maintenance
    /// maintenance = 0.075 + mark,   of a put max(0.075, 0.075 mark) + mark
    /// ```
    ///
    /// ```
    /// # use hedgerow_core::{OptionKind, ShortOptionRates};
    /// let rates = ShortOptionRates { initial: 0.15, least_initial: 0.10, maintenance: 0.075 };
    /// let [initial, maintenance] = rates.of(OptionKind::Call, 60_000.0, 65_000.0, 0.0427);
    /// assert!((initial - 0.1427).abs() < 1e-12 && (maintenance - 0.1177).abs() < 1e-12);
    /// let [initial, maintenance] = rates.of(OptionKind::Put, 60_000.0, 55_000.0, 0.0371);
    /// assert!((initial - 0.1371).abs() < 1e-12 && (maintenance - 0.1121).abs() < 1e-12);
    /// ```
    pub fn of(&self, kind: OptionKind, forward: f64, strike: f64, mark: f64) -> [f64; 2] {
        let out = (kind.sign() * (strike - forward)).max(0.0) / forward;
        let initial = (self.initial - out).max(self.least_initial) + mark;
        match kind {
            OptionKind::Call => [initial, self.maintenance + mark],
            OptionKind::Put => {
                let maintenance = self.maintenance.max(self.maintenance * mark) + mark;
                [initial.max(maintenance), maintenance]
            }
        }
    }
}

/// A move of the market.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shock {
    /// Move of the price, a fraction of it, more than -1.
    pub price: f64,
    /// Move of the vol; `None`: it stays.
    pub vol: Option<VolShock>,
}

/// A move of the vol that is larger for options near their expiry: `vol × (1 + range × (30 / days)^power)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VolShock {
    /// Move at 30 days, a fraction of the vol, negative for a fall.
    pub range: f64,
    /// The vol is at least this before it is moved; 0 for none.
    pub least_vol: f64,
    /// Power of `30 / days` under 30 days.
    pub short_power: f64,
    /// Power of `30 / days` above.
    pub long_power: f64,
}

impl VolShock {
    /// `range × (30 / days)^power`, with at least one day to go.
    ///
    /// ```
    /// # use hedgerow_core::VolShock;
    /// let up = VolShock { range: 0.5, least_vol: 0.5, short_power: 0.30, long_power: 0.13 };
    /// let down = VolShock { range: -0.25, least_vol: 0.0, ..up };
    /// for (days, factor) in [(1.0, 1.387_10), (7.0, 0.773_71), (30.0, 0.5), (90.0, 0.433_46)] {
    ///     assert!((up.factor(days) - factor).abs() < 5e-6);
    ///     assert!((down.factor(days) + 0.5 * factor).abs() < 5e-6);
    /// }
    /// ```
    pub fn factor(&self, days: f64) -> f64 {
        let power = if days < 30.0 { self.short_power } else { self.long_power };
        self.range * (30.0 / days.max(1.0)).powf(power)
    }

    /// A vol after the move; never under a hundredth of what it was.
    pub fn moved(&self, vol: f64, days: f64) -> f64 {
        (vol.max(self.least_vol) * (1.0 + self.factor(days))).max(0.01 * vol)
    }
}

/// What a margin model asked of the options of one asset.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionMargin {
    /// Of what is held **after** each row, at its mark.
    pub at_mark: OptionMarginAt,
    /// Of what is held **into** each row, marked as at the row before but at the bar's highest price; `None` where that is
    /// unknown. Row 0 is empty of options.
    pub at_high: Option<OptionMarginAt>,
    /// The same at the bar's lowest price.
    pub at_low: Option<OptionMarginAt>,
}

/// The options of one asset at one price of each row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OptionMarginAt {
    /// Value of those settled in USD, USD.
    pub usd_value: Vec<f64>,
    /// Value of those settled in the coin, coins.
    pub coin_value: Vec<f64>,
    /// Coins of underlying of all, bought and sold.
    pub gross: Vec<f64>,
    /// Coins of underlying of those sold.
    pub sold: Vec<f64>,
    /// Initial margin of those sold, USD; empty unless asked for.
    pub initial: Vec<f64>,
    /// Maintenance margin of those sold, USD; empty unless asked for.
    pub maintenance: Vec<f64>,
    /// Change of their value under each shock that was asked for, USD; a column per shock.
    pub shocked: Vec<Vec<f64>>,
}

impl OptionMarginAt {
    /// Nothing held at any row.
    pub fn zero(n_rows: usize, ask: &OptionMarginAsk) -> Self {
        let zeros = || vec![0.0; n_rows];
        let asked = || if ask.short.is_some() { zeros() } else { Vec::new() };
        Self {
            usd_value: zeros(),
            coin_value: zeros(),
            gross: zeros(),
            sold: zeros(),
            initial: asked(),
            maintenance: asked(),
            shocked: ask.shocks.iter().map(|_| zeros()).collect(),
        }
    }

    /// Value in USD at this spot.
    pub fn value(&self, row: usize, spot: f64) -> f64 {
        self.usd_value[row] + self.coin_value[row] * spot
    }
}
