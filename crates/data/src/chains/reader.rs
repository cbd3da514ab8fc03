//! Files to quotes: which option each row is about, and what it says.

use std::collections::HashMap;

use hedgerow_core::{Defect, OptionContract, PaidIn, Quote, Timestamp};

use super::plan::{ChainPlan, Field, Rows};
use super::rules::{Line, Remark, Tally, judged};
use super::simultaneity::{Spread, spreads};
use super::terms::{Terms, check, terms_of};
use crate::DataError;
use crate::findings::Findings;
use crate::frame::{BadCells, Frame, frame};
use crate::instruments::{Instrument, Listed};
use crate::read::head::Head;
use crate::read::raw::UNREADABLE;
use crate::read::unpack::Opened;
use crate::source::ValueUnit;

/// A chain that is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) asset: String,
    /// `None`: in whatever currency there is.
    pub(crate) paid_in: Option<PaidIn>,
    /// The one option that is asked for; `None`: all.
    pub(crate) instrument: Option<String>,
}

/// What was read of one chain.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Book {
    pub(crate) asset: String,
    pub(crate) paid_in: PaidIn,
    /// The first name that says so; `None` where it is declared and no name says anything.
    pub(crate) named: Option<String>,
    pub(crate) contracts: Vec<OptionContract>,
    /// In the order of the files; `contract` points into `contracts`.
    pub(crate) quotes: Vec<Quote>,
    pub(crate) tally: Tally,
    /// Of each mark near the money over a rough value of the option; far from 1 where marks are in another currency.
    pub(crate) mark_ratios: Vec<f64>,
    pub(crate) spreads: Vec<Spread>,
    pub(crate) findings: Findings,
    /// Files that hold something of it, in order.
    pub(crate) files: Vec<String>,
    /// Name of the format.
    pub(crate) format: &'static str,
    /// Unit of vols as declared or as the format has it.
    pub(crate) unit: Option<ValueUnit>,
    pub(crate) assumptions: Vec<String>,
}

/// Reads files one after another; names of instruments are understood once.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    wanted: &'a [Wanted],
    pub(crate) books: Vec<Book>,
    names: HashMap<String, Slot>,
    /// Rows that name no option.
    pub(crate) unnamed: Unnamed,
}

/// Rows that name no option: how many, and the first with its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Unnamed {
    pub(crate) n_rows: usize,
    pub(crate) first: Option<String>,
}

/// What is known of a name.
#[derive(Debug, Clone, Copy)]
enum Slot {
    /// An option that is asked for.
    Option { book: usize, contract: usize },
    /// Something else: an option on another coin, a future.
    Other,
    /// Not the name of an instrument.
    Unknown,
}

impl<'a> Reader<'a> {
    /// For these chains.
    pub(crate) fn new(wanted: &'a [Wanted]) -> Self {
        Self { wanted, books: Vec::new(), names: HashMap::new(), unnamed: Unnamed::default() }
    }

    /// Takes one file.
    ///
    /// # Errors
    /// [`DataError`] when it cannot be decoded, or a column contradicts the name of an instrument.
    pub(crate) fn push(
        &mut self,
        opened: &Opened,
        head: &Head,
        (plan, format): (&ChainPlan, &'static str),
    ) -> Result<(), DataError> {
        let frame = frame(opened, head, &plan.wanted())?;
        let mut findings = Findings::default();
        let columns = columns(&frame, plan, &mut findings)?;
        let slots = self.slots(&frame, plan, &mut findings)?;
        frame.note_cut(&mut findings);
        let starts: Vec<usize> = self.books.iter().map(|book| book.quotes.len()).collect();
        for (row, slot) in slots.iter().enumerate() {
            if let Slot::Option { book, contract } = *slot
                && columns.time[row] != UNREADABLE
                && Some(row) != frame.cut_short
            {
                take(&mut self.books[book], contract, (&frame, &columns), row);
            }
        }
        for (book, start) in self.books.iter_mut().zip(starts) {
            if book.quotes.len() == start {
                continue;
            }
            if plan.rows == Rows::Snapshot {
                book.spreads.extend(spreads(&book.quotes[start..]));
            }
            book.files.push(opened.name.clone());
            book.findings.merge(findings.clone());
            book.format = format;
            book.unit = book.unit.or(plan.unit);
            let new = plan.assumptions.iter().filter(|said| !book.assumptions.contains(said));
            let new: Vec<String> = new.cloned().collect();
            book.assumptions.extend(new);
        }
        Ok(())
    }

    /// Coins whose options were met and not asked for, and in what these pay.
    pub(crate) fn others(&self) -> Vec<(String, PaidIn)> {
        let other = |(name, slot): (&String, &Slot)| {
            let named = Instrument::parse(name).filter(|_| matches!(slot, Slot::Other))?;
            let is_option = matches!(named.listed, Listed::Option { .. });
            is_option.then(|| (named.asset().to_owned(), named.paid_in()))
        };
        let mut others: Vec<(String, PaidIn)> = self.names.iter().filter_map(other).collect();
        others.sort_unstable();
        others.dedup();
        others
    }

    /// What each row is about.
    fn slots(
        &mut self,
        frame: &Frame<'_>,
        plan: &ChainPlan,
        findings: &mut Findings,
    ) -> Result<Vec<Slot>, DataError> {
        let names = plan.name.map(|index| frame.texts(index)).transpose()?;
        let terms = match plan.terms {
            Some(columns) => {
                let [kind, strike, expiry] = columns.map(|index| frame.texts(index));
                Some([kind?, strike?, expiry?])
            }
            None => None,
        };
        let mut slots = Vec::with_capacity(frame.n_rows());
        let (mut unknown, mut untold) = (BadCells::default(), BadCells::default());
        let mut key = String::new();
        for row in 0..frame.n_rows() {
            let cells = terms.as_ref().map(|terms| terms.each_ref().map(|texts| texts.get(row)));
            key.clear();
            match (&names, cells) {
                (Some(names), _) => key.push_str(names.get(row)),
                (None, Some(cells)) => key.push_str(&cells.join(" ")),
                (None, None) => {}
            }
            let slot = if let Some(slot) = self.names.get(&key) {
                *slot
            } else {
                let terms = cells.and_then(terms_of);
                let named = Instrument::parse(&key);
                if let (Some(named), Some(terms)) = (&named, &terms) {
                    check(named, terms, &frame.place(row), frame.file)?;
                }
                if let (Some(Listed::Option { .. }), Some(cells), None) =
                    (named.as_ref().map(|named| &named.listed), cells, terms)
                {
                    untold.add(row, &format!("{} of {key}", cells.join(", ")));
                }
                let slot = self.meet(&key, named.as_ref(), terms);
                self.names.insert(key.clone(), slot);
                slot
            };
            if matches!(slot, Slot::Unknown) && Some(row) != frame.cut_short {
                unknown.add(row, &key);
            }
            slots.push(slot);
        }
        let what = "rows do not name an option and are dropped";
        frame.note(Defect::Symbol, what, &unknown, findings);
        let what =
            "options have a kind, strike or expiry that cannot be read; their names are believed";
        frame.note(Defect::BadValue, what, &untold, findings);
        self.unnamed.add(frame, unknown);
        Ok(slots)
    }

    /// Meets a contract for the first time.
    fn meet(&mut self, name: &str, named: Option<&Instrument>, terms: Option<Terms>) -> Slot {
        let option = match (named, terms, self.wanted) {
            (Some(named), ..) => {
                named.option().map(|option| (named.asset().to_owned(), named.paid_in(), option))
            }
            // A name that no venue gives, or none: the file tells the contract and the scenario in what it pays.
            (None, Some(terms), [Wanted { asset, paid_in: Some(paid_in), .. }]) => {
                Some((asset.clone(), *paid_in, terms.contract(name, asset)))
            }
            (None, ..) => return Slot::Unknown,
        };
        let Some((asset, paid_in, option)) = option else { return Slot::Other };
        let is_wanted = |wanted: &Wanted| {
            wanted.asset == asset
                && wanted.paid_in.is_none_or(|wanted| wanted == paid_in)
                && wanted.instrument.as_ref().is_none_or(|wanted| *wanted == option.name)
        };
        if !self.wanted.iter().any(is_wanted) {
            return Slot::Other;
        }
        let same = |book: &Book| book.asset == asset && book.paid_in == paid_in;
        let book = self.books.iter().position(same).unwrap_or_else(|| {
            self.books.push(Book::new(asset, paid_in));
            self.books.len() - 1
        });
        let of = &mut self.books[book];
        if named.is_some() && of.named.is_none() {
            of.named = Some(option.name.clone());
        }
        of.contracts.push(option);
        Slot::Option { book, contract: of.contracts.len() - 1 }
    }
}

impl Unnamed {
    fn add(&mut self, frame: &Frame<'_>, found: BadCells) {
        self.n_rows += found.count;
        if let (None, Some((row, name))) = (&self.first, found.first) {
            self.first = Some(format!("{}: `{name}`", frame.place(row)));
        }
    }
}

impl Book {
    /// Without quotes.
    pub(crate) fn new(asset: String, paid_in: PaidIn) -> Self {
        Self {
            asset,
            paid_in,
            named: None,
            contracts: Vec::new(),
            quotes: Vec::new(),
            tally: Tally::default(),
            mark_ratios: Vec::new(),
            spreads: Vec::new(),
            findings: Findings::default(),
            files: Vec::new(),
            format: "",
            unit: None,
            assumptions: Vec::new(),
        }
    }
}

/// The columns of one file.
struct Columns {
    time: Vec<i64>,
    /// One per [`Field`]; empty where the file has no such column.
    fields: [Vec<f64>; Field::COUNT],
    /// What the venue says of each forward.
    forwards: Vec<Option<Remark>>,
    /// What a vol is to be divided by.
    vol_divisor: f64,
}

impl Columns {
    fn at(&self, field: Field, row: usize) -> Option<f64> {
        self.fields[field as usize].get(row).copied().filter(|cell| !cell.is_nan())
    }
}

fn columns(
    frame: &Frame<'_>,
    plan: &ChainPlan,
    findings: &mut Findings,
) -> Result<Columns, DataError> {
    let (time, bad) = frame.stamps(plan.time, plan.time_unit, plan.zone)?;
    let n_bad = bad.count
        - usize::from(bad.first.as_ref().is_some_and(|(row, _)| Some(*row) == frame.cut_short));
    if let (Some((row, text)), true) = (&bad.first, n_bad == frame.n_rows()) {
        return Err(frame.bad_cell(plan.time, *row, text, "a stamp"));
    }
    frame.note(Defect::BadValue, "rows have no stamp and are dropped", &bad, findings);
    let mut fields: [Vec<f64>; Field::COUNT] = Default::default();
    for (field, index) in &plan.fields {
        let (cells, bad) = frame.numbers(*index)?;
        frame.note(
            Defect::BadValue,
            "cells are not numbers and are taken as no quote",
            &bad,
            findings,
        );
        fields[*field as usize] = cells;
    }
    let forwards = match plan.forward_name {
        Some(index) => frame.texts(index)?.iter().map(origin).collect(),
        None => Vec::new(),
    };
    let vol_divisor = if plan.unit == Some(ValueUnit::Percent) { 100.0 } else { 1.0 };
    Ok(Columns { time, fields, forwards, vol_divisor })
}

/// A forward that is not the price of a future.
fn origin(name: &str) -> Option<Remark> {
    if name.starts_with("SYN.") {
        Some(Remark::Synthetic)
    } else if name == "index_price" {
        Some(Remark::FromIndex)
    } else {
        None
    }
}

/// Takes one row.
fn take(book: &mut Book, contract: usize, (frame, columns): (&Frame<'_>, &Columns), row: usize) {
    let at = |field| columns.at(field, row);
    let quote = Quote {
        time: Timestamp::from_millis(columns.time[row]),
        contract,
        bid: at(Field::Bid),
        ask: at(Field::Ask),
        mark: at(Field::Mark),
        mark_vol: at(Field::MarkVol).map(|vol| vol / columns.vol_divisor),
        forward: at(Field::Forward),
        index: at(Field::Index),
        delta: at(Field::Delta),
        open_interest: at(Field::OpenInterest),
    };
    let (time, tally) = (quote.time, &mut book.tally);
    let place = || format!("`{}` {}", frame.file, frame.place(row));
    let line = Line { contract: &book.contracts[contract], paid_in: book.paid_in, place: &place };
    book.mark_ratios.extend(line.mark_ratio(&quote));
    let Some(quote) = judged(quote, &line, tally) else { return };
    let has = |field: Field| !columns.fields[field as usize].is_empty();
    let says = [
        (Remark::NoBid, Field::Bid, true),
        (Remark::NoAsk, Field::Ask, true),
        (Remark::NoBid, Field::BidVol, !has(Field::Bid)),
        (Remark::NoAsk, Field::AskVol, !has(Field::Ask)),
        (Remark::NoMark, Field::Mark, true),
        (Remark::NoVol, Field::MarkVol, true),
        (Remark::NoForward, Field::Forward, true),
    ];
    for (remark, field, counts) in says {
        if counts && has(field) && !at(field).is_some_and(|figure| figure > 0.0) {
            tally.add(remark, time);
        }
    }
    if let Some(remark) = columns.forwards.get(row).copied().flatten() {
        tally.add(remark, time);
    }
    book.quotes.push(quote);
}
