//! The track of a rolling option as a hedge instrument.

use hedgerow_core::{
    Exposure, Fills, OptionFee, OptionTrade, OptionTradeKind, Rolls, Series, Settlement, Timestamp,
    Track, UnitCost,
};

use crate::costs::{OptionDeal, OptionTerms};
use crate::{Costs, CostsByDate};

/// The track of one unit of an option programme, from the exposure of one unit held long.
///
/// One unit is the programme on one coin of underlying. Trades are filled at the mark of the deciding row; rolls and
/// settlements happen inside the track: their P&L is in `pnl`, their costs in `rolls`, per
/// unit carried through them. The programme must hold one option at a time: the fee cap is per option.
pub fn option_track(
    name: String,
    asset: usize,
    unit: &Exposure,
    (time, spot): (&[Timestamp], &[f64]),
    costs: &dyn CostsByDate,
) -> Track {
    let n_rows = unit.value.len();
    let slopes = &unit.slopes[asset];
    let coin_settled = slopes.is_coin_settled();
    let coin_flow = |row: usize| slopes.coin_flow.get(row).map_or(0.0, |coins| coins * spot[row]);
    let pnl = (0..n_rows).map(|row| match row {
        0 => 0.0,
        _ => unit.value[row] - unit.value[row - 1] + unit.cash_flow[row] + coin_flow(row),
    });
    let at_mark = |cost: &dyn Fn(usize) -> f64| (0..n_rows).map(cost).collect();
    Track {
        name,
        asset,
        contract: None,
        settlement: if coin_settled { Settlement::CoinCash } else { Settlement::Cash },
        pnl: pnl.collect(),
        fills: Fills::AtPrice,
        carry: Series::Constant(0.0),
        delta: Series::Rows(slopes.delta.clone()),
        gamma: Series::Rows(slopes.gamma.clone()),
        vega: Series::Rows(slopes.vega.clone()),
        theta: Series::Rows(slopes.theta.clone()),
        explained: Some(unit.explained.clone()),
        unit_cost: UnitCost::PerUnit {
            fee: at_mark(&|row| {
                let terms = OptionTerms { coin_settled, expiry: time[row] };
                let prices = (spot[row], unit.value[row]);
                costs.at(time[row]).option_fee(OptionDeal::Market, terms, prices)
            }),
            spread: at_mark(&|row| {
                costs.at(time[row]).option_spread(slopes.vega[row], unit.value[row])
            }),
            slippage: at_mark(&|row| {
                costs.at(time[row]).option_slippage(slopes.vega[row], unit.value[row])
            }),
        },
        option_fee: Some(fee(time, coin_settled, costs)),
        impact: None,
        rolls: Some(rolls(unit, time, costs)),
        unit_notional: Series::Rows(spot.to_vec()),
        cost_rate: costs.at(time[0]).option_rate(coin_settled).max(0.0),
        marked_at_spot: false,
        margin: slopes.margin.clone(),
        forced: None,
        price: unit.value.clone(),
    }
}

/// What the fee follows, the same throughout where the venue's fees do not change.
fn fee(time: &[Timestamp], coin_settled: bool, costs: &dyn CostsByDate) -> OptionFee {
    let series = |part: &dyn Fn(&Costs) -> f64| match costs.steady(time) {
        Some(costs) => Series::Constant(part(costs)),
        None => Series::Rows(time.iter().map(|time| part(costs.at(*time))).collect()),
    };
    OptionFee {
        rate: series(&|costs| costs.option_rate(coin_settled)),
        cap: series(&|costs| costs.option_fee_cap_percent.fraction()),
    }
}

/// What each trade of an exposure costs, by row. Leaves out the opening at row 0, which is the leg's own first trade.
fn rolls(unit: &Exposure, time: &[Timestamp], costs: &dyn CostsByDate) -> Rolls {
    let mut rolls = Rolls::none(time.len());
    for trade in unit.trades.iter().filter(|trade| trade.row > 0) {
        let cost = TradeCost::of(trade, costs.at(time[trade.row]));
        let side = match trade.kind {
            OptionTradeKind::Open => &mut rolls.entered,
            OptionTradeKind::Close | OptionTradeKind::Expire => &mut rolls.left,
        };
        side.cost[trade.row] += cost.fee + cost.spread + cost.slippage;
        side.turnover[trade.row] += cost.turnover;
        side.weight[trade.row] +=
            trade.vega.abs() / trade.spot * cost.turnover * cost.turnover.sqrt();
    }
    rolls
}

/// What one option trade costs, USD.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TradeCost {
    pub(crate) fee: f64,
    pub(crate) spread: f64,
    pub(crate) slippage: f64,
    pub(crate) turnover: f64,
}

impl TradeCost {
    /// A settlement at expiry pays the delivery fee and crosses no spread. A trade at an agreed price costs what it lost
    /// against its mark, which is negative where the price was better than the mark.
    pub(crate) fn of(trade: &OptionTrade, costs: &Costs) -> Self {
        let coins = trade.traded.abs();
        let terms = OptionTerms { coin_settled: trade.coin_settled, expiry: trade.expiry };
        if trade.kind == OptionTradeKind::Expire {
            let fee =
                coins * costs.option_fee(OptionDeal::Delivery, terms, (trade.spot, trade.premium));
            return Self { fee, spread: 0.0, slippage: 0.0, turnover: 0.0 };
        }
        if let Some(agreed) = trade.agreed {
            let usual =
                || coins * costs.option_fee(OptionDeal::Market, terms, (trade.spot, agreed.price));
            return Self {
                fee: agreed.fee.unwrap_or_else(usual),
                spread: trade.traded * (agreed.price - trade.premium),
                slippage: 0.0,
                turnover: coins * trade.spot,
            };
        }
        Self {
            fee: coins * costs.option_fee(OptionDeal::Market, terms, (trade.spot, trade.premium)),
            spread: coins * costs.option_spread(trade.vega, trade.premium),
            slippage: coins * costs.option_slippage(trade.vega, trade.premium),
            turnover: coins * trade.spot,
        }
    }
}
