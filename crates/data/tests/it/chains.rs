//! Option chains from files to rows of a market.

use std::fmt::Write;

use hedgerow_core::{Market, OptionKind, PaidIn, Timestamp};
use hedgerow_data::{DataError, Loaded};

use crate::{findings, folder_with, load_in};

/// An hourly spot of 2026-02-05 00:00 .. 2026-02-07 00:00 UTC.
fn spot() -> String {
    let mut text = "time,close\n".to_owned();
    for hour in 0..48 {
        writeln!(text, "{},64000", 1_770_249_600 + 3600 * hour).unwrap();
    }
    text
}

fn load_chain(content: &str, keys: &str) -> Result<Loaded, DataError> {
    let folder = folder_with("chain.csv", content);
    std::fs::write(folder.path().join("spot.csv"), spot()).unwrap();
    load_in(
        folder.path(),
        &format!(
            "series = [{{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\" }},
            {{ is = \"option_chain\", asset = \"BTC\", path = \"chain.csv\", {keys} }}]"
        ),
    )
}

fn row(market: &Market, time: &str) -> usize {
    let time = Timestamp::parse(time).unwrap();
    market.time().iter().position(|row| *row == time).unwrap()
}

const SNAPSHOT: &str = "timestamp,instrument_name,underlying,underlying_name,option_type,strike,expiry_datetime,time_to_maturity,bid_price,ask_price,mark_price,mid_price,futures_price,futures_instrument_name,implied_volatility,delta,vega,open_interest,volume,bid_ask_spread,currency,index_price,volume_usd
2026-02-05T01:29:37.885165+00:00,BTC-24APR26-88000-C,64195.9,SYN.BTC-24APR26,call,88000.0,2026-04-24T08:00:00+00:00,0.21,0.0185,0.02,0.020192,0.01925,64195.9,SYN.BTC-24APR26,0.5988,0.15732,71.1,226.4,30.8,0.0015,BTC,64000,45861.91
2026-02-05T01:29:37.885165+00:00,BTC-6FEB26-64000-P,64100,BTC-6FEB26,put,64000.0,2026-02-06T08:00:00+00:00,0.003,,0.0135,0.012,,64100,BTC-6FEB26,0.6,-0.48,10.1,1,0,,BTC,64032,0
2026-02-05T01:29:37.885165+00:00,ETH-6FEB26-2000-P,1900,ETH-6FEB26,put,2000.0,2026-02-06T08:00:00+00:00,0.003,0.05,0.06,0.055,,1900,ETH-6FEB26,0.6,-0.48,10.1,1,0,,ETH,1900,0
2026-02-05T07:29:37.885165+00:00,BTC-24APR26-88000-C,64195.9,SYN.BTC-24APR26,call,88000.0,2026-04-24T08:00:00+00:00,0.21,0.0215,0.02,0.021192,0.01925,64195.9,SYN.BTC-24APR26,0.5988,0.15732,71.1,226.4,30.8,0.0015,BTC,64000,45861.91
2026-02-05T07:29:37.885165+00:00,BTC-6FEB26-64000-P,64100,BTC-6FEB26,put,64000.0,2026-02-06T08:00:00+00:00,0.003,0.011,0.0125,0,,64100,BTC-6FEB26,0.6,-0.48,10.1,1,0,,BTC,64000,0
";

#[test]
fn snapshots_become_states_with_their_age() {
    let loaded = load_chain(SNAPSHOT, "").unwrap();
    let market = &loaded.market;
    let chain = market.chain(0, PaidIn::Coin).unwrap();
    assert_eq!(chain.contracts.len(), 2);
    assert_eq!(chain.contracts[0].name, "BTC-6FEB26-64000-P");
    assert_eq!(chain.contracts[0].kind, OptionKind::Put);
    assert!(chain.at(row(market, "2026-02-05T01:00")).is_empty());
    let early = chain.at(row(market, "2026-02-05T02:00"));
    assert_eq!((early[0].bid, early[0].ask, early[0].mark), (None, Some(0.0135), Some(0.012)));
    assert_eq!((early[0].forward, early[0].index), (Some(64100.0), Some(64032.0)));
    assert_eq!((early[1].mark_vol, early[1].delta), (Some(0.5988), Some(0.15732)));
    assert_eq!(early[0].time, Timestamp::parse("2026-02-05T01:29:37.885Z").unwrap());
    let late = chain.at(row(market, "2026-02-05T08:00"));
    assert!(late[1].is_crossed() && late[1].sides().is_none(), "a crossed quote is none");
    // The put expires on the sixth at 08:00; the call is good for three times six hours.
    assert_eq!(chain.at(row(market, "2026-02-06T01:00")).len(), 2);
    assert!(chain.at(row(market, "2026-02-06T02:00")).is_empty());
    let said = findings(&loaded.quality).join("\n");
    for expected in [
        "missing quotes: 1 quotes have no bid",
        "missing quotes: 1 quotes have no mark, or one of 0",
        "unusable values: 1 quotes have a bid above their ask; neither is used; first: `chain.csv` line 5: BTC-24APR26-88000-C (strike 88000.0, expiry 2026-04-24T08:00:00Z): bid 0.0215, ask 0.02",
        "forwards: 2 forwards are made up by the venue (`SYN.`)",
        "simultaneity: 1 snapshots were not taken at one instant: within one the index ranges over 2 bp in the median and 5 bp at worst",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
    let assumption = "BTC option chain: a quote is used for at most 18h";
    assert!(loaded.quality.assumptions.iter().any(|said| said.starts_with(assumption)));
}

#[test]
fn the_order_of_rows_and_repeated_files_do_not_matter() {
    let mut lines: Vec<&str> = SNAPSHOT.lines().collect();
    let header = lines.remove(0);
    lines.reverse();
    lines.extend(lines.clone());
    let shuffled = format!("{header}\n{}\n", lines.join("\n"));
    let [a, b] = [SNAPSHOT, &shuffled].map(|text| load_chain(text, "").unwrap());
    assert_eq!(a.market, b.market);
    let said = findings(&b.quality).join("\n");
    assert!(said.contains("4 quotes repeat another exactly"), "{said}");
}

#[test]
fn dumps_in_per_cent_with_arrays_in_cells() {
    let dump = "underlying_price,underlying_index,timestamp,open_interest,mark_price,mark_iv,instrument_name,index_price,bids,best_bid_price,best_ask_price,asks,greeks.delta
64100,index_price,1770253200266,2.1,0.01910112,60.25,BTC-13FEB26-67500-C,64000,[],0.0,0.021,\"[[0.021, 3.0], [0.022, 1.0]]\",0.29323
64100,SYN.BTC-6MAR26,1770253260269,0.0,0.02507855,48.92,BTC-6MAR26-67500-C,64064,\"[[0.024, 1.0]]\",0.024,0.0265,\"[[0.0265, 0.4]]\",0.09553
";
    let loaded = load_chain(dump, "staleness = \"1d\"").unwrap();
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    let quotes = chain.at(row(&loaded.market, "2026-02-05T02:00"));
    assert_eq!(
        (quotes[0].bid, quotes[0].ask, quotes[0].mark_vol),
        (None, Some(0.021), Some(0.6025))
    );
    assert_eq!((quotes[1].bid, quotes[1].delta), (Some(0.024), Some(0.09553)));
    let said = findings(&loaded.quality).join("\n");
    for expected in [
        "10 bp at worst, and stamps up to 60 s apart",
        "1 forwards are the index price",
        "1 quotes have no bid",
    ] {
        assert!(said.contains(expected), "{expected} in\n{said}");
    }
}

#[test]
fn vols_without_prices() {
    let vols = "date,instrument_name,expiry_name,expiry_date,strike,type,volume,open_interest,rho,theta,vega,gamma,delta,bid_iv,ask_iv,mark_iv
2026-02-05T01:00:00.000000,BTC-13FEB26-100000-C,13FEB26,2026-02-13,100000.0,call,185.2,167.7,6.08259,-37.26312,43.7124,0.00003,0.12116,0.0,36.17,36.24
2026-02-05T02:00:00.000000,BTC-13FEB26-100000-C,13FEB26,2026-02-13,100000.0,call,185.2,167.7,6.08259,-37.26312,43.7124,0.00003,0.12116,35.75,36.17,36.5
";
    let loaded = load_chain(vols, "").unwrap();
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    let quote = chain.at(row(&loaded.market, "2026-02-05T01:00"))[0];
    assert_eq!((quote.mark, quote.mark_vol), (None, Some(36.24 / 100.0)));
    assert!(findings(&loaded.quality).join("\n").contains("1 quotes have no bid"));
    let wrong = load_chain(vols, "unit = \"fraction\"").unwrap_err().to_string();
    assert_eq!(
        wrong,
        "`chain.csv`, column `vol`: read as fraction, but a typical value of 36.5 looks like percent; set `unit = \"percent\"`"
    );
}

#[test]
fn ticks_carry_the_state_of_each_option_forward() {
    let ticks = "exchange,symbol,timestamp,local_timestamp,type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,ask_price,ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho
deribit,BTC-6FEB26-64000-P,1770253200454000,1770253200473112,put,64000,1770364800000000,0.1,0.0295,0.0205,15.1,55.91,0.0235,15.2,68.94,0.0221,62.89,SYN.BTC-6FEB26,64100,-0.5,,,,
deribit,BTC-6FEB26-65000-C,1770253201454000,1770253201473112,call,65000,1770364800000000,,,,,,,,,0.0101,62.89,SYN.BTC-6FEB26,64100,,,,,
deribit,BTC-6FEB26-64000-P,1770260400454000,1770260400473112,put,64000,1770364800000000,0.1,0.0295,0.0305,15.1,55.91,0.0335,15.2,68.94,0.0321,62.89,SYN.BTC-6FEB26,64100,-0.5,,,,
";
    let loaded = load_chain(ticks, "").unwrap();
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    let marks = |time: &str| {
        let quotes = chain.at(row(&loaded.market, time));
        quotes.iter().map(|quote| quote.mark.unwrap()).collect::<Vec<_>>()
    };
    assert!(marks("2026-02-05T01:00").is_empty());
    assert_eq!(marks("2026-02-05T02:00"), [0.0221, 0.0101]);
    assert_eq!(marks("2026-02-05T04:00"), [0.0321, 0.0101]);
    assert!(!findings(&loaded.quality).join("\n").contains("simultaneity"));
}

#[test]
fn any_columns_with_a_mapping() {
    let text = "when;cp;k;exp;b;a;iv
2026-02-05 01:30;C;70000;2026-02-13;0.01;0.011;65
2026-02-05 02:30;C;70000;2026-02-13;0.012;0.013;66
";
    let keys = "paid_in = \"coin\", unit = \"percent\", columns = { time = \"when\", kind = \"cp\", strike = \"k\", expiry = \"exp\", bid = \"b\", ask = \"a\", vol = \"iv\" }";
    let loaded = load_chain(text, keys).unwrap();
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    assert_eq!(chain.contracts[0].name, "BTC-13FEB26-70000-C");
    assert_eq!(chain.contracts[0].expiry.to_string(), "2026-02-13T08:00:00Z");
    assert_eq!(chain.at(row(&loaded.market, "2026-02-05T03:00"))[0].bid, Some(0.012));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let error = |content: &str, keys: &str| load_chain(content, keys).unwrap_err().to_string();
    assert_eq!(
        error(&SNAPSHOT.replace("call,88000.0", "call,87000.0"), ""),
        "`chain.csv` line 2: the strike of `BTC-24APR26-88000-C` is 87000, but its name says 88000"
    );
    assert_eq!(
        error(&SNAPSHOT.replace("2026-02-06T08:00:00", "2026-02-06T09:00:00"), ""),
        "`chain.csv` line 3: the expiry of `BTC-6FEB26-64000-P` is 2026-02-06T09:00:00Z, but its name says 2026-02-06T08:00:00Z"
    );
    assert_eq!(
        error(&SNAPSHOT.replace("BTC-", "SOL-"), ""),
        "`chain.csv` has no BTC option chain; it has: ETH, SOL"
    );
    assert_eq!(
        error(SNAPSHOT, "unit = \"percent\""),
        "`chain.csv`, column `vol`: read as percent, but a typical value of 0.6 looks like fraction; set `unit = \"fraction\"`"
    );
    let in_usd = SNAPSHOT
        .replace(",0.020192,", ",1296.2,")
        .replace(",0.021192,", ",1360.4,")
        .replace(",0.012,,", ",769.2,,");
    let said = error(&in_usd, "");
    assert!(
        said.contains(
            "the name `BTC-24APR26-88000-C` says so; if the prices are in USD all the same"
        ),
        "{said}"
    );
    assert!(said.contains("set `paid_in = \"usd\"`"), "{said}");
    // Found by a reader: the message said that there is no BTC option chain and that there is BTC.
    assert_eq!(
        error(SNAPSHOT, "paid_in = \"usd\""),
        "`chain.csv` has no BTC option chain paid in USD; it has: BTC paid in coins, ETH paid in coins"
    );
    assert_eq!(
        error(&SNAPSHOT.replacen("71.1,226.4", "71.1,226.4,9", 1), ""),
        "`chain.csv` line 2: found 24 fields, expected 23: it goes on after the last column, `volume_usd`"
    );
    assert_eq!(
        error(&SNAPSHOT.replacen(",71.1,226.4", "", 1), ""),
        "`chain.csv` line 2: found 21 fields, expected 23: it ends in column `currency`, before `index_price`"
    );
}

#[test]
fn one_option_alone() {
    let loaded = load_chain(SNAPSHOT, "instrument = \"BTC-24APR26-88000-C\"").unwrap();
    assert_eq!(loaded.market.chains()[0].contracts.len(), 1);
    let error = load_chain(SNAPSHOT, "instrument = \"BTC-24APR26-1-C\"").unwrap_err().to_string();
    assert!(error.starts_with("`chain.csv` has no BTC option chain"), "{error}");
    let twice = SNAPSHOT.replacen("mid_price", "ask_price", 1);
    let error = load_chain(&twice, "").unwrap_err().to_string();
    assert!(error.contains("2 columns of the name `ask_price`"), "{error}");
}

#[test]
fn a_line_cut_short_is_dropped_and_said() {
    let cut = &SNAPSHOT[..SNAPSHOT.len() - 40];
    let loaded = load_chain(cut, "staleness = \"1d\"").unwrap();
    let said = findings(&loaded.quality).join("\n");
    assert!(
        said.contains(
            "unfinished rows: 1 last lines are cut short and dropped; first: `chain.csv` line 6"
        ),
        "{said}"
    );
    let chain = loaded.market.chain(0, PaidIn::Coin).unwrap();
    assert_eq!(chain.at(row(&loaded.market, "2026-02-05T09:00"))[0].mark, Some(0.012));
}

/// What is quoted later changes nothing before, to the last bit.
#[test]
fn no_row_sees_later_quotes() {
    let keys = "staleness = \"6h\"";
    let whole = load_chain(SNAPSHOT, keys).unwrap().market;
    let changed = load_chain(&SNAPSHOT.replace("0.0215,0.02,0.021192", "0.5,0.6,0.0551"), keys)
        .unwrap()
        .market;
    let last = row(&whole, "2026-02-05T07:00");
    for index in 0..=last {
        assert_eq!(whole.chains()[0].at(index), changed.chains()[0].at(index));
    }
    assert_ne!(whole.chains()[0].at(last + 1), changed.chains()[0].at(last + 1));
}

#[test]
fn summaries_and_tickers_in_json() {
    let summary = r#"{"jsonrpc":"2.0","result":[
        {"instrument_name":"BTC-13FEB26-70000-C","creation_timestamp":1770253200266,"bid_price":null,"ask_price":0.0151,"mark_price":0.0149,"mark_iv":55.5,"underlying_price":64100.5,"underlying_index":"SYN.BTC-13FEB26","open_interest":12.5,"volume":0},
        {"instrument_name":"BTC-13FEB26-60000-P","creation_timestamp":1770253200266,"bid_price":0.0101,"ask_price":0.0111,"mark_price":0.0106,"mark_iv":57.5,"underlying_price":64100.5,"underlying_index":"BTC-13FEB26","open_interest":1,"volume":0}]}"#;
    let loaded = load_chain(summary, "staleness = \"1d\"").unwrap();
    assert_eq!(loaded.quality.series.last().unwrap().format, "deribit_summary");
    let quotes =
        loaded.market.chain(0, PaidIn::Coin).unwrap().at(row(&loaded.market, "2026-02-05T02:00"));
    assert_eq!(
        (quotes[1].bid, quotes[1].ask, quotes[1].mark_vol),
        (None, Some(0.0151), Some(0.555))
    );
    assert_eq!(quotes[1].forward, Some(64100.5));
    let ticker = r#"{"params":{"channel":"ticker.BTC-13FEB26-70000-C.100ms","data":{"timestamp":1770253200266,"state":"open","stats":{"high":0.1,"low":0.01},"index_price":64000.0,"instrument_name":"BTC-13FEB26-70000-C","best_bid_price":0.0,"best_ask_price":0.0151,"mark_price":0.0149,"mark_iv":55.5,"underlying_price":64100.5,"underlying_index":"index_price","greeks":{"delta":0.25},"open_interest":12.5}}}"#;
    let loaded = load_chain(ticker, "staleness = \"1d\"").unwrap();
    assert_eq!(loaded.quality.series.last().unwrap().format, "deribit_dump");
    let quotes =
        loaded.market.chain(0, PaidIn::Coin).unwrap().at(row(&loaded.market, "2026-02-05T02:00"));
    assert_eq!(
        (quotes[0].delta, quotes[0].index, quotes[0].bid),
        (Some(0.25), Some(64000.0), None)
    );
}
