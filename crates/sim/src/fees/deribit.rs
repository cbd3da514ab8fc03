//! Deribit. 2019: its documentation of that year (deribit.com/pages/docs; delivery is half the taker fee). 2024: its article on
//! fees (support.deribit.com 25944746248989); delivery of options 0.015 % as other clients of the venue record it. The day of
//! each change between the two is not on record: the older rates stand until the first day of 2024.

use super::{Fee, Rate, Venue};

pub(super) const VENUE: Venue = Venue {
    name: "deribit",
    about: "base tier; 2019 documentation, then its article on fees of 2024",
    rates: &[
        (Fee::Spot, &[Rate::both("2024-01-01", 0.0)]),
        (
            Fee::Perp,
            &[
                Rate { since: "2019-04-01", maker: -2.5, taker: 7.5 },
                Rate { since: "2024-01-01", maker: 0.0, taker: 5.0 },
            ],
        ),
        (
            Fee::Future,
            &[
                Rate { since: "2019-04-01", maker: -2.0, taker: 5.0 },
                Rate { since: "2024-01-01", maker: 0.0, taker: 5.0 },
            ],
        ),
        (Fee::FutureDelivery, &[Rate::both("2019-04-01", 2.5)]),
        (Fee::Option, &[Rate::both("2019-04-01", 4.0), Rate::both("2024-01-01", 3.0)]),
        (Fee::OptionDelivery, &[Rate::both("2019-04-01", 2.0), Rate::both("2024-01-01", 1.5)]),
        (Fee::OptionCap, &[Rate::both("2019-04-01", 12.5)]),
    ],
};
