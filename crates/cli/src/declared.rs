//! What the user says of data files on the command line; the rest is recognised from their content.

use clap::Args;
use hedgerow_data::{
    BarLabel, ColumnNames, Declared, FormatName, Mode, SeriesKind, Span, TimeUnit, ValueUnit, Zone,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde::de::value::{Error, StrDeserializer};

const KINDS: &str = "What they hold: spot, perp, inverse_perp, funding, inverse_funding, vol, half_spread, future, option_chain, instruments";

/// The keys of a `[[market.series]]` that make sense for files on the command line.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "What the files are (recognised from their content when left out)")]
pub(crate) struct DeclaredArgs {
    #[arg(long, value_name = "KIND", help = KINDS, value_parser = word::<SeriesKind>)]
    is: Option<SeriesKind>,
    /// Ticker of the underlying, BTC.
    #[arg(long, value_name = "TICKER")]
    asset: Option<String>,
    /// How they are laid out; `hedgerow list` has the names.
    #[arg(long, value_name = "NAME", value_parser = word::<FormatName>)]
    format: Option<FormatName>,
    /// Which column is which: time=ts,close=price.
    #[arg(long, value_name = "ROLE=COLUMN,...", value_parser = columns)]
    columns: Option<ColumnNames>,
    /// What a stamp labels: the start or the end of its bar.
    #[arg(long, value_name = "start|end", value_parser = word::<BarLabel>)]
    bar: Option<BarLabel>,
    /// Length of a bar, 1h.
    #[arg(long, value_name = "SPAN", value_parser = word::<Span>)]
    step: Option<Span>,
    /// Unit of funding rates and vols.
    #[arg(long, value_name = "fraction|percent", value_parser = word::<ValueUnit>)]
    unit: Option<ValueUnit>,
    /// Unit of the stamps: s, ms, us, ns or text.
    #[arg(long, value_name = "UNIT", value_parser = word::<TimeUnit>)]
    time_unit: Option<TimeUnit>,
    /// Zone of stamps that name none, Europe/London.
    #[arg(long, value_name = "ZONE", value_parser = word::<Zone>)]
    time_zone: Option<Zone>,
    /// Which rows to take where a column tells instruments apart, BTC-PERPETUAL.
    #[arg(long, value_name = "NAME")]
    instrument: Option<String>,
    /// Refuse the data when anything found would change results.
    #[arg(long)]
    pub(crate) strict: bool,
}

impl DeclaredArgs {
    /// As the data crate takes it.
    pub(crate) fn declared(&self) -> Declared {
        Declared {
            is: self.is,
            asset: self.asset.clone(),
            format: self.format,
            columns: self.columns.clone(),
            bar: self.bar,
            step: self.step,
            unit: self.unit,
            time_unit: self.time_unit,
            time_zone: self.time_zone,
            instrument: self.instrument.clone(),
            quality: if self.strict { Mode::Strict } else { Mode::Tolerant },
        }
    }

    /// The first option that was set, for commands that cannot use any.
    pub(crate) fn first_set(&self) -> Option<&'static str> {
        let set = [
            ("--is", self.is.is_some()),
            ("--asset", self.asset.is_some()),
            ("--format", self.format.is_some()),
            ("--columns", self.columns.is_some()),
            ("--bar", self.bar.is_some()),
            ("--step", self.step.is_some()),
            ("--unit", self.unit.is_some()),
            ("--time-unit", self.time_unit.is_some()),
            ("--time-zone", self.time_zone.is_some()),
            ("--instrument", self.instrument.is_some()),
            ("--strict", self.strict),
        ];
        set.into_iter().find(|(_, is_set)| *is_set).map(|(name, _)| name)
    }
}

/// Reads one word as a scenario would.
///
/// # Errors
/// A word that is not one of the values of `T`.
pub(crate) fn word<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    T::deserialize(StrDeserializer::new(text))
}

/// Reads `time=ts,close=price`.
fn columns(text: &str) -> Result<ColumnNames, String> {
    let pairs = text.split(',').map(|pair| {
        pair.split_once('=')
            .map(|(role, name)| (role.trim(), name.trim()))
            .ok_or_else(|| format!("expected pairs such as `time=ts,close=price`, found `{pair}`"))
    });
    let mut table = toml::Table::new();
    for pair in pairs {
        let (role, name) = pair?;
        if table.insert(role.to_owned(), name.into()).is_some() {
            return Err(format!("`{role}` is named twice"));
        }
    }
    ColumnNames::deserialize(table).map_err(|error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_pairs_of_role_and_name() {
        let names = columns("time=ts, close=Last Price").unwrap();
        assert_eq!(names.time.as_deref(), Some("ts"));
        assert_eq!(names.close.as_deref(), Some("Last Price"));
        assert!(columns("close").unwrap_err().contains("found `close`"));
        assert!(columns("clsoe=x").unwrap_err().contains("unknown field `clsoe`"));
    }

    #[test]
    fn words_are_those_of_a_scenario() {
        assert_eq!(word::<SeriesKind>("inverse_perp").unwrap(), SeriesKind::InversePerp);
        assert!(word::<SeriesKind>("perpetual").unwrap_err().to_string().contains("inverse_perp"));
        assert!(word::<FormatName>("cvs").unwrap_err().to_string().contains("known: "));
    }
}
