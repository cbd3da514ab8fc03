//! A call that is sold or bought at one vol, hedged at another, while a third is realised: what is left on each path.

use hedgerow_core::{
    AssetColumns, Bps, Contract, Explained, Exposure, GradeCounts, Market, Slopes, Timestamp,
};
use hedgerow_sim::{Account, BookCosts, Costs, FillAt, Leg, To, simulate};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rayon::prelude::*;

use super::{density, leg, normal, rule, strategy};

/// Black-Scholes with a rate on a coin that carries none.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub value: f64,
    pub delta: f64,
    pub gamma: f64,
    pub vega: f64,
}

pub fn black_scholes(spot: f64, strike: f64, vol: f64, years: f64, rate: f64) -> Call {
    let deviation = vol * years.sqrt();
    let d1 = ((spot / strike).ln() + rate * years) / deviation + 0.5 * deviation;
    Call {
        value: spot * normal(d1) - strike * (-rate * years).exp() * normal(d1 - deviation),
        delta: normal(d1),
        gamma: density(d1) / (spot * deviation),
        vega: spot * density(d1) * years.sqrt(),
    }
}

/// The experiment. Vols and rates decimal, per year.
#[derive(Debug, Clone, Copy)]
pub struct Trade {
    /// +1 bought, -1 sold.
    pub side: f64,
    pub spot: f64,
    pub strike: f64,
    pub years: f64,
    pub rate: f64,
    pub drift: f64,
    /// The vol at which the option changes hands.
    pub traded: f64,
    /// The vol of the delta.
    pub hedged: f64,
    /// The vol of the path.
    pub realised: f64,
    /// Rows after the first.
    pub steps: usize,
    /// One-way cost, fraction of the notional.
    pub cost: f64,
}

/// What one path leaves, present values in USD. The hedge is handed over at expiry without cost.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    pub pnl: f64,
    /// Cost of the first purchase.
    pub opening: f64,
    /// Cost of all trades after it.
    pub rehedging: f64,
}

impl Trade {
    pub fn premium(&self) -> f64 {
        black_scholes(self.spot, self.strike, self.traded, self.years, self.rate).value
    }

    /// The deviation of Derman and Kamal (1999): `sqrt(pi/4) · vega · vol / sqrt(steps)`.
    pub fn derman_kamal(&self) -> f64 {
        let vega = black_scholes(self.spot, self.strike, self.realised, self.years, self.rate).vega;
        (std::f64::consts::PI / 4.0).sqrt() * vega * self.realised / (self.steps as f64).sqrt()
    }

    fn market(&self, seed: u64) -> Market {
        let mut random = ChaCha8Rng::seed_from_u64(1973);
        random.set_stream(seed);
        let step = self.years / self.steps as f64;
        let mean = (self.drift - 0.5 * self.realised * self.realised) * step;
        let mut spot = vec![self.spot];
        for row in 0..self.steps {
            let z: f64 = StandardNormal.sample(&mut random);
            spot.push(spot[row] * (mean + self.realised * step.sqrt() * z).exp());
        }
        let millis = |row: usize| (step * row as f64 * 365.0 * 86.4e6).round();
        #[expect(clippy::cast_possible_truncation, reason = "years of milliseconds")]
        let time = (0..=self.steps).map(|row| Timestamp::from_millis(millis(row) as i64)).collect();
        let asset =
            AssetColumns { name: "BTC".to_owned(), spot, open: None, high: None, low: None };
        Market::new(time, vec![asset], vec![], vec![]).unwrap()
    }

    fn exposure(&self, market: &Market) -> Exposure {
        let spot = &market.assets()[0].spot;
        let (steps, side) = (self.steps, self.side);
        let mut slopes = Slopes::zero(steps + 1, vec![Some(self.hedged); steps + 1]);
        let (mut value, mut cash_flow) = (vec![0.0; steps + 1], vec![0.0; steps + 1]);
        for (row, spot) in spot.iter().enumerate().take(steps) {
            let years = self.years * (1.0 - row as f64 / steps as f64);
            value[row] =
                side * black_scholes(*spot, self.strike, self.traded, years, self.rate).value;
            let at = black_scholes(*spot, self.strike, self.hedged, years, self.rate);
            (slopes.delta[row], slopes.gamma[row]) = (side * at.delta, side * at.gamma);
            slopes.years[row] = Some(years);
        }
        cash_flow[0] = -value[0];
        cash_flow[steps] = side * (spot[steps] - self.strike).max(0.0);
        Exposure {
            value,
            cash_flow,
            slopes: vec![slopes],
            explained: Explained::zero(steps + 1),
            trades: vec![],
            grades: GradeCounts::default(),
        }
    }

    /// One path through the engine.
    pub fn outcome(&self, seed: u64, when: &str) -> Outcome {
        let market = self.market(seed);
        let exposure = self.exposure(&market);
        let costs = Costs { spot_fee_bps: Bps(1e4 * self.cost), ..Costs::ZERO };
        let spot = leg(&market, Contract::Spot, FillAt::DecidingPrice, &costs, rule(when));
        let account = Account { usd: 0.0, coins: vec![0.0], rate: self.rate };
        let none = BookCosts::new(&market, &exposure, &Costs::ZERO);
        let strategy = strategy(vec![Leg { to: To::EDGE, ..spot }]);
        let ledger = simulate(&market, &exposure, &strategy, &account, &none);
        let fee = &ledger.legs[0].fee;
        let step = self.years / self.steps as f64;
        let discount = |row: usize| (-self.rate * step * row as f64).exp();
        Outcome {
            pnl: (ledger.equity[self.steps] + fee[self.steps]) * discount(self.steps),
            opening: fee[0],
            rehedging: (1..self.steps).map(|row| fee[row] * discount(row)).sum(),
        }
    }

    pub fn outcomes(&self, paths: u64, when: &str) -> Vec<Outcome> {
        (0..paths).into_par_iter().map(|seed| self.outcome(seed, when)).collect()
    }

    /// P&L of so many paths, re-hedged at every row.
    pub fn pnl(&self, paths: u64) -> Sample {
        let outcomes = self.outcomes(paths, r#"when = "every_row""#);
        Sample::of(&outcomes.iter().map(|outcome| outcome.pnl).collect::<Vec<_>>())
    }
}

/// Moments of a sample.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    pub mean: f64,
    pub deviation: f64,
    /// Standard error of the mean.
    pub error: f64,
    pub skewness: f64,
    pub excess_kurtosis: f64,
}

impl Sample {
    /// Standard error of the deviation, as a share of it.
    pub fn deviation_error(&self) -> f64 {
        0.5 * (self.excess_kurtosis + 2.0).sqrt() * self.error / self.deviation
    }

    pub fn of(numbers: &[f64]) -> Self {
        let n = numbers.len() as f64;
        let mean = numbers.iter().sum::<f64>() / n;
        let moment =
            |power: i32| numbers.iter().map(|number| (number - mean).powi(power)).sum::<f64>() / n;
        let variance = moment(2);
        Self {
            mean,
            deviation: variance.sqrt(),
            error: (variance / n).sqrt(),
            skewness: moment(3) / variance.powf(1.5),
            excess_kurtosis: moment(4) / (variance * variance) - 3.0,
        }
    }
}

/// Composite Simpson of `f` over `[0, end]` with `2·half` intervals.
pub fn integral(end: f64, half: usize, f: impl Fn(f64) -> f64) -> f64 {
    let step = end / (2 * half) as f64;
    let inner: f64 =
        (1..2 * half).map(|i| if i % 2 == 1 { 4.0 } else { 2.0 } * f(step * i as f64)).sum();
    step / 3.0 * (f(0.0) + inner + f(end))
}
