//! Data of known quality: series made from their stamps.

use hedgerow_core::{
    Coverage, Defect, Finding, MILLIS_PER_DAY, Mark, Quality, SeriesQuality, Severity, Timestamp,
};

pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = MILLIS_PER_DAY;

/// Milliseconds of an instant as text.
pub(crate) fn at(text: &str) -> i64 {
    Timestamp::parse(text).expect("a written instant").millis()
}

/// A series with these stamps, its rows counted by day.
pub(crate) fn series(name: &str, stamps: &[i64], step: Option<i64>) -> SeriesQuality {
    let day = |stamp: i64| (stamp - 1).div_euclid(DAY);
    let (first, last) = (stamps[0], stamps[stamps.len() - 1]);
    let n_days = usize::try_from(day(last) - day(first) + 1).expect("ascending stamps");
    let mut rows_per_day = vec![0; n_days];
    for stamp in stamps {
        rows_per_day[usize::try_from(day(*stamp) - day(first)).expect("ascending stamps")] += 1;
    }
    SeriesQuality {
        name: name.to_owned(),
        source: format!("{name}.csv"),
        format: "generic".to_owned(),
        n_rows: stamps.len(),
        first: Timestamp::from_millis(first),
        last: Timestamp::from_millis(last),
        step_millis: step,
        findings: Vec::new(),
        coverage: Coverage { first_day: day(first), rows_per_day },
        marks: Vec::new(),
    }
}

/// Stamps from `from` up to `to`, but for those inside `gaps`, whose ends are absent too.
pub(crate) fn stamps(from: &str, to: &str, step: i64, gaps: &[(&str, &str)]) -> Vec<i64> {
    let gaps: Vec<(i64, i64)> = gaps.iter().map(|(from, to)| (at(from), at(to))).collect();
    let (mut stamp, to) = (at(from), at(to));
    let mut stamps = Vec::new();
    while stamp <= to {
        if !gaps.iter().any(|(from, to)| (*from..=*to).contains(&stamp)) {
            stamps.push(stamp);
        }
        stamp += step;
    }
    stamps
}

pub(crate) fn found(
    series: &mut SeriesQuality,
    defect: Defect,
    severity: Severity,
    from: &str,
    to: &str,
) {
    let (from, to) = (Timestamp::from_millis(at(from)), Timestamp::from_millis(at(to)));
    series.marks.push(Mark { defect, from, to });
    match series.findings.iter_mut().find(|finding| finding.defect == defect) {
        Some(finding) => finding.count += 1,
        None => series.findings.push(Finding {
            defect,
            severity,
            count: 1,
            first: Some(from),
            detail: "found in the file; rows kept as they are".to_owned(),
        }),
    }
}

/// Ten years of minutes, daily bars and eight-hourly funding, with a defect of every group.
pub(crate) fn long() -> Quality {
    let gaps = [
        ("2015-03-01", "2015-04-20"),
        ("2018-07-01", "2018-07-03"),
        ("2021-01-01", "2021-01-01T05:00"),
    ];
    let mut minutes =
        series("BTC spot", &stamps("2014-01-01", "2024-01-01", MINUTE, &gaps), Some(MINUTE));
    for (from, to) in gaps {
        found(&mut minutes, Defect::Gap, Severity::Warning, from, to);
    }
    found(&mut minutes, Defect::Spike, Severity::Warning, "2017-06-22T08:30", "2017-06-22T08:30");
    found(&mut minutes, Defect::StaleRun, Severity::Warning, "2019-02-01", "2019-04-01");
    found(&mut minutes, Defect::BadValue, Severity::Warning, "2016-02-01", "2016-02-01");
    found(&mut minutes, Defect::Duplicate, Severity::Note, "2020-02-01", "2020-02-01");
    found(&mut minutes, Defect::Volume, Severity::Note, "2022-02-01", "2022-02-01");
    let daily = series("ETH spot", &stamps("2017-08-18", "2024-01-01", DAY, &[]), Some(DAY));
    let mut funding = series(
        "BTC funding, Binance USDⓈ-M perpetual, eight-hourly, settled",
        &stamps("2019-09-10T08:00", "2023-06-30", 8 * HOUR, &[("2020-05-01", "2020-08-01")]),
        Some(8 * HOUR),
    );
    found(&mut funding, Defect::Gap, Severity::Warning, "2020-05-01", "2020-08-01");
    Quality {
        series: vec![minutes, daily, funding],
        assumptions: vec!["a bar is known at its end".to_owned()],
    }
}

/// Half an hour of minutes.
pub(crate) fn short() -> Quality {
    let gap = ("2024-03-05T10:11", "2024-03-05T10:14");
    let mut minutes = series(
        "BTC spot",
        &stamps("2024-03-05T10:00", "2024-03-05T10:30", MINUTE, &[gap]),
        Some(MINUTE),
    );
    found(&mut minutes, Defect::Gap, Severity::Warning, gap.0, gap.1);
    Quality { series: vec![minutes], assumptions: Vec::new() }
}

/// One row.
pub(crate) fn one_row() -> Quality {
    let row = series("BTC chain", &[at("2024-03-05T10:00")], None);
    Quality { series: vec![row], assumptions: Vec::new() }
}

/// Many series of a quarter, every third with gaps of growing length, some not counted by day.
pub(crate) fn many(n_series: u32) -> Quality {
    let of = |index: u32| {
        let days = 1 + index % 20;
        let end = format!("2024-02-{:02}", days.max(2));
        let gap = ("2024-02-01T03:00", end.as_str());
        let gaps = if index.is_multiple_of(3) { vec![gap] } else { Vec::new() };
        let name = format!("option {index:02} call");
        let mut made = series(&name, &stamps("2024-01-01", "2024-03-31", HOUR, &gaps), Some(HOUR));
        if index.is_multiple_of(3) {
            found(&mut made, Defect::Gap, Severity::Warning, gap.0, gap.1);
        }
        if index % 10 == 6 {
            made.coverage = Coverage::default();
        }
        made
    };
    Quality { series: (0..n_series).map(of).collect(), assumptions: Vec::new() }
}

/// Texts that try to leave their place.
pub(crate) fn hostile() -> Quality {
    let mut quality = short();
    let series = &mut quality.series[0];
    series.name = "<script>alert(1)</script> & \"x\" 'y' \u{1b}[31m\u{0}\u{202e}".to_owned();
    series.source = "</style><img src=x onerror=alert(2)>".to_owned();
    series.format = "]]>&nbsp;".to_owned();
    series.findings[0].detail = "<b onclick='x'>{{ page }}</b>".to_owned();
    quality.assumptions = vec!["<iframe>".to_owned()];
    quality
}
