//! What must hold for every model on a grid of terms.
#![allow(clippy::unwrap_used, reason = "a failed step is a failed test")]
#![allow(clippy::float_cmp, reason = "several laws are equalities bit for bit")]

mod common;

use common::{assert_close, assert_slope, fixed, options};
use hedgerow_greeks::OptionKind::{Call, Put};
use hedgerow_greeks::{
    DigitalPayoff, Heston, HestonTerms, HigherGreeks, InputError, Jumps, NormalTerms, OptionKind,
    Sensitivities, Terms, bachelier, black_scholes, digital, heston, higher_greeks, inverse,
    linear, merton_jump,
};
use proptest::prelude::*;

/// Steps for differences: of spot, vol and time.
fn steps(terms: &Terms) -> (f64, f64, f64) {
    let deviation = terms.vol * terms.years.sqrt();
    (
        2e-3 * terms.spot * deviation.min(1.0),
        2e-3 * terms.vol / deviation.max(1.0),
        1e-3 * terms.years / deviation.max(1.0),
    )
}

/// Delta, gamma, vega and theta of `of` at `terms` are its slopes. `usd` is the size of a value.
fn assert_sensitivities(terms: Terms, usd: f64, of: impl Fn(Terms) -> Sensitivities) {
    let (d_spot, d_vol, d_time) = steps(&terms);
    let deviation = (terms.vol * terms.years.sqrt()).min(1.0);
    let spot = |h: f64| of(Terms { spot: terms.spot + h, ..terms });
    let vol = |h: f64| of(Terms { vol: terms.vol + h, ..terms });
    let time = |h: f64| of(Terms { years: terms.years - h, ..terms });
    let now = of(terms);
    assert_slope("delta", now.delta, |h| spot(h).value, d_spot, usd);
    assert_slope("gamma", now.gamma, |h| spot(h).delta, d_spot, usd / (terms.spot * deviation));
    assert_slope("vega", now.vega, |h| vol(h).value, d_vol, usd);
    assert_slope("theta", now.theta, |h| time(h).value, d_time, usd);
}

proptest! {
    #![proptest_config(fixed())]

    #[test]
    fn higher_greeks_are_slopes((kind, terms) in options()) {
        let (d_spot, d_vol, d_time) = steps(&terms);
        let at = |terms: Terms| black_scholes(kind, terms);
        let spot = |h: f64| at(Terms { spot: terms.spot + h, ..terms });
        let vol = |h: f64| at(Terms { vol: terms.vol + h, ..terms });
        let time = |h: f64| at(Terms { years: terms.years - h, ..terms });
        let strike = |h: f64| at(Terms { strike: terms.strike + h, ..terms });
        let rate = |h: f64| at(Terms { rate: terms.rate + h, carry: terms.carry + h, ..terms });
        let discount = |h: f64| at(Terms { rate: terms.rate + h, ..terms });
        let yielded = |h: f64| at(Terms { carry: terms.carry - h, ..terms });
        let found = higher_greeks(kind, terms);
        let usd = terms.spot.max(terms.strike) * (0.05 * terms.years).exp();
        let deviation = terms.vol * terms.years.sqrt();
        let d_rate = 1e-3 / terms.years.max(1.0) * deviation.min(1.0);
        assert_slope("rho", found.rho, |h| rate(h).value, d_rate, usd);
        assert_slope("discount rho", found.discount_rho, |h| discount(h).value, d_rate, usd);
        assert_slope("dividend rho", found.dividend_rho, |h| yielded(h).value, d_rate, usd);
        let d_strike = 2e-3 * terms.strike * deviation.min(1.0);
        assert_slope("dual delta", found.dual_delta, |h| strike(h).value, d_strike, usd);
        let gamma_size = 10.0 / (terms.spot * deviation);
        assert_slope("speed", found.speed, |h| spot(h).gamma, d_spot, gamma_size);
        assert_slope("zomma", found.zomma, |h| vol(h).gamma, d_vol, gamma_size);
        assert_slope("color", found.color, |h| time(h).gamma, d_time, gamma_size);
        assert_slope("veta", found.veta, |h| time(h).vega, d_time, usd * terms.years.sqrt());
    }

    #[test]
    fn bachelier_greeks_are_slopes((kind, terms) in options()) {
        let normal = NormalTerms {
            forward: terms.spot,
            strike: terms.strike,
            years: terms.years,
            normal_vol: terms.spot * terms.vol,
            rate: terms.rate,
        };
        let at = |terms: NormalTerms| bachelier(kind, terms);
        let deviation = normal.normal_vol * normal.years.sqrt();
        let forward = |h: f64| at(NormalTerms { forward: normal.forward + h, ..normal });
        let vol = |h: f64| at(NormalTerms { normal_vol: normal.normal_vol + h, ..normal });
        let time = |h: f64| at(NormalTerms { years: normal.years - h, ..normal });
        let found = at(normal);
        let usd = (normal.forward + normal.strike + deviation) * (0.05 * normal.years).exp();
        let d = 2e-3;
        let d_vol = d * normal.normal_vol;
        assert_slope("delta", found.delta, |h| forward(h).value, d * deviation, usd);
        assert_slope("gamma", found.gamma, |h| forward(h).delta, d * deviation, 2.0);
        assert_slope("vega", found.vega, |h| vol(h).value, d_vol, usd);
        assert_slope("vanna", found.vanna, |h| vol(h).delta, d_vol, 2.0);
        assert_slope("volga", found.volga, |h| vol(h).vega, d_vol, 2.0 * normal.years.sqrt());
        assert_slope("theta", found.theta, |h| time(h).value, d * normal.years, usd);
    }

    #[test]
    fn digital_greeks_are_slopes((kind, terms) in options()) {
        let usd = terms.spot.max(terms.strike) * (0.3 * terms.years).exp();
        for (payoff, size) in [
            (DigitalPayoff::Cash(1_000.0), 1_000.0),
            (DigitalPayoff::Asset, usd),
            (DigitalPayoff::Gap(0.9 * terms.strike), 2.0 * usd),
        ] {
            assert_sensitivities(terms, size, |terms| digital(kind, payoff, terms));
        }
    }

    /// A call is one coin less the strike in cash, both if and only if the spot ends above the strike.
    #[test]
    fn options_are_made_of_digitals((kind, terms) in options()) {
        let option = black_scholes(kind, terms);
        let gap = digital(kind, DigitalPayoff::Gap(terms.strike), terms);
        let usd = (terms.spot + terms.strike) * (0.3 * terms.years).exp();
        prop_assert!((gap.value - option.value).abs() < 1e-13 * usd);
        prop_assert!((gap.vega - option.vega).abs() < 1e-11 * usd * (1.0 + 1.0 / terms.vol));
        // Both sides together pay for certain.
        let cash = |kind| digital(kind, DigitalPayoff::Cash(1.0), terms).value;
        prop_assert!((cash(Call) + cash(Put) - (-terms.rate * terms.years).exp()).abs() < 1e-14);
    }

    #[test]
    fn merton_greeks_are_slopes(
        (kind, terms) in options(),
        intensity in 0.0..20.0_f64,
        mean in -0.3..0.2_f64,
        deviation in 0.0..0.4_f64,
    ) {
        // A year at most: with 20 jumps of 40 % a year the spot is anywhere after ten.
        let terms = Terms { years: terms.years.min(1.0), ..terms };
        let jumps = Jumps { intensity, mean, deviation };
        let usd = 10.0 * terms.spot.max(terms.strike);
        assert_sensitivities(terms, usd, |terms| merton_jump(kind, terms, jumps).unwrap());
        let (call, put) =
            (merton_jump(Call, terms, jumps).unwrap(), merton_jump(Put, terms, jumps).unwrap());
        let parity = terms.spot * ((terms.carry - terms.rate) * terms.years).exp()
            - terms.strike * (-terms.rate * terms.years).exp();
        prop_assert!((call.value - put.value - parity).abs() < 1e-12 * usd);
    }

    /// Finite terms give finite numbers, however extreme.
    #[test]
    fn no_output_is_nan(
        exponents in prop::array::uniform4(-150.0..150.0_f64),
        rate in -5.0..5.0_f64,
        carry in -5.0..5.0_f64,
        zero in 0..4_usize,
    ) {
        let [spot, strike, years, vol] = exponents.map(|exponent| 10.0_f64.powf(exponent));
        let years = if zero == 1 { 0.0 } else { years };
        let vol = if zero == 2 { 0.0 } else { vol };
        let terms = Terms { spot, strike, years, vol, rate, carry };
        let terms = if terms.check().is_ok() { terms } else { Terms { rate: 0.0, carry: 0.0, ..terms } };
        for kind in [Call, Put] {
            assert_no_nan(kind, terms);
        }
    }
}

fn assert_no_nan(kind: OptionKind, terms: Terms) {
    let g = black_scholes(kind, terms);
    let numbers = [g.value, g.delta, g.gamma, g.vega, g.theta, g.vanna, g.volga, g.charm];
    assert!(numbers.iter().all(|n| !n.is_nan()), "{kind:?} {terms:?}: {g:?}");
    assert!(g.value >= 0.0, "{kind:?} {terms:?}: {g:?}");
    let HigherGreeks { rho, discount_rho, dividend_rho, dual_delta, veta, color, speed, zomma } =
        higher_greeks(kind, terms);
    let numbers = [rho, discount_rho, dividend_rho, dual_delta, veta, color, speed, zomma];
    assert!(numbers.iter().all(|n| !n.is_nan()), "{kind:?} {terms:?}: {numbers:?}");
    for payoff in [DigitalPayoff::Cash(1.0), DigitalPayoff::Asset, DigitalPayoff::Gap(1.0)] {
        let s = digital(kind, payoff, terms);
        let numbers = [s.value, s.delta, s.gamma, s.vega, s.theta];
        assert!(numbers.iter().all(|n| !n.is_nan()), "{kind:?} {payoff:?} {terms:?}: {s:?}");
    }
    let Terms { spot, strike, years, vol, rate, .. } = terms;
    let n = bachelier(kind, NormalTerms { forward: spot, strike, years, normal_vol: vol, rate });
    let numbers = [n.value, n.delta, n.gamma, n.vega, n.theta, n.vanna, n.volga, n.exercise];
    assert!(numbers.iter().all(|n| !n.is_nan()), "{kind:?} {terms:?}: {n:?}");
}

#[test]
fn limits_of_the_other_models() {
    let terms = Terms { spot: 110.0, strike: 100.0, years: 0.0, vol: 0.5, rate: 0.1, carry: 0.1 };
    let jumps = Jumps { intensity: 3.0, mean: -0.1, deviation: 0.2 };
    for kind in [Call, Put] {
        let expired = black_scholes(kind, terms);
        let jumped = merton_jump(kind, terms, jumps).unwrap();
        assert_eq!((jumped.value, jumped.delta, jumped.vega), (expired.value, expired.delta, 0.0));
        let normal =
            NormalTerms { forward: 110.0, strike: 100.0, years: 0.0, normal_vol: 50.0, rate: 0.1 };
        let normal = bachelier(kind, normal);
        assert_eq!((normal.value, normal.delta), (expired.value, expired.delta));
        // Nothing is certain: a call is worth the coin, a put the discounted strike.
        let wild = Terms { years: 1.0, vol: 1e7, ..terms };
        let expected = if kind == Call { 110.0 } else { 100.0 * (-0.1_f64).exp() };
        assert_close(black_scholes(kind, wild).value, expected, 1e-15);
        let before = black_scholes(kind, Terms { vol: 1e3, ..wild });
        assert_close(before.value, expected, 1e-15);
    }
    let cash = digital(Call, DigitalPayoff::Cash(5.0), terms);
    assert_eq!((cash.value, cash.delta, cash.gamma), (5.0, 0.0, 0.0));
    assert_eq!(digital(Put, DigitalPayoff::Asset, terms).value, 0.0);
    assert_eq!(digital(Call, DigitalPayoff::Gap(90.0), terms).value, 20.0);
    let sol = linear::contract_greeks(Call, 250.0, 240.0, 0.0, 0.8, 10.0);
    assert_eq!((sol.value, sol.delta), (100.0, 10.0));
    let coin = inverse::coin_greeks(Put, 100.0, 150.0, 0.0, 0.8);
    assert_eq!((coin.value, coin.net_delta), (0.5, -1.5));
}

#[test]
fn terms_out_of_range_are_named() {
    let good = Terms { spot: 100.0, strike: 100.0, years: 1.0, vol: 0.2, rate: 0.0, carry: 0.0 };
    assert_eq!(good.check(), Ok(()));
    let text = |terms: Terms| terms.check().unwrap_err().to_string();
    assert_eq!(text(Terms { spot: 0.0, ..good }), "spot is 0, expected a positive number");
    assert_eq!(text(Terms { strike: -1.0, ..good }), "strike is -1, expected a positive number");
    assert_eq!(text(Terms { years: -0.5, ..good }), "years is -0.5, expected zero or more");
    assert_eq!(text(Terms { vol: f64::NAN, ..good }), "vol is NaN, expected a finite number");
    assert_eq!(
        text(Terms { rate: f64::INFINITY, ..good }),
        "rate is inf, expected a finite number"
    );
    assert_eq!(text(Terms { rate: 800.0, ..good }), "rate x years is 800, expected -700 to 700");
    let jumps = Jumps { intensity: -1.0, mean: 0.0, deviation: 0.1 };
    assert_eq!(
        merton_jump(Call, good, jumps),
        Err(InputError::Negative { name: "jump intensity", found: -1.0 })
    );
    let many = Jumps { intensity: 1e3, ..jumps };
    assert_eq!(
        merton_jump(Call, good, many).unwrap_err().to_string(),
        "jumps to expiry is 1000, expected 0 to 700"
    );
}

/// Heston's slopes are slopes, calls and puts keep parity, and no number is NaN: one hour to ten years, v0 from 0 to 4, with
/// and without reversion, vol of variance and correlation.
#[test]
fn heston_laws() {
    for years in [1.0 / 8_760.0, 0.02, 1.0, 10.0] {
        for (variance, xi, rho, reversion) in [
            (0.5_f64, 2.0, -0.3, 3.0),
            (0.04, 0.5, 0.6, 0.5),
            (1e-4, 3.0, -0.9, 5.0),
            (4.0, 0.01, 0.0, 0.0),
            (0.0, 1.0, -0.5, 2.0),
            (0.3, 1.0, 1.0, 1.0),
        ] {
            let model = Heston {
                variance,
                reversion,
                mean_variance: 0.4,
                vol_of_variance: xi,
                correlation: rho,
            };
            let width = model.total_variance(years).sqrt();
            for deviations in [-3.0, -0.5, 1.5] {
                let strike = 100.0 * (deviations * width.min(1.0)).exp();
                let terms = HestonTerms { spot: 100.0, strike, years, rate: 0.03, carry: 0.02 };
                heston_laws_at(terms, model, width);
            }
        }
    }
}

fn heston_laws_at(terms: HestonTerms, model: Heston, width: f64) {
    let call = |terms, model| heston(Call, terms, model).unwrap();
    let found = call(terms, model);
    let put = heston(Put, terms, model).unwrap();
    let parity = terms.spot * ((terms.carry - terms.rate) * terms.years).exp()
        - terms.strike * (-terms.rate * terms.years).exp();
    assert!((found.value - put.value - parity).abs() < 1e-12 * (terms.spot + terms.strike));
    let spot = |h: f64| call(HestonTerms { spot: terms.spot + h, ..terms }, model);
    let h = 5e-3 * terms.spot * width.min(1.0);
    let label = |name: &str| format!("{name} {terms:?} {model:?}");
    assert_slope(&label("delta"), found.delta, |h| spot(h).value, h, 10.0 * terms.spot);
    assert_slope(&label("gamma"), found.gamma, |h| spot(h).delta, h, 10.0);
    if model.variance > 0.0 {
        let variance = |h: f64| call(terms, Heston { variance: model.variance + h, ..model }).value;
        let h = (2e-2 * model.variance).min(2e-2 / terms.years);
        assert_slope(&label("vega"), found.variance_vega, variance, h, 10.0 * terms.spot);
    }
}
