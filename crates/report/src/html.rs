//! stub
use crate::{Chart, Report, Run};
/// Page.
pub fn html(_run: &Run<'_>, _report: &Report, _charts: &[Chart]) -> String { String::new() }
