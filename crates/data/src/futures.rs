//! Dated futures: one contract per file, or many told apart by a column.

pub(crate) mod canonical;
mod many;
mod placed;
mod rolls;
mod rows;

use hedgerow_core::{
    ContractTerms, Defect, MILLIS_PER_DAY, PaidIn, SeriesQuality, Severity, Timestamp,
};

use crate::findings::{Findings, Seen};
use crate::formats::FormatName;
use crate::instruments::{Instrument, future_name};
use crate::listed::{declared_currency, format_of};
use crate::read::head::Head;
use crate::read::head_of;
use crate::read::unpack::Opened;
use crate::sequence::commonest_step;
use crate::series::{Limits, Series, join, part};
use crate::source::{SeriesSpec, Span};
use crate::terms::TermsList;
use crate::{ContractError, DataError};
use many::Many;
pub(crate) use placed::{OwnPrices, placed};
pub use rolls::describe_rolls;
use rows::{Ages, Spot, on_rows};

/// Steps after which the price of a future that comes at no regular step is stale, unless declared.
const STALE_STEPS: i64 = 3;

/// Usual names of the column that tells contracts apart.
const NAMES: &[&str] =
    &["instrument_name", "futures_instrument_name", "instrument", "symbol", "contract"];

/// One dated future: prices at their instants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FutureSeries {
    pub(crate) name: String,
    pub(crate) asset: String,
    pub(crate) expiry: Timestamp,
    pub(crate) terms: ContractTerms,
    /// In the order of time, no instant twice, none after the expiry.
    pub(crate) said: Vec<Said>,
    /// A price that is older at a row is warned of, milliseconds.
    pub(crate) staleness: i64,
}

/// One price of a future.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Said {
    /// Milliseconds.
    pub(crate) time: i64,
    /// USD per coin.
    pub(crate) price: f64,
    /// Index price of the coin that was said with it, USD.
    pub(crate) index: Option<f64>,
}

/// The futures of one series with what was found in them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FutureGroup {
    pub(crate) futures: Vec<FutureSeries>,
    pub(crate) quality: SeriesQuality,
    pub(crate) assumptions: Vec<String>,
}

/// Reads what one entry of a scenario says of futures.
///
/// # Errors
/// [`DataError`] when a file cannot be read, or something about a contract is not known.
pub(crate) fn read(
    spec: &SeriesSpec,
    each: impl FnOnce(&mut dyn FnMut(Opened) -> Result<(), DataError>) -> Result<(), DataError>,
    limits: Limits,
    list: &TermsList,
) -> Result<Vec<FutureGroup>, DataError> {
    let mut many = Many::default();
    let mut single = Vec::new();
    each(&mut |opened| {
        let head = head_of(&opened)?;
        match name_column(spec, &opened, &head)? {
            Some(column) => many.push(spec, &opened, &head, column),
            None => {
                let name = single_name(spec, &opened.name)?;
                single.push((name, part(&opened, spec, limits.mode)?));
                Ok(())
            }
        }
    })?;
    let mut groups = Vec::new();
    single.sort_by(|(a, _), (b, _)| a.cmp(b));
    for parts in single.chunk_by(|(a, _), (b, _)| a == b) {
        let named = SeriesSpec { instrument: Some(parts[0].0.clone()), ..spec.clone() };
        let parts = parts.iter().map(|(_, part)| part.clone()).collect();
        groups.push(of_series(join(&[&named], parts, limits)?, &named, limits, list)?);
    }
    if many.n_files > 0 {
        groups.push(many.group(spec, limits, list)?);
    }
    Ok(groups)
}

/// Joins what several entries say of one contract; of two prices at one instant the first is kept.
pub(crate) fn united(groups: Vec<FutureGroup>) -> Vec<FutureGroup> {
    let mut joined: Vec<FutureGroup> = Vec::new();
    for mut group in groups {
        let (mut known, mut new) = (Vec::new(), Vec::new());
        for future in std::mem::take(&mut group.futures) {
            let is_known = joined
                .iter()
                .any(|group| group.futures.iter().any(|other| other.name == future.name));
            if is_known { known.push(future) } else { new.push(future) }
        }
        let mut findings = Findings::default();
        for future in known {
            let same = |other: &&mut FutureSeries| other.name == future.name;
            let Some(first) = joined.iter_mut().flat_map(|group| &mut group.futures).find(same)
            else {
                continue;
            };
            first.said.extend(future.said);
            sort_and_unite(&mut first.said, &mut findings);
        }
        group.quality.findings.extend(findings.into_parts().0);
        group.futures = new;
        joined.push(group);
    }
    joined
}

/// The column that tells contracts apart, if there is one.
fn name_column(
    spec: &SeriesSpec,
    opened: &Opened,
    head: &Head,
) -> Result<Option<usize>, DataError> {
    match &spec.columns {
        Some(names) => {
            let declared = names.instrument.as_deref();
            declared.map(|name| head.find(&opened.name, name)).transpose()
        }
        None => {
            let format = format_of(spec, opened, head);
            let is_table = format == FormatName::generic(opened) || format.as_str() == "hedgerow";
            Ok(head.position_of_any(NAMES).filter(|_| is_table))
        }
    }
}

/// The contract of a file that holds one: as declared, or the longest start of the file's name that is the name of one.
fn single_name(spec: &SeriesSpec, file: &str) -> Result<String, DataError> {
    if let Some(name) = &spec.instrument {
        return Ok(name.clone());
    }
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = name.split('.').next().unwrap_or(name);
    let ends = stem.match_indices('-').map(|(end, _)| end).chain([stem.len()]);
    let of_file = ends.filter_map(|end| Instrument::parse(&stem[..end])).next_back();
    if let Some(named) = of_file.filter(|named| named.asset() == spec.asset) {
        return Ok(named.to_string());
    }
    let unknown = |what, key| {
        DataError::Contract(ContractError::UnknownTerm {
            name: format!("{file}: {}", spec.title()),
            what,
            key,
        })
    };
    let expiry = spec.expiry.ok_or_else(|| unknown("expiry", "expiry"))?;
    let paid_in =
        declared_currency(spec).ok_or_else(|| unknown("currency of payment", "paid_in"))?;
    Ok(future_name(&spec.asset, expiry.0, paid_in))
}

/// Expiry and terms of a contract: declared, listed, or as its name says; they must agree.
fn contract(
    name: &str,
    spec: &SeriesSpec,
    list: &TermsList,
) -> Result<(Timestamp, ContractTerms), DataError> {
    let named = Instrument::parse(name);
    let listed = list.terms(name);
    let unknown = |what, key| {
        DataError::Contract(ContractError::UnknownTerm { name: name.to_owned(), what, key })
    };
    let differs = |what, told: String, said: String| {
        DataError::Contract(ContractError::Contradiction {
            place: format!("`{}` as declared", spec.path.display()),
            name: name.to_owned(),
            what,
            told,
            named: said,
        })
    };
    let of_name = named.as_ref().and_then(Instrument::expiry);
    let named_expiry = list.expiry(name).or(of_name);
    let expiry = match (spec.expiry, named_expiry) {
        (Some(declared), Some(named)) if declared.0 != named => {
            return Err(differs("expiry", declared.0.to_string(), named.to_string()));
        }
        (declared, named) => declared.map(|expiry| expiry.0).or(named),
    };
    let named_currency = named.as_ref().filter(|_| named_expiry.is_some()).map(Instrument::paid_in);
    let paid_in = match (declared_currency(spec), named_currency) {
        (Some(declared), Some(named)) if declared != named => {
            let said = |paid_in| if paid_in == PaidIn::Coin { "coin" } else { "usd" }.to_owned();
            return Err(differs("currency of payment", said(declared), said(named)));
        }
        (declared, named) => declared.or(named),
    };
    let size = spec
        .contract_size
        .or(listed.map(|terms| terms.size))
        .or_else(|| named.as_ref().and_then(Instrument::size));
    let terms = ContractTerms {
        paid_in: paid_in.ok_or_else(|| unknown("currency of payment", "paid_in"))?,
        size: size.ok_or_else(|| unknown("contract size", "contract_size"))?,
        tick: spec.tick.or(listed.and_then(|terms| terms.tick)),
        lot: spec.lot.or(listed.and_then(|terms| terms.lot)),
    };
    Ok((expiry.ok_or_else(|| unknown("expiry", "expiry"))?, terms))
}

/// One contract from a series of its own.
fn of_series(
    series: Series,
    spec: &SeriesSpec,
    limits: Limits,
    list: &TermsList,
) -> Result<FutureGroup, DataError> {
    let name = spec.instrument.clone().unwrap_or_default();
    let (expiry, terms) = contract(&name, spec, list)?;
    let declared = spec.staleness.or(limits.staleness).map(Span::millis);
    let prices = series.time.iter().zip(&series.main);
    let said = prices.map(|(time, price)| Said { time: *time, price: *price, index: None });
    let mut future = FutureSeries {
        staleness: declared.unwrap_or_else(|| usual_staleness(&series.time)),
        name: name.clone(),
        asset: series.asset,
        expiry,
        terms,
        said: said.collect(),
    };
    let mut quality = series.quality;
    quality.name = format!("{name} future");
    let mut findings = Findings::default();
    drop_expired(&mut future, &mut findings);
    quality.findings.extend(findings.into_parts().0);
    Ok(FutureGroup { futures: vec![future], quality, assumptions: series.assumptions })
}

/// Less than one step where prices come at a regular step, as for every price; else some of the median step.
fn usual_staleness(time: &[i64]) -> i64 {
    let mut steps: Vec<i64> = time.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let Some(commonest) = commonest_step(time) else { return MILLIS_PER_DAY };
    let n_common = steps.iter().filter(|step| **step == commonest).count();
    if n_common * 2 >= steps.len() {
        return commonest - 1;
    }
    let middle = steps.len() / 2;
    STALE_STEPS * *steps.select_nth_unstable(middle).1
}

/// A contract has no price after its expiry.
fn drop_expired(future: &mut FutureSeries, findings: &mut Findings) {
    let kept = future.said.partition_point(|said| said.time <= future.expiry.millis());
    findings.add(Seen {
        defect: Defect::BadValue,
        severity: Severity::Note,
        count: future.said.len() - kept,
        first: future.said.get(kept).map(|said| Timestamp::from_millis(said.time)),
        what: "{n} prices are stamped after the expiry of their future and are dropped".into(),
        example: None,
    });
    future.said.truncate(kept);
}

/// Sorts prices by time and leaves one per instant: the first in the order given.
fn sort_and_unite(rows: &mut Vec<Said>, findings: &mut Findings) {
    rows.sort_by_key(|said| said.time);
    let (mut same, mut different, mut first) = (0, 0, None);
    rows.dedup_by(|next, kept| {
        let is_repeated = next.time == kept.time;
        if is_repeated {
            let count = if next.price.to_bits() == kept.price.to_bits() {
                &mut same
            } else {
                &mut different
            };
            *count += 1;
            first.get_or_insert(Timestamp::from_millis(next.time));
        }
        is_repeated
    });
    let seen = |severity, count, what: &'static str| Seen {
        defect: Defect::Duplicate,
        severity,
        count,
        first,
        what: format!("{{n}} {what}").into(),
        example: None,
    };
    findings.add(seen(Severity::Note, same, "prices repeat another exactly and are dropped"));
    let conflict = "prices have the stamp and contract of another but differ; the first is kept";
    findings.add(seen(Severity::Warning, different, conflict));
}
