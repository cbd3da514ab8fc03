//! Accounts with margin through the program: typed markets through a crash, and the real ones where they are at hand.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests"
)]

mod support;

use std::fmt::Write as _;
use std::path::PathBuf;

use hedgerow_core::Timestamp;
use serde_json::Value;
use support::Desk;

/// Hourly bars of BTC around 60,000 that fall by a fifth within three hours of the second day.
fn crash() -> String {
    let start = Timestamp::parse("2025-01-01").unwrap().millis();
    let mut text = "time,open,high,low,close\n".to_owned();
    let mut before = 60_000.0;
    for hour in 1..=96_i32 {
        let close = match hour {
            ..=30 => 60_000.0 + 60.0 * f64::from(hour % 5),
            31 => 57_000.0,
            32 => 53_000.0,
            33 => 49_000.0,
            _ => 50_000.0 + 50.0 * f64::from(hour % 7),
        };
        let (high, low) = (close.max(before) * 1.002, close.min(before) * 0.998);
        let time = Timestamp::from_millis(start + i64::from(hour) * 3_600_000);
        writeln!(text, "{time},{before},{high},{low},{close}").unwrap();
        before = close;
    }
    text
}

fn scenario(book: &str, capital: &str, account: &str, leg: &str) -> String {
    format!(
        r#"name = "account"
[market]
perp = "at_spot"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "btc.csv"
bar = "end"
[vol]
model = {{ constant = {{ percent = 60 }} }}
[[book]]
{book}
[capital]
{capital}
[account]
{account}
[costs]
fill = "deciding_price"
[[strategy]]
name = "hedged"
[[strategy.leg]]
{leg}
"#
    )
}

/// Short puts sold by a desk that hedges with a short perp: a crash costs the puts, which the hedge earns.
const LONG_PERP: &str = "with = \"perp\"\nwhen = { clock = { days = 30 } }";
/// Ten coins sold short elsewhere, hedged with a long perp: a crash costs the hedge.
const SHORT_COINS: &str = "programme = \"spot\"\nside = \"short\"\nquantity = 10";

struct Ran {
    summary: Value,
    said: String,
    page: String,
}

impl Ran {
    fn statistic(&self, strategy: &str, key: &str) -> f64 {
        let value = &self.summary["strategies"][strategy]["statistics"][key]["value"];
        value.as_f64().unwrap_or_else(|| panic!("{strategy} {key}: {value}"))
    }

    fn line(&self, strategy: &str, key: &str) -> f64 {
        let value = &self.summary["strategies"][strategy]["explained"][key]["value"];
        value.as_f64().unwrap_or_else(|| panic!("{strategy} {key}: {value}"))
    }

    /// The lines add up to the change of equity.
    #[track_caller]
    fn assert_explained(&self, strategy: &str) {
        let lines = self.summary["strategies"][strategy]["explained"].as_object().unwrap();
        let explained: f64 = lines.values().map(|line| line["value"].as_f64().unwrap()).sum();
        let pnl = self.statistic(strategy, "pnl");
        let equity = self.statistic(strategy, "final_equity");
        let scale = 1.0 + equity.abs() + pnl.abs();
        assert!((explained - pnl).abs() < 1e-9 * scale, "{strategy}: {explained} of {pnl}");
    }

    /// What the terminal says of a strategy's account.
    fn account(&self, strategy: &str) -> &str {
        let start = format!("account of `{strategy}`: ");
        self.said.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or("")
    }
}

#[track_caller]
fn run(desk: &Desk) -> Ran {
    let output = desk.hedgerow(&["run", "my.toml", "--out", "out", "--overwrite"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |name: &str| std::fs::read_to_string(desk.path(name)).unwrap();
    let ran = Ran {
        summary: serde_json::from_str(&read("out/summary.json")).unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        page: read("out/index.html"),
    };
    for strategy in ran.summary["strategies"].as_object().unwrap().keys() {
        ran.assert_explained(strategy);
    }
    ran
}

fn desk(text: &str) -> Desk {
    let desk = Desk::new();
    desk.write("btc.csv", &crash()).write("my.toml", text);
    desk
}

/// Seven thousand USD against ten coins of notional, and a treasury that is an hour or a day away.
fn short_coins(account: &str) -> Ran {
    let account = format!("margin = \"deribit_standard\"\nmargin_of = \"legs\"\n{account}");
    run(&desk(&scenario(SHORT_COINS, "usd = 400_000", &account, LONG_PERP)))
}

const TOP_UP: &str =
    "posted_usd = 20_000\ntop_up = { below_ratio = 5, to_ratio = 20, delay_hours = HOURS }";

#[test]
fn money_that_comes_too_late_does_not_save_an_account() {
    let in_time = short_coins(&TOP_UP.replace("HOURS", "1"));
    assert!(!in_time.account("hedged").contains("liquidated"), "{}", in_time.said);
    assert!(in_time.account("hedged").contains("transfers to the venue"), "{}", in_time.said);
    assert_eq!(in_time.line("hedged", "liquidation"), 0.0);
    let late = short_coins(&TOP_UP.replace("HOURS", "48"));
    let said = late.account("hedged");
    assert!(said.contains("liquidated within the bar that ends at 2025-01-02T07:00:00Z"), "{said}");
    let found: f64 =
        said.split("spot of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((57_000.0..60_000.0).contains(&found), "{found}");
    let penalty = -late.line("hedged", "liquidation");
    assert!((penalty / (0.005 * 570_000.0) - 1.0).abs() < 0.05, "{penalty}");
    assert!(late.page.contains("a penalty of 50 bp of notional; then the book is closed too"));
}

/// What comes after a liquidation: a book that is closed keeps its equity; one that goes on gains as the market falls.
#[test]
fn a_book_is_stopped_or_goes_on() {
    let thin = |then: &str| {
        let rest =
            format!("posted_usd = 20_000\nliquidation = {{ penalty_bps = 0, then = \"{then}\" }}");
        short_coins(&rest)
    };
    let (stopped, unhedged) = (thin("stop"), thin("unhedged"));
    let at_end = |ran: &Ran| ran.statistic("hedged", "final_equity");
    let gained = at_end(&unhedged) - at_end(&stopped);
    // From some 58,000 to some 50,000, ten coins short.
    assert!((60_000.0..100_000.0).contains(&gained), "{gained}");
    assert!(unhedged.page.contains("the book goes on unhedged"));
    assert_eq!(unhedged.account("hedged"), stopped.account("hedged"));
}

#[test]
fn a_venue_reduces_before_it_liquidates() {
    let rest = "posted_usd = 20_000\nreduce_at = 1.5\nliquidation = { penalty_bps = 20, then = \"unhedged\" }";
    let ran = short_coins(rest);
    let said = ran.account("hedged");
    assert!(said.contains("forced reductions"), "{said}");
    assert!(ran.line("hedged", "liquidation") < 0.0);
    assert!(ran.page.contains("closes the least hundredths of all legs"));
}

/// Portfolio margin over puts sold and their hedge: together they ask for less than the puts alone.
#[test]
fn a_hedged_book_asks_for_less_under_portfolio_margin() {
    let book = "programme = \"put\"\nside = \"short\"\nquantity = 10\ntenor_days = 2\nsettlement = \"coin\"\nstrike = { moneyness = 0.95 }";
    let hedge = "with = \"inverse_perp\"\nwhen = \"every_row\"";
    let account = "margin = \"scenario\"\nliquidation = { penalty_bps = 20, then = \"stop\" }";
    let ran = run(&desk(&scenario(book, "coins = { BTC = 1.2 }", account, hedge)));
    assert!(ran.account("unhedged").contains("liquidated"), "{}", ran.said);
    assert!(ran.page.contains("portfolio margin: per asset the worst loss"));
    let rich = run(&desk(&scenario(book, "coins = { BTC = 6 }", account, hedge)));
    assert!(!rich.account("hedged").contains("liquidated"), "{}", rich.said);
    let standard = account.replace("scenario", "deribit_standard");
    let ran = run(&desk(&scenario(book, "coins = { BTC = 1.2 }", &standard, hedge)));
    assert!(ran.account("hedged").contains("liquidated"), "{}", ran.said);
}

/// Everything typed stands in the resolved scenario, which runs the same again.
#[test]
fn an_account_is_written_back_whole() {
    let account = "margin = { scenario = { range_percent = 12, initial_multiple = 1.5 } }\nhaircut_percent = { BTC = 7.5 }\nborrow_percent = 8\ncoin_percent = { BTC = 1 }\ncoin_borrow_percent = { BTC = 3 }\nposted_usd = 50_000\ntop_up = { below_ratio = 2, to_ratio = 3, delay_hours = 6 }\nsweep = { above_ratio = 9, to_ratio = 4, delay_hours = 6 }\nreduce_at = 1.2";
    let desk = desk(&scenario(
        SHORT_COINS,
        "usd = 400_000, coins = { BTC = 1 }".replace(", c", "\nc").as_str(),
        account,
        LONG_PERP,
    ));
    let first = run(&desk);
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/manifest.json")).unwrap()).unwrap();
    let resolved = manifest["scenario"]["resolved"].as_str().unwrap();
    assert!(resolved.contains("range_percent = 12"), "{resolved}");
    assert!(resolved.contains("margin_of = \"book and legs\""), "{resolved}");
    assert!(resolved.contains("penalty_bps = 50.0"), "{resolved}");
    desk.write("my.toml", resolved);
    let again = run(&desk);
    assert_eq!(first.summary["strategies"], again.summary["strategies"]);
}

#[test]
fn what_is_wrong_with_an_account_is_said() {
    let cases = [
        ("margn = \"scenario\"", "unknown key `margn` in [account]"),
        ("margin = \"standard\"", "unknown margin model `standard`; known: binance_tiers"),
        ("reduce_at = 1.1", "`reduce_at` needs a margin model"),
        ("margin = \"scenario\"\nreduce_at = 0.5", "`reduce_at` is 0.5, expected 1 to 100"),
        (
            "margin = \"scenario\"\nposted_usd = 500_000",
            "500000 USD are posted, but [capital] has 400000",
        ),
        (
            "margin = \"scenario\"\nposted_coins = { BTC = 1 }",
            "1 BTC are posted, but [capital] has 0",
        ),
        ("margin = \"scenario\"\nhaircut_percent = { ETH = 1 }", "unknown asset `ETH`"),
        (
            "margin = \"scenario\"\ntop_up = { below_ratio = 2, to_ratio = 2, delay_hours = 1 }",
            "1 <= below_ratio < to_ratio",
        ),
        (
            "margin = \"scenario\"\nsweep = { above_ratio = 2, to_ratio = 3, delay_hours = 1 }",
            "to_ratio <= above_ratio",
        ),
        (
            "margin = \"scenario\"\nliquidation = { penalty_bps = 5, then = \"go on\" }",
            "unknown variant `go on`",
        ),
        ("stablecoin = \"USDC\"", "unknown asset `USDC`"),
        ("borrow_percent = 2000", "`borrow_percent` is 2000"),
    ];
    for (account, expected) in cases {
        let desk = desk(&scenario(SHORT_COINS, "usd = 400_000", account, LONG_PERP));
        let message = desk.refused();
        assert!(message.contains(expected), "{account}: {message}");
        assert!(message.contains("my.toml:"), "{account}: {message}");
    }
    let book = "programme = \"put\"\nside = \"short\"\nquantity = 1\ntenor_days = 2\nstrike = { moneyness = 0.9 }";
    let desk = desk(&scenario(book, "usd = 400_000", "margin = \"binance_tiers\"", LONG_PERP));
    assert!(desk.refused().contains("`binance_tiers` has no rules for options"));
}

fn data() -> Option<PathBuf> {
    let data = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data"));
    if data.is_dir() {
        return Some(data.canonicalize().unwrap());
    }
    println!("skipped: the real exchange data are not beside the repository");
    None
}

/// Straddles sold on the real chains of 2026 in an account of coins at Deribit, through the crash of February.
const FEBRUARY: &str = r#"name = "straddles with margin"
[market]
grid = "1h"
from = "2026-01-15"
to = "2026-02-20"
max_gap = "2d"
quality = "tolerant"
funding = "none"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-perp-1h-2026/1h_BTCUSDT.csv.gz"
bar = "start"
columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" }
[[market.series]]
is = "inverse_perp"
asset = "BTC"
path = "DATA/binance-perp-1h-2026/1h_BTCUSDT.csv.gz"
bar = "start"
columns = { time = "timestamp", open = "open", high = "high", low = "low", close = "close" }
[[market.series]]
is = "future"
asset = "BTC"
path = "DATA/deribit-chains-2026-dev/term_futures_marks.csv.gz"
columns = { time = "timestamp", instrument = "futures_instrument_name", close = "term_mark_price_final" }
paid_in = "coin"
bar = "end"
staleness = "2d"
[[market.series]]
is = "option_chain"
asset = "BTC"
path = "DATA/deribit-chains-2026-dev/deribit_options_snapshots_*.tar.zst"
staleness = "2d"
[vol]
model = "surface"
[[book]]
programme = "straddle"
side = "short"
quantity = 10
tenor_days = 28
listed = true
settlement = "coin"
[capital]
coins = { BTC = CAPITAL }
[account]
margin = "MODEL"
liquidation = { penalty_bps = 20, then = "stop" }
[[strategy]]
name = "inverse perp"
[[strategy.leg]]
with = "inverse_perp"
when = "every_row"
[[strategy]]
name = "inverse future"
[[strategy.leg]]
with = { future = { paid_in = "coin", roll_days = 3 } }
when = "every_row"
"#;

#[test]
fn straddles_with_margin_through_february_2026() {
    let Some(data) = data() else { return };
    let text = FEBRUARY.replace("DATA", &data.display().to_string());
    for (model, capital) in
        [("deribit_standard", "3.2"), ("deribit_standard", "8"), ("scenario", "2")]
    {
        let desk = Desk::new();
        desk.write("my.toml", &text.replace("MODEL", model).replace("CAPITAL", capital));
        let ran = run(&desk);
        println!("{model} {capital}\n{}", ran.said);
    }
}
