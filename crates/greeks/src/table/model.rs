//! The models a table can name, and the parameters they have beyond those of the contract.

/// How a row is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Model {
    /// Generalised Black-Scholes-Merton on the spot.
    Bsm,
    /// Black 1976 on the forward.
    Black76,
    /// Bachelier on the forward.
    Bachelier,
    /// Paid in coins.
    Inverse,
    /// One USD or nothing.
    CashDigital,
    /// One coin or nothing.
    AssetDigital,
    /// A variance that wanders, on the spot.
    Heston,
    /// A spot that also jumps.
    Merton,
    /// Black 1976 at the vol of Hagan's expansion.
    Sabr,
}

impl Model {
    /// Every model, as written in a table.
    pub const ALL: [(&'static str, Self); 9] = [
        ("bsm", Self::Bsm),
        ("black76", Self::Black76),
        ("bachelier", Self::Bachelier),
        ("inverse", Self::Inverse),
        ("cash_digital", Self::CashDigital),
        ("asset_digital", Self::AssetDigital),
        ("heston", Self::Heston),
        ("merton", Self::Merton),
        ("sabr", Self::Sabr),
    ];

    /// The model of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, model)| model)
    }

    /// As written in a table.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, model)| *model == self).map_or("", |(name, _)| name)
    }

    /// Whether slopes are to the spot; else they are to the forward.
    pub fn is_on_spot(self) -> bool {
        matches!(
            self,
            Self::Bsm | Self::CashDigital | Self::AssetDigital | Self::Heston | Self::Merton
        )
    }

    /// Whether a vol, or a price that implies one, is an input.
    pub fn needs_vol(self) -> bool {
        !matches!(self, Self::Heston | Self::Sabr)
    }

    /// Whether the payoff is discounted at a USD rate.
    pub fn needs_rate(self) -> bool {
        self != Self::Inverse
    }

    /// What the model is told beyond contract, market and vol.
    pub fn parameters(self) -> &'static [Parameter] {
        match self {
            Self::Heston => &[
                Parameter::Variance,
                Parameter::Reversion,
                Parameter::MeanVariance,
                Parameter::VolOfVariance,
                Parameter::Correlation,
            ],
            Self::Merton => {
                &[Parameter::JumpIntensity, Parameter::JumpMean, Parameter::JumpDeviation]
            }
            Self::Sabr => {
                &[Parameter::Alpha, Parameter::Beta, Parameter::Correlation, Parameter::Nu]
            }
            _ => &[],
        }
    }

    /// Whether the price of an option does not tell its vol: it is made of [`parameters`](Self::parameters).
    pub fn has_smile(self) -> bool {
        !self.parameters().is_empty()
    }
}

/// A number that a model is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// v0 of Heston.
    Variance,
    /// κ of Heston.
    Reversion,
    /// θ of Heston.
    MeanVariance,
    /// ξ of Heston.
    VolOfVariance,
    /// ρ of Heston and of SABR.
    Correlation,
    /// λ of Merton.
    JumpIntensity,
    /// Mean of the logarithm of Merton's jump.
    JumpMean,
    /// Standard deviation of the logarithm of Merton's jump.
    JumpDeviation,
    /// α of SABR.
    Alpha,
    /// β of SABR.
    Beta,
    /// ν of SABR.
    Nu,
}

impl Parameter {
    /// Every parameter: as written in a table, with its unit and its meaning.
    pub const ALL: [(&'static str, Self, &'static str, &'static str); 11] = [
        ("variance", Self::Variance, "1", "Heston: variance now, v0, per year"),
        ("reversion", Self::Reversion, "1", "Heston: speed of return to the mean, per year"),
        ("mean_variance", Self::MeanVariance, "1", "Heston: mean variance, per year"),
        (
            "vol_of_variance",
            Self::VolOfVariance,
            "1",
            "Heston: vol of variance, per root of a year",
        ),
        ("correlation", Self::Correlation, "1", "Heston, SABR: of the price and its vol"),
        ("jump_intensity", Self::JumpIntensity, "1", "Merton: jumps per year"),
        ("jump_mean", Self::JumpMean, "1", "Merton: mean of the logarithm of a jump"),
        ("jump_deviation", Self::JumpDeviation, "1", "Merton: its standard deviation"),
        ("alpha", Self::Alpha, "1", "SABR: vol now, in units of forward^(1 - beta)"),
        ("beta", Self::Beta, "1", "SABR: 1 is lognormal, 0 is normal"),
        ("nu", Self::Nu, "1", "SABR: vol of vol, per root of a year"),
    ];

    /// The parameter of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, ..)| *known == name).map(|(_, parameter, ..)| parameter)
    }

    /// As written in a table.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, one, ..)| *one == self).map_or("", |(name, ..)| name)
    }
}
