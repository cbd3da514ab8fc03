//! Lists of what a venue fixes about its contracts: Deribit's `get_instruments` and `get_instrument`.

use std::collections::BTreeMap;

use hedgerow_core::{ContractTerms, PaidIn, Timestamp};
use serde::Deserialize;
use serde_json::Value;

use crate::DataError;
use crate::instruments::{Instrument, Listed, kind_of};
use crate::read::unpack::{Content, Opened};
use crate::source::SeriesSpec;

const FORMAT: &str = "deribit instruments";

/// Expiry of perpetuals in Deribit's lists, and later: the year 3000.
const NEVER_MILLIS: i64 = 32_000_000_000_000;

/// What is known of contracts by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct TermsList {
    terms: BTreeMap<String, (ContractTerms, Option<Timestamp>)>,
    pub(crate) assumptions: Vec<String>,
}

/// As the API gives it.
#[derive(Debug, Deserialize)]
struct Row {
    instrument_name: String,
    kind: String,
    #[serde(default)]
    option_type: Option<String>,
    #[serde(default)]
    strike: Option<f64>,
    #[serde(default)]
    expiration_timestamp: Option<i64>,
    instrument_type: String,
    contract_size: f64,
    tick_size: f64,
    min_trade_amount: f64,
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
    let error = |reason: String| DataError::Format { file: opened.name.clone(), format: FORMAT, reason };
    let value: Value = match &opened.content {
        Content::Text(bytes) => serde_json::from_slice(bytes).map_err(|found| error(found.to_string()))?,
        _ => return Err(error("it is not JSON".to_owned())),
    };
    let rows = rows(&value).ok_or_else(|| error("there is no `instrument_name` in it".to_owned()))?;
    let mut n_taken = 0;
    for (position, row) in rows.into_iter().enumerate() {
        let place = format!("record {}", position + 1);
        let row = Row::deserialize(row).map_err(|found| error(format!("{place}: {found}")))?;
        let Some(named) = Instrument::parse(&row.instrument_name) else { continue };
        if named.asset() != spec.asset {
            continue;
        }
        let terms = terms(opened, &place, &named, &row)?;
        list.terms.insert(row.instrument_name, terms);
        n_taken += 1;
    }
    if n_taken == 0 {
        return Err(DataError::NothingOf {
            file: opened.name.clone(),
            wanted: spec.title(),
            found: vec!["contracts on other coins".to_owned()],
        });
    }
    list.assumptions.push(format!(
        "`{}`: sizes, ticks, lots and expiries of {n_taken} contracts on {} are those of the list",
        opened.name, spec.asset
    ));
    Ok(())
}

/// The contracts in an answer of the API, in a list of them, or one alone.
fn rows(value: &Value) -> Option<Vec<&Value>> {
    let value = value.get("result").unwrap_or(value);
    let rows: Vec<&Value> = match value {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(_) => vec![value],
        _ => return None,
    };
    let is_contract = |row: &&Value| row.get("instrument_name").is_some();
    (!rows.is_empty() && rows.iter().all(is_contract)).then_some(rows)
}

/// Holds a row against its name.
fn terms(
    opened: &Opened,
    place: &str,
    named: &Instrument,
    row: &Row,
) -> Result<(ContractTerms, Option<Timestamp>), DataError> {
    let differs = |what, told: String, said: String| DataError::Contradiction {
        file: opened.name.clone(),
        place: place.to_owned(),
        name: row.instrument_name.clone(),
        what,
        told,
        named: said,
    };
    let paid_in = match row.instrument_type.as_str() {
        "reversed" => PaidIn::Coin,
        _ => PaidIn::Usd,
    };
    if paid_in != named.paid_in() {
        return Err(differs("currency of payment", currency(paid_in), currency(named.paid_in())));
    }
    let expiry = row.expiration_timestamp.filter(|stamp| *stamp < NEVER_MILLIS).map(Timestamp::from_millis);
    let said = |expiry: Option<Timestamp>| expiry.map_or("never".to_owned(), |expiry| expiry.to_string());
    // A name tells the day; the hour of a list is more than the usual one.
    if expiry.map(Timestamp::date) != named.expiry().map(Timestamp::date) {
        return Err(differs("expiry", said(expiry), said(named.expiry())));
    }
    if let Listed::Option { strike, kind, .. } = named.listed {
        if row.strike != Some(strike) {
            let told = row.strike.map_or("unknown".to_owned(), |strike| strike.to_string());
            return Err(differs("strike", told, strike.to_string()));
        }
        let told = row.option_type.as_deref().unwrap_or("unknown");
        if kind_of(told) != Some(kind) {
            return Err(differs("kind", told.to_owned(), kind.name().to_owned()));
        }
    } else if row.kind == "option" {
        return Err(differs("kind", "option".to_owned(), "future".to_owned()));
    }
    for (what, number) in
        [("size", row.contract_size), ("tick", row.tick_size), ("lot", row.min_trade_amount)]
    {
        if !(number.is_finite() && number > 0.0) {
            return Err(differs(what, number.to_string(), "a positive number".to_owned()));
        }
    }
    let terms = ContractTerms {
        paid_in,
        size: row.contract_size,
        tick: Some(row.tick_size),
        // Amounts of inverse futures are in USD, those of everything else in coins; a lot is in contracts.
        lot: Some(row.min_trade_amount / row.contract_size),
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
