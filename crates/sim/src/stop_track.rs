//! The track of an instrument that is traded by orders resting at levels of the spot.

use hedgerow_core::{Fills, Market, Track};

/// Why orders for an instrument cannot rest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StopError {
    /// An option, or a dated future.
    #[error("orders rest for spot and perpetuals, and {name} is neither")]
    Instrument {
        /// What it is called.
        name: String,
    },
    /// The instrument has no opens of its own.
    #[error("{name} has no opens, at which an order is filled when a bar opens beyond its level")]
    Opens {
        /// What it is called.
        name: String,
    },
    /// The spot has no bars.
    #[error(
        "the spot series of {ticker} has no {missing}, from which it is seen whether a level was reached"
    )]
    Bars {
        /// The asset.
        ticker: String,
        /// `open`, `high` or `low`.
        missing: &'static str,
    },
}

/// The same track, traded by orders that rest at levels of the spot from one row to the next.
///
/// `track` is one of spot or a perpetual that is filled at the next open. An order rests at a level of the spot of its asset.
/// Where the next bar's open lies beyond the level it is filled at the instrument's own open; else, where the bar's high or
/// low reaches the level, at the level times the instrument's price over the spot at the row before. Of two levels in one bar
/// the one nearer to the open is filled, of two equally near the lower; one fill a bar. What is filled is held for the
/// funding of its row.
///
/// # Errors
/// [`StopError`] where the instrument or its data do not allow it.
pub fn stop_track(track: Track, market: &Market) -> Result<Track, StopError> {
    let name = || track.name.clone();
    if track.contract.is_none() || track.rolls.is_some() {
        return Err(StopError::Instrument { name: name() });
    }
    let asset = &market.assets()[track.asset];
    let columns = [(&asset.open, "open"), (&asset.high, "high"), (&asset.low, "low")];
    if let Some((_, missing)) = columns.into_iter().find(|(column, _)| column.is_none()) {
        return Err(StopError::Bars { ticker: asset.name.clone(), missing });
    }
    let Fills::AtOpen { open, .. } = track.fills else {
        return Err(StopError::Opens { name: name() });
    };
    Ok(Track { fills: Fills::AtStops { open }, ..track })
}
