//! Series of several contracts, option chains and futures: read as a scenario reads them, written as tables.

use std::path::Path;

use hedgerow_core::{PaidIn, SeriesQuality, Table};

use crate::DataError;
use crate::atomic::AtomicFile;
use crate::canonical::about;
use crate::chains::canonical as chains;
use crate::futures::canonical as futures;
use crate::listed::{Listed, read};
use crate::series::Limits;
use crate::source::{Declared, SeriesKind, SeriesSpec};
use crate::write::table_file;

/// One series of several contracts, ready to be judged or written.
pub(crate) struct ListedSeries {
    kind: SeriesKind,
    asset: String,
    pub(crate) schema: &'static str,
    /// Made only when it is written: a chain is large.
    table: Box<dyn FnOnce() -> Table>,
    pub(crate) quality: SeriesQuality,
    assumptions: Vec<String>,
    /// `BTC-option-chain`
    pub(crate) stem: String,
}

/// Reads the series of several contracts among `specs`; answers what was assumed about all of them, too. Where no asset is
/// declared, the chains of every coin that the files hold.
///
/// # Errors
/// [`DataError`]: what is wrong, where, and what to do.
pub(crate) fn listed(
    specs: &[SeriesSpec],
    declared: &Declared,
) -> Result<(Vec<ListedSeries>, Vec<String>), DataError> {
    let limits = Limits { mode: declared.quality, ..Limits::default() };
    let mut read_of = read(specs, Path::new(""), limits)?;
    if declared.asset.is_none() && !read_of.others.is_empty() {
        let mut all = specs.to_vec();
        for chain in specs.iter().filter(|spec| spec.is == SeriesKind::OptionChain) {
            let others = read_of.others.iter().filter(|other| other.path == chain.path);
            let more =
                others.map(|other| SeriesSpec { asset: other.asset.clone(), ..chain.clone() });
            all.extend(more.filter(|spec| !specs.contains(spec)));
        }
        read_of = read(&all, Path::new(""), limits)?;
    }
    let Listed { chains, futures, assumptions, .. } = read_of;
    let mut series = Vec::new();
    for chain in chains {
        let paid = match chain.paid_in {
            PaidIn::Coin => "",
            PaidIn::Usd => "-usd",
        };
        series.push(ListedSeries {
            kind: SeriesKind::OptionChain,
            asset: chain.asset.clone(),
            schema: chains::SCHEMA,
            quality: chain.quality.clone(),
            assumptions: chain.assumptions.clone(),
            stem: format!("{}-option-chain{paid}", chain.asset),
            table: Box::new(move || chains::table(&chain)),
        });
    }
    for group in futures {
        let Some(asset) = group.futures.first().map(|future| future.asset.clone()) else {
            continue;
        };
        series.push(ListedSeries {
            kind: SeriesKind::Future,
            schema: futures::SCHEMA,
            stem: format!("{asset}-future"),
            asset,
            quality: group.quality,
            assumptions: group.assumptions,
            table: Box::new(move || futures::table(&group.futures)),
        });
    }
    Ok((series, assumptions))
}

impl ListedSeries {
    /// Writes the series to a file that has no name yet.
    ///
    /// # Errors
    /// [`DataError::File`] when the disk is full.
    pub(crate) fn written(self, path: &Path) -> Result<(AtomicFile, SeriesQuality), DataError> {
        let sources = [self.quality.source.clone()];
        let notes = about(
            (self.schema, self.kind, &self.asset),
            &sources,
            (&self.quality, &self.assumptions),
        );
        Ok((table_file(&(self.table)(), path, notes)?, self.quality))
    }

    /// What was assumed about it.
    pub(crate) fn assumptions(&self) -> &[String] {
        &self.assumptions
    }
}
