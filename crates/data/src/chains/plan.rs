//! Where the columns of an option chain stand in a file, and what they mean.

use crate::DataError;
use crate::read::head::Head;
use crate::source::{ColumnNames, SeriesSpec, TimeUnit, ValueUnit, Zone};

/// A column of numbers of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Field {
    /// Best bid, in the currency of payment.
    Bid,
    /// Best ask.
    Ask,
    /// Mark price of the venue.
    Mark,
    /// Vol of the mark.
    MarkVol,
    /// Vol of the bid; tells only whether somebody bids.
    BidVol,
    /// Vol of the ask; tells only whether somebody offers.
    AskVol,
    /// Forward of the expiry, USD per coin.
    Forward,
    /// Index price of the coin, USD.
    Index,
    /// Delta as the venue displays it.
    Delta,
    /// Contracts.
    OpenInterest,
}

impl Field {
    /// How many there are.
    pub(super) const COUNT: usize = Self::OpenInterest as usize + 1;
}

/// What the rows of a file are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    /// They were meant to be taken at one instant: all of a stamp, or all of a file where each has its own stamp.
    Snapshot,
    /// Each stands for itself.
    Stream,
}

/// Where the columns of an option chain stand.
#[derive(Debug, Clone, PartialEq)]
pub struct ChainPlan {
    pub(crate) time: usize,
    pub(crate) time_unit: Option<TimeUnit>,
    pub(crate) zone: Option<Zone>,
    /// The instrument's name; where there is none, `terms` tell the contract.
    pub(crate) name: Option<usize>,
    /// Kind, strike and expiry, each in a column of its own: checked against the name, or instead of it.
    pub(crate) terms: Option<[usize; 3]>,
    pub(crate) fields: Vec<(Field, usize)>,
    /// Name of what the forward was taken from: `SYN.…`, `index_price` or a future.
    pub(crate) forward_name: Option<usize>,
    /// Unit of vols; `None`: fraction, checked by size.
    pub(crate) unit: Option<ValueUnit>,
    pub(crate) rows: Rows,
    /// What the format assumes, a sentence each.
    pub(crate) assumptions: Vec<String>,
}

impl ChainPlan {
    /// The columns of a format by their names; those that a file lacks are left out, except stamp and name.
    ///
    /// # Errors
    /// [`DataError::NoColumn`] when stamp or name is not there.
    pub(crate) fn of_names(
        file: &str,
        spec: &SeriesSpec,
        head: &Head,
        (time, name): (&str, &str),
        fields: &[(Field, &str)],
    ) -> Result<Self, DataError> {
        Ok(Self {
            time: head.find(file, time)?,
            time_unit: spec.time_unit,
            zone: spec.time_zone,
            name: Some(head.find(file, name)?),
            terms: None,
            fields: fields
                .iter()
                .filter_map(|(field, name)| Some((*field, head.position(name)?)))
                .collect(),
            forward_name: None,
            unit: spec.unit,
            rows: Rows::Snapshot,
            assumptions: Vec::new(),
        })
    }

    /// Columns that tell kind, strike and expiry, where the file has them all.
    pub(crate) fn with_terms(mut self, head: &Head, names: [&str; 3]) -> Self {
        let [kind, strike, expiry] = names.map(|name| head.position(name));
        self.terms =
            kind.zip(strike).zip(expiry).map(|((kind, strike), expiry)| [kind, strike, expiry]);
        self
    }

    /// Every column that is read.
    pub(crate) fn wanted(&self) -> Vec<usize> {
        let fields = self.fields.iter().map(|(_, index)| *index);
        let terms = self.terms.into_iter().flatten();
        std::iter::once(self.time)
            .chain(self.name)
            .chain(self.forward_name)
            .chain(terms)
            .chain(fields)
            .collect()
    }
}

const TIME: &[&str] =
    &["time", "timestamp", "timestamp_ms", "datetime", "date", "creation_timestamp"];
const NAME: &[&str] = &["instrument", "instrument_name", "symbol", "contract"];
const TERMS: [&[&str]; 3] = [
    &["kind", "option_type", "type"],
    &["strike", "strike_price"],
    &["expiry", "expiration", "expiry_datetime", "expiration_timestamp"],
];

/// The fields with their usual names.
const FIELDS: &[(Field, &[&str])] = &[
    (Field::Bid, &["bid", "bid_price", "best_bid_price"]),
    (Field::Ask, &["ask", "ask_price", "best_ask_price"]),
    (Field::Mark, &["mark", "mark_price"]),
    (Field::MarkVol, &["mark_vol", "vol", "mark_iv", "implied_volatility", "iv"]),
    (Field::BidVol, &["bid_iv", "bid_vol"]),
    (Field::AskVol, &["ask_iv", "ask_vol"]),
    (Field::Forward, &["forward", "underlying_price", "futures_price"]),
    (Field::Index, &["index", "index_price"]),
    (Field::Delta, &["delta", "greeks.delta"]),
    (Field::OpenInterest, &["open_interest"]),
];

/// The columns as declared in `columns = { … }`, or by their usual names.
///
/// # Errors
/// [`DataError`] when stamp or contract cannot be told, or nothing is said of the options.
pub(crate) fn mapped(file: &str, spec: &SeriesSpec, head: &Head) -> Result<ChainPlan, DataError> {
    let unmapped = |role| DataError::UnmappedColumn {
        file: file.to_owned(),
        role,
        columns: head.names.clone(),
    };
    let nothing = ColumnNames::default();
    let declared = spec.columns.as_ref();
    let names = declared.unwrap_or(&nothing);
    let find = |typed: &Option<String>, usual: &[&str]| match (typed, declared) {
        (Some(name), _) => head.find(file, name).map(Some),
        (None, Some(_)) => Ok(None),
        (None, None) => Ok(head.position_of_any(usual)),
    };
    let time = find(&names.time, TIME)?.ok_or_else(|| unmapped("time"))?;
    let name = find(&names.instrument, NAME)?;
    let [kind, strike, expiry] = [
        find(&names.kind, TERMS[0])?,
        find(&names.strike, TERMS[1])?,
        find(&names.expiry, TERMS[2])?,
    ];
    let terms = kind.zip(strike).zip(expiry).map(|((kind, strike), expiry)| [kind, strike, expiry]);
    if name.is_none() && terms.is_none() {
        return Err(unmapped("instrument"));
    }
    let mut fields = Vec::new();
    for (field, usual) in FIELDS {
        if let Some(index) = find(typed(names, *field), usual)? {
            fields.push((*field, index));
        }
    }
    if !fields
        .iter()
        .any(|(field, _)| matches!(field, Field::Bid | Field::Ask | Field::Mark | Field::MarkVol))
    {
        return Err(unmapped("mark"));
    }
    let plan = ChainPlan {
        time,
        time_unit: spec.time_unit,
        zone: spec.time_zone,
        name,
        terms,
        fields,
        forward_name: None,
        unit: spec.unit,
        rows: Rows::Snapshot,
        assumptions: Vec::new(),
    };
    Ok(if declared.is_none() { with_names(plan, file, head) } else { plan })
}

fn typed(names: &ColumnNames, field: Field) -> &Option<String> {
    match field {
        Field::Bid => &names.bid,
        Field::Ask => &names.ask,
        Field::Mark => &names.mark,
        Field::MarkVol => &names.vol,
        Field::BidVol | Field::AskVol => &None,
        Field::Forward => &names.forward,
        Field::Index => &names.index,
        Field::Delta => &names.delta,
        Field::OpenInterest => &names.open_interest,
    }
}

/// Says which columns were taken by name.
fn with_names(mut plan: ChainPlan, file: &str, head: &Head) -> ChainPlan {
    let taken: Vec<String> =
        plan.wanted().into_iter().map(|index| format!("`{}`", head.names[index])).collect();
    plan.assumptions.push(format!("`{file}`: columns are taken by name: {}", taken.join(", ")));
    plan
}
