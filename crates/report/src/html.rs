//! One self-contained page: readable offline, on a phone, in the light and in the dark.
//!
//! The template sets what [`Page`] says; every text in it is escaped there, but for the style and the pictures, which
//! are ours.

mod page;
mod verdict;

use minijinja::value::Serde;
use minijinja::{Environment, Error, State, Value, context};

use crate::{Chart, Report, Run};
use page::Page;

/// `index.html` of a run.
///
/// # Panics
/// When the report is not of this run.
pub fn html(run: &Run<'_>, report: &Report, charts: &[Chart]) -> String {
    assert_eq!(run.ledgers.len(), report.strategies.len(), "strategies of the run and its report");
    (run.progress)("page");
    let page = Page::new(run, report, charts);
    render(&page).expect("the templates are part of the crate and tested")
}

fn render(page: &Page<'_>) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.add_template("index.html", include_str!("../templates/index.html"))?;
    environment.add_template("table.html", include_str!("../templates/table.html"))?;
    environment.add_function("table", table);
    let style = include_str!("../templates/style.css");
    let page = Value::from(Serde(page));
    environment.get_template("index.html")?.render(context! { page, style })
}

/// A table as markup, its texts escaped.
fn table(state: &State<'_, '_>, table: Value) -> Result<Value, Error> {
    let markup = state.env().get_template("table.html")?.render(context! { table })?;
    Ok(Value::from_safe_string(markup))
}
