//! OKX, regular users: okx.com/fees (2024 to 2026): spot 8/10 bp, perpetuals and futures 2/5 bp, an option's fee at most 12.5 %
//! of its premium and its exercise 2 bp. The option's own rate, 2/3 bp, is from memory of the same page.

use super::{Fee, Rate, Venue};

pub(super) const VENUE: Venue = Venue {
    name: "okx",
    about: "regular users; its page on fees of 2024 to 2026",
    rates: &[
        (Fee::Spot, &[Rate { since: "2024-01-01", maker: 8.0, taker: 10.0 }]),
        (Fee::Perp, &[Rate { since: "2024-01-01", maker: 2.0, taker: 5.0 }]),
        (Fee::Future, &[Rate { since: "2024-01-01", maker: 2.0, taker: 5.0 }]),
        (Fee::Option, &[Rate { since: "2024-01-01", maker: 2.0, taker: 3.0 }]),
        (Fee::OptionDelivery, &[Rate::both("2024-01-01", 2.0)]),
        (Fee::OptionCap, &[Rate::both("2024-01-01", 12.5)]),
    ],
};
