//! What trading costs.

use hedgerow_core::{Bps, Contract, Percent, Timestamp};
use serde::{Deserialize, Serialize};

use crate::fees::{is_daily, is_weekly};

/// Cost parameters, at least 0 but for fees of makers, which may be rebates. Defaults are what a small taker pays at the large venues (2024): Binance spot 10 bp,
/// Deribit and Binance perps and futures 5 bp, half of that at a future's delivery, Deribit options 3 bp of the underlying capped at 12.5 % of the option's price and
/// half of that at delivery. Lines that are `None` are as the general line beside them. Half-spreads and slippage are guesses that a careful user replaces by his own figures.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Costs {
    /// Taker fee of spot, bps of notional.
    pub spot_fee_bps: Bps,
    /// Taker fee of perpetuals, bps of notional.
    pub perp_fee_bps: Bps,
    /// The same of those that pay in the coin, where it differs.
    pub inverse_perp_fee_bps: Option<Bps>,
    /// Taker fee of dated futures, bps of notional.
    pub future_fee_bps: Bps,
    /// The same of those that pay in the coin, where it differs.
    pub inverse_future_fee_bps: Option<Bps>,
    /// The same of those that do not expire on the last Friday of a month, where it differs.
    pub weekly_future_fee_bps: Option<Bps>,
    /// Fee of dated futures held to delivery, bps of notional.
    pub future_delivery_bps: Bps,
    /// The same of those that do not expire on the last Friday of a month, where it differs.
    pub weekly_future_delivery_bps: Option<Bps>,
    /// Half the bid-ask spread of spot, perpetuals and futures, bps of notional.
    pub half_spread_bps: Bps,
    /// Slippage beyond the spread for spot, perpetuals and futures, bps of notional.
    pub slippage_bps: Bps,
    /// Taker fee of options, bps of the underlying's price.
    pub option_fee_bps: Bps,
    /// The same of those that are settled in USD, where it differs.
    pub usd_option_fee_bps: Option<Bps>,
    /// Fee of options delivered in the money, bps of the underlying's price.
    pub option_delivery_bps: Bps,
    /// The same of those that do not expire on a Friday, where it differs.
    pub daily_option_delivery_bps: Option<Bps>,
    /// Neither option fee exceeds this share of the option's price (at delivery: of its payoff), per cent.
    pub option_fee_cap_percent: Percent,
    /// Half the bid-ask spread of options, vol points (0.01 of vol), charged as vega times it.
    pub option_half_spread_points: f64,
    /// Slippage beyond the spread for options, vol points.
    pub option_slippage_points: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Self {
            spot_fee_bps: Bps(10.0),
            perp_fee_bps: Bps(5.0),
            future_fee_bps: Bps(5.0),
            future_delivery_bps: Bps(2.5),
            half_spread_bps: Bps(1.0),
            slippage_bps: Bps(1.0),
            option_fee_bps: Bps(3.0),
            option_delivery_bps: Bps(1.5),
            option_fee_cap_percent: Percent(12.5),
            option_half_spread_points: 1.0,
            ..Self::ZERO
        }
    }
}

/// Why a trade in an option happens, as far as its cost goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OptionDeal {
    /// Bought or sold in the market.
    Market,
    /// Settled by the venue at expiry.
    Delivery,
}

/// What of an option decides its fees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OptionTerms {
    /// Whether it settles in the coin.
    pub(crate) coin_settled: bool,
    /// When it expires.
    pub(crate) expiry: Timestamp,
}

impl Costs {
    /// Everything free.
    pub const ZERO: Self = Self {
        spot_fee_bps: Bps(0.0),
        perp_fee_bps: Bps(0.0),
        inverse_perp_fee_bps: None,
        future_fee_bps: Bps(0.0),
        inverse_future_fee_bps: None,
        weekly_future_fee_bps: None,
        future_delivery_bps: Bps(0.0),
        weekly_future_delivery_bps: None,
        half_spread_bps: Bps(0.0),
        slippage_bps: Bps(0.0),
        option_fee_bps: Bps(0.0),
        usd_option_fee_bps: None,
        option_delivery_bps: Bps(0.0),
        daily_option_delivery_bps: None,
        option_fee_cap_percent: Percent(0.0),
        option_half_spread_points: 0.0,
        option_slippage_points: 0.0,
    };

    /// The same for orders that rest until somebody takes them: they cross no spread and do not slip.
    pub fn resting(self) -> Self {
        Self {
            half_spread_bps: Bps(0.0),
            slippage_bps: Bps(0.0),
            option_half_spread_points: 0.0,
            option_slippage_points: 0.0,
            ..self
        }
    }

    /// Taker fee of a linear instrument, fraction of notional; of a dated future, one that is not weekly.
    pub fn fee_rate(&self, contract: Contract) -> f64 {
        let fee = match contract {
            Contract::Spot => self.spot_fee_bps,
            Contract::LinearPerp => self.perp_fee_bps,
            Contract::InversePerp => self.inverse_perp_fee_bps.unwrap_or(self.perp_fee_bps),
            Contract::LinearFuture => self.future_fee_bps,
            Contract::InverseFuture => self.inverse_future_fee_bps.unwrap_or(self.future_fee_bps),
        };
        fee.fraction()
    }

    /// Taker fee of the dated future of an expiry, fraction of notional.
    pub fn future_rate(&self, contract: Contract, expiry: Timestamp) -> f64 {
        let weekly = self.weekly_future_fee_bps.filter(|_| is_weekly(expiry));
        weekly.map_or_else(|| self.fee_rate(contract), Bps::fraction)
    }

    /// Fee of the dated future of an expiry that is held to its delivery, fraction of notional.
    pub fn future_delivery_rate(&self, expiry: Timestamp) -> f64 {
        let weekly = self.weekly_future_delivery_bps.filter(|_| is_weekly(expiry));
        weekly.unwrap_or(self.future_delivery_bps).fraction()
    }

    /// One-way proportional cost of a linear instrument, fraction of notional: what band rules weigh against risk.
    pub fn one_way(&self, contract: Contract) -> f64 {
        self.fee_rate(contract) + self.half_spread_bps.fraction() + self.slippage_bps.fraction()
    }

    /// Taker fee of an option before its cap, fraction of the underlying's price.
    pub(crate) fn option_rate(&self, coin_settled: bool) -> f64 {
        let usd = self.usd_option_fee_bps.filter(|_| !coin_settled);
        usd.unwrap_or(self.option_fee_bps).fraction()
    }

    /// Fee for one coin of underlying of an option, USD: `min(rate * spot, cap * price)`.
    pub(crate) fn option_fee(
        &self,
        deal: OptionDeal,
        terms: OptionTerms,
        (spot, price): (f64, f64),
    ) -> f64 {
        let daily = self.daily_option_delivery_bps.filter(|_| is_daily(terms.expiry));
        let rate = match deal {
            OptionDeal::Market => self.option_rate(terms.coin_settled),
            OptionDeal::Delivery => daily.unwrap_or(self.option_delivery_bps).fraction(),
        };
        (rate * spot).min(self.option_fee_cap_percent.fraction() * price.abs())
    }

    /// Half-spread for one coin of underlying of an option, USD: vega times the half-spread in vol, never more than the
    /// option's price.
    pub(crate) fn option_spread(&self, vega: f64, price: f64) -> f64 {
        (vega.abs() * self.option_half_spread_points / 100.0).min(price.abs())
    }

    /// Slippage for one coin of underlying of an option, USD.
    pub(crate) fn option_slippage(&self, vega: f64, price: f64) -> f64 {
        (vega.abs() * self.option_slippage_points / 100.0).min(price.abs())
    }
}
