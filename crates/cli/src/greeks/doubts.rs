//! Figures that no market has, and that most likely are in another unit.

use hedgerow_data::Sheet;
use hedgerow_greeks::{Cells, Model};
use hedgerow_report::format::{counted, decimals};

use super::input::{Input, option};
use crate::args::GreeksArgs;

/// A vol above it is told: that of no option, but that of most when it is in per cent.
const HIGH_VOL: f64 = 5.0;

/// A rate or a carry that is larger, up or down, is told: 1 is 100 % per year.
const HIGH_RATE: f64 = 1.0;

/// A sentence for each input with such figures.
pub(super) fn of(input: &Input, (sheet, args): (&Sheet, &GreeksArgs)) -> Vec<String> {
    let is_decimal = |row: usize| input.models[row] != Some(Model::Bachelier);
    let vol_unit = match args.unit {
        Some(_) => "",
        None => "; are they in per cent? then say --unit percent",
    };
    let rate_unit = "; are they in per cent? 5 % per year is 0.05";
    let told = [
        Doubted { role: "vol", limit: HIGH_VOL, question: vol_unit }.told(
            sheet,
            input.table.vol.as_ref(),
            |row, vol| vol > HIGH_VOL && is_decimal(row),
        ),
        Doubted { role: "rate", limit: HIGH_RATE, question: rate_unit }.told(
            sheet,
            input.table.rate.as_ref(),
            |_, rate| rate.abs() > HIGH_RATE,
        ),
        Doubted { role: "carry", limit: HIGH_RATE, question: rate_unit }.told(
            sheet,
            input.table.carry.as_ref(),
            |_, carry| carry.abs() > HIGH_RATE,
        ),
    ];
    told.into_iter().flatten().collect()
}

/// An input that is looked at.
struct Doubted {
    role: &'static str,
    /// Decimal.
    limit: f64,
    /// What is asked and advised.
    question: &'static str,
}

impl Doubted {
    /// How many rows are beyond the limit, and the first of them; `None` where none is.
    fn told(
        &self,
        sheet: &Sheet,
        cells: Option<&Cells<f64>>,
        is_high: impl Fn(usize, f64) -> bool,
    ) -> Option<String> {
        let cells = cells?;
        let is_told = |row: usize, figure: f64| figure.is_finite() && is_high(row, figure);
        let high = |row: usize| Some((row, cells.at(row).filter(|figure| is_told(row, *figure))?));
        let mut rows = (0..sheet.n_rows()).filter_map(high);
        let (first, figure) = rows.next()?;
        let count = 1 + rows.count();
        let Self { role, limit, question } = self;
        let side = if figure < 0.0 { "below" } else { "above" };
        let beyond = format!("{side} {}", percent(limit.copysign(figure)));
        let shown = percent(figure);
        Some(match cells {
            Cells::One(_) => {
                let question = question.replace("are they", "is it");
                format!("warning: {} is {shown} %, {beyond} %{question}", option(role))
            }
            Cells::Each(_) => format!(
                "warning: {} {beyond} %, the first in {}: {shown} %{question}",
                counted(count, if *role == "carry" { "carry figure" } else { role }),
                sheet.place(first)
            ),
        })
    }
}

/// `6,500`, or `6.5e12` for what no figure is.
fn percent(fraction: f64) -> String {
    let percent = 100.0 * fraction;
    if percent.abs() < 1e8 { decimals(percent, 0) } else { format!("{percent:e}") }
}
