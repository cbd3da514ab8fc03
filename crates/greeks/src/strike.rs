//! Which strike a programme chooses when it opens an option.

use std::fmt;

use serde::Deserialize;

use crate::OptionKind;
use crate::normal::{cdf, quantile};

/// A rule for the strike, applied at each opening. Strikes are exact: no listing grid is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strike {
    /// Strike over spot, 1 = at the money; positive.
    Moneyness(f64),
    /// Absolute value of the option's delta, between 0 and 1.
    Delta(f64),
    /// USD per coin; positive.
    Usd(f64),
}

impl Strike {
    /// Why the rule makes no sense; `None` where it does.
    pub(crate) fn objection(self) -> Option<String> {
        let positive = |name: &str, number: f64| {
            (!(number.is_finite() && number > 0.0))
                .then(|| format!("`{name}` must be positive, found {number}"))
        };
        match self {
            Self::Moneyness(moneyness) => positive("moneyness", moneyness),
            Self::Usd(usd) => positive("usd", usd),
            Self::Delta(delta) => (!(delta > 0.0 && delta < 1.0)).then(|| {
                format!("`delta` must lie between 0 and 1 (its absolute value), found {delta}")
            }),
        }
    }
}

impl fmt::Display for Strike {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Moneyness(moneyness) => write!(formatter, "{moneyness} x spot at opening"),
            Self::Delta(delta) => write!(formatter, "where the absolute delta is {delta}"),
            Self::Usd(usd) => write!(formatter, "{usd} USD"),
        }
    }
}

/// The strike at which an option has the absolute delta N(w d1) = `delta`, in closed form for a vol that does not depend
/// on the strike: K = F e^(σ²T/2 − w σ√T N⁻¹(δ)).
///
/// `delta` lies in (0, 1); `forward` and the strike are USD per coin. It is the displayed (not premium-adjusted) delta,
/// which is monotone in the strike, so there is exactly one answer.
///
/// ```
/// # use hedgerow_greeks::{OptionKind, strike_for_delta};
/// let strike = strike_for_delta(OptionKind::Call, 0.368_301_172_825_567_8, 60_000.0, 30.0 / 365.0, 0.65);
/// assert!((strike - 65_000.0).abs() < 1e-7);
/// ```
pub fn strike_for_delta(kind: OptionKind, delta: f64, forward: f64, years: f64, vol: f64) -> f64 {
    let deviation = vol * years.sqrt();
    forward * (0.5 * deviation * deviation - kind.sign() * deviation * quantile(delta)).exp()
}

/// The strike at which an option has the absolute delta N(w d1) = `delta` when its vol is `vol(ln(strike / forward))`.
///
/// By bisection over ten deviations of the vol at the money on either side of the forward: exact to rounding, whether or
/// not the delta is monotone in the strike.
pub(crate) fn strike_on_smile(
    kind: OptionKind,
    delta: f64,
    forward: f64,
    years: f64,
    vol: impl Fn(f64) -> f64,
) -> f64 {
    let w = kind.sign();
    let found = |k: f64| {
        let deviation = vol(k) * years.sqrt();
        cdf(w * (0.5 * deviation - k / deviation))
    };
    // From in the money, where the delta is 1, to out of it, where it is 0.
    let reach = 10.0 * vol(0.0) * years.sqrt();
    let (mut inside, mut outside) = (-w * reach, w * reach);
    for _ in 0..80 {
        let middle = 0.5 * (inside + outside);
        *(if found(middle) > delta { &mut inside } else { &mut outside }) = middle;
    }
    forward * (0.5 * (inside + outside)).exp()
}

/// A strike as text: two decimals at most, or six significant digits below 100 USD.
pub(crate) fn strike_text(strike: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "2 to 305 decimals for any positive finite strike"
    )]
    let decimals = (5.0 - strike.log10().floor()).clamp(2.0, 305.0) as usize;
    let decimals = if strike >= 100.0 { 2 } else { decimals };
    let text = format!("{strike:.decimals$}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::strike_text;

    #[test]
    fn cheap_coins_keep_their_digits() {
        let texts = [0.0712345, 0.5, 3.0, 99.1234, 100.0, 120.5].map(strike_text);
        assert_eq!(texts, ["0.0712345", "0.5", "3", "99.1234", "100", "120.5"]);
    }
}
