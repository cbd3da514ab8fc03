//! What a leg does, in a sentence, and what became of a choice of instruments.

use hedgerow_core::{AssetColumns, Timestamp};
use hedgerow_sim::Rule;

use super::Part;
use super::words::words;
use crate::instruments::Instrument;
use crate::scenario::{AgainstSpec, DeltaSpec, LegSpec};

/// Where the hedge was opened, for how much of the run each of several instruments was held, and how often the choice changed.
pub(super) fn turns(parts: &[Part]) -> Option<String> {
    let gates = parts.iter().map(|part| part.gate.as_ref()).collect::<Option<Vec<_>>>()?;
    let known_from = gates.first()?.known_from;
    let gates: Vec<&[bool]> = gates.iter().map(|gate| gate.rows.as_slice()).collect();
    let n_rows = gates.first()?.len();
    let opened = parts.iter().zip(&gates).find(|(_, gate)| gate.first() == Some(&true));
    let opened = opened.filter(|_| known_from != Some(0)).map(|(part, _)| {
        let until = known_from.map_or_else(
            || "what all of them earn is known at no row".to_owned(),
            |row| format!("what all of them earn is known from row {} on", row + 1),
        );
        format!("{until}, before that the cheapest to enter was held, {}; ", part.track.name)
    });
    let held = parts.iter().zip(&gates).map(|(part, gate)| {
        let rows = gate.iter().filter(|on| **on).count();
        format!("{} at {rows} of {n_rows} rows", part.track.name)
    });
    let held: Vec<String> = held.collect();
    let changes = (1..n_rows).filter(|row| gates.iter().any(|gate| gate[*row] && !gate[row - 1]));
    let changes = match changes.count() {
        0 => "never changed".to_owned(),
        1 => "changed once".to_owned(),
        n => format!("changed {n} times"),
    };
    let opened = opened.unwrap_or_default();
    Some(format!("{opened}held {}; {changes}", held.join(", ")))
}

/// Which clocks of a rule strike at every row of the market.
pub(super) fn too_fine(rule: &dyn Rule, time: &[Timestamp]) -> Option<String> {
    let step = time.windows(2).map(|pair| pair[1].millis() - pair[0].millis()).min()?;
    let fine = rule.finer_than(step);
    (!fine.is_empty()).then(|| {
        let fine: Vec<String> = fine.iter().map(|name| format!("`{name}`")).collect();
        format!("{} asks at every row: the market's rows are no closer than that", fine.join(", "))
    })
}

/// Which of the account's coins a leg hedges: those of its asset with the book, those of its instrument's asset one to one.
pub(super) fn coins_hedged(assets: &[AssetColumns], asset: usize, parts: &[Part]) -> String {
    let own = &assets[asset].name;
    match parts.iter().find(|part| part.track.asset != asset) {
        None => format!(" and the account's {own}"),
        Some(part) => {
            let other = &assets[part.track.asset].name;
            format!(" and the account's {own}, and one to one its {other}")
        }
    }
}

/// What a leg does, in one sentence.
pub(super) fn sentence(
    spec: &LegSpec,
    parts: &[Part],
    (ratio, option, coins): (&str, &str, &str),
) -> String {
    let when =
        spec.raw.get("when").map_or_else(String::new, |when| format!(", when {}", words(when)));
    let names: Vec<&str> = parts.iter().map(|part| part.track.name.as_str()).collect();
    let with = match &*spec.with {
        Instrument::One(_) => names.join(""),
        Instrument::Cheapest { .. } => format!("the cheapest of {}", names.join(", ")),
        Instrument::Basket { .. } => names.join(" and "),
    };
    let delta = match &spec.delta {
        None | Some(DeltaSpec::BlackScholes) => "delta".to_owned(),
        Some(DeltaSpec::Coin) => "coin delta".to_owned(),
        Some(DeltaSpec::Chosen(_)) => format!("delta {}", spec.raw["delta"].trim_matches('"')),
    };
    let resting = if spec.rests().is_some() { ", by resting orders" } else { "" };
    let against = match spec.against {
        AgainstSpec::Delta => delta,
        AgainstSpec::Account => format!("{delta}{coins}"),
        AgainstSpec::Portfolio => format!("the {delta} of all assets"),
        AgainstSpec::Vega => "vega (bands in USD per vol point)".to_owned(),
        AgainstSpec::Gamma => "gamma (bands in coins of delta per 1 % of the spot)".to_owned(),
        AgainstSpec::Size(size) => {
            let deal = if size < 0.0 { "sells" } else { "buys" };
            let size = size.abs();
            return format!("{deal} {size} {with}{option} per coin held{ratio}{when}{resting}");
        }
    };
    format!("{with}{option} against {against}{ratio}{when}, {}{resting}", spec.to)
}
