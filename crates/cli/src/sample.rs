//! `hedgerow sample`: the embedded history as files.

use crate::args::SampleArgs;
use crate::output::say;

/// Writes the embedded history in the canonical schema, with a scenario that uses it.
///
/// # Errors
/// When the folder holds something already or cannot be written.
pub(crate) fn sample(args: &SampleArgs) -> anyhow::Result<()> {
    let is_empty = |path: &std::path::Path| {
        std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
    };
    if args.out.exists() && !is_empty(&args.out) {
        anyhow::bail!(
            "`{}` is there already and not an empty folder; choose another with --out",
            args.out.display()
        );
    }
    let files = hedgerow_data::write_sample(&args.out)?;
    for file in files {
        say(&format!("{}\n", file.display()));
    }
    say(&format!("\nrun it: hedgerow run {}\n", args.out.join("scenario.toml").display()));
    Ok(())
}
