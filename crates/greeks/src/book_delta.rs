//! The delta of a whole book by a chosen rule, row by row.

use std::ops::Range;

use hedgerow_core::Market;
use rayon::prelude::*;

use crate::book::BookLine;
use crate::marks::{OptionTerms, Place};
use crate::schedule::Holding;
use crate::scheduled::Scheduled;
use crate::{Deltas, GreeksError, OptionKind, OptionPath, Side, VolMarks};

/// The delta of what `book` holds in the asset of `deltas`, coins, after each row: the column that a hedge follows in
/// place of the exposure's own. `None` where the delta of any option held is not known.
///
/// Options open, end and have strikes as in [`value`](crate::value), marked at `vols`, the asset's marks; `rate` is the
/// continuous USD rate per year, which is also the carry. Parallel over options; the result is the same bit for bit
/// whatever the number of threads.
///
/// # Errors
/// As [`value`](crate::value).
pub fn book_delta(
    book: &[BookLine],
    vols: &VolMarks,
    rate: f64,
    deltas: &Deltas<'_>,
) -> Result<Vec<Option<f64>>, GreeksError> {
    let market = deltas.market();
    let mut held = Vec::new();
    let mut spot = 0.0;
    for line in book {
        match line {
            BookLine::Spot { asset, coins, .. } if *asset == deltas.asset() => spot += coins,
            line if line.asset() == deltas.asset() => {
                let Some(line) = Scheduled::new(line, market, vols, rate)? else { continue };
                for holding in &line.holdings {
                    held.extend(options(&line, holding, market, vols, rate));
                }
            }
            _ => {}
        }
    }
    let columns: Vec<Vec<Option<f64>>> =
        held.par_iter().map(|option| deltas.column(&option.path)).collect();
    let mut total = vec![Some(spot); market.n_rows()];
    for (option, column) in held.iter().zip(columns) {
        for (rows, of) in &option.stretches {
            let first = rows.start - option.path.rows.start;
            for (cell, delta) in total[rows.clone()].iter_mut().zip(&column[first..]) {
                *cell = cell.zip(*delta).map(|(sum, delta)| sum + option.coins * of * delta);
            }
        }
    }
    Ok(total)
}

/// One option of one holding.
#[derive(Debug)]
struct Held {
    /// Positive when bought.
    coins: f64,
    path: OptionPath,
    /// Rows over which as much is held, and how much of `coins`.
    stretches: Vec<(Range<usize>, f64)>,
}

fn options(
    line: &Scheduled<'_>,
    holding: &Holding,
    market: &Market,
    vols: &VolMarks,
    rate: f64,
) -> Vec<Held> {
    let held = |((kind, coins), strike): (&(OptionKind, f64), &f64)| {
        let (kind, coins, strike, expiry) = (*kind, *coins, *strike, holding.expiry);
        let rows = holding.rows(market.n_rows());
        let place = Place { market, asset: line.asset, rate };
        let marks = vols.of_option(place, OptionTerms { kind, strike, expiry }, rows.clone());
        let stretches = holding.stretches(market.n_rows());
        let is_short = stretches.first().is_some_and(|(_, of)| coins * of < 0.0);
        let path = OptionPath {
            kind,
            strike,
            expiry,
            side: if is_short { Side::Short } else { Side::Long },
            marks: rows.clone().map(|row| marks.at(row)).collect(),
            rows,
        };
        Held { coins, path, stretches }
    };
    line.options.iter().zip(&holding.strikes).map(held).collect()
}
