//! The funding rate that a venue's formula makes of a perpetual's premium.
//!
//! For a history with marks and an index and without the rates that were paid. A venue averages the premium over time first;
//! each formula takes that average. Rates are per eight hours, decimal; above 0 longs pay.

/// `(mark − index) / index`, decimal: by how much the perpetual is dearer than the index.
///
/// ```
/// # use hedgerow_sim::funding_formula::premium;
/// assert!((premium(60_030.0, 60_000.0) - 0.0005).abs() < 1e-15);
/// ```
pub fn premium(mark: f64, index: f64) -> f64 {
    (mark - index) / index
}

/// Deribit's formula: no funding while the premium is within the damper; beyond, what it exceeds the damper by, up to a cap.
///
/// `rate = max(d, p) + min(−d, p)`, cut to ± the cap (Deribit, *Inverse Perpetual*, support article 31424939178397). Paid at
/// every instant: an hour pays an eighth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeribitFunding {
    /// d: premium up to which nothing is paid, decimal.
    pub damper: f64,
    /// The most that is paid in eight hours, decimal.
    pub cap: f64,
}

impl DeribitFunding {
    /// The damper and cap of the BTC and ETH perpetuals: 0.025 % and 0.5 %. The damper was 0.05 % at first.
    pub const CLASSIC: Self = Self { damper: 0.000_25, cap: 0.005 };

    /// Rate per eight hours.
    ///
    /// ```
    /// # use hedgerow_sim::funding_formula::DeribitFunding;
    /// assert!((DeribitFunding::CLASSIC.rate(0.0005) - 0.00025).abs() < 1e-15);
    /// ```
    pub fn rate(&self, premium: f64) -> f64 {
        let rate = self.damper.max(premium) + (-self.damper).min(premium);
        rate.clamp(-self.cap, self.cap)
    }
}

/// Binance's formula: interest while the premium is near it, else the premium less a damper.
///
/// `rate = P + clamp(I − P, −c, c)` (Binance, *Introduction to Binance Futures Funding Rates*, support article 360033525031).
/// The caps that Binance sets for each contract by its margin are not part of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinanceFunding {
    /// I: interest per eight hours, decimal; 0 for some contracts.
    pub interest: f64,
    /// c: how far the interest may pull the premium, decimal.
    pub clamp: f64,
}

impl BinanceFunding {
    /// Interest of 0.01 % per eight hours, clamped at 0.05 %: most contracts.
    pub const USUAL: Self = Self { interest: 0.0001, clamp: 0.0005 };

    /// Rate per eight hours.
    ///
    /// ```
    /// # use hedgerow_sim::funding_formula::BinanceFunding;
    /// assert!((BinanceFunding::USUAL.rate(0.001) - 0.0005).abs() < 1e-15);
    /// ```
    pub fn rate(&self, premium: f64) -> f64 {
        premium + (self.interest - premium).clamp(-self.clamp, self.clamp)
    }
}
