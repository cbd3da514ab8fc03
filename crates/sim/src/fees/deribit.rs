//! Deribit. Its documentation of 2019 and its article of 2024 give the rates; neither says when they changed in between, so that
//! 2020 is left open and 2021 to 2023 are from memory. Before 2019 the cap was 20 %, at dates that are not on record. Perps of
//! either kind pay the same. A liquidation is that of BTC; of ETH it was 90 bp in 2019 and is 85 bp now.

use super::{Fee, Rate, Venue};

const DOCS: &str = "deribit.com/pages/docs, 2019";
const ARTICLE: &str = "support.deribit.com, article 25944746248989";
const COPIES: &str = "its article on fees, as api-evangelist and docs.dopp.finance copy it";

pub(super) const VENUE: Venue = Venue {
    name: "deribit",
    about: "base tier; 2019, and from 2021 on (2021 to 2023 from memory)",
    rates: &[
        (Fee::Spot, &[Rate::sourced("2024-01-01", (0.0, 0.0), ARTICLE)]),
        (
            Fee::Perp,
            &[
                Rate::sourced("2019-04-01", (-2.5, 7.5), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (0.0, 5.0)),
                Rate::sourced("2024-01-01", (0.0, 5.0), ARTICLE),
            ],
        ),
        (
            Fee::Future,
            &[
                Rate::sourced("2019-04-01", (-2.0, 5.0), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (0.0, 5.0)),
                Rate::sourced("2024-01-01", (0.0, 5.0), ARTICLE),
            ],
        ),
        (Fee::WeeklyFuture, &[Rate::sourced("2024-01-01", (-1.0, 5.0), ARTICLE)]),
        (
            Fee::FutureDelivery,
            &[
                Rate::sourced("2019-04-01", (2.5, 2.5), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (2.5, 2.5)),
                Rate::sourced("2024-01-01", (2.5, 2.5), COPIES),
            ],
        ),
        (Fee::WeeklyFutureDelivery, &[Rate::sourced("2024-01-01", (0.0, 0.0), COPIES)]),
        (
            Fee::Option,
            &[
                Rate::sourced("2019-04-01", (4.0, 4.0), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (3.0, 3.0)),
                Rate::sourced("2024-01-01", (3.0, 3.0), ARTICLE),
            ],
        ),
        (Fee::UsdOption, &[Rate::sourced("2024-01-01", (1.0, 5.0), ARTICLE)]),
        (
            Fee::OptionDelivery,
            &[
                Rate::sourced("2019-04-01", (2.0, 2.0), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (1.5, 1.5)),
                Rate::sourced("2024-01-01", (1.5, 1.5), COPIES),
            ],
        ),
        (Fee::DailyOptionDelivery, &[Rate::sourced("2024-01-01", (0.0, 0.0), COPIES)]),
        (
            Fee::OptionCap,
            &[
                Rate::sourced("2019-04-01", (12.5, 12.5), DOCS).until("2020-01-01"),
                Rate::remembered("2021-01-01", (12.5, 12.5)),
                Rate::sourced("2024-01-01", (12.5, 12.5), ARTICLE),
            ],
        ),
        (
            Fee::Liquidation,
            &[
                Rate::sourced("2019-04-01", (50.0, 50.0), DOCS).until("2020-01-01"),
                // 0.75 % in all, of which 0.05 % is the fee of the trade.
                Rate::remembered("2021-01-01", (70.0, 70.0)),
                Rate::sourced("2024-01-01", (70.0, 70.0), COPIES),
            ],
        ),
        (
            Fee::OptionLiquidation,
            &[
                Rate::sourced("2019-04-01", (20.0, 20.0), DOCS).until("2020-01-01"),
                // 0.19 % in all, of which 0.03 % is the fee of the trade.
                Rate::remembered("2021-01-01", (16.0, 16.0)),
                Rate::sourced("2024-01-01", (16.0, 16.0), COPIES),
            ],
        ),
    ],
};
