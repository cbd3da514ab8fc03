//! How much of a series there is, against its own grid.

use hedgerow_core::{Quality, SeriesQuality, Severity};

use crate::format::{UNKNOWN, counted, decimals};

/// Rows of a series and rows that its step asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Presence {
    /// Rows kept.
    pub(crate) rows: u64,
    /// Stamps `first`, `first + step`, … up to `last`; `None` without a step.
    pub(crate) expected: Option<u64>,
}

impl Presence {
    pub(crate) fn of(series: &SeriesQuality) -> Self {
        let expected = stamps_to(series, series.last.millis()).filter(|expected| *expected > 0);
        Self { rows: u64::try_from(series.n_rows).unwrap_or(u64::MAX), expected }
    }

    /// Expected rows that are absent, net of rows beyond the grid.
    pub(crate) fn absent(self) -> Option<u64> {
        Some(self.expected?.saturating_sub(self.rows))
    }

    /// Rows over expected rows; above 1 where rows lie between the stamps of the grid.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(crate) fn share(self) -> Option<f64> {
        Some(self.rows as f64 / self.expected? as f64)
    }

    /// The share in percent, rounded down: 100 % means that no row is absent.
    pub(crate) fn text(self) -> String {
        let Some(expected) = self.expected else {
            return UNKNOWN.to_owned();
        };
        let hundredths = u128::from(self.rows) * 10_000 / u128::from(expected);
        if hundredths == 0 && self.rows > 0 {
            return "< 0.01 %".to_owned();
        }
        let percent = u32::try_from(hundredths).map_or(f64::INFINITY, f64::from) / 100.0;
        let places = if hundredths.is_multiple_of(10_000) { 0 } else { 2 };
        format!("{} %", decimals(percent, places))
    }
}

/// Stamps of the series' grid up to an instant: its first stamp and every step after it; `None` without a step.
pub(crate) fn stamps_to(series: &SeriesQuality, millis: i64) -> Option<u64> {
    let step = i128::from(series.step_millis.filter(|step| *step > 0)?);
    let since = i128::from(millis.min(series.last.millis())) - i128::from(series.first.millis());
    let stamps = if since < 0 { 0 } else { since / step + 1 };
    Some(u64::try_from(stamps).unwrap_or(u64::MAX))
}

/// One word: `clean`, `notes`, `warnings`, or `refused` when a file could not be read.
pub(crate) fn verdict(quality: &Quality, refused: &[String]) -> &'static str {
    if refused.is_empty() { quality.verdict() } else { "refused" }
}

/// `2 warnings`, `1 note` or `clean`: the worst of what was found.
pub(crate) fn worst(series: &SeriesQuality) -> String {
    let count = |severity: Severity| {
        series.findings.iter().filter(|finding| finding.severity == severity).count()
    };
    match (count(Severity::Warning), count(Severity::Note)) {
        (0, 0) => "clean".to_owned(),
        (0, notes) => counted(notes, "note"),
        (warnings, _) => counted(warnings, "warning"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_absent_row_of_many_is_not_100_percent() {
        let presence = |rows, expected| Presence { rows, expected: Some(expected) };
        assert_eq!(presence(999_999, 1_000_000).text(), "99.99 %");
        assert_eq!(presence(1_000_000, 1_000_000).text(), "100 %");
        assert_eq!(presence(3, 2).text(), "150.00 %");
        assert_eq!(presence(1, 1_000_000).text(), "< 0.01 %");
        assert_eq!(presence(0, 5).text(), "0 %");
        assert_eq!(Presence { rows: 1, expected: None }.text(), "n/a");
    }
}
