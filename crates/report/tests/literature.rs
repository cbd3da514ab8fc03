//! Published and independently computed numbers.

mod common;

use common::Lcg;
use hedgerow_report::Bootstrap;
use hedgerow_report::stats::bootstrap::{PrefixSums, block_length, percentile_interval, resample};
use hedgerow_report::stats::drawdown::{average, conditional, drawdowns, maximum, ulcer};
use hedgerow_report::stats::moments::{mean, semivariance, variance};

fn near(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "found {found}, expected {expected}");
}

/// Monthly returns of Bacon (2008), in per cent, as in `portfolio_bacon` of R's `PerformanceAnalytics`.
const BACON: [f64; 24] = [
    0.3, 2.6, 1.1, -1.0, 1.5, 2.5, 1.6, 6.7, -1.4, 4.0, -0.5, 8.1, 4.0, -3.7, -6.1, 1.7, -4.9,
    -2.2, 7.0, 5.8, -6.5, 2.4, -0.5, -0.9,
];

fn bacon_equity() -> Vec<f64> {
    let mut equity = 1.0;
    BACON
        .iter()
        .map(|percent| {
            equity *= 1.0 + percent / 100.0;
            equity
        })
        .collect()
}

#[test]
fn drawdown_statistics_of_bacon() {
    let equity = bacon_equity();
    let depths = drawdowns(1.0, &equity).unwrap();
    let annual_return = equity[23].powf(12.0 / 24.0) - 1.0;
    near(average(&depths).unwrap(), 0.039_989_7, 5e-8);
    near(ulcer(&depths).unwrap(), 0.061_184_3, 5e-8);
    near(annual_return, 0.103_678_3, 5e-8);
    near(annual_return / ulcer(&depths).unwrap(), 1.694_525, 5e-7);
    near(annual_return / average(&depths).unwrap(), 2.592_625, 5e-7);
    near(maximum(&depths).unwrap(), 0.144_673_0, 5e-8);
    near(annual_return / maximum(&depths).unwrap(), 0.716_639, 5e-7);
    let deepest = (0..depths.len()).max_by(|a, b| depths[*a].total_cmp(&depths[*b]));
    assert_eq!(deepest, Some(17), "month 18");
    let levels = [
        (0.0, 0.039_989_7),
        (0.5, 0.078_729_4),
        (0.8, 0.110_249_6),
        (0.9, 0.128_501_1),
        (0.95, 0.141_466_2),
    ];
    for (level, expected) in levels {
        near(conditional(&depths, level).unwrap(), expected, 5e-8);
    }
    let monthly: Vec<f64> = BACON.iter().map(|percent| percent / 100.0).collect();
    near(semivariance(&monthly, 0.005).unwrap().sqrt(), 0.025_536_7, 5e-8);
}

/// Magdon-Ismail et al. (2004): without drift the mean is √(π/2) σ√T; quantiles from the theta series.
///
/// The max drawdown of log equity is −ln(1 − max drawdown of equity). A path seen at steps of dt misses 0.5826 √dt at
/// the peak and again at the trough.
#[test]
fn max_drawdown_of_brownian_motion_without_drift() {
    let (n_paths, n_steps) = (2_000, 1_000);
    let step = (1.0 / 1_000.0_f64).sqrt();
    let mut noise = Lcg(2024);
    let mut depths: Vec<f64> = (0..n_paths)
        .map(|_| {
            let mut log_equity = 0.0_f64;
            let equity: Vec<f64> = (0..n_steps / 2)
                .flat_map(|_| {
                    // Box and Muller (1958).
                    let radius = (-2.0 * noise.uniform().ln()).sqrt();
                    let angle = std::f64::consts::TAU * noise.uniform();
                    [radius * angle.cos(), radius * angle.sin()]
                })
                .map(|z| {
                    log_equity += step * z;
                    log_equity.exp()
                })
                .collect();
            let depth = maximum(&drawdowns(1.0, &equity).unwrap()).unwrap();
            -(-depth).ln_1p() + 2.0 * 0.5826 * step
        })
        .collect();
    depths.sort_unstable_by(f64::total_cmp);
    near(mean(&depths).unwrap(), 1.253_314_137_3, 0.025);
    let at = |share: usize| depths[n_paths * share / 100];
    near(at(5), 0.617_325, 0.03);
    near(at(50), 1.148_973, 0.03);
    near(at(95), 2.241_403, 0.07);
    near(at(99), 2.807_034, 0.15);
}

/// Stationary block lengths of `arch` 8.0.0 on autoregressions from the linear congruential generator.
#[test]
fn automatic_block_lengths() {
    let cases = [
        (500, 0.0, 3.300_954_93),
        (500, 0.3, 4.651_644_62),
        (1_000, 0.5, 10.929_560_00),
        (2_000, 0.9, 60.033_740_67),
    ];
    for (n, rho, expected) in cases {
        let found = block_length(&Lcg(12_345).autoregression(rho, n)).unwrap();
        near(found, expected, 1e-6 * expected);
    }
}

#[test]
fn generator_of_the_fixtures() {
    let mut generator = Lcg(12_345);
    generator.uniform();
    assert_eq!(generator.0, 87_628_868);
}

/// Politis and Romano (1994): the variance of √n times a resampled mean is known exactly.
#[test]
fn bootstrap_variance_of_the_mean() {
    let series = Lcg(12_345).autoregression(0.3, 500);
    let sums = PrefixSums::new(500, |i| [series[i]]);
    let bootstrap = Bootstrap { seed: 1, resamples: 10_000, level: 0.95 };
    let means =
        resample(500, 10.0, &bootstrap, |blocks| Some(sums.over(blocks)[0] / 500.0)).unwrap();
    let scaled: Vec<f64> = means.iter().map(|mean| mean * 500.0_f64.sqrt()).collect();
    near(variance(&scaled).unwrap(), 1.705_432_227_0, 0.05);
}

/// With a normal statistic the percentile interval is the normal one.
#[test]
fn percentile_interval_of_normals() {
    let mut noise = Lcg(9);
    let draws: Vec<f64> = (0..20_000).map(|_| noise.normal()).collect();
    let interval = percentile_interval(draws, 0.95).unwrap();
    near(interval.low, -1.96, 0.05);
    near(interval.high, 1.96, 0.05);
}
