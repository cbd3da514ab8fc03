//! What a run assumes of its costs, in sentences, and what is typed of them, as TOML.

use hedgerow_core::{Bps, Timestamp};
use hedgerow_sim::fees::{Fee, Known, Liquidity, Venue};
use hedgerow_sim::{Costs, Execution};

use super::{CostsSpec, ImpactSpec, Prices, Spreads, Takers};

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
        let is_dated = self.fees.iter().any(|fee| fee.days().next().is_some());
        all.push(match self.venue {
            Some(venue) => format!(
                "They are those of {} ({}), by date, where the scenario does not give its own.{}",
                venue.name,
                venue.about,
                from_memory(venue, period)
            ),
            None if is_dated => "They are the scenario's figures, by date.".to_owned(),
            None => "They are the scenario's figures at all dates.".to_owned(),
        });
        if self.liquidity == Liquidity::Maker {
            all.push(RESTS.to_owned());
        }
        if !(prices.takers.all_linear_rest() && prices.takers.all_options_rest()) {
            all.push(self.spread_sentence());
        }
        all.extend(self.impact.as_ref().map(ImpactSpec::sentence));
        all.join(" ")
    }

    /// Half-spreads and slippages of what is traded at the market.
    fn spread_sentence(&self) -> String {
        let costs = &self.costs;
        let half_spread = self.spreads.as_ref().map_or_else(
            || format!("Half-spread {} bp", costs.half_spread_bps.0),
            Spreads::sentence,
        );
        let of = match self.liquidity {
            Liquidity::Taker => "",
            Liquidity::Maker => ", of what trades at the market alone",
        };
        format!(
            "{half_spread} and slippage {} bp for spot, perps and futures; {} and {} vol points times vega for options{of}.",
            costs.slippage_bps.0, costs.option_half_spread_points, costs.option_slippage_points
        )
    }

    /// The keys that are no line of [`Costs`], as TOML.
    pub(crate) fn settings(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.venue.map(|venue| format!("venue = {:?}", venue.name)));
        if self.liquidity == Liquidity::Maker {
            lines.push("liquidity = \"maker\"".to_owned());
        }
        lines.extend(execution_settings(self.execution()));
        lines.extend(self.raw.iter().map(|(key, value)| format!("{key} = {value}")));
        lines
    }

    /// The lines of [`Costs`] that are the scenario's own, as TOML: all of them without a venue. What nobody is charged is 0.
    pub(crate) fn lines(&self, takers: Takers) -> String {
        let mut costs = self.costs;
        let resting = costs.resting();
        if takers.all_linear_rest() {
            costs.half_spread_bps = resting.half_spread_bps;
            costs.slippage_bps = resting.slippage_bps;
        }
        if takers.all_options_rest() {
            costs.option_half_spread_points = resting.option_half_spread_points;
            costs.option_slippage_points = resting.option_slippage_points;
        }
        let all = toml::to_string(&costs).unwrap_or_default();
        let keep = |line: &&str| {
            let key = line.split(' ').next().unwrap_or_default();
            let of_venue = self.venue.is_some()
                && Fee::LINES.iter().any(|(_, fee)| *fee == key)
                && self.fees.iter().all(|typed| typed.key != key);
            !(of_venue || self.raw.iter().any(|(table, _)| *table == key))
        };
        all.lines().filter(keep).collect::<Vec<_>>().join("\n")
    }
}

/// What is assumed of orders that rest.
pub(crate) const RESTS: &str = "Orders that rest in the book are taken to be filled at every row, in full and at its price, without half-spread and slippage: \
that flatters, for the market fills what rests when it comes to it, not when it is wanted.";

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
        1 => ", 1 row later than that".to_owned(),
        rows => format!(", {rows} rows later than that"),
    };
    let slices = match execution.slices.get() {
        1 => String::new(),
        rows => format!(", in {rows} equal slices over as many rows"),
    };
    format!(
        "Decisions are filled{late}{slices}, each at the price of its own row; rules and later legs count them as held, and what is not filled by the last row stays unfilled."
    )
}
