//! Files into the canonical schema and back.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use hedgerow_data::{
    BarLabel, Checked, DataError, Declared, FileError, Imported, Mode, SeriesKind, check_files,
    import, write_sample,
};
use proptest::prelude::*;

use crate::{findings, fixtures, folder_with, load_in};

fn spot(bar: BarLabel) -> Declared {
    Declared {
        is: Some(SeriesKind::Spot),
        asset: Some("BTC".to_owned()),
        bar: Some(bar),
        ..Declared::default()
    }
}

fn imported(paths: &[PathBuf], declared: &Declared, out: &Path) -> Result<Imported, DataError> {
    import(paths, declared, out, &mut |_| {})
}

/// One bar: stamp, open, high, low, close.
type Bar = [i64; 5];

fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let bar = (1_i64..3, 10_i64..90, 10_i64..90);
    prop::collection::vec(bar, 6..30).prop_map(|bars| {
        let mut stamp = 1_704_067_200;
        let next = |(hours, open, close): (i64, i64, i64)| {
            stamp += 3600 * hours;
            [stamp, open, open.max(close) + 1, open.min(close) - 1, close]
        };
        bars.into_iter().map(next).collect()
    })
}

fn text(bars: &[Bar]) -> String {
    let mut text = "time,open,high,low,close\n".to_owned();
    for [stamp, open, high, low, close] in bars {
        writeln!(text, "{stamp},{open},{high},{low},{close}").unwrap();
    }
    text
}

/// A declared step, as twenty bars at random distances may have any.
const HOURLY: &str =
    r#"series = [{ is = "spot", asset = "BTC", path = "a.csv", bar = "start", step = "1h" }]"#;
const CANONICAL: &str = r#"series = [{ is = "spot", asset = "BTC", path = "x.parquet" }]"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the order of rows, however often they repeat and over however many files they are spread.
    #[test]
    fn any_permutation_repetition_and_split_imports_to_the_same_rows(
        (bars, shuffled, at) in bars().prop_flat_map(|bars| {
            let twice: Vec<Bar> = bars.iter().chain(&bars[..bars.len() / 2]).copied().collect();
            let n_rows = twice.len();
            (Just(bars), Just(twice).prop_shuffle(), 2..n_rows - 2)
        }),
    ) {
        let folder = folder_with("a.csv", &text(&bars));
        let path = folder.path();
        std::fs::create_dir(path.join("split")).unwrap();
        std::fs::write(path.join("split/1.csv"), text(&shuffled[..at])).unwrap();
        std::fs::write(path.join("split/2.csv"), text(&shuffled[at..])).unwrap();
        let declared = Declared { step: Some("1h".parse().unwrap()), ..spot(BarLabel::Start) };
        let expected = load_in(path, HOURLY).unwrap().market;
        for source in ["a.csv", "split"] {
            let out = path.join("x.parquet");
            imported(&[path.join(source)], &declared, &out).unwrap();
            prop_assert_eq!(&load_in(path, CANONICAL).unwrap().market, &expected);
        }
    }
}

#[test]
fn every_kind_loads_from_its_import_as_from_its_source_to_the_last_bit() {
    let cases = [
        (r#"is = "spot", asset = "BTC""#, "cdd_milliseconds.csv", ""),
        (r#"is = "spot", asset = "BTC""#, "binance_vision_perp.csv", ""),
        (r#"is = "perp", asset = "BTC""#, "binance_vision_perp.csv", ""),
        (r#"is = "funding", asset = "BTC""#, "binance_vision_funding.csv", ""),
        (r#"is = "vol", asset = "BTC""#, "dvol.csv", r#", unit = "percent", bar = "start""#),
    ];
    for (series, file, declared) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(fixtures().join(file), folder.path().join(file)).unwrap();
        let kind = series.split('"').nth(1).unwrap();
        let typed = Declared {
            is: Some(serde_kind(kind)),
            asset: Some("BTC".to_owned()),
            unit: (kind == "vol").then_some(hedgerow_data::ValueUnit::Percent),
            bar: (kind == "vol").then_some(BarLabel::Start),
            ..Declared::default()
        };
        let out = folder.path().join("x.parquet");
        let written = imported(&[folder.path().join(file)], &typed, &out).unwrap();
        assert_eq!(written.files.len(), 1);
        let market = |path: &str, declared: &str| {
            let own = format!("{{ {series}, path = \"{path}\"{declared} }}");
            let spot = "{ is = \"spot\", asset = \"BTC\", path = \"spot.csv\", format = \"csv\" }";
            std::fs::write(
                folder.path().join("spot.csv"),
                "time,close\n2024-12-31 16:00,1\n2025-01-01 00:00,2\n2025-01-01 08:00,3\n",
            )
            .unwrap();
            let list = if kind == "spot" { own } else { format!("{spot}, {own}") };
            let perp = if kind == "funding" { "perp = \"at_spot\"\n" } else { "" };
            let none = if kind == "perp" { "funding = \"none\"\n" } else { "" };
            load_in(folder.path(), &format!("{perp}{none}staleness = \"2d\"\nseries = [{list}]"))
        };
        match (market(file, declared), market("x.parquet", "")) {
            (Ok(source), Ok(canonical)) => assert_eq!(source.market, canonical.market, "{file}"),
            (source, canonical) => assert_eq!(
                source.unwrap_err().to_string().replace(file, "x"),
                canonical.unwrap_err().to_string().replace("x.parquet", "x"),
                "{file} as {kind}"
            ),
        }
    }
}

fn serde_kind(kind: &str) -> SeriesKind {
    #[derive(serde::Deserialize)]
    struct Kind {
        is: SeriesKind,
    }
    toml::from_str::<Kind>(&format!("is = \"{kind}\"")).unwrap().is
}

#[test]
fn written_sample_is_the_embedded_one() {
    let folder = tempfile::tempdir().unwrap();
    let paths = write_sample(folder.path()).unwrap();
    let names: Vec<_> = paths.iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        [
            "BTC-spot.parquet",
            "BTC-vol.parquet",
            "BTC-funding.parquet",
            "scenario.toml",
            "README.txt"
        ]
    );
    let scenario = std::fs::read_to_string(folder.path().join("scenario.toml")).unwrap();
    let market: toml::Table = toml::from_str(&scenario).unwrap();
    let mut market = market["market"].as_table().unwrap().clone();
    market.remove("from");
    let loaded = load_in(folder.path(), &toml::to_string(&market).unwrap()).unwrap();
    assert_eq!(loaded.market, hedgerow_data::sample().market);
}

#[test]
fn several_series_need_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.parquet");
    let paths =
        ["binance_vision_perp.csv", "binance_vision_funding.csv"].map(|file| fixtures().join(file));
    let error = imported(&paths, &Declared::default(), &out).unwrap_err();
    assert!(
        matches!(&error, DataError::SeveralSeries { series, .. } if series.len() == 2),
        "{error}"
    );
    assert!(!out.exists());
    let written = imported(&paths, &Declared::default(), &folder.path().join("all")).unwrap();
    assert_eq!(written.files.len(), 2);
    assert_eq!(std::fs::read_dir(folder.path().join("all")).unwrap().count(), 2);
    assert_eq!(
        written.files.iter().map(|file| file.schema).collect::<Vec<_>>(),
        ["bars/1", "funding/1"]
    );
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let folder = folder_with("a.csv", "time,close\n2024-01-01,5\n2024-01-02,6\n2024-01-03,x\n");
    let paths = [folder.path().join("a.csv")];
    let strict = Declared { quality: Mode::Strict, ..spot(BarLabel::End) };
    for out in ["new/x.parquet", "x.parquet", "new"] {
        assert!(imported(&paths, &strict, &folder.path().join(out)).is_err());
    }
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error =
        imported(&paths, &spot(BarLabel::End), &folder.path().join("file/x.parquet")).unwrap_err();
    assert!(matches!(error, DataError::File(FileError::Write { .. })), "{error}");
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn a_folder_that_cannot_be_written_to_is_an_error() {
    let folder = folder_with("a.csv", "time,close\n2024-01-01,5\n2024-01-02,6\n");
    let out = folder.path().join("nowhere/x.parquet");
    let error = imported(&[folder.path().join("a.csv")], &spot(BarLabel::End), &out).unwrap_err();
    assert!(matches!(error, DataError::File(FileError::Write { .. })), "{error}");
}

#[test]
fn canonical_file_is_checked_against_what_is_wanted_of_it() {
    let folder = folder_with("a.csv", "time,close\n2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n");
    let out = folder.path().join("x.parquet");
    imported(&[folder.path().join("a.csv")], &spot(BarLabel::End), &out).unwrap();
    let message = |series: &str| load_in(folder.path(), series).unwrap_err().to_string();
    assert_eq!(
        message(r#"series = [{ is = "spot", asset = "ETH", path = "x.parquet" }]"#),
        "`x.parquet` is not a hedgerow file: it holds BTC as `spot`, not ETH as `spot`"
    );
    assert_eq!(
        message(r#"series = [{ is = "spot", asset = "BTC", path = "x.parquet", bar = "start" }]"#),
        "series BTC spot: `bar` cannot be used with a file of `hedgerow import`, which says so itself"
    );
    let again = imported(
        std::slice::from_ref(&out),
        &Declared::default(),
        &folder.path().join("y.parquet"),
    )
    .unwrap();
    assert_eq!((again.files[0].n_rows, again.files[0].schema), (3, "bars/1"));
    assert_eq!(again.files[0].quality.format, "hedgerow");
}

#[test]
fn check_groups_files_into_series_and_keeps_what_it_cannot_read() {
    let folder = tempfile::tempdir().unwrap();
    let bars = |from: i64| {
        let rows = (from..from + 48)
            .map(|hour| format!("{},1,2,1,2,5\n", 1_704_067_200_000 + hour * 3_600_000));
        format!("time,open,high,low,close,volume\n{}", rows.collect::<String>())
    };
    for (name, content) in [
        ("BTCUSDT-1h-a.csv", bars(0)),
        ("BTCUSDT-1h-b.csv", bars(48)),
        ("ETHUSDT-1h.csv", bars(0)),
        ("notes.csv", "nothing,here\nfor,us\n".to_owned()),
    ] {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    let Checked { quality, refused } =
        check_files(&[folder.path().to_owned()], &Declared::default()).unwrap();
    let series: Vec<_> =
        quality.series.iter().map(|series| (series.name.as_str(), series.n_rows)).collect();
    assert_eq!(series, [("BTC spot", 96), ("ETH spot", 48)]);
    assert_eq!(refused.len(), 1);
    assert_eq!(quality.series[0].coverage.rows_per_day, [24, 24, 24, 24]);
    let said = findings(&quality);
    assert!(said.contains(&"BTC spot: units: bars are taken to be labelled by their start; a scenario must declare `bar`".to_owned()), "{said:?}");
}

/// A chain and futures, both of which hold several contracts.
#[test]
fn contracts_load_from_their_import_as_from_their_source() {
    let chain = "time,instrument,bid,ask,mark,mark_vol,forward,index,delta,open_interest
2026-02-05T00:00:00Z,BTC-24APR26-88000-C,0.0185,,0.020192,0.5988,64195.9,64000.1,0.15732,226.4
2026-02-05T00:00:00Z,BTC-27MAR26-64000-P,0.012,0.0135,0.0125,0.6,64100,64000.1,-0.48,1
2026-02-05T02:00:00Z,BTC-27MAR26-64000-P,0.012,0.0135,,0.61,64100,,,0
";
    let futures = "time,instrument,price
2026-02-05T00:00:00Z,BTC-27MAR26,102
2026-02-05T01:00:00Z,BTC-27MAR26,102.25
2026-02-05T01:00:00Z,BTC-24APR26,103.5
";
    let spot =
        "time,close\n2026-02-05 00:00,64000\n2026-02-05 01:00,64001\n2026-02-05 02:00,64002\n";
    for (kind, is, text) in
        [(SeriesKind::OptionChain, "option_chain", chain), (SeriesKind::Future, "future", futures)]
    {
        let folder = folder_with("a.csv", text);
        std::fs::write(folder.path().join("spot.csv"), spot).unwrap();
        let declared =
            Declared { is: Some(kind), asset: Some("BTC".to_owned()), ..Declared::default() };
        let out = folder.path().join("x.parquet");
        let written = imported(&[folder.path().join("a.csv")], &declared, &out).unwrap();
        assert_eq!(written.files.len(), 1);
        let market = |path: &str| {
            let series = format!(
                r#"series = [
                    {{ is = "spot", asset = "BTC", path = "spot.csv" }},
                    {{ is = "{is}", asset = "BTC", path = "{path}" }},
                ]"#
            );
            load_in(folder.path(), &series).unwrap().market
        };
        assert_eq!(market("a.csv"), market("x.parquet"), "{is}");
        // What was imported says what it is.
        let again = imported(
            std::slice::from_ref(&out),
            &Declared::default(),
            &folder.path().join("again"),
        )
        .unwrap();
        assert_eq!(again.files[0].schema, written.files[0].schema);
        assert_eq!(again.files[0].n_rows, written.files[0].n_rows);
    }
}
