//! Fitted surfaces as pictures and as a page: on odd numbers too, without NaN and with every text in its place.
#![allow(clippy::unwrap_used, reason = "tests: known inputs")]

use hedgerow_core::{Coverage, SeriesQuality, Timestamp};
use hedgerow_report::{
    QuotedVol, ShownError, ShownMiss, ShownOutside, SmileFit, SnapshotFit, SurfaceReport,
    surface_charts, surface_page, surface_verdicts,
};

fn error() -> ShownError {
    ShownError {
        near_median_points: Some(0.25),
        median_points: 0.5,
        worst_points: 12.0,
        median_coins: 0.000_1,
        worst_coins: 0.002,
    }
}

fn smile(expiry: &str, years: f64, quotes: Vec<QuotedVol>) -> SmileFit {
    SmileFit {
        expiry: Timestamp::parse(expiry).unwrap(),
        years,
        forward: 60_000.0,
        grade: "svi",
        at_the_money: 0.6,
        n_quotes: quotes.len(),
        error: error(),
        outside_near: ShownOutside { n_quotes: 20, smile: 1, mark: 2 },
        outside_far: ShownOutside::default(),
        far_miss: Some(miss(expiry)),
        is_off_far_out: true,
        butterfly: "free".to_owned(),
        calendar: "breach at 1.20 forwards".to_owned(),
        curve: quotes.iter().map(|quote| (quote.strike, 0.6)).collect(),
        quotes,
    }
}

fn miss(expiry: &str) -> ShownMiss {
    ShownMiss { expiry: Timestamp::parse(expiry).unwrap(), strike: 89_000.0, points: 12.34 }
}

fn quote(strike: f64) -> QuotedVol {
    QuotedVol { strike, mark: Some(0.61), bid: None, ask: Some(7.0) }
}

fn report(smiles: Vec<SmileFit>) -> SurfaceReport {
    let time = Timestamp::parse("2026-02-05T12:00:00Z").unwrap();
    let snapshot = SnapshotFit {
        time,
        grades: vec![("svi", smiles.len()), ("flat", 0)],
        n_refused: 1,
        butterflies: 0,
        calendars: 2,
        n_used: 1_234,
        left_out: vec![("in the money", 3), ("with a bid above their ask", 0)],
        error: (!smiles.is_empty()).then(error),
        worst: smiles.first().map(|_| miss("2026-02-06")),
        far_miss: smiles.first().map(|_| miss("2026-02-06")),
        n_off_far_out: smiles.len(),
        outside_near: ShownOutside { n_quotes: 20, smile: 1, mark: 2 },
        outside_far: ShownOutside::default(),
    };
    SurfaceReport {
        asset: "<BTC>".to_owned(),
        paid_in: "coins",
        snapshots: vec![snapshot],
        most_far_points: 5.0,
        shown: 0,
        term_structure: smiles.iter().map(|smile| (smile.years, smile.at_the_money)).collect(),
        smiles,
        refused: vec![(time, "no usable quote".to_owned())],
        quality: SeriesQuality {
            name: "chain".to_owned(),
            source: "a & b.csv".to_owned(),
            format: "deribit_chain".to_owned(),
            n_rows: 1,
            first: time,
            last: time,
            step_millis: None,
            findings: Vec::new(),
            coverage: Coverage::default(),
            marks: Vec::new(),
        },
        assumptions: Vec::new(),
    }
}

#[test]
fn pictures_are_well_formed_whatever_is_quoted() {
    let cases = [
        vec![smile("2026-02-06", 0.002, vec![quote(60_000.0)])],
        vec![
            smile("2026-02-06", 0.002, (1..40).map(|i| quote(2_000.0 * f64::from(i))).collect()),
            smile("2026-12-25", 0.9, vec![quote(0.000_01), quote(0.000_02)]),
        ],
        vec![smile("2026-02-06", 0.002, Vec::new())],
    ];
    for (case, smiles) in cases.into_iter().enumerate() {
        let charts = surface_charts(&report(smiles));
        assert_eq!(charts.len(), if case == 1 { 2 } else { 1 });
        for chart in charts {
            roxmltree::Document::parse(&chart.svg).unwrap();
            assert!(!chart.svg.contains("NaN") && !chart.svg.contains("inf"), "{}", chart.name);
            assert!(chart.png.starts_with(b"\x89PNG"));
        }
    }
    assert!(surface_charts(&report(Vec::new())).is_empty());
}

#[test]
fn the_page_says_error_arbitrage_and_quotes() {
    let smiles = vec![smile("2026-02-06", 0.002, vec![quote(60_000.0)])];
    let fitted = report(smiles);
    assert_eq!(
        surface_verdicts(&fitted),
        [
            "<BTC> options paid in coins: 1 snapshot of 2026-02-05T12:00:00Z.",
            "Median fit error near the money 0.25 vol points, over all strikes 0.50 vol points or 0.000100 coins; worst of any \
             mark 12.0 vol points (strike 89,000 of 2026-02-06) and 0.0020 coins.",
            "Smiles lie outside bid and ask at 5.0 % of the quotes within one standard deviation of the money (the marks themselves \
             at 10.0 %) and at n/a of those beyond (marks at n/a).",
            "Beyond one standard deviation smiles leave bid and ask by at most 12.3 vol points (strike 89,000 of 2026-02-06); \
             1 smile does by more than 5 and is flagged: mark options so far out by their own quotes.",
            "No smile allows a butterfly arbitrage; 2 smiles lie below that of an earlier expiry (calendar arbitrage).",
            "1,234 quotes used, 3 left out: 3 in the money.",
        ]
    );
    let page = surface_page(&fitted, &surface_charts(&fitted));
    for part in [
        "&lt;BTC&gt; vol surface",
        "a &amp; b.csv",
        "breach at 1.20 forwards",
        "no usable quote",
        "12.3 at 89,000, flagged",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("NaN") && !page.contains("<BTC>"));
    let page = surface_page(&report(Vec::new()), &[]);
    assert!(page.contains("No expiry of this snapshot could be fitted"));
    assert!(page.contains("n&#x2f;a"), "what is unknown is not 0");
}
