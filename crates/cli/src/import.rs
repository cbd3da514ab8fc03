//! `hedgerow import`: any history to one canonical file.

use std::fmt::Write as _;

use hedgerow_core::{Quality, Severity};
use hedgerow_data::{ImportProgress, Imported};

use crate::args::ImportArgs;
use crate::check::verdict;
use crate::hints::as_options;
use crate::output::say;
use crate::progress::Transfer;

/// Streams files into the canonical schema.
///
/// # Errors
/// Wrong input, or a file that cannot be written; nothing is left behind then.
pub(crate) fn import(args: &ImportArgs) -> anyhow::Result<()> {
    if args.out.exists() && !args.overwrite && !args.out.is_dir() {
        anyhow::bail!(
            "`{}` is there already; replace it with --overwrite, or choose another with --out",
            args.out.display()
        );
    }
    let transfer = Transfer::start();
    let report = |progress: &ImportProgress| {
        transfer.show(
            &format!("{} ({} rows)", progress.file, progress.n_rows),
            progress.bytes_read,
            Some(progress.bytes_total),
        );
    };
    let declared = args.declared.declared();
    let imported = hedgerow_data::import(&args.sources, &declared, &args.out, &mut { report })
        .map_err(|error| anyhow::anyhow!(as_options(&error.to_string(), &[])))?;
    drop(transfer);
    say(&summary(imported));
    Ok(())
}

/// What was written, and what was found on the way.
pub(crate) fn summary(imported: Imported) -> String {
    let mut text = String::new();
    let mut quality = Quality::default();
    for file in imported.files {
        let _ = writeln!(
            text,
            "{}: {} rows, {} ({})",
            file.path.display(),
            file.n_rows,
            size(file.n_bytes),
            file.schema
        );
        quality.series.push(file.quality);
    }
    text.push('\n');
    text.push_str(&verdict(&quality));
    if quality.count(Severity::Warning) > 0 {
        text.push_str("what was found is kept in the metadata of each file\n");
    }
    text
}

/// `3.2 MB`.
#[expect(clippy::cast_precision_loss, reason = "shown with two digits")]
fn size(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} bytes"),
        1000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}
