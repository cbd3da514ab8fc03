//! An error in a scenario file, shown where it stands: line, column, the line itself, and the nearest known word.

use std::fmt;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use hedgerow_core::registry::SettingError;

/// An error with its file.
#[derive(Debug)]
pub(crate) struct ScenarioError {
    rendered: String,
}

impl ScenarioError {
    /// Points at the place of `error` in `text`, the content of `file`.
    pub(crate) fn new(error: &SettingError, file: &str, text: &str) -> Self {
        let message = with_nearest(&error.message);
        let Some(span) = error.span.clone().filter(|span| span.end <= text.len()) else {
            return Self { rendered: format!("{file}: {message}") };
        };
        let (line, column) = position(text, span.start);
        let place = format!("{file}: line {line}, column {column}: {message}");
        let annotation = AnnotationKind::Primary.span(first_line(text, span));
        let snippet = Snippet::source(text).path(file).annotation(annotation);
        let report = Renderer::plain()
            .render(&[Level::ERROR.primary_title(place.as_str()).element(snippet)]);
        let rendered = report.strip_prefix("error: ").map(str::to_owned).unwrap_or(report);
        Self { rendered }
    }
}

impl fmt::Display for ScenarioError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.rendered)
    }
}

impl std::error::Error for ScenarioError {}

/// Line and column, from 1.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = &text[..byte];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

/// The part of a span on its first line: a table's span may run over many.
fn first_line(text: &str, span: Range<usize>) -> Range<usize> {
    let end =
        text[span.start..span.end].find('\n').map_or(span.end, |newline| span.start + newline);
    span.start..end.max(span.start)
}

/// Adds ``did you mean `half_width`?`` to messages of the forms ``unknown … `widht`; known: a, b`` (ours) and
/// ``unknown field `widht`, expected one of `a`, `b` `` (serde's).
fn with_nearest(message: &str) -> String {
    let words = || message.split('`').skip(1).step_by(2);
    let Some(unknown) = words().next().filter(|_| message.contains("unknown ")) else {
        return message.to_owned();
    };
    let listed = message
        .split("known: ")
        .last()
        .filter(|_| message.contains("; known: "))
        .unwrap_or_default();
    let candidates = words().skip(1).chain(listed.split(", ").map(|word| word.trim_matches('`')));
    let nearest = candidates
        .filter(|word| *word != unknown)
        .map(|word| (word, strsim::jaro_winkler(word, unknown)))
        .filter(|(_, likeness)| *likeness > 0.75)
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match nearest {
        Some((word, _)) => format!("{message}; did you mean `{word}`?"),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_named() {
        for (message, nearest) in [
            ("unknown key `widht` in [x]; known: `width`, `height`", Some("width")),
            (
                "unknown field `slipage_bps`, expected one of `fee_bps`, `slippage_bps`",
                Some("slippage_bps"),
            ),
            ("unknown rule `delta_bnd`; known: clock, delta_band", Some("delta_band")),
            ("unknown rule `zebra`; known: clock, delta_band", None),
        ] {
            let found = with_nearest(message);
            match nearest {
                Some(word) => assert_eq!(found, format!("{message}; did you mean `{word}`?")),
                None => assert_eq!(found, message),
            }
        }
    }

    #[test]
    fn an_error_is_shown_where_it_stands() {
        let text = "name = \"x\"\n[costs]\nwidht = 3\n";
        let error = SettingError::at(19..24, "unknown key `widht` in [costs]; known: `width`");
        let shown = ScenarioError::new(&error, "my.toml", text).to_string();
        assert!(shown.starts_with("my.toml: line 3, column 1: unknown key `widht` in [costs]; known: `width`; did you mean `width`?"), "{shown}");
        assert!(shown.contains("3 | widht = 3"), "{shown}");
    }
}
