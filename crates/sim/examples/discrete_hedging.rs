//! Hedging in discrete steps against the literature, at length:
//! `cargo run --release -p hedgerow-sim --example discrete_hedging [times]`.
//!
//! The checks are those of the tests with so many times their paths; a figure that is off stops the program.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example prints")]

#[path = "../tests/support/mod.rs"]
mod support;

use support::discrete as check;

/// A part of the literature and its checks, with so many times the paths of the tests.
type Check = (&'static str, fn(u64));

fn main() {
    let scale = std::env::args().nth(1).map_or(100, |times| times.parse().unwrap());
    let checks: [Check; 5] = [
        ("V2.1", check::v2_1_replication_error_of_derman_and_kamal),
        ("V2.2", check::v2_2_replication_error_away_from_the_money),
        ("V2.5", check::v2_5_hedging_at_actual_and_at_implied_vol),
        ("V2.6", check::v2_6_a_month_sold_dear),
        ("V2.8", check::v2_8_what_a_clock_costs_and_leaves),
    ];
    for (name, check) in checks {
        check(scale);
        println!("{name}: as in the literature, with {scale} times the paths of the tests");
    }
}
