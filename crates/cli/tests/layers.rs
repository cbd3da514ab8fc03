//! The crates depend downwards only, Polars stays in `data`, and the network in `fetch`.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

/// Names under `[dependencies]` of a crate's manifest.
fn dependencies(name: &str) -> BTreeSet<String> {
    let path = format!("{}/../{name}/Cargo.toml", env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn crates_depend_downwards_only() {
    let ours = |name: &str| -> BTreeSet<String> {
        dependencies(name)
            .into_iter()
            .filter(|dependency| dependency.starts_with("hedgerow"))
            .collect()
    };
    assert!(ours("core").is_empty());
    for name in ["data", "fetch", "greeks", "sim", "report"] {
        assert_eq!(ours(name), BTreeSet::from(["hedgerow-core".to_owned()]), "{name}");
    }
}

#[test]
fn only_data_knows_polars_and_only_the_program_uses_anyhow() {
    for name in ["core", "fetch", "greeks", "sim", "report", "cli"] {
        assert!(
            !dependencies(name).iter().any(|dependency| dependency.starts_with("polars")),
            "{name}"
        );
    }
    for name in ["core", "data", "fetch", "greeks", "sim", "report"] {
        assert!(!dependencies(name).contains("anyhow"), "{name}");
    }
}

#[test]
fn only_fetch_touches_the_network() {
    assert!(dependencies("fetch").contains("ureq"));
    for name in ["core", "data", "greeks", "sim", "report", "cli"] {
        assert!(!dependencies(name).contains("ureq"), "{name}");
    }
}
