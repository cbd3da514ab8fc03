//! OKX, regular users. Its page on fees names the rules of options, its FAQ their rates; the FAQ of 2026 caps them at 7 % where the
//! page says 12.5 %. Options that do not expire on a Friday pay no exercise fee. Delivery of futures is not on record here, and a
//! liquidation costs what is left of the margin, which is no rate.

use super::{Fee, Rate, Venue};

const SWAPS: &str = "bitpinas.com, OKEx perpetual swap fee adjustments, 2019-11-04";
const PAGE: &str = "okx.com/fees, 2024 to 2026";
const FAQ: &str = "okx.com/help/trading-fee-rules-faq, 2024-03-22";
const FAQ_2026: &str = "okx.com/help, trading fee rules FAQ as of 2026-06-24";

pub(super) const VENUE: Venue = Venue {
    name: "okx",
    about: "regular users; perps from 2019-11-04, spot and futures from 2022 (from memory), options from 2024",
    rates: &[
        (Fee::Spot, &[Rate::remembered("2022-01-01", (8.0, 10.0))]),
        (Fee::Perp, &[Rate::sourced("2019-11-05", (2.0, 5.0), SWAPS)]),
        (Fee::Future, &[Rate::remembered("2022-01-01", (2.0, 5.0))]),
        (
            Fee::Option,
            &[
                Rate::remembered("2024-01-01", (2.0, 3.0)),
                Rate::sourced("2024-03-22", (2.0, 3.0), FAQ),
            ],
        ),
        (Fee::OptionDelivery, &[Rate::sourced("2024-01-01", (2.0, 2.0), PAGE)]),
        (Fee::DailyOptionDelivery, &[Rate::sourced("2024-01-01", (0.0, 0.0), PAGE)]),
        (
            Fee::OptionCap,
            &[
                Rate::sourced("2024-01-01", (12.5, 12.5), PAGE),
                Rate::sourced("2026-06-24", (7.0, 7.0), FAQ_2026),
            ],
        ),
    ],
};
