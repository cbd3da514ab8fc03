//! What must hold for every option, programme and vol model.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "several laws are equalities bit for bit")]

mod common;

use common::{
    assert_close, assert_slope, first_line, fixed, line, market, noise, options, pnl, setting,
    small_market, vols,
};
use hedgerow_core::OptionTradeKind::{Expire, Open};
use hedgerow_core::registry::build;
use hedgerow_core::{AssetColumns, Chain, Exposure, Grade, Line, Market, PaidIn, VolColumn};
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    BookLine, Greeks, PROGRAMMES, Terms, VOLS, VolMarks, black_scholes, black76, inverse,
    strike_for_delta, value,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn greeks_are_slopes((kind, terms) in options()) {
        let at = |terms: Terms| black_scholes(kind, terms);
        let spot = |h: f64| at(Terms { spot: terms.spot + h, ..terms });
        let vol = |h: f64| at(Terms { vol: terms.vol + h, ..terms });
        // Time that passes shortens the time to expiry.
        let time = |h: f64| at(Terms { years: terms.years - h, ..terms });
        let greeks = at(terms);
        let deviation = terms.vol * terms.years.sqrt();
        let d_spot = 2e-3 * terms.spot * deviation.min(1.0);
        let d_vol = 2e-3 * terms.vol / deviation.max(1.0);
        let d_time = 1e-3 * terms.years / deviation.max(1.0);
        let usd = terms.spot.max(terms.strike);
        assert_slope("delta", greeks.delta, |h| spot(h).value, d_spot, usd);
        assert_slope("gamma", greeks.gamma, |h| spot(h).delta, d_spot, 1.0);
        assert_slope("vega", greeks.vega, |h| vol(h).value, d_vol, usd);
        assert_slope("theta", greeks.theta, |h| time(h).value, d_time, usd);
        assert_slope("vanna", greeks.vanna, |h| vol(h).delta, d_vol, 1.0);
        assert_slope("volga", greeks.volga, |h| vol(h).vega, d_vol, usd);
        assert_slope("charm", greeks.charm, |h| time(h).delta, d_time, 1.0);
    }

    #[test]
    fn put_call_parity((_, terms) in options()) {
        let (call, put) = (black_scholes(Call, terms), black_scholes(Put, terms));
        let forward = terms.spot * ((terms.carry - terms.rate) * terms.years).exp();
        let parity = forward - terms.strike * (-terms.rate * terms.years).exp();
        prop_assert!((call.value - put.value - parity).abs() < 1e-12 * (terms.spot + terms.strike));
        prop_assert!((call.delta - put.delta - forward / terms.spot).abs() < 1e-14 * 10.0);
        for (c, p) in [(call.gamma, put.gamma), (call.vega, put.vega), (call.vanna, put.vanna), (call.volga, put.volga)] {
            prop_assert_eq!(c.to_bits(), p.to_bits());
        }
    }

    #[test]
    fn inverse_is_linear_over_forward((kind, terms) in options()) {
        let usd = black76(kind, terms.spot, terms.strike, terms.years, terms.vol);
        let at = |forward: f64| inverse::coin_greeks(kind, forward, terms.strike, terms.years, terms.vol);
        let coin = at(terms.spot);
        prop_assert_eq!(coin.value, usd.value / terms.spot);
        let h = 2e-3 * terms.spot * (terms.vol * terms.years.sqrt()).min(1.0);
        let size = terms.strike.max(terms.spot) / terms.spot;
        assert_slope("slope", coin.slope, |h| at(terms.spot + h).value, h, size);
        assert_slope("curvature", coin.curvature, |h| at(terms.spot + h).slope, h, size / terms.spot);
    }

    #[test]
    fn strike_for_delta_inverts_delta(delta in 1e-4..0.9999_f64, (kind, terms) in options()) {
        let strike = strike_for_delta(kind, delta, terms.spot, terms.years, terms.vol);
        let found = black76(kind, terms.spot, strike, terms.years, terms.vol).delta;
        prop_assert!((found.abs() - delta).abs() < 1e-12, "{found} for {delta}");
    }
}

#[test]
fn limits() {
    let terms = Terms { spot: 110.0, strike: 100.0, years: 0.0, vol: 0.5, rate: 0.1, carry: 0.1 };
    let expired = black_scholes(Call, terms);
    assert_eq!((expired.value, expired.delta, expired.gamma, expired.vega), (10.0, 1.0, 0.0, 0.0));
    assert_eq!(black_scholes(Put, terms), Greeks::default());
    // As the vol vanishes the value tends to the discounted intrinsic value of the forward, and theta to its growth.
    let calm = Terms { years: 1.0, vol: 0.0, ..terms };
    let call = black_scholes(Call, calm);
    assert_close(call.value, 110.0 - 100.0 * (-0.1_f64).exp(), 1e-15);
    assert_close(call.theta, -0.1 * 100.0 * (-0.1_f64).exp(), 1e-15);
    let near = black_scholes(Call, Terms { vol: 1e-6, ..calm });
    assert_close(call.value, near.value, 1e-15);
    assert_close(call.theta, near.theta, 1e-14);
    // At the strike half of the delta and the vega remain.
    let at = black76(Call, 100.0, 100.0, 1.0, 0.0);
    let close = black76(Call, 100.0, 100.0, 1.0, 1e-9);
    assert_close(at.delta, close.delta, 1e-8);
    assert_close(at.vega, close.vega, 1e-8);
    let tiny = black76(Put, 100.0, 100.0, 1e-300, 1e-300);
    assert!([tiny.value, tiny.theta, tiny.volga, tiny.charm].iter().all(|n| n.is_finite()));
}

/// Every example of the programmes with its own vol model, and its coin-settled twin.
fn every_line(market: &Market) -> Vec<(BookLine, String)> {
    PROGRAMMES
        .iter()
        .flat_map(|programme| {
            let shorter = programme.example.replace("tenor_days = 30", "tenor_days = 9");
            let coin = shorter.replace("tenor_days", "settlement = \"coin\", tenor_days");
            let rolled = shorter.replace("tenor_days = 9", "tenor_days = 9, roll_days = 4");
            let mut texts = vec![shorter.clone()];
            if coin != shorter {
                texts.push(coin);
            }
            if !shorter.contains("roll_days") && rolled != shorter {
                texts.push(rolled);
            }
            texts
        })
        .map(|text| (first_line(&text, market), text))
        .collect()
}

fn every_vol() -> [&'static str; 4] {
    [
        "model = \"dvol\"",
        "model = { constant = { percent = 65 } }",
        "model = { realised = { estimator = { ewma = { half_life_days = 0.5 } }, premium_points = 5 } }",
        "model = { realised = { estimator = { parkinson = { window_days = 1 } } } }",
    ]
}

/// Two days of warm-up, cut off as the command line does.
fn cut(market: &Market, model: &str) -> (Market, Vec<VolMarks>) {
    let rows = 60..market.n_rows();
    let marks = vols(model, market);
    (market.slice(rows.clone()), marks.iter().map(|marks| marks.slice(rows.clone())).collect())
}

#[test]
fn pnl_is_explained_to_rounding() {
    for seed in 1..4 {
        let whole = market(seed, 1_000);
        for model in every_vol() {
            let (market, marks) = cut(&whole, model);
            for (line, text) in every_line(&market) {
                let exposure = value(&market, &marks, &[line], 0.03).unwrap().exposure;
                assert_eq!(exposure.explained.sum(0), 0.0);
                for row in 1..market.n_rows() {
                    let (pnl, sum) = (pnl(&exposure, &market, row), exposure.explained.sum(row));
                    let size = exposure.value[row].abs() + exposure.value[row - 1].abs() + 1e5;
                    assert!((pnl - sum).abs() < 1e-12 * size, "{text} row {row}: {pnl} and {sum}");
                }
            }
        }
    }
}

/// The first row is bought at its mark: value and payment cancel.
#[test]
fn opening_costs_nothing_at_mark() {
    let market = market(5, 600);
    let marks = vols("model = \"dvol\"", &market);
    for (line, text) in every_line(&market) {
        let is_spot = matches!(line, BookLine::Spot { .. });
        let exposure = value(&market, &marks, &[line], 0.0).unwrap().exposure;
        let slopes = &exposure.slopes[0];
        let paid = exposure.cash_flow[0]
            + slopes.coin_flow.first().map_or(0.0, |flow| flow * market.assets()[0].spot[0]);
        let held_before = if is_spot { exposure.value[0] } else { 0.0 };
        assert!((exposure.value[0] + paid - held_before).abs() < 1e-9, "{text}");
    }
}

/// The market with every row after `row` replaced by another history.
fn other_future(market: &Market, row: usize) -> Market {
    let asset = &market.assets()[0];
    let mut draws = noise(99);
    let mut time = market.time().to_vec();
    let mut spot = asset.spot.clone();
    let mut vol = market.vols()[0].vol.clone();
    for later in row + 1..time.len() {
        time[later] = time[later].plus_days(400);
        spot[later] *= 1.5 + 0.4 * draws.next().unwrap();
        vol[later] = Some(0.9 + 0.3 * draws.next().unwrap());
    }
    let mut high = asset.high.clone().unwrap();
    let mut low = asset.low.clone().unwrap();
    for later in row + 1..time.len() {
        (high[later], low[later]) = (spot[later] * 1.2, spot[later] * 0.7);
    }
    let asset = AssetColumns { spot, high: Some(high), low: Some(low), ..asset.clone() };
    let dvol = VolColumn { vol, ..market.vols()[0].clone() };
    Market::new(time, vec![asset], vec![], vec![dvol]).unwrap()
}

/// Everything that is known at rows up to `row`, as bits.
fn past(exposure: &Exposure, row: usize) -> Vec<u64> {
    let slopes = &exposure.slopes[0];
    let mut columns: Vec<&[f64]> = vec![
        &exposure.value,
        &exposure.cash_flow,
        &slopes.delta,
        &slopes.gamma,
        &slopes.vega,
        &slopes.theta,
    ];
    columns.extend(Line::ALL.map(|line| exposure.explained.line(line)));
    if slopes.is_coin_settled() {
        columns.extend([slopes.coin_flow.as_slice(), slopes.coin_value.as_slice()]);
    }
    let numbers = columns.into_iter().flat_map(|column| column[..=row].iter().copied());
    let maybe = [&slopes.vol, &slopes.years];
    let maybe =
        maybe.into_iter().flat_map(|column| column[..=row].iter().map(|n| n.unwrap_or(-1.0)));
    let trades = exposure
        .trades
        .iter()
        .filter(|trade| trade.row <= row)
        .flat_map(|trade| [trade.traded, trade.premium, trade.spot, trade.vega]);
    numbers.chain(maybe).chain(trades).map(f64::to_bits).collect()
}

/// The rows at which a careless programme could peep: those of its openings and endings, the row before, and row 500.
fn telling_rows(exposure: &Exposure) -> Vec<usize> {
    let first_end = exposure.trades.iter().find(|trade| trade.row > 0).map_or(500, |t| t.row);
    let mut rows: Vec<usize> = exposure
        .trades
        .iter()
        .flat_map(|trade| [trade.row.saturating_sub(1), trade.row])
        .chain([500])
        .filter(|row| *row >= first_end)
        .collect();
    rows.sort_unstable();
    rows.dedup();
    rows.truncate(5);
    rows
}

#[test]
fn no_row_sees_the_future() {
    let whole = market(7, 900);
    for model in every_vol() {
        let (known, marks) = cut(&whole, model);
        for (line, text) in every_line(&known) {
            let book = [line];
            let known = value(&known, &marks, &book, 0.02).unwrap().exposure;
            for row in telling_rows(&known) {
                let (other, other_marks) = cut(&other_future(&whole, 60 + row), model);
                let other = value(&other, &other_marks, &book, 0.02).unwrap().exposure;
                let (ended, ended_marks) = cut(&whole.slice(0..60 + row + 1), model);
                let ended = value(&ended, &ended_marks, &book, 0.02).unwrap().exposure;
                let past_known = past(&known, row);
                assert!(
                    past_known == past(&other, row),
                    "{text}, {model}: row {row} sees later rows"
                );
                assert!(past_known == past(&ended, row), "{text}, {model}: row {row} sees the end");
            }
        }
    }
}

#[test]
fn coin_and_usd_books_agree() {
    let market = market(11, 800);
    let marks = vols("model = \"dvol\"", &market);
    let spot = &market.assets()[0].spot;
    for programme in PROGRAMMES.iter().filter(|programme| !programme.options.is_empty()) {
        let usd = programme.example.replace("tenor_days = 30", "tenor_days = 9");
        let coin = usd.replace("tenor_days", "settlement = \"coin\", tenor_days");
        let usd = value(&market, &marks, &[first_line(&usd, &market)], 0.0).unwrap().exposure;
        let coin = value(&market, &marks, &[first_line(&coin, &market)], 0.0).unwrap().exposure;
        assert_eq!(usd.value, coin.value);
        assert_eq!(usd.slopes[0].delta, coin.slopes[0].delta);
        assert_eq!(usd.explained, coin.explained);
        assert!(coin.cash_flow.iter().all(|flow| *flow == 0.0));
        let slopes = &coin.slopes[0];
        for (row, spot) in spot.iter().enumerate() {
            assert!((slopes.coin_flow[row] * spot - usd.cash_flow[row]).abs() < 1e-9);
            assert!((slopes.coin_value[row] * spot - usd.value[row]).abs() < 1e-9);
        }
        // A payoff in coins is max(w (S - K), 0) / S.
        for trade in coin.trades.iter().filter(|t| t.kind == Expire) {
            let strike: f64 = trade.instrument.split('-').nth(2).unwrap().parse().unwrap();
            let kind = if trade.instrument.ends_with('C') { Call } else { Put };
            let paid = inverse::payoff(kind, trade.spot, strike);
            assert!((trade.premium / trade.spot - paid).abs() < 1e-6);
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let market = market(13, 900);
    let marks = vols("model = \"dvol\"", &market);
    let book: Vec<BookLine> = every_line(&market).into_iter().map(|(line, _)| line).collect();
    let with = |n_threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n_threads).build().unwrap();
        pool.install(|| value(&market, &marks, &book, 0.01).unwrap())
    };
    let one = with(1);
    for n_threads in [2, 5] {
        let more = with(n_threads);
        assert_eq!(one, more);
        assert_eq!(past(&one.exposure, 899), past(&more.exposure, 899));
    }
}

/// A book is the sum of its lines.
#[test]
fn lines_add_up() {
    let market = market(17, 600);
    let marks = vols("model = \"dvol\"", &market);
    let book: Vec<BookLine> = every_line(&market).into_iter().map(|(line, _)| line).collect();
    let together = value(&market, &marks, &book, 0.0).unwrap().exposure;
    let apart: Vec<Exposure> = book
        .iter()
        .map(|l| value(&market, &marks, std::slice::from_ref(l), 0.0).unwrap().exposure)
        .collect();
    for row in [0, 100, 599] {
        let sum = |of: fn(&Exposure, usize) -> f64| apart.iter().map(|e| of(e, row)).sum::<f64>();
        assert_close(together.value[row], sum(|e, row| e.value[row]), 1e-12);
        assert_close(together.slopes[0].delta[row], sum(|e, row| e.slopes[0].delta[row]), 1e-12);
        assert_close(together.slopes[0].vega[row], sum(|e, row| e.slopes[0].vega[row]), 1e-11);
    }
    for row in 0..market.n_rows() {
        let nearest = apart.iter().filter_map(|e| e.slopes[0].years[row]).reduce(f64::min);
        assert_eq!(together.slopes[0].years[row], nearest);
    }
    assert_eq!(together.trades.len(), apart.iter().map(|e| e.trades.len()).sum::<usize>());
    assert_eq!(together.grades.synthetic, apart.iter().map(|e| e.grades.synthetic).sum::<usize>());
    let order: Vec<_> = together.trades.iter().map(|t| (t.row, t.kind == Open)).collect();
    assert!(order.is_sorted());
}

/// Assets do not mix: each has the slopes of its own lines, and the P&L of all is explained.
#[test]
fn assets_keep_apart() {
    let one = market(29, 600);
    let (btc, other) = (&one.assets()[0], market(31, 600));
    let eth = AssetColumns { name: "ETH".to_owned(), ..other.assets()[0].clone() };
    let dvol = VolColumn { asset: 1, ..other.vols()[0].clone() };
    let both = Market::new(
        one.time().to_vec(),
        vec![btc.clone(), eth],
        vec![],
        vec![one.vols()[0].clone(), dvol],
    )
    .unwrap();
    let marks = vols("model = \"dvol\"", &both);
    let text = |asset: &str, more: &str| {
        format!(
            r#"programme = "straddle", side = "short", quantity = 2, tenor_days = 9, asset = "{asset}"{more}"#
        )
    };
    let book = [
        line(&text("BTC", ""), &both).unwrap(),
        line(&text("ETH", r#", settlement = "coin""#), &both).unwrap(),
        line(r#"programme = "spot", quantity = 3, asset = "ETH""#, &both).unwrap(),
    ];
    let together = value(&both, &marks, &book, 0.0).unwrap().exposure;
    let alone = value(&both, &marks, &book[..1], 0.0).unwrap().exposure;
    assert_eq!(together.slopes[0], alone.slopes[0]);
    assert_eq!((together.slopes[0].coins, together.slopes[1].coins), (0.0, 3.0));
    assert!(!together.slopes[0].is_coin_settled() && together.slopes[1].is_coin_settled());
    for row in 1..both.n_rows() {
        let (pnl, sum) = (pnl(&together, &both, row), together.explained.sum(row));
        assert!((pnl - sum).abs() < 1e-12 * 1e6, "row {row}: {pnl} and {sum}");
    }
}

/// Coins held outright: their value, their delta, and nothing left to explain.
#[test]
fn spot_is_a_line_like_any_other() {
    let market = market(37, 50);
    let book = [line(r#"programme = "spot", quantity = 100"#, &market).unwrap()];
    let marks = [VolMarks::unknown(50)];
    let exposure = value(&market, &marks, &book, 0.0).unwrap().exposure;
    let spot = &market.assets()[0].spot;
    for row in 1..50 {
        assert_eq!(exposure.value[row], 100.0 * spot[row]);
        assert_eq!(exposure.slopes[0].delta[row], 100.0);
        assert_eq!(exposure.explained.line(Line::Delta)[row], 100.0 * (spot[row] - spot[row - 1]));
        assert_eq!(exposure.explained.sum(row), exposure.explained.line(Line::Delta)[row]);
    }
    assert_eq!(exposure.cash_flow, vec![0.0; 50]);
    assert!(exposure.trades.is_empty() && exposure.slopes[0].years[0].is_none());
}

/// A forward bought and sold through options: a call bought and a put sold move like the coin.
#[test]
fn synthetic_forward_has_delta_one() {
    let market = market(19, 600);
    let marks = vols("model = \"dvol\"", &market);
    let terms = "quantity = 1, strike = { moneyness = 1.1 }, tenor_days = 9";
    let call = line(&format!(r#"programme = "call", side = "long", {terms}"#), &market).unwrap();
    let put = line(&format!(r#"programme = "put", side = "short", {terms}"#), &market).unwrap();
    let exposure = value(&market, &marks, &[call, put], 0.0).unwrap().exposure;
    for row in 0..market.n_rows() {
        assert!((exposure.slopes[0].delta[row] - 1.0).abs() < 1e-12);
        assert!(exposure.slopes[0].gamma[row].abs() < 1e-15);
    }
}

#[test]
fn registries_are_tidy_and_build() {
    // A chain of which nothing is known: the surface falls back throughout.
    let silent = Chain {
        asset: 0,
        paid_in: PaidIn::Coin,
        contracts: vec![],
        quotes: vec![],
        snapshots: vec![],
        n_taken: None,
        snapshot_of_row: vec![None; 1_100],
    };
    let whole = market(23, 1_100).with_chains(vec![silent]).unwrap();
    for entry in VOLS {
        let model = build(VOLS, setting(entry.example), "vol model").unwrap();
        assert_eq!(model.name(), entry.name);
        let grade = if entry.name == "surface" { Grade::Surface } else { Grade::Synthetic };
        assert!(!model.describe().ends_with('.') && model.grade() == grade, "{}", entry.name);
        assert_eq!(model.column(&whole, 0).unwrap().len(), 1_100);
    }
    for programme in PROGRAMMES {
        let line = first_line(programme.example, &whole);
        assert!(line.name().ends_with(programme.name));
        assert!(line.describe().starts_with(&line.name()) && !line.describe().ends_with('.'));
    }
    let names =
        VOLS.iter().map(|e| (e.name, e.about)).chain(PROGRAMMES.iter().map(|p| (p.name, p.about)));
    let mut seen = std::collections::HashSet::new();
    for (name, about) in names {
        assert!(seen.insert(name) && name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
        assert!(!about.ends_with('.') && !about.is_empty());
    }
}

/// A settling row may have no vol: nothing is marked there when nothing is opened again.
#[test]
fn fixed_expiry_settles_without_a_vol() {
    let market = small_market(&[
        ("2024-03-01", 100.0, Some(0.5)),
        ("2024-03-15", 110.0, Some(0.6)),
        ("2024-03-30", 120.0, None),
        ("2024-03-31", 130.0, None),
    ]);
    let book = line(
        r#"programme = "call", side = "short", quantity = 2, strike = { usd = 105 }, expiry = "2024-03-29T08:00:00Z""#,
        &market,
    )
    .unwrap();
    let valued = value(&market, &vols("model = \"dvol\"", &market), &[book], 0.0).unwrap();
    let exposure = valued.exposure;
    assert_eq!(exposure.value[2..], [0.0, 0.0]);
    assert_eq!(exposure.cash_flow[1..], [0.0, -30.0, 0.0]);
    assert_eq!(exposure.slopes[0].years[2..], [None, None]);
    assert_eq!(exposure.grades.synthetic, 2);
    assert_eq!(exposure.trades[1].kind, Expire);
    assert!((pnl(&exposure, &market, 2) - exposure.explained.sum(2)).abs() < 1e-12);
    assert_eq!(exposure.explained.line(Line::Vega)[2], 0.0);
    // The option aged 14 days and 8 hours over that row, not 15 days.
    let before = black76(Call, 110.0, 105.0, 14.333_333_333_333_334 / 365.0, 0.6);
    let theta = -2.0 * before.theta * 14.333_333_333_333_334 / 365.0;
    assert_close(exposure.explained.line(Line::Theta)[2], theta, 1e-12);
    assert_eq!(
        valued.notes,
        [
            "short 2 BTC call: 1 of 1 expiries fell between rows and settled at the next one, 16.0 hours late at worst"
        ]
    );
}

/// The option that ends on the last row is followed by another, as on any row.
#[test]
fn the_last_row_opens_again() {
    let market =
        small_market(&[("2024-03-01", 100.0, Some(0.5)), ("2024-03-31", 110.0, Some(0.6))]);
    let book =
        line(r#"programme = "straddle", side = "short", quantity = 1, tenor_days = 30"#, &market);
    let valued = value(&market, &vols("model = \"dvol\"", &market), &[book.unwrap()], 0.0).unwrap();
    let exposure = valued.exposure;
    let kinds: Vec<_> = exposure.trades.iter().map(|trade| (trade.row, trade.kind)).collect();
    assert_eq!(kinds, [(0, Open), (0, Open), (1, Expire), (1, Expire), (1, Open), (1, Open)]);
    let next = 2.0 * black76(Call, 110.0, 110.0, 30.0 / 365.0, 0.6).value;
    assert_close(exposure.value[1], -next, 1e-12);
    assert_close(exposure.cash_flow[1], next - 10.0, 1e-12);
    assert_eq!(
        valued.notes,
        [
            "short 1 BTC straddle: the last option, expiring 2024-04-30T00:00:00Z, is still open at the last row and stands at its mark"
        ]
    );
}
