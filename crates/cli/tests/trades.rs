//! `hedgerow replay-trades`: a user's own fills as the book.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss, reason = "tests")]

mod support;

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use support::{Desk, bitcoin_of_2026, shared, statistic};

const FILLS: &str = include_str!("../../../data/fixtures/fills.csv");
const DERIBIT_LOG: &str = include_str!("../../../data/fixtures/fills_deribit_log.csv");

/// A scenario without a book.
const SCENARIO: &str = r#"name = "test"
[market]
source = "sample"
from = "2023-01-01"
to = "2023-03-31"
[vol]
model = "dvol"
[capital]
usd = 1_000_000
[costs]
option_fee_bps = 0
option_delivery_bps = 0
option_half_spread_points = 0
[bootstrap]
resamples = 100
[[strategy]]
name = "band"
[[strategy.leg]]
with = "perp"
when = { delta_band = 0.5 }
[[strategy]]
name = "constant vol"
[[strategy.leg]]
with = "perp"
delta = { constant_vol = { percent = 55 } }
when = "every_row"
"#;

fn replay(fills: &str, more: &[&str]) -> Result<Value, String> {
    replay_in(&Desk::new(), SCENARIO, fills, more)
}

fn replay_in(desk: &Desk, scenario: &str, fills: &str, more: &[&str]) -> Result<Value, String> {
    desk.write("my.toml", scenario).write("fills.csv", fills);
    let before = desk.names();
    let mut arguments = vec!["replay-trades", "fills.csv", "--scenario", "my.toml", "--out", "out"];
    arguments.extend(more);
    let output = desk.hedgerow(&arguments);
    let message = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        let summary = fs::read(desk.path("out/summary.json")).unwrap();
        return Ok(serde_json::from_slice(&summary).unwrap());
    }
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert_eq!(message.matches("error: ").count(), 1, "{message}");
    assert!(!message.contains("panicked"), "{message}");
    assert_eq!(desk.names(), before, "a refused file leaves nothing behind");
    Err(message.trim_end().trim_start_matches("error: ").to_owned())
}

fn refused(fills: &str, more: &[&str]) -> String {
    replay(fills, more).unwrap_err()
}

/// P&L by line of a strategy, USD.
fn lines(summary: &Value, strategy: &str) -> BTreeMap<String, f64> {
    let explained = summary["strategies"][strategy]["explained"].as_object().unwrap();
    explained.iter().map(|(line, of)| (line.clone(), of["value"].as_f64().unwrap())).collect()
}

fn final_equity(summary: &Value, strategy: &str) -> f64 {
    statistic(summary, strategy, "final_equity")
}

/// What is said of a topic, one sentence after the other.
fn said(summary: &Value, topic: &str) -> String {
    summary["assumptions"][topic].to_string()
}

/// One fill within the first row's bar is the programme that opens at that row: every line of P&L, hedged or not and by
/// whichever delta, is the same but for the spread, which is what the fill gave away against the mark.
#[test]
fn one_fill_is_the_programme_that_opens_there() {
    for (instrument, settlement, price, coins) in [
        ("BTC-31MAR23-17000-C", "coin", 0.0915, Some(0.915)),
        ("BTC_USDC-31MAR23-17000-C", "usd", 1500.0, None),
    ] {
        let fills = format!(
            "time,instrument,side,amount,price,fee\n2023-01-01T09:30:00Z,{instrument},sell,10,{price},0\n"
        );
        let of_fills = replay(&fills, &[]).unwrap();
        let book = format!(
            "[[book]]\nprogramme = \"call\"\nside = \"short\"\nquantity = 10\nstrike = {{ usd = 17000 }}\n\
             expiry = \"2023-03-31T08:00:00Z\"\nsettlement = \"{settlement}\"\n[capital]"
        );
        let desk = Desk::new();
        desk.write("my.toml", &SCENARIO.replace("[capital]", &book));
        let programme = desk.summary();
        for strategy in ["unhedged", "band", "constant vol", "every row"] {
            let (mine, theirs) = (lines(&of_fills, strategy), lines(&programme, strategy));
            for (line, usd) in &theirs {
                // Premium above the mark stays in the account as coins, whose moves are collateral.
                if line == "spread" || (line == "collateral" && coins.is_some()) {
                    continue;
                }
                assert!(
                    (mine[line] - usd).abs() < 1e-6,
                    "{strategy}, {line}: {} and {usd}",
                    mine[line]
                );
            }
            let gained = final_equity(&of_fills, strategy) - final_equity(&programme, strategy);
            let edge: f64 =
                ["spread", "collateral"].iter().map(|line| mine[*line] - theirs[*line]).sum();
            assert!((gained - edge).abs() < 1e-6, "{strategy}: {gained} and {edge}");
        }
    }
}

/// Fills add up over rows, whatever their order in the file: two books, one of each contract, make the book of both.
#[test]
fn a_book_is_the_sum_of_its_contracts() {
    let both = replay(FILLS, &[]).unwrap();
    let of = |contract: &str| {
        let some: Vec<&str> = FILLS
            .lines()
            .filter(|line| line.contains(contract) || line.starts_with("time"))
            .collect();
        replay(&some.join("\n"), &[]).unwrap()
    };
    let (calls, puts) = (of("17000-C"), of("22000-P"));
    for (line, usd) in lines(&both, "unhedged") {
        let sum = lines(&calls, "unhedged")[&line] + lines(&puts, "unhedged")[&line];
        assert!((usd - sum).abs() < 1e-6, "{line}: {usd} and {sum}");
    }
    let equity = final_equity(&both, "unhedged") - 1e6;
    let total: f64 = lines(&both, "unhedged").values().sum();
    assert!((equity - total).abs() < 1e-6, "{equity} and {total}");
    let said = said(&both, "Trades");
    assert!(said.contains("4 option fills of 2 contracts"), "{said}");
    assert!(said.contains("in the order of time"), "{said}");
    assert!(said.contains("14.5 hours after the fill at most"), "{said}");
    assert!(said.contains("Fees of 2 fills are the file's own"), "{said}");
}

/// Deribit's transaction log as it is, Binance's and OKX's trade lists with their columns.
#[test]
fn the_lists_of_venues_are_read_as_they_are() {
    let log = replay(DERIBIT_LOG, &[]).unwrap();
    assert!(
        said(&log, "Trades").contains("1 of delivery, 1 of deposit"),
        "{}",
        said(&log, "Trades")
    );
    let mine = "time,instrument,side,amount,price,fee\n\
                2023-01-01T09:30:00Z,BTC-31MAR23-17000-C,sell,10,0.0915,0.003\n\
                2023-01-20T14:05:10Z,BTC-31MAR23-17000-C,buy,4,0.2035,0.0012\n\
                2023-02-06T10:00:00Z,BTC-24FEB23-22000-P,buy,5,0.0255,0\n";
    let plain = replay(mine, &[]).unwrap();
    assert_eq!(plain["strategies"], log["strategies"]);
    let okx = "instId,side,fillPx,fillSz,fee,feeCcy,ts\n\
               BTC-USD-230331-17000-C,sell,0.0915,1000,-0.003,BTC,1672565400000\n\
               BTC-USD-230331-17000-C,buy,0.2035,400,-0.0012,BTC,1674223510000\n\
               BTC-USD-230224-22000-P,buy,0.0255,500,0,BTC,1675677600000\n";
    assert!(refused(okx, &[]).contains("`fillSz` counts contracts"));
    let okx = replay(okx, &["--contract-size", "0.01"]).unwrap();
    assert_eq!(plain["strategies"], okx["strategies"]);
    let binance = "id,symbol,price,quantity,fee,side,type,time\n\
                   1,BTC-230331-17000-C,1500,10,1.5,SELL,LIMIT,1672565400000\n";
    let linear = "time,asset,kind,strike,expiry,settlement,signed_amount,price,fee\n\
                  2023-01-01T09:30:00Z,BTC,call,17000,2023-03-31,usd,-10,1500,1.5\n";
    assert_eq!(
        replay(binance, &[]).unwrap()["strategies"],
        replay(linear, &[]).unwrap()["strategies"]
    );
}

/// Found by a reader: Binance's own list of option trades, whose sales have negative quantities beside `SELL`, was refused.
/// A sign that contradicts its side is an error.
#[test]
fn a_signed_quantity_beside_a_side_must_agree_with_it() {
    let binance = "id,tradeId,orderId,symbol,price,quantity,fee,realizedProfit,side,type,volatility,liquidity,time,priceScale,quantityScale,optionSide,quoteAsset\n\
                   1,73,4,BTC-230331-17000-C,1500,-0.57,0.17,0,SELL,LIMIT,0.6,TAKER,1672565400000,1,2,CALL,USDT\n\
                   2,74,5,BTC-230331-17000-C,4700,0.25,0.17,-3.5,BUY,MARKET,0.6,MAKER,1674223510000,1,2,CALL,USDT\n";
    let plain = "time,instrument,side,amount,price,fee\n\
                 2023-01-01T09:30:00Z,BTC_USDC-31MAR23-17000-C,sell,0.57,1500,0.17\n\
                 2023-01-20T14:05:10Z,BTC_USDC-31MAR23-17000-C,buy,0.25,4700,0.17\n";
    let (signed, plain) = (replay(binance, &[]).unwrap(), replay(plain, &[]).unwrap());
    assert_eq!(signed["strategies"], plain["strategies"]);
    let bought = refused(&binance.replace("SELL", "BUY"), &[]);
    assert_eq!(
        bought,
        "`fills.csv` line 2, column `quantity`: the amount is -0.57 beside the side `BUY`; expected a positive one, or the other side"
    );
    let sold = refused(&binance.replace("BUY", "SELL"), &[]);
    assert_eq!(
        sold,
        "`fills.csv` line 3, column `quantity`: the amount is 0.25 beside the side `SELL`, in a file whose amounts have signs \
         (the first that is negative stands in line 2); expected -0.25, or the other side"
    );
}

/// Found by writing both: a buy beside an amount of -10 was replayed as a sale.
#[test]
fn a_side_beside_a_signed_amount_must_agree_with_it() {
    let fills = |side: &str, amount: &str| {
        format!(
            "time,instrument,side,signed_amount,price,fee\n2023-01-03T09:30:00Z,BTC-31MAR23-17000-C,{side},{amount},0.0915,0.001\n"
        )
    };
    for (side, amount, other) in [("buy", "-10", "10"), ("sell", "10", "-10")] {
        let message = refused(&fills(side, amount), &[]);
        let said = format!(
            "`fills.csv` line 2, column `signed_amount`: the signed amount is {amount} beside the side `{side}` of column `side`; expected {other}, or the other side"
        );
        assert!(message.contains(&said), "{message}");
    }
    let final_of = |text: &str| final_equity(&replay(text, &[]).unwrap(), "band");
    let alone = "time,instrument,signed_amount,price,fee\n2023-01-03T09:30:00Z,BTC-31MAR23-17000-C,-10,0.0915,0.001\n";
    assert!((final_of(&fills("sell", "-10")) - final_of(alone)).abs() < 1e-9);
}

/// Found by a reader: a row that is there twice, a fee above the price and a price far from its mark went by in silence. They
/// are taken, and said with their lines, blank lines counted.
#[test]
fn doubtful_fills_are_taken_and_said() {
    let fills = "time,instrument,side,amount,price,fee\n\
                 2023-01-01T09:30:00Z,BTC-31MAR23-17000-C,sell,10,0.0915,0.003\n\
                 \n\
                 2023-01-01T09:30:00Z,BTC-31MAR23-17000-C,sell,10,0.0915,0.003\n\
                 2023-01-20T14:05:10Z,BTC-31MAR23-17000-C,buy,4,0.2035,3\n\
                 2023-02-06T10:00:00Z,BTC-24FEB23-22000-P,buy,5,0.8,0\n";
    let said = said(&replay(fills, &[]).unwrap(), "Trades");
    for expected in [
        "Every cell of a row is that of an earlier one, and both are taken: `fills.csv` line 4 is that of line 2 again.",
        "A fee is above the price of what was traded: `fills.csv` line 5, a fee of 3 BTC for options worth 0.814000 BTC.",
        "A price is more than ten times its mark, or less than a tenth of it: `fills.csv` line 6, ",
    ] {
        assert!(said.contains(expected), "{said}");
    }
    let clean = replay(FILLS, &[]).unwrap();
    let clean = clean["assumptions"]["Trades"].to_string();
    for doubt in ["Every cell", "A fee is", "ten times"] {
        assert!(!clean.contains(doubt), "{clean}");
    }
}

/// An inverse option's price in USD is worth its coins at the spot of the row.
#[test]
fn prices_may_be_in_another_unit() {
    let usd = "time,instrument,side,amount,price,price_unit\n2023-01-01T09:30:00Z,BTC-31MAR23-17000-C,sell,10,1500,usd\n";
    let by_column = replay(usd, &[]).unwrap();
    let bare = usd.replace(",price_unit", "").replace(",usd", "");
    let by_option = replay(&bare, &["--price-unit", "usd"]).unwrap();
    assert_eq!(by_column["strategies"], by_option["strategies"]);
    let message = refused(&bare, &[]);
    assert!(message.contains("line 2") && message.contains("--price-unit usd"), "{message}");
}

const HEADER: &str = "time,instrument,side,amount,price\n";
const GOOD: &str = "2023-01-10T12:00:00Z,BTC-31MAR23-17000-C,sell,10,0.1\n";

#[test]
fn what_is_no_fill_is_refused_with_its_row() {
    let second = |row: &str| refused(&format!("{HEADER}{GOOD}{row}\n"), &[]);
    for (row, expected) in [
        (
            "2023-01-11T12:00:00Z,MYOPTION,sell,1,0.1",
            "`MYOPTION` is not an instrument that is known",
        ),
        ("2023-01-11T12:00:00Z,BTC-PERPETUAL,sell,1,20000", "`BTC-PERPETUAL` is not an option"),
        (
            "2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,,1,0.1",
            "column `side`: the side is empty, expected `buy` or `sell`",
        ),
        ("2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,hold,1,0.1", "expected `buy` or `sell`"),
        ("2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,sell,0,0.1", "the amount is 0"),
        (
            "2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,buy,-1,0.1",
            "column `amount`: the amount is -1 beside the side `buy`",
        ),
        (
            "2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,long,1,0.1",
            "column `side`: the side is long, expected",
        ),
        ("2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,sell,,0.1", "the amount is empty"),
        ("2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,sell,1,", "column `price`: the price is empty"),
        ("2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,sell,1,-0.1", "not negative"),
        (
            "2023-01-11T12:00:00Z,BTC-31MAR23-17000-C,sell,1,1700",
            "more than the option can be worth",
        ),
        (
            "2023-01-11T12:00:00Z,BTC-31MAR23-17000-P,sell,1,1.2",
            "more than the option can be worth",
        ),
        ("2023-03-11T12:00:00Z,BTC-31MAR23-8000-C,sell,1,0.1", "far below its payoff"),
        ("2023-01-11T12:00:00Z,BTC_USDC-31MAR23-17000-C,sell,1,0.1", "is it in another unit"),
        ("2023-01-11T12:00:00Z,SOL_USDC-31MAR23-17-C,sell,1,1", "unknown asset `SOL`"),
        ("2022-12-11T12:00:00Z,BTC-31MAR23-17000-C,sell,1,0.1", "is outside the market"),
        ("2023-04-11T12:00:00Z,BTC-30JUN23-17000-C,sell,1,0.1", "is outside the market"),
        ("2023-01-27T07:00:00Z,BTC-27JAN23-17000-C,sell,1,0.3", "expired 2023-01-27T08:00:00Z"),
        ("2023-01-29T07:00:00Z,BTC-27JAN23-17000-C,sell,1,0.3", "expired 2023-01-27T08:00:00Z"),
        (",BTC-31MAR23-17000-C,sell,1,0.1", "the time is empty"),
        ("noon,BTC-31MAR23-17000-C,sell,1,0.1", "expected an instant"),
    ] {
        let message = second(row);
        assert!(message.contains("fills.csv"), "{row}: {message}");
        assert!(message.contains("line 3"), "{row}: {message}");
        assert!(message.contains(expected), "{row}: {message}");
    }
}

#[test]
fn what_is_no_file_of_fills_is_refused() {
    let unsided = format!("{HEADER}{GOOD}").replace(",side", "").replace(",sell", "");
    assert!(refused(&unsided, &[]).contains("nothing says whether a fill is bought or sold"));
    let no_price =
        refused("time,instrument,side,amount\n2023-01-10,BTC-31MAR23-17000-C,sell,1\n", &[]);
    assert!(
        no_price.contains("no column holds the price") && no_price.contains("`amount`"),
        "{no_price}"
    );
    assert!(
        refused("time,side,amount,price\n2023-01-10,sell,1,0.1\n", &[])
            .contains("no column names the instrument")
    );
    let unnamed = "time,asset,kind,strike,expiry,signed_amount,price\n2023-01-10,BTC,call,17000,2023-03-31,-1,0.1\n";
    assert!(refused(unnamed, &[]).contains("in what the option pays"));
    assert!(replay(unnamed, &["--price-unit", "coin"]).is_ok());
    let fee = "time,instrument,side,amount,price,fee,fee_currency\n2023-01-10,BTC-31MAR23-17000-C,sell,1,0.1,3,USDC\n";
    assert!(refused(fee, &[]).contains("the fee is in USDC, expected BTC"));
    assert!(refused(HEADER, &[]).contains("fills.csv"));
    assert!(refused("\u{0}\u{1}\u{2}", &[]).contains("fills.csv"));
    let renamed = format!("{HEADER}{GOOD}").replace("price", "paid");
    assert!(refused(&renamed, &[]).contains("--columns price=NAME"));
    assert!(replay(&renamed, &["--columns", "price=paid"]).is_ok());
    assert!(refused(&renamed, &["--columns", "price=px"]).contains("no column `px`"));
    let perps = format!("{HEADER}2023-01-10T12:00:00Z,BTC-PERPETUAL,sell,1,17000\n");
    assert!(
        refused(&perps, &["--options-only"]).contains("none of its 1 rows is a fill of an option")
    );
    let mixed = replay(&format!("{perps}{GOOD}"), &["--options-only"]).unwrap();
    assert!(
        said(&mixed, "Trades").contains("1 of fills of BTC-PERPETUAL"),
        "{}",
        said(&mixed, "Trades")
    );
}

/// What a scenario for fills may leave out, and what it may not.
#[test]
fn the_scenario_may_lack_a_book_but_not_a_vol_model() {
    let desk = Desk::new();
    desk.write("my.toml", SCENARIO);
    assert!(desk.refused().contains("the scenario lacks a [[book]]"));
    let no_vol = SCENARIO.replace("[vol]\nmodel = \"dvol\"\n", "");
    let message = replay_in(&Desk::new(), &no_vol, FILLS, &[]).unwrap_err();
    assert!(message.contains("needs a [vol] model"), "{message}");
}

/// The same fills, scenario and version give the same bytes again; another file of fills does not take their place unasked.
#[test]
fn a_folder_is_kept_for_its_own_fills() {
    let desk = Desk::new();
    replay_in(&desk, SCENARIO, FILLS, &[]).unwrap();
    let first = fs::read(desk.path("out/ledger.parquet")).unwrap();
    replay_in(&desk, SCENARIO, FILLS, &[]).unwrap();
    assert_eq!(first, fs::read(desk.path("out/ledger.parquet")).unwrap());
    let message = replay_in(&desk, SCENARIO, DERIBIT_LOG, &[]).unwrap_err();
    assert!(message.contains("--overwrite"), "{message}");
    replay_in(&desk, SCENARIO, DERIBIT_LOG, &["--overwrite"]).unwrap();
}

/// Puts sold on the real chain on the evening before the crash of February 2026 and bought back after it, at the bid and
/// the ask of Deribit's own snapshots.
const CRASH: &str = "timestamp,instrument_name,direction,amount,price,fee,fee_currency
2026-02-04T04:24:03.263Z,BTC-27FEB26-75000-P,sell,10,0.037,0.003,BTC
2026-02-06T04:30:12.553Z,BTC-27FEB26-75000-P,buy,10,0.173,0.003,BTC
";

const REAL: &str = r#"
name = "crash"
[market]
grid = "1h"
from = "2026-02-03"
to = "2026-02-08"
max_gap = "2d"
quality = "tolerant"
funding = "none"
BITCOIN
[vol]
model = "surface"
[capital]
usd = 1_000_000
coins = { BTC = 0 }
[bootstrap]
resamples = 100
[[strategy]]
name = "every hour"
[[strategy.leg]]
with = "perp"
delta = "coin"
when = "every_row"
"#;

/// What the account lost in coins is what the fills say: 10 (0.037 - 0.173) coins and two fees, whatever the marks between.
/// The hedge would have kept most of it.
#[test]
fn puts_sold_before_the_crash_of_2026() {
    let Some(data) = shared("") else { return };
    let real = REAL.replace("BITCOIN", &bitcoin_of_2026(&["spot", "perp"], "202602"));
    let real = real.replace("DATA", &data.display().to_string());
    let summary = replay_in(&Desk::new(), &real, CRASH, &[]).unwrap();
    let richer = replay_in(&Desk::new(), &real.replace("BTC = 0", "BTC = 1"), CRASH, &[]).unwrap();
    let spot = final_equity(&richer, "unhedged") - final_equity(&summary, "unhedged");
    let coins = (final_equity(&summary, "unhedged") - 1e6) / spot;
    assert!((coins - (10.0 * (0.037 - 0.173) - 0.006)).abs() < 1e-6, "{coins} coins");
    let pnl = |strategy: &str| final_equity(&summary, strategy) - 1e6;
    println!("unhedged {:.0} USD, hedged {:.0} USD", pnl("unhedged"), pnl("every hour"));
    println!("{}", said(&summary, "Trades"));
    assert!(pnl("unhedged") < -80_000.0);
    assert!(pnl("every hour").abs() < 0.35 * pnl("unhedged").abs());
    assert!(
        said(&summary, "Option marks").contains(" 0 synthetic"),
        "{}",
        said(&summary, "Option marks")
    );
}

/// Bought and sold between two rows: the message spoke of the leg, which was not to blame.
#[test]
fn fills_that_undo_each_other_between_rows_are_refused_as_such() {
    let name = "BTC-31MAR23-17000-C";
    let fills = format!(
        "time,instrument,side,amount,price,fee\n2023-01-03T09:30:00Z,{name},sell,10,0.0915,0\n2023-01-03T10:30:00Z,{name},buy,10,0.0905,0\n"
    );
    let message = refused(&fills, &[]);
    assert!(
        message.starts_with("fills.csv: nothing of its 2 fills is held at any row"),
        "{message}"
    );
}

/// What is in the scenario and not in the run is said, and so are fills that a closed account no longer trades.
#[test]
fn what_is_left_out_is_said() {
    let own = format!("{SCENARIO}\n[[book]]\nprogramme = \"spot\"\nquantity = 10\n");
    let with_book = replay_in(&Desk::new(), &own, FILLS, &[]).unwrap();
    assert!(said(&with_book, "Trades").contains("the scenario's own [[book]] is left aside"));
    assert!(!said(&replay(FILLS, &[]).unwrap(), "Trades").contains("left aside"));
    let fills = "time,instrument,side,amount,price,fee\n\
                 2023-01-03T09:30:00Z,BTC-31MAR23-17000-C,sell,100,0.0915,0.01\n\
                 2023-02-06T10:00:00Z,BTC-24FEB23-22000-P,buy,5,0.0255,0.001\n";
    let account = |then: &str| {
        let terms = format!(
            "[account]\nmargin = \"deribit_standard\"\nliquidation = {{ then = \"{then}\" }}\n"
        );
        let text = SCENARIO.replace("usd = 1_000_000", "usd = 300_000");
        let text = text.replace("[capital]", &format!("{terms}[capital]"));
        let summary = replay_in(&Desk::new(), &text, fills, &[]).unwrap();
        summary["assumptions"]["Trades"].to_string()
    };
    let stopped = account("stop");
    let expected =
        "for an account that is closed trades no more: `unhedged` was liquidated at 2023-";
    assert!(
        stopped.contains(expected) && stopped.contains(", before 1 trade of the fills"),
        "{stopped}"
    );
    assert!(!account("unhedged").contains("trades no more"));
}

/// A scenario without a book could be judged by nothing.
#[test]
fn fills_and_their_scenario_are_judged_without_a_run() {
    let desk = Desk::new();
    desk.write("my.toml", SCENARIO).write("fills.csv", FILLS);
    let before = desk.names();
    let arguments = ["replay-trades", "fills.csv", "--scenario", "my.toml", "--check"];
    let said = support::said(&desk, &arguments);
    for part in
        ["strategies:", "band: ", "trades: ", "option fills of", "my.toml: the scenario can be run"]
    {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(desk.names(), before);
    desk.write("fills.csv", "time,instrument\n");
    assert!(!desk.hedgerow(&arguments).status.success());
    let alone = support::refused(&desk, &["check", "my.toml"]);
    assert!(alone.contains("--check` judges one that is hedged against fills"), "{alone}");
}
