//! One self-contained page: readable offline, on a phone, in the light and in the dark.
//!
//! The template sets what [`Page`] says; every text in it is escaped there, but for the style and the pictures, which
//! are ours.

mod account;
mod page;
mod quality;
mod strategy;
mod surface;
mod verdict;

use hedgerow_core::Quality;
use minijinja::value::Serde;
use minijinja::{Environment, Error, State, Value, context};

use crate::{Chart, Report, Run, SurfaceReport, charts::quality_svgs};
use page::Page;
use quality::QualityPage;
use serde::Serialize;
use surface::SurfacePage;

/// `index.html` of a run.
///
/// # Panics
/// When the report is not of this run.
pub fn html(run: &Run<'_>, report: &Report, charts: &[Chart]) -> String {
    assert_eq!(run.ledgers.len(), report.strategies.len(), "strategies of the run and its report");
    (run.progress)("page");
    let page = Page::new(run, report, charts);
    render("index.html", &page).expect("the templates are part of the crate and tested")
}

/// The verdict on data as one self-contained page: the coverage of series, what was found in each, what is assumed, and
/// `refused`, a sentence per file that could not be read.
///
/// # Panics
/// Never: the templates are part of the crate and tested.
pub fn quality_page(quality: &Quality, refused: &[String]) -> String {
    let page = QualityPage::new(quality, refused, quality_svgs(quality, refused));
    render("quality.html", &page).expect("the templates are part of the crate and tested")
}

/// What was fitted, and the verdict on it, a sentence each: chain and period, error, arbitrage, quotes.
pub fn surface_verdicts(report: &SurfaceReport) -> Vec<String> {
    let options = format!("{} options paid in {}", report.asset, report.paid_in);
    let mut sentences = vec![format!("{options}: {}.", surface::period(report))];
    sentences.extend(surface::verdicts(report));
    sentences
}

/// The fitted surfaces of a chain as one self-contained page; `charts` are those of [`surface_charts`](crate::surface_charts).
///
/// # Panics
/// When the report has no snapshot, or shows one that it does not have.
pub fn surface_page(report: &SurfaceReport, charts: &[Chart]) -> String {
    assert!(
        report.shown < report.snapshots.len(),
        "the snapshot that is shown is one of the report"
    );
    let charts = charts.iter().map(|chart| chart.svg.as_str()).collect();
    render("surface.html", &SurfacePage::new(report, charts))
        .expect("the templates are part of the crate and tested")
}

fn render(name: &str, page: &impl Serialize) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.add_template("index.html", include_str!("../templates/index.html"))?;
    environment.add_template("quality.html", include_str!("../templates/quality.html"))?;
    environment.add_template("surface.html", include_str!("../templates/surface.html"))?;
    environment.add_template("table.html", include_str!("../templates/table.html"))?;
    environment.add_function("table", table);
    let style = include_str!("../templates/style.css");
    let page = Value::from(Serde(page));
    environment.get_template(name)?.render(context! { page, style })
}

/// A table as markup, its texts escaped.
fn table(state: &State<'_, '_>, table: Value) -> Result<Value, Error> {
    let markup = state.env().get_template("table.html")?.render(context! { table })?;
    Ok(Value::from_safe_string(markup))
}
