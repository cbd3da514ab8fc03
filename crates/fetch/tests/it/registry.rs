//! The registry of sources keeps its promises.

use hedgerow_core::registry::build;
use hedgerow_fetch::{SOURCES, source};
use toml::de::{DeTable, DeValue};

#[test]
fn every_example_builds_and_every_name_is_in_order() {
    for entry in SOURCES {
        let table = DeTable::parse(entry.example).unwrap();
        let span = table.span();
        let setting = toml::Spanned::new(span, DeValue::Table(table.into_inner()));
        build(SOURCES, setting, "source").unwrap_or_else(|error| panic!("{}: {error}", entry.name));
        assert!(entry.example.starts_with(entry.name));
        assert!(entry.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        assert!(!entry.about.ends_with('.') && !entry.about.is_empty(), "{}", entry.name);
    }
    assert!(SOURCES.is_sorted_by(|one, next| one.name < next.name));
}

#[test]
fn unknown_and_missing_words_are_told() {
    let told =
        |name: &str, parameters: &[(&str, &str)]| source(name, parameters).unwrap_err().to_string();
    assert_eq!(
        told("bybit", &[]),
        "unknown source `bybit`; known: binance_funding, binance_klines, deribit_chart, deribit_dvol, deribit_funding, deribit_instruments"
    );
    assert_eq!(told("deribit-instruments", &[("currency", "BTC")]), "missing field `listing`");
    assert_eq!(
        told("deribit-instruments", &[("currency", "BTC"), ("listing", "active"), ("kin", "x")]),
        "unknown field `kin`, expected one of `currency`, `kind`, `listing`"
    );
    assert_eq!(
        told("deribit-instruments", &[("currency", "BTC"), ("currency", "ETH")]),
        "parameter `currency` is given twice"
    );
}

#[test]
fn a_date_includes_its_day_at_the_end_and_names_may_be_typed_either_way() {
    let wanted =
        [("currency", "BTC"), ("resolution", "60"), ("from", "2024-01-01"), ("to", "2024-01-01")];
    for name in ["deribit_dvol", "deribit-dvol"] {
        let text = format!("{:?}", source(name, &wanted).unwrap());
        assert!(
            text.contains("Timestamp(1704067200000), to: Some(Timestamp(1704153600000))"),
            "{text}"
        );
    }
}
