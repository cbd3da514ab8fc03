//! Grids, staleness, perpetuals and funding.

use std::fmt::Write;

use hedgerow_core::{Contract, Defect, Severity};
use hedgerow_data::check_coverage;

use crate::{findings, folder_with, load_fixture, load_in, times};

/// Hourly bars labelled by their end, hours 1, 2, … of 2024 except the absent ones.
fn hourly(n_hours: usize, absent: &[usize]) -> String {
    let mut text = "time,open,high,low,close\n".to_owned();
    for hour in (1..=n_hours).filter(|hour| !absent.contains(hour)) {
        let stamp = 1_704_067_200 + 3600 * hour;
        let close = 100 + hour;
        writeln!(text, "{stamp},{},{},{},{close}", close - 1, close + 2, close - 3).unwrap();
    }
    text
}

const SPOT: &str = r#"series = [{ is = "spot", asset = "BTC", path = "h.csv", bar = "end" }]"#;

#[test]
fn hours_become_days_with_proper_bars() {
    let folder = folder_with("h.csv", &hourly(60, &[]));
    let loaded = load_in(folder.path(), &format!("grid = \"1d\"\n{SPOT}")).unwrap();
    assert_eq!(times(&loaded.market), ["2024-01-02T00:00:00Z", "2024-01-03T00:00:00Z"]);
    let spot = &loaded.market.assets()[0];
    assert_eq!(spot.spot, [124.0, 148.0]);
    assert_eq!(spot.open.as_deref(), Some(&[100.0, 124.0][..]));
    assert_eq!(spot.high.as_deref(), Some(&[126.0, 150.0][..]));
    assert_eq!(spot.low.as_deref(), Some(&[98.0, 122.0][..]));
}

#[test]
fn first_day_that_is_not_whole_is_no_row() {
    let text = hourly(60, &[1, 2, 3]);
    let folder = folder_with("h.csv", &text);
    let loaded = load_in(folder.path(), &format!("grid = \"1d\"\n{SPOT}")).unwrap();
    assert_eq!(times(&loaded.market), ["2024-01-03T00:00:00Z"]);
}

/// Found on the daily Binance files: two days absent from the perp's file had the old price carried forward, which made
/// P&L of thousands of dollars that was undone a day later, and cut the variance reduction from 99.99 to 99.94 %.
#[test]
fn a_row_without_a_perp_price_of_its_own_is_left_out() {
    let folder = folder_with("h.csv", &hourly(6, &[]));
    std::fs::write(folder.path().join("p.csv"), hourly(6, &[4])).unwrap();
    let market = r#"
        funding = "none"
        series = [
            { is = "spot", asset = "BTC", path = "h.csv", bar = "end" },
            { is = "perp", asset = "BTC", path = "p.csv", bar = "end" },
        ]
    "#;
    let loaded = load_in(folder.path(), market).unwrap();
    assert_eq!(loaded.market.assets()[0].spot, [101.0, 102.0, 103.0, 105.0, 106.0]);
    let stale = loaded.quality.series.iter().flat_map(|series| &series.findings);
    assert_eq!(
        stale
            .filter(|found| found.defect == Defect::Stale && found.severity == Severity::Warning)
            .count(),
        1
    );
}

#[test]
fn absent_bars_carry_the_price_until_it_is_stale() {
    let folder = folder_with("h.csv", &hourly(12, &[4, 5, 6, 7]));
    let loaded =
        load_in(folder.path(), &format!("grid = \"1h\"\nstaleness = \"2h\"\n{SPOT}")).unwrap();
    let spot = &loaded.market.assets()[0];
    assert_eq!(spot.spot, [101.0, 102.0, 103.0, 103.0, 103.0, 108.0, 109.0, 110.0, 111.0, 112.0]);
    assert_eq!(spot.open.as_ref().unwrap()[3..6], [103.0, 103.0, 107.0]);
    assert_eq!(
        findings(&loaded.quality)[1..],
        [
            "BTC spot: gaps: 4 stamps are absent in 1 gaps; the longest is 5h between 2024-01-01T03:00:00Z and 2024-01-01T08:00:00Z",
            "BTC spot: stale figures: 2 rows are left out of the market: the newest figure is older than 2h",
            "BTC spot: stale figures: 2 rows have no bar of their own and carry the last price forward",
        ]
    );
}

#[test]
fn grid_finer_than_the_spot_is_refused() {
    let folder = folder_with("h.csv", &hourly(12, &[]));
    let error = load_in(folder.path(), &format!("grid = \"15m\"\n{SPOT}")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "grid = \"15m\" does not fit BTC spot, whose step is 1h: a grid must be a multiple of the step that divides a day"
    );
}

#[test]
fn daily_perp_on_an_hourly_market_is_as_of_and_has_no_opens() {
    let folder = folder_with("h.csv", &hourly(50, &[]));
    let perp = "time,open,high,low,close\n2024-01-01,1,1,1,90\n2024-01-02,1,150,1,130\n2024-01-03,1,160,1,150\n";
    std::fs::write(folder.path().join("p.csv"), perp).unwrap();
    let loaded = load_in(
        folder.path(),
        r#"
        funding = "none"
        series = [
            { is = "spot", asset = "BTC", path = "h.csv", bar = "end" },
            { is = "perp", asset = "BTC", path = "p.csv", bar = "end" },
        ]"#,
    )
    .unwrap();
    let perp = loaded.market.tradable(0, Contract::LinearPerp).unwrap();
    assert_eq!((perp.price[22], perp.price[23], perp.price[49]), (90.0, 130.0, 150.0));
    assert_eq!(perp.open, None);
    assert_eq!(perp.funding, None);
}

#[test]
fn vol_is_unknown_where_it_is_stale() {
    let loaded = load_fixture(
        r#"
        series = [
            { is = "spot", asset = "BTC", path = "cdd_seconds.csv" },
            { is = "vol", asset = "BTC", path = "dvol.csv", unit = "percent", staleness = "1d", columns = { time = "timestamp", vol = "dvol_open" }, name = "index" },
        ]"#,
    );
    // The last figure is that of 14 March 00:00; the last row is 15 March 00:00.
    assert_eq!(loaded.market.vols()[0].vol, [0.51, 0.52, 0.53, 0.54, 0.55, 0.55].map(Some));
    let stale = load_fixture(
        r#"
        staleness = "1h"
        series = [
            { is = "spot", asset = "BTC", path = "cdd_seconds.csv" },
            { is = "vol", asset = "BTC", path = "dvol.csv", unit = "percent", columns = { time = "timestamp", vol = "dvol_open" } },
        ]"#,
    );
    assert_eq!(stale.market.vols()[0].vol[5], None);
    assert_eq!(
        findings(&stale.quality).last().unwrap(),
        "BTC DVOL: stale figures: 1 rows have no figure that is recent enough: the vol is unknown there"
    );
}

#[test]
fn inverse_perp_at_spot_borrows_funding_and_says_so() {
    let loaded = hedgerow_data::sample();
    let said = &loaded.quality.assumptions;
    assert!(
        said.contains(
            &"BTC inverse perp has no funding series and borrows that of BTC funding".to_owned()
        ),
        "{said:?}"
    );
    assert!(
        said.contains(&"BTC perp is marked and traded at spot, for want of its own prices: basis risk is absent, and hedges look better than they would be".to_owned()),
        "{said:?}"
    );
}

#[test]
fn funding_that_does_not_cover_is_a_warning_until_the_rows_are_known() {
    let folder = folder_with("h.csv", &hourly(72, &[]));
    std::fs::write(
        folder.path().join("f.csv"),
        "time,rate\n2024-01-02 00:00,0.0001\n2024-01-02 08:00,0.0001\n2024-01-02 16:00,0.0001\n",
    )
    .unwrap();
    let loaded = load_in(
        folder.path(),
        r#"
        perp = "at_spot"
        series = [
            { is = "spot", asset = "BTC", path = "h.csv", bar = "end" },
            { is = "funding", asset = "BTC", path = "f.csv" },
        ]"#,
    )
    .unwrap();
    let message = "the funding of BTC perp covers 2024-01-02T00:00:00Z .. 2024-01-02T16:00:00Z, but the market runs 2024-01-01T01:00:00Z .. 2024-01-04T00:00:00Z; choose `from` and `to` inside it, bring a longer file, or declare `funding = \"none\"`";
    let finding = loaded.quality.series[1].findings.last().unwrap();
    assert_eq!(
        (finding.defect, finding.severity, finding.detail.as_str()),
        (Defect::Coverage, Severity::Warning, message)
    );
    assert_eq!(check_coverage(&loaded.market, 0..72).unwrap_err().to_string(), message);
    // From one interval before the first settlement to one after the last.
    check_coverage(&loaded.market, 15..48).unwrap();
    assert!(check_coverage(&loaded.market, 14..48).is_err());
    assert!(check_coverage(&loaded.market, 15..49).is_err());
}

/// Found on LUNA, whose symbol went to a new coin: the advice was to load the period on one side of the jump only, and there
/// was no way to.
#[test]
fn rows_outside_from_and_to_of_a_series_are_not_used() {
    let text = "time,close\n2026-02-01,9\n2026-02-02,100\n2026-02-03,101\n2026-02-04,102\n2026-02-05,103\n2026-02-06,0.01\n2026-02-07,0.011\n2026-02-08,0.012\n";
    let folder = folder_with("spot.csv", text);
    let load = |keys: &str| {
        let series = "is = \"spot\", asset = \"BTC\", path = \"spot.csv\", bar = \"end\"";
        load_in(folder.path(), &format!("series = [{{ {series}{keys} }}]"))
    };
    let jumps = |keys: &str| findings(&load(keys).unwrap().quality).join("\n").contains("jumps");
    assert!(jumps(""));
    let keys = ", from = \"2026-02-01\", to = \"2026-02-04\"";
    assert!(!jumps(keys));
    let loaded = load(keys).unwrap();
    assert_eq!(loaded.market.assets()[0].spot, [100.0, 101.0, 102.0, 103.0]);
    let said = "`spot.csv`: of BTC spot only rows known after 2026-02-01T00:00:00Z and up to 2026-02-05T00:00:00Z are used";
    assert!(loaded.quality.assumptions.iter().any(|found| found == said));
    assert_eq!(
        load(", from = \"2026-03-01\"").unwrap_err().to_string(),
        "`spot.csv` has no row between `from` and `to` of its series: its rows were known from 2026-02-01T00:00:00Z to \
         2026-02-08T00:00:00Z"
    );
}
