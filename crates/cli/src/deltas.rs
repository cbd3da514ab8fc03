//! The deltas that legs ask for beyond the exposure's own: learned on the whole history, then cut to the period.

use hedgerow_core::registry::SettingError;
use hedgerow_core::{Chain, DeltaColumn, Exposure, Market, PaidIn};
use hedgerow_greeks::{BookLine, Deltas, HedgeDelta, Past, SurfaceHistory, VolMarks, book_delta};

use crate::desk::Desk;
use crate::scenario::{AgainstSpec, DeltaSpec, LegSpec, StrategySpec};

/// A delta that some leg asks for.
#[derive(Debug)]
pub(crate) struct ChosenDelta {
    /// Index into the market's assets.
    pub(crate) asset: usize,
    /// As typed, in canonical TOML.
    pub(crate) name: String,
    /// One sentence for the report's assumptions, without its full stop.
    pub(crate) about: String,
    /// Rows at which it is unknown, all of them rows at which options are held.
    pub(crate) n_unknown: usize,
}

/// Adds a column to the exposure for each delta that legs ask for, once each; `sliced` are the marks of the period.
///
/// # Errors
/// [`SettingError`] at the leg whose delta cannot be learned or is never known.
pub(crate) fn add_chosen(
    desk: &Desk<'_>,
    book: &[BookLine],
    specs: &[StrategySpec],
    sliced: &[VolMarks],
    exposure: &mut Exposure,
) -> anyhow::Result<Vec<ChosenDelta>> {
    let mut chosen: Vec<ChosenDelta> = Vec::new();
    let mut surfaces: Vec<Option<Surfaces>> = sliced.iter().map(|_| None).collect();
    for leg in specs.iter().flat_map(|spec| &spec.legs) {
        let Some(DeltaSpec::Chosen(rule)) = &leg.delta else { continue };
        if !matches!(leg.against, AgainstSpec::Delta | AgainstSpec::Account) {
            continue;
        }
        let asset = desk.asset(leg)?;
        let name = &leg.raw["delta"];
        if chosen.iter().any(|known| known.asset == asset && known.name == *name) {
            continue;
        }
        let smiles = surfaces[asset].get_or_insert_with(|| Surfaces::new(desk, asset));
        let delta = column(desk, book, (leg, &**rule, asset), (&sliced[asset], smiles))?;
        let n_unknown = delta.iter().filter(|delta| delta.is_none()).count();
        chosen.push(ChosenDelta { asset, name: name.clone(), about: rule.describe(), n_unknown });
        exposure.slopes[asset].chosen.push(DeltaColumn { name: name.clone(), delta });
    }
    Ok(chosen)
}

/// The surfaces of an asset's chain, of the whole history and of the period.
#[derive(Debug)]
struct Surfaces {
    full: Option<SurfaceHistory>,
    period: Option<SurfaceHistory>,
}

impl Surfaces {
    fn new(desk: &Desk<'_>, asset: usize) -> Self {
        let fitted = desk.vols[asset].smiles.as_ref().map(|smiles| smiles.surfaces.clone());
        let fit = || Some(SurfaceHistory::fit(desk.full, chain(desk.full, asset)?));
        let full = fitted.or_else(fit);
        let period = full.as_ref().map(|full| full.slice(desk.rows.clone()));
        Self { full, period }
    }
}

/// The chain that deltas learn from: the coin-settled one where there is one.
fn chain(market: &Market, asset: usize) -> Option<&Chain> {
    market.chain(asset, PaidIn::Coin).or_else(|| market.chain(asset, PaidIn::Usd))
}

fn column(
    desk: &Desk<'_>,
    book: &[BookLine],
    (leg, rule, asset): (&LegSpec, &dyn HedgeDelta, usize),
    (vols, smiles): (&VolMarks, &Surfaces),
) -> Result<Vec<Option<f64>>, SettingError> {
    let refused = |message: String| SettingError::at(leg.span.clone(), message);
    let past = |market, surfaces| Past { market, asset, chain: chain(market, asset), surfaces };
    let learned = Deltas::new(rule, past(desk.full, smiles.full.as_ref()))
        .map_err(|error| refused(error.to_string()))?;
    let deltas = learned.slice(desk.rows.clone(), past(desk.market, smiles.period.as_ref()));
    let column = book_delta(book, vols, desk.scenario.rate, &deltas)
        .map_err(|error| refused(error.to_string()))?;
    if column.iter().all(Option::is_none) {
        let lacks = match &smiles.full {
            None => "the market has no option chain to take a smile from; add one under [market]"
                .to_owned(),
            Some(full) => full.refusal().map_or_else(
                || "give it more history before `from`, or shorten what it learns over".to_owned(),
                |refused| {
                    let (expiry, reason) = (refused.expiry, refused.reason);
                    format!("no expiry of the chain has a smile, the first is {expiry}: {reason}")
                },
            ),
        };
        let message = format!("delta `{}` is never known in this period: {lacks}", rule.name());
        return Err(refused(message));
    }
    Ok(column)
}
