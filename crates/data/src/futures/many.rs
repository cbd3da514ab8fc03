//! Files whose rows belong to several futures, told apart by a column.

use std::collections::BTreeMap;

use hedgerow_core::{Coverage, Defect, MILLIS_PER_DAY, SeriesQuality, Severity, Timestamp};

use super::{
    FutureGroup, FutureSeries, Said, contract, drop_expired, sort_and_unite, usual_staleness,
};
use crate::findings::{Findings, Seen};
use crate::frame::frame;
use crate::instruments::{Instrument, Listed};
use crate::listed::{declared_currency, format_of};
use crate::read::head::Head;
use crate::read::raw::UNREADABLE;
use crate::read::unpack::Opened;
use crate::sequence::commonest_step;
use crate::series::Limits;
use crate::source::{BarLabel, SeriesSpec, Span};
use crate::terms::TermsList;
use crate::{ContractError, DataError};

/// Usual names of the stamps.
const TIME: &[&str] = &["time", "timestamp", "timestamp_ms", "open_time", "datetime", "date"];
/// Usual names of the prices.
const PRICE: &[&str] = &["close", "price", "mark_price", "mark", "last", "last_price"];

/// Usual names of the index prices of the coin.
const INDEX: &[&str] = &["index_price", "index"];

/// Prices of contracts by name, in the order of the files.
type Prices = BTreeMap<String, Vec<Said>>;

/// Rows of several contracts, as they come in.
#[derive(Debug, Default)]
pub(super) struct Many {
    prices: Prices,
    others: BTreeMap<String, usize>,
    n_blank: usize,
    findings: Findings,
    files: Vec<String>,
    pub(super) n_files: usize,
    format: &'static str,
    assumptions: Vec<String>,
}

impl Many {
    /// Takes one file.
    pub(super) fn push(
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
        let index = match columns.and_then(|names| names.index.as_ref()) {
            Some(typed) => Some(head.find(file, typed)?),
            None if columns.is_none() => head.position_of_any(INDEX),
            None => None,
        };
        let taken: Vec<usize> = [name, time, price].into_iter().chain(index).collect();
        let frame = frame(opened, head, &taken)?;
        let names = frame.texts(name)?;
        let (stamps, bad_stamps) = frame.stamps(time, spec.time_unit, spec.time_zone)?;
        let (prices, bad_prices) = frame.numbers(price)?;
        let indices = index.map(|index| frame.numbers(index)).transpose()?;
        if let Some((_, bad)) = &indices {
            let what = "index prices are not numbers and are not used";
            frame.note(Defect::BadValue, what, bad, &mut self.findings);
        }
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
                let of_row = indices.as_ref().map(|(indices, _)| indices[row]);
                let index = of_row.filter(|index| index.is_finite() && *index > 0.0);
                let said = Said { time: *stamp, price: *price, index };
                self.prices.entry(name.to_owned()).or_default().push(said);
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
        for said in [Some(said), spec.period(file)].into_iter().flatten() {
            if !self.assumptions.contains(&said) {
                self.assumptions.push(said);
            }
        }
        Ok(())
    }

    /// All contracts, each in the order of time.
    pub(super) fn group(
        mut self,
        spec: &SeriesSpec,
        limits: Limits,
        list: &TermsList,
    ) -> Result<FutureGroup, DataError> {
        if self.prices.is_empty() {
            return Err(DataError::Contract(ContractError::NothingOf {
                file: self.files.join(", "),
                wanted: spec.instrument.clone().unwrap_or_else(|| spec.title()),
                found: self.others.into_keys().collect(),
            }));
        }
        let declared = spec.staleness.or(limits.staleness).map(Span::millis);
        let mut futures = Vec::new();
        for (name, mut said) in std::mem::take(&mut self.prices) {
            sort_and_unite(&mut said, &mut self.findings);
            let time: Vec<i64> = said.iter().map(|said| said.time).collect();
            if spec.bar == Some(BarLabel::Start) {
                let step =
                    spec.step.map(Span::millis).or_else(|| commonest_step(&time)).unwrap_or(0);
                said.iter_mut().for_each(|said| said.time += step);
            }
            let window = spec.window();
            said.retain(|said| window.holds(said.time));
            let (expiry, terms) = contract(&name, spec, list)?;
            let staleness = declared.unwrap_or_else(|| usual_staleness(&time));
            let asset = spec.asset.clone();
            let mut future = FutureSeries { name, asset, expiry, terms, said, staleness };
            drop_expired(&mut future, &mut self.findings);
            if !future.said.is_empty() {
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
                "{}: a price older than {limit} at a row is warned of, by how often its contract is quoted",
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
            futures.iter().flat_map(|future| &future.said).map(|said| said.time).collect();
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
