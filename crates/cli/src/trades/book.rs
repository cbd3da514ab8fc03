//! Fills to lines of a book, and what was matched to what.

use anyhow::bail;
use hedgerow_core::registry::unknown;
use hedgerow_core::{Exposure, Market, OptionKind, OptionTrade, PaidIn};
use hedgerow_greeks::{BookLine, Fill, FillLine, fill_row};

use crate::trades::doubts::{self, FAR, sentence};
use crate::trades::read::{Trade, Trades};

/// How fills were taken into a market.
#[derive(Debug)]
pub(crate) struct Matched {
    /// One sentence each, for the report's assumptions.
    pub(crate) sentences: Vec<String>,
    /// How the fills are named in the resolved scenario: a command, without its scenario.
    pub(crate) command: String,
    /// `fills of trades.csv`.
    pub(crate) title: String,
}

/// One line for each contract, in the order of their first fills.
///
/// # Errors
/// A coin that the market does not have, and a price that cannot be in its unit, with their rows.
pub(crate) fn lines(trades: &Trades, market: &Market) -> anyhow::Result<Vec<BookLine>> {
    let mut lines: Vec<FillLine> = Vec::new();
    for trade in &trades.fills {
        let place = trade.place.clone();
        let Some(asset) = market.asset_index(&trade.asset) else {
            let known = market.assets().iter().map(|asset| asset.name.as_str());
            bail!("{place}: {}", unknown("asset", &trade.asset, known));
        };
        // A fill that no row can be matched to is refused when the book is valued.
        if let Ok(row) = fill_row(market, trade.time) {
            check_price(trade, market.assets()[asset].spot[row], &place)?;
        }
        let fill = Fill {
            place,
            time: trade.time,
            coins: trade.coins,
            price: trade.price,
            price_in: trade.price_in,
            fee: trade.fee,
        };
        match lines.iter_mut().find(|line| line.asset == asset && is_of(line, trade)) {
            Some(line) => line.fills.push(fill),
            None => lines.push(FillLine {
                asset,
                ticker: trade.asset.clone(),
                instrument: trade.contract.name.clone(),
                kind: trade.contract.kind,
                strike: trade.contract.strike,
                expiry: trade.contract.expiry,
                settlement: trade.paid_in,
                fills: vec![fill],
            }),
        }
    }
    Ok(lines.into_iter().map(BookLine::Fills).collect())
}

fn is_of(line: &FillLine, trade: &Trade) -> bool {
    line.kind == trade.contract.kind
        && line.strike.total_cmp(&trade.contract.strike).is_eq()
        && line.expiry == trade.contract.expiry
        && line.settlement == trade.paid_in
}

/// How far below its payoff an option may have traded before its unit is doubted, as a share of the spot: the spot moves
/// between a fill and its row.
const BELOW_PAYOFF: f64 = 0.1;

/// A call is never worth more than the coin, a put never more than its strike, and no option much less than its payoff.
fn check_price(trade: &Trade, spot: f64, place: &str) -> anyhow::Result<()> {
    let (kind, strike) = (trade.contract.kind, trade.contract.strike);
    let (price, unit) = match trade.price_in {
        PaidIn::Coin => (trade.price * spot, "coins"),
        PaidIn::Usd => (trade.price, "USD"),
    };
    let most = match kind {
        OptionKind::Call => spot,
        OptionKind::Put => strike,
    };
    let payoff = kind.payoff(spot, strike);
    let name = &trade.contract.name;
    let other = if trade.price_in == PaidIn::Coin { "usd" } else { "coin" };
    if price > (1.0 + BELOW_PAYOFF) * most {
        bail!(
            "{place}: a price of {} {unit} for {name} is more than the option can be worth, {} {unit} at the spot of {spot}; \
             is it in another unit? say --price-unit {other}, or give the file a column `price_unit`",
            trade.price,
            if trade.price_in == PaidIn::Coin { most / spot } else { most }
        );
    }
    if price < payoff - BELOW_PAYOFF * spot {
        bail!(
            "{place}: a price of {} {unit} for {name} is far below its payoff of {payoff} USD at the spot of {spot}; is it in \
             another unit? say --price-unit {other}, or give the file a column `price_unit`",
            trade.price
        );
    }
    Ok(())
}

/// Marks above this share of the spot are compared with prices.
const WORTH: f64 = 1e-3;

/// How many times a mark may be a price, or a price a mark, before the unit is doubted.
const TIMES: f64 = 100.0;

/// What was matched to what, once the book is valued.
///
/// # Errors
/// A price that is a hundred times its mark or a hundredth of it: it is in another unit than it says.
pub(crate) fn matched(
    trades: &Trades,
    (market, book): (&Market, &[BookLine]),
    exposure: &Exposure,
) -> anyhow::Result<Matched> {
    refuse_flat(trades, exposure)?;
    let (mut edge, mut far) = (0.0, Vec::new());
    for trade in &exposure.trades {
        let Some(agreed) = trade.agreed else { continue };
        let place = || row_of(trade, market, book);
        edge -= trade.traded * (agreed.price - trade.premium);
        let (low, high) = (agreed.price.min(trade.premium), agreed.price.max(trade.premium));
        if high > WORTH * trade.spot && high > TIMES * low && agreed.price > 0.0 {
            bail!(
                "{}: a price of {:.6} USD for {} is far from its mark of {:.2} USD at {}; is it in another unit? say \
                 --price-unit, or give the file a column `price_unit`",
                place().unwrap_or_else(|| trades.path.display().to_string()),
                agreed.price,
                trade.instrument,
                trade.premium,
                market.time()[trade.row]
            );
        }
        if high > WORTH * trade.spot && high > FAR * low {
            far.extend(place().map(|place| {
                let (price, mark) = (agreed.price, trade.premium);
                format!("{place}, {price:.2} USD beside a mark of {mark:.2} USD")
            }));
        }
    }
    // A fill that closes and opens is two trades.
    far.dedup();
    let file = trades.path.display();
    let mut sentences = sentences(trades, market, book.len(), edge);
    let what = "A price is more than ten times its mark, or less than a tenth of it";
    sentences.extend(sentence(what, far.into_iter()));
    sentences.extend(doubts::sentences(trades, market));
    Ok(Matched {
        sentences,
        command: format!("hedgerow replay-trades {file}{}", trades.typed),
        title: format!("fills of {file}"),
    })
}

/// Refuses fills that undo each other before the next row: no row holds anything that could be hedged.
fn refuse_flat(trades: &Trades, exposure: &Exposure) -> anyhow::Result<()> {
    let is_nothing = |column: &[f64]| column.iter().all(|number| *number == 0.0);
    let is_flat =
        exposure.slopes.iter().all(|slopes| is_nothing(&slopes.delta) && is_nothing(&slopes.vega));
    if !is_flat {
        return Ok(());
    }
    bail!(
        "{}: nothing of its {} fills is held at any row of the market: what is bought is sold again before the row at which it \
         would be hedged; say a finer `grid` under [market]",
        trades.path.display(),
        trades.fills.len()
    )
}

/// Where the fill of a trade was read.
fn row_of(trade: &OptionTrade, market: &Market, book: &[BookLine]) -> Option<String> {
    let (strike, kind) = trade.terms()?;
    let lines = book.iter().filter_map(|line| match line {
        BookLine::Fills(line) => Some(line),
        _ => None,
    });
    let of = lines.filter(|line| {
        line.asset == trade.asset
            && line.kind == kind
            && line.expiry == trade.expiry
            && (line.strike - strike).abs() < 0.01
    });
    let agreed = trade.agreed?.price;
    let mut fills = of.flat_map(|line| &line.fills);
    let fill = fills.find(|fill| {
        let price = match fill.price_in {
            PaidIn::Usd => fill.price,
            PaidIn::Coin => fill.price * trade.spot,
        };
        fill_row(market, fill.time) == Ok(trade.row)
            && fill.coins * trade.traded > 0.0
            && (price - agreed).abs() <= 1e-9 * agreed
    })?;
    Some(fill.place.clone())
}

#[expect(clippy::cast_precision_loss, reason = "a gap in milliseconds is exact in f64")]
fn hours(millis: i64) -> f64 {
    millis as f64 / 3_600_000.0
}

fn sentences(trades: &Trades, market: &Market, n_contracts: usize, edge: f64) -> Vec<String> {
    let fills = &trades.fills;
    let time = market.time();
    let mut rows: Vec<(usize, i64)> = fills
        .iter()
        .filter_map(|fill| {
            let row = fill_row(market, fill.time).ok()?;
            Some((row, time[row].millis() - fill.time.millis()))
        })
        .collect();
    let gap = rows.iter().map(|(_, gap)| *gap).max().unwrap_or(0);
    rows.dedup_by_key(|(row, _)| *row);
    let with_fee = fills.iter().filter(|fill| fill.fee.is_some()).count();
    let mut list = vec![
        format!(
            "{} option fills of {} contracts from {}, {} to {}{}.",
            fills.len(),
            n_contracts,
            trades.path.display(),
            fills[0].time,
            fills[fills.len() - 1].time,
            if trades.is_sorted {
                ""
            } else {
                "; the file has another order, they are taken in the order of time"
            }
        ),
        format!(
            "Each is matched to the first row at or after it, {} rows in all, {:.1} hours after the fill at most; what is held at \
             expiry settles on the spot of the first row at or after it.",
            rows.len(),
            hours(gap)
        ),
        format!(
            "What the fills paid differs from the marks of their rows by {:.2} USD in all ({}): it is in the half-spreads of \
             the book's own trades, beside what the market did between a fill and its row.",
            edge.abs(),
            if edge < 0.0 {
                "they were worse than the marks"
            } else {
                "they were better than the marks"
            }
        ),
        match with_fee {
            0 => "The file has no fees: the scenario's are charged.".to_owned(),
            n if n == fills.len() => "Fees are the file's own.".to_owned(),
            n => format!(
                "Fees of {n} fills are the file's own; the others are charged the scenario's."
            ),
        },
    ];
    if !trades.skipped.is_empty() {
        let skipped: Vec<String> =
            trades.skipped.iter().map(|(what, count)| format!("{count} of {what}")).collect();
        list.push(format!(
            "Rows of the file that are no option fills were left out: {}.",
            skipped.join(", ")
        ));
    }
    list
}
