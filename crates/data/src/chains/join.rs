//! The files of one chain, joined: contracts in one order, quotes in the order of time, units checked.

use std::collections::HashMap;

use hedgerow_core::{
    Coverage, Defect, MILLIS_PER_DAY, OptionContract, PaidIn, Quote, SeriesQuality, Severity,
    Timestamp,
};

use super::ChainSeries;
use super::reader::Book;
use super::simultaneity::{self, Spread};
use super::snapshots::united as united_spans;
use crate::findings::{Findings, Seen};
use crate::source::{Span, ValueUnit};
use crate::{ContractError, DataError};

/// Steps after which a quote is stale, unless declared.
const STALE_STEPS: i64 = 3;

/// A typical vol above this is in per cent, below a hundredth of it a fraction taken for per cent: between 5 % and 500 % a
/// year lies every coin.
const VOL_LIMIT: f64 = 5.0;

/// Marks this many times larger or smaller than their own vol and forward make them are in another currency.
const UNIT_RATIO: f64 = 30.0;

/// Joins what was read of one chain.
///
/// # Errors
/// [`DataError`] when a vol or a price is in another unit than it is read as.
pub(crate) fn join(books: Vec<Book>, declared: Option<Span>) -> Result<ChainSeries, DataError> {
    let mut book = united(books);
    let n_conflicts = sort_and_unite(&mut book);
    let title = title(&book.asset, book.paid_in);
    check_vols(&book)?;
    check_marks(&mut book, &title)?;
    let step = typical_step(&book.quotes, book.contracts.len());
    let staleness = declared.map(Span::millis).or_else(|| step.map(|step| STALE_STEPS * step));
    let mut findings = std::mem::take(&mut book.findings);
    book.tally.report(&mut findings);
    simultaneity::report(&book.spreads, &mut findings);
    let spans = united_spans(book.spreads.iter().map(Spread::span).collect());
    repeated(n_conflicts, &mut findings);
    holes(&book.quotes, staleness, &mut findings);
    let mut assumptions = std::mem::take(&mut book.assumptions);
    if let (None, Some(limit)) = (declared, staleness.and_then(Span::from_millis)) {
        assumptions.push(staleness_assumed(&title, limit.millis()));
    }
    if book.quotes.iter().all(|quote| quote.mark.is_none() && quote.bid.is_none()) {
        assumptions.push(format!("{title}: the files hold vols and no prices"));
    }
    let (findings, marks) = findings.into_parts();
    let time = |quote: Option<&Quote>| quote.map_or(Timestamp::from_millis(0), |quote| quote.time);
    let quality = SeriesQuality {
        name: title.clone(),
        source: named(&book.files),
        format: book.format.to_owned(),
        n_rows: book.quotes.len(),
        first: time(book.quotes.first()),
        last: time(book.quotes.last()),
        step_millis: step,
        findings,
        coverage: coverage(&book.quotes),
        marks,
    };
    Ok(ChainSeries {
        asset: book.asset,
        paid_in: book.paid_in,
        title,
        contracts: book.contracts,
        quotes: book.quotes,
        spans,
        staleness,
        quality,
        assumptions,
    })
}

/// `BTC option chain`, `BTC option chain in USD`.
fn title(asset: &str, paid_in: PaidIn) -> String {
    match paid_in {
        PaidIn::Coin => format!("{asset} option chain"),
        PaidIn::Usd => format!("{asset} option chain in USD"),
    }
}

/// What is said of a staleness that nobody declared, milliseconds.
pub(super) fn staleness_assumed(title: &str, millis: i64) -> String {
    let limit =
        Span::from_millis(millis).map_or_else(String::new, |span| rounded(span).to_string());
    format!(
        "{title}: a quote is used for at most {limit}: {STALE_STEPS} times the median distance between two quotes of one option"
    )
}

/// The first file and how many more.
fn named(files: &[String]) -> String {
    let mut distinct: Vec<&String> = files.iter().collect();
    distinct.dedup();
    match distinct.as_slice() {
        [] => String::new(),
        [one] => (*one).clone(),
        [first, .., last] => format!("{first} .. {last} ({} files)", distinct.len()),
    }
}

/// In whole minutes where it is longer than an hour: a typical distance has no exact length.
fn rounded(span: Span) -> Span {
    let (millis, minute) = (span.millis(), 60_000);
    let whole = if millis > 60 * minute { (millis + minute - 1) / minute * minute } else { millis };
    Span::from_millis(whole).unwrap_or(span)
}

/// All books as one, with one list of contracts by expiry, strike and kind.
fn united(books: Vec<Book>) -> Book {
    let mut books = books.into_iter();
    let mut all = books.next().expect("a chain has at least one book");
    let mut known: HashMap<String, usize> = all
        .contracts
        .iter()
        .enumerate()
        .map(|(index, contract)| (contract.name.clone(), index))
        .collect();
    for book in books {
        let place = |contract: OptionContract| match known.get(&contract.name) {
            Some(index) => *index,
            None => {
                known.insert(contract.name.clone(), all.contracts.len());
                all.contracts.push(contract);
                all.contracts.len() - 1
            }
        };
        let places: Vec<usize> = book.contracts.into_iter().map(place).collect();
        let moved = |quote: Quote| Quote { contract: places[quote.contract], ..quote };
        all.quotes.extend(book.quotes.into_iter().map(moved));
        all.named = all.named.or(book.named);
        all.tally.merge(&book.tally);
        all.mark_ratios.extend(book.mark_ratios);
        all.spreads.extend(book.spreads);
        all.findings.merge(book.findings);
        all.files.extend(book.files);
        all.unit = all.unit.or(book.unit);
        let new = book.assumptions.into_iter().filter(|said| !all.assumptions.contains(said));
        let new: Vec<String> = new.collect();
        all.assumptions.extend(new);
    }
    let mut order: Vec<usize> = (0..all.contracts.len()).collect();
    order.sort_by(|a, b| compare(&all.contracts[*a], &all.contracts[*b]));
    let mut rank = vec![0; order.len()];
    order.iter().enumerate().for_each(|(position, index)| rank[*index] = position);
    all.quotes.iter_mut().for_each(|quote| quote.contract = rank[quote.contract]);
    let mut contracts: Vec<Option<OptionContract>> = all.contracts.into_iter().map(Some).collect();
    all.contracts = order.iter().filter_map(|index| contracts[*index].take()).collect();
    all
}

fn compare(a: &OptionContract, b: &OptionContract) -> std::cmp::Ordering {
    let by_expiry = a.expiry.cmp(&b.expiry);
    by_expiry
        .then(a.strike.total_cmp(&b.strike))
        .then(a.kind.cmp(&b.kind))
        .then(a.name.cmp(&b.name))
}

/// Quotes that repeat the instant of another of their option: alike, and not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Repeated {
    same: usize,
    different: usize,
    first: Option<Timestamp>,
}

/// Sorts by instant and contract and leaves one quote of each: the first in the order of the files.
fn sort_and_unite(book: &mut Book) -> Repeated {
    book.quotes.sort_by_key(|quote| (quote.time, quote.contract));
    let mut repeated = Repeated::default();
    book.quotes.dedup_by(|next, kept| {
        let is_repeated = (next.time, next.contract) == (kept.time, kept.contract);
        if is_repeated {
            let count = if *next == *kept { &mut repeated.same } else { &mut repeated.different };
            *count += 1;
            repeated.first.get_or_insert(next.time);
        }
        is_repeated
    });
    repeated
}

fn repeated(repeated: Repeated, findings: &mut Findings) {
    let seen = |severity, count, what: &'static str| Seen {
        defect: Defect::Duplicate,
        severity,
        count,
        first: repeated.first,
        what: format!("{{n}} {what}").into(),
        example: None,
    };
    findings.add(seen(
        Severity::Note,
        repeated.same,
        "quotes repeat another exactly and are dropped",
    ));
    let conflict =
        "quotes have the stamp and option of another but other figures; the first is kept";
    findings.add(seen(Severity::Warning, repeated.different, conflict));
}

/// Times of silence that are longer than a quote is used for.
fn holes(quotes: &[Quote], staleness: Option<i64>, findings: &mut Findings) {
    let limit = staleness.unwrap_or(i64::MAX);
    let mut count = 0;
    let mut first = None;
    for pair in quotes.windows(2) {
        let (from, to) = (pair[0].time, pair[1].time);
        if to.millis() - from.millis() > limit {
            count += 1;
            first.get_or_insert(from);
            findings.mark(Defect::Gap, from.millis(), to.millis());
        }
    }
    findings.add(Seen {
        defect: Defect::Gap,
        severity: Severity::Warning,
        count,
        first,
        what: "{n} times nothing was quoted for longer than a quote is used".into(),
        example: None,
    });
}

/// The median distance between two quotes of one option.
fn typical_step(quotes: &[Quote], n_contracts: usize) -> Option<i64> {
    let mut last: Vec<Option<i64>> = vec![None; n_contracts];
    let mut distances = Vec::with_capacity(quotes.len());
    for quote in quotes {
        let now = quote.time.millis();
        distances.extend(last[quote.contract].replace(now).map(|before| now - before));
    }
    median(&mut distances, Ord::cmp)
}

fn median<T: Copy>(cells: &mut [T], order: impl FnMut(&T, &T) -> std::cmp::Ordering) -> Option<T> {
    let middle = cells.len() / 2;
    (!cells.is_empty()).then(|| *cells.select_nth_unstable_by(middle, order).1)
}

/// Vols read as fractions that are per cent, or the other way round.
fn check_vols(book: &Book) -> Result<(), DataError> {
    let mut vols: Vec<f64> = book.quotes.iter().filter_map(|quote| quote.mark_vol).collect();
    let Some(typical) = median(&mut vols, f64::total_cmp) else { return Ok(()) };
    let wrong = |read_as, looks_like, typical| {
        let file = named(&book.files);
        Err(DataError::ValueUnit { file, column: "vol".to_owned(), read_as, typical, looks_like })
    };
    let divisor = if book.unit == Some(ValueUnit::Percent) { 100.0 } else { 1.0 };
    if typical > 100.0 * VOL_LIMIT {
        let (file, typical) = (named(&book.files), typical * divisor);
        return Err(DataError::Contract(ContractError::Vols { file, typical }));
    }
    match book.unit {
        Some(ValueUnit::Percent) if typical < VOL_LIMIT / 100.0 => {
            wrong("percent", "fraction", typical * 100.0)
        }
        None | Some(ValueUnit::Fraction) if typical > VOL_LIMIT => {
            wrong("fraction", "percent", typical)
        }
        _ => Ok(()),
    }
}

/// Marks in another currency than the chain pays.
fn check_marks(book: &mut Book, title: &str) -> Result<(), DataError> {
    let Some(typical) = median(&mut book.mark_ratios, f64::total_cmp) else { return Ok(()) };
    if typical < UNIT_RATIO && typical > 1.0 / UNIT_RATIO {
        return Ok(());
    }
    let paid_in = if book.paid_in == PaidIn::Coin { "coin" } else { "usd" };
    let remedy = marks_remedy(book, typical);
    let (series, ratio) = (title.to_owned(), typical);
    Err(DataError::Contract(ContractError::Marks { series, ratio, paid_in, remedy }))
}

/// What to do about marks that are so many times their value.
fn marks_remedy(book: &Book, ratio: f64) -> String {
    let correct = "correct the columns of mark, forward and vol";
    let (other, about) = match book.paid_in {
        PaidIn::Coin if ratio > 1.0 => ("usd", "USD"),
        PaidIn::Usd if ratio < 1.0 => ("coin", "coins"),
        PaidIn::Coin | PaidIn::Usd => return correct.to_owned(),
    };
    let declared = format!("set `paid_in = \"{other}\"`");
    match &book.named {
        None => format!("{declared}, or {correct}"),
        Some(name) => format!(
            "the name `{name}` says so; if the prices are in {about} all the same, read the contracts from columns without names, with \
             `columns = {{ time = \"…\", kind = \"…\", strike = \"…\", expiry = \"…\", mark = \"…\", vol = \"…\", … }}`, and {declared}; \
             else {correct}"
        ),
    }
}

/// Quotes per day.
fn coverage(quotes: &[Quote]) -> Coverage {
    let day = |quote: &Quote| (quote.time.millis() - 1).div_euclid(MILLIS_PER_DAY);
    let (Some(first), Some(last)) = (quotes.first().map(day), quotes.last().map(day)) else {
        return Coverage::default();
    };
    let mut rows_per_day = vec![0; usize::try_from(last - first).unwrap_or(0) + 1];
    for quote in quotes {
        if let Ok(index) = usize::try_from(day(quote) - first) {
            rows_per_day[index] += 1;
        }
    }
    Coverage { first_day: first, rows_per_day }
}
