//! Klines and funding of Binance: monthly and daily files of data.binance.vision, as downloaded (zip) or unpacked, and the
//! klines that its REST interface answers.
//!
//! Klines have twelve columns, with a header or without, as CSV or as JSON lists: open time, open, high, low, close, volume
//! (coins), close time, quote volume (USD), … . Stamps are the **start** of the bar, in milliseconds; spot files are in
//! microseconds from 2025-01-01. Klines of coin-margined contracts count contracts and coins instead of coins and USD; both
//! volumes are left out there. Funding files have the header `calc_time,funding_interval_hours,last_funding_rate`; rates
//! are fractions.

use hedgerow_core::registry::Entry;

use super::{
    FUNDING, Format, PRICES, Plan, PlanColumn, bars, funding, named, refuse_kind, refuse_mapping,
    without_parameters,
};
use crate::DataError;
use crate::identity::is_coin_margined;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "binance_vision";

const N_COLUMNS: usize = 12;

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "klines and funding of data.binance.vision, zip or CSV, with or without a header; klines of the REST interface",
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
        refuse_mapping(spec)?;
        if is_funding(head) {
            refuse_kind(file, NAME, spec, &FUNDING)?;
            let index = named(file, head, &["last_funding_rate"])?;
            let columns = vec![PlanColumn { role: Role::Rate, index }];
            let time = named(file, head, &["calc_time"])?;
            return Ok(funding(spec, head, time, columns, (TimeUnit::Ms, ValueUnit::Fraction)));
        }
        refuse_kind(file, NAME, spec, &PRICES)?;
        if head.names.len() < N_COLUMNS - 1 {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: NAME,
                reason: format!("expected {N_COLUMNS} columns, found {}", head.names.len()),
            });
        }
        let column = |role, index| PlanColumn { role, index };
        let mut columns = vec![
            column(Role::Close, 4),
            column(Role::Open, 1),
            column(Role::High, 2),
            column(Role::Low, 3),
            column(Role::Until, 6),
        ];
        if spec.is != SeriesKind::InversePerp && !is_coin_margined(&head.file) {
            columns.extend([column(Role::Volume, 5), column(Role::QuoteVolume, 7)]);
        }
        Ok(bars(file, spec, 0, columns, (TimeUnit::Ms, BarLabel::Start)))
    }
}

fn is_funding(head: &Head) -> bool {
    head.position("calc_time").is_some() && head.position("last_funding_rate").is_some()
}
