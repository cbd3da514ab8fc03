//! From a leg as typed to the legs that run: most are one, a basket or a choice of instruments is one for each of them.

mod said;
mod words;

use std::sync::Arc;

use hedgerow_core::registry::SettingError;
use hedgerow_core::{Contract, Exposure, Fills, PaidIn, Track};
use hedgerow_greeks::{BookLine, resolve_unit};
use hedgerow_sim::rehedge::{Before, Past};
use hedgerow_sim::{
    Against, Candidate, Cheapest, DeltaKind, Leg, Rule, Strategy, WithoutRate, basis_rate,
    funding_rate,
};

use self::said::{coins_hedged, sentence, too_fine, turns};
use crate::baselines::every_row;
use crate::costs::check_execution;
use crate::desk::Desk;
use crate::instruments::{Instrument, Member, One};
use crate::leg_checks;
use crate::scenario::{AgainstSpec, DeltaSpec, FillSpec, LegSpec, StrategySpec};
use crate::tracks::Tracks;

/// One leg that a leg as typed comes to.
struct Part {
    track: Arc<Track>,
    against: Against,
    gate: Option<Gate>,
}

/// When an instrument is at work, and from which row on what each of those it takes turns with earns is known.
struct Gate {
    rows: Arc<Vec<bool>>,
    known_from: Option<usize>,
}

/// Instruments that are held by turns, and the rows at which each is.
struct Turns {
    held: Vec<Arc<Track>>,
    gates: Vec<Vec<bool>>,
    /// The first row at which what each earns is known.
    known_from: Option<usize>,
}

impl Desk<'_> {
    pub(crate) fn strategy(
        &self,
        spec: &mut StrategySpec,
        exposure: &Exposure,
        tracks: &mut Tracks,
    ) -> anyhow::Result<(Strategy, Vec<String>)> {
        let (mut legs, mut sentences, mut notes) = (Vec::<Leg>::new(), Vec::new(), Vec::new());
        for (index, leg) in spec.legs.iter_mut().enumerate() {
            let default =
                if index == 0 { "hedge".to_owned() } else { format!("hedge {}", index + 1) };
            let name = leg.name.get_or_insert(default).clone();
            let place = leg.span.clone();
            let made = self.legs(leg, exposure, tracks)?;
            for leg in made.legs {
                if legs.iter().any(|earlier| earlier.name == leg.name) {
                    let message = format!(
                        "strategy `{}` has two legs called `{name}`; give each a `name` of its own",
                        spec.name,
                    );
                    return Err(SettingError::at(place, message).into());
                }
                legs.push(leg);
            }
            sentences.push(made.sentence);
            notes.extend(
                made.notes.into_iter().map(|note| format!("`{}`, {name}: {note}", spec.name)),
            );
        }
        let about = spec.about.clone().unwrap_or_else(|| sentences.join("; then "));
        Ok((Strategy { name: spec.name.clone(), about, legs }, notes))
    }

    fn legs(
        &self,
        spec: &mut LegSpec,
        exposure: &Exposure,
        tracks: &mut Tracks,
    ) -> anyhow::Result<Made> {
        let asset = self.asset(spec)?;
        self.check_leg(spec, exposure, asset)?;
        let ratio = self.ratio(spec, asset)?;
        self.check_resting(spec, &ratio.column)?;
        check_execution(spec.execution.as_ref(), self.market.n_rows())?;
        let parts = self.parts(spec, exposure, asset, tracks)?;
        check_opens(spec, &parts)?;
        let mut rule = spec.when.take().map_or_else(|| self.default_rule(spec), Ok)?;
        rule.warm_up(&Before {
            time: &self.full.time()[..self.rows.start],
            spot: &self.full.assets()[asset].spot[..self.rows.start],
        });
        let rule: Arc<dyn Rule> = Arc::from(rule);
        let name = spec.name.clone().unwrap_or_default();
        let mut notes = ratio.notes;
        notes.extend(turns(&parts));
        notes.extend(self.fractions(spec, &parts));
        let typed = spec.raw.get("when").map_or("", String::as_str);
        notes.extend(too_fine(&*rule, self.market.time()));
        let aversion = self.risk_aversion(&*rule, &parts, (typed, exposure, asset));
        notes.extend(aversion.clone());
        let terms = self.option_terms(spec, asset)?;
        let coins = coins_hedged(self.market.assets(), asset, &parts);
        let mut sentence = sentence(spec, &parts, (&ratio.about, &terms, &coins));
        sentence.extend(aversion.map(|aversion| format!(" ({aversion})")));
        let several = parts.len() > 1;
        let leg = |part: Part| Leg {
            name: if several { format!("{name}: {}", part.track.name) } else { name.clone() },
            asset,
            against: part.against,
            delta: self.delta(spec, asset),
            ratio: ratio.column.clone(),
            rule: Box::new(Shared(Arc::clone(&rule))),
            to: spec.to,
            execution: spec.execution(self.scenario.costs.execution()),
            gate: part.gate.map(|gate| gate.rows),
            track: part.track,
        };
        Ok(Made { legs: parts.into_iter().map(leg).collect(), sentence, notes })
    }

    /// The risk aversion that what was typed in its place comes to on this run.
    fn risk_aversion(
        &self,
        rule: &dyn Rule,
        parts: &[Part],
        (typed, exposure, asset): (&str, &Exposure, usize),
    ) -> Option<String> {
        if !["delta_cap", "indifference"].iter().any(|key| typed.contains(key)) {
            return None;
        }
        let mut found: Vec<String> = Vec::new();
        for part in parts {
            let past = Past {
                time: self.market.time(),
                spot: &self.market.assets()[asset].spot,
                exposure,
                asset,
                cost_rate: part.track.cost_rate,
                rate: self.scenario.rate,
            };
            let all =
                rule.risk_aversions(&past).into_iter().map(|aversion| format!("{aversion:.3e}"));
            all.for_each(|aversion| {
                if !found.contains(&aversion) {
                    found.push(aversion);
                }
            });
        }
        (!found.is_empty()).then(|| format!("a risk aversion of {} per USD", found.join(" and ")))
    }

    /// What option a leg rolls, in brackets; empty for a leg without options.
    fn option_terms(&self, spec: &LegSpec, asset: usize) -> Result<String, SettingError> {
        let Instrument::One(One::Option(option)) = &*spec.with else { return Ok(String::new()) };
        let line = resolve_unit(option, self.market, asset)?;
        Ok(match line {
            BookLine::Options(line) => format!(" ({})", line.terms()),
            _ => String::new(),
        })
    }

    /// The instruments of a leg, each with what it is against and when it is at work.
    fn parts(
        &self,
        spec: &LegSpec,
        exposure: &Exposure,
        asset: usize,
        tracks: &mut Tracks,
    ) -> anyhow::Result<Vec<Part>> {
        let against = match spec.against {
            AgainstSpec::Delta => Against::Delta,
            AgainstSpec::Account => Against::Account,
            AgainstSpec::Vega => Against::Vega,
            AgainstSpec::Gamma => Against::Gamma,
            AgainstSpec::Portfolio => Against::Portfolio,
            AgainstSpec::Size(size) => Against::Size(size),
        };
        match &*spec.with {
            Instrument::One(one) => {
                let track = self.shared(one, &spec.raw["with"], (spec, asset), tracks)?;
                Ok(vec![Part { track, against, gate: None }])
            }
            Instrument::Cheapest { of, policy } => {
                let side: Vec<f64> =
                    exposure.slopes[asset].delta.iter().map(|delta| -delta).collect();
                let Turns { held, gates, known_from } =
                    self.cheapest((of, *policy), &side, (spec, asset), tracks)?;
                let part = |(track, gate)| Part {
                    track,
                    against: against.clone(),
                    gate: Some(Gate { rows: Arc::new(gate), known_from }),
                };
                Ok(held.into_iter().zip(gates).map(part).collect())
            }
            Instrument::Basket { of, basket } => {
                let tracks = self.members(of, (spec, asset), tracks)?;
                let full = of.iter().map(|member| self.full_track(&member.with, spec, asset));
                let full = full.collect::<Result<Vec<_>, _>>()?;
                let full: Vec<&Track> = full.iter().collect();
                let columns = basket.columns(self.full, &full, exposure, &self.rows);
                if columns.iter().all(|column| column.iter().all(Option::is_none)) {
                    return Err(never_known(spec).into());
                }
                let own = &self.market.assets()[asset].spot;
                let in_own = |(track, column): (Arc<Track>, Arc<Vec<Option<f64>>>)| {
                    // The column is in coins of the instrument's asset, the leg's measure in coins of its own.
                    let other = &self.market.assets()[track.asset].spot;
                    let cells = column.iter().zip(other).zip(own);
                    let coins =
                        cells.map(|((cell, other), own)| cell.map(|cell| cell * other / own));
                    Part { against: Against::Column(Arc::new(coins.collect())), track, gate: None }
                };
                Ok(tracks.into_iter().zip(columns).map(in_own).collect())
            }
        }
    }

    /// What a future's contract is, where there are some to be rounded to and the leg does not.
    fn fractions(&self, spec: &LegSpec, parts: &[Part]) -> Option<String> {
        if self.scenario.market.source.futures.is_some() || !spec.to.is_exact() {
            return None;
        }
        let (track, paid_in) = parts.iter().find_map(|part| {
            let is = |paid_in: &PaidIn| part.track.contract == Some(Contract::future(*paid_in));
            Some((&part.track, [PaidIn::Usd, PaidIn::Coin].into_iter().find(is)?))
        })?;
        let mut futures = self.market.futures().iter();
        let future = futures
            .find(|future| future.asset == track.asset && future.terms.paid_in == paid_in)?;
        let unit = match paid_in {
            PaidIn::Coin => "USD",
            PaidIn::Usd => &self.market.assets()[track.asset].name,
        };
        Some(format!(
            "{}: a contract is {} {unit}; any fraction of one is traded, at any price between ticks, and `to = {{ lot = …, tick = … }}` rounds",
            track.name, future.terms.size
        ))
    }

    fn members(
        &self,
        of: &[Member],
        (spec, asset): (&LegSpec, usize),
        tracks: &mut Tracks,
    ) -> anyhow::Result<Vec<Arc<Track>>> {
        of.iter()
            .map(|member| self.shared(&member.with, &member.raw, (spec, asset), tracks))
            .collect()
    }

    /// The candidates, and the rows at which each is held.
    fn cheapest(
        &self,
        (of, policy): (&[Member], Cheapest),
        side: &[f64],
        (spec, asset): (&LegSpec, usize),
        tracks: &mut Tracks,
    ) -> anyhow::Result<Turns> {
        let held = self.members(of, (spec, asset), tracks)?;
        let candidates = of.iter().zip(&held).map(|(member, track)| {
            let (rates, without_rate) = match &member.with {
                One::Future { paid_in, roll_days, .. } => {
                    let asset = self.traded(&member.with, asset)?;
                    let rates = basis_rate(self.full, asset, *paid_in, *roll_days);
                    (rates, WithoutRate::CannotBeHeld)
                }
                one => {
                    let track = self.full_track(one, spec, asset)?;
                    let rates = funding_rate(self.full, &track, policy.lookback_days);
                    (rates, WithoutRate::CanBeHeld)
                }
            };
            let rates = rates[self.rows.clone()].to_vec();
            Ok(Candidate { rates, cost: track.cost_rate, without_rate })
        });
        let candidates = candidates.collect::<Result<Vec<_>, SettingError>>()?;
        let rates = || candidates.iter().map(|candidate| &candidate.rates);
        if rates().all(|rates| rates.iter().all(Option::is_none)) {
            return Err(never_known(spec).into());
        }
        let known = |row: &usize| rates().all(|rates| rates[*row].is_some());
        let known_from = (0..self.rows.len()).find(known);
        let gates = policy.choose(&candidates, side);
        Ok(Turns { held, gates, known_from })
    }

    /// What only the valued book tells; the rest is checked at reading, see `leg_checks`.
    fn check_leg(
        &self,
        spec: &LegSpec,
        exposure: &Exposure,
        asset: usize,
    ) -> Result<(), SettingError> {
        let refuse = |message: &str| Err(SettingError::at(spec.span.clone(), message));
        let slopes = &exposure.slopes[asset];
        let constant = |column: &[f64]| column.iter().all(|number| *number == 0.0);
        match spec.against {
            AgainstSpec::Delta if constant(&slopes.delta) => {
                refuse("the book has no delta in this asset, so there is nothing to hedge")
            }
            AgainstSpec::Vega if constant(&slopes.vega) => refuse(leg_checks::NO_VEGA),
            AgainstSpec::Gamma if constant(&slopes.gamma) => refuse(leg_checks::NO_GAMMA),
            AgainstSpec::Size(_) if slopes.coins == 0.0 => refuse(leg_checks::NO_COINS),
            AgainstSpec::Delta
                if matches!(spec.delta, Some(DeltaSpec::Coin)) && slopes.coin_value.is_empty() =>
            {
                Err(SettingError::at(spec.delta_span.clone(), leg_checks::NO_COIN_OPTIONS))
            }
            _ => Ok(()),
        }
    }

    fn delta(&self, spec: &LegSpec, asset: usize) -> DeltaKind {
        match spec.delta {
            None | Some(DeltaSpec::BlackScholes) => DeltaKind::BlackScholes,
            Some(DeltaSpec::Coin) => DeltaKind::Coin,
            Some(DeltaSpec::Chosen(_)) => {
                let of_asset = || self.chosen.iter().filter(|chosen| chosen.asset == asset);
                let index = of_asset().position(|chosen| chosen.name == spec.raw["delta"]);
                DeltaKind::Column(index.expect("every chosen delta was made before the legs"))
            }
        }
    }

    fn default_rule(&self, spec: &LegSpec) -> anyhow::Result<Box<dyn Rule>> {
        match (spec.against, every_row()) {
            (AgainstSpec::Size(_), Some(rule)) => Ok(rule),
            _ => {
                let message = "the leg lacks `when`: say when it re-hedges, for example `when = \"every_row\"`";
                Err(SettingError::at(spec.span.clone(), message).into())
            }
        }
    }
}

/// Refuses fills at opens where no instrument of the leg has any.
fn check_opens(spec: &LegSpec, parts: &[Part]) -> Result<(), SettingError> {
    let at_open = |part: &Part| matches!(part.track.fills, Fills::AtOpen { .. });
    let typed = spec.fill.as_ref().filter(|fill| *fill.get_ref() == FillSpec::NextOpen);
    let Some(typed) = typed.filter(|_| !parts.iter().any(at_open)) else { return Ok(()) };
    let names: Vec<&str> = parts.iter().map(|part| part.track.name.as_str()).collect();
    let message = format!(
        "`fill = \"next_open\"` needs opens, and {} has none: options, dated futures and series of one price a row are filled at the price of the deciding row; say `fill = \"deciding_price\"`",
        names.join(" or ")
    );
    Err(SettingError::at(typed.span(), message))
}

/// What a leg as typed comes to.
struct Made {
    legs: Vec<Leg>,
    sentence: String,
    notes: Vec<String>,
}

/// A rule that several legs follow, each with a memory of its own.
#[derive(Debug)]
struct Shared(Arc<dyn Rule>);

impl Rule for Shared {
    fn bind(&self, past: &Past<'_>) -> Box<dyn hedgerow_sim::rehedge::Decide> {
        self.0.bind(past)
    }

    fn has_levels(&self) -> bool {
        self.0.has_levels()
    }

    fn risk_aversions(&self, past: &Past<'_>) -> Vec<f64> {
        self.0.risk_aversions(past)
    }
}

fn never_known(spec: &LegSpec) -> SettingError {
    let message = "what the leg needs to know of the past is never known in this period: shorten its window, or give it more history before `from`";
    SettingError::at(spec.span.clone(), message)
}
