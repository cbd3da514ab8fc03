//! `hedgerow replay-trades`: a user's own option fills as the book of a scenario.

mod amount;
mod book;
mod columns;
mod doubts;
mod ended;
mod read;

use std::path::{Path, PathBuf};

use crate::args::ReplayTradesArgs;
use crate::check::scenario_text;
use crate::output::{Existing, say};
use crate::progress::Progress;
use crate::resolve::{BookOf, Source, plan};
use crate::run::{Place, replay};

pub(crate) use book::{Matched, lines, matched};
pub(crate) use columns::renamed;
pub(crate) use ended::not_replayed;
pub(crate) use read::Trades;

/// Replays fills under the market, costs and strategies of a scenario, and writes the folder of a run; or only judges them.
///
/// # Errors
/// Wrong input, or a folder that cannot be written; nothing is left behind then.
pub(crate) fn replay_trades(args: &ReplayTradesArgs) -> anyhow::Result<()> {
    let progress = Progress::start();
    progress.stage("reading the trades");
    let source = Source::open(&args.scenario)?;
    let trades = Trades::read(args)?;
    let plan = plan(&source, BookOf::Trades(&trades), &|stage| progress.stage(stage))?;
    if args.check {
        drop(progress);
        say(&scenario_text(&args.scenario, &plan));
        return Ok(());
    }
    let place = Place {
        folder: args.out.clone().unwrap_or_else(|| folder(&plan.scenario.name)),
        existing: if args.overwrite { Existing::Replace } else { Existing::Keep },
    };
    replay(&source, &plan, &place, progress)
}

/// Beside the folder of the scenario's own run.
fn folder(name: &str) -> PathBuf {
    Path::new("reports").join(format!("{}-trades", crate::run::slug(name)))
}
