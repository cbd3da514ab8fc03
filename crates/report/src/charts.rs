//! Charts: the same picture as SVG and as PNG.
//!
//! A chart is a pure function from numbers to a [`Figure`](figure::Figure), a list of lines, areas and texts; two painters
//! draw the list. Both know a bare machine only: the font of the PNG is embedded, the SVG asks for a generic sans-serif.

mod axis;
mod cells;
mod cost_risk;
mod coverage;
mod curves;
mod defects;
mod explained;
mod figure;
mod hedge;
mod labels;
mod legend;
mod lines;
mod margin;
mod palette;
mod png;
mod raster;
mod smiles;
mod svg;
mod term_structure;
mod text;
mod tick_labels;

use hedgerow_core::Quality;
use rayon::prelude::*;

use crate::{Report, Run, SurfaceReport};
use figure::Figure;

/// One picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// File name without extension: `equity`.
    pub name: String,
    /// Heading.
    pub title: String,
    /// What the picture shows, in words, for those who cannot see it.
    pub alt: String,
    /// SVG, self-contained; its text is in a generic sans-serif.
    pub svg: String,
    /// PNG, 1920 pixels wide; 1080 high, but for the coverage of series and for smiles, which have a height for
    /// their number.
    pub png: Vec<u8>,
}

/// A figure and what is said about it.
struct Drawing {
    name: String,
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
    let draw: [fn(&Run<'_>, &Report) -> Option<Drawing>; 7] = [
        curves::equity,
        curves::underwater,
        curves::rolling_variance_reduction,
        hedge::hedge,
        cost_risk::cost_risk,
        explained::explained,
        margin::margin,
    ];
    let drawings: Vec<Drawing> =
        draw.into_par_iter().filter_map(|draw| draw(run, report)).collect();
    drawings.into_par_iter().map(painted).collect()
}

/// How much of each series there is through time, and where defects lie: a row of cells per series, up to 40 series a
/// picture.
///
/// `refused` are the files that could not be read, a sentence each; they are counted, not drawn. Without series there
/// is no picture. The names are `coverage`, `coverage-2` and so on.
pub fn quality_charts(quality: &Quality, refused: &[String]) -> Vec<Chart> {
    coverage::coverage(quality, refused).into_par_iter().map(painted).collect()
}

/// The smiles and the term structure of the snapshot that is shown: `smiles` where there is any, `term-structure` where
/// there are two.
pub fn surface_charts(report: &SurfaceReport) -> Vec<Chart> {
    let draw: [fn(&SurfaceReport) -> Option<Drawing>; 2] =
        [smiles::smiles, term_structure::term_structure];
    draw.into_par_iter().filter_map(|draw| draw(report)).map(painted).collect()
}

/// As [`quality_charts`], the SVG only.
pub(crate) fn quality_svgs(quality: &Quality, refused: &[String]) -> Vec<String> {
    let drawings = coverage::coverage(quality, refused);
    drawings.into_par_iter().map(|drawing| svg::paint(&drawing.figure, &drawing.alt)).collect()
}

fn painted(Drawing { name, title, alt, figure }: Drawing) -> Chart {
    let (svg, png) = rayon::join(|| svg::paint(&figure, &alt), || png::paint(&figure));
    Chart { name, title, alt, svg, png }
}
