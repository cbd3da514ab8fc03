//! Fills that are taken as they are and are worth a second look, in a sentence for each kind.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use hedgerow_core::{Market, PaidIn};
use hedgerow_data::Sheet;
use hedgerow_greeks::fill_row;

use crate::trades::columns::texts;
use crate::trades::read::{Trade, Trades};

/// As many fills are named in a sentence.
const MOST: usize = 3;

/// How many times its mark may a price be, or the mark a price, before it is said.
pub(crate) const FAR: f64 = 10.0;

/// Rows of a sheet whose cells are all those of an earlier row, with that row.
pub(crate) fn repeats(sheet: &Sheet) -> HashMap<usize, usize> {
    let columns: Vec<Vec<Option<String>>> =
        sheet.columns.iter().map(|column| texts(sheet, &column.name)).collect();
    let mut first: HashMap<Vec<Option<&str>>, usize> = HashMap::new();
    let mut found = HashMap::new();
    for row in 0..sheet.n_rows() {
        let cells = columns.iter().map(|column| column[row].as_deref()).collect();
        match first.entry(cells) {
            Entry::Vacant(free) => drop(free.insert(row)),
            Entry::Occupied(earlier) => drop(found.insert(row, *earlier.get())),
        }
    }
    found
}

/// What is said of the fills themselves: rows that are there twice, and fees above what was paid for the option.
pub(crate) fn sentences(trades: &Trades, market: &Market) -> Vec<String> {
    let repeats = trades.fills.iter().filter_map(|trade| {
        Some(format!("{} is that of {} again", trade.place, trade.repeats.as_ref()?))
    });
    let fees = trades.fills.iter().filter_map(|trade| {
        let (fee, paid) = (trade.fee?, paid(trade, market)?);
        let unit = match trade.paid_in {
            PaidIn::Usd => "USD",
            PaidIn::Coin => trade.asset.as_str(),
        };
        (fee > paid).then(|| {
            format!("{}, a fee of {fee} {unit} for options worth {paid:.6} {unit}", trade.place)
        })
    });
    [
        sentence("Every cell of a row is that of an earlier one, and both are taken", repeats),
        sentence("A fee is above the price of what was traded", fees),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A kind of doubt and the fills it is about; `None` where there are none.
pub(crate) fn sentence(what: &str, fills: impl Iterator<Item = String>) -> Option<String> {
    let fills: Vec<String> = fills.collect();
    let named = fills.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join("; ");
    match fills.len() {
        0 => None,
        n if n <= MOST => Some(format!("{what}: {named}.")),
        n => Some(format!("{what}: {named}; and {} more.", n - MOST)),
    }
}

/// What a fill paid for its options, in what they pay; `None` where no row tells what a price in the other unit is worth.
fn paid(trade: &Trade, market: &Market) -> Option<f64> {
    let paid = trade.price * trade.coins.abs();
    if trade.price_in == trade.paid_in {
        return Some(paid);
    }
    let row = fill_row(market, trade.time).ok()?;
    let spot = market.assets()[market.asset_index(&trade.asset)?].spot[row];
    Some(match trade.price_in {
        PaidIn::Usd => paid / spot,
        PaidIn::Coin => paid * spot,
    })
}
