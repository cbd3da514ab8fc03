//! The embedded sample: what it holds, and where it comes from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use hedgerow_core::{Contract, Timestamp};
use hedgerow_data::{MarketSource, load, sample};

use crate::{findings, load_fixture};

fn row(day_after: &str) -> usize {
    let time = Timestamp::parse(day_after).unwrap();
    sample().market.time().iter().position(|row| *row == time).unwrap()
}

#[test]
fn sample_holds_what_it_says() {
    let loaded = sample();
    let market = &loaded.market;
    assert_eq!((market.n_rows(), market.step_millis()), (1625, Some(86_400_000)));
    let spot = &market.assets()[0];
    assert_eq!(spot.open, None);
    // Reference closes of Binance BTCUSDT.
    for (day_after, close) in [
        ("2020-03-13", 4800.0),
        ("2021-01-01", 28923.63),
        ("2022-01-01", 46216.93),
        ("2024-01-01", 42283.58),
    ] {
        assert_eq!(spot.spot[row(day_after)], close);
    }
    let vol = &market.vols()[0];
    assert_eq!(vol.name, "DVOL");
    assert_eq!(vol.vol.iter().filter(|vol| vol.is_none()).count(), 1040);
    assert_eq!(vol.vol.iter().position(Option::is_some), Some(row("2022-11-07")));
    for contract in [Contract::LinearPerp, Contract::InversePerp] {
        let perp = market.tradable(0, contract).unwrap();
        assert!(perp.marked_at_spot);
        let funding = perp.funding.as_ref().unwrap();
        assert_eq!(funding.len(), 3 * 1625);
        assert_eq!(
            (funding[1].time.to_string().as_str(), funding[1].rate),
            ("2020-01-01T08:00:00Z", -0.00012383)
        );
    }
    assert_eq!(loaded.files, Vec::<std::path::PathBuf>::new());
    assert_eq!(loaded.quality.verdict(), "notes");
    assert_eq!(
        findings(&loaded.quality),
        [
            "BTC DVOL: unusable values: 1040 rows say nothing and are left out",
            "BTC DVOL: stale figures: 1040 rows have no figure that is recent enough: the vol is unknown there",
        ]
    );
}

#[test]
fn sample_equals_its_files_loaded_by_format() {
    let from_files = load_fixture(
        r#"
        perp = "at_spot"
        series = [
            { is = "spot", asset = "BTC", path = "../btc_daily.csv" },
            { is = "vol", asset = "BTC", path = "../btc_daily.csv" },
            { is = "funding", asset = "BTC", path = "../btc_funding.csv", format = "sample" },
        ]"#,
    );
    assert_eq!(from_files.market, sample().market);
}

#[test]
fn sample_can_be_asked_for_without_funding_but_not_on_a_finer_grid() {
    let source: MarketSource = toml::from_str("source = \"sample\"\nfunding = \"none\"").unwrap();
    let loaded = load(&source, Path::new("")).unwrap();
    assert_eq!(loaded.market.tradable(0, Contract::LinearPerp).unwrap().funding, None);
    let source: MarketSource = toml::from_str("source = \"sample\"\ngrid = \"8h\"").unwrap();
    assert!(load(&source, Path::new("")).is_err());
}

/// The provenance of the embedded files, step by step; the table they come from is not part of the repository.
#[test]
fn sample_is_derived_from_its_source_table() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/sample/btc_daily.csv");
    let Ok(table) = std::fs::read_to_string(table) else {
        println!("skipped: the source table of the sample is not here");
        return;
    };
    let (daily, funding) = derived(&table);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data");
    assert_eq!(std::fs::read_to_string(folder.join("btc_daily.csv")).unwrap(), daily);
    assert_eq!(std::fs::read_to_string(folder.join("btc_funding.csv")).unwrap(), funding);
}

/// A day's bar is known at its end, the next midnight; DVOL in per cent becomes a fraction; each funding figure gets its
/// own stamp.
fn derived(table: &str) -> (String, String) {
    let mut lines = table.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let mut daily = "time,spot_high,spot_low,spot_close,dvol\n".to_owned();
    let mut funding = "time,rate\n".to_owned();
    for line in lines {
        let of: BTreeMap<&str, &str> = names.iter().copied().zip(line.split(',')).collect();
        let day = of["date"];
        let end = Timestamp::parse(day).unwrap().plus_days(1);
        let vol = match of["dvol"] {
            "" => String::new(),
            percent => fraction(percent),
        };
        writeln!(daily, "{end},{},{},{},{vol}", of["high"], of["low"], of["close"]).unwrap();
        for hour in ["00", "08", "16"] {
            let rate = of[format!("funding_{hour}").as_str()];
            writeln!(funding, "{day}T{hour}:00:00Z,{rate}").unwrap();
        }
    }
    (daily, funding)
}

/// `58.35` per cent is `0.5835`.
fn fraction(percent: &str) -> String {
    let fraction = percent.parse::<f64>().unwrap() / 100.0;
    let text = format!("{fraction:.6}");
    text.trim_end_matches('0').to_owned()
}
