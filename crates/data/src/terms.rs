//! Lists of what a venue fixes about its contracts: Deribit's `get_instruments` and `get_instrument`.

use std::collections::{BTreeMap, BTreeSet};

use hedgerow_core::{ContractTerms, PaidIn, Timestamp};

use crate::frame::{frame, instant};
use crate::instruments::{Instrument, Listed, kind_of};
use crate::read::head_of;
use crate::read::unpack::Opened;
use crate::source::SeriesSpec;
use crate::{ContractError, DataError};

/// Expiry of perpetuals in Deribit's lists, and later: the year 3000.
const NEVER_MILLIS: i64 = 32_000_000_000_000;

/// What is known of contracts by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TermsList {
    terms: BTreeMap<String, (ContractTerms, Option<Timestamp>)>,
    pub(crate) assumptions: Vec<String>,
}

/// The columns, as the API names them.
const COLUMNS: [&str; 9] = [
    "instrument_name",
    "kind",
    "instrument_type",
    "expiration_timestamp",
    "strike",
    "option_type",
    "contract_size",
    "tick_size",
    "min_trade_amount",
];

/// Those that only options have.
const OF_OPTIONS: [&str; 2] = ["strike", "option_type"];

/// One contract as the API gives it.
#[derive(Debug)]
struct Row<'a> {
    instrument_name: &'a str,
    kind: &'a str,
    instrument_type: &'a str,
    expiration_timestamp: Option<Timestamp>,
    strike: f64,
    option_type: &'a str,
    /// Size, tick and lot.
    numbers: [f64; 3],
}

/// Adds the contracts on the coin of `spec` in one file to the list.
///
/// # Errors
/// [`DataError`] when it is not such a list, or contradicts the name of a contract.
pub(crate) fn read(
    opened: &Opened,
    spec: &SeriesSpec,
    list: &mut TermsList,
) -> Result<(), DataError> {
    let head = head_of(opened)?;
    let mut columns = Vec::with_capacity(COLUMNS.len());
    for name in COLUMNS {
        match head.position(name) {
            None if OF_OPTIONS.contains(&name) => columns.push(None),
            _ => columns.push(Some(head.find(&opened.name, name)?)),
        }
    }
    let wanted: Vec<usize> = columns.iter().flatten().copied().collect();
    let frame = frame(opened, &head, &wanted)?;
    let texts = columns.iter().map(|index| index.map(|index| frame.texts(index)).transpose());
    let texts = texts.collect::<Result<Vec<_>, _>>()?;
    let mut n_taken = 0;
    let mut others = BTreeSet::new();
    for index in 0..frame.n_rows() {
        let cell = |column: usize| texts[column].as_ref().map_or("", |texts| texts.get(index));
        let number = |column: usize| cell(column).parse().unwrap_or(f64::NAN);
        let row = Row {
            instrument_name: cell(0),
            kind: cell(1),
            instrument_type: cell(2),
            expiration_timestamp: instant(cell(3), None, None).map(Timestamp::from_millis),
            strike: number(4),
            option_type: cell(5),
            numbers: [number(6), number(7), number(8)],
        };
        let Some(named) = Instrument::parse(row.instrument_name) else { continue };
        if named.asset() != spec.asset {
            others.insert(named.asset().to_owned());
            continue;
        }
        let terms = terms(opened, &frame.place(index), &named, &row)?;
        list.terms.insert(row.instrument_name.to_owned(), terms);
        n_taken += 1;
    }
    if n_taken == 0 {
        let found = others.into_iter().collect();
        return Err(DataError::Contract(ContractError::NothingOf {
            file: opened.name.clone(),
            wanted: spec.title(),
            found,
        }));
    }
    list.assumptions.push(format!(
        "`{}`: sizes, ticks, lots and expiries of {n_taken} contracts on {} are those of the list",
        opened.name, spec.asset
    ));
    Ok(())
}

/// Holds a row against its name.
fn terms(
    opened: &Opened,
    place: &str,
    named: &Instrument,
    row: &Row<'_>,
) -> Result<(ContractTerms, Option<Timestamp>), DataError> {
    let differs = |what, told: String, said: String| {
        DataError::Contract(ContractError::Contradiction {
            place: format!("`{}` {place}", opened.name),
            name: row.instrument_name.to_owned(),
            what,
            told,
            named: said,
        })
    };
    let paid_in = match row.instrument_type {
        "reversed" => PaidIn::Coin,
        _ => PaidIn::Usd,
    };
    if paid_in != named.paid_in() {
        return Err(differs("currency of payment", currency(paid_in), currency(named.paid_in())));
    }
    let expiry = row.expiration_timestamp.filter(|stamp| stamp.millis() < NEVER_MILLIS);
    let said =
        |expiry: Option<Timestamp>| expiry.map_or("never".to_owned(), |expiry| expiry.to_string());
    // A name tells the day; the hour of a list is more than the usual one.
    if expiry.map(Timestamp::date) != named.expiry().map(Timestamp::date) {
        return Err(differs("expiry", said(expiry), said(named.expiry())));
    }
    if let Listed::Option { strike, kind, .. } = named.listed {
        if row.strike.total_cmp(&strike).is_ne() {
            return Err(differs("strike", row.strike.to_string(), strike.to_string()));
        }
        if kind_of(row.option_type) != Some(kind) {
            return Err(differs("kind", row.option_type.to_owned(), kind.name().to_owned()));
        }
    } else if row.kind == "option" {
        return Err(differs("kind", "option".to_owned(), "future".to_owned()));
    }
    for (what, number) in ["size", "tick", "lot"].into_iter().zip(row.numbers) {
        if !(number.is_finite() && number > 0.0) {
            return Err(differs(
                what,
                number.to_string(),
                "nothing against a positive number".to_owned(),
            ));
        }
    }
    let [size, tick, least] = row.numbers;
    let terms = ContractTerms {
        paid_in,
        size,
        tick: Some(tick),
        // Amounts of inverse futures are in USD, those of everything else in coins; a lot is in contracts.
        lot: Some(least / size),
    };
    Ok((terms, expiry))
}

fn currency(paid_in: PaidIn) -> String {
    if paid_in == PaidIn::Coin { "coin".to_owned() } else { "USD".to_owned() }
}

impl TermsList {
    /// What is known of a contract.
    pub(crate) fn terms(&self, name: &str) -> Option<ContractTerms> {
        self.terms.get(name).map(|(terms, _)| *terms)
    }

    /// When a contract expires as listed.
    pub(crate) fn expiry(&self, name: &str) -> Option<Timestamp> {
        self.terms.get(name).and_then(|(_, expiry)| *expiry)
    }
}
