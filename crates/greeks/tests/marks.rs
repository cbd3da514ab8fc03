//! Books marked by a chain: by their own quotes, by the surface, by what is declared where there is neither.
#![allow(
    clippy::unwrap_used,
    clippy::float_cmp,
    clippy::cast_precision_loss,
    clippy::cast_possible_wrap,
    reason = "tests stop where they fail, and some numbers are equal bit for bit"
)]

#[path = "common/chain.rs"]
mod chain;
mod common;

use chain::{Recipe, market};
use common::{assert_close, line, pnl, setting, vols};
use hedgerow_core::registry::build;
use hedgerow_core::{
    Chain, Exposure, Market, OptionKind, OptionTradeKind, PaidIn, Timestamp, VolColumn,
};
use hedgerow_greeks::smile::Ssvi;
use hedgerow_greeks::{
    DELTAS, Deltas, GreeksError, Past, SurfaceHistory, book_delta, inverse, resolve, value,
};

const QUOTED: &str = "model = \"surface\"";
const SURFACE: &str = "model = { surface = { marks = \"surface\" } }";
const LISTED: &str = "programme = \"straddle\", side = \"short\", quantity = 2, tenor_days = 8, listed = true, settlement = \"coin\"";

/// The recipe's market with another chain, and rows at the very moment of the quotes.
fn with_chain(market: &Market, chain: Chain) -> Market {
    let minute = |time: &Timestamp| Timestamp::from_millis(time.millis() - 60_000);
    let time = market.time().iter().map(minute).collect();
    let market = Market::new(time, market.assets().to_vec(), vec![], market.vols().to_vec());
    market.unwrap().with_chains(vec![chain]).unwrap()
}

fn exposure(table: &str, model: &str, market: &Market, rate: f64) -> Result<Exposure, GreeksError> {
    let book = [line(table, market).unwrap()];
    value(market, &vols(model, market), &book, rate).map(|valued| valued.exposure)
}

/// At the moment of its quote an option is worth the quote, also where mark and mark vol disagree, and has the Greeks of its
/// mark vol; at the rows between it is graded as of the surface, and at an unchanged spot only time has passed.
#[test]
fn an_option_is_worth_its_quote() {
    let made = market(&Recipe { n_snapshots: 40, ..Recipe::default() });
    let mut chain = made.chains()[0].clone();
    chain.quotes.iter_mut().for_each(|quote| quote.mark = quote.mark.map(|mark| mark + 4e-4));
    let market = with_chain(&made, chain);
    let exposure = exposure(LISTED, QUOTED, &market, 0.07).unwrap();
    let chain = &market.chains()[0];
    let spot = &market.assets()[0].spot;
    let (strike, expiry) = (60_000.0, Timestamp::parse("2025-01-12T08:00:00Z").unwrap());
    // The first straddle settles at row 72.
    for (row, spot) in spot.iter().enumerate().take(72) {
        let quotes = chain.at(row).iter().filter(|quote| {
            let contract = &chain.contracts[quote.contract];
            contract.strike == strike && contract.expiry == expiry
        });
        let (mut worth, mut delta) = (0.0, 0.0);
        for quote in quotes {
            let (kind, years) =
                (chain.contracts[quote.contract].kind, expiry.years_since(quote.time));
            let vol = quote.mark_vol.unwrap();
            worth += quote.mark.unwrap();
            delta += inverse::coin_greeks(kind, quote.forward.unwrap(), strike, years, vol).delta;
        }
        if row % 2 == 0 {
            assert_close(exposure.value[row], -2.0 * worth * spot, 1e-12);
            assert!((exposure.slopes[0].delta[row] + 2.0 * delta).abs() < 1e-11, "{row}");
        } else {
            let decayed = exposure.value[row] / exposure.value[row - 1];
            assert!((0.5..1.0).contains(&decayed), "{row}: {decayed}");
        }
    }
    assert_eq!(exposure.grades.quoted, market.n_rows());
    assert_eq!(exposure.grades.surface, market.n_rows());
    assert_eq!(exposure.grades.synthetic, 0);
}

/// Quotes are a minute older than the rows that know them first, and the spot of every row is 1 % above their index.
#[test]
fn how_far_quotes_are_from_their_rows_is_said() {
    let made = market(&Recipe { n_snapshots: 8, ..Recipe::default() });
    let mut chain = made.chains()[0].clone();
    for quote in &mut chain.quotes {
        quote.index = quote.index.map(|index| index / 1.01);
    }
    let market = Market::new(made.time().to_vec(), made.assets().to_vec(), vec![], vec![]);
    let market = market.unwrap().with_chains(vec![chain]).unwrap();
    let about = vols(QUOTED, &market)[0].about.clone();
    let expected = "quotes are 1.0 minutes older than their rows in the median, 1.0 at most, and the spot of the row is \
                    1.00 % from their index, 1.00 % at most";
    assert!(about.contains(expected), "{about}");
    assert!(about.contains("of options that pay coins"), "{about}");
}

/// Law: the lines add up to the P&L at every row, whatever marks an option and wherever it is opened, rolled or settled.
#[test]
fn every_dollar_of_a_quoted_book_is_explained() {
    let made = market(&Recipe { n_snapshots: 60, ..Recipe::default() });
    let market = with_chain(&made, made.chains()[0].clone());
    for model in [QUOTED, SURFACE] {
        for table in [
            LISTED,
            "programme = \"strangle\", side = \"long\", quantity = 3, put = { delta = 0.25 }, call = { delta = 0.25 }, tenor_days = 9, roll_days = 2, listed = true",
            "programme = \"put\", side = \"long\", quantity = 3, strike = { moneyness = 0.97 }, tenor_days = 1.3",
        ] {
            let exposure = exposure(table, model, &market, 0.02).unwrap();
            assert!(exposure.trades.len() > 3, "{table}");
            let size = exposure.value.iter().fold(0.0_f64, |size, value| size.max(value.abs()));
            for row in 1..market.n_rows() {
                let (earned, lines) = (pnl(&exposure, &market, row), exposure.explained.sum(row));
                assert!((earned - lines).abs() < 1e-9 * size, "{model} {table} {row}");
            }
        }
    }
}

/// The same options paid in USD: every price times the forward, for neither is discounted.
fn in_usd(market: &Market) -> Market {
    let mut chain = market.chains()[0].clone();
    chain.paid_in = PaidIn::Usd;
    for quote in &mut chain.quotes {
        let forward = quote.forward.unwrap();
        for price in [&mut quote.bid, &mut quote.ask, &mut quote.mark] {
            *price = price.map(|price| price * forward);
        }
    }
    market.clone().with_chains(vec![chain]).unwrap()
}

/// Law: a book marked by quotes in USD is worth forward/spot times the same book marked by quotes in coins, at every moment
/// of a quote, by its own quotes and by the surface; at every row without carry, and then has the same delta and gamma. The
/// USD rate of the account has no part in it.
#[test]
fn quotes_in_usd_and_in_coins_agree() {
    for carry in [0.0, 0.05] {
        let made = market(&Recipe { n_snapshots: 60, carry, ..Recipe::default() });
        let mut chain = made.chains()[0].clone();
        // Without a mark vol the vol is that of the price.
        chain.quotes.iter_mut().step_by(3).for_each(|quote| quote.mark_vol = None);
        let coins = with_chain(&made, chain);
        let usd = in_usd(&coins);
        // A fit ends where its error falls by 1e-10 no more, and the last bits of the vols decide where that is.
        for (model, tolerance) in [(QUOTED, 1e-12), (SURFACE, 1e-8)] {
            let table = "programme = \"straddle\", side = \"short\", quantity = 2, tenor_days = 8, listed = true, settlement = \"usd\"";
            let [coin, usd_paid] =
                [&coins, &usd].map(|market| exposure(table, model, market, 0.07).unwrap());
            assert_eq!(coin.trades.len(), usd_paid.trades.len());
            let expiry_of = |row: usize| {
                let before = coin
                    .trades
                    .iter()
                    .rev()
                    .find(|trade| trade.kind == OptionTradeKind::Open && trade.row <= row);
                before.unwrap().expiry
            };
            for row in 0..coins.n_rows() {
                let years = expiry_of(row).years_since(coins.time()[row]);
                if years <= 0.0 || (carry > 0.0 && row % 2 == 1) {
                    continue;
                }
                let growth = (carry * years).exp();
                assert_close(usd_paid.value[row], growth * coin.value[row], tolerance);
                let (a, b) = (&usd_paid.slopes[0], &coin.slopes[0]);
                assert!((a.delta[row] - growth * b.delta[row]).abs() < 3.0 * tolerance, "{row}");
                assert!((a.gamma[row] - growth * b.gamma[row]).abs() < 1e-3 * tolerance, "{row}");
            }
            for row in 1..usd.n_rows() {
                let lines = usd_paid.explained.sum(row);
                assert!((pnl(&usd_paid, &usd, row) - lines).abs() < 1e-7, "{row}");
            }
        }
    }
}

/// The chain with every snapshot from `cut` on said one snapshot too early: each quote has the figures of the next one.
fn early(chain: &Chain, cut: usize) -> Chain {
    let mut changed = chain.clone();
    for pair in chain.snapshots[cut..].windows(2) {
        let next = &chain.quotes[pair[1].clone()];
        for quote in &mut changed.quotes[pair[0].clone()] {
            if let Some(next) = next.iter().find(|next| next.contract == quote.contract) {
                *quote = hedgerow_core::Quote { time: quote.time, ..*next };
            }
        }
    }
    changed
}

/// Law: what is quoted and paid later changes no bit of what a book was worth, nor of any delta. The change is the smallest
/// that a look-ahead could make, the figures of the very next snapshot, so that it fails for a figure one snapshot early:
/// in the quotes, in the surfaces, in what a delta learns.
#[test]
fn no_mark_sees_the_future() {
    let made = market(&Recipe { n_snapshots: 40, ..Recipe::default() });
    let cut = 25;
    let truth = with_chain(&made, made.chains()[0].clone());
    let changed = {
        let mut assets = made.assets().to_vec();
        assets[0].spot[2 * cut..].rotate_left(1);
        let prices = Market::new(made.time().to_vec(), assets, vec![], vec![]).unwrap();
        with_chain(&prices, early(&made.chains()[0], cut))
    };
    for model in [QUOTED, SURFACE] {
        let table = "programme = \"strangle\", side = \"short\", quantity = 3, put = { delta = 0.25 }, call = { delta = 0.25 }, tenor_days = 3, listed = true";
        let all = |market: &Market| {
            let book = [line(table, market).unwrap()];
            let vols = vols(model, market);
            let exposure = value(market, &vols, &book, 0.0).unwrap().exposure;
            let surfaces = SurfaceHistory::fit(market, &market.chains()[0]);
            let chain = Some(&market.chains()[0]);
            let past = Past { market, asset: 0, chain, surfaces: Some(&surfaces) };
            let columns = DELTAS.iter().map(|entry| {
                let line = entry.example.replace("window_days = 60", "window_days = 3");
                let rule = build(DELTAS, setting(&line), "delta").unwrap();
                book_delta(&book, &vols[0], 0.0, &Deltas::new(&*rule, past).unwrap()).unwrap()
            });
            (exposure, vols[0].vol.clone(), columns.collect::<Vec<_>>())
        };
        let (before, after) = (all(&truth), all(&changed));
        let rows = ..2 * cut;
        assert_eq!(before.0.value[rows], after.0.value[rows]);
        assert_eq!(before.0.slopes[0].delta[rows], after.0.slopes[0].delta[rows]);
        assert_eq!(before.1[rows], after.1[rows]);
        assert_ne!(before.0.value, after.0.value);
        for ((before, after), entry) in before.2.iter().zip(&after.2).zip(DELTAS) {
            assert_eq!(before[rows], after[rows], "{}", entry.name);
        }
    }
}

/// Rows that know the next snapshot make no market: the error says which quote of which moment.
#[test]
fn a_chain_one_snapshot_early_is_refused() {
    let made = market(&Recipe::default());
    let mut chain = made.chains()[0].clone();
    let last = chain.snapshots.len() - 1;
    for snapshot in chain.snapshot_of_row.iter_mut().flatten() {
        *snapshot = (*snapshot + 1).min(last);
    }
    let market = Market::new(made.time().to_vec(), made.assets().to_vec(), vec![], vec![]);
    let error = market.unwrap().with_chains(vec![chain]).unwrap_err().to_string();
    assert!(
        error.contains("2025-01-03T08:01:00Z") && error.contains("2025-01-03T14:00:00Z"),
        "{error}"
    );
}

/// Law: where the smile is flat in the strike, every delta that follows it is Black-Scholes, for a whole book.
#[test]
fn on_a_flat_smile_every_book_delta_is_black_scholes() {
    let flat = Ssvi { rho: 0.0, eta: 1e-6, gamma: 0.5 };
    let made = market(&Recipe { smile: flat, noise: 0.0, n_snapshots: 40, ..Recipe::default() });
    let market = with_chain(&made, made.chains()[0].clone());
    let book = [line(LISTED, &market).unwrap()];
    let vols = vols(QUOTED, &market);
    let own = value(&market, &vols, &book, 0.0).unwrap().exposure.slopes.remove(0).delta;
    let surfaces = SurfaceHistory::fit(&market, &market.chains()[0]);
    let past = Past { market: &market, asset: 0, chain: None, surfaces: Some(&surfaces) };
    for line in [
        "delta = \"black_scholes\"",
        "delta = \"sticky_moneyness\"",
        "delta = \"sticky_strike\"",
        "delta = { sabr = { beta = 1 } }",
        "delta = { bartlett = { beta = 1 } }",
        "delta = { skew_stickiness = { ratio = 1.5 } }",
    ] {
        let rule = build(DELTAS, setting(line), "delta").unwrap();
        let deltas = Deltas::new(&*rule, past).unwrap();
        let column = book_delta(&book, &vols[0], 0.0, &deltas).unwrap();
        for (row, (delta, own)) in column.iter().zip(&own).enumerate() {
            assert!((delta.unwrap() - own).abs() < 1e-4, "{line} {row}: {delta:?} {own}");
        }
    }
}

/// A listed programme opens what is quoted at the row: the expiry nearest to its tenor, then the nearest strike; an option
/// without a price is not opened.
#[test]
fn listed_programmes_open_what_is_quoted() {
    let made = market(&Recipe { n_snapshots: 60, ..Recipe::default() });
    let mut chain = made.chains()[0].clone();
    for quote in &mut chain.quotes {
        let contract = &chain.contracts[quote.contract];
        if contract.strike == 60_000.0 && contract.kind == OptionKind::Put {
            (quote.bid, quote.mark) = (None, None);
        }
    }
    let market = with_chain(&made, chain);
    let exposure = exposure(LISTED, QUOTED, &market, 0.0).unwrap();
    let chain = &market.chains()[0];
    let first = Timestamp::parse("2025-01-12T08:00:00Z").unwrap();
    let opened = || exposure.trades.iter().filter(|trade| trade.kind == OptionTradeKind::Open);
    for trade in opened() {
        let (strike, kind) = trade.terms().unwrap();
        let is_it = |quote: &&hedgerow_core::Quote| {
            let contract = &chain.contracts[quote.contract];
            (contract.strike, contract.kind, contract.expiry) == (strike, kind, trade.expiry)
        };
        let quote = chain.at(trade.row).iter().find(is_it).expect("it is quoted");
        assert!(quote.mark.is_some() && strike != 60_000.0, "{}", trade.instrument);
        assert!((strike - trade.spot).abs() < 3_750.0, "{}", trade.instrument);
    }
    assert_eq!(opened().next().unwrap().expiry, first);
    // Nine days on, the nearest expiry to eight days ahead is that of thirty days, which outlives the data.
    assert_eq!(
        opened().next_back().unwrap().expiry,
        Timestamp::parse("2025-02-02T08:00:00Z").unwrap()
    );
}

/// A strike by delta has that delta on the smile.
#[test]
fn strikes_by_delta_lie_on_the_smile() {
    let made = market(&Recipe { n_snapshots: 60, noise: 0.0, ..Recipe::default() });
    let market = with_chain(&made, made.chains()[0].clone());
    let table = |kind: &str| {
        format!(
            "programme = \"{kind}\", side = \"long\", quantity = 1, strike = {{ delta = 0.25 }}, tenor_days = 10"
        )
    };
    for (kind, sign) in [("call", 1.0), ("put", -1.0)] {
        let exposure = exposure(&table(kind), SURFACE, &market, 0.0).unwrap();
        assert!((exposure.slopes[0].delta[0] - sign * 0.25).abs() < 1e-9, "{kind}");
    }
}

/// A market whose chain starts late: an error that says where, or the declared substitute, which is counted.
#[test]
fn where_there_is_no_surface() {
    let made = market(&Recipe { n_snapshots: 60, ..Recipe::default() });
    let mut chain = made.chains()[0].clone();
    chain.snapshot_of_row[..6].fill(None);
    let dvol = VolColumn { name: "DVOL".to_owned(), asset: 0, vol: vec![Some(0.5); made.n_rows()] };
    let market =
        Market::new(made.time().to_vec(), made.assets().to_vec(), vec![], vec![dvol]).unwrap();
    let market = with_chain(&market, chain);
    let table = "programme = \"call\", side = \"short\", quantity = 1, strike = { usd = 60000 }, tenor_days = 9";
    assert_eq!(
        exposure(table, QUOTED, &market, 0.0).unwrap_err().to_string(),
        "BTC: vol model `surface` has no vol at 2025-01-03T08:00:00Z, where an option is valued; it starts \
         2025-01-04T02:00:00Z: set `from` to that day or later, or declare a `fallback` of the surface"
    );
    let model = "model = { surface = { fallback = \"dvol\" } }";
    let fallen_back = exposure(table, model, &market, 0.0).unwrap();
    assert_eq!(fallen_back.grades.synthetic, 6);
    assert!(fallen_back.grades.quoted > 0 && fallen_back.grades.surface > 0);
    assert_eq!(fallen_back.slopes[0].vol[0], Some(0.5));
    let listed = format!("{table}, listed = true");
    assert_eq!(
        exposure(&listed, model, &market, 0.0).unwrap_err().to_string(),
        "short 1 BTC call: at 2025-01-03T08:00:00Z no option is quoted that could be opened (with an expiry near \
         2025-01-12T08:00:00Z); leave out `listed`, change `from`, or give the chain a longer `staleness`"
    );
}

/// An option of an expiry that has no accepted smile is marked by the other expiries', and those marks are counted apart: of
/// an expiry that was refused, of one that is not listed; and of a listed one none.
#[test]
fn marks_by_the_smiles_of_other_expiries_are_counted() {
    let made = market(&Recipe { n_snapshots: 40, ..Recipe::default() });
    let refused = Timestamp::parse("2025-01-12T08:00:00Z").unwrap();
    let mut chain = made.chains()[0].clone();
    let contracts = chain.contracts.clone();
    for quote in &mut chain.quotes {
        let option = &contracts[quote.contract];
        if option.expiry == refused && (option.strike - 60_000.0).abs() < 1.0 {
            quote.mark_vol = quote.mark_vol.map(|vol| vol + 0.3);
            quote.bid = quote.bid.map(|bid| 1.45 * bid);
            quote.ask = quote.ask.map(|ask| 1.55 * ask);
        }
    }
    let spoilt = with_chain(&made, chain);
    let marks = |market: &Market, expiry: &str| {
        let table = format!(
            "programme = \"call\", side = \"long\", quantity = 1, strike = {{ usd = 65000 }}, expiry = \"{expiry}\""
        );
        exposure(&table, SURFACE, market, 0.0).unwrap().grades
    };
    let clean = with_chain(&made, made.chains()[0].clone());
    // Rows before the expiry at which the surface has no smile of it.
    let without = |market: &Market| {
        let history = SurfaceHistory::fit(market, &market.chains()[0]);
        let has = |row: usize| history.at(row).unwrap().slices.iter().any(|s| s.expiry == refused);
        (0..72).filter(|row| !has(*row)).count()
    };
    for market in [&clean, &spoilt] {
        let grades = marks(market, "2025-01-12T08:00:00Z");
        assert_eq!((grades.surface, grades.of_neighbours), (72, without(market)));
    }
    assert!(without(&clean) <= 2 && without(&spoilt) > 60);
    let unlisted = marks(&clean, "2025-01-10T08:00:00Z");
    assert_eq!((unlisted.surface, unlisted.of_neighbours), (56, 56));
    let about = vols(SURFACE, &clean)[0].about.clone();
    assert!(about.contains("before the first and after the last the vol of that one"), "{about}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let market = common::small_market(&[("2025-01-01", 60_000.0, Some(0.6))]);
    let model = build(hedgerow_greeks::VOLS, setting(QUOTED), "vol model").unwrap();
    assert_eq!(
        model.marks(&market, 0).unwrap_err().to_string(),
        "BTC: vol model `surface` needs an option chain, the market has none; add one under [market], or use `dvol`, \
         `realised` or `constant`"
    );
    assert_eq!(
        line(LISTED, &market).unwrap_err().message,
        "`listed` needs an option chain, the market has none of this asset; add one under [market]"
    );
    for (model, message) in [
        (
            "model = { surface = { fallback = \"surface\" } }",
            "`fallback` is a vol model without a surface, or \"none\"",
        ),
        (
            "model = { surface = { fallback = \"dvl\" } }",
            "unknown vol model `dvl`; known: constant, dvol, realised, surface",
        ),
        (
            "model = { surface = { marks = \"mid\" } }",
            "unknown variant `mid`, expected `quoted` or `surface`",
        ),
        (
            "model = { surface = { mark = \"quoted\" } }",
            "unknown field `mark`, expected `marks` or `fallback`",
        ),
    ] {
        let found = build(hedgerow_greeks::VOLS, setting(model), "vol model").unwrap_err();
        assert_eq!(found.message, message);
    }
    // The same book by hand: a table with `listed` on spot is refused.
    let spec = toml::from_str("programme = \"spot\"\nquantity = 1\nlisted = true").unwrap();
    assert_eq!(
        resolve(&spec, &market).unwrap_err().message,
        "programme `spot` takes no `listed`; it is for options"
    );
}
