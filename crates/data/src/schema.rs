//! The canonical schema: what `import` writes and the format `hedgerow` reads.
//!
//! A file is Parquet and holds one series. All times are UTC milliseconds; prices are USD per coin; rates and vols are
//! fractions. A column that the source does not have is absent; a cell that it leaves blank is null. Unit and meaning of a
//! column are the metadata `unit` and `about` of its field.
//!
//! | schema | columns |
//! |---|---|
//! | `bars/1` | `time` (the **end** of the bar), `open`, `high`, `low`, `close`, `volume` (coins), `quote_volume` (USD) |
//! | `funding/1` | `time` (the settlement), `rate` (what longs pay per settlement), `mark` |
//! | `vol/1` | `time` (the instant at which the vol is known), `vol` (a year) |
//!
//! What a file is stands in its key-value metadata, under the names in [`keys`]. A schema never changes: one that differs
//! gets another number.

use crate::read::raw::Role;
use crate::source::SeriesKind;

/// Names of the key-value metadata.
pub(crate) mod keys {
    /// `bars/1`.
    pub(crate) const SCHEMA: &str = "hedgerow.schema";
    /// What the series is, as a scenario says it: `spot`, `inverse_funding`.
    pub(crate) const KIND: &str = "hedgerow.kind";
    /// Ticker of the underlying.
    pub(crate) const ASSET: &str = "hedgerow.asset";
    /// Name of a vol column.
    pub(crate) const VOL_NAME: &str = "hedgerow.vol_name";
    /// The commonest distance between stamps, milliseconds.
    pub(crate) const STEP: &str = "hedgerow.step_millis";
    /// Names of the files that were read, as JSON.
    pub(crate) const SOURCES: &str = "hedgerow.sources";
    /// The format that they were read with.
    pub(crate) const FORMAT: &str = "hedgerow.format";
    /// What was found and done, as JSON.
    pub(crate) const FINDINGS: &str = "hedgerow.findings";
    /// What the format assumes, as JSON.
    pub(crate) const ASSUMPTIONS: &str = "hedgerow.assumptions";
}

/// Name and meaning of the first column of every schema.
pub(crate) const TIME: &str = "time";

/// One schema.
#[derive(Debug)]
pub(crate) struct Schema {
    /// `bars/1`.
    pub(crate) name: &'static str,
    /// What a time is.
    pub(crate) time: &'static str,
    /// The columns after the time.
    pub(crate) columns: &'static [SchemaColumn],
}

/// One column of a schema.
#[derive(Debug)]
pub(crate) struct SchemaColumn {
    pub(crate) role: Role,
    pub(crate) unit: &'static str,
    pub(crate) about: &'static str,
}

const fn column(role: Role, unit: &'static str, about: &'static str) -> SchemaColumn {
    SchemaColumn { role, unit, about }
}

pub(crate) const BARS: Schema = Schema {
    name: "bars/1",
    time: "end of the bar: the instant at which it is known",
    columns: &[
        column(Role::Open, "USD per coin", "first price of the bar"),
        column(Role::High, "USD per coin", "highest price of the bar"),
        column(Role::Low, "USD per coin", "lowest price of the bar"),
        column(Role::Close, "USD per coin", "last price of the bar, or the only price"),
        column(Role::Volume, "coins", "traded over the bar"),
        column(Role::QuoteVolume, "USD", "traded over the bar"),
    ],
};

pub(crate) const FUNDING: Schema = Schema {
    name: "funding/1",
    time: "instant of the settlement",
    columns: &[
        column(Role::Rate, "fraction of notional", "what a long pays a short at this settlement"),
        column(Role::Mark, "USD per coin", "mark price at which it was settled"),
    ],
};

pub(crate) const VOL: Schema = Schema {
    name: "vol/1",
    time: "instant at which the vol is known",
    columns: &[column(Role::Vol, "per year, fraction", "annualised volatility")],
};

pub(crate) const HALF_SPREAD: Schema = Schema {
    name: "half_spread/1",
    time: "instant at which the half-spread is known",
    columns: &[column(Role::HalfSpread, "bps of the price", "half the distance of bid and ask")],
};

impl Schema {
    /// The schema of a kind of series; `None` for kinds of many instruments, which have their own.
    pub(crate) const fn of(kind: SeriesKind) -> Option<&'static Self> {
        match kind {
            SeriesKind::Spot | SeriesKind::Perp | SeriesKind::InversePerp | SeriesKind::Future => {
                Some(&BARS)
            }
            SeriesKind::Funding | SeriesKind::InverseFunding => Some(&FUNDING),
            SeriesKind::Vol => Some(&VOL),
            SeriesKind::HalfSpread => Some(&HALF_SPREAD),
            SeriesKind::OptionChain | SeriesKind::Instruments => None,
        }
    }

    /// The schema of this name.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        [&BARS, &FUNDING, &VOL, &HALF_SPREAD].into_iter().find(|schema| schema.name == name)
    }
}
