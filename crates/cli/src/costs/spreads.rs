//! `half_spread_bps` where it is more than a number: one for all linear instruments, or one for each kind of them.

use std::ops::Range;

use hedgerow_core::registry::{Setting, SettingError};
use hedgerow_core::{Contract, HalfSpread, Market, Track};
use toml::de::DeValue;

use super::market::{self, Spread};

/// Half-spreads as typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spreads {
    which: Which,
    /// Where they stand.
    span: Range<usize>,
}

#[derive(Debug, Clone, PartialEq)]
enum Which {
    /// The same for all.
    All(Spread),
    /// Each its own.
    ByKind(Vec<(Contract, Spread)>),
}

/// Kinds of instruments, as a table of half-spreads and a sentence call them.
const KINDS: [(&str, Contract, &str); 5] = [
    ("spot", Contract::Spot, "spot"),
    ("perp", Contract::LinearPerp, "perps"),
    ("inverse_perp", Contract::InversePerp, "inverse perps"),
    ("future", Contract::LinearFuture, "dated futures"),
    ("inverse_future", Contract::InverseFuture, "inverse dated futures"),
];

/// Reads what stands under `half_spread_bps`; a number there is no matter of this file.
///
/// # Errors
/// [`SettingError`] with the place of what is wrong.
pub(super) fn read(setting: Setting<'_>) -> Result<Spreads, SettingError> {
    let span = setting.span();
    let is_kind = |key: &str| KINDS.iter().any(|(kind, ..)| *kind == key);
    let by_kind = match setting.get_ref() {
        DeValue::Table(table) => table.keys().any(|key| is_kind(key.get_ref())),
        _ => false,
    };
    if !by_kind {
        return Ok(Spreads { which: Which::All(market::spread(setting)?), span });
    }
    let DeValue::Table(table) = setting.into_inner() else {
        return Err(SettingError::at(span, market::SHAPES));
    };
    let mut kinds = Vec::new();
    for (key, value) in table {
        let known = KINDS.iter().find(|(kind, ..)| *kind == key.get_ref().as_ref());
        let Some((_, contract, _)) = known else {
            let names = KINDS.iter().map(|(kind, ..)| *kind);
            let message =
                hedgerow_core::registry::unknown("kind of instrument", key.get_ref(), names);
            return Err(SettingError::at(key.span(), message));
        };
        kinds.push((*contract, market::spread(value)?));
    }
    Ok(Spreads { which: Which::ByKind(kinds), span })
}

impl Spreads {
    /// That of a kind of instrument; one that pays in the coin has that of its kind where it has none of its own.
    fn of(&self, contract: Contract) -> Option<&Spread> {
        let kinds = match &self.which {
            Which::All(spread) => return Some(spread),
            Which::ByKind(kinds) => kinds,
        };
        let own = |wanted| kinds.iter().find(|(kind, _)| *kind == wanted).map(|(_, spread)| spread);
        own(contract).or_else(|| match contract {
            Contract::InversePerp => own(Contract::LinearPerp),
            Contract::InverseFuture => own(Contract::LinearFuture),
            _ => None,
        })
    }

    /// Whether it says anything of such instruments.
    pub(super) fn has(&self, contract: Contract) -> bool {
        self.of(contract).is_some()
    }

    /// Puts the half-spread on a linear track of the period.
    ///
    /// # Errors
    /// [`SettingError`] where nothing is said of such an instrument, or what is said is not known yet.
    pub(super) fn put_on(
        &self,
        track: &mut Track,
        market: (&Market, &Range<usize>),
    ) -> Result<(), SettingError> {
        let Some(contract) = track.contract else { return Ok(()) };
        let spread = self.of(contract).ok_or_else(|| {
            let key = KINDS.iter().find(|(_, kind, _)| *kind == contract).map_or("", |kind| kind.0);
            let message = format!(
                "`half_spread_bps` is given by kind of instrument and says nothing of {}, which is traded; add `{key} = …`",
                track.name
            );
            SettingError::at(self.span.clone(), message)
        })?;
        spread.put_on(track, market, &self.span)
    }

    /// Whether a recorded half-spread is asked for.
    pub(super) fn uses(&self, series: &HalfSpread) -> bool {
        match &self.which {
            Which::All(spread) => spread.uses(series),
            Which::ByKind(kinds) => kinds.iter().any(|(_, spread)| spread.uses(series)),
        }
    }

    /// Where they stand.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// As an assumption says it, without a full stop.
    pub(super) fn sentence(&self) -> String {
        let kinds = match &self.which {
            Which::All(spread) => return spread.sentence(""),
            Which::ByKind(kinds) => kinds,
        };
        let of_kind = |(contract, spread): &(Contract, Spread)| {
            let kind = KINDS.iter().find(|(_, kind, _)| kind == contract).map_or("", |kind| kind.2);
            spread.sentence(&format!(" of {kind}"))
        };
        kinds.iter().map(of_kind).collect::<Vec<_>>().join("; ") + ";"
    }
}
