//! Columns of a Polars table (Parquet, Arrow), each cast to what we use.

use polars::prelude::{Column, DataFrame, DataType, PolarsError, TimeUnit as PolarsUnit};

use crate::DataError;
use crate::formats::{Blank, Plan};
use crate::read::head::Head;
use crate::read::raw::{BadText, Places, Raw, RawColumn, StampKind, Symbols, UNREADABLE};
use crate::read::stamps;
use crate::source::TimeUnit;

/// A file, and the name of what it is.
pub(crate) type Source<'a> = (&'a str, &'static str);

/// Which columns of a file a plan needs, in the order of the file.
pub(crate) fn projection(plan: &Plan) -> Vec<usize> {
    let mut projection: Vec<usize> = plan.columns.iter().map(|column| column.index).collect();
    projection.push(plan.time);
    projection.extend(plan.symbol);
    projection.sort_unstable();
    projection.dedup();
    projection
}

/// The columns of `plan`, out of a table that has them.
pub(crate) fn raw(
    source: Source<'_>,
    head: &Head,
    plan: &Plan,
    frame: &DataFrame,
) -> Result<Raw, DataError> {
    let column = |index: usize| {
        frame.column(&head.names[index]).map_err(|error| format_error(source, &error))
    };
    let mut bad = Vec::new();
    let (time, stamps) = time(source, column(plan.time)?, plan, &mut bad)?;
    let mut columns = Vec::new();
    for (position, wanted) in plan.columns.iter().enumerate() {
        let found = column(wanted.index)?;
        let mut cells = numbers(found).map_err(|error| format_error(source, &error))?;
        let may_be_blank = wanted.role.may_be_blank() || plan.blank == Blank::Nothing;
        if !may_be_blank && cells.iter().any(|cell| cell.is_nan()) {
            mark_not_a_number(found, position, &mut cells, &mut bad);
        }
        let name = head.names[wanted.index].clone();
        columns.push(RawColumn { role: wanted.role, name, cells });
    }
    let symbols = match plan.symbol {
        Some(index) => Some(symbols(source, column(index)?)?),
        None => None,
    };
    Ok(Raw {
        time,
        stamps,
        time_name: head.names[plan.time].clone(),
        columns,
        places: Places::Rows,
        bad,
        cut_short: false,
        per_cent_signs: false,
        symbols,
    })
}

fn symbols(source: Source<'_>, column: &Column) -> Result<Symbols, DataError> {
    let mut symbols = Symbols::default();
    let text = column.cast(&DataType::String).map_err(|error| format_error(source, &error))?;
    let text = text.str().map_err(|error| format_error(source, &error))?;
    text.iter().for_each(|cell| symbols.push(cell.unwrap_or_default().trim()));
    Ok(symbols)
}

fn time(
    (file, format): Source<'_>,
    column: &Column,
    plan: &Plan,
    bad: &mut Vec<BadText>,
) -> Result<(Vec<i64>, StampKind), DataError> {
    let error = |error: PolarsError| format_error((file, format), &error);
    match column.dtype() {
        DataType::Date | DataType::Datetime(..) if plan.zone.is_some() => Err(DataError::Format {
            file: file.to_owned(),
            format,
            reason: format!(
                "column `{}` holds timestamps, which are UTC; remove `time_zone`",
                column.name()
            ),
        }),
        DataType::Date => {
            let millis = DataType::Datetime(PolarsUnit::Milliseconds, None);
            let millis = column.cast(&millis).and_then(|column| column.cast(&DataType::Int64));
            Ok((integers(&millis.map_err(error)?).map_err(error)?, StampKind::Instants))
        }
        DataType::Datetime(unit, _) => {
            let unit = match unit {
                PolarsUnit::Milliseconds => TimeUnit::Ms,
                PolarsUnit::Microseconds => TimeUnit::Us,
                PolarsUnit::Nanoseconds => TimeUnit::Ns,
            };
            let mut time = column
                .cast(&DataType::Int64)
                .and_then(|column| integers(&column))
                .map_err(error)?;
            if unit != TimeUnit::Ms {
                for stamp in time.iter_mut().filter(|stamp| **stamp != UNREADABLE) {
                    *stamp = stamps::to_millis(*stamp, unit);
                }
            }
            Ok((time, StampKind::Instants))
        }
        DataType::String => {
            let mut time = Vec::with_capacity(column.len());
            for (row, cell) in column.str().map_err(error)?.iter().enumerate() {
                let instant = cell.and_then(|cell| stamps::instant(cell, plan.zone));
                if instant.is_none() {
                    let text = cell.unwrap_or_default().to_owned();
                    bad.push(BadText { row, column: None, text });
                }
                time.push(instant.unwrap_or(UNREADABLE));
            }
            Ok((time, StampKind::Instants))
        }
        dtype if dtype.is_integer() => {
            let wide = column.cast(&DataType::Int64).map_err(error)?;
            Ok((integers(&wide).map_err(error)?, StampKind::Numbers))
        }
        dtype => Err(DataError::Format {
            file: file.to_owned(),
            format,
            reason: format!(
                "column `{}` holds {dtype}, expected times, whole numbers or text",
                column.name()
            ),
        }),
    }
}

fn integers(column: &Column) -> Result<Vec<i64>, PolarsError> {
    let column = column.i64()?;
    if column.null_count() > 0 {
        return Ok(column.iter().map(|cell| cell.unwrap_or(UNREADABLE)).collect());
    }
    let mut cells = Vec::with_capacity(column.len());
    for chunk in column.downcast_iter() {
        cells.extend_from_slice(chunk.values());
    }
    Ok(cells)
}

fn numbers(column: &Column) -> Result<Vec<f64>, PolarsError> {
    let column = column.strict_cast(&DataType::Float64)?;
    let column = column.f64()?;
    if column.null_count() > 0 {
        return Ok(column.iter().map(|cell| cell.unwrap_or(f64::NAN)).collect());
    }
    let mut cells = Vec::with_capacity(column.len());
    for chunk in column.downcast_iter() {
        cells.extend_from_slice(chunk.values());
    }
    Ok(cells)
}

/// Quotes and marks what is not a number where a number is required; blank cells stay NaN.
fn mark_not_a_number(column: &Column, position: usize, cells: &mut [f64], bad: &mut Vec<BadText>) {
    let is_there = column.is_not_null();
    for (row, (cell, is_there)) in cells.iter_mut().zip(is_there.iter()).enumerate() {
        if cell.is_nan() && is_there == Some(true) {
            *cell = f64::INFINITY;
            bad.push(BadText { row, column: Some(position), text: "NaN".to_owned() });
        }
    }
}

/// What Polars says, on one line.
pub(crate) fn format_error((file, format): Source<'_>, error: &PolarsError) -> DataError {
    let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
    DataError::Format { file: file.to_owned(), format, reason }
}
