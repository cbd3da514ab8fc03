//! How averse to risk a band is: stated as a number, as the widest delta one would bear, or by a bet one would just refuse.
//!
//! Few people know their absolute risk aversion. A [`DeltaCap`] says instead how far the net delta may be off. The risk
//! aversion is the one whose band reaches the cap for options at the money, at the spot of the run's first row and at the
//! cost of the instrument: there the formula and the cap agree, and away from the money and for a smaller book the band is
//! narrower as the formula says. Where the formula asks for more than the cap (a larger book, the last days before expiry,
//! when gamma grows) the band is cut to it: after a trade at its own row's price no net delta is further off than the cap.
//!
//! An [`Indifference`] says instead which certain sum is as good as a risky one.

use std::f64::consts::PI;
use std::fmt;

use hedgerow_core::registry::SettingError;
use hedgerow_core::{DAYS_PER_YEAR, Percent, Timestamp};
use serde::Deserialize;

use super::{Band, Decide, Hedge, Now, Past, Rehedge, Rule, above_zero};

/// The half-width of the band for options at the money, which is also the widest half-width of any row.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeltaCap {
    /// The most that the net delta may be off its ideal, coins.
    pub coins: f64,
    /// Coins of underlying that the options are on.
    pub quantity: f64,
    /// Their time to expiry, days.
    pub tenor_days: f64,
    /// Their vol.
    pub vol_percent: Percent,
}

impl DeltaCap {
    fn check(&self) -> Result<(), SettingError> {
        above_zero("coins", self.coins)?;
        above_zero("quantity", self.quantity)?;
        above_zero("tenor_days", self.tenor_days)?;
        above_zero("vol_percent", self.vol_percent.0)
    }

    /// Years to expiry.
    pub(crate) fn years(&self) -> f64 {
        self.tenor_days / DAYS_PER_YEAR
    }

    /// `vol · sqrt(years)`.
    pub(crate) fn total_vol(&self) -> f64 {
        self.vol_percent.fraction() * self.years().sqrt()
    }

    /// A row at which the options stand at the money: gamma is `quantity · phi(d1) / (spot · vol · sqrt(years))`.
    pub fn at_the_money(&self, spot: f64, cost_rate: f64, rate: f64) -> Now {
        let deviation = self.total_vol();
        let density = (-0.5 * (0.5 * deviation).powi(2)).exp() / (2.0 * PI).sqrt();
        let start = Timestamp::from_millis(0);
        Now {
            row: 0,
            time: start,
            previous: None,
            start,
            spot,
            gamma: self.quantity * density / (spot * deviation),
            vol: Some(self.vol_percent.fraction()),
            years: Some(self.years()),
            cost_rate,
            rate,
        }
    }
}

/// A certain sum that is as good as a risky one.
///
/// ```
/// # use hedgerow_sim::rehedge::risk::Indifference;
/// let bet = Indifference { mean_usd: 10_000.0, deviation_usd: 2_000.0, certain_usd: 8_000.0 };
/// assert!((bet.risk_aversion() - 0.001).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indifference {
    /// What the risky sum is on average, USD.
    pub mean_usd: f64,
    /// Its standard deviation, USD.
    pub deviation_usd: f64,
    /// The certain sum that one would take in its place, USD; below the mean.
    pub certain_usd: f64,
}

impl Indifference {
    /// The absolute risk aversion, per USD, of who is indifferent: `2 (mean − certain) / deviation²`.
    ///
    /// Under exponential utility and a normal risk the certain sum is `mean − aversion · deviation² / 2` (Sinclair,
    /// *Volatility Trading*, 2008, chapter 4).
    pub fn risk_aversion(&self) -> f64 {
        2.0 * (self.mean_usd - self.certain_usd) / (self.deviation_usd * self.deviation_usd)
    }

    fn check(&self) -> Result<f64, SettingError> {
        above_zero("deviation_usd", self.deviation_usd)?;
        let aversion = self.risk_aversion();
        if aversion.is_finite() && aversion > 0.0 {
            return Ok(aversion);
        }
        Err(SettingError {
            message: format!(
                "`certain_usd` must be below `mean_usd`, found {} and {}",
                self.certain_usd, self.mean_usd
            ),
            span: None,
        })
    }
}

/// One of the ways of saying it, as typed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Parameters {
    risk_aversion: Option<f64>,
    delta_cap: Option<DeltaCap>,
    indifference: Option<Indifference>,
}

/// How it was said: an [`Indifference`] is the aversion it stands for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Risk {
    /// Absolute risk aversion, per USD: the larger, the narrower the band.
    Aversion(f64),
    /// The half-width at the money.
    Cap(DeltaCap),
}

impl Risk {
    /// Edges of a band less its ideal, none further off than a cap.
    pub(crate) fn cut(&self, offsets: [f64; 2]) -> [f64; 2] {
        match self {
            Self::Aversion(_) => offsets,
            Self::Cap(cap) => offsets.map(|offset| offset.clamp(-cap.coins, cap.coins)),
        }
    }
}

impl Parameters {
    pub(crate) fn resolve(self) -> Result<Risk, SettingError> {
        match (self.risk_aversion, self.delta_cap, self.indifference) {
            (Some(aversion), None, None) => {
                above_zero("risk_aversion", aversion)?;
                Ok(Risk::Aversion(aversion))
            }
            (None, Some(cap), None) => {
                cap.check()?;
                Ok(Risk::Cap(cap))
            }
            (None, None, Some(bet)) => Ok(Risk::Aversion(bet.check()?)),
            _ => Err(SettingError {
                message: "expected one of `risk_aversion`, `delta_cap` and `indifference`"
                    .to_owned(),
                span: None,
            }),
        }
    }
}

/// The risk aversion at which `half_width`, which falls with it, is `cap`: by bisection of its logarithm. Where no width
/// depends on it (free trades), any answer will do.
pub(crate) fn calibrate(cap: f64, half_width: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (1e-30_f64.ln(), 1e30_f64.ln());
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if half_width(middle.exp()) > cap {
            low = middle;
        } else {
            high = middle;
        }
    }
    (0.5 * (low + high)).exp()
}

/// A rule whose band is a formula in the risk aversion.
pub(crate) trait Banded: Rehedge + Clone + 'static {
    fn half_width(&self, now: &Now) -> f64;
}

/// A rule that finds its risk aversion when it meets the run.
pub(crate) struct Capped<R> {
    pub(crate) cap: DeltaCap,
    pub(crate) with: fn(f64) -> R,
}

impl<R> fmt::Debug for Capped<R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cap.fmt(formatter)
    }
}

impl<R: Banded> Rule for Capped<R> {
    fn is_of_delta(&self) -> bool {
        true
    }

    fn bind(&self, past: &Past<'_>) -> Box<dyn Decide> {
        Box::new(Cut { rule: (self.with)(self.aversion(past)), cap: self.cap.coins })
    }

    fn risk_aversions(&self, past: &Past<'_>) -> Vec<f64> {
        vec![self.aversion(past)]
    }
}

impl<R: Banded> Capped<R> {
    /// The risk aversion that leads to the cap on this run.
    fn aversion(&self, past: &Past<'_>) -> f64 {
        let now = self.cap.at_the_money(past.spot[0], past.cost_rate, past.rate);
        let width = |aversion: f64| (self.with)(aversion).half_width(&now);
        calibrate(self.cap.coins, width)
    }
}

/// A band cut to what is allowed around the ideal.
#[derive(Debug, Clone)]
struct Cut<R> {
    rule: R,
    cap: f64,
}

impl<R: Banded> Rehedge for Cut<R> {
    #[inline]
    fn band(&self, ideal: f64, now: &Now, _: &Hedge<'_>) -> Band {
        Band::around(ideal, self.rule.half_width(now).min(self.cap))
    }
}

/// The rule that a setting asks for.
pub(crate) fn rule<R: Banded>(risk: Risk, with: fn(f64) -> R) -> Box<dyn Rule> {
    match risk {
        Risk::Aversion(aversion) => Box::new(with(aversion)),
        Risk::Cap(cap) => Box::new(Capped { cap, with }),
    }
}
