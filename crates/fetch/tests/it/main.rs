//! From a server on this machine to files, with everything that can go wrong on the way.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod bad_input;
mod bench;
mod binance;
mod deribit;
mod registry;
mod resume;
mod retry;
mod server;
