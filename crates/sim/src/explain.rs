//! P&L explained line by line: each leg's own, and that of the whole strategy.
//!
//! A strategy's line is the book's, the account's (interest, coins, the book's costs) and those of its legs added up, in
//! this order.

use hedgerow_core::{Explained, Exposure, Fills, Ledger, LegLedger, Line, Market, Track};

/// Explains every leg and the strategy. The account must be closed: interest and the P&L of its coins are read.
pub(crate) fn explain(
    market: &Market,
    exposure: &Exposure,
    tracks: &[&Track],
    ledger: &mut Ledger,
) {
    let mut explained = exposure.explained.clone();
    add(explained.line_mut(Line::Collateral), &ledger.collateral_pnl, 1.0);
    add(explained.line_mut(Line::Interest), &ledger.interest, 1.0);
    add(explained.line_mut(Line::Fee), &ledger.book_fee, -1.0);
    add(explained.line_mut(Line::Spread), &ledger.book_spread, -1.0);
    if !ledger.margin.liquidation.is_empty() {
        add(explained.line_mut(Line::Liquidation), &ledger.margin.liquidation, -1.0);
    }
    for (leg, track) in ledger.legs.iter_mut().zip(tracks) {
        leg.explained = match &track.explained {
            Some(unit) => option(unit, leg),
            None => linear(market, track, leg),
        };
        explained.add(&leg.explained);
        add(explained.line_mut(Line::Carry), &leg.carry, 1.0);
        add(explained.line_mut(Line::Fee), &leg.fee, -1.0);
        add(explained.line_mut(Line::Spread), &leg.spread, -1.0);
        add(explained.line_mut(Line::Slippage), &leg.slippage, -1.0);
        add(explained.line_mut(Line::Roll), &leg.roll, -1.0);
    }
    ledger.explained = explained;
}

/// What was held from the row before on, times the lines of one unit.
fn option(unit: &Explained, leg: &LegLedger) -> Explained {
    let mut explained = Explained::zero(leg.held.len());
    explained.add_scaled(unit, |row| row.checked_sub(1).map_or(0.0, |before| leg.held[before]));
    explained
}

/// Delta P&L is held delta times the move of the spot, for what was traded at the open or at a level from there on; the rest
/// of the price P&L is basis.
fn linear(market: &Market, track: &Track, leg: &LegLedger) -> Explained {
    let asset = &market.assets()[track.asset];
    let mut explained = Explained::zero(leg.held.len());
    let deltas = explained.line_mut(Line::Delta);
    for row in 1..leg.held.len() {
        let spot_before = asset.spot[row - 1];
        let unit_delta = track.delta.at(row - 1);
        deltas[row] = leg.held[row - 1] * unit_delta * (asset.spot[row] - spot_before);
        let filled_at = match &track.fills {
            Fills::AtPrice => continue,
            Fills::AtStops { open } if (leg.fill[row] - open[row]).abs() > 0.0 => {
                leg.fill[row] * spot_before / track.price[row - 1]
            }
            Fills::AtOpen { .. } | Fills::AtStops { .. } => {
                asset.open.as_ref().map_or(spot_before, |open| open[row])
            }
        };
        deltas[row] += leg.traded[row] * unit_delta * (asset.spot[row] - filled_at);
    }
    let basis: Vec<f64> =
        leg.price_pnl.iter().zip(&*deltas).map(|(pnl, delta)| pnl - delta).collect();
    explained.line_mut(Line::Basis)[1..].copy_from_slice(&basis[1..]);
    explained
}

fn add(line: &mut [f64], more: &[f64], sign: f64) {
    line.iter_mut().zip(more).for_each(|(line, more)| *line += sign * more);
}
