//! Monthly and daily files of data.binance.vision, as downloaded (zip) or unpacked.
//!
//! Klines have twelve columns, with a header or without: open time, open, high, low, close, volume, close time, … .
//! Stamps are the **start** of the bar, in milliseconds; spot files are in microseconds from 2025-01-01. Funding files
//! have the header `calc_time,funding_interval_hours,last_funding_rate`; rates are fractions.

use hedgerow_core::registry::Entry;

use super::{
    Format, Plan, PlanColumn, labelled_by_start, refuse_kind, refuse_mapping, without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "binance_vision";

const N_COLUMNS: usize = 12;

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "klines and funding of data.binance.vision, zip or CSV, with or without a header",
    example: "series = [{ is = \"spot\", asset = \"BTC\", path = \"BTCUSDT-1h-2024-01.zip\", format = \"binance_vision\" }]",
    build: |setting| without_parameters(setting, BinanceVision),
};

#[derive(Debug)]
struct BinanceVision;

impl Format for BinanceVision {
    fn recognises(&self, head: &Head) -> bool {
        is_funding(head)
            || (head.has_header
                && head.position_of_any(&["open_time"]) == Some(0)
                && head.position_of_any(&["close_time"]) == Some(6))
            || (!head.has_header
                && head.names.len() == N_COLUMNS
                && head.first.iter().all(|cell| cell.parse::<f64>().is_ok()))
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        let prices = [SeriesKind::Spot, SeriesKind::Perp, SeriesKind::InversePerp];
        let funding = [SeriesKind::Funding, SeriesKind::InverseFunding];
        refuse_mapping(spec, "with `binance_vision`, which has its own columns")?;
        if is_funding(head) {
            refuse_kind(file, NAME, spec, &funding)?;
            let rate =
                PlanColumn { role: Role::Rate, index: head.find(file, "last_funding_rate")? };
            let plan = Plan::new(spec, head.find(file, "calc_time")?, vec![rate]);
            let unit = Some(spec.unit.unwrap_or(ValueUnit::Fraction));
            return Ok(Plan { usual_unit: Some(TimeUnit::Ms), unit, ..plan });
        }
        refuse_kind(file, NAME, spec, &prices)?;
        if head.names.len() < N_COLUMNS - 1 {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: NAME,
                reason: format!("expected {N_COLUMNS} columns, found {}", head.names.len()),
            });
        }
        let column = |role, index| PlanColumn { role, index };
        let columns = vec![
            column(Role::Close, 4),
            column(Role::Open, 1),
            column(Role::High, 2),
            column(Role::Low, 3),
            column(Role::Until, 6),
        ];
        Ok(Plan {
            usual_unit: Some(TimeUnit::Ms),
            bar: spec.bar.unwrap_or(BarLabel::Start),
            assumptions: vec![labelled_by_start(file)],
            ..Plan::new(spec, 0, columns)
        })
    }
}

fn is_funding(head: &Head) -> bool {
    head.position("calc_time").is_some() && head.position("last_funding_rate").is_some()
}
