//! What a venue closes within a bar, against numbers worked out by hand.
#![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp, reason = "tests")]

mod support;

use hedgerow_core::{
    AccountEventKind, AssetColumns, Contract, Found, Ledger, Line, Market, Tradable,
};
use hedgerow_sim::{
    Account, AccountTerms, Costs, Execution, FillAt, Leg, MARGINS, MarginOf, MarginTerms, Penalty,
    Reduction, Strategy, Then, To, TopUp, simulate_on_terms,
};
use support::*;

/// Open, high, low and close of a bar in which nothing happens.
const FLAT: [f64; 4] = [50_000.0; 4];

/// Down to a low and back.
const fn down_to(low: f64) -> [f64; 4] {
    [50_000.0, 50_500.0, low, 50_000.0]
}

fn column(bars: &[[f64; 4]], place: usize) -> Vec<f64> {
    bars.iter().map(|bar| bar[place]).collect()
}

/// Days with these bars of the spot, at which the perps are traded.
fn market(bars: &[[f64; 4]]) -> Market {
    let [open, high, low, close] = [0, 1, 2, 3].map(|place| column(bars, place));
    let plain = daily(&close);
    let asset = AssetColumns {
        open: Some(open.clone()),
        high: Some(high),
        low: Some(low),
        ..plain.assets()[0].clone()
    };
    with(&plain, asset, |perp| Tradable { open: Some(open.clone()), ..perp })
}

fn with(market: &Market, asset: AssetColumns, of: impl Fn(Tradable) -> Tradable) -> Market {
    let tradables = market.tradables().iter().cloned().map(of).collect();
    Market::new(market.time().to_vec(), vec![asset], tradables, vec![]).unwrap()
}

/// The same perps with bars of their own.
fn with_perp_bars(market: &Market, bars: &[[f64; 4]]) -> Market {
    with(market, market.assets()[0].clone(), |perp| Tradable {
        price: column(bars, 3),
        open: Some(column(bars, 0)),
        high: Some(column(bars, 1)),
        low: Some(column(bars, 2)),
        marked_at_spot: false,
        ..perp
    })
}

/// A hedge of `coins` that is kept at every row, alone at its venue.
struct Case {
    coins: f64,
    contract: Contract,
    usd: f64,
    fill: FillAt,
    costs: Costs,
    model: &'static str,
}

const LONG: Case = Case {
    coins: 5.0,
    contract: Contract::LinearPerp,
    usd: 30_000.0,
    fill: FillAt::DecidingPrice,
    costs: Costs::ZERO,
    model: "margin = { binance_tiers = { leverage = 20 } }",
};

impl Case {
    fn leg(&self, market: &Market) -> Leg {
        let rule = rule("when = \"every_row\"");
        let leg = leg(market, self.contract, self.fill, &self.costs, rule);
        Leg { to: To::CENTRE, ..leg }
    }

    fn run(&self, market: &Market, change: impl FnOnce(&mut MarginTerms)) -> Ledger {
        self.run_legs(market, &strategy(vec![self.leg(market)]), change)
    }

    fn run_legs(
        &self,
        market: &Market,
        strategy: &Strategy,
        change: impl FnOnce(&mut MarginTerms),
    ) -> Ledger {
        let account = Account { usd: self.usd, coins: vec![0.0], rate: 0.0 };
        let exposure = coins(market, -self.coins);
        let model = built(MARGINS, self.model);
        let mut margin = MarginTerms::new(&*model, market, |_| true, (self.usd, &[0.0])).unwrap();
        (margin.scope, margin.then) = (MarginOf::Legs, Then::Unhedged);
        change(&mut margin);
        let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
        let free = free(market, &exposure);
        simulate_on_terms(market, &exposure, strategy, (&account, &terms), &free)
    }
}

fn at_next_open(coins: f64, usd: f64, model: &'static str) -> Case {
    Case { coins, usd, model, fill: FillAt::NextOpen, ..LONG }
}

#[track_caller]
fn assert_closed_at(ledger: &Ledger, row: usize, price: f64) {
    let leg = &ledger.legs[0];
    let event = ledger.margin.events.iter().find(|event| event.row == row);
    let event = event.unwrap_or_else(|| panic!("{:?}", ledger.margin.events));
    assert_eq!((event.kind, event.found), (AccountEventKind::Liquidation, Found::OnWayDown));
    assert!((leg.fill[row] - price).abs() < 0.01, "{}, expected {price}", leg.fill[row]);
    assert_eq!(leg.held[row], 0.0);
}

/// Found: within the bar at whose open a position was taken, its maintenance margin was taken to grow from that of the row before.
/// Equity and margin meet at `12,000 - (50,000 - P) = 0.16 P`; `1,200 - (50,000 - P) = 1.005 % P`;
/// `30,000 - 5 (50,000 - P) = 0.5 % 5 P - 50`.
#[test]
fn a_position_is_liquidated_in_its_first_bar_as_in_any_other() {
    let first = market(&[FLAT, down_to(40_000.0), FLAT]);
    let second = market(&[FLAT, FLAT, down_to(40_000.0), FLAT]);
    for (coins, usd, model, price) in [
        (1.0, 12_000.0, "margin = \"scenario\"", 45_238.095),
        (1.0, 1_200.0, "margin = \"deribit_standard\"", 49_295.418),
        (5.0, 30_000.0, LONG.model, 44_211.055),
    ] {
        let case = at_next_open(coins, usd, model);
        let ledger = case.run(&first, |_| {});
        assert_closed_at(&ledger, 1, price);
        assert_closed_at(&case.run(&second, |_| {}), 2, price);
        // Bought and sold in one row: nothing is left of the two, but they were two trades.
        let leg = &ledger.legs[0];
        assert_eq!((leg.traded[1], leg.forced[1], leg.n_trades()), (0.0, -coins, 1));
        assert!((leg.price_pnl[1] + coins * (50_000.0 - price)).abs() < 0.05);
    }
}

/// Found: the fee and half-spread of the trade at a bar's open, here 12 bp of 250,000 USD, were no loss within that bar:
/// `29,700 - 5 (50,000 - P) = 0.5 % 5 P - 50`.
#[test]
fn the_cost_of_a_trade_at_the_open_is_paid_there() {
    let (fee, spread) = (hedgerow_core::Bps(10.0), hedgerow_core::Bps(2.0));
    let costs = Costs { perp_fee_bps: fee, half_spread_bps: spread, ..Costs::ZERO };
    let case = Case { costs, ..at_next_open(5.0, 30_000.0, LONG.model) };
    let ledger = case.run(&market(&[FLAT, down_to(40_000.0), FLAT]), |_| {});
    assert_closed_at(&ledger, 1, 44_271.357);
    let event = ledger.margin.events[0];
    let closing = 12e-4 * 5.0 * 44_271.357;
    assert!((event.trading - closing).abs() < 0.01, "without those of the open: {event:?}");
}

/// A position in slices: half of it at the first open, the rest at the second, in whose bar it is closed:
/// `30,000 - 10 (50,000 - P) = 1 % 10 P - 1,300`.
#[test]
fn slices_are_closed_as_what_they_come_to() {
    let market = market(&[FLAT, FLAT, down_to(40_000.0), FLAT]);
    let case = at_next_open(10.0, 30_000.0, LONG.model);
    let slices = std::num::NonZeroUsize::new(2).unwrap();
    let execution = Execution { slices, ..Execution::default() };
    let leg = Leg { execution, ..case.leg(&market) };
    let ledger = case.run_legs(&market, &strategy(vec![leg]), |_| {});
    assert!((ledger.legs[0].held[1] - 5.0).abs() < 1e-12, "{:?}", ledger.legs[0].held);
    assert_closed_at(&ledger, 2, 468_700.0 / 9.9);
}

/// What is left of five coins and 30,000 USD when a hundredth of them is sold wherever equity falls under three times Binance's
/// maintenance margin on the way from 50,000 to a low: coins, and USD at 50,000.
fn sold_on_the_way(low: f64) -> (f64, f64) {
    const TIERS: [(f64, f64); 3] = [(0.004, 0.0), (0.005, 50.0), (0.01, 1_300.0)];
    // Equity at a price is usd + coins × price.
    let (mut usd, mut parts) = (30_000.0 - 250_000.0, 100);
    while parts > 0 {
        let coins = 0.05 * f64::from(parts);
        // Margin is the largest of its tiers' lines, so the first to be met on the way down is the one that counts.
        let met = |(rate, less): (f64, f64)| (-usd - 3.0 * less) / (coins * (1.0 - 3.0 * rate));
        let price = TIERS.into_iter().map(met).fold(0.0, f64::max);
        if price <= low {
            break;
        }
        usd += 0.05 * price;
        parts -= 1;
    }
    let coins = 0.05 * f64::from(parts);
    (coins, usd + coins * 50_000.0)
}

/// Found: a reduction was sized by the bar's low and filled at the price at which the account first fell under its ratio. Sold in
/// steps of 1 USD of price on the way down, 12,749, 2,501 and 9 USD are left of lows of 44,000, 43,000 and 40,000.
#[test]
fn a_reduction_does_not_know_how_deep_a_bar_will_go() {
    let mut sold_before = 0.0;
    for (low, continuous) in [
        (44_700.0, 30_000.0),
        (44_600.0, f64::NAN),
        (44_300.0, f64::NAN),
        (44_000.0, 12_749.0),
        (43_000.0, 2_501.0),
        (40_000.0, 9.0),
    ] {
        let market = market(&[FLAT, FLAT, down_to(low), FLAT]);
        let ledger = LONG.run(&market, |margin| margin.reduce_at = Some(Reduction::at(3.0)));
        let (coins, usd) = sold_on_the_way(low);
        let (held, equity) = (ledger.legs[0].held[2], ledger.margin.equity[2]);
        assert!((held - coins).abs() < 1e-9, "{low}: {held} coins, expected {coins}");
        assert!((equity - usd).abs() < 1e-6, "{low}: {equity} USD, expected {usd}");
        assert!(continuous.is_nan() || (equity - continuous).abs() < 150.0, "{low}: {equity}");
        let events: Vec<_> = ledger.margin.events.iter().filter(|event| event.row == 2).collect();
        let sold = (5.0 - coins) / 5.0;
        match events[..] {
            [] => assert_eq!(sold, 0.0),
            [event, ..] => {
                assert_eq!(event.kind, AccountEventKind::Reduction);
                assert!((event.spot - 44_639.594).abs() < 1e-3, "where the first was sold");
                assert!((event.share.unwrap() - sold).abs() < 1e-9, "{event:?}");
                let turned_over = ledger.legs[0].turnover[2];
                assert!((event.amount - turned_over).abs() < 1e-6, "{event:?}");
            }
        }
        assert!(sold >= sold_before && sold <= 1.0, "a deeper bar is a longer way");
        sold_before = sold;
    }
}

/// A reduction for which closing costs more margin than it frees helps nobody: nothing is closed before all is.
#[test]
fn a_way_on_which_no_part_helps_ends_in_a_liquidation() {
    let market = market(&[FLAT, FLAT, down_to(43_000.0), FLAT]);
    let ledger = LONG.run(&market, |margin| {
        margin.penalty = Penalty::flat(0.05);
        let penalty = Penalty::flat(0.05);
        margin.reduce_at = Some(Reduction { penalty, ..Reduction::at(1.5) });
    });
    assert_closed_at(&ledger, 2, 44_211.055);
    let events = ledger.margin.events.iter().filter(|event| event.row == 2);
    assert_eq!(events.count(), 1, "{:?}", ledger.margin.events);
}

/// Found: the highs and lows of a perp were no prices at which margin was looked at, and nothing said so.
#[test]
fn a_perp_is_looked_at_at_its_own_extremes() {
    let spike = [FLAT, FLAT, down_to(44_000.0), FLAT];
    let still = [FLAT; 4];
    let closes = daily(&[50_000.0; 4]);
    let closed = |market: &Market| {
        let ledger = LONG.run(market, |_| {});
        let event = ledger.margin.events.iter().find(|event| event.row == 2).copied();
        event.map(|event| (ledger.legs[0].fill[2], event.spot))
    };
    let assert_closed = |market: &Market, (price, spot): (f64, f64)| {
        let (found, found_spot) = closed(market).unwrap();
        assert!((found - price).abs() < 0.01, "{found}");
        assert!((found_spot - spot).abs() < 0.01, "{found_spot}");
    };
    let at = 44_211.055;
    // A spot of closes follows its perp; one of bars has its own; a perp without bars follows the spot.
    assert_closed(&with_perp_bars(&closes, &spike), (at, at));
    assert_closed(&with_perp_bars(&market(&still), &spike), (at, 50_000.0));
    assert_closed(&market(&spike), (at, at));
    assert_eq!(closed(&with_perp_bars(&market(&spike), &still)), None);
    assert_eq!(closed(&closes), None);
}

/// Of an inverse perp that falls while the spot stands still, neither equity nor margin is a straight line: 100,000 USD long on one
/// coin at 50,000. `1 - 100,000 (1 / P - 1 / 50,000)` coins at 50,000 meet 1 % and 0.005 % for each of `100,000 / P` coins, of 100,000.
#[test]
fn a_curved_way_is_closed_where_margin_is_met() {
    let still = [FLAT; 4];
    let market = with_perp_bars(&market(&still), &[FLAT, FLAT, down_to(30_000.0), FLAT]);
    let account = Account { usd: 0.0, coins: vec![1.0], rate: 0.0 };
    let case = Case { coins: 2.0, contract: Contract::InversePerp, ..LONG };
    let exposure = coins(&market, -2.0);
    let model = built(MARGINS, "margin = \"deribit_standard\"");
    let mut margin = MarginTerms::new(&*model, &market, |_| true, (0.0, &[1.0])).unwrap();
    (margin.scope, margin.then) = (MarginOf::Legs, Then::Unhedged);
    let terms = AccountTerms { margin: Some(margin), ..AccountTerms::default() };
    let strategy = strategy(vec![case.leg(&market)]);
    let on = (&account, &terms);
    let ledger = simulate_on_terms(&market, &exposure, &strategy, on, &free(&market, &exposure));
    let event = ledger.margin.events.iter().find(|event| event.row == 2).unwrap();
    assert_eq!(event.kind, AccountEventKind::Liquidation);
    let price = ledger.legs[0].fill[2];
    let left = 1.0 - 100_000.0 * (1.0 / price - 1.0 / 50_000.0);
    let asked = (0.01 + 5e-5 * 100_000.0 / price) * 100_000.0;
    assert!((left * 50_000.0 - asked).abs() < 1e-6, "{price}: {left} coins, {asked} USD");
}

/// Found: the penalties of a leg were those of the account only. Here one leg holds 3 coins and one 2.
#[test]
fn each_leg_has_the_penalty_on_what_was_closed_of_it() {
    let market = market(&[FLAT, FLAT, down_to(40_000.0), FLAT]);
    let leg = |size: f64| Leg {
        against: hedgerow_sim::Against::Size(size),
        name: format!("{size}"),
        ..LONG.leg(&market)
    };
    // Per coin of the book, which is short 5.
    let legs = vec![leg(-0.6), leg(-0.4)];
    let ledger = LONG.run_legs(&market, &strategy(legs), |margin| {
        margin.penalty = Penalty::flat(0.005);
    });
    let sizes: Vec<f64> = ledger.legs.iter().map(|leg| leg.held[1].abs()).collect();
    let price = ledger.legs[0].fill[2];
    let mut sum = 0.0;
    for (leg, size) in ledger.legs.iter().zip(sizes) {
        assert!(size > 0.0);
        let penalty = 0.005 * size * price;
        assert!((leg.penalty[2] - penalty).abs() < 1e-9, "{:?}, expected {penalty}", leg.penalty);
        assert!((leg.total(Line::Liquidation) + penalty).abs() < 1e-9);
        assert_eq!(leg.line_at(Line::Liquidation, 1).to_bits(), 0, "no -0");
        sum += penalty;
    }
    assert!((ledger.explained.total(Line::Liquidation) + sum).abs() < 1e-9);
    assert!((ledger.margin.liquidation[2] - sum).abs() < 1e-9);
    assert!((ledger.margin.events.last().unwrap().penalty - sum).abs() < 1e-9);
}

/// Found: money that arrived within a bar was told before the liquidation of that bar, which had not counted it.
#[test]
fn money_that_arrives_within_a_bar_is_there_at_its_end() {
    let market = market(&[
        FLAT,
        [50_000.0, 50_000.0, 46_600.0, 46_600.0],
        [46_600.0, 46_600.0, 40_000.0, 46_600.0],
    ]);
    let case = Case { coins: 1.0, usd: 100_000.0, ..LONG };
    let ledger = case.run(&market, |margin| {
        margin.posted_usd = 4_000.0;
        let delay_millis = 12 * HOUR;
        margin.top_up = Some(TopUp { below_ratio: 5.0, to_ratio: 8.0, delay_millis });
    });
    let kinds: Vec<_> = ledger.margin.events.iter().map(|event| (event.row, event.kind)).collect();
    let last = &kinds[kinds.len() - 2..];
    let expected = [(2, AccountEventKind::Liquidation), (2, AccountEventKind::TopUpArrived)];
    assert_eq!(last, expected, "{kinds:?}");
}
