//! The table of hedging rules under costs, whole: `cargo run --release -p hedgerow-sim --example rule_table [paths]`.
//!
//! Prints each figure beside that computed independently of the engine, and by how much they differ.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example prints")]

#[path = "../tests/support/mod.rs"]
mod support;

use support::table::{cases, figures};

fn main() {
    let paths = std::env::args().nth(1).map_or(60_000, |paths| paths.parse().unwrap());
    let names = ["mean P&L", "deviation", "cost", "trades"];
    println!("{paths} paths; present values; found, expected, difference in per cent");
    let mut worst: f64 = 0.0;
    for case in cases() {
        let found = figures(&case, paths);
        print!("{:<24}", case.name);
        for ((found, expected), name) in found.iter().zip(case.expected).zip(names) {
            let percent = 100.0 * (found / expected - 1.0);
            print!("  {name} {found:.3} {expected:.3} {percent:+.1}");
            if percent.is_finite() {
                worst = worst.max(percent.abs());
            }
        }
        println!();
    }
    println!("largest difference: {worst:.2} %");
}
