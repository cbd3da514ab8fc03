//! The lines of a book in words.

use hedgerow_core::MILLIS_PER_DAY;

use crate::PaidIn;
use crate::book::{BookLine, Life, Listing, OptionLine};

impl BookLine {
    /// Index into the market's assets.
    pub fn asset(&self) -> usize {
        match self {
            Self::Spot { asset, .. } => *asset,
            Self::Options(line) => line.asset,
            Self::Fills(line) => line.asset,
        }
    }

    /// `long 100 BTC spot`.
    pub fn name(&self) -> String {
        match self {
            Self::Spot { ticker, coins, .. } => named(*coins, ticker, "spot"),
            Self::Options(line) => line.name(),
            Self::Fills(line) => line.name(),
        }
    }

    /// One sentence for the report's assumptions, without its full stop.
    pub fn describe(&self) -> String {
        match self {
            Self::Spot { .. } => format!("{}: held from the first row to the last", self.name()),
            Self::Options(line) => line.describe(),
            Self::Fills(line) => line.describe(),
        }
    }

    /// Whether it holds options.
    pub fn holds_options(&self) -> bool {
        !matches!(self, Self::Spot { .. })
    }
}

impl OptionLine {
    /// `short 10 BTC straddle`.
    pub fn name(&self) -> String {
        named(self.coins, &self.ticker, self.programme.name)
    }

    /// One sentence for the report's assumptions, without its full stop.
    pub fn describe(&self) -> String {
        format!(
            "{}: {}; settled on the spot of the first row at or after expiry",
            self.name(),
            self.terms()
        )
    }

    /// Strikes, life and settlement: `strike at 25 delta (exact, no listing grid); expires 30 days after opening, …`.
    pub fn terms(&self) -> String {
        let strikes: Vec<String> =
            self.strikes.iter().map(|(key, rule)| format!("{} {rule}", key.name())).collect();
        let life = match self.life {
            Life::Fixed { expiry } => {
                format!("opened at the first row, expires {expiry}, not re-opened")
            }
            Life::ToExpiry { tenor_millis } => format!(
                "expires {} days after opening, the next one opens at the settling row at its mark",
                days(tenor_millis)
            ),
            Life::Rolled { tenor_millis, roll_millis } => format!(
                "opened with {} days to expiry, closed and re-opened at mark every {} days",
                days(tenor_millis),
                days(roll_millis)
            ),
        };
        let listing = match self.listing {
            Listing::Any => "exact, no listing grid",
            Listing::Listed { .. } => "expiry and strike are the nearest quoted ones at opening",
        };
        let paid = match self.settlement {
            PaidIn::Usd => "USD",
            PaidIn::Coin => "coins",
        };
        format!("{} ({listing}); {life}; premium and payoff in {paid}", strikes.join(", "))
    }
}

fn named(coins: f64, ticker: &str, programme: &str) -> String {
    let side = if coins < 0.0 { "short" } else { "long" };
    format!("{side} {} {ticker} {programme}", coins.abs())
}

#[expect(clippy::cast_precision_loss, reason = "a tenor of under a century is exact in f64")]
fn days(millis: i64) -> f64 {
    millis as f64 / MILLIS_PER_DAY as f64
}
