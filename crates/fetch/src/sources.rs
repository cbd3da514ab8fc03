//! One file a source.

pub(crate) mod binance_funding;
pub(crate) mod binance_klines;
pub(crate) mod deribit_chart;
pub(crate) mod deribit_dvol;
pub(crate) mod deribit_funding;
pub(crate) mod deribit_instruments;
