//! One row priced by its model.

use super::row::Row;
use super::{Model, OptionTable, Parameter, PricedRow, RowError};
use crate::black_scholes::{Terms, growth};
use crate::input_error::{not_negative, positive, within};
use crate::smile::Sabr;
use crate::{
    DigitalPayoff, Heston, HestonTerms, HigherSlopes, Jumps, NormalTerms, Sensitivities, bachelier,
    bachelier_slopes, black_scholes, black_scholes_slopes, black76, coin_implied_vol, digital,
    digital_slopes, heston_slopes, higher_greeks, implied_vol, inverse, merton_jump, merton_slopes,
    normal_implied_vol, settlement_window,
};

impl OptionTable {
    pub(super) fn price(&self, index: usize) -> Result<PricedRow, RowError> {
        let row = self.row(index)?;
        let priced = match row.model {
            Model::Bsm | Model::Black76 => self.black(row),
            Model::Bachelier => self.bachelier(row),
            Model::Inverse => self.inverse(row),
            Model::CashDigital => self.digital(row, DigitalPayoff::Cash(1.0)),
            Model::AssetDigital => self.digital(row, DigitalPayoff::Asset),
            Model::Heston => self.heston(row),
            Model::Merton => self.merton(row),
            Model::Sabr => self.sabr(row),
        }?;
        if priced.is_finite() { Ok(priced) } else { Err(RowError::Overflow) }
    }

    fn black(&self, row: Row) -> Result<PricedRow, RowError> {
        let terms = self.terms(row)?;
        let vol = self.vol(row, |price| {
            let Terms { spot, strike, years, rate, carry, .. } = terms;
            let forward = spot * growth(carry, years);
            Ok(implied_vol(row.kind, forward, strike, years, price / growth(-rate, years))?)
        })?;
        Ok(black_row(row, Terms { vol, ..terms }))
    }

    fn digital(&self, row: Row, payoff: DigitalPayoff) -> Result<PricedRow, RowError> {
        let terms = self.terms(row)?;
        let vol = self.vol(row, |_| Err(RowError::DigitalPrice(row.model)))?;
        let terms = Terms { vol, ..terms };
        let first = digital(row.kind, payoff, terms);
        let higher = digital_slopes(row.kind, payoff, terms);
        let priced = priced(first, higher);
        Ok(PricedRow { rho: spot_rho(terms, first), vol: Some(vol), ..priced })
    }

    fn bachelier(&self, row: Row) -> Result<PricedRow, RowError> {
        let Row { kind, strike, years, .. } = row;
        let rate = self.number("rate", self.rate.as_ref(), row)?;
        let forward = self.underlying(row)?;
        let terms = NormalTerms { forward, strike, years, normal_vol: 0.0, rate };
        terms.check()?;
        let normal_vol = self.vol(row, |price| {
            Ok(normal_implied_vol(kind, forward, strike, years, price / growth(-rate, years))?)
        })?;
        let terms = NormalTerms { normal_vol, ..terms };
        let found = bachelier(kind, terms);
        let first = Sensitivities {
            value: found.value,
            delta: found.delta,
            gamma: found.gamma,
            vega: found.vega,
            theta: found.theta,
        };
        let priced = priced(first, bachelier_slopes(kind, terms));
        Ok(PricedRow { rho: -years * first.value, vol: Some(normal_vol), ..priced })
    }

    /// Slopes of delta and gamma are those of Black-76; what is counted in the unit of the value is over the forward.
    fn inverse(&self, row: Row) -> Result<PricedRow, RowError> {
        let Row { kind, strike, years, .. } = row;
        let forward = self.underlying(row)?;
        positive("forward", forward)?;
        positive("strike", strike)?;
        let vol =
            self.vol(row, |price| Ok(coin_implied_vol(kind, forward, strike, years, price)?))?;
        let coin = inverse::coin_greeks(kind, forward, strike, years, vol);
        let terms = Terms { spot: forward, strike, years, vol, rate: 0.0, carry: 0.0 };
        let usd = black_scholes_slopes(kind, terms);
        Ok(PricedRow {
            value: coin.value,
            delta: settlement_window::decayed_delta(coin.delta, years),
            net_delta: Some(settlement_window::decayed_net_delta(coin.delta, coin.value, years)),
            window_left: Some(settlement_window::left(years)),
            gamma: black76(kind, forward, strike, years, vol).gamma,
            vega: coin.vega,
            theta: coin.theta,
            // dc/dF, and dF/dr = F T.
            rho: years * coin.net_delta,
            higher: HigherSlopes { volga: usd.volga / forward, veta: usd.veta / forward, ..usd },
            vol: Some(vol),
        })
    }

    fn heston(&self, row: Row) -> Result<PricedRow, RowError> {
        self.no_price(row)?;
        let terms = self.terms(row)?;
        let model = Heston {
            variance: self.parameter(Parameter::Variance, row)?,
            reversion: self.parameter(Parameter::Reversion, row)?,
            mean_variance: self.parameter(Parameter::MeanVariance, row)?,
            vol_of_variance: self.parameter(Parameter::VolOfVariance, row)?,
            correlation: self.parameter(Parameter::Correlation, row)?,
        };
        let Terms { spot, strike, years, rate, carry, .. } = terms;
        let contract = HestonTerms { spot, strike, years, rate, carry };
        let found = heston_slopes(row.kind, contract, model)?;
        let (error, value) = (found.first.error, found.first.value);
        if value <= error {
            return Err(RowError::BelowError { error });
        }
        let first = Sensitivities {
            value: found.first.value,
            delta: found.first.delta,
            gamma: found.first.gamma,
            vega: found.vega,
            theta: found.theta,
        };
        let priced = priced(first, found.higher);
        // The vol of a time value that is mostly error would be that of the error.
        let forward = spot * growth(carry, years);
        let exercised = growth(-rate, years) * (row.kind.sign() * (forward - strike)).max(0.0);
        let vol =
            value_vol(row, terms, value).filter(|_| value - exercised > LEAST_OF_ERROR * error);
        Ok(PricedRow { rho: spot_rho(terms, first), vol, ..priced })
    }

    fn merton(&self, row: Row) -> Result<PricedRow, RowError> {
        self.no_price(row)?;
        let terms = self.terms(row)?;
        let terms =
            Terms { vol: self.vol(row, |_| Err(RowError::SmilePrice(row.model)))?, ..terms };
        let jumps = Jumps {
            intensity: self.parameter(Parameter::JumpIntensity, row)?,
            mean: self.parameter(Parameter::JumpMean, row)?,
            deviation: self.parameter(Parameter::JumpDeviation, row)?,
        };
        let first = merton_jump(row.kind, terms, jumps)?;
        let priced = priced(first, merton_slopes(row.kind, terms, jumps)?);
        let vol = value_vol(row, terms, first.value);
        Ok(PricedRow { rho: spot_rho(terms, first), vol, ..priced })
    }

    fn sabr(&self, row: Row) -> Result<PricedRow, RowError> {
        self.no_price(row)?;
        let terms = self.terms(row)?;
        let model = Sabr {
            alpha: self.parameter(Parameter::Alpha, row)?,
            beta: self.parameter(Parameter::Beta, row)?,
            rho: self.parameter(Parameter::Correlation, row)?,
            nu: self.parameter(Parameter::Nu, row)?,
        };
        positive("alpha", model.alpha)?;
        within("beta", model.beta, 0.0, 1.0)?;
        within("correlation", model.rho, -1.0, 1.0)?;
        not_negative("nu", model.nu)?;
        let vol = model.vol(terms.spot, row.strike, row.years).ok_or(RowError::NoSabrVol)?;
        Ok(black_row(row, Terms { vol, ..terms }))
    }
}

/// Errors of Heston's integration that a time value must be worth for its Black vol to be known.
const LEAST_OF_ERROR: f64 = 100.0;

/// A row of Black-Scholes-Merton on the spot, or of Black-76 on the forward.
fn black_row(row: Row, terms: Terms) -> PricedRow {
    let first = black_scholes(row.kind, terms);
    let rates = higher_greeks(row.kind, terms);
    PricedRow {
        value: first.value,
        delta: first.delta,
        gamma: first.gamma,
        vega: first.vega,
        theta: first.theta,
        rho: if row.model.is_on_spot() { rates.rho } else { rates.discount_rho },
        higher: HigherSlopes::of(first, rates),
        vol: Some(terms.vol),
        ..PricedRow::default()
    }
}

/// Value and slopes, still without rho and vol.
fn priced(first: Sensitivities, higher: HigherSlopes) -> PricedRow {
    let Sensitivities { value, delta, gamma, vega, theta } = first;
    PricedRow { value, delta, gamma, vega, theta, higher, ..PricedRow::default() }
}

/// The slope to the rate with the yield held: T (S delta − V), as the value is e^(−rT) times a function of S e^((r−q)T).
fn spot_rho(terms: Terms, first: Sensitivities) -> f64 {
    terms.years * (terms.spot * first.delta - first.value)
}

/// The Black vol of a value; `None` where it has none, as without time value.
fn value_vol(row: Row, terms: Terms, value: f64) -> Option<f64> {
    let Terms { spot, strike, years, rate, carry, .. } = terms;
    let forward = spot * growth(carry, years);
    implied_vol(row.kind, forward, strike, years, value / growth(-rate, years)).ok()
}
