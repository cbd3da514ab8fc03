//! Parquet, there and back.

use hedgerow_core::{Cells, Column, Table, Timestamp};
use hedgerow_data::{DataError, FileError, check_file, read_parquet_numbers, write_parquet};
use proptest::prelude::*;

use crate::{findings, fixtures, load_in};

fn column(name: &str, cells: Cells) -> Column {
    Column { name: name.to_owned(), unit: "USD", about: "a price", cells }
}

fn hours(n_rows: i64) -> Cells {
    let stamp = |hour| Timestamp::from_millis(1_704_067_200_000 + 3_600_000 * hour);
    Cells::Time((0..n_rows).map(stamp).collect())
}

fn sample_table() -> Table {
    let names = Cells::Names { names: vec!["long".into(), "short".into()], index: vec![1, 0, 1] };
    Table {
        columns: vec![
            column("time", hours(3)),
            column("price", Cells::Numbers(vec![100.0, 101.5, 99.25])),
            column("vol", Cells::Maybe(vec![Some(0.5), None, Some(0.25)])),
            column("side", names),
        ],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn numbers_come_back_bit_for_bit(bits in prop::collection::vec(any::<u64>(), 1..200)) {
        let numbers: Vec<f64> = bits.iter().map(|bits| f64::from_bits(*bits)).collect();
        let maybe = numbers.iter().map(|number| (number.to_bits() % 3 > 0).then_some(*number)).collect();
        let columns = vec![column("a", Cells::Numbers(numbers.clone())), column("b", Cells::Maybe(maybe))];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        write_parquet(&Table { columns: columns.clone() }, &path).unwrap();
        let (a, b) = (read_parquet_numbers(&path, "a").unwrap(), read_parquet_numbers(&path, "b").unwrap());
        let same = |x: Option<f64>, y: Option<f64>| x.map(f64::to_bits) == y.map(f64::to_bits);
        prop_assert!(a.iter().zip(&numbers).all(|(x, y)| same(*x, Some(*y))));
        let Cells::Maybe(maybe) = &columns[1].cells else { unreachable!() };
        prop_assert!(b.iter().zip(maybe).all(|(x, y)| same(*x, *y)));
        prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn table_is_a_market_again() {
    let folder = tempfile::tempdir().unwrap();
    write_parquet(&sample_table(), &folder.path().join("t.parquet")).unwrap();
    let loaded = load_in(
        folder.path(),
        r#"series = [
            { is = "spot", asset = "BTC", path = "t.parquet", columns = { time = "time", close = "price" } },
            { is = "vol", asset = "BTC", path = "t.parquet", format = "parquet" },
        ]"#,
    )
    .unwrap();
    assert_eq!(loaded.market.assets()[0].spot, [100.0, 101.5, 99.25]);
    assert_eq!(loaded.market.vols()[0].vol, [Some(0.5), Some(0.5), Some(0.25)]);
    assert_eq!(loaded.market.vols()[0].name, "vol");
    assert_eq!(
        findings(&loaded.quality),
        ["BTC vol: unusable values: 1 rows say nothing and are left out"]
    );
}

#[test]
fn bad_cells_of_parquet_are_named_by_row() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = sample_table();
    table.columns[1].cells = Cells::Numbers(vec![1.0, f64::NAN, -2.0]);
    write_parquet(&table, &folder.path().join("t.parquet")).unwrap();
    let market = |name: &str| {
        format!(
            "quality = \"strict\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = \"t.parquet\", columns = {{ time = \"time\", close = \"{name}\" }} }}]"
        )
    };
    let message = |name: &str| load_in(folder.path(), &market(name)).unwrap_err().to_string();
    assert_eq!(
        message("price"),
        "`t.parquet` row 2, column `price`: found `NaN`, expected a positive number"
    );
    assert_eq!(
        message("vol"),
        "`t.parquet` row 2, column `vol`: found nothing, expected a positive number"
    );
    assert_eq!(
        message("prize"),
        "`t.parquet` has no column `prize`, did you mean `price`; it has: time, price, vol, side"
    );
}

#[test]
fn unwritable_folder_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("missing").join("t.parquet");
    let error = write_parquet(&sample_table(), &path).unwrap_err();
    assert!(matches!(error, DataError::File(FileError::Write { .. })));
    assert_eq!(
        error.to_string(),
        format!("cannot write `{}`: No such file or directory (os error 2)", path.display())
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn truncated_parquet_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    write_parquet(&sample_table(), &path).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    assert!(matches!(check_file(&path).unwrap_err(), DataError::Format { format: "parquet", .. }));
}

#[test]
fn check_recognises_formats_and_says_what_is_undeclared() {
    for (file, format, name) in [
        ("binance_vision_us.csv", "binance_vision", "binance_vision_us spot"),
        ("binance_vision_funding.csv", "binance_vision", "binance_vision_funding funding"),
        ("cdd_milliseconds.csv", "cryptodatadownload", "BTC spot"),
        ("cdd_2019.csv", "cryptodatadownload", "BTC spot"),
        ("funding_web.csv", "binance_web_funding", "BTC funding"),
        ("../btc_daily.csv", "sample", "BTC spot"),
    ] {
        let quality = check_file(&fixtures().join(file)).unwrap();
        assert_eq!((quality.format.as_str(), quality.name.as_str()), (format, name));
    }
    let dvol = check_file(&fixtures().join("dvol.csv")).unwrap();
    assert_eq!((dvol.n_rows, dvol.name.as_str()), (6, "dvol DVOL"));
    let said: Vec<&str> = dvol.findings.iter().map(|finding| finding.detail.as_str()).collect();
    assert_eq!(
        said,
        [
            "stamps are read as milliseconds by their size",
            "figures look like percent; a scenario must declare `unit`"
        ]
    );
}
