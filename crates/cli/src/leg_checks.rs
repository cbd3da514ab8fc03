//! What a leg cannot do whatever the market is like: told as soon as the scenario is read, before anything is loaded, valued
//! or fitted.

use hedgerow_core::registry::SettingError;
use hedgerow_core::{Market, PaidIn};
use hedgerow_greeks::{BookSpec, PROGRAMMES};
use toml::Spanned;

use crate::costs::LIQUIDITY_WITHOUT_VENUE;
use crate::instruments::Instrument;
use crate::scenario::{AgainstSpec, DeltaSpec, LegSpec, Scenario};

pub(crate) const NO_VEGA: &str = "the book has no vega in this asset, so there is nothing to hedge";
pub(crate) const NO_GAMMA: &str =
    "the book has no gamma in this asset, so there is nothing to hedge";
pub(crate) const NO_COINS: &str = "`size` is per coin held outright, and the book holds none of this asset; add a [[book]] with programme = \"spot\"";
pub(crate) const NO_COIN_OPTIONS: &str = "`delta = \"coin\"` is for books with coin-settled options, and this book has none; say `settlement = \"coin\"` in its [[book]], or use `black_scholes`";

/// Checks every leg of the scenario's strategies by itself.
///
/// # Errors
/// [`SettingError`] at the first leg, or its delta, that contradicts itself.
pub(crate) fn check_alone(scenario: &Scenario) -> Result<(), SettingError> {
    legs(scenario).try_for_each(|leg| {
        alone(leg)?;
        settings_without_effect(scenario, leg)
    })?;
    scenario.strategies.iter().try_for_each(|strategy| undone(&strategy.legs))
}

/// Refuses a leg that would take back what a leg before it has hedged.
fn undone(legs: &[LegSpec]) -> Result<(), SettingError> {
    let of_all = |leg: &LegSpec| leg.against == AgainstSpec::Portfolio;
    let Some(first) = legs.iter().position(of_all) else { return Ok(()) };
    let of_one = |leg: &&LegSpec| matches!(leg.against, AgainstSpec::Delta | AgainstSpec::Account);
    legs[first..].iter().find(of_one).map_or(Ok(()), |leg| {
        let message = "this leg hedges one asset's delta after a leg against the portfolio, which holds that asset for the others too: it would take back what that one has hedged; write it before that leg";
        Err(SettingError::at(leg.span.clone(), message))
    })
}

/// Checks every leg against the scenario's own book.
///
/// # Errors
/// [`SettingError`] at the first leg, or its delta, for which the book has nothing.
pub(crate) fn check_book(scenario: &Scenario) -> Result<(), SettingError> {
    let books: Vec<&BookSpec> = scenario.book.iter().map(|(book, _)| book).collect();
    legs(scenario).try_for_each(|leg| on_book(leg, &books))
}

/// Checks that the market has a chain for every delta that is made from one.
///
/// # Errors
/// [`SettingError`] at the first delta without.
pub(crate) fn check_chains(scenario: &Scenario, market: &Market) -> Result<(), SettingError> {
    for leg in legs(scenario) {
        let Some(DeltaSpec::Chosen(rule)) = &leg.delta else { continue };
        let asset = match &leg.asset {
            Some(typed) => market.asset_index(typed.get_ref()),
            None if market.assets().len() == 1 => Some(0),
            None => None,
        };
        // Where the asset itself is wrong, that is said later.
        let Some(asset) = asset.filter(|_| rule.needs_chain()) else { continue };
        let has = |paid_in| market.chain(asset, paid_in).is_some();
        if !has(PaidIn::Coin) && !has(PaidIn::Usd) {
            let message = format!(
                "delta `{}` is made from an option chain, and the market has none of {}; add one under [market], or use \
                 `black_scholes`",
                rule.name(),
                market.assets()[asset].name
            );
            return Err(SettingError::at(leg.delta_span.clone(), message));
        }
    }
    Ok(())
}

fn legs(scenario: &Scenario) -> impl Iterator<Item = &LegSpec> {
    scenario.strategies.iter().flat_map(|spec| &spec.legs)
}

fn alone(leg: &LegSpec) -> Result<(), SettingError> {
    let refuse = |message: &str| Err(SettingError::at(leg.span.clone(), message));
    let refuse_delta = |message: &str| Err(SettingError::at(leg.delta_span.clone(), message));
    let option = leg.with.is_option();
    let basket = matches!(*leg.with, Instrument::Basket { .. });
    let several = !matches!(*leg.with, Instrument::One(_));
    match leg.against {
        AgainstSpec::Delta | AgainstSpec::Account | AgainstSpec::Portfolio if option => refuse(
            "an option leg takes `against = \"vega\"`, `\"gamma\"` or `{ size = units per coin held }`, for example 1.0 for a protective put",
        ),
        AgainstSpec::Vega | AgainstSpec::Gamma if !option => refuse(
            "spot, perps and futures have no vega and no gamma; hedge them with an option leg, `with = { option = … }`",
        ),
        AgainstSpec::Size(_) if leg.to.bias != 0.0 => refuse(
            "a leg against a `size` holds that size and has no target that `bias` could move: type another size",
        ),
        AgainstSpec::Size(_) if several => {
            refuse("several instruments have no `size`; write a leg for each")
        }
        AgainstSpec::Account if !basket && several => refuse(
            "`cheapest` is chosen by the sign of the book's delta, known before the run; that of the account's coins is not: leave `against` out, and hedge the coins by a leg of their own, `against = \"account\"`, after it",
        ),
        AgainstSpec::Portfolio if !basket && several => {
            refuse("`cheapest` hedges one asset's delta; leave `against` out")
        }
        AgainstSpec::Delta | AgainstSpec::Account if basket => {
            refuse("a basket hedges the whole book: say `against = \"portfolio\"`")
        }
        AgainstSpec::Size(_) | AgainstSpec::Vega | AgainstSpec::Gamma if leg.delta.is_some() => {
            refuse_delta("`delta` has a meaning for legs against delta only; remove it")
        }
        _ if basket && leg.delta.is_some() => {
            refuse_delta("a basket hedges the book's own deltas; remove `delta`")
        }
        AgainstSpec::Account if matches!(leg.delta, Some(DeltaSpec::Coin)) => refuse_delta(
            "`delta = \"coin\"` takes premiums for coins already, `against = \"account\"` hedges the coins themselves; remove one of the two",
        ),
        AgainstSpec::Portfolio if matches!(leg.delta, Some(DeltaSpec::Chosen(_))) => refuse_delta(
            "a leg against the portfolio takes `delta = \"black_scholes\"` or `\"coin\"`",
        ),
        _ => Ok(()),
    }
}

/// Refuses what would change nothing, or something else than it says.
fn settings_without_effect(scenario: &Scenario, leg: &LegSpec) -> Result<(), SettingError> {
    let refuse = |message: &str| Err(SettingError::at(leg.span.clone(), message));
    if leg.liquidity.is_some() && scenario.costs.venue.is_none() {
        return refuse(LIQUIDITY_WITHOUT_VENUE);
    }
    let is_estimated = leg.ratio.as_ref().is_some_and(|ratio| ratio.is_estimated());
    if is_estimated && leg.against == AgainstSpec::Portfolio {
        return refuse(
            "this ratio is estimated from one asset's moves and knows nothing of the others; against the portfolio take a basket of one, `with = { basket = { of = [\"perp\"], … } }`, or a ratio that is no estimate",
        );
    }
    let is_of_delta = leg.when.as_ref().is_some_and(|rule| rule.is_of_delta());
    let other =
        matches!(leg.against, AgainstSpec::Vega | AgainstSpec::Gamma | AgainstSpec::Size(_));
    if is_of_delta && other {
        return refuse(
            "this rule's band is one of delta, made from the book's gamma or payoff; a leg against anything else takes `delta_band` (in the leg's measure), a clock, a move of the spot or of the vol",
        );
    }
    Ok(())
}

fn on_book(leg: &LegSpec, books: &[&BookSpec]) -> Result<(), SettingError> {
    let refuse = |message: &str| Err(SettingError::at(leg.span.clone(), message));
    let refuse_delta = |message: String| Err(SettingError::at(leg.delta_span.clone(), message));
    // A line or a leg without an asset is of the market's only one.
    let same = |book: &&&BookSpec| match (&leg.asset, &book.asset) {
        (Some(ours), Some(theirs)) => ours.get_ref() == theirs.get_ref(),
        _ => true,
    };
    let of_leg = || books.iter().filter(same);
    let any = |is: fn(&BookSpec) -> bool| of_leg().any(|book| is(book));
    match (leg.against, &leg.delta) {
        (AgainstSpec::Vega, _) if !any(has_options) => refuse(NO_VEGA),
        (AgainstSpec::Gamma, _) if !any(has_options) => refuse(NO_GAMMA),
        (AgainstSpec::Size(_), _) if any(|_| true) && !any(is_spot) => refuse(NO_COINS),
        (AgainstSpec::Delta, Some(DeltaSpec::Coin)) if !any(has_coin_options) => {
            refuse_delta(NO_COIN_OPTIONS.to_owned())
        }
        (AgainstSpec::Portfolio, Some(DeltaSpec::Coin))
            if !books.iter().any(|book| has_coin_options(book)) =>
        {
            refuse_delta(NO_COIN_OPTIONS.to_owned())
        }
        (AgainstSpec::Delta | AgainstSpec::Account, Some(DeltaSpec::Chosen(rule)))
            if any(|_| true) && !any(has_options) =>
        {
            refuse_delta(format!(
                "delta `{}` is one of options, and the book holds none of this asset; remove `delta`",
                rule.name()
            ))
        }
        _ => Ok(()),
    }
}

/// Whether a line is of options; one of an unknown programme counts as such, which is refused with its own words.
fn has_options(book: &BookSpec) -> bool {
    let name = book.option.programme.get_ref();
    let known = PROGRAMMES.iter().find(|programme| programme.name == *name);
    known.is_none_or(|programme| !programme.options.is_empty())
}

fn is_spot(book: &BookSpec) -> bool {
    !has_options(book)
}

fn has_coin_options(book: &BookSpec) -> bool {
    let settlement = book.option.settlement.as_ref().map(Spanned::get_ref);
    has_options(book) && settlement == Some(&PaidIn::Coin)
}
