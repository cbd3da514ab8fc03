//! How far to trade once a hedge has left its band.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor, value::MapAccessDeserializer};

/// Where a trade ends.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Place {
    /// At the nearest edge of the band: what the theory of proportional costs asks for.
    #[default]
    Edge,
    /// At the ideal.
    Centre,
    /// So much of the way from what is held to the ideal: this fraction of it, above 0, at most 1.5. Above 1 a trade goes beyond
    /// the ideal (Greeks.live's Hedging Ratio, 0 to 150 %).
    Fraction(f64),
}

impl Place {
    /// Units to hold on the way from those held to the goal.
    #[inline]
    pub(crate) fn towards(self, goal: f64, held: f64) -> f64 {
        match self {
            Self::Fraction(fraction) => held + fraction * (goal - held),
            Self::Edge | Self::Centre => goal,
        }
    }
}

/// How far to trade, and what the venue allows. In a scenario: `"edge"`, `"centre"` or a table such as
/// `{ place = "edge", bias = 0.5, minimum_trade = 0.01, lot = 0.001, tick = 0.5 }` or `{ fraction = 0.5 }`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct To {
    /// Where a trade ends.
    pub place: Place,
    /// Net delta to aim at instead of 0, coins (Greeks.live's Delta Target); added to the ideal of a leg against delta.
    pub bias: f64,
    /// Trades smaller than this are not made, in the measure of [`Hedge::held`](super::Hedge::held); 0 for none.
    pub minimum_trade: f64,
    /// Holdings are whole multiples of this many units, rounded to the nearest; `None` for no rounding.
    pub lot: Option<f64>,
    /// Prices of fills are whole multiples of this many USD per coin, rounded against the trader; the difference is slippage.
    pub tick: Option<f64>,
}

impl To {
    /// To the nearest edge of the band.
    pub const EDGE: Self = Self::at(Place::Edge);

    /// To the ideal.
    pub const CENTRE: Self = Self::at(Place::Centre);

    /// To this place, without bias or rounding.
    pub const fn at(place: Place) -> Self {
        Self { place, bias: 0.0, minimum_trade: 0.0, lot: None, tick: None }
    }

    /// Whether targets are traded as they are.
    pub fn is_exact(&self) -> bool {
        self.minimum_trade == 0.0 && self.lot.is_none()
    }

    /// Units to hold: `wanted`, rounded to lots; `held` when the trade would be smaller than the least.
    #[inline]
    pub(crate) fn fit(&self, wanted: f64, held: f64, measure: f64) -> f64 {
        let rounded = self.lot.map_or(wanted, |lot| (wanted / lot).round() * lot);
        if ((rounded - held) * measure).abs() < self.minimum_trade { held } else { rounded }
    }

    /// USD per unit of notional lost to the tick by a trade of this sign at this price.
    #[inline]
    pub(crate) fn tick_loss(&self, traded: f64, price: f64) -> f64 {
        let Some(tick) = self.tick else { return 0.0 };
        let steps = price / tick;
        let whole = if (steps - steps.round()).abs() < 1e-9 * steps.abs().max(1.0) {
            steps.round()
        } else if traded > 0.0 {
            steps.ceil()
        } else {
            steps.floor()
        };
        (whole * tick / price - 1.0).abs()
    }

    /// As a scenario says it: `"edge"`, `{ fraction = 0.5, lot = 0.001 }`.
    pub fn setting(&self) -> String {
        let place = match self.place {
            Place::Edge => r#""edge""#.to_owned(),
            Place::Centre => r#""centre""#.to_owned(),
            Place::Fraction(fraction) => fraction.to_string(),
        };
        if *self == Self::EDGE || *self == Self::CENTRE {
            return place;
        }
        let key = if matches!(self.place, Place::Fraction(_)) { "fraction" } else { "place" };
        let mut keys = vec![format!("{key} = {place}")];
        let more = [
            ("bias", (self.bias != 0.0).then_some(self.bias)),
            ("minimum_trade", (self.minimum_trade != 0.0).then_some(self.minimum_trade)),
            ("lot", self.lot),
            ("tick", self.tick),
        ];
        let more = more.into_iter().filter_map(|(key, number)| Some((key, number?)));
        keys.extend(more.map(|(key, number)| format!("{key} = {number}")));
        format!("{{ {} }}", keys.join(", "))
    }

    fn check(&self) -> Result<(), String> {
        let not_negative = |name: &str, number: f64| {
            let fits = number.is_finite() && number >= 0.0;
            fits.then_some(()).ok_or(format!("{name} is {number}, expected a number of at least 0"))
        };
        let positive = |name: &str, number: Option<f64>| match number {
            Some(number) if !(number.is_finite() && number > 0.0) => {
                Err(format!("{name} is {number}, expected a number above 0"))
            }
            _ => Ok(()),
        };
        if let Place::Fraction(fraction) = self.place
            && !(fraction > 0.0 && fraction <= 1.5)
        {
            return Err(format!("fraction is {fraction}, expected a number above 0, at most 1.5"));
        }
        if !self.bias.is_finite() {
            return Err(format!("bias is {}, expected a finite number", self.bias));
        }
        not_negative("minimum_trade", self.minimum_trade)?;
        positive("lot", self.lot)?;
        positive("tick", self.tick)
    }
}

impl fmt::Display for To {
    /// As a reader says it: `to the edge`, `half-way` as `0.5 of the way to the ideal`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Edge => formatter.write_str("to the edge")?,
            Place::Centre => formatter.write_str("to the centre")?,
            Place::Fraction(fraction) => write!(formatter, "{fraction} of the way to the ideal")?,
        }
        if self.bias != 0.0 {
            write!(formatter, ", net delta {} coins", self.bias)?;
        }
        if self.minimum_trade != 0.0 {
            write!(formatter, ", no trade below {}", self.minimum_trade)?;
        }
        if let Some(lot) = self.lot {
            write!(formatter, ", in lots of {lot}")?;
        }
        if let Some(tick) = self.tick {
            write!(formatter, ", at ticks of {tick} USD")?;
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    place: Option<Named>,
    fraction: Option<f64>,
    #[serde(default)]
    bias: f64,
    #[serde(default)]
    minimum_trade: f64,
    lot: Option<f64>,
    tick: Option<f64>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Edge,
    Centre,
}

impl Table {
    fn resolve(&self) -> Result<To, String> {
        let place = match (self.place, self.fraction) {
            (Some(_), Some(_)) => {
                return Err("`to` takes either `place` or `fraction`".to_owned());
            }
            (None, Some(fraction)) => Place::Fraction(fraction),
            (None | Some(Named::Edge), None) => Place::Edge,
            (Some(Named::Centre), None) => Place::Centre,
        };
        let Self { bias, minimum_trade, lot, tick, .. } = *self;
        let to = To { place, bias, minimum_trade, lot, tick };
        to.check()?;
        Ok(to)
    }
}

impl<'de> Deserialize<'de> for To {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = To;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("\"edge\", \"centre\" or a table with `place` or `fraction`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<To, E> {
                match text {
                    "edge" => Ok(To::EDGE),
                    "centre" => Ok(To::CENTRE),
                    other => Err(E::unknown_variant(other, &["edge", "centre"])),
                }
            }

            fn visit_map<M: MapAccess<'de>>(self, map: M) -> Result<To, M::Error> {
                let table = Table::deserialize(MapAccessDeserializer::new(map))?;
                table.resolve().map_err(M::Error::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}
