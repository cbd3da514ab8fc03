//! What must hold for every run, and for every metric of the registry.

mod common;

use common::{Case, Lcg, PerpLeg, hedged_treasury, ledger, prices, treasury};
use hedgerow_core::{Cells, Line};
use hedgerow_report::{
    Costs, Grid, METRICS, Path, Report, Sample, Verdict, Zone, charts, comparison, html,
    ledger_table, measure, summary_json,
};

fn value(report: &Report, strategy: usize, key: &str) -> Option<f64> {
    report.strategies[strategy].value(key)
}

/// Runs in which much is undefined.
fn degenerate() -> Vec<(&'static str, Case)> {
    let mut to_zero = treasury(&[100.0, 50.0, 1.0, 20.0], 10.0);
    to_zero.ledgers[0].equity = vec![1000.0, 500.0, 0.0, -200.0];
    let mut borrowed = treasury(&[100.0, 101.0, 99.0], 1.0);
    borrowed.ledgers[0].equity = vec![-5.0, -4.0, -6.0];
    let mut constant = treasury(&[100.0; 40], 10.0);
    let leg = PerpLeg {
        ideal: &|_| Some(-5.0),
        band: 0.0,
        fee_rate: 5e-4,
        spread_rate: 0.0,
        funding: 0.0,
    };
    constant.ledgers.push(ledger("half", "", &[100.0; 40], 10.0, Some(&leg)));
    vec![
        ("one row", treasury(&[100.0], 10.0)),
        ("two rows", treasury(&[100.0, 90.0], 10.0)),
        ("constant equity", constant),
        ("equity to zero and below", to_zero),
        ("negative from the start", borrowed),
        ("ordinary", hedged_treasury(&prices(120, 3))),
    ]
}

#[test]
fn every_metric_is_finite_or_unknown() {
    for (name, case) in degenerate() {
        for strategy in measure(&case.run()).strategies {
            assert_eq!(strategy.estimates.len(), METRICS.len());
            for (metric, estimate) in METRICS.iter().zip(&strategy.estimates) {
                let numbers = [
                    estimate.value,
                    estimate.interval.map(|i| i.low),
                    estimate.interval.map(|i| i.high),
                ];
                assert!(numbers.iter().flatten().all(|x| x.is_finite()), "{name}: {}", metric.key);
            }
        }
    }
}

#[test]
fn nothing_written_holds_a_nan() {
    for (name, case) in degenerate().into_iter().step_by(2) {
        let run = case.run();
        let report = measure(&run);
        let charts = charts(&run, &report);
        let page = html(&run, &report, &charts);
        let texts = [summary_json(&report), format!("{:?}", comparison(&report)), page];
        for text in texts {
            let words = text.split(|letter: char| !letter.is_alphanumeric());
            assert!(!words.into_iter().any(|word| word == "NaN" || word == "inf"), "{name}");
        }
    }
}

#[test]
fn the_registry_is_in_order() {
    let mut keys: Vec<&str> = METRICS.iter().map(|metric| metric.key).collect();
    assert!(
        keys.iter().all(|key| key
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
    );
    assert!(METRICS.iter().all(|metric| !metric.label.is_empty() && !metric.about.ends_with('.')));
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), METRICS.len());
}

#[test]
fn unknown_is_not_zero() {
    let constant = &degenerate()[2].1;
    let report = measure(&constant.run());
    assert_eq!(value(&report, 1, "variance_reduction_1d"), None);
    assert_eq!(value(&report, 0, "sharpe"), None);
    assert_eq!(value(&report, 0, "max_drawdown"), Some(0.0));
    let zero = &degenerate()[3].1;
    let report = measure(&zero.run());
    assert_eq!(value(&report, 0, "annual_return"), None);
    assert_eq!(value(&report, 0, "volatility"), None);
    assert_eq!(value(&report, 0, "max_drawdown"), Some(1.2));
    assert_eq!(value(&report, 0, "total_return"), Some(-1.2));
    let negative = &degenerate()[4].1;
    assert_eq!(value(&measure(&negative.run()), 0, "max_drawdown"), None);
}

#[test]
fn the_lines_add_up_to_the_change_of_equity() {
    let case = hedged_treasury(&prices(400, 11));
    for strategy in measure(&case.run()).strategies {
        let pnl = strategy.value("pnl").unwrap();
        assert!((strategy.pnl() - pnl).abs() <= 1e-9 * strategy.initial, "{}", strategy.name);
        let costs: f64 = strategy
            .explained
            .iter()
            .filter(|(line, _)| {
                matches!(line, Line::Fee | Line::Spread | Line::Slippage | Line::Carry)
            })
            .map(|(_, pnl)| pnl)
            .sum();
        assert!((strategy.costs.total() + costs).abs() <= 1e-9 * strategy.initial);
    }
}

/// Hedging a share h of an asset with itself leaves (1 − h)² of the variance, over every horizon and in every resample.
#[test]
fn a_constant_ratio_removes_what_the_parabola_says() {
    let spot = prices(500, 5);
    let mut case = treasury(&spot, 100.0);
    for ratio in [0.25, 0.5, 1.0, 1.5] {
        let ideal = move |_| Some(-100.0 * ratio);
        let leg =
            PerpLeg { ideal: &ideal, band: 0.0, fee_rate: 0.0, spread_rate: 0.0, funding: 0.0 };
        case.ledgers.push(ledger("constant", "", &spot, 100.0, Some(&leg)));
    }
    let report = measure(&case.run());
    for (index, ratio) in [0.25_f64, 0.5, 1.0, 1.5].into_iter().enumerate() {
        let expected = 1.0 - (1.0 - ratio).powi(2);
        for key in [
            "variance_reduction_row",
            "variance_reduction_1d",
            "variance_reduction_7d",
            "variance_reduction_30d",
        ] {
            let estimate = report.strategies[index + 1].estimate(key).unwrap();
            let interval = estimate.interval.unwrap();
            for found in [estimate.value.unwrap(), interval.low, interval.high] {
                assert!((found - expected).abs() < 1e-9, "{key} at {ratio}: {found}");
            }
        }
        assert_eq!(report.strategies[index + 1].verdict, Some(Verdict::Better));
    }
}

#[test]
fn one_thread_and_two_write_the_same_bytes() {
    let case = hedged_treasury(&prices(300, 8));
    let write = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let run = case.run();
            let report = measure(&run);
            let charts = charts(&run, &report);
            let page = html(&run, &report, &charts);
            (summary_json(&report), page, charts)
        })
    };
    assert!(write(1) == write(2));
}

#[test]
fn another_seed_moves_only_the_intervals() {
    let mut case = hedged_treasury(&prices(300, 8));
    let first = measure(&case.run());
    case.bootstrap.seed += 1;
    let second = measure(&case.run());
    let (a, b) = (&first.strategies[3], &second.strategies[3]);
    let key = "variance_reduction_7d";
    assert_ne!(a.estimate(key).unwrap().interval, b.estimate(key).unwrap().interval);
    assert_eq!(a.value(key), b.value(key));
}

/// Hedged and unhedged P&L share volatility that clusters; the true variance reduction is known: hedged = a × unhedged +
/// independent noise of the same volatility, so the ratio of variances is a² + b².
#[test]
fn intervals_cover_the_truth() {
    let (n, n_runs, a, b) = (500, 120, 0.5, 0.4);
    let truth = 1.0 - (a * a + b * b);
    let mut noise = Lcg(77);
    let mut covered = 0;
    let metric = METRICS.iter().find(|metric| metric.key == "variance_reduction_1d").unwrap();
    for _ in 0..n_runs {
        let mut case = treasury(&vec![1_000.0; n], 1.0);
        let mut hedged = case.ledgers[0].clone();
        let (mut variance, mut base, mut other) = (1.0_f64, 1e6, 1e6);
        for i in 0..n {
            let (z, w) = (noise.normal(), noise.normal());
            let (step, second) = (variance.sqrt() * z, variance.sqrt() * w);
            base += step;
            other += a * step + b * second;
            variance = 0.1 + 0.1 * step * step + 0.8 * variance;
            case.ledgers[0].equity[i] = base;
            hedged.equity[i] = other;
        }
        let grid = Grid::of(&case.market);
        let sample = Sample {
            grid: &grid,
            time: case.market.time(),
            hedged: &Path::of(&hedged, &grid),
            unhedged: &Path::of(&case.ledgers[0], &grid),
            costs: &Costs::of(&hedged),
            explained: &hedged.explained,
            margin: &hedged.margin,
        };
        let interval = metric.interval.unwrap()(&sample, &case.bootstrap).unwrap();
        covered += usize::from(interval.low <= truth && truth <= interval.high);
    }
    // 95 % of 120 is 114; two standard errors of the count are 4.8, and block bootstraps cover a little less.
    assert!((104..=119).contains(&covered), "{covered} of {n_runs}");
}

#[test]
fn intraday_rows_are_measured_daily() {
    let start = hedgerow_core::Timestamp::parse("2024-01-01").unwrap();
    let spot = prices(24 * 40, 21);
    let time = (1..=24 * 40)
        .map(|hour| hedgerow_core::Timestamp::from_millis(start.millis() + hour * 3_600_000))
        .collect();
    let case = common::treasury_at(time, &spot, 10.0);
    let report = measure(&case.run());
    assert_eq!(report.grid.rows.len(), 40);
    assert_eq!(report.grid.rows[0], 23);
    assert!(value(&report, 0, "max_drawdown_rows") >= value(&report, 0, "max_drawdown"));
    assert_eq!(value(&report, 0, "hedging_error").map(f64::is_sign_positive), Some(true));
}

#[test]
fn weekly_rows_say_so() {
    let start = hedgerow_core::Timestamp::parse("2024-01-01").unwrap();
    let spot = prices(60, 2);
    let time = (0..60).map(|week| start.plus_days(7 * week)).collect();
    let mut case = common::treasury_at(time, &spot, 10.0);
    let leg = PerpLeg {
        ideal: &|_| Some(-5.0),
        band: 0.0,
        fee_rate: 0.0,
        spread_rate: 0.0,
        funding: 0.0,
    };
    case.ledgers.push(ledger("half", "", &spot, 10.0, Some(&leg)));
    let report = measure(&case.run());
    assert_eq!(value(&report, 1, "variance_reduction_1d"), None);
    assert!(value(&report, 1, "variance_reduction_7d").is_some());
    assert!(report.grid.about().contains("7 days apart"));
}

#[test]
fn the_table_has_a_row_per_strategy_leg_and_time() {
    let case = hedged_treasury(&prices(50, 4));
    let table = ledger_table(&case.run());
    assert!(table.columns.iter().all(|column| column.cells.len() == 5 * 50));
    let column =
        |name: &str| &table.columns.iter().find(|column| column.name == name).unwrap().cells;
    let Cells::Maybe(held) = column("held") else { panic!("held") };
    assert_eq!((held[0], held[50]), (None, Some(-50.0)));
    let Cells::Names { names, index } = column("leg") else { panic!("leg") };
    assert_eq!(
        (names[index[0] as usize].as_str(), names[index[60] as usize].as_str()),
        ("none", "short perp")
    );
    let (Cells::Numbers(equity), Cells::Numbers(unhedged)) =
        (column("equity"), column("unhedged_equity"))
    else {
        panic!("equity")
    };
    assert_eq!(equity[..50], unhedged[50..100]);
}

#[test]
fn text_of_the_user_is_escaped() {
    let mut case = hedged_treasury(&prices(60, 6));
    case.name = "<script>alert(1)</script>".into();
    case.ledgers[1].strategy = "<b>half & \"half\"</b>".into();
    case.assumptions[0].1 = "<img src=x onerror=alert(1)>".into();
    let run = case.run();
    let report = measure(&run);
    let page = html(&run, &report, &[]);
    for mark in ["<script>", "<b>half", "<img src"] {
        assert!(!page.contains(mark), "{mark}");
    }
    assert!(page.contains("&lt;script&gt;"));
}

#[test]
fn the_page_needs_nothing_from_outside_and_every_chart_is_drawn_twice() {
    let case = hedged_treasury(&prices(200, 6));
    let run = case.run();
    let report = measure(&run);
    let charts = charts(&run, &report);
    let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
    assert_eq!(
        names,
        ["equity", "underwater", "rolling-variance-reduction", "hedge", "cost-risk", "explained"]
    );
    for chart in &charts {
        assert!(chart.svg.starts_with("<svg") && chart.svg.trim_end().ends_with("</svg>"));
        assert!(chart.svg.contains("sans-serif") && !chart.alt.is_empty());
        let size = image::load_from_memory(&chart.png).map(|image| (image.width(), image.height()));
        assert_eq!(size.unwrap(), (1920, 1080));
    }
    let page = html(&run, &report, &charts);
    for mark in ["src=", "href=", "@import", "url("] {
        assert!(!page.contains(mark), "{mark}");
    }
    let order = [
        "Comparison",
        "Assumptions",
        "Data quality",
        "Charts",
        "Statistics",
        "Scenario, as resolved",
    ];
    let places: Vec<usize> = order.iter().map(|heading| page.find(heading).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
}

/// Found: the names of 25 strategies lay over one another; and the chart of the hedge left out option legs without a word.
#[test]
fn charts_say_how_many_of_many_strategies_they_show() {
    let spot = prices(200, 6);
    let mut case = hedged_treasury(&spot);
    for k in 0..21 {
        let mut ledger = case.ledgers[1].clone();
        ledger.strategy = format!("strategy {k}");
        case.ledgers.push(ledger);
    }
    let mut two = case.ledgers[1].clone();
    two.strategy = "collar".to_owned();
    two.legs[0].contract = None;
    let mut call = two.legs[0].clone();
    (two.legs[0].name, call.name) = ("put".to_owned(), "call".to_owned());
    two.legs.push(call);
    case.ledgers.insert(1, two);
    let run = case.run();
    let report = measure(&run);
    let charts = charts(&run, &report);
    let alt = |name: &str| &charts.iter().find(|chart| chart.name == name).unwrap().alt;
    assert!(alt("cost-risk").ends_with("; the first 12 of 27 strategies"), "{}", alt("cost-risk"));
    let hedge = alt("hedge");
    assert!(
        hedge.contains("a panel each for: collar: put (options); collar: call (options); half"),
        "{hedge}"
    );
    assert!(hedge.ends_with("; the first 8 of 27 panels"), "{hedge}");
}

/// Found: `summary.json` kept the last sentence of a topic and dropped those before it.
#[test]
fn a_topic_of_the_assumptions_keeps_all_its_sentences() {
    let mut case = treasury(&prices(40, 3), 10.0);
    case.assumptions = vec![
        ("Book".into(), "long 10 BTC".into()),
        ("Fees".into(), "5 bps of notional".into()),
        ("Book".into(), "short 5 calls".into()),
    ];
    let summary: serde_json::Value =
        serde_json::from_str(&summary_json(&measure(&case.run()))).unwrap();
    let expected = serde_json::json!({
        "Book": ["long 10 BTC", "short 5 calls"],
        "Fees": ["5 bps of notional"],
    });
    assert_eq!(summary["assumptions"], expected);
}

/// Each leg's lines add up to what it earned, and with the book's to the strategy's.
#[test]
fn legs_are_explained_line_by_line() {
    let report = measure(&hedged_treasury(&prices(120, 3)).run());
    for strategy in &report.strategies {
        for leg in &strategy.legs {
            let earned = leg.price_pnl + leg.carry - leg.trading;
            assert!((leg.pnl() - earned).abs() < 1e-9 * earned.abs().max(1.0), "{}", leg.name);
            assert!((leg.line(Line::Carry) - leg.carry).abs() < 1e-9);
        }
    }
}

/// Delta explains coins and a perp that is marked at spot; the opposite of it explains nothing.
#[test]
fn attribution_is_perfect_where_delta_is_all_there_is() {
    let mut case = hedged_treasury(&prices(400, 3));
    let found = measure(&case.run()).strategies[0].attribution.clone().unwrap();
    assert!((found.last.spearman - 1.0).abs() < 1e-12 && found.last.ks == 0.0);
    assert_eq!((found.n_days, found.windows.as_slice()), (250, &[Zone::Green; 3][..]));
    case.ledgers[0].explained.line_mut(Line::Delta).iter_mut().for_each(|pnl| *pnl = -*pnl);
    let found = measure(&case.run()).strategies[0].attribution.clone().unwrap();
    assert!((found.last.spearman + 1.0).abs() < 1e-12 && found.last.zone() == Zone::Red);
}

#[test]
fn attribution_says_why_it_has_no_figures() {
    let found = |case: &Case| measure(&case.run()).strategies[0].attribution.clone();
    let short = found(&treasury(&prices(20, 3), 10.0)).unwrap_err();
    assert_eq!(short.to_string(), "19 days of P&L, fewer than 30");
    let flat = found(&treasury(&[100.0; 40], 10.0)).unwrap_err();
    assert_eq!(flat.to_string(), "the P&L does not vary");
}
