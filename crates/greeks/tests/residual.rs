//! What the slopes that are not lines of their own would explain, on straddles over the DVOL of the embedded sample.
#![allow(clippy::unwrap_used, reason = "tests")]

use hedgerow_core::{OptionKind, Timestamp};
use hedgerow_greeks::{Greeks, HigherSlopes, Move, Terms, black_scholes_slopes, black76, explain};

/// Instants, closes and DVOL from the day on that DVOL begins.
fn sample() -> Vec<(Timestamp, f64, f64)> {
    let text = include_str!("../../../data/btc_daily.csv");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let vol: f64 = cells[4].parse().ok()?;
        Some((Timestamp::parse(cells[0]).unwrap(), cells[3].parse().unwrap(), vol))
    };
    text.lines().skip(1).filter_map(row).collect()
}

fn straddle(spot: f64, strike: f64, years: f64, vol: f64) -> (Greeks, HigherSlopes) {
    let kinds = [OptionKind::Call, OptionKind::Put];
    let [call, put] = kinds.map(|kind| black76(kind, spot, strike, years, vol));
    let terms = Terms { spot, strike, years, vol, rate: 0.0, carry: 0.0 };
    let [higher, other] = kinds.map(|kind| black_scholes_slopes(kind, terms));
    let first = Greeks {
        value: call.value + put.value,
        delta: call.delta + put.delta,
        gamma: call.gamma + put.gamma,
        vega: call.vega + put.vega,
        theta: call.theta + put.theta,
        vanna: call.vanna + put.vanna,
        volga: call.volga + put.volga,
        charm: call.charm + put.charm,
    };
    (first, higher.plus(other))
}

/// One day of a straddle, USD.
struct Day {
    residual: f64,
    pnl_less_delta: f64,
    /// What charm, veta, speed, zomma and color would explain.
    further: [f64; 5],
}

/// Straddles of 30 days at the money, held to expiry, then the next.
fn days() -> Vec<Day> {
    let sample = sample();
    let (mut strike, mut expiry) = (sample[0].1, sample[0].0.plus_days(30));
    let day = |pair: &[(Timestamp, f64, f64)]| {
        let ((before, from, vol), (now, to, next)) = (pair[0], pair[1]);
        let (first, higher) = straddle(from, strike, expiry.years_since(before), vol);
        let left = expiry.years_since(now);
        let value = if now < expiry {
            straddle(to, strike, left, next).0.value
        } else {
            let payoff = (to - strike).abs();
            (strike, expiry) = (to, now.plus_days(30));
            payoff
        };
        let moved = Move { spot: to - from, vol: next - vol, years: now.years_since(before) };
        let pnl = value - first.value;
        let (ds, dv, dt) = (moved.spot, moved.vol, moved.years);
        Day {
            residual: pnl - explain(&first, moved).iter().sum::<f64>(),
            pnl_less_delta: pnl - first.delta * ds,
            further: [
                higher.charm * ds * dt,
                higher.veta * dv * dt,
                higher.speed * ds.powi(3) / 6.0,
                0.5 * higher.zomma * ds * ds * dv,
                0.5 * higher.color * ds * ds * dt,
            ],
        }
    };
    sample.windows(2).map(day).collect()
}

/// What the module `explain` says of the slopes that are not lines: the residual is small, and each of them by itself takes little
/// of it or adds to it. Numbers: the same sums in `NumPy` and `SciPy`.
#[test]
fn slopes_beyond_the_lines_explain_little_each() {
    let days = days();
    assert_eq!(days.len(), 584);
    let square = |of: &dyn Fn(&Day) -> f64| days.iter().map(|day| of(day).powi(2)).sum::<f64>();
    let residual = square(&|day| day.residual);
    let share = residual / square(&|day| day.pnl_less_delta);
    assert!((share - 0.0115).abs() < 5e-4, "{share}");
    let explained = |lines: &[usize]| {
        let by = |day: &Day| lines.iter().map(|line| day.further[*line]).sum::<f64>();
        1.0 - square(&|day| day.residual - by(day)) / residual
    };
    for (lines, expected) in [
        (&[0][..], -0.336),
        (&[1], 0.152),
        (&[2], 0.131),
        (&[3], 0.236),
        (&[4], -0.236),
        (&[0, 1, 2], 0.723),
        (&[0, 1, 2, 3, 4], 0.701),
    ] {
        let found = explained(lines);
        assert!((found - expected).abs() < 1e-3, "{lines:?}: {found}, expected {expected}");
    }
}
