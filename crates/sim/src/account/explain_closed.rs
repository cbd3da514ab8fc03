//! The lines of what was closed by force: those of a row up to where it was closed.

use hedgerow_core::{Explained, Ledger, Line, Market, Track};

use super::closed::Closed;
use super::margined::waits;

/// What was closed earned nothing from where it was closed on, and was not traded at the open.
pub(super) fn explain_closed(market: &Market, track: &Track, closed: &Closed, ledger: &mut Ledger) {
    let row = closed.row;
    if row == 0 {
        return;
    }
    let mut add = |line: Line, usd: f64| {
        ledger.explained.line_mut(line)[row] += usd;
        ledger.legs[closed.leg].explained.line_mut(line)[row] += usd;
    };
    match &track.explained {
        Some(unit) => option(market, track, (unit, closed), add),
        None => {
            let delta = linear(market, track, closed);
            add(Line::Delta, delta);
            add(Line::Basis, -delta);
        }
    }
}

/// What the delta line of a perp, future or spot is more, USD.
fn linear(market: &Market, track: &Track, closed: &Closed) -> f64 {
    let Closed { row, traded, spot, .. } = *closed;
    let asset = &market.assets()[track.asset];
    let mut moved = asset.spot[row] - spot;
    if waits(track) {
        let opened = asset.open.as_ref().map_or(asset.spot[row - 1], |open| open[row]);
        moved -= asset.spot[row] - opened;
    }
    traded * track.delta.at(row - 1) * moved
}

/// In place of the lines of the whole row, those of a move of the spot to where an option was closed.
fn option(
    market: &Market,
    track: &Track,
    (unit, closed): (&Explained, &Closed),
    mut add: impl FnMut(Line, f64),
) {
    let Closed { row, traded, spot, missed, is_within, .. } = *closed;
    if !is_within {
        return;
    }
    for line in Line::ALL {
        let whole = unit.line(line)[row];
        if whole != 0.0 {
            add(line, traded * whole);
        }
    }
    let so_far = unit.sum(row) - missed;
    let before = row - 1;
    let moved = spot - market.assets()[track.asset].spot[before];
    let (delta, gamma) = spot_lines(track.delta.at(before), track.gamma.at(before), moved);
    add(Line::Delta, -traded * delta);
    add(Line::Gamma, -traded * gamma);
    add(Line::Residual, -traded * (so_far - delta - gamma));
}

/// The lines of a move of the spot: `delta × move` and `½ gamma × move²`.
pub(super) fn spot_lines(delta: f64, gamma: f64, moved: f64) -> (f64, f64) {
    (delta * moved, 0.5 * gamma * moved * moved)
}
