//! Kind, strike and expiry as columns tell them: instead of a name, or against it.

use hedgerow_core::{OptionContract, OptionKind, Timestamp};

use crate::frame::instant;
use crate::instruments::{Instrument, Listed, kind_of, option_name};
use crate::{ContractError, DataError};

/// Options expire at 08:00 UTC where a file tells the day alone.
const SETTLEMENT_MILLIS: i64 = 8 * 3_600_000;

/// A contract as columns tell it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Terms {
    kind: OptionKind,
    strike: f64,
    expiry: Timestamp,
}

impl Terms {
    /// The contract, under the file's name for it, or Deribit's where the file has none.
    pub(super) fn contract(self, name: &str, asset: &str) -> OptionContract {
        let Self { kind, strike, expiry } = self;
        let is_name = !name.contains(' ') && !name.is_empty();
        let name = if is_name { name.to_owned() } else { option_name(asset, expiry, strike, kind) };
        OptionContract { name, kind, strike, expiry }
    }
}

/// Reads the cells of kind, strike and expiry; `None` when one cannot be read.
pub(super) fn terms_of([kind, strike, expiry]: [&str; 3]) -> Option<Terms> {
    let strike: f64 = strike.trim().parse().ok()?;
    let expiry = instant(expiry.trim(), None, None)?;
    let is_day = expiry.rem_euclid(hedgerow_core::MILLIS_PER_DAY) == 0;
    Some(Terms {
        kind: kind_of(kind.trim())?,
        strike: Some(strike).filter(|strike| strike.is_finite() && *strike > 0.0)?,
        expiry: Timestamp::from_millis(if is_day { expiry + SETTLEMENT_MILLIS } else { expiry }),
    })
}

/// Holds a name against the columns beside it.
///
/// # Errors
/// [`DataError::Contract`] names what differs.
pub(super) fn check(
    named: &Instrument,
    terms: &Terms,
    place: &str,
    file: &str,
) -> Result<(), DataError> {
    let Listed::Option { expiry, strike, kind } = named.listed else { return Ok(()) };
    let differs = |what, told: String, said: String| {
        Err(DataError::Contract(ContractError::Contradiction {
            place: format!("`{file}` {place}"),
            name: named.to_string(),
            what,
            told,
            named: said,
        }))
    };
    if kind != terms.kind {
        return differs("kind", terms.kind.name().to_owned(), kind.name().to_owned());
    }
    if (strike - terms.strike).abs() > 1e-9 * strike {
        return differs("strike", terms.strike.to_string(), strike.to_string());
    }
    if expiry != terms.expiry {
        return differs("expiry", terms.expiry.to_string(), expiry.to_string());
    }
    Ok(())
}
