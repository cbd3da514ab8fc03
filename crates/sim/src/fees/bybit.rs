//! Bybit, without a tier. Its help pages of 2020 and 2021 give the delivery of futures and the options of that time, pages of 2024
//! and 2025 the rest; when its options changed between 2022 and 2025 is not on record. Liquidation is not on record either.

use super::{Fee, Rate, Venue};

const QUOTED: &str = "refeshop.com, Bybit fees, 2024-07-31";
const HELP_2020: &str = "help.bybit.com, article 900003221726, 2020";
const HELP_2021: &str = "help.bybit.com, article 5488484662041, 2021";
const HELP_2024: &str = "bybit.nl, Perpetual & Futures Contract: Fees Explained, 2024-10-16";
const HELP_2025: &str = "bytick.com, Options Trading: Fees Explained, 2025-09-18";

pub(super) const VENUE: Venue = Venue {
    name: "bybit",
    about: "no tier; perps and futures from 2020 (to 2024 from memory), options to 2022 and from 2025-09-18",
    rates: &[
        (
            Fee::Spot,
            &[
                Rate::remembered("2023-01-01", (10.0, 10.0)),
                Rate::sourced("2024-07-31", (10.0, 10.0), QUOTED),
            ],
        ),
        (
            Fee::Perp,
            &[
                Rate::remembered("2020-01-01", (-2.5, 7.5)).until("2022-01-01"),
                Rate::remembered("2022-05-01", (1.0, 6.0)),
                Rate::remembered("2023-01-01", (2.0, 5.5)),
                Rate::sourced("2024-07-31", (2.0, 5.5), QUOTED),
            ],
        ),
        (
            Fee::Future,
            &[
                Rate::remembered("2020-09-01", (-2.5, 7.5)).until("2022-01-01"),
                Rate::remembered("2022-05-01", (1.0, 6.0)),
                Rate::remembered("2023-01-01", (2.0, 5.5)),
                Rate::sourced("2024-10-16", (2.0, 5.5), HELP_2024),
            ],
        ),
        (
            Fee::FutureDelivery,
            &[
                Rate::sourced("2020-09-01", (5.0, 5.0), HELP_2020),
                Rate::sourced("2024-07-31", (5.0, 5.0), QUOTED),
            ],
        ),
        (
            Fee::Option,
            &[
                Rate::sourced("2021-10-01", (3.0, 3.0), HELP_2021).until("2023-01-01"),
                Rate::sourced("2025-09-18", (2.0, 3.0), HELP_2025),
            ],
        ),
        (
            Fee::OptionDelivery,
            &[
                Rate::sourced("2021-10-01", (1.5, 1.5), HELP_2021).until("2023-01-01"),
                Rate::sourced("2025-09-18", (1.5, 1.5), HELP_2025),
            ],
        ),
        (
            Fee::OptionCap,
            &[
                Rate::sourced("2021-10-01", (12.5, 12.5), HELP_2021).until("2023-01-01"),
                Rate::sourced("2025-09-18", (7.0, 7.0), HELP_2025),
            ],
        ),
    ],
};
