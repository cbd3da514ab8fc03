//! Series that hold several contracts: option chains, dated futures, and lists of what a venue fixes about them.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use hedgerow_core::PaidIn;

use crate::chains::{self, Book, ChainSeries, Reader, Unnamed, Wanted};
use crate::expand::expand;
use crate::formats::FormatName;
use crate::futures::{self, FutureGroup};
use crate::keys::check_keys;
use crate::read::head::Head;
use crate::read::head_of;
use crate::read::unpack::{Opened, open_each};
use crate::series::Limits;
use crate::source::{Currency, SeriesKind, SeriesSpec};
use crate::terms::{self, TermsList};
use crate::{ContractError, DataError};

/// Everything that holds several contracts.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub(crate) chains: Vec<ChainSeries>,
    pub(crate) futures: Vec<FutureGroup>,
    /// Options that the files of chains hold and nobody asked for.
    pub(crate) others: Vec<Other>,
    /// What was done with lists of contracts, a sentence each.
    pub(crate) assumptions: Vec<String>,
    /// The files that were read.
    pub(crate) files: Vec<PathBuf>,
}

/// Options on a coin that nobody asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Other {
    /// The files, as a spec names them.
    pub(crate) path: PathBuf,
    /// The coin.
    pub(crate) asset: String,
    /// In what they pay.
    pub(crate) paid_in: PaidIn,
}

/// A file to be opened: where it is, and as the user wrote it.
type Place = (PathBuf, PathBuf);

/// Reads the chains, futures and lists among `specs`.
///
/// # Errors
/// [`DataError`]: one clear sentence on what is wrong, where, and what to do.
pub(crate) fn read(
    specs: &[SeriesSpec],
    base_dir: &Path,
    limits: Limits,
) -> Result<Listed, DataError> {
    specs.iter().filter(|spec| spec.is.holds_several()).try_for_each(check_keys)?;
    let of = |kind| specs.iter().filter(move |spec| spec.is == kind).collect::<Vec<_>>();
    let mut files = Vec::new();
    let list = read_lists(&of(SeriesKind::Instruments), base_dir, &mut files)?;
    let mut futures = Vec::new();
    for spec in of(SeriesKind::Future) {
        let places = places(spec, base_dir)?;
        files.extend(places.iter().map(|(path, _)| path.clone()));
        let each = |take: &mut dyn FnMut(Opened) -> Result<(), DataError>| {
            places.iter().try_for_each(|(path, name)| open_each(path, name, take))
        };
        futures.extend(futures::read(spec, each, limits, &list)?);
    }
    let futures = futures::united(futures);
    let (mut chains, others) =
        read_chains(&of(SeriesKind::OptionChain), base_dir, limits, &mut files)?;
    for contract in chains.iter_mut().flat_map(|chain| &mut chain.contracts) {
        contract.expiry = list.expiry(&contract.name).unwrap_or(contract.expiry);
    }
    Ok(Listed { chains, futures, others, assumptions: list.assumptions, files })
}

/// In what a spec says that its contracts pay.
pub(crate) fn declared_currency(spec: &SeriesSpec) -> Option<PaidIn> {
    spec.paid_in.map(|currency| match currency {
        Currency::Usd => PaidIn::Usd,
        Currency::Coin => PaidIn::Coin,
    })
}

fn places(spec: &SeriesSpec, base_dir: &Path) -> Result<Vec<Place>, DataError> {
    let named = expand(base_dir, &spec.path)?;
    Ok(named.into_iter().map(|name| (base_dir.join(&name), name)).collect())
}

fn read_lists(
    specs: &[&SeriesSpec],
    base_dir: &Path,
    files: &mut Vec<PathBuf>,
) -> Result<TermsList, DataError> {
    let mut list = TermsList::default();
    for spec in specs {
        for (path, name) in places(spec, base_dir)? {
            open_each(&path, &name, &mut |opened| terms::read(&opened, spec, &mut list))?;
            files.push(path);
        }
    }
    Ok(list)
}

/// Specs that differ in the coin alone: their files are read once for all of them.
struct Group<'a> {
    specs: Vec<&'a SeriesSpec>,
    wanted: Vec<Wanted>,
    places: Vec<Place>,
}

fn read_chains(
    specs: &[&SeriesSpec],
    base_dir: &Path,
    limits: Limits,
    files: &mut Vec<PathBuf>,
) -> Result<(Vec<ChainSeries>, Vec<Other>), DataError> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for spec in specs {
        let wanted = Wanted {
            asset: spec.asset.clone(),
            paid_in: declared_currency(spec),
            instrument: spec.instrument.clone(),
        };
        match groups.iter_mut().find(|group| read_alike(group.specs[0], spec)) {
            Some(group) => {
                group.specs.push(spec);
                group.wanted.push(wanted);
            }
            None => {
                let places = places(spec, base_dir)?;
                files.extend(places.iter().map(|(path, _)| path.clone()));
                groups.push(Group { specs: vec![spec], wanted: vec![wanted], places });
            }
        }
    }
    let tasks: Vec<(&Group<'_>, &Place)> = groups
        .iter()
        .flat_map(|group| group.places.iter().map(move |place| (group, place)))
        .collect();
    let read = in_parallel(&tasks, |(group, place)| read_chain(group, place))?;
    check_found(&groups, &tasks, &read)?;
    let mut chains: Vec<Vec<Book>> = Vec::new();
    let mut others: Vec<Other> = Vec::new();
    for ((group, _), file) in tasks.iter().zip(&read) {
        let path = &group.specs[0].path;
        let other = |(asset, paid_in): &(String, PaidIn)| Other {
            path: path.clone(),
            asset: asset.clone(),
            paid_in: *paid_in,
        };
        others.extend(file.others.iter().map(other));
    }
    others.sort_unstable();
    others.dedup();
    for book in read.into_iter().flat_map(|file| file.books) {
        let same = |books: &&mut Vec<Book>| {
            books[0].asset == book.asset && books[0].paid_in == book.paid_in
        };
        match chains.iter_mut().find(same) {
            Some(books) => books.push(book),
            None => chains.push(vec![book]),
        }
    }
    let declared = |asset: &str| {
        let of = specs.iter().filter(|spec| spec.asset == asset);
        of.clone().find_map(|spec| spec.staleness).or(limits.staleness)
    };
    let chains: Vec<Mutex<Vec<Book>>> = chains.into_iter().map(Mutex::new).collect();
    let chains = in_parallel(&chains, |books| {
        let books = std::mem::take(&mut *books.lock().expect("nobody panicked with it"));
        let staleness = declared(&books[0].asset);
        chains::join(books, staleness)
    });
    Ok((chains?, others))
}

/// Whether two specs say the same about a file except for the coin.
fn read_alike(a: &SeriesSpec, b: &SeriesSpec) -> bool {
    let bare = |spec: &SeriesSpec| SeriesSpec {
        asset: String::new(),
        paid_in: None,
        instrument: None,
        staleness: None,
        ..spec.clone()
    };
    bare(a) == bare(b)
}

/// What one file says of the chains of a group.
struct ChainFile {
    books: Vec<Book>,
    /// Coins on which it has other options, and in what these pay.
    others: Vec<(String, PaidIn)>,
    unnamed: Unnamed,
}

fn read_chain(group: &Group<'_>, (path, name): &Place) -> Result<ChainFile, DataError> {
    let spec = group.specs[0];
    let mut reader = Reader::new(&group.wanted);
    open_each(path, name, &mut |opened| {
        let head = head_of(&opened)?;
        let format = format_of(spec, &opened, &head);
        let plan = format.format().chain(&opened.name, spec, &head)?.ok_or_else(|| {
            let reason = "that format has no option chain".to_owned();
            DataError::Format { file: opened.name.clone(), format: format.as_str(), reason }
        })?;
        reader.push(&opened, &head, (&plan, format.as_str()))
    })?;
    let others = reader.others();
    let mut books = reader.books;
    if let Some(said) = spec.period(&name.display().to_string()) {
        let window = spec.window();
        for book in &mut books {
            book.quotes.retain(|quote| window.holds(quote.time.millis()));
            book.assumptions.push(said.clone());
        }
    }
    Ok(ChainFile { books, others, unnamed: reader.unnamed })
}

/// As declared, or as the content shows.
pub(crate) fn format_of(spec: &SeriesSpec, opened: &Opened, head: &Head) -> FormatName {
    spec.format.unwrap_or_else(|| match spec.columns {
        Some(_) => FormatName::generic(opened),
        None => FormatName::recognised(opened, head),
    })
}

/// Every coin that was asked for must be somewhere in its files.
fn check_found(
    groups: &[Group<'_>],
    tasks: &[(&Group<'_>, &Place)],
    read: &[ChainFile],
) -> Result<(), DataError> {
    for group in groups {
        let is_of = |(of, _): &&(&Group<'_>, &Place)| std::ptr::eq(*of, group);
        let files: Vec<&ChainFile> =
            tasks.iter().zip(read).filter(|(task, _)| is_of(task)).map(|(_, file)| file).collect();
        for (spec, wanted) in group.specs.iter().zip(&group.wanted) {
            check_wanted(spec, wanted, &files)?;
        }
    }
    Ok(())
}

/// What is asked for must have a quote, else it is said why it has none.
fn check_wanted(spec: &SeriesSpec, wanted: &Wanted, files: &[&ChainFile]) -> Result<(), DataError> {
    let is_of = |book: &&Book| {
        book.asset == wanted.asset && wanted.paid_in.is_none_or(|paid_in| paid_in == book.paid_in)
    };
    let all = || files.iter().flat_map(|file| &file.books);
    let books = || all().filter(is_of);
    if books().any(|book| !book.quotes.is_empty()) {
        return Ok(());
    }
    let file = spec.path.display().to_string();
    let title = match wanted.paid_in {
        None => spec.title(),
        Some(paid_in) => format!("{} {}", spec.title(), paying(paid_in)),
    };
    let n_quotes: usize = books().map(|book| book.tally.expired().0).sum();
    if n_quotes > 0 {
        let first = books().find_map(|book| book.tally.expired().1).unwrap_or_default().to_owned();
        return Err(DataError::Contract(ContractError::AllExpired {
            file,
            wanted: title,
            n_quotes,
            first,
        }));
    }
    let mut found: Vec<(String, PaidIn)> =
        files.iter().flat_map(|file| file.others.clone()).collect();
    let quoted = all().filter(|book| !book.quotes.is_empty());
    found.extend(quoted.map(|book| (book.asset.clone(), book.paid_in)));
    found.sort_unstable();
    // Where any currency would do, none is told.
    let told = |(asset, paid_in): (String, PaidIn)| match wanted.paid_in {
        None => asset,
        Some(_) => format!("{asset} {}", paying(paid_in)),
    };
    let mut found: Vec<String> = found.into_iter().map(told).collect();
    found.dedup();
    let n_rows: usize = files.iter().map(|file| file.unnamed.n_rows).sum();
    let first = files.iter().find_map(|file| file.unnamed.first.clone());
    match first.filter(|_| found.is_empty()) {
        Some(first) => {
            Err(DataError::Contract(ContractError::NoOption { file, wanted: title, n_rows, first }))
        }
        None => Err(DataError::Contract(ContractError::NothingOf { file, wanted: title, found })),
    }
}

/// `paid in coins`, `paid in USD`.
fn paying(paid_in: PaidIn) -> &'static str {
    match paid_in {
        PaidIn::Coin => "paid in coins",
        PaidIn::Usd => "paid in USD",
    }
}

/// Does `work` on every task with all cores; the answers come in the order of the tasks, and so does the first error.
fn in_parallel<T: Sync, A: Send>(
    tasks: &[T],
    work: impl Fn(&T) -> Result<A, DataError> + Sync,
) -> Result<Vec<A>, DataError> {
    let n_workers = std::thread::available_parallelism().map_or(1, usize::from).min(tasks.len());
    let next = AtomicUsize::new(0);
    let answers: Vec<Mutex<Option<Result<A, DataError>>>> =
        tasks.iter().map(|_| Mutex::new(None)).collect();
    let run = || {
        while let Some(index) =
            Some(next.fetch_add(1, Ordering::Relaxed)).filter(|index| *index < tasks.len())
        {
            *answers[index].lock().expect("a worker takes an answer's place once") =
                Some(work(&tasks[index]));
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (1..n_workers).map(|_| scope.spawn(run)).collect();
        run();
        workers.into_iter().for_each(|worker| worker.join().expect("a worker does not panic"));
    });
    let answer = |answer: Mutex<Option<Result<A, DataError>>>| {
        answer.into_inner().expect("all workers are done").expect("every task was done")
    };
    answers.into_iter().map(answer).collect()
}
