//! P&L explain beyond the lines that are reported.
#![allow(clippy::unwrap_used, reason = "tests")]

use hedgerow_greeks::{Move, OptionKind, Terms, black76, explain, higher_greeks};

fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
}

/// V7.1: a long call over a day in which the forward goes from 60,000 to 63,000 and the vol from 65 to 60 %. Charm, veta and
/// speed explain -0.20 of a residual of 14.30 USD between them: nearly all of it is gamma's change with the vol (zomma).
#[test]
fn v7_1_what_the_residual_is_made_of() {
    let (spot, vol, years) = (3_000.0, -0.05, 1.0 / 365.0);
    let before = black76(OptionKind::Call, 60_000.0, 60_000.0, 30.0 / 365.0, 0.65);
    let after = black76(OptionKind::Call, 63_000.0, 60_000.0, 29.0 / 365.0, 0.60);
    let lines = explain(&before, Move { spot, vol, years });
    let residual = after.value - before.value - lines.iter().sum::<f64>();
    near(residual, 14.303_259);
    let terms = Terms {
        spot: 60_000.0,
        strike: 60_000.0,
        years: 30.0 / 365.0,
        vol: 0.65,
        rate: 0.0,
        carry: 0.0,
    };
    let higher = higher_greeks(OptionKind::Call, terms);
    let charm = before.charm * spot * years;
    let veta = higher.veta * vol * years;
    let speed = higher.speed * spot.powi(3) / 6.0;
    near(charm, -1.850_514);
    near(veta, 5.644_459);
    near(speed, -3.996_673);
    let zomma = 0.5 * higher.zomma * spot * spot * vol;
    let color = 0.5 * higher.color * spot * spot * years;
    let left = residual - charm - veta - speed;
    assert!(left.abs() > residual.abs(), "the three lines alone leave more than they found");
    assert!((left - zomma - color).abs() < 0.25 * left.abs(), "{left} {zomma} {color}");
}
