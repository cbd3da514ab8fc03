//! What a run assumes, in sentences, to stand beside its numbers.

use hedgerow_core::{Contract, Fills, GradeCounts, Settlement, Slopes, Track};
use hedgerow_greeks::BookLine;
use hedgerow_sim::fees::Liquidity;
use hedgerow_sim::{Against, DeltaKind, Leg, RatioColumn, Strategy};

use crate::account;
use crate::costs::{RESTS, execution_sentence};
use crate::resolve::Plan;
use crate::resting;
use crate::scenario::{LegSpec, StrategySpec};

/// Topic and sentence of everything that the numbers rest on.
pub(crate) fn of(plan: &Plan) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let mut add = |topic: &str, sentence: String| list.push((topic.to_owned(), sentence));
    plan.warnings.iter().for_each(|warning| add("Warning", format!("{warning}.")));
    match &plan.matched {
        None => plan.book.iter().for_each(|line| add("Book", format!("{}.", line.describe()))),
        Some(matched) => add("Trades", matched.sentences.join(" ")),
    }
    let options = options(plan);
    let has_options = options.iter().any(|of| of.in_book || of.in_legs);
    option_marks(plan, &options).into_iter().for_each(|said| add("Option marks", said));
    plan.notes.iter().for_each(|note| add("Book", format!("{note}.")));
    if let Some(sentences) = deltas(plan) {
        add("Deltas", sentences);
    }
    add("Fills", fills(plan));
    add("Costs", costs(plan));
    add("Funding", funding(plan));
    plan.funding_notes.iter().for_each(|note| add("Funding", format!("{note}.")));
    plan.leg_notes.iter().for_each(|note| add("Legs", format!("{note}.")));
    if let Some(note) = trivial_ratio(plan) {
        add("Ratios", note);
    }
    let account = plan.scenario.account.as_ref();
    let tracks: Vec<&Track> = tracks(plan).collect();
    let of = account::Of { costs: &plan.scenario.costs, market: &plan.market, tracks: &tracks };
    let mut sentences = account::sentences(account, (plan.scenario.rate, has_options), of);
    if holds_coins(plan) {
        sentences.push(coins_at_risk(plan));
    }
    add("Account", sentences.join(" "));
    add(
        "Year",
        "365 days, 24 hours a day (ACT/365F), for annualisation, vol and time to expiry."
            .to_owned(),
    );
    list
}

/// Which deltas of a book with options are hedged; `None` where no leg hedges a delta.
fn deltas(plan: &Plan) -> Option<String> {
    if !plan.book.iter().any(BookLine::holds_options) {
        return None;
    }
    let names = |kind: DeltaKind| {
        let hedges = |strategy: &&Strategy| {
            let mut legs = strategy.legs.iter();
            let hedges = |leg: &Leg| matches!(leg.against, Against::Delta | Against::Account);
            legs.any(|leg| hedges(leg) && leg.delta == kind)
        };
        let names: Vec<String> = plan
            .strategies
            .iter()
            .filter(hedges)
            .map(|strategy| format!("`{}`", strategy.name))
            .collect();
        names.join(", ")
    };
    let own = [
        (DeltaKind::BlackScholes, "Black-Scholes delta at the vol each option is marked at"),
        (DeltaKind::Coin, "the same less the value in coins of coin-settled options"),
    ];
    let own = own.into_iter().map(|(kind, about)| (names(kind), about));
    let mut sentences: Vec<String> = own
        .filter(|(names, _)| !names.is_empty())
        .map(|(names, about)| format!("{names}: {about}."))
        .collect();
    sentences.extend(plan.deltas.iter().map(|chosen| {
        let ticker = &plan.market.assets()[chosen.asset].name;
        let named = chosen.name.trim_matches('"');
        let unknown = match chosen.n_unknown {
            0 => String::new(),
            n => format!(
                "; unknown at {n} of {} rows, at which nothing is traded",
                plan.market.n_rows()
            ),
        };
        format!("{ticker}, `{named}`: {}{unknown}.", chosen.about)
    }));
    if !plan.deltas.is_empty() {
        sentences.push(
            "P&L is explained, and option legs are measured, by Black-Scholes, whichever delta is hedged."
                .to_owned(),
        );
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Whose legs hedge the account's coins, and whose do not.
fn coins_at_risk(plan: &Plan) -> String {
    let assets = plan.market.assets();
    let hedged = |strategy: &Strategy| -> Option<String> {
        let legs = || strategy.legs.iter().filter(|leg| leg.against == Against::Account);
        let is_hedged =
            |asset: &usize| legs().any(|leg| leg.asset == *asset || leg.track.asset == *asset);
        let hedged: Vec<&str> =
            (0..assets.len()).filter(is_hedged).map(|asset| assets[asset].name.as_str()).collect();
        let which =
            if assets.len() > 1 { format!(" ({})", hedged.join(", ")) } else { String::new() };
        (!hedged.is_empty()).then(|| format!("`{}`{which}", strategy.name))
    };
    let hedged: Vec<String> = plan.strategies.iter().filter_map(hedged).collect();
    let coins = "Coins in the account, and what coin-settled contracts pay into it, have a price risk of their own (the line `collateral`)";
    if hedged.is_empty() {
        return format!(
            "{coins}: legs hedge the book, not them (`against = \"account\"` hedges both)."
        );
    }
    let which = if assets.len() > 1 { ", the coins in brackets;" } else { ";" };
    format!(
        "{coins}: {} hedge it with the book{which} the legs of other strategies hedge the book, not them.",
        hedged.join(", ")
    )
}

/// Whether the account starts with coins, or anything pays coins into it.
fn holds_coins(plan: &Plan) -> bool {
    let pays_coins =
        |track: &Track| matches!(track.settlement, Settlement::Coin | Settlement::CoinCash);
    plan.account.coins.iter().any(|coins| *coins != 0.0)
        || plan.exposure.slopes.iter().any(Slopes::is_coin_settled)
        || tracks(plan).any(pays_coins)
}

fn tracks(plan: &Plan) -> impl Iterator<Item = &Track> {
    plan.strategies.iter().flat_map(|strategy| &strategy.legs).map(|leg| &*leg.track)
}

/// Where options of an asset are held.
struct OptionsOf {
    in_book: bool,
    in_legs: bool,
}

/// One per asset of the market.
fn options(plan: &Plan) -> Vec<OptionsOf> {
    let of = |asset: usize| {
        let own = |line: &&BookLine| line.asset() == asset && line.holds_options();
        let option = |track: &Track| track.asset == asset && track.contract.is_none();
        OptionsOf {
            in_book: plan.book.iter().any(|line| own(&line)),
            in_legs: tracks(plan).any(option),
        }
    };
    (0..plan.market.assets().len()).map(of).collect()
}

/// How options are marked, an asset each; marks are counted for assets whose options the book holds.
fn option_marks(plan: &Plan, options: &[OptionsOf]) -> Vec<String> {
    let assets = plan.market.assets().iter().zip(&plan.vols).zip(&plan.grades);
    let held = assets.zip(options).filter(|(_, of)| of.in_book || of.in_legs);
    held.map(|(((asset, vol), grades), of)| {
        let counts = if of.in_book { format!(" {}", counted(*grades)) } else { String::new() };
        format!("{}: {}.{counts}", asset.name, vol.about)
    })
    .collect()
}

fn counted(grades: GradeCounts) -> String {
    let of_neighbours = match grades.of_neighbours {
        0 => String::new(),
        n => format!(
            " ({n} of these of expiries without an accepted smile, by those of other expiries)"
        ),
    };
    format!(
        "Marks of the book: {} quoted, {} from a surface{of_neighbours}, {} synthetic.",
        grades.quoted, grades.surface, grades.synthetic
    )
}

fn fills(plan: &Plan) -> String {
    let linear = || tracks(plan).filter(|track| track.contract.is_some());
    let at_rows = || linear().filter(|track| !matches!(track.fills, Fills::AtStops { .. }));
    let at_open = at_rows().filter(|track| matches!(track.fills, Fills::AtOpen { .. })).count();
    let hedges = match (at_open, at_rows().count()) {
        (_, 0) if linear().count() > 0 => "",
        (_, 0) => "There are no linear hedges to fill",
        (0, _) => "A hedge is decided on a row's closing price and filled at that same price",
        (some, all) if some == all => {
            "A hedge is decided on a row's closing price and filled at the next row's open"
        }
        _ => {
            "A hedge is decided on a row's closing price and filled at the next row's open where the instrument has opens, \
             else at the deciding price"
        }
    };
    let reason = if at_open == 0
        && plan.market.assets().iter().all(|asset| asset.open.is_none())
        && linear().count() > 0
    {
        " (the data have no opens)"
    } else {
        ""
    };
    let options = if plan.matched.is_some() {
        "The book's options trade at what the fills paid, those of hedges at their marks."
    } else {
        "Options trade at their marks."
    };
    let at_rows = if hedges.is_empty() { String::new() } else { format!("{hedges}{reason}.") };
    let sentences = [at_rows, late(plan), resting::sentence(plan), options.to_owned()];
    sentences.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Whose fills are later than decided, or in slices; empty where none are.
fn late(plan: &Plan) -> String {
    let of_all = Some(plan.scenario.costs.execution());
    let of_all = of_all.filter(|execution| !execution.is_at_once()).map(execution_sentence);
    let of_legs = legs(plan).filter_map(|(spec, leg)| {
        let execution = *leg.execution.as_ref()?.get_ref();
        let name = leg.name.as_deref().unwrap_or("hedge");
        Some(format!("`{}`, {name}: {}", spec.name, execution_sentence(execution)))
    });
    of_all.into_iter().chain(of_legs).collect::<Vec<_>>().join(" ")
}

fn legs(plan: &Plan) -> impl Iterator<Item = (&StrategySpec, &LegSpec)> {
    plan.specs.iter().flat_map(|spec| spec.legs.iter().map(move |leg| (spec, leg)))
}

fn costs(plan: &Plan) -> String {
    let costs = &plan.scenario.costs;
    let time = plan.market.time();
    let mut text = costs.sentences(&plan.prices, (time[0], time[time.len() - 1]));
    for (spec, leg) in legs(plan) {
        let name = leg.name.as_deref().unwrap_or("hedge");
        let Some(liquidity) = leg.liquidity.filter(|own| *own != costs.liquidity) else { continue };
        let (side, rests) = match liquidity {
            Liquidity::Maker => ("as a maker", format!(" {RESTS}")),
            Liquidity::Taker => ("as a taker", String::new()),
        };
        text.push_str(&format!(
            " `{}`, {name}, trades {side}: {}{rests}",
            spec.name,
            plan.prices.sentences(liquidity).join(" ")
        ));
    }
    if tracks(plan).any(|track| track.forced.is_some()) {
        text.push_str(&format!(
            " What a venue closes by force of legs that rest is traded as a taker, with half-spread and slippage: {}",
            plan.prices.sentences(Liquidity::Taker).join(" ")
        ));
    }
    text
}

fn funding(plan: &Plan) -> String {
    let mut parts = Vec::new();
    let perps =
        plan.market.tradables().iter().filter(|tradable| tradable.contract != Contract::Spot);
    for tradable in perps {
        match &tradable.funding {
            Some(events) if !events.is_empty() => {
                let marks = events.iter().filter(|event| event.mark.is_some()).count();
                let price = match marks {
                    0 => "the last price known at the stamp",
                    n if n == events.len() => "the mark or index price that came with it",
                    _ => {
                        "its own mark price where there is one, else the last price known at the stamp"
                    }
                };
                parts.push(format!(
                    "{}: {} stamps, each settled on {price}",
                    tradable.name,
                    events.len()
                ));
            }
            _ => parts.push(format!("{}: none, as declared", tradable.name)),
        }
    }
    if parts.is_empty() {
        return "No perpetual is in the market.".to_owned();
    }
    format!(
        "Settled at its true instants on what was held then; a positive rate is paid by longs. {}.",
        parts.join("; ")
    )
}

/// A minimum-variance ratio on a perp that is marked at spot is 1 and says nothing.
fn trivial_ratio(plan: &Plan) -> Option<String> {
    let trivial = |strategy: &&Strategy| {
        strategy.legs.iter().any(|leg| {
            leg.track.marked_at_spot
                && leg.track.contract != Some(Contract::Spot)
                && match &leg.ratio {
                    RatioColumn::Constant(_) | RatioColumn::Equity(_) => false,
                    RatioColumn::Rows(rows) => {
                        rows.iter().any(Option::is_some)
                            && rows.iter().flatten().all(|ratio| (ratio - 1.0).abs() < 1e-6)
                    }
                }
        })
    };
    let names: Vec<String> = plan
        .strategies
        .iter()
        .filter(trivial)
        .map(|strategy| format!("`{}`", strategy.name))
        .collect();
    if names.is_empty() {
        return None;
    }
    Some(format!(
        "The estimated ratio of {} is 1 throughout, because the perp is marked at spot; with real perp prices it would differ.",
        names.join(" and ")
    ))
}
