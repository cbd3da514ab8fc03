//! A run of four days, worked out by hand.
//!
//! One coin at 100, 110, 99, 99; the hedge is short half a coin from the first row on, at a fee of 1 % and no funding.
//! Unhedged equity is 100, 110, 99, 99; P&L is 10, −11, 0.
//! The hedge opens with a fee of 0.01 × 50 = 0.50: hedged equity is 99.5, 104.5, 99, 99; P&L is 5, −5.5, 0.

mod common;

use common::{PerpLeg, ledger, treasury};
use hedgerow_report::{measure, summary_json};

fn summary() -> serde_json::Value {
    let spot = [100.0, 110.0, 99.0, 99.0];
    let mut case = treasury(&spot, 1.0);
    let leg = PerpLeg {
        ideal: &|_| Some(-0.5),
        band: 0.0,
        fee_rate: 0.01,
        spread_rate: 0.0,
        funding: 0.0,
    };
    case.ledgers.push(ledger("half", "short half", &spot, 1.0, Some(&leg)));
    let text = summary_json(&measure(&case.run()));
    assert!(text.ends_with("}\n"));
    serde_json::from_str(&text).expect("the summary is JSON")
}

#[test]
fn statistics_by_hand() {
    let summary = summary();
    let half = &summary["strategies"]["half"]["statistics"];
    let expect = |key: &str, expected: f64| {
        let found = half[key]["value"].as_f64().unwrap_or(f64::NAN);
        assert!((found - expected).abs() < 1e-12, "{key}: {found}, expected {expected}");
    };
    expect("variance_reduction_1d", 0.75);
    expect("semivariance_reduction", 0.75);
    // Squares 25 + 30.25 + 0, less three times the squared mean of −1/6, over n − 1 = 2.
    expect("hedging_error", ((55.25_f64 - 3.0 / 36.0) / 2.0).sqrt());
    expect("max_drawdown", 5.5 / 104.5);
    expect("drawdown_reduction", 1.0 - (5.5 / 104.5) / 0.1);
    expect("max_drawdown_days", 2.0);
    expect("time_under_water", 0.75);
    expect("average_drawdown", (0.005 + 2.0 * 5.5 / 104.5) / 4.0);
    expect("cost_fee", 0.5);
    expect("cost_total", 0.5);
    // The unhedged equity averages 102.
    expect("cost_share", 0.5 / 102.0);
    expect("cost_share_per_year", 0.5 / 102.0 * 365.0 / 3.0);
    expect("cost_per_turnover", 0.01);
    expect("turnover", 50.0);
    expect("trades", 1.0);
    expect("final_equity", 99.0);
    expect("pnl", -1.0);
    expect("total_return", -0.01);
    expect("annual_return", 0.99_f64.powf(365.0 / 3.0) - 1.0);
}

#[test]
fn unknown_is_null() {
    let summary = summary();
    let half = &summary["strategies"]["half"]["statistics"];
    for key in ["variance_reduction_7d", "var_95", "es_99_reduction", "cdar_95"] {
        assert!(half[key]["value"].is_null(), "{key}");
    }
    assert!(half["variance_reduction_1d"]["low"].is_null(), "three days make no interval");
    assert_eq!(
        half["variance_reduction_1d"]["note"],
        "no interval: the history is too short: fewer than 20 points or 10 windows"
    );
    assert!(
        summary["strategies"]["unhedged"]["statistics"]["variance_reduction_1d"]["value"].is_null()
    );
}

#[test]
fn keys_keep_their_order() {
    let summary = summary();
    let keys = |value: &serde_json::Value| -> Vec<String> {
        value.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(keys(&summary["strategies"]), ["unhedged", "half"]);
    assert_eq!(
        keys(&summary["strategies"]["half"]),
        ["about", "verdict", "statistics", "explained", "attribution", "drawdowns", "legs"]
    );
    assert_eq!(
        keys(&summary["strategies"]["half"]["statistics"])[..2],
        ["variance_reduction_row", "variance_reduction_1d"]
    );
    let drawdown = &summary["strategies"]["half"]["drawdowns"][0];
    assert_eq!(drawdown["peak"], "2020-01-03T00:00:00Z");
    assert_eq!(drawdown["trough"], "2020-01-04T00:00:00Z");
    assert!(drawdown["recovery"].is_null());
    assert_eq!(summary["strategies"]["half"]["explained"]["fee"]["value"], -0.5);
}
