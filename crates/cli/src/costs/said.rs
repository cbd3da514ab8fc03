//! What a run assumes of its costs, in sentences, and what is typed of them, as TOML.

use hedgerow_core::{Bps, Timestamp};
use hedgerow_sim::fees::{Fee, Known, Liquidity, Venue};
use hedgerow_sim::{Costs, Execution};

use super::{CostsSpec, ImpactSpec, Prices};

impl Prices {
    /// One line for each day on which the fees change within the period, and for its start.
    pub(crate) fn sentences(&self, liquidity: Liquidity) -> Vec<String> {
        let schedule = self.of(liquidity);
        let first = fee_sentence(&schedule.first);
        let later = schedule
            .changes
            .iter()
            .map(|(day, costs)| format!("From {day}: {}", fee_sentence(costs)));
        std::iter::once(first).chain(later).collect()
    }
}

fn fee_sentence(costs: &Costs) -> String {
    let own = |line: Option<Bps>, which: &str| {
        line.map_or_else(String::new, |line| format!(" ({which} {} bp)", line.0))
    };
    format!(
        "spot {} bp, perps {} bp{}, dated futures {} bp{}{} of notional, {} bp{} at delivery; options {} bp{} of the underlying, {} bp{} at delivery, at most {} % of the option's price.",
        costs.spot_fee_bps.0,
        costs.perp_fee_bps.0,
        own(costs.inverse_perp_fee_bps, "inverse"),
        costs.future_fee_bps.0,
        own(costs.inverse_future_fee_bps, "inverse"),
        own(costs.weekly_future_fee_bps, "weekly"),
        costs.future_delivery_bps.0,
        own(costs.weekly_future_delivery_bps, "weekly"),
        costs.option_fee_bps.0,
        own(costs.usd_option_fee_bps, "settled in USD"),
        costs.option_delivery_bps.0,
        own(costs.daily_option_delivery_bps, "daily"),
        costs.option_fee_cap_percent.0,
    )
}

/// Which of a venue's rates that hold within the period no page gives.
fn from_memory(venue: &Venue, (start, end): (Timestamp, Timestamp)) -> String {
    let days = venue.days().into_iter().filter(|day| *day > start && *day <= end);
    let instants: Vec<Timestamp> = std::iter::once(start).chain(days).collect();
    let remembered = |fee: Fee| {
        let rates = instants.iter().filter_map(|time| venue.own_rate(fee, *time).ok());
        rates.into_iter().any(|rate| rate.known == Known::Remembered)
    };
    let kinds = venue.rates.iter().map(|(fee, _)| *fee).filter(|fee| remembered(*fee));
    let kinds: Vec<&str> = kinds.map(Fee::about).collect();
    if kinds.is_empty() {
        return String::new();
    }
    format!(
        " Of the period's rates, those of {} are from memory, without a page to cite.",
        kinds.join(", ")
    )
}

impl CostsSpec {
    /// Everything that is assumed of costs, in sentences.
    pub(crate) fn sentences(&self, prices: &Prices, period: (Timestamp, Timestamp)) -> String {
        let side = match self.liquidity {
            Liquidity::Taker => "Taker",
            Liquidity::Maker => "Maker",
        };
        let mut all = vec![format!("{side} fees: {}", prices.sentences(self.liquidity).join(" "))];
        all.push(match self.venue {
            Some(venue) => format!(
                "They are those of {} ({}), by date, where the scenario does not give its own.{}",
                venue.name,
                venue.about,
                from_memory(venue, period)
            ),
            None => "They are the scenario's figures at all dates.".to_owned(),
        });
        let costs = &self.costs;
        all.push(match &self.spread {
            None => format!("Half-spread {} bp", costs.half_spread_bps.0),
            Some(spread) => spread.sentence(),
        } + &format!(
            " and slippage {} bp for spot, perps and futures; {} and {} vol points times vega for options.",
            costs.slippage_bps.0, costs.option_half_spread_points, costs.option_slippage_points
        ));
        all.extend(self.impact.as_ref().map(ImpactSpec::sentence));
        if !self.execution.is_at_once() {
            all.push(execution_sentence(self.execution));
        }
        all.join(" ")
    }

    /// The keys that are no line of [`Costs`], as TOML.
    pub(crate) fn settings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.venue.map(|venue| format!("venue = {:?}", venue.name)));
        if self.liquidity == Liquidity::Maker {
            lines.push("liquidity = \"maker\"".to_owned());
        }
        lines.extend(execution_settings(self.execution));
        lines.extend(self.raw.iter().map(|(key, value)| format!("{key} = {value}")));
        lines
    }

    /// The lines of [`Costs`] that are the scenario's own, as TOML: all of them without a venue.
    pub(crate) fn lines(&self) -> String {
        let all = toml::to_string(&self.costs).unwrap_or_default();
        let keep = |line: &&str| {
            let key = line.split(' ').next().unwrap_or_default();
            let of_venue = self.venue.is_some()
                && Fee::LINES.iter().any(|(_, fee)| *fee == key)
                && !self.typed.contains(&key);
            !(of_venue || self.raw.iter().any(|(table, _)| *table == key))
        };
        all.lines().filter(keep).collect::<Vec<_>>().join("\n")
    }
}

/// `delay_rows` and `twap_rows` as TOML, those that differ from nothing.
pub(crate) fn execution_settings(execution: Execution) -> Vec<String> {
    let mut lines = Vec::new();
    if execution.delay_rows > 0 {
        lines.push(format!("delay_rows = {}", execution.delay_rows));
    }
    if execution.slices.get() > 1 {
        lines.push(format!("twap_rows = {}", execution.slices));
    }
    lines
}

/// What is assumed of fills that are late or in slices.
pub(crate) fn execution_sentence(execution: Execution) -> String {
    let late = match execution.delay_rows {
        0 => String::new(),
        rows => format!(", {rows} rows later than they would be"),
    };
    let slices = match execution.slices.get() {
        1 => String::new(),
        rows => format!(", in {rows} equal slices over as many rows"),
    };
    format!(
        "Decisions are filled{late}{slices}; rules and later legs count them as held, and what is not filled by the last row stays unfilled."
    )
}
