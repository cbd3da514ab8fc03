//! Accounts with margin through the program: typed markets through a crash, and the real ones where they are at hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

mod support;

use std::fmt::Write as _;

use hedgerow_core::Timestamp;
use hedgerow_data::read_parquet_numbers;
use serde_json::Value;
use support::{Desk, Ran, bitcoin_of_2026, run, shared};

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

/// Bought once and held.
const LONG_PERP: &str = "with = \"perp\"\nwhen = { clock = { days = 30 } }";
/// Ten coins sold short elsewhere, hedged with a long perp: a crash costs the hedge.
const SHORT_COINS: &str = "programme = \"spot\"\nside = \"short\"\nquantity = 10";

fn desk(text: &str) -> Desk {
    let desk = Desk::new();
    desk.write("btc.csv", &crash()).write("my.toml", text);
    desk
}

/// Ten coins of a perp against what is posted of 400,000 USD.
fn short_coins(account: &str) -> Ran {
    let account = format!("margin = \"deribit_standard\"\nmargin_of = \"legs\"\n{account}");
    run(&desk(&scenario(SHORT_COINS, "usd = 400_000", &account, LONG_PERP)))
}

const TOP_UP: &str =
    "posted_usd = 20_000\ntop_up = { below_ratio = 4, to_ratio = 20, delay_hours = HOURS }";

#[test]
fn money_that_comes_too_late_does_not_save_an_account() {
    let in_time = short_coins(&TOP_UP.replace("HOURS", "1"));
    assert!(!in_time.account("hedged").contains("liquidated"), "{}", in_time.said);
    assert!(in_time.account("hedged").contains("transfers to the venue"), "{}", in_time.said);
    assert!(in_time.line("hedged", "liquidation").abs() <= 0.0);
    let late = short_coins(&TOP_UP.replace("HOURS", "48"));
    let said = late.account("hedged");
    assert!(said.contains("liquidated within the bar that ends at 2025-01-02T07:00:00Z"), "{said}");
    // Ten coins bought at 60,060 for 7 bp of cost, and a maintenance margin of 1 % and 0.005 % for each of them.
    let cash = 20_000.0 - 600_600.0 * 7e-4;
    let spot = (600_600.0 - cash) / (10.0 - 10.0 * (0.01 + 10.0 * 5e-5));
    let found: f64 =
        said.split("spot of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!((found - spot).abs() < 0.01, "{found}, expected {spot}");
    let penalty = -late.line("hedged", "liquidation");
    assert!((penalty / (0.005 * 570_000.0) - 1.0).abs() < 0.05, "{penalty}");
    assert!(late.page.contains("a penalty of 50 bp of notional, both at the prices at which they are closed; then the book is closed too"));
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
    // Found: rows after a liquidation were told as rows at which how much to hedge is not known.
    assert!(!unhedged.said.contains("not known again"), "{}", unhedged.said);
    assert!(!unhedged.page.contains("not known again"));
    assert_eq!(unhedged.account("hedged"), stopped.account("hedged"));
}

/// Found: a perp's own highs and lows were read and not looked at, and nothing said so. Five coins of a perp on 30,000 USD, which
/// closes at 50,000 and falls to 44,000 in between; the spot has closes only.
#[test]
fn a_perp_falls_to_its_own_low() {
    let (mut spot, mut perp) = ("time,close\n".to_owned(), "time,open,high,low,close\n".to_owned());
    for hour in 1..=48_i64 {
        let time = Timestamp::from_millis(1_735_689_600_000 + hour * 3_600_000);
        let low = if hour == 30 { 44_000 } else { 50_000 };
        writeln!(spot, "{time},50000").unwrap();
        writeln!(perp, "{time},50000,50000,{low},50000").unwrap();
    }
    let desk = Desk::new();
    let account = "margin = { binance_tiers = { leverage = 20 } }\nmargin_of = \"legs\"";
    let text = scenario(&SHORT_COINS.replace("10", "5"), "usd = 30_000", account, LONG_PERP);
    let series = "[[market.series]]\nis = \"perp\"\nasset = \"BTC\"\npath = \"perp.csv\"\nbar = \"end\"\n[vol]";
    let text = text.replace("perp = \"at_spot\"\n", "").replace("[vol]", series);
    desk.write("btc.csv", &spot).write("perp.csv", &perp).write("my.toml", &text);
    let ran = run(&desk);
    let said = ran.account("hedged");
    assert!(said.contains("liquidated within the bar that ends at 2025-01-02T06:00:00Z"), "{said}");
    for text in [
        "BTC spot has none and goes in proportion to those of BTC perp; BTC perp goes to its own.",
        "of BTC the table of the USD-margined BTCUSDT perpetual of 2021-03-18",
    ] {
        assert!(ran.page.contains(text), "{text}");
    }
}

/// An account that keeps a ratio pays the fees of its trades, and a penalty where one is typed or where it is the venue that acts.
#[test]
fn an_account_reduces_before_it_is_liquidated() {
    let reduced = |at: &str| {
        short_coins(&format!(
            "posted_usd = 20_000\nreduce_at = {at}\nliquidation = {{ penalty_bps = 20, then = \"unhedged\" }}"
        ))
    };
    let own = reduced("1.5");
    let said = own.account("hedged");
    assert!(said.contains("reductions") && !said.contains("penalties"), "{said}");
    assert!(own.line("hedged", "liquidation").abs() <= 0.0 && own.line("hedged", "fee") < 0.0);
    assert!(own.page.contains("the least hundredths of all legs that bring it back there"));
    assert!(own.page.contains("pays the fees of its trades and no penalty"));
    let typed = reduced("{ ratio = 1.5, penalty_bps = 20, pause_hours = 24 }");
    let penalty = -typed.line("hedged", "liquidation");
    let of_events: f64 =
        events(&typed).iter().map(|event| 0.002 * event["amount"].as_f64().unwrap()).sum();
    assert!(penalty > 0.0 && (penalty - of_events).abs() < 1e-6, "{penalty}, {of_events}");
    assert!(typed.account("hedged").contains("penalties of"), "{}", typed.said);
    let by_venue = reduced("1");
    assert!(
        by_venue.page.contains("pays the fees of its trades and a penalty of 20 bp of notional")
    );
    assert!(by_venue.line("hedged", "liquidation") < 0.0);
}

/// What was closed in the account of the hedge.
fn events(ran: &Ran) -> Vec<Value> {
    let events = ran.summary["strategies"]["hedged"]["account"]["events"].as_array().unwrap();
    events.iter().filter(|event| !event["penalty"].is_null()).cloned().collect()
}

/// Portfolio margin over puts sold and their hedge: together they ask for less than the puts alone.
#[test]
fn a_hedged_book_asks_for_less_under_portfolio_margin() {
    let book = "programme = \"put\"\nside = \"short\"\nquantity = 10\ntenor_days = 3\nsettlement = \"coin\"\nstrike = { moneyness = 0.95 }";
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

/// Legs of options that are closed on the way to the low: their lines add up too, in either currency, bought and sold.
#[test]
fn option_legs_are_closed_within_a_bar() {
    for settlement in ["usd", "coin"] {
        for size in ["0.5", "-0.5"] {
            let option = format!(
                "{LONG_PERP}\n[[strategy.leg]]\nname = \"puts\"\nwith = {{ option = {{ programme = \"put\", strike = {{ moneyness = 0.9 }}, tenor_days = 3, settlement = \"{settlement}\" }} }}\nagainst = {{ size = {size} }}\nwhen = {{ clock = {{ days = 30 }} }}"
            );
            for model in ["deribit_standard", "scenario"] {
                let posted = if model == "scenario" { 150_000 } else { 60_000 };
                let account = format!(
                    "margin = \"{model}\"\nmargin_of = \"legs\"\nposted_usd = {posted}\nliquidation = {{ penalty_bps = 50, then = \"unhedged\" }}"
                );
                let text = scenario(SHORT_COINS, "usd = 400_000", &account, &option);
                let ran = run(&desk(&text));
                let said = ran.account("hedged");
                // Puts bought protect the perp where the model looks at both together.
                let spared = model == "scenario" && size == "-0.5";
                assert_eq!(
                    said.contains("liquidated within"),
                    !spared,
                    "{model} {settlement} {size}: {}",
                    ran.said
                );
                assert_eq!(ran.line("hedged", "liquidation") < 0.0, !spared);
            }
        }
    }
}

/// Found: premiums were paid with money that the initial margin of other positions needed, down to the liquidation that followed.
#[test]
fn options_are_bought_with_free_money_only() {
    let puts = "with = { option = { programme = \"put\", strike = { moneyness = 1.0 }, tenor_days = 3, settlement = \"usd\" } }\nagainst = { size = -1 }\nwhen = { clock = { days = 30 } }";
    let legs = format!("{LONG_PERP}\n[[strategy.leg]]\nname = \"puts\"\n{puts}");
    let account = "margin = \"deribit_standard\"\nmargin_of = \"legs\"\nposted_usd = 20_000\nliquidation = { penalty_bps = 50, then = \"unhedged\" }";
    let desk = desk(&scenario(SHORT_COINS, "usd = 400_000", account, &legs));
    let ran = run(&desk);
    let column = |name| read_parquet_numbers(&desk.path("out/ledger.parquet"), name).unwrap();
    // One block for the unhedged book, one for each leg: rows of the first instant.
    let (held, equity, initial) =
        (column("held"), column("margin_equity"), column("initial_margin"));
    let at = 2 * usize::try_from(ran.summary["rows"].as_u64().unwrap()).unwrap();
    let puts = held[at].unwrap();
    assert!(puts > 1.0 && puts < 9.0, "{puts} of 10 are bought");
    let left = equity[at].unwrap() - initial[at].unwrap();
    assert!((0.0..1.0).contains(&left), "{left} USD are left");
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

/// Found: 100 USD sold ten coins short of spot, and nothing was asked for them.
#[test]
fn spot_sold_short_asks_what_is_typed() {
    let legs = LONG_PERP.replace("with = \"perp\"", "with = \"spot\"");
    let asked = |account: &str| {
        let desk = desk(&scenario(SHORT_COINS, "usd = 400_000", account, &legs));
        let ran = run(&desk);
        let column = |name| read_parquet_numbers(&desk.path("out/ledger.parquet"), name).unwrap();
        let (held, initial) = (column("held"), column("initial_margin"));
        let (cash, spot) = (column("cash"), column("spot"));
        let at = usize::try_from(ran.summary["rows"].as_u64().unwrap()).unwrap();
        (ran, [held[at], cash[at], spot[at], initial[at]].map(Option::unwrap))
    };
    for (typed, share) in
        [("", 0.5), ("\nspot_margin = { initial_percent = 20, maintenance_percent = 10 }", 0.2)]
    {
        let (ran, [held, cash, _, initial]) =
            asked(&format!("margin = \"scenario\"\nmargin_of = \"legs\"{typed}"));
        assert!(held > 0.0 && cash < 0.0, "{held} {cash}");
        assert!((initial + share * cash).abs() < 1e-6 * cash.abs(), "{initial} {cash}");
        let said = format!("asks {} % initial and 10 % maintenance margin", 100.0 * share);
        assert!(ran.page.contains(&said), "{said}");
    }
}

/// Found: a leg against the account that chose its delta ended in a panic. It hedges that delta and the coins.
#[test]
fn a_leg_against_the_account_takes_any_delta() {
    let straddle = "programme = \"straddle\"\nside = \"short\"\nquantity = 1\ntenor_days = 10\nsettlement = \"coin\"";
    let first_held = |against: &str, delta: &str| {
        let leg = format!(
            "with = \"inverse_perp\"\nagainst = \"{against}\"\ndelta = {delta}\nwhen = \"every_row\""
        );
        let desk = desk(&scenario(straddle, "usd = 400_000", "borrow_percent = 8", &leg));
        let rows = usize::try_from(run(&desk).summary["rows"].as_u64().unwrap()).unwrap();
        let held = read_parquet_numbers(&desk.path("out/ledger.parquet"), "held").unwrap();
        [rows, 2 * rows - 2].map(|row| held[row].unwrap())
    };
    let chosen = "{ leland = { cost_bps = 6, interval_hours = 24 } }";
    let [plain, account, other] = [
        first_held("delta", chosen),
        first_held("account", chosen),
        first_held("account", "\"black_scholes\""),
    ];
    assert!(
        (plain[0] - account[0]).abs() > 1e-3 * plain[0].abs(),
        "the premium in coins is hedged"
    );
    assert!((account[1] - other[1]).abs() > 1e-3 * other[1].abs(), "{account:?} {other:?}");
}

/// Found: debts were taken for collateral without a word.
#[test]
fn a_venue_takes_no_debt_for_collateral() {
    for (capital, expected) in [
        ("usd = -5", "[capital] owes 5 USD, which `scenario` takes for no collateral"),
        ("usd = 1\ncoins = { BTC = -1 }", "[capital] owes 1 BTC"),
    ] {
        let desk = desk(&scenario(SHORT_COINS, capital, "margin = \"scenario\"", LONG_PERP));
        let message = desk.refused();
        assert!(message.contains(expected) && message.contains("my.toml:"), "{message}");
    }
}

/// Keys of `[account]`, and what the message says.
const WRONG: &[(&str, &str)] = &[
    ("margn = \"scenario\"", "unknown key `margn` in [account]"),
    ("margin = \"standard\"", "unknown margin model `standard`; known: binance_tiers"),
    ("reduce_at = 1.1", "`reduce_at` needs a margin model"),
    ("margin = \"scenario\"\nreduce_at = 0.5", "`reduce_at` is 0.5, expected 1 to 100"),
    (
        "margin = \"scenario\"\nposted_usd = 500_000",
        "500000 USD are posted, but [capital] has 400000",
    ),
    ("margin = \"scenario\"\nposted_coins = { BTC = 1 }", "1 BTC are posted, but [capital] has 0"),
    ("margin = \"scenario\"\nhaircut_percent = { ETH = 1 }", "unknown asset `ETH`"),
    (
        "margin = \"scenario\"\nspot_margin = { initial_percent = 5, maintenance_percent = 10 }",
        "0 <= maintenance_percent <= initial_percent",
    ),
    (
        "margin = \"scenario\"\nspot_margin = { initial_percent = 20, maintenance_percent = 10 }",
        "no strategy has a leg with = \"spot\"",
    ),
    (
        "spot_margin = { initial_percent = 20, maintenance_percent = 10 }",
        "`spot_margin` needs a margin model",
    ),
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
    ("borrow_percent = 20_000", "`borrow_percent` is 20000"),
    ("borrow_percent = -8", "`borrow_percent` is -8, expected 0 to 10000"),
    ("stablecoin = \"BTC\"", "expected a coin that is meant to be a dollar, 0.8 to 1.25"),
    ("borrow_percent = 8\nstablecoin = \"BTC\"", "type `coin_borrow_percent = { BTC = 8 }`"),
    (
        "margin = \"scenario\"\ntop_up = { below_ratio = 2, to_ratio = 3, delay_hours = 1 }",
        "`top_up` can never send anything",
    ),
    (
        "margin = \"scenario\"\nmargin_of = \"legs\"\nhaircut_percent = { BTC = 10 }",
        "a haircut on BTC, of which this account never holds any",
    ),
    (
        "margin = { deribit_standard = { coins = { XYZ = { initial_percent = 2, maintenance_percent = 1, step_percent = 0 } } } }",
        "figures for XYZ, which is no asset of the market; known: BTC",
    ),
    (
        "margin = { binance_tiers = { tiers = { XYZ = [{ up_to = 1e6, maintenance_percent = 1, leverage = 50 }] } } }",
        "figures for XYZ, which is no asset of the market",
    ),
    (
        "margin = \"scenario\"\nreduce_at = 3\nposted_usd = 1\nsweep = { above_ratio = 5, to_ratio = 2, delay_hours = 1 }",
        "under the 3 of `reduce_at`",
    ),
    ("margin = \"scenario\"\nreduce_at = { ratio = 2, pause_hours = -1 }", "`pause_hours` is -1"),
];

#[test]
fn what_is_wrong_with_an_account_is_said() {
    for (account, expected) in WRONG {
        let desk = desk(&scenario(SHORT_COINS, "usd = 400_000", account, LONG_PERP));
        let message = desk.refused();
        assert!(message.contains(expected), "{account}: {message}");
        assert!(message.contains("my.toml:"), "{account}: {message}");
    }
    let book = "programme = \"put\"\nside = \"short\"\nquantity = 1\ntenor_days = 3\nstrike = { moneyness = 0.9 }";
    let desk = desk(&scenario(book, "usd = 400_000", "margin = \"binance_tiers\"", LONG_PERP));
    assert!(desk.refused().contains("`binance_tiers` has no rules for options"));
}

/// An account in USDC through the weekend of March 2023, when it fell to 0.90: a hedge in a perp that pays in it.
const DEPEG: &str = r#"name = "USDC in March 2023"
[market]
grid = "1h"
max_gap = "30d"
quality = "tolerant"
perp = "at_spot"
funding = "none"
from = "2023-03-09T12:00:00Z"
to = "2023-03-18"
[[market.series]]
is = "spot"
asset = "BTC"
path = "DATA/binance-spot-1h-closes/BTCUSDT.csv.gz"
time_zone = "UTC"
bar = "start"
[[market.series]]
is = "spot"
asset = "USDC"
path = "DATA/stablecoin-depeg/data_usdc_large_depeg_2023.json"
bar = "start"
staleness = "1d"
[[book]]
programme = "spot"
asset = "BTC"
quantity = 10
[capital]
coins = { USDC = 100_000 }
[account]
stablecoin = "USDC"
margin = "deribit_standard"
margin_of = "legs"
liquidation = { penalty_bps = 50, then = "unhedged" }
[[strategy]]
name = "perp"
[[strategy.leg]]
asset = "BTC"
with = "perp"
when = "every_row"
"#;

#[test]
fn a_stablecoin_account_through_march_2023() {
    let Some(data) = shared("") else { return };
    let text = DEPEG.replace("DATA", &data.display().to_string());
    let run = |text: &str| {
        let desk = Desk::new();
        desk.write("my.toml", text);
        run(&desk)
    };
    let ran = run(&text);
    // Recomputed from the two files: USDC in the account, row by row, times the moves of its price.
    let collateral = ran.line("perp", "collateral");
    assert!((collateral + 1_313.378_905_407).abs() < 1e-6, "{collateral}");
    assert_eq!(ran.account("perp"), "");
    // With 64,000 USDC the rally after the weekend is too much. BTC has closes only and stays where it was until the
    // row's mark, at which 2,575.19 USD are left, and 2,900.89 are asked.
    let ran = run(&text.replace("USDC = 100_000", "USDC = 64_000"));
    let said = ran.account("perp");
    for expected in [
        "liquidated at 2023-03-18T01:00:00Z",
        "spot of 27627.51",
        "equity 2575.19",
        "margin 2900.89",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
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
is = "future"
asset = "BTC"
path = "DATA/deribit-chains-2026-dev/term_futures_marks.csv.gz"
columns = { time = "timestamp", instrument = "futures_instrument_name", close = "term_mark_price_final" }
paid_in = "coin"
bar = "end"
staleness = "2d"
BITCOIN
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
    let Some(data) = shared("") else { return };
    let bitcoin = bitcoin_of_2026(&["spot", "inverse_perp"], "*");
    let text = FEBRUARY.replace("BITCOIN", &bitcoin).replace("DATA", &data.display().to_string());
    let run = |model: &str, capital: &str| {
        let desk = Desk::new();
        desk.write("my.toml", &text.replace("MODEL", model).replace("CAPITAL", capital));
        run(&desk)
    };
    let near = |said: &str, what: &str, expected: f64, relative: f64| {
        let number = said.split(&format!("{what} ")).nth(1).and_then(|rest| rest.split(' ').next());
        let found: f64 = number.unwrap().parse().unwrap();
        assert!((found / expected - 1.0).abs() < relative, "{what}: {found}, expected {expected}");
    };
    // Recomputed from the files: 3.2 coins, the premiums of the straddles of 97,000 and 82,000 less the payoff of the first,
    // at the lowest price of the bar, 72,101; and 15 % of ten coins plus the straddle there, at the vols of 15:54.
    let ran = run("deribit_standard", "3.2");
    let said = ran.account("unhedged");
    assert!(said.contains("liquidated within the bar that ends at 2026-02-04T18:00:00Z"), "{said}");
    near(said, "equity", 216_699.57, 2e-3);
    near(said, "maintenance margin", 222_294.73, 1e-4);
    // The perp comes within 1.1 % of it, at the low of 6 February; the future, rolled and behind by then, does not live through
    // that hour, by as much. It did while its marks of hours ago were traded on as they were, and missed by 3 % while its basis
    // was taken from the spot of another instant than its mark's.
    let said = ran.account("inverse perp");
    assert!(said.contains("margin calls") && !said.contains("liquidated"), "{said}");
    let distance = ran.statistic("inverse perp", "margin_distance");
    assert!((0.005..0.02).contains(&distance), "{distance}");
    let said = ran.account("inverse future");
    assert!(said.contains("liquidated within the bar that ends at 2026-02-06T01:00:00Z"), "{said}");
    let distance = ran.statistic("inverse future", "margin_distance");
    assert!((-0.02..-0.005).contains(&distance), "{distance}");
    // Portfolio margin: a fall of 66 % with vols up, of which 16 / 66 count, and 1 % of 20 coins of options sold.
    let ran = run("scenario", "2");
    let said = ran.account("unhedged");
    assert!(said.contains("liquidated within the bar that ends at 2026-01-20T16:00:00Z"), "{said}");
    near(said, "maintenance margin", 160_218.86, 2e-4);
}

/// Found: the lines of a book that was closed within a bar ran to the bar's close, and its penalty was that of the row before.
#[test]
fn the_lines_of_a_closed_book_end_where_it_is_closed() {
    let book = "programme = \"straddle\"\nside = \"short\"\nquantity = 10\ntenor_days = 3\nsettlement = \"coin\"";
    let account =
        "margin = \"deribit_standard\"\nliquidation = { penalty_bps = 50, then = \"stop\" }";
    let hedge = "with = \"perp\"\nwhen = { clock = { days = 30 } }";
    let desk = desk(&scenario(book, "coins = { BTC = 2.5 }", account, hedge));
    let ran = run(&desk);
    let n_rows = usize::try_from(ran.summary["rows"].as_u64().unwrap()).unwrap();
    // The first block is the unhedged book.
    let column = |name: &str| -> Vec<f64> {
        let cells = read_parquet_numbers(&desk.path("out/ledger.parquet"), name).unwrap();
        cells[..n_rows].iter().map(|cell| cell.unwrap_or(0.0)).collect()
    };
    let events = ran.summary["strategies"]["unhedged"]["account"]["events"].as_array().unwrap();
    let event = events.iter().find(|event| event["event"] == "liquidation").unwrap();
    let at = event["spot"].as_f64().unwrap();
    let value = column("book_value");
    let row = (1..n_rows).find(|row| value[row - 1] != 0.0 && value[*row] == 0.0).unwrap();
    let spot = column("spot");
    let moved = at - spot[row - 1];
    assert!(
        (spot[row] - at).abs() > 100.0 && event["found"] != "at_mark",
        "within its bar: {event}"
    );
    let near = |name: &str, expected: f64| {
        let found = column(name)[row];
        assert!(
            (found - expected).abs() < 1e-6 * (1.0 + expected.abs()),
            "{name}: {found} {expected}"
        );
    };
    near("book_pnl_delta", column("delta")[row - 1] * moved);
    near("book_pnl_gamma", 0.5 * column("gamma")[row - 1] * moved * moved);
    for line in ["theta", "vega", "vanna", "volga"] {
        near(&format!("book_pnl_{line}"), 0.0);
    }
    // Ten straddles are twenty options.
    near("liquidation", 0.005 * 20.0 * at);
    let (coins, flow) = (column("coins"), column("book_coin_flow")[row]);
    let left = coins[row - 1] + flow - 0.005 * 20.0;
    assert!((coins[row] - left).abs() < 1e-9, "{} {left}", coins[row]);
    near("book_pnl", flow * at - value[row - 1]);
    near(
        "collateral_pnl",
        coins[row - 1] * (spot[row] - spot[row - 1]) + (flow - 0.1) * (spot[row] - at),
    );
    assert!(coins[row..].windows(2).all(|pair| (pair[0] - pair[1]).abs() <= 0.0));
}

/// The market of the crash with a stablecoin that loses a tenth on its first evening.
fn with_stablecoin(text: &str) -> String {
    text.replace(
        "[vol]",
        "[[market.series]]\nis = \"spot\"\nasset = \"USDC\"\npath = \"usdc.csv\"\nbar = \"end\"\n[vol]",
    )
    .replace("programme = \"spot\"", "programme = \"spot\"\nasset = \"BTC\"")
    .replace("with = \"perp\"", "asset = \"BTC\"\nwith = \"perp\"")
}

/// Found: `[capital] usd` stayed dollars under `stablecoin`.
#[test]
fn capital_is_held_in_the_stablecoin() {
    let start = Timestamp::parse("2025-01-01").unwrap().millis();
    let mut prices = "time,close\n".to_owned();
    for hour in 1..=96_i32 {
        let time = Timestamp::from_millis(start + i64::from(hour) * 3_600_000);
        writeln!(prices, "{time},{}", if hour < 20 { "1.0" } else { "0.9" }).unwrap();
    }
    let ran = |capital: &str| {
        let text =
            with_stablecoin(&scenario(SHORT_COINS, capital, "stablecoin = \"USDC\"", LONG_PERP));
        let desk = desk(&text);
        desk.write("usdc.csv", &prices);
        run(&desk)
    };
    let (usd, coins) = (ran("usd = 400_000"), ran("coins = { USDC = 400_000 }"));
    let lost = usd.line("unhedged", "collateral");
    assert!((lost + 40_000.0).abs() < 1e-6, "{lost}");
    assert_eq!(usd.summary["strategies"], coins.summary["strategies"]);
    assert!(usd.page.contains("USD are held and paid in USDC at its price"));
}
