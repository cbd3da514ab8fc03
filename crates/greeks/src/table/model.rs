//! The models a table can name.

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
}

impl Model {
    /// Every model, as written in a table.
    pub const ALL: [(&'static str, Self); 6] = [
        ("bsm", Self::Bsm),
        ("black76", Self::Black76),
        ("bachelier", Self::Bachelier),
        ("inverse", Self::Inverse),
        ("cash_digital", Self::CashDigital),
        ("asset_digital", Self::AssetDigital),
    ];

    /// The model of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, model)| model)
    }

    /// As written in a table.
    pub fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, model)| *model == self).map_or("", |(name, _)| name)
    }

    pub(crate) fn is_on_spot(self) -> bool {
        matches!(self, Self::Bsm | Self::CashDigital | Self::AssetDigital)
    }
}
