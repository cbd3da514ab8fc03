//! Dated futures: one contract per file, or many told apart by a column.

use std::collections::BTreeMap;

use hedgerow_core::{
    Cells, Column, ContractTerms, Coverage, Defect, Future, MILLIS_PER_DAY, PaidIn, SeriesQuality,
    Severity, Table, Timestamp,
};

use crate::DataError;
use crate::align::as_of;
use crate::findings::{Findings, Seen};
use crate::formats::FormatName;
use crate::frame::frame;
use crate::instruments::{Instrument, Listed, future_name};
use crate::listed::{declared_currency, format_of};
use crate::read::head::Head;
use crate::read::head_of;
use crate::read::raw::UNREADABLE;
use crate::read::unpack::Opened;
use crate::sequence::commonest_step;
use crate::series::{Limits, Series, join, part};
use crate::source::{BarLabel, SeriesSpec, Span};
use crate::terms::TermsList;

/// Steps after which the price of a future that comes at no regular step is stale, unless declared.
const STALE_STEPS: i64 = 3;

/// Usual names of the column that tells contracts apart.
const NAMES: &[&str] =
    &["instrument_name", "futures_instrument_name", "instrument", "symbol", "contract"];
const TIME: &[&str] = &["time", "timestamp", "timestamp_ms", "open_time", "datetime", "date"];
const PRICE: &[&str] = &["close", "price", "mark_price", "mark", "last", "last_price"];

/// One dated future: prices at their instants.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FutureSeries {
    pub(crate) name: String,
    pub(crate) asset: String,
    pub(crate) expiry: Timestamp,
    pub(crate) terms: ContractTerms,
    /// Milliseconds, strictly increasing, none after the expiry.
    pub(crate) time: Vec<i64>,
    /// USD per coin.
    pub(crate) price: Vec<f64>,
    /// How old a price may be at a row, milliseconds.
    pub(crate) staleness: i64,
}

/// The futures of one series with what was found in them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FutureGroup {
    pub(crate) futures: Vec<FutureSeries>,
    pub(crate) quality: SeriesQuality,
    pub(crate) assumptions: Vec<String>,
}

/// Prices of contracts by name, in the order of the files.
type Prices = BTreeMap<String, (Vec<i64>, Vec<f64>)>;

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
            first.time.extend(future.time);
            first.price.extend(future.price);
            sort_and_unite(&mut first.time, &mut first.price, &mut findings);
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
    let unknown =
        |what, key| DataError::UnknownTerm { name: format!("{file}: {}", spec.title()), what, key };
    let expiry = spec.expiry.ok_or_else(|| unknown("expiry", "expiry"))?;
    declared_currency(spec).ok_or_else(|| unknown("currency of payment", "paid_in"))?;
    Ok(future_name(&spec.asset, expiry.0))
}

/// Expiry and terms of a contract: declared, listed, or as its name says; they must agree.
fn contract(
    name: &str,
    spec: &SeriesSpec,
    list: &TermsList,
) -> Result<(Timestamp, ContractTerms), DataError> {
    let named = Instrument::parse(name);
    let listed = list.terms(name);
    let unknown = |what, key| DataError::UnknownTerm { name: name.to_owned(), what, key };
    let differs = |what, told: String, said: String| DataError::Contradiction {
        place: format!("`{}` as declared", spec.path.display()),
        name: name.to_owned(),
        what,
        told,
        named: said,
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
    let mut future = FutureSeries {
        staleness: declared.unwrap_or_else(|| usual_staleness(&series.time)),
        name: name.clone(),
        asset: series.asset,
        expiry,
        terms,
        time: series.time,
        price: series.main,
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
    let kept = future.time.partition_point(|time| *time <= future.expiry.millis());
    findings.add(Seen {
        defect: Defect::BadValue,
        severity: Severity::Note,
        count: future.time.len() - kept,
        first: future.time.get(kept).copied().map(Timestamp::from_millis),
        what: "{n} prices are stamped after the expiry of their future and are dropped".into(),
        example: None,
    });
    future.time.truncate(kept);
    future.price.truncate(kept);
}

/// Rows of several contracts, as they come in.
#[derive(Debug, Default)]
struct Many {
    prices: Prices,
    others: BTreeMap<String, usize>,
    n_blank: usize,
    findings: Findings,
    files: Vec<String>,
    n_files: usize,
    format: &'static str,
    assumptions: Vec<String>,
}

impl Many {
    fn push(
        &mut self,
        spec: &SeriesSpec,
        opened: &Opened,
        head: &Head,
        name: usize,
    ) -> Result<(), DataError> {
        let file = &opened.name;
        let columns = spec.columns.as_ref();
        let typed = columns.and_then(|names| names.time.as_ref());
        let time = column((opened, head), spec, typed, (TIME, "time"))?;
        let typed = columns.and_then(|names| names.close.as_ref());
        let price = column((opened, head), spec, typed, (PRICE, "close"))?;
        let frame = frame(opened, head, &[name, time, price])?;
        let names = frame.texts(name)?;
        let (stamps, bad_stamps) = frame.stamps(time, spec.time_unit, spec.time_zone)?;
        let (prices, bad_prices) = frame.numbers(price)?;
        if let (Some((row, text)), true) = (&bad_stamps.first, bad_stamps.count == frame.n_rows()) {
            return Err(frame.bad_cell(time, *row, text, "a stamp"));
        }
        frame.note(
            Defect::BadValue,
            "rows have no stamp and are dropped",
            &bad_stamps,
            &mut self.findings,
        );
        frame.note(
            Defect::BadValue,
            "prices are not numbers and are dropped",
            &bad_prices,
            &mut self.findings,
        );
        frame.note_cut(&mut self.findings);
        for (row, (name, (stamp, price))) in
            names.iter().zip(stamps.iter().zip(&prices)).enumerate()
        {
            if *stamp == UNREADABLE || Some(row) == frame.cut_short {
                continue;
            }
            if !is_wanted(name, spec) {
                *self.others.entry(name.to_owned()).or_default() += 1;
            } else if *price > 0.0 {
                let (times, all) = self.prices.entry(name.to_owned()).or_default();
                times.push(*stamp);
                all.push(*price);
            } else {
                self.n_blank += 1;
            }
        }
        self.n_files += 1;
        self.files.push(file.clone());
        self.format = format_of(spec, opened, head).as_str();
        let said = format!(
            "`{file}`: prices of futures are taken from `{}`, told apart by `{}`",
            frame.name(price),
            frame.name(name)
        );
        if !self.assumptions.contains(&said) {
            self.assumptions.push(said);
        }
        Ok(())
    }

    /// All contracts, each in the order of time.
    fn group(
        mut self,
        spec: &SeriesSpec,
        limits: Limits,
        list: &TermsList,
    ) -> Result<FutureGroup, DataError> {
        if self.prices.is_empty() {
            return Err(DataError::NothingOf {
                file: self.files.join(", "),
                wanted: spec.instrument.clone().unwrap_or_else(|| spec.title()),
                found: self.others.into_keys().collect(),
            });
        }
        let declared = spec.staleness.or(limits.staleness).map(Span::millis);
        let mut futures = Vec::new();
        for (name, (mut time, mut price)) in std::mem::take(&mut self.prices) {
            sort_and_unite(&mut time, &mut price, &mut self.findings);
            if spec.bar == Some(BarLabel::Start) {
                let step =
                    spec.step.map(Span::millis).or_else(|| commonest_step(&time)).unwrap_or(0);
                time.iter_mut().for_each(|time| *time += step);
            }
            let (expiry, terms) = contract(&name, spec, list)?;
            let staleness = declared.unwrap_or_else(|| usual_staleness(&time));
            let asset = spec.asset.clone();
            let mut future = FutureSeries { name, asset, expiry, terms, time, price, staleness };
            drop_expired(&mut future, &mut self.findings);
            if !future.time.is_empty() {
                futures.push(future);
            }
        }
        self.note_rest(spec);
        let quality = self.quality(spec, &futures);
        if let (None, Some(limit)) = (declared, futures.iter().map(|future| future.staleness).max())
        {
            let limit = Span::from_millis((limit + 1) / 1000 * 1000)
                .map_or_else(String::new, |limit| limit.to_string());
            self.assumptions.push(format!(
                "{}: a price is used for at most {limit}, by how often its contract is quoted",
                quality.name
            ));
        }
        Ok(FutureGroup { futures, quality, assumptions: self.assumptions })
    }

    fn note_rest(&mut self, spec: &SeriesSpec) {
        let mut add = |defect, count, what: String| {
            self.findings.add(Seen {
                defect,
                severity: Severity::Note,
                count,
                first: None,
                what: format!("{{n}} {what}").into(),
                example: None,
            });
        };
        add(Defect::BadValue, self.n_blank, "rows say no price and are left out".to_owned());
        let n_others = self.others.values().sum();
        let names: Vec<&str> = self.others.keys().take(6).map(String::as_str).collect();
        let what = format!(
            "rows are not of dated futures on {} and are passed over: {}",
            spec.asset,
            names.join(", ")
        );
        add(Defect::Symbol, n_others, what);
    }

    fn quality(&mut self, spec: &SeriesSpec, futures: &[FutureSeries]) -> SeriesQuality {
        let mut stamps: Vec<i64> =
            futures.iter().flat_map(|future| &future.time).copied().collect();
        stamps.sort_unstable();
        let n_rows = stamps.len();
        let day = |stamp: i64| (stamp - 1).div_euclid(MILLIS_PER_DAY);
        let first_day = stamps.first().map_or(0, |stamp| day(*stamp));
        let mut rows_per_day =
            vec![
                0;
                usize::try_from(stamps.last().map_or(0, |stamp| day(*stamp)) - first_day)
                    .unwrap_or(0)
                    + 1
            ];
        for stamp in &stamps {
            rows_per_day[usize::try_from(day(*stamp) - first_day).unwrap_or(0)] += 1;
        }
        stamps.dedup();
        let (findings, marks) = std::mem::take(&mut self.findings).into_parts();
        let time = |stamp: Option<&i64>| Timestamp::from_millis(stamp.copied().unwrap_or(0));
        SeriesQuality {
            name: format!("{} futures", spec.asset),
            source: self.files.join(", "),
            format: self.format.to_owned(),
            n_rows,
            first: time(stamps.first()),
            last: time(stamps.last()),
            step_millis: commonest_step(&stamps),
            findings,
            coverage: Coverage { first_day, rows_per_day },
            marks,
        }
    }
}

/// Whether a name is that of the contract asked for, or of a dated future on the coin.
fn is_wanted(name: &str, spec: &SeriesSpec) -> bool {
    if let Some(wanted) = &spec.instrument {
        return wanted == name;
    }
    let Some(named) = Instrument::parse(name) else { return false };
    let is_paid = declared_currency(spec).is_none_or(|paid_in| paid_in == named.paid_in());
    named.asset() == spec.asset && is_paid && matches!(named.listed, Listed::Future { .. })
}

fn column(
    (opened, head): (&Opened, &Head),
    spec: &SeriesSpec,
    typed: Option<&String>,
    (usual, role): (&[&str], &'static str),
) -> Result<usize, DataError> {
    if let Some(name) = typed {
        return head.find(&opened.name, name);
    }
    let usual = if spec.columns.is_none() { head.position_of_any(usual) } else { None };
    usual.ok_or_else(|| DataError::UnmappedColumn {
        file: opened.name.clone(),
        role,
        columns: head.names.clone(),
    })
}

/// Sorts prices by time and leaves one per instant: the first in the order given.
fn sort_and_unite(time: &mut Vec<i64>, price: &mut Vec<f64>, findings: &mut Findings) {
    let mut rows: Vec<(i64, f64)> = time.iter().copied().zip(price.iter().copied()).collect();
    rows.sort_by_key(|(time, _)| *time);
    let (mut same, mut different, mut first) = (0, 0, None);
    rows.dedup_by(|next, kept| {
        let is_repeated = next.0 == kept.0;
        if is_repeated {
            let count =
                if next.1.to_bits() == kept.1.to_bits() { &mut same } else { &mut different };
            *count += 1;
            first.get_or_insert(Timestamp::from_millis(next.0));
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
    (*time, *price) = rows.into_iter().unzip();
}

/// A future on the rows of a market: its newest price that is not later than the row, not stale, and not after its expiry.
pub(crate) fn on_rows(future: FutureSeries, asset: usize, rows: &[i64]) -> Future {
    let picks = as_of(rows, &future.time, future.staleness);
    let expiry = future.expiry.millis();
    let price = |(row, pick): (&i64, Option<usize>)| {
        pick.filter(|_| *row <= expiry).map(|pick| future.price[pick])
    };
    Future {
        price: rows.iter().zip(picks).map(price).collect(),
        name: future.name,
        asset,
        expiry: future.expiry,
        terms: future.terms,
    }
}

/// The schema of [`table`] and its version.
pub(crate) const SCHEMA: &str = "futures/1";

/// Prices of futures as a table of the canonical schema `futures/1`, contract after contract, each in the order of time.
/// The usual names of columns read it back; names of contracts tell expiry and currency.
pub(crate) fn table(futures: &[FutureSeries]) -> Table {
    let count = |future: &FutureSeries| future.time.len();
    let each = |of: fn(&FutureSeries) -> Option<f64>| {
        let cells =
            futures.iter().flat_map(|future| std::iter::repeat_n(of(future), count(future)));
        Cells::Maybe(cells.collect())
    };
    let index = futures
        .iter()
        .zip(0_u32..)
        .flat_map(|(future, index)| std::iter::repeat_n(index, count(future)));
    let paid_in = |future: &FutureSeries| u32::from(future.terms.paid_in == PaidIn::Coin);
    let stamps = futures.iter().flat_map(|future| &future.time);
    let expiries =
        futures.iter().flat_map(|future| std::iter::repeat_n(future.expiry, count(future)));
    let column =
        |name: &str, unit, about, cells| Column { name: name.to_owned(), unit, about, cells };
    let names = Cells::Names {
        names: futures.iter().map(|future| future.name.clone()).collect(),
        index: index.collect(),
    };
    let currencies = Cells::Names {
        names: vec!["usd".to_owned(), "coin".to_owned()],
        index: futures
            .iter()
            .flat_map(|future| std::iter::repeat_n(paid_in(future), count(future)))
            .collect(),
    };
    let time = Cells::Time(stamps.map(|stamp| Timestamp::from_millis(*stamp)).collect());
    let price = Cells::Numbers(futures.iter().flat_map(|future| &future.price).copied().collect());
    Table {
        columns: vec![
            column("time", "UTC", "instant at which the price is known", time),
            column("instrument", "1", "the future as its venue calls it", names),
            column("price", "USD", "per coin", price),
            column("expiry", "UTC", "instant of expiry", Cells::Time(expiries.collect())),
            column("paid_in", "1", "usd or coin", currencies),
            column(
                "contract_size",
                "coins, or USD where it pays coins",
                "size of one contract",
                each(|future| Some(future.terms.size)),
            ),
            column("tick", "USD", "smallest step of its price", each(|future| future.terms.tick)),
            column("lot", "contracts", "smallest step of a trade", each(|future| future.terms.lot)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::unpack::open_each;
    use crate::source::SeriesKind;

    #[test]
    fn what_is_written_is_read_back() {
        let spec = SeriesSpec::new(SeriesKind::Future, "BTC", "x");
        let list = TermsList::default();
        let text = "time,instrument,price\n2026-02-04T00:00:00Z,BTC-6FEB26,100.5\n2026-02-04T00:00:00Z,BTC-27MAR26,102\n2026-02-05T00:00:00Z,BTC-27MAR26,102.25\n";
        let first =
            read(&spec, |take| take(Opened::text("x.csv", text.into())), Limits::default(), &list)
                .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("futures.parquet");
        crate::write_parquet(&table(&first[0].futures), &path).unwrap();
        let again =
            read(&spec, |take| open_each(&path, &path, take), Limits::default(), &list).unwrap();
        assert_eq!(again[0].futures, first[0].futures);
        assert_eq!((SCHEMA, again[0].futures.len()), ("futures/1", 2));
    }
}
