//! The resolved scenario: what ran, every default filled in, as a scenario file that runs the same again.

use std::fmt::Write as _;

use hedgerow_sim::FillAt;
use hedgerow_sim::fees::Liquidity;

use crate::costs::{execution_settings, has_opens};
use crate::resolve::Plan;
use crate::scenario::{AgainstSpec, LegSpec};

/// The scenario of a plan as TOML.
pub(crate) fn toml(plan: &Plan) -> String {
    let mut text = String::new();
    let scenario = &plan.scenario;
    let mut line = |content: String| {
        let _ = writeln!(text, "{content}");
    };
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    line(format!("name = {}", quoted(&scenario.name)));
    line(format!("about = {}", quoted(&scenario.about)));
    let (first, last) = (plan.market.time()[0], plan.market.time()[plan.market.n_rows() - 1]);
    line(format!("market = {}", scenario.market.raw));
    line(format!(
        "# {} rows, the first known at {first}, the last at {last}",
        plan.market.n_rows()
    ));
    if !scenario.raw.vol.is_empty() {
        line(format!("vol = {{ model = {} }}", scenario.raw.vol));
    }
    line(match &plan.matched {
        None => format!("book = [{}]", scenario.raw.book.join(", ")),
        Some(matched) => {
            format!("# the book is one of fills: {} --scenario THIS.toml", matched.command)
        }
    });
    let coins: Vec<String> = scenario
        .capital
        .coins
        .iter()
        .map(|(asset, coins)| format!("{} = {coins:?}", asset.get_ref()))
        .collect();
    let coins =
        if coins.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", coins.join(", ")) };
    line(format!("capital = {{ usd = {:?}, coins = {coins} }}", scenario.capital.usd));
    line(format!("rates = {{ usd_percent = {:?} }}", scenario.rate * 100.0));
    if let Some(account) = &scenario.account {
        line(format!("account = {}", account.setting(&scenario.costs, plan.market.time())));
    }
    let bootstrap = scenario.bootstrap;
    line(format!(
        "bootstrap = {{ seed = {}, resamples = {}, level_percent = {:?} }}",
        bootstrap.seed, bootstrap.resamples, bootstrap.level_percent
    ));
    line("\n[costs]".to_owned());
    let has_opens = scenario.costs.fill == FillAt::NextOpen && has_opens(&plan.market);
    let fill = if has_opens { "next_open" } else { "deciding_price" };
    line(format!("fill = \"{fill}\""));
    scenario.costs.settings().into_iter().for_each(&mut line);
    line(scenario.costs.lines(plan.prices.takers));
    for (spec, strategy) in plan.specs.iter().zip(&plan.strategies[1..]) {
        line(format!("\n[[strategy]]\nname = {}", quoted(&spec.name)));
        line(format!("about = {}", quoted(&strategy.about)));
        for leg in &spec.legs {
            let name = leg.name.as_deref().unwrap_or("hedge");
            line(format!("\n[[strategy.leg]]\nname = {}", quoted(name)));
            leg_lines(leg, &mut line);
        }
    }
    text
}

fn leg_lines(leg: &LegSpec, line: &mut impl FnMut(String)) {
    if let Some(asset) = &leg.asset {
        line(format!("asset = \"{}\"", asset.get_ref()));
    }
    let raw = |key: &str, default: &str| {
        leg.raw.get(key).map_or_else(|| default.to_owned(), Clone::clone)
    };
    line(format!("with = {}", raw("with", "")));
    line(format!("against = {}", raw("against", "\"delta\"")));
    let hedges_own = matches!(leg.against, AgainstSpec::Delta | AgainstSpec::Account);
    if hedges_own || leg.delta.is_some() {
        line(format!("delta = {}", raw("delta", "\"black_scholes\"")));
    }
    line(format!("ratio = {}", raw("ratio", "{ constant = { percent = 100 } }")));
    line(format!("when = {}", raw("when", "\"every_row\"")));
    line(format!("to = {}", leg.to.setting()));
    if let Some(liquidity) = leg.liquidity {
        let side = match liquidity {
            Liquidity::Maker => "maker",
            Liquidity::Taker => "taker",
        };
        line(format!("liquidity = \"{side}\""));
    }
    if let Some(fill) = &leg.fill {
        line(format!("fill = \"{}\"", fill.get_ref().name()));
    }
    let execution = leg.execution.iter().map(|execution| *execution.get_ref());
    execution.flat_map(execution_settings).for_each(line);
}
