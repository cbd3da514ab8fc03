//! Binance, regular users without the BNB discount. Its announcements name the days on which the fees of COIN-M and USD-M changed
//! in 2023, not the rates, which are from memory until a table of 2024 gives them. Delivery of futures and liquidation are not on
//! record here.

use super::{Fee, Rate, Venue};

const SQUARE: &str = "binance.bh/sl/square/post/323489449119810";
const GUIDE: &str = "babianfox.com/en/kb/binance-futures-fee, 2024";
const FAQ: &str = "binance.com, FAQ 360033544231";
const OPTIONS: &str = "binance.com, FAQ 5326e5de61c34fed98abe28d2f175a23, 2022-09-08";

pub(super) const VENUE: Venue = Venue {
    name: "binance",
    about: "regular users, no BNB discount; spot, USD-M and COIN-M, options from 2022-09-08",
    rates: &[
        (Fee::Spot, &[Rate::remembered("2017-07-14", (10.0, 10.0))]),
        (
            Fee::Perp,
            &[
                Rate::sourced("2019-09-13", (2.0, 4.0), SQUARE),
                Rate::remembered("2023-10-31", (2.0, 5.0)),
                Rate::sourced("2024-01-01", (2.0, 5.0), GUIDE),
            ],
        ),
        (
            Fee::InversePerp,
            &[
                Rate::sourced("2020-09-01", (1.5, 4.0), FAQ),
                Rate::remembered("2023-09-26", (2.0, 5.0)),
            ],
        ),
        (
            Fee::Future,
            &[
                Rate::remembered("2020-06-01", (2.0, 4.0)),
                Rate::remembered("2023-10-31", (2.0, 5.0)),
            ],
        ),
        (
            Fee::InverseFuture,
            &[
                Rate::sourced("2020-09-01", (1.5, 4.0), FAQ),
                Rate::remembered("2023-09-26", (2.0, 5.0)),
            ],
        ),
        (Fee::Option, &[Rate::sourced("2022-09-08", (3.0, 3.0), OPTIONS)]),
        (Fee::OptionDelivery, &[Rate::sourced("2022-09-08", (1.5, 1.5), OPTIONS)]),
        (Fee::OptionCap, &[Rate::sourced("2022-09-08", (10.0, 10.0), OPTIONS)]),
    ],
};
