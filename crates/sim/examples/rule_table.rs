//! The table of hedging rules under costs, whole: `cargo run --release -p hedgerow-sim --example rule_table [paths]`.
//!
//! Prints each figure beside that computed independently of the engine: by how many per cent they differ, and by how many
//! standard errors of the difference, where the other table is taken to have 60,000 paths of its own.
//! A figure that is off by more than 2 % and more than three standard errors ends the program with an error.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "an example prints"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use support::table::{cases, figures};

/// Paths of the table that was computed independently.
const THEIR_PATHS: f64 = 60_000.0;

fn main() {
    let paths: u64 = std::env::args().nth(1).map_or(60_000, |paths| paths.parse().unwrap());
    println!("{paths} paths; present values");
    println!(
        "{:<24}{:<10} {:>9} {:>9} {:>8} {:>9} {:>9} {:>7}",
        "rule", "figure", "found", "expected", "per cent", "error", "theirs", "errors"
    );
    let (mut worst, mut off): (f64, usize) = (0.0, 0);
    for case in cases() {
        let names = ["mean P&L", "deviation", "cost", "trades"];
        for ((found, expected), name) in figures(&case, paths).iter().zip(case.expected).zip(names)
        {
            if expected.is_nan() {
                continue;
            }
            let theirs = found.error * (paths as f64 / THEIR_PATHS).sqrt();
            // Trades are published as whole numbers.
            let slack = if name == "trades" { 0.5 } else { 0.0 };
            let apart = ((found.value - expected).abs() - slack).max(0.0);
            let percent = 100.0 * (found.value / expected - 1.0);
            let errors = apart / found.error.hypot(theirs);
            println!(
                "{:<24}{name:<10} {:>9.4} {expected:>9.4} {percent:>+8.2} {:>9.5} {theirs:>9.5} {errors:>7.1}",
                case.name, found.value, found.error
            );
            worst = worst.max(100.0 * apart / expected.abs());
            off += usize::from(100.0 * apart > 2.0 * expected.abs() && errors > 3.0);
        }
    }
    println!("largest difference: {worst:.2} %");
    assert_eq!(off, 0, "figures off by more than 2 % and three standard errors");
}
