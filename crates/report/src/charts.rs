//! Charts: the same picture as SVG and as PNG.
//!
//! A chart is a pure function from numbers to a [`Figure`](figure::Figure), a list of lines, areas and texts; two painters
//! draw the list. Both know a bare machine only: the font of the PNG is embedded, the SVG asks for a generic sans-serif.

mod axis;
mod cost_risk;
mod curves;
mod explained;
mod figure;
mod hedge;
mod lines;
mod palette;
mod png;
mod raster;
mod svg;
mod text;

use rayon::prelude::*;

use crate::{Report, Run};
use figure::Figure;

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// File name without extension: `equity`.
    pub name: &'static str,
    /// Heading.
    pub title: String,
    /// What the picture shows, in words, for those who cannot see it.
    pub alt: String,
    /// SVG, self-contained; its text is in a generic sans-serif.
    pub svg: String,
    /// PNG, 1920 × 1080.
    pub png: Vec<u8>,
}

/// A figure and what is said about it.
struct Drawing {
    name: &'static str,
    title: String,
    alt: String,
    figure: Figure,
}

/// Every chart that the run has the numbers for.
///
/// # Panics
/// When the report is not of this run.
pub fn charts(run: &Run<'_>, report: &Report) -> Vec<Chart> {
    run.check();
    assert_eq!(run.ledgers.len(), report.strategies.len(), "strategies of the run and its report");
    (run.progress)("charts");
    let draw: [fn(&Run<'_>, &Report) -> Option<Drawing>; 6] = [
        curves::equity,
        curves::underwater,
        curves::rolling_variance_reduction,
        hedge::hedge,
        cost_risk::cost_risk,
        explained::explained,
    ];
    let drawings: Vec<Drawing> =
        draw.into_par_iter().filter_map(|draw| draw(run, report)).collect();
    drawings
        .into_par_iter()
        .map(|Drawing { name, title, alt, figure }| {
            let (svg, png) = rayon::join(|| svg::paint(&figure, &alt), || png::paint(&figure));
            Chart { name, title, alt, svg, png }
        })
        .collect()
}
