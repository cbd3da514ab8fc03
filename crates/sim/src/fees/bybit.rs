//! Bybit, non-VIP: its article on the structure of trading fees (2023 to 2026): spot 10 bp, perpetuals and futures 2/5.5 bp,
//! settlement of inverse futures 5 bp. Options are not on record here.

use super::{Fee, Rate, Venue};

pub(super) const VENUE: Venue = Venue {
    name: "bybit",
    about: "non-VIP; its article on trading fees of 2023 to 2026 (delivery: inverse futures), options unknown",
    rates: &[
        (Fee::Spot, &[Rate::both("2023-01-01", 10.0)]),
        (Fee::Perp, &[Rate { since: "2023-01-01", maker: 2.0, taker: 5.5 }]),
        (Fee::Future, &[Rate { since: "2023-01-01", maker: 2.0, taker: 5.5 }]),
        (Fee::FutureDelivery, &[Rate::both("2023-01-01", 5.0)]),
    ],
};
