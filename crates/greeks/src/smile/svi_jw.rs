//! SVI in jump-wing coordinates: the same slices in a trader's words.
//!
//! With w₀ = w(0), t the years to expiry and R = √(m² + σ²):
//!
//! ```text
//! v  = w₀ / t                          variance at the money
//! ψ  = (b / (2√w₀)) (ρ − m/R)          skew at the money, dvol/dk · √t
//! p  = b (1 − ρ) / √w₀                 slope of the put wing
//! c  = b (1 + ρ) / √w₀                 slope of the call wing
//! ṽ  = (a + b σ √(1 − ρ²)) / t         least variance
//! ```
//!
//! Gatheral and Jacquier (2014), section 3.3. The way back here goes through the cosine β = m/R = ρ − 2ψ√w₀/b, so that
//! m = 0 needs no case of its own: R = (v − ṽ) t / (b (1 − ρβ − √((1−ρ²)(1−β²)))).

use super::RawSvi;

/// A raw SVI slice in jump-wing coordinates, for one time to expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SviJw {
    /// Years to expiry, positive.
    pub years: f64,
    /// v: annualised variance at the money.
    pub at_money: f64,
    /// ψ: skew of vol at the money times √years, per unit of log-moneyness.
    pub skew: f64,
    /// p: slope of the put wing.
    pub put_wing: f64,
    /// c: slope of the call wing.
    pub call_wing: f64,
    /// ṽ: least annualised variance.
    pub least: f64,
}

impl SviJw {
    /// The coordinates of a raw slice with `years` to expiry.
    pub fn from_raw(raw: &RawSvi, years: f64) -> Self {
        let RawSvi { b, rho, m, sigma, .. } = *raw;
        let at_money = raw.at(0.0).value;
        let root = at_money.sqrt();
        Self {
            years,
            at_money: at_money / years,
            skew: 0.5 * b / root * (rho - m / m.hypot(sigma)),
            put_wing: b * (1.0 - rho) / root,
            call_wing: b * (1.0 + rho) / root,
            least: raw.least_variance() / years,
        }
    }

    /// The raw slice; `None` where the coordinates do not determine one: no wings, |β| ≥ 1, or a least variance that is
    /// at the money without being flat there (ψ = 0 and v = ṽ leaves σ open).
    pub fn to_raw(&self) -> Option<RawSvi> {
        let total = self.at_money * self.years;
        let root = total.sqrt();
        let b = 0.5 * root * (self.put_wing + self.call_wing);
        let rho = 1.0 - self.put_wing * root / b;
        let beta = rho - 2.0 * self.skew * root / b;
        let depth = (self.at_money - self.least) * self.years;
        let opening = 1.0 - rho * beta - ((1.0 - rho * rho) * (1.0 - beta * beta)).sqrt();
        let radius = depth / (b * opening);
        let sigma = radius * (1.0 - beta * beta).sqrt();
        let raw = RawSvi {
            a: self.least * self.years - b * sigma * (1.0 - rho * rho).sqrt(),
            b,
            rho,
            m: beta * radius,
            sigma,
        };
        let determined = [raw.a, raw.b, raw.rho, raw.m, raw.sigma].iter().all(|x| x.is_finite());
        (determined && raw.sigma > 0.0 && raw.b > 0.0).then_some(raw)
    }

    /// The slice of the same variance, skew and put wing at the money that is free of butterfly arbitrage.
    ///
    /// c′ = p + 2ψ and ṽ′ = v 4pc′/(p + c′)² make it an SSVI slice (Gatheral and Jacquier 2014, section 5.1). `None`
    /// where that gives no wing (p + 2ψ ≤ 0) or nothing that [`to_raw`](Self::to_raw) can read. SSVI slices have their
    /// own condition: check the answer with [`butterfly`](super::butterfly).
    pub fn repaired(&self) -> Option<Self> {
        let call_wing = self.put_wing + 2.0 * self.skew;
        let sum = self.put_wing + call_wing;
        let least = self.at_money * 4.0 * self.put_wing * call_wing / (sum * sum);
        (call_wing > 0.0 && least.is_finite()).then_some(Self { call_wing, least, ..*self })
    }
}
