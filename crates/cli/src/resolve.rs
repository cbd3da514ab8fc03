//! From what was typed to what will run: data loaded, period cut, book valued, legs given their instruments.

use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use hedgerow_core::registry::SettingError;
use hedgerow_core::{Defect, Exposure, Finding, GradeCounts, Market, Quality, Severity, Timestamp};
use hedgerow_data::{Loaded, Window, check_coverage, load};
use hedgerow_greeks::{BookLine, VolMarks, value};
use hedgerow_sim::{Account, AccountTerms, BookCosts, Strategy};
use toml::Spanned;

use crate::account::add_option_margin;
use crate::costs::{Prices, prices};
use crate::deltas::{ChosenDelta, add_chosen};
use crate::desk::Desk;
use crate::diagnose::ScenarioError;
use crate::funding::funded;
use crate::hedges::hedges;
use crate::leg_checks::{check_alone, check_book, check_chains};
use crate::scenario::{Scenario, StrategySpec, read};
use crate::trades::{Matched, Trades, lines, matched};

/// A scenario file, read but not resolved.
#[derive(Debug)]
pub(crate) struct Source {
    /// As the user calls it.
    pub(crate) label: String,
    /// Its content.
    pub(crate) text: String,
    /// Where relative paths start.
    pub(crate) folder: PathBuf,
}

impl Source {
    /// Reads a file.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let label = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("{label}: cannot read the scenario"))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        Ok(Self { label, text, folder })
    }

    /// An error with its place in this file.
    pub(crate) fn at(&self, error: &SettingError) -> anyhow::Error {
        ScenarioError::new(error, &self.label, &self.text).into()
    }
}

/// What is to be hedged.
#[derive(Debug, Clone, Copy)]
pub(crate) enum BookOf<'a> {
    /// The scenario's own `[[book]]`.
    Scenario,
    /// Fills that were made; the scenario's `[[book]]` is left aside.
    Trades(&'a Trades),
}

impl BookOf<'_> {
    /// A scenario that runs by itself needs a book, and legs that can hedge it.
    fn check(self, scenario: &Scenario) -> Result<(), SettingError> {
        check_alone(scenario)?;
        match self {
            Self::Trades(_) => return Ok(()),
            Self::Scenario if !scenario.book.is_empty() => return check_book(scenario),
            Self::Scenario => {}
        }
        let message = "the scenario lacks a [[book]]: what is to be hedged? (`replay-trades TRADES --scenario THIS --check` judges one that is hedged against fills)".to_owned();
        Err(SettingError { message, span: None })
    }

    /// The lines of the book.
    fn lines(self, desk: &Desk<'_>, source: &Source) -> anyhow::Result<Vec<BookLine>> {
        match self {
            Self::Scenario => Ok(desk.book().map_err(|error| source.at(&error))?),
            Self::Trades(trades) => lines(trades, desk.market),
        }
    }

    /// The file that the book comes from, beside the scenario.
    fn file(self) -> Option<PathBuf> {
        match self {
            Self::Scenario => None,
            Self::Trades(trades) => Some(trades.path.clone()),
        }
    }

    /// How fills were taken.
    fn matched(
        self,
        book: (&Market, &[BookLine]),
        exposure: &Exposure,
        scenario: &Scenario,
    ) -> anyhow::Result<Option<Matched>> {
        let Self::Trades(trades) = self else { return Ok(None) };
        let mut matched = matched(trades, book, exposure)?;
        if !scenario.book.is_empty() {
            let said = "The fills are the whole book: the scenario's own [[book]] is left aside.";
            matched.sentences.push(said.to_owned());
        }
        Ok(Some(matched))
    }
}

/// Everything that a run needs.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    pub(crate) market: Market,
    pub(crate) quality: Quality,
    /// Files that were read, for the manifest.
    pub(crate) files: Vec<PathBuf>,
    pub(crate) book: Vec<BookLine>,
    /// How the fills were taken, where the book is one of fills.
    pub(crate) matched: Option<Matched>,
    pub(crate) vols: Vec<VolMarks>,
    pub(crate) exposure: Exposure,
    /// Marks of the book's options by grade, one per asset.
    pub(crate) grades: Vec<GradeCounts>,
    /// What valuing the book had to decide.
    pub(crate) notes: Vec<String>,
    /// What valuing options found that a reader must not miss.
    pub(crate) warnings: Vec<String>,
    /// What was made of prices, for want of funding in the data.
    pub(crate) funding_notes: Vec<String>,
    /// What making the legs had to decide.
    pub(crate) leg_notes: Vec<String>,
    /// Deltas by other rules than the exposure's own.
    pub(crate) deltas: Vec<ChosenDelta>,
    /// What trading costs over the period.
    pub(crate) prices: Prices,
    pub(crate) account: Account,
    pub(crate) terms: AccountTerms,
    pub(crate) book_costs: BookCosts,
    /// The unhedged book first.
    pub(crate) strategies: Vec<Strategy>,
    /// Typed strategies, with those that are always in the comparison added; no entry for the unhedged book.
    pub(crate) specs: Vec<StrategySpec>,
}

impl Plan {
    /// What the report is called.
    pub(crate) fn title(&self) -> String {
        let name = &self.scenario.name;
        self.matched
            .as_ref()
            .map_or_else(|| name.clone(), |matched| format!("{name}, {}", matched.title))
    }
}

/// Resolves a scenario with a book; `stage` is told what is being done.
///
/// # Errors
/// The first thing that is wrong, with its place in the scenario or the data.
pub(crate) fn plan(
    source: &Source,
    book_of: BookOf<'_>,
    stage: &dyn Fn(&str),
) -> anyhow::Result<Plan> {
    let mut scenario = read(&source.text).map_err(|error| source.at(&error))?;
    book_of.check(&scenario).map_err(|error| source.at(&error))?;
    stage("loading the market");
    let (loaded, funding_notes) = load_market(&scenario, source)?;
    let Loaded { market: full, quality, mut files, .. } = loaded;
    let rows = rows(&full, &scenario).map_err(|error| source.at(&error))?;
    let mut specs = std::mem::take(&mut scenario.strategies);
    check_coverage(&full, rows.clone())?;
    let market = full.slice(rows.clone());
    let checked = scenario.costs.check_market(&market, &scenario.market.period.span);
    checked.map_err(|error| source.at(&error))?;
    stage("valuing the book");
    let vols = vols(&full, &scenario)?;
    let mut desk = Desk {
        full: &full,
        rows: rows.clone(),
        market: &market,
        vols: &vols,
        scenario: &scenario,
        prices: &Prices::default(),
        chosen: &[],
    };
    let book = book_of.lines(&desk, source)?;
    files.extend(book_of.file());
    let sliced: Vec<VolMarks> = vols.iter().map(|vol| vol.slice(rows.clone())).collect();
    check_vol(&scenario, &book, source)?;
    let mut valued =
        value(&market, &sliced, &book, scenario.rate).with_context(|| source.label.clone())?;
    add_option_margin(
        scenario.account.as_ref(),
        (&market, &sliced),
        &book,
        scenario.rate,
        &mut valued.exposure,
    )
    .with_context(|| source.label.clone())?;
    let matched = book_of.matched((&market, &book), &valued.exposure, &scenario)?;
    let prices = prices(&desk, &mut specs, &book, &valued.exposure);
    let prices = prices.map_err(|error| source.at(&error))?;
    desk.prices = &prices;
    let book_costs = BookCosts::new(&market, &valued.exposure, prices.of(scenario.costs.liquidity));
    stage("preparing the hedges");
    let deltas = add_chosen(&desk, &book, &specs, &sliced, &mut valued.exposure)
        .map_err(|error| located(error, source))?;
    desk.chosen = &deltas;
    let hedges = hedges(&desk, &mut specs, &valued, source)?;
    let (account, terms) =
        account(&desk, &hedges.strategies, &book).map_err(|error| source.at(&error))?;
    Ok(Plan {
        book,
        matched,
        vols: sliced,
        exposure: valued.exposure,
        grades: valued.grades,
        notes: valued.notes,
        warnings: hedges.warnings,
        funding_notes,
        leg_notes: hedges.notes,
        deltas,
        prices,
        account,
        terms,
        book_costs,
        strategies: hedges.strategies,
        specs,
        scenario,
        market,
        quality,
        files,
    })
}

/// The market of a scenario, and a sentence on each perpetual whose funding is made by a formula.
fn load_market(scenario: &Scenario, source: &Source) -> anyhow::Result<(Loaded, Vec<String>)> {
    let loaded = load(&scenario.market.source, &source.folder)?;
    if scenario.market.source.quality.is_none() {
        refuse_spoilt(&loaded.quality).with_context(|| source.label.clone())?;
    }
    let (market, notes) =
        funded(loaded.market, &scenario.market).map_err(|error| source.at(&error))?;
    Ok((Loaded { market, ..loaded }, notes))
}

/// What the account starts with, and under which terms it is kept.
fn account(
    desk: &Desk<'_>,
    strategies: &[Strategy],
    book: &[BookLine],
) -> Result<(Account, AccountTerms), SettingError> {
    let account = desk.account()?;
    let terms = desk.terms(&account, strategies, book)?;
    Ok((account, terms))
}

/// A book with options needs a vol.
fn check_vol(scenario: &Scenario, book: &[BookLine], source: &Source) -> anyhow::Result<()> {
    if scenario.vol.is_none() && book.iter().any(BookLine::holds_options) {
        bail!(
            "{}: the book has options, so the scenario needs a [vol] model; see `hedgerow list`",
            source.label
        );
    }
    Ok(())
}

pub(crate) fn located(error: anyhow::Error, source: &Source) -> anyhow::Error {
    match error.downcast::<SettingError>() {
        Ok(error) => source.at(&error),
        Err(error) => error.context(source.label.clone()),
    }
}

/// Unless the scenario says how to take them, mistakes of a file are refused: cells that cannot be used, stamps that
/// contradict each other, mixed units, spikes, prices of two coins in one series, wrong zones and bar labels. Gaps within
/// `max_gap` and stale figures are how markets are, and are reported.
fn refuse_spoilt(quality: &Quality) -> anyhow::Result<()> {
    for series in &quality.series {
        let spoilt = |finding: &&Finding| {
            finding.severity == Severity::Warning
                && matches!(
                    finding.defect,
                    Defect::BadValue
                        | Defect::Duplicate
                        | Defect::Unsorted
                        | Defect::Unit
                        | Defect::Spike
                        | Defect::Jump
                        | Defect::Zone
                        | Defect::Label
                        | Defect::Symbol
                )
        };
        if let Some(finding) = series.findings.iter().find(spoilt) {
            bail!(
                "{} from `{}`: {}: {}; mend the file, or say `quality = \"tolerant\"` under [market] to go on as described",
                series.name,
                series.source,
                finding.defect.about(),
                finding.detail
            );
        }
    }
    Ok(())
}

/// The rows whose bars lie wholly in the period, of a market that has what the legs need.
fn rows(market: &Market, scenario: &Scenario) -> Result<Range<usize>, SettingError> {
    check_chains(scenario, market)?;
    let period = &scenario.market.period;
    let time = market.time();
    let Window { from, to } = scenario.market.source.window;
    let step = market.step_millis().unwrap_or(0);
    let (first, last) = (time[0], time[time.len() - 1]);
    let starts = Timestamp::from_millis(first.millis() - step);
    let outside = |text: &Option<Spanned<String>>, what: &str| {
        let span = text.as_ref().map_or(period.span.clone(), Spanned::span);
        SettingError::at(
            span,
            format!("`{what}` is outside the data, which runs from {starts} to {last}"),
        )
    };
    if from.is_some_and(|from| from < starts || from >= last) {
        return Err(outside(&period.from, "from"));
    }
    if to.is_some_and(|to| to > last || to <= starts) {
        return Err(outside(&period.to, "to"));
    }
    if let (Some(from), Some(to), Some(text)) = (from, to, &period.to)
        && to <= from
    {
        return Err(SettingError::at(
            text.span(),
            format!("`to` ({to}) is not after `from` ({from})"),
        ));
    }
    let rows =
        market.rows_between(from.unwrap_or(Timestamp::from_millis(i64::MIN)), to.unwrap_or(last));
    if rows.len() < 2 {
        let message = format!("the period has {} rows of data, expected at least 2", rows.len());
        return Err(SettingError::at(period.span.clone(), message));
    }
    Ok(rows)
}

/// Vols of the whole history, so that a warm-up costs nothing of the period.
fn vols(full: &Market, scenario: &Scenario) -> anyhow::Result<Vec<VolMarks>> {
    let assets = 0..full.assets().len();
    match &scenario.vol {
        None => Ok(assets.map(|_| VolMarks::unknown(full.n_rows())).collect()),
        Some(model) => assets.map(|asset| Ok(VolMarks::new(&**model, full, asset)?)).collect(),
    }
}
