//! The verdict on data as JSON, as a picture and as a page.
#![allow(clippy::unwrap_used, clippy::cast_precision_loss, reason = "tests: known inputs")]

mod cases;

use cases::{HOUR, hostile, long, many, one_row, series, short, stamps};
use hedgerow_core::{Coverage, Defect, MAX_MARKS, Mark, Quality, Severity, Timestamp};
use hedgerow_report::{Chart, quality_charts, quality_json, quality_page};
use image::{GenericImageView, Rgba};
use serde_json::{Value, json};

const FULL: [u8; 3] = [0x1F, 0x63, 0xA6];
const ABSENT: [u8; 3] = [0xFF, 0xE6, 0x1A];

fn every_case() -> Vec<Quality> {
    vec![long(), short(), one_row(), many(7), hostile(), Quality::default()]
}

fn value(quality: &Quality, refused: &[String]) -> Value {
    serde_json::from_str(&quality_json(quality, refused)).unwrap()
}

fn only_chart(quality: &Quality) -> Chart {
    let mut charts = quality_charts(quality, &[]);
    assert_eq!(charts.len(), 1);
    charts.remove(0)
}

/// Every text of a picture, unescaped.
fn texts(chart: &Chart) -> Vec<String> {
    let document = roxmltree::Document::parse(&chart.svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

/// Pixels of a colour in a picture.
fn pixels_of(chart: &Chart, [red, green, blue]: [u8; 3]) -> usize {
    let picture = image::load_from_memory(&chart.png).unwrap();
    picture.pixels().filter(|(_, _, pixel)| *pixel == Rgba([red, green, blue, 255])).count()
}

#[test]
fn json_of_half_an_hour() {
    let found = value(&short(), &["`x.csv`: empty".to_owned()]);
    let expected = json!({
        "schema": 1,
        "verdict": "refused",
        "warnings": 1,
        "notes": 0,
        "refused": ["`x.csv`: empty"],
        "assumptions": [],
        "series": [{
            "name": "BTC spot",
            "source": "BTC spot.csv",
            "format": "generic",
            "rows": 27,
            "first": "2024-03-05T10:00:00Z",
            "last": "2024-03-05T10:30:00Z",
            "step_ms": 60_000,
            "rows_expected": 31,
            "rows_absent": 4,
            "coverage": 27.0 / 31.0,
            "findings": [{
                "defect": "gap",
                "severity": "warning",
                "count": 1,
                "first": "2024-03-05T10:11:00Z",
                "detail": "found in the file; rows kept as they are",
            }],
            "marks": [{
                "defect": "gap",
                "from": "2024-03-05T10:11:00Z",
                "to": "2024-03-05T10:14:00Z",
            }],
        }],
    });
    assert_eq!(found, expected);
}

#[test]
fn json_keeps_every_number_and_text() {
    for quality in every_case() {
        let found = value(&quality, &[]);
        assert_eq!(found["verdict"], quality.verdict());
        assert_eq!(found["series"].as_array().unwrap().len(), quality.series.len());
        for (found, series) in found["series"].as_array().unwrap().iter().zip(&quality.series) {
            assert_eq!(found["name"], series.name);
            assert_eq!(found["source"], series.source);
            assert_eq!(found["rows"], series.n_rows);
            assert_eq!(found["step_ms"].as_i64(), series.step_millis);
            let instant = |text: &Value| Timestamp::parse(text.as_str().unwrap()).unwrap();
            assert_eq!(instant(&found["first"]), series.first);
            assert_eq!(instant(&found["last"]), series.last);
            let marks = found["marks"].as_array().unwrap();
            assert_eq!(marks.len(), series.marks.len());
            for (found, mark) in marks.iter().zip(&series.marks) {
                let ends = (instant(&found["from"]), instant(&found["to"]));
                assert_eq!(ends, (mark.from, mark.to));
                assert_eq!(found["defect"], mark.defect.key());
            }
            let findings = found["findings"].as_array().unwrap();
            for (found, finding) in findings.iter().zip(&series.findings) {
                assert_eq!(found["count"], finding.count);
                assert_eq!(found["detail"], finding.detail);
            }
        }
    }
}

#[test]
fn unknown_is_null() {
    let found = value(&one_row(), &[]);
    let row = &found["series"][0];
    for key in ["step_ms", "rows_expected", "rows_absent", "coverage"] {
        assert!(row[key].is_null() && row.get(key).is_some(), "{key}");
    }
    assert_eq!(found["verdict"], "clean");
}

#[test]
fn the_same_verdict_gives_the_same_bytes() {
    for quality in every_case() {
        assert_eq!(quality_charts(&quality, &[]), quality_charts(&quality, &[]));
        assert_eq!(quality_page(&quality, &[]), quality_page(&quality, &[]));
        assert_eq!(quality_json(&quality, &[]), quality_json(&quality, &[]));
    }
}

#[test]
fn pictures_name_their_series_and_what_occurs() {
    let found = texts(&only_chart(&long()));
    for expected in [
        "Data quality: warnings",
        "2014-01-01 to 2024-01-01 UTC; a cell is 10 days, its colour is rows present in percent of rows due",
        "BTC spot",
        "ETH spot",
        "5,183,698 rows, every 1 min",
        "98.57 % present",
        "4 warnings",
        "clean",
        "0 %",
        "100 %",
        "gap",
        "stale or repeated",
        "spike or jump",
        "unusable value",
        "off the grid, duplicate or out of order",
        "other (volume, forward, symbol, layout)",
        "time, UTC",
        "2019",
    ] {
        assert!(found.iter().any(|text| text == expected), "{expected}: {found:?}");
    }
    let found = texts(&only_chart(&short()));
    assert!(
        found.iter().any(|text| text == "gap") && !found.iter().any(|text| text == "spike or jump")
    );
    let found = texts(&only_chart(&one_row()));
    assert!(!found.iter().any(|text| text == "found" || text == "gap"), "{found:?}");
}

#[test]
fn pictures_are_not_blank_and_have_the_size_they_say() {
    for quality in every_case() {
        for chart in quality_charts(&quality, &[]) {
            let picture = image::load_from_memory(&chart.png).unwrap();
            let document = roxmltree::Document::parse(&chart.svg).unwrap();
            let size =
                |name| document.root_element().attribute(name).unwrap().parse::<u32>().unwrap();
            assert_eq!(picture.dimensions(), (2 * size("width"), 2 * size("height")));
            assert_eq!(picture.width(), 1920);
            let paper = Rgba([255, 255, 255, 255]);
            let ink = picture.pixels().filter(|(_, _, pixel)| *pixel != paper).count();
            assert!(ink > 5000, "{ink}");
        }
    }
}

/// A quarter of hours with the whole of the 20th of February absent: one cell of 91, 12.66 pixels of the 1152, is
/// absent, and so is one swatch of the legend.
#[test]
fn an_absent_day_is_one_cell() {
    let (from, to) = ("2024-01-01T01:00", "2024-04-01");
    let with = |gaps| Quality {
        series: vec![series("x", &stamps(from, to, HOUR, gaps), Some(HOUR))],
        assumptions: Vec::new(),
    };
    let whole = only_chart(&with(&[]));
    let holed = only_chart(&with(&[("2024-02-20T01:00", "2024-02-21")]));
    let cell = pixels_of(&holed, ABSENT) - pixels_of(&whole, ABSENT);
    assert_eq!(pixels_of(&whole, FULL) - pixels_of(&holed, FULL), cell);
    assert!((12 * 40..=13 * 40).contains(&cell), "{cell}");
}

#[test]
fn a_series_that_is_not_counted_by_day_has_no_share_drawn() {
    let mut quality = many(1);
    quality.series[0].coverage = Coverage::default();
    let chart = only_chart(&quality);
    assert_eq!(pixels_of(&chart, FULL), 0);
    assert!(pixels_of(&chart, ABSENT) > 0, "its gap is drawn");
    let found = texts(&chart);
    let note = "grey: rows not counted by day; from first to last row, less the gaps found";
    assert!(found.iter().any(|text| text == note), "{found:?}");
}

#[test]
fn many_series_are_several_pictures() {
    let charts = quality_charts(&many(45), &[]);
    let names: Vec<&str> = charts.iter().map(|chart| chart.name.as_str()).collect();
    assert_eq!(names, ["coverage", "coverage-2"]);
    let all: Vec<String> = charts.iter().flat_map(texts).collect();
    for series in many(45).series {
        assert_eq!(all.iter().filter(|text| **text == series.name).count(), 1, "{}", series.name);
    }
    let on_first = texts(&charts[0]).iter().filter(|text| text.starts_with("option")).count();
    assert_eq!(on_first, 40);
    assert_eq!(charts[1].title, "Data quality: warnings (2 of 2)");
}

#[test]
fn a_thousand_marks_are_a_small_picture_and_said_to_be_all_that_is_shown() {
    let mut quality = long();
    let series = &mut quality.series[0];
    let (first, last) = (series.first.millis(), series.last.millis());
    series.marks = (0..MAX_MARKS)
        .map(|mark| first + i64::try_from(mark).unwrap() * (last - first) / 1000)
        .map(Timestamp::from_millis)
        .map(|time| Mark { defect: Defect::Duplicate, from: time, to: time })
        .collect();
    let chart = only_chart(&quality);
    assert!(chart.svg.len() < 60_000, "{}", chart.svg.len());
    let note = "only the first 1,000 places of a series are marked";
    assert!(texts(&chart).iter().any(|text| text == note));
}

#[test]
fn texts_cannot_leave_their_place() {
    let quality = hostile();
    let refused = ["<script>alert(3)</script>".to_owned()];
    let chart = quality_charts(&quality, &refused).remove(0);
    roxmltree::Document::parse(&chart.svg).unwrap();
    assert!(chart.svg.contains("&lt;script&gt;") && chart.alt.contains("<script>"));
    let page = quality_page(&quality, &refused);
    for tag in ["<script", "<img", "<iframe", "<b ", "\u{1b}", "\u{0}", "\u{202e}"] {
        assert!(!page.contains(tag), "{tag}");
    }
    assert_eq!(page.matches("</style>").count(), 1);
    assert!(page.contains("{{ page }}"), "a template in a text stays text");
}

#[test]
fn the_page_says_everything() {
    let quality = long();
    let page = quality_page(&quality, &["`x.csv`: empty".to_owned()]);
    for expected in [
        "<svg role=\"img\"",
        "At least one file could not be read",
        "`x.csv`: empty",
        "a bar is known at its end",
        "2015-03-01T00:00:00Z",
        "Price spikes",
        "98.57 %",
        "75,183",
        "8 h",
        "4 warnings",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    for series in &quality.series {
        assert!(page.contains(&series.name) && page.contains(&series.source));
    }
    let links = page.matches("http").count();
    assert_eq!(links, page.matches("http://www.w3.org/2000/svg").count(), "self-contained");
    assert!(quality_page(&Quality::default(), &[]).contains("No series could be loaded."));
}

/// Stamps far beyond every calendar, series that end before they start and impossible steps are drawn, not a panic.
#[test]
fn nonsense_does_not_panic() {
    let spans = [
        (i64::MIN, i64::MAX),
        (i64::MAX, i64::MIN),
        (-8_334_601_228_800_000, 0),
        (0, i64::MAX),
        (5, 4),
    ];
    for (first, last) in spans {
        for step in [None, Some(0), Some(-1), Some(1), Some(i64::MAX)] {
            for first_day in [i64::MIN, 0, i64::MAX] {
                let mut quality = short();
                let series = &mut quality.series[0];
                series.first = Timestamp::from_millis(first);
                series.last = Timestamp::from_millis(last);
                series.step_millis = step;
                series.coverage.first_day = first_day;
                let page = quality_page(&quality, &[]);
                assert!(page.contains("BTC spot") && !page.contains("NaN"));
                value(&quality, &[]);
            }
        }
    }
    let mut quality = short();
    quality.series[0].name = "x".repeat(1_000_000);
    cases::found(
        &mut quality.series[0],
        Defect::Jump,
        Severity::Warning,
        "1970-01-01",
        "2200-01-01",
    );
    assert!(only_chart(&quality).svg.len() < 20_000);
}
