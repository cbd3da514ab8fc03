//! Files, or the embedded sample, to a market with its quality.

use std::path::{Path, PathBuf};

use hedgerow_core::{Market, Quality, Severity};

use crate::DataError;
use crate::assemble::assemble;
use crate::clean::Part;
use crate::expand::expand;
use crate::formats::FormatName;
use crate::listed::{self, Listed};
use crate::read::unpack::{Opened, open_each};
use crate::series::{Limits, Series, join, part};
use crate::source::{DeclaredFunding, MarketSource, Mode, PerpPrice, SeriesKind, SeriesSpec};

/// A market and what is known about its data.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The market.
    pub market: Market,
    /// What was found in its data, and what was assumed.
    pub quality: Quality,
    /// The files that were read, in order, as opened; empty for the embedded sample.
    pub files: Vec<PathBuf>,
}

/// Reads what a scenario asks for; paths are relative to `base_dir`, the folder of the scenario.
///
/// # Errors
/// [`DataError`]: one clear sentence on what is wrong, where, and what to do.
pub fn load(source: &MarketSource, base_dir: &Path) -> Result<Loaded, DataError> {
    match (source.source, source.series.is_empty()) {
        (Some(_), false) => Err(DataError::SampleAndSeries),
        (None, true) => Err(DataError::NoSeries),
        (Some(_), true) => load_sample(source),
        (None, false) => {
            let mut files = Vec::with_capacity(source.series.len());
            let read = |spec: &SeriesSpec, take: &mut Take<'_>| {
                for name in expand(base_dir, &spec.path)? {
                    let path = base_dir.join(&name);
                    open_each(&path, &name, take)?;
                    files.push(path);
                }
                Ok(())
            };
            let mut listed = listed::read(&source.series, base_dir, limits(source))?;
            let listed_files = std::mem::take(&mut listed.files);
            let (market, quality) = load_with(source, read, listed)?;
            files.extend(listed_files);
            Ok(Loaded { market, quality, files })
        }
    }
}

/// The embedded sample: BTC, daily, 2020-01-01 .. 2024-06-12, with funding and, from 2022-11-06, DVOL.
///
/// Both perpetuals are marked at spot and carry the funding of Binance's USDT-margined one.
///
/// # Panics
/// Never: the sample is part of the program, and a test loads it.
pub fn sample() -> Loaded {
    load_sample(&MarketSource::sample()).expect("the embedded sample is a market")
}

const DAILY: &[u8] = include_bytes!("../../../data/btc_daily.csv");
const FUNDING: &[u8] = include_bytes!("../../../data/btc_funding.csv");

fn load_sample(source: &MarketSource) -> Result<Loaded, DataError> {
    let declared_none = source.funding == Some(DeclaredFunding::None);
    let series = sample_specs().into_iter().filter(|spec| !(spec.is.is_funding() && declared_none));
    let source =
        MarketSource { perp: Some(PerpPrice::AtSpot), series: series.collect(), ..source.clone() };
    let read = |spec: &SeriesSpec, take: &mut Take<'_>| take(sample_file(spec));
    let (market, quality) = load_with(&source, read, Listed::default())?;
    Ok(Loaded { market, quality, files: Vec::new() })
}

/// The series of the embedded sample.
pub(crate) fn sample_specs() -> [SeriesSpec; 3] {
    let spec = |is, path: &str| SeriesSpec {
        format: FormatName::find("sample"),
        ..SeriesSpec::new(is, "BTC", path)
    };
    [
        spec(SeriesKind::Spot, "btc_daily.csv"),
        spec(SeriesKind::Vol, "btc_daily.csv"),
        spec(SeriesKind::Funding, "btc_funding.csv"),
    ]
}

/// The file that a series of the embedded sample stands in.
pub(crate) fn sample_file(spec: &SeriesSpec) -> Opened {
    let bytes = if spec.is == SeriesKind::Funding { FUNDING } else { DAILY };
    Opened::text("embedded sample", bytes.to_vec())
}

/// Takes one opened file, or one member of an archive.
type Take<'a> = dyn FnMut(Opened) -> Result<(), DataError> + 'a;

/// Loads every series through `read`, which gives all that the path of a series means.
fn load_with(
    source: &MarketSource,
    mut read: impl FnMut(&SeriesSpec, &mut Take<'_>) -> Result<(), DataError>,
    listed: Listed,
) -> Result<(Market, Quality), DataError> {
    let limits = limits(source);
    let mut groups: Vec<(Vec<&SeriesSpec>, Vec<Part>)> = Vec::new();
    for spec in source.series.iter().filter(|spec| !spec.is.holds_several()) {
        let mut found = Vec::new();
        read(spec, &mut |opened| {
            found.push(part(&opened, spec, limits.mode)?);
            Ok(())
        })?;
        let same = |specs: &[&SeriesSpec]| {
            specs[0].is == spec.is
                && specs[0].asset == spec.asset
                && (!matches!(spec.is, SeriesKind::Vol | SeriesKind::HalfSpread)
                    || specs[0].name == spec.name)
        };
        match groups.iter_mut().find(|(specs, _)| same(specs)) {
            Some((specs, parts)) => {
                specs.push(spec);
                parts.append(&mut found);
            }
            None => groups.push((vec![spec], found)),
        }
    }
    let series = groups.into_iter().map(|(specs, parts)| join(&specs, parts, limits));
    let series: Vec<Series> = series.collect::<Result<_, _>>()?;
    let (market, quality) = assemble(source, series, listed)?;
    if limits.mode == Mode::Strict && quality.count(Severity::Warning) > 0 {
        return Err(DataError::Strict { findings: warnings(&quality) });
    }
    Ok((market, quality))
}

/// What a market says about all its series.
pub(crate) fn limits(source: &MarketSource) -> Limits {
    Limits {
        mode: source.quality.unwrap_or_default(),
        staleness: source.staleness,
        max_gap: source.max_gap,
        window: source.window,
    }
}

fn warnings(quality: &Quality) -> Vec<String> {
    let of = |series: &hedgerow_core::SeriesQuality| {
        let name = series.name.clone();
        let warnings =
            series.findings.iter().filter(|finding| finding.severity == Severity::Warning);
        warnings
            .map(|finding| format!("{name}: {}: {}", finding.defect.about(), finding.detail))
            .collect::<Vec<_>>()
    };
    quality.series.iter().flat_map(of).collect()
}
