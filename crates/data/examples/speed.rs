//! How fast files load and import, beside a bare read of the same file by Polars, and how much memory that takes.
//!
//! ```text
//! speed load FILE…          best of five: Polars alone, and the loader
//! speed import OUT FILE…    one import, with its peak memory
//! speed check FILE…         the verdict, a finding a line
//! speed csv OUT GIGABYTES   writes minutes of synthetic bars
//! ```
#![allow(missing_docs, reason = "a program")]
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a program that prints")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hedgerow_data::{BarLabel, Declared, MarketSource, check_files, import, load};
use polars::prelude::{CsvReadOptions, ParquetReader, SerReader};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let paths = |from: usize| args[from..].iter().map(PathBuf::from).collect::<Vec<_>>();
    match args.first().map(String::as_str) {
        Some("load") => paths(1).iter().for_each(|path| loading(path)),
        Some("import") => importing(&paths(2), Path::new(&args[1])),
        Some("check") => checking(&paths(1)),
        Some("csv") => synthetic(Path::new(&args[1]), args[2].parse().unwrap()),
        _ => println!("see the head of this file"),
    }
}

fn best(mut run: impl FnMut()) -> Duration {
    let timed = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed()
    };
    (0..5).map(|_| timed(&mut run)).min().unwrap()
}

fn loading(path: &Path) {
    let bare = best(|| {
        let is_parquet = path.extension().is_some_and(|extension| extension == "parquet");
        let frame = if is_parquet {
            ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap()
        } else {
            let reader =
                CsvReadOptions::default().try_into_reader_with_file_path(Some(path.into()));
            reader.unwrap().finish().unwrap()
        };
        assert!(frame.height() > 0);
    });
    let declared = ["", ", bar = \"start\""].map(|bar| {
        let text = format!("max_gap = \"300d\"\nseries = [{{ is = \"spot\", asset = \"BTC\", path = {path:?}{bar} }}]");
        toml::from_str::<MarketSource>(&text).unwrap()
    });
    let source = declared.iter().find(|source| load(source, Path::new("")).is_ok()).unwrap();
    let ours = best(|| assert!(load(source, Path::new("")).unwrap().market.n_rows() > 0));
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    println!("{}: bare {bare:?}, loader {ours:?}, ratio {ratio:.2}", path.display());
}

fn importing(paths: &[PathBuf], out: &Path) {
    let declared = Declared { bar: Some(BarLabel::Start), ..Declared::default() };
    let start = Instant::now();
    let imported = import(paths, &declared, out, &mut |_| {})
        .or_else(|_| import(paths, &Declared::default(), out, &mut |_| {}));
    match imported {
        Ok(imported) => {
            for file in imported.files {
                println!("{}: {} rows, {} bytes", file.path.display(), file.n_rows, file.n_bytes);
            }
        }
        Err(error) => println!("error: {error}"),
    }
    println!("{:?}, peak {}", start.elapsed(), peak());
}

/// The most memory this program held, as Linux says it.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |line| line.trim().to_owned())
}

fn checking(paths: &[PathBuf]) {
    let checked = check_files(paths, &Declared::default()).unwrap();
    for series in checked.quality.series {
        let step = series.step_millis.unwrap_or(0) / 1000;
        println!(
            "{} <{}> {} {} rows {} .. {} step {step} s",
            series.name, series.source, series.format, series.n_rows, series.first, series.last
        );
        for finding in series.findings {
            println!("    {:?} {}: {}", finding.severity, finding.defect.about(), finding.detail);
        }
    }
    checked.refused.iter().for_each(|error| println!("refused: {error}"));
}

fn synthetic(out: &Path, gigabytes: f64) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(out).unwrap());
    writeln!(file, "timestamp_ms,open,high,low,close,volume").unwrap();
    let (mut bytes, mut row, mut price) = (0.0, 0_i64, 30_000.0_f64);
    while bytes < gigabytes * 1e9 {
        let next = price * (1.0 + 1e-4 * f64::from(u8::try_from(row * 7 % 13).unwrap()) - 6e-4);
        let (high, low) = (price.max(next) + 1.0, price.min(next) - 1.0);
        let stamp = 1_300_000_020_000 + row * 60_000;
        let line = format!("{stamp},{price:.2},{high:.2},{low:.2},{next:.2},{}.5\n", row % 97);
        file.write_all(line.as_bytes()).unwrap();
        bytes += f64::from(u32::try_from(line.len()).unwrap());
        (row, price) = (row + 1, (next * 100.0).round() / 100.0);
    }
}
