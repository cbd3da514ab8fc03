//! Which highs and lows margin is looked at at, in a sentence.

use hedgerow_core::{Contract, Market, Track};

/// How margin is checked, and at whose highs and lows: of the assets of a market, and of what is traded.
pub(super) fn sentence(market: &Market, tracks: &[&Track]) -> String {
    let n_assets = market.assets().len();
    let is_known = |asset: usize| market.highs(asset).is_some() && market.lows(asset).is_some();
    if !(0..n_assets).any(is_known) {
        return "Margin is checked at every row's mark only: nothing in the market has highs and lows.".to_owned();
    }
    let mut whose: Vec<String> = (0..n_assets).map(|asset| of_spot(market, asset)).collect();
    for track in tracks {
        if let Some(said) = of_track(market, track).filter(|said| !whose.contains(said)) {
            whose.push(said);
        }
    }
    format!(
        "Margin is checked at every row's mark, and within every bar on the way to its highest and to its lowest prices, with what is held over it once its open is traded and paid: straight lines from the open (the row before where there are no opens), all prices together, options marked as at the row before but for the spot. Highs and lows: {}.",
        whose.join("; ")
    )
}

fn of_spot(market: &Market, asset: usize) -> String {
    let columns = &market.assets()[asset];
    let name = &columns.name;
    match market.followed(asset) {
        _ if columns.high.is_some() && columns.low.is_some() => {
            format!("{name} spot goes to its own")
        }
        Some(perp) => {
            format!("{name} spot has none and goes in proportion to those of {}", perp.name)
        }
        None => format!("{name} spot has none and stays at its open until its mark"),
    }
}

/// `None` for spot and options, which go with the spot.
fn of_track(market: &Market, track: &Track) -> Option<String> {
    let contract = track.contract.filter(|contract| *contract != Contract::Spot)?;
    let name = &track.name;
    let own = market.tradable(track.asset, contract);
    Some(match own {
        Some(perp) if perp.high.is_some() && perp.low.is_some() => {
            format!("{name} goes to its own")
        }
        Some(_) => format!("{name} has none and keeps its ratio to the spot"),
        None => format!("{name} keeps its ratio to the spot: bars of dated futures are not read"),
    })
}
