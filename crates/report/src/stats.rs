//! Statistics of plain columns: pure functions that know nothing of strategies.

pub mod bootstrap;
pub mod drawdown;
pub mod moments;
pub mod studentised;
pub mod tail;
pub mod variance_reduction;
