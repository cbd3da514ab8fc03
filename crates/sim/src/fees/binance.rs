//! Binance, regular users. USD-M perpetuals 2/4 bp as first charged, 2/5 bp from 2024 on (babianfox.com, its fee tables of
//! 2024/25); spot 10 bp. Options are not on record here.

use super::{Fee, Rate, Venue};

pub(super) const VENUE: Venue = Venue {
    name: "binance",
    about: "regular users, no BNB discount; spot, USD-M perps and futures (for COIN-M give the line), options unknown",
    rates: &[
        (Fee::Spot, &[Rate::both("2017-07-14", 10.0)]),
        (
            Fee::Perp,
            &[
                Rate { since: "2019-09-13", maker: 2.0, taker: 4.0 },
                Rate { since: "2024-01-01", maker: 2.0, taker: 5.0 },
            ],
        ),
        (
            Fee::Future,
            &[
                Rate { since: "2020-06-01", maker: 2.0, taker: 4.0 },
                Rate { since: "2024-01-01", maker: 2.0, taker: 5.0 },
            ],
        ),
    ],
};
