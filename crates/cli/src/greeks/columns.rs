//! The slopes that are written, with their units.

use hedgerow_greeks::{PricedRow, venue_units};

/// A slope of every model.
pub(super) struct Slope {
    /// Name of its column.
    pub(super) name: &'static str,
    /// Natural unit: vols and rates per 1.00, time per year.
    pub(super) natural: &'static str,
    /// Unit that venues print: vols and rates per point (0.01), time per day.
    pub(super) venue: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// In natural units.
    pub(super) of: fn(&PricedRow) -> f64,
    /// From natural units to those of venues.
    pub(super) to_venue: fn(f64) -> f64,
}

/// In the order of the columns.
pub(super) const SLOPES: [Slope; 11] = [
    Slope {
        name: "gamma",
        natural: "coins per USD",
        venue: "coins per USD",
        about: "change of delta per USD of spot or forward",
        of: |row| row.gamma,
        to_venue: unchanged,
    },
    Slope {
        name: "vega",
        natural: "per 1.00 of vol",
        venue: "per vol point (0.01)",
        about: "in the unit of the value",
        of: |row| row.vega,
        to_venue: venue_units::per_point,
    },
    Slope {
        name: "theta",
        natural: "per year",
        venue: "per day",
        about: "that passes, in the unit of the value",
        of: |row| row.theta,
        to_venue: venue_units::per_day,
    },
    Slope {
        name: "rho",
        natural: "per 1.00 of rate",
        venue: "per point of rate (0.01)",
        about: "in the unit of the value, the yield held; of models on a forward with that held, but for inverse",
        of: |row| row.rho,
        to_venue: venue_units::per_point,
    },
    Slope {
        name: "vanna",
        natural: "coins per 1.00 of vol",
        venue: "coins per vol point",
        about: "change of delta with vol, of an inverse option undecayed",
        of: |row| row.higher.vanna,
        to_venue: venue_units::per_point,
    },
    Slope {
        name: "volga",
        natural: "per 1.00 of vol squared",
        venue: "per vol point squared",
        about: "change of vega with vol, in the unit of the value",
        of: |row| row.higher.volga,
        to_venue: |volga| venue_units::per_point(venue_units::per_point(volga)),
    },
    Slope {
        name: "charm",
        natural: "coins per year",
        venue: "coins per day",
        about: "change of delta as time passes, of an inverse option undecayed",
        of: |row| row.higher.charm,
        to_venue: venue_units::per_day,
    },
    Slope {
        name: "veta",
        natural: "per 1.00 of vol and year",
        venue: "per vol point and day",
        about: "change of vega as time passes, in the unit of the value",
        of: |row| row.higher.veta,
        to_venue: |veta| venue_units::per_day(venue_units::per_point(veta)),
    },
    Slope {
        name: "speed",
        natural: "coins per USD squared",
        venue: "coins per USD squared",
        about: "change of gamma per USD of spot or forward",
        of: |row| row.higher.speed,
        to_venue: unchanged,
    },
    Slope {
        name: "zomma",
        natural: "coins per USD and 1.00 of vol",
        venue: "coins per USD and vol point",
        about: "change of gamma with vol",
        of: |row| row.higher.zomma,
        to_venue: venue_units::per_point,
    },
    Slope {
        name: "color",
        natural: "coins per USD and year",
        venue: "coins per USD and day",
        about: "change of gamma as time passes",
        of: |row| row.higher.color,
        to_venue: venue_units::per_day,
    },
];

fn unchanged(natural: f64) -> f64 {
    natural
}
