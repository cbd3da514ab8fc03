//! Writes the embedded sample in the canonical schema, as an example of it, with a scenario that uses it.

use std::path::{Path, PathBuf};

use crate::DataError;
use crate::atomic::{AtomicFile, write_error};
use crate::canonical::{CanonicalWriter, notes};
use crate::load::{sample_file, sample_specs};
use crate::read::raw::Role;
use crate::rows::Rows;
use crate::schema::Schema;
use crate::series::{Limits, Series, join, part};
use crate::source::{Mode, SeriesSpec};

/// The built-in scenario.
const SCENARIO: &str = include_str!("../../../data/scenarios/treasury.toml");

/// What it says of its market.
const SOURCE: &str = "source = \"sample\"";

const README: &str = include_str!("sample/README.txt");

/// Writes the embedded sample in the canonical schema, with a scenario that uses it and a description of the schema.
/// Answers the files.
///
/// # Errors
/// [`DataError::File`] when the folder cannot be written to.
pub fn write_sample(dir: &Path) -> Result<Vec<PathBuf>, DataError> {
    std::fs::create_dir_all(dir).map_err(|reason| write_error(dir, reason))?;
    let mut ready = Vec::new();
    let mut series = Vec::new();
    for spec in sample_specs() {
        let name = format!("BTC-{}.parquet", spec.is.key());
        series.push(format!(
            "    {{ is = \"{}\", asset = \"BTC\", path = \"{name}\" }},",
            spec.is.key()
        ));
        ready.push(written(&spec, &dir.join(name))?);
    }
    let market = format!(
        "perp = \"at_spot\"          # the sample has no perpetual prices\nseries = [\n{}\n]",
        series.join("\n")
    );
    ready.push(text(&dir.join("scenario.toml"), &scenario(&market))?);
    ready.push(text(&dir.join("README.txt"), README)?);
    let mut paths = Vec::new();
    for file in ready {
        paths.push(file.path().to_owned());
        file.appear()?;
    }
    Ok(paths)
}

/// The built-in scenario with another market.
fn scenario(market: &str) -> String {
    let replaced = |line: &str| {
        if line.starts_with(SOURCE) { market.to_owned() } else { line.to_owned() }
    };
    let lines: Vec<String> = SCENARIO.lines().map(replaced).collect();
    lines.join("\n") + "\n"
}

fn text(path: &Path, text: &str) -> Result<AtomicFile, DataError> {
    let file = AtomicFile::new(path)?;
    let written = std::io::Write::write_all(&mut file.writer()?, text.as_bytes());
    written.map_err(|reason| write_error(path, reason))?;
    Ok(file)
}

fn written(spec: &SeriesSpec, path: &Path) -> Result<AtomicFile, DataError> {
    let part = part(&sample_file(spec), spec, Mode::Tolerant)?;
    let series = join(&[spec], vec![part], Limits::default())?;
    let schema = Schema::of(spec.is).expect("the sample holds single series");
    let (vol_name, quality) = (series.vol_name.clone(), series.quality.clone());
    let assumptions = series.assumptions.clone();
    let rows = rows(series, schema);
    let roles: Vec<Role> = rows.columns.iter().map(|(role, _)| *role).collect();
    let mut writer = CanonicalWriter::new(path, schema, &roles)?;
    writer.push(rows)?;
    let sources = [quality.source.clone()];
    writer.finish(notes(schema, spec, &vol_name, &sources, (&quality, &assumptions)))
}

/// The columns that a series has, as rows.
fn rows(series: Series, schema: &Schema) -> Rows {
    let Series { time, main, open, high, low, mark, .. } = series;
    let main_role = match schema.name {
        "bars/1" => Role::Close,
        "funding/1" => Role::Rate,
        _ => Role::Vol,
    };
    let others = [(Role::Open, open), (Role::High, high), (Role::Low, low), (Role::Mark, mark)];
    let others = others.into_iter().filter_map(|(role, cells)| Some((role, cells?)));
    Rows { time, columns: std::iter::once((main_role, main)).chain(others).collect() }
}
