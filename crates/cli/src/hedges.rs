//! The strategies of a scenario, with what making them found.

use anyhow::bail;
use hedgerow_greeks::Valued;
use hedgerow_sim::Strategy;

use crate::baselines::unhedged;
use crate::desk::Desk;
use crate::resolve::{Source, located};
use crate::scenario::StrategySpec;
use crate::tracks::Tracks;

/// The strategies with what making them found.
pub(crate) struct Hedges {
    /// The unhedged book first.
    pub(crate) strategies: Vec<Strategy>,
    /// What making their legs had to decide.
    pub(crate) notes: Vec<String>,
    /// Of the book's options, then of theirs.
    pub(crate) warnings: Vec<String>,
}

/// The unhedged book and every strategy of `specs`.
///
/// # Errors
/// The first thing that is wrong with a leg, with its place, and two strategies of one name.
pub(crate) fn hedges(
    desk: &Desk<'_>,
    specs: &mut [StrategySpec],
    valued: &Valued,
    source: &Source,
) -> anyhow::Result<Hedges> {
    let (mut strategies, mut notes) = (vec![unhedged()], Vec::new());
    let mut tracks = Tracks::default();
    for spec in specs {
        let made = desk.strategy(spec, &valued.exposure, &mut tracks);
        let (strategy, more) = made.map_err(|error| located(error, source))?;
        strategies.push(strategy);
        notes.extend(more);
    }
    check_names(&strategies, source)?;
    notes.extend(tracks.notes);
    let mut warnings = valued.warnings.clone();
    for warning in tracks.warnings {
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }
    Ok(Hedges { strategies, notes, warnings })
}

fn check_names(strategies: &[Strategy], source: &Source) -> anyhow::Result<()> {
    for (index, strategy) in strategies.iter().enumerate() {
        if strategies[..index].iter().any(|earlier| earlier.name == strategy.name) {
            bail!(
                "{}: two strategies are called `{}`; give each a name of its own",
                source.label,
                strategy.name
            );
        }
    }
    Ok(())
}
