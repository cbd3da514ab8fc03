//! Market and book to exposure.

use hedgerow_core::{
    Explained, Exposure, GradeCounts, Line, MILLIS_PER_DAY, Market, OptionTradeKind, Slopes,
};
use rayon::prelude::*;

use crate::book::{BookLine, Listing};
use crate::explain::{EXPLAINED_LINES, Move, explain};
use crate::far;
use crate::position::{Columns, Marked, Position, add, mark};
use crate::schedule::Holding;
use crate::scheduled::Scheduled;
use crate::{GreeksError, PaidIn, VolMarks};

/// A valued book and what a reader must know about how it was valued.
#[derive(Debug, Clone, PartialEq)]
pub struct Valued {
    /// Value, slopes, flows and explained P&L.
    pub exposure: Exposure,
    /// Marks of the book's options by grade, one per asset of the market.
    pub grades: Vec<GradeCounts>,
    /// A sentence each, without full stop: late settlements, options still open at the end.
    pub notes: Vec<String>,
    /// A sentence each, without full stop: options opened far from what the book asks for, because nothing nearer is listed.
    pub warnings: Vec<String>,
}

/// Values a book row by row.
///
/// `vols` holds the mark vols of each asset of the market; `rate` is the continuous USD rate per year, decimal, which is
/// also the carry (forward = spot e^(rate·years)). Parallel over positions, never over time; the result is the same
/// bit for bit whatever the number of threads.
///
/// Row 0 opens every option at its mark; what that costs is in `cash_flow` (or `coin_flow`) and its P&L is 0. Spot is held
/// from before the first row: it has no cash flow. An option settles at the first row at or after its expiry on that
/// row's spot, and the next one opens at the same row, on the last row too.
///
/// # Errors
/// [`GreeksError`] when an option is held where no vol is known, a line's first option ends after the last row or expires
/// before the first, its |rate × years| is beyond 700, more than a discount factor can be, or a programme's strikes are in
/// the wrong order.
///
/// # Panics
/// When `vols` does not have one column per asset and one vol per row, or `rate` is not finite.
pub fn value(
    market: &Market,
    vols: &[VolMarks],
    book: &[BookLine],
    rate: f64,
) -> Result<Valued, GreeksError> {
    assert_eq!(vols.len(), market.assets().len(), "one vol column per asset");
    for marks in vols {
        assert_eq!(marks.vol.len(), market.n_rows(), "one vol per row");
    }
    assert!(rate.is_finite(), "the rate is a number");

    let mut scheduled = Vec::with_capacity(book.len());
    for line in book {
        scheduled.extend(Scheduled::new(line, market, &vols[line.asset()], rate)?);
    }
    let positions: Vec<Position<'_>> =
        scheduled.iter().flat_map(|line| positions(line, market, vols, rate)).collect();
    // Collected in the order of the positions, and added up in that order: the number of threads cannot show.
    let marked: Vec<Marked> = positions.par_iter().map(mark).collect();

    let mut exposure = empty(market, vols);
    let mut grades = vec![GradeCounts::default(); vols.len()];
    let mut totals: Vec<Option<Total>> = vols.iter().map(|_| None).collect();
    for (position, marked) in positions.iter().zip(marked) {
        add_position(&mut exposure, position, &marked);
        add_grades(&mut exposure.grades, marked.grades);
        add_grades(&mut grades[position.asset], marked.grades);
        exposure.trades.extend(marked.trades);
        match &mut totals[position.asset] {
            Some(total) => total.add(&marked.slopes, marked.lines.as_ref()),
            first => *first = Some(Total { columns: marked.slopes, lines: marked.lines }),
        }
    }
    finish_trades(&mut exposure, market);
    for (asset, total) in totals.into_iter().enumerate() {
        if let Some(total) = total {
            add_options(&mut exposure, market, asset, total);
        }
    }
    for line in book {
        if let BookLine::Spot { asset, coins, .. } = line {
            add_spot(&mut exposure, &market.assets()[*asset].spot, *asset, *coins);
        }
    }
    for line in &scheduled {
        add_years(&mut exposure.slopes[line.asset].years, &line.holdings, market);
    }
    let (fills, programmes): (Vec<_>, Vec<_>) =
        scheduled.iter().partition(|line| matches!(line.line, BookLine::Fills(_)));
    let mut notes: Vec<String> = programmes
        .iter()
        .flat_map(|line| {
            notes(&line.line.name(), &line.holdings.iter().collect::<Vec<_>>(), market)
        })
        .collect();
    notes.extend(programmes.iter().filter_map(|line| listed_note(line, market)));
    if !fills.is_empty() {
        notes.extend(fill_notes(&fills, market));
    }
    let of_line = |line: &&Scheduled<'_>| far::warnings(&line.line.name(), &line.holdings, market);
    let warnings = programmes.iter().flat_map(of_line).collect();
    Ok(Valued { exposure, grades, notes, warnings })
}

fn positions<'a>(
    line: &'a Scheduled<'a>,
    market: &'a Market,
    vols: &'a [VolMarks],
    rate: f64,
) -> impl Iterator<Item = Position<'a>> {
    line.options.iter().enumerate().map(move |(option, (kind, coins))| Position {
        asset: line.asset,
        ticker: line.ticker,
        kind: *kind,
        coins: *coins,
        coin_settled: line.settlement == PaidIn::Coin,
        holdings: &line.holdings,
        option,
        time: market.time(),
        spot: &market.assets()[line.asset].spot,
        market,
        vols: &vols[line.asset],
        rate,
    })
}

fn empty(market: &Market, vols: &[VolMarks]) -> Exposure {
    let n_rows = market.n_rows();
    Exposure {
        value: vec![0.0; n_rows],
        cash_flow: vec![0.0; n_rows],
        slopes: vols.iter().map(|marks| Slopes::zero(n_rows, marks.vol.clone())).collect(),
        explained: Explained::zero(n_rows),
        trades: Vec::new(),
        grades: GradeCounts::default(),
    }
}

fn add_spot(exposure: &mut Exposure, spot: &[f64], asset: usize, coins: f64) {
    exposure.slopes[asset].coins += coins;
    for (cell, spot) in exposure.value.iter_mut().zip(spot) {
        *cell += coins * spot;
    }
    for cell in &mut exposure.slopes[asset].delta {
        *cell += coins;
    }
    let moves = spot.windows(2).map(|pair| pair[1] - pair[0]);
    for (cell, moved) in exposure.explained.line_mut(Line::Delta)[1..].iter_mut().zip(moves) {
        *cell += coins * moved;
    }
}

/// Adds what a position has beyond its value and slopes.
fn add_position(exposure: &mut Exposure, position: &Position<'_>, marked: &Marked) {
    if position.coin_settled {
        let slopes = &mut exposure.slopes[position.asset];
        let n_rows = position.time.len();
        slopes.coin_flow.resize(n_rows, 0.0);
        slopes.coin_value.resize(n_rows, 0.0);
        for ((cell, value), spot) in
            slopes.coin_value.iter_mut().zip(&marked.slopes.value).zip(position.spot)
        {
            *cell += value / spot;
        }
    }
    for (row, usd) in &marked.overtime {
        exposure.explained.line_mut(Line::Theta)[*row] += usd;
        exposure.explained.line_mut(Line::Residual)[*row] -= usd;
    }
}

fn add_grades(total: &mut GradeCounts, more: GradeCounts) {
    total.quoted += more.quoted;
    total.surface += more.surface;
    total.of_neighbours += more.of_neighbours;
    total.synthetic += more.synthetic;
}

/// The options of one asset together.
#[derive(Debug)]
struct Total {
    columns: Columns,
    /// What their slopes explain, where each option has a vol of its own.
    lines: Option<[Vec<f64>; 6]>,
}

impl Total {
    fn add(&mut self, columns: &Columns, lines: Option<&[Vec<f64>; 6]>) {
        self.columns.add(columns);
        let Some(lines) = lines else { return };
        match &mut self.lines {
            Some(total) => {
                total.iter_mut().zip(lines).for_each(|(total, line)| add(total, line));
            }
            None => self.lines = Some(lines.clone()),
        }
    }
}

/// Adds the options of one asset: their value, their slopes and what their slopes explain of the next row's P&L.
fn add_options(exposure: &mut Exposure, market: &Market, asset: usize, total: Total) {
    let Total { columns: total, lines: own } = total;
    let (time, spot) = (market.time(), &market.assets()[asset].spot);
    let slopes = &mut exposure.slopes[asset];
    for row in 1..market.n_rows() {
        let moved = Move {
            spot: spot[row] - spot[row - 1],
            // Only a row at which options settle may have no vol: what their vega misses goes to the residual.
            vol: match (slopes.vol[row - 1], slopes.vol[row]) {
                (Some(from), Some(to)) => to - from,
                _ => 0.0,
            },
            years: time[row].years_since(time[row - 1]),
        };
        let lines = own.as_ref().map_or_else(
            || explain(&total.slopes_at(row - 1), moved),
            |own| std::array::from_fn(|line| own[line][row]),
        );
        let mut residual = total.value[row] - total.value[row - 1];
        for (line, usd) in EXPLAINED_LINES.into_iter().zip(lines) {
            exposure.explained.line_mut(line)[row] += usd;
            residual -= usd;
        }
        exposure.explained.line_mut(Line::Residual)[row] += residual;
    }
    add(&mut exposure.value, &total.value);
    slopes.delta = total.delta;
    slopes.gamma = total.gamma;
    slopes.vega = total.vega;
    slopes.theta = total.theta;
}

/// Years to the nearest expiry of what is held.
fn add_years(years: &mut [Option<f64>], holdings: &[Holding], market: &Market) {
    for holding in holdings {
        for row in holding.rows(market.n_rows()) {
            let left = holding.expiry.years_since(market.time()[row]);
            years[row] = Some(years[row].map_or(left, |nearest| nearest.min(left)));
        }
    }
}

/// Puts the trades in the order of time, endings before openings, and books what they pay.
fn finish_trades(exposure: &mut Exposure, market: &Market) {
    exposure.trades.sort_by_key(|trade| (trade.row, trade.kind == OptionTradeKind::Open));
    for trade in &exposure.trades {
        let paid_usd = trade.traded * trade.premium;
        // The residual is P&L less the explained lines; row 0 opens at mark and has no P&L.
        if trade.row > 0 {
            exposure.explained.line_mut(Line::Residual)[trade.row] -= paid_usd;
        }
        if trade.coin_settled {
            let spot = market.assets()[trade.asset].spot[trade.row];
            exposure.slopes[trade.asset].coin_flow[trade.row] -= paid_usd / spot;
        } else {
            exposure.cash_flow[trade.row] -= paid_usd;
        }
    }
}

/// What settled late, and what is still held, of all contracts of a book of fills together.
fn fill_notes(lines: &[&Scheduled<'_>], market: &Market) -> Vec<String> {
    let holdings: Vec<&Holding> = lines.iter().flat_map(|line| &line.holdings).collect();
    let mut notes: Vec<String> = late_note("the fills", &holdings, market).into_iter().collect();
    match holdings.iter().filter(|holding| holding.end.is_none()).count() {
        0 => {}
        1 => notes.push(
            "the fills: one contract is still held at the last row and stands at its mark"
                .to_owned(),
        ),
        n => notes.push(format!(
            "the fills: {n} contracts are still held at the last row and stand at their marks"
        )),
    }
    notes
}

fn notes(line: &str, holdings: &[&Holding], market: &Market) -> Vec<String> {
    let mut notes: Vec<String> = late_note(line, holdings, market).into_iter().collect();
    if let Some(open) = holdings.last().filter(|holding| holding.end.is_none()) {
        notes.push(format!(
            "{line}: the last option, expiring {}, is still open at the last row and stands at its mark",
            open.expiry
        ));
    }
    notes
}

/// Openings of listed options that are named; the others are counted.
const MOST_NAMED: usize = 6;

/// Which listed options a line opened: those nearest to what it asks for. `None` for lines that take any.
fn listed_note(line: &Scheduled<'_>, market: &Market) -> Option<String> {
    let BookLine::Options(of) = line.line else { return None };
    if of.listing == Listing::Any {
        return None;
    }
    let opened = line.holdings.iter().map(|holding| {
        let options = line.options.iter().zip(&holding.strikes);
        let options: Vec<String> =
            options.map(|((kind, _), strike)| format!("{} {strike}", kind.name())).collect();
        let at = market.time()[holding.open];
        format!("{} expiring {} at {at}", options.join(" and "), holding.expiry)
    });
    let named: Vec<String> = opened.take(MOST_NAMED).collect();
    let more = match line.holdings.len() - named.len() {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    Some(format!("{}: opens what is listed: {}{more}", line.line.name(), named.join("; ")))
}

/// How late options settled; `None` where none did.
fn late_note(line: &str, holdings: &[&Holding], market: &Market) -> Option<String> {
    let time = market.time();
    let lateness: Vec<i64> = holdings
        .iter()
        .filter_map(|holding| Some((holding, holding.end.filter(|end| end.expired)?)))
        .map(|(holding, end)| time[end.row].millis() - holding.expiry.millis())
        .collect();
    let n_late = lateness.iter().filter(|late| **late > 0).count();
    let worst = lateness.iter().max().filter(|_| n_late > 0)?;
    #[expect(clippy::cast_precision_loss, reason = "a lateness in milliseconds is exact in f64")]
    let hours = *worst as f64 / (MILLIS_PER_DAY as f64 / 24.0);
    Some(format!(
        "{line}: {n_late} of {} expiries fell between rows and settled at the next one, {hours:.1} hours late at worst",
        lateness.len()
    ))
}
