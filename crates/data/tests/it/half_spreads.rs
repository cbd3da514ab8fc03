//! Half-spreads from files.

use hedgerow_data::{Declared, Loaded, SeriesKind, import};

use crate::{findings, folder_with, load_in};

const SPOT: &str = "time,close\n2024-01-01,100\n2024-01-02,101\n2024-01-03,102\n2024-01-04,103\n2024-01-05,104\n2024-01-06,105\n";

/// A file of half-spreads beside six days of spot.
fn folder(half_spreads: &str) -> tempfile::TempDir {
    let folder = folder_with("spot.csv", SPOT);
    std::fs::write(folder.path().join("spread.csv"), half_spreads).unwrap();
    folder
}

fn loaded(folder: &tempfile::TempDir, path: &str, more: &str) -> Loaded {
    let market = format!(
        r#"series = [
            {{ is = "spot", asset = "BTC", path = "spot.csv" }},
            {{ is = "half_spread", asset = "BTC", path = "{path}"{more} }},
        ]"#
    );
    load_in(folder.path(), &market).unwrap()
}

/// In bps, as of each row; nothing is a half-spread too, a blank cell says nothing, and three steps are too old.
#[test]
fn half_spreads_are_as_of_their_rows() {
    let folder = folder("time,half_spread_bps\n2024-01-01,2.5\n2024-01-02,0\n2024-01-03,\n");
    let Loaded { market, quality, .. } = loaded(&folder, "spread.csv", "");
    let fraction = &market.half_spread(0).unwrap().fraction;
    assert_eq!(fraction[..3], [Some(2.5e-4), Some(0.0), Some(0.0)]);
    assert_eq!(fraction[4..], [Some(0.0), None]);
    let said = "BTC half-spread: stale figures: 1 rows have no figure that is recent enough: the half-spread is unknown there";
    assert!(findings(&quality).contains(&said.to_owned()), "{:?}", findings(&quality));
    let recent = loaded(&folder, "spread.csv", r#", staleness = "12h""#);
    assert_eq!(recent.market.half_spread(0).unwrap().fraction[2..], [None; 4]);
}

#[test]
fn a_half_spread_below_nothing_is_dropped_and_counted() {
    let folder = folder("time,wide\n2024-01-01,2\n2024-01-02,-1\n2024-01-03,3\n2024-01-04,4\n");
    let columns = r#", columns = { time = "time", half_spread = "wide" }"#;
    let Loaded { market, quality, .. } = loaded(&folder, "spread.csv", columns);
    assert_eq!(market.half_spread(0).unwrap().fraction[1], Some(2e-4));
    assert!(
        findings(&quality).iter().any(|said| said.contains("cannot be used")),
        "{:?}",
        findings(&quality)
    );
}

#[test]
fn half_spreads_are_recognised_and_imported() {
    let folder = folder("time,half_spread_bps\n2024-01-01,2.5\n2024-01-02,1\n2024-01-03,4\n");
    let out = folder.path().join("x.parquet");
    let declared = Declared { asset: Some("BTC".to_owned()), ..Declared::default() };
    let found = import(&[folder.path().join("spread.csv")], &declared, &out, &mut |_| {}).unwrap();
    assert_eq!((found.files[0].schema, found.files[0].n_rows), ("half_spread/1", 3));
    assert_eq!(SeriesKind::HalfSpread.key(), "half_spread");
    let (file, imported) = (loaded(&folder, "spread.csv", ""), loaded(&folder, "x.parquet", ""));
    assert_eq!(file.market.half_spread(0), imported.market.half_spread(0));
}

/// Two of one asset are told apart by name; their figures are not mixed.
#[test]
fn named_half_spreads_of_one_asset_stay_apart() {
    let folder = folder("time,half_spread_bps\n2024-01-01,2\n2024-01-02,2\n2024-01-03,2\n");
    let wide = "time,half_spread_bps\n2024-01-01,9\n2024-01-02,9\n2024-01-03,9\n";
    std::fs::write(folder.path().join("wide.csv"), wide).unwrap();
    let more = r#", name = "perp" }, { is = "half_spread", asset = "BTC", path = "wide.csv", name = "inverse""#;
    let Loaded { market, quality, .. } = loaded(&folder, "spread.csv", more);
    let found: Vec<_> = market
        .half_spreads()
        .iter()
        .map(|spread| (spread.name.as_deref(), spread.fraction[1]))
        .collect();
    assert_eq!(found, [(Some("perp"), Some(2e-4)), (Some("inverse"), Some(9e-4))]);
    let titles: Vec<&str> = quality.series.iter().map(|series| series.name.as_str()).collect();
    assert!(titles.contains(&"BTC half-spread `perp`"), "{titles:?}");
}

/// A price series has one price: quotes beside it were read by nobody.
#[test]
fn quotes_of_a_price_series_are_refused() {
    let folder = folder_with(
        "perp.csv",
        "time,close,bid,ask\n2024-01-01,100,99,101\n2024-01-02,101,100,102\n",
    );
    for key in ["bid", "ask", "forward", "strike"] {
        let market = format!(
            r#"series = [{{ is = "spot", asset = "BTC", path = "perp.csv", columns = {{ time = "time", close = "close", {key} = "bid" }} }}]"#
        );
        let error = load_in(folder.path(), &market).unwrap_err().to_string();
        let said = format!(
            "series BTC spot: `{key}` cannot be used in `columns` of anything but an option chain"
        );
        assert!(error.contains(&said), "{error}");
        assert_eq!(
            error.contains("`is = \"half_spread\"`"),
            key == "bid" || key == "ask",
            "{error}"
        );
    }
}
