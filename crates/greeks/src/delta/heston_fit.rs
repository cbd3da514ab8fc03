//! Heston's model fitted to a surface.

use super::heston_grid::{Expiry, Grid};
use crate::smile::{Bounds, minimise};
use crate::{Heston, OptionKind, Surface, black76};

/// Standard deviations at which each smile is read.
const READ_AT: [f64; 5] = [-1.5, -0.75, 0.0, 0.75, 1.5];

/// Expiries that are read, years: nearer ones are moved by what a diffusion cannot do.
const YEARS: std::ops::RangeInclusive<f64> = 0.015..=2.0;

/// ln v₀, ln κ, ln θ, ln ξ, ρ.
type Parameters = [f64; 5];

/// Step of the differences that stand for derivatives.
const BUMP: f64 = 1e-5;

/// One price, per unit of forward.
#[derive(Debug, Clone, Copy)]
struct Price {
    strike: f64,
    call: f64,
    vega: f64,
}

/// Fits all five parameters to the smiles of a surface, in vol: least squares of the differences in price over vega,
/// near the money and at a standard deviation and a half to both sides, every expiry between five days and two years
/// alike. `None` where there is no such expiry.
pub fn fit_heston(surface: &Surface) -> Option<Heston> {
    let expiries: Vec<(f64, Vec<Price>)> = surface
        .slices
        .iter()
        .filter(|slice| YEARS.contains(&slice.years))
        .map(|slice| (slice.years, prices(slice)))
        .collect();
    let at_money = |slice: &crate::Slice| slice.fit.svi.at(0.0).value / slice.years;
    let first = surface.slices.iter().find(|slice| YEARS.contains(&slice.years)).map(at_money)?;
    let last = surface.slices.iter().rfind(|slice| YEARS.contains(&slice.years)).map(at_money)?;
    let bounds = Bounds {
        low: [1e-3_f64.ln(), 0.1_f64.ln(), 1e-3_f64.ln(), 0.01_f64.ln(), -0.99],
        high: [25.0_f64.ln(), 50.0_f64.ln(), 25.0_f64.ln(), 20.0_f64.ln(), 0.99],
    };
    let start = [first.ln(), 3.0_f64.ln(), last.ln(), 1.5_f64.ln(), -0.1];
    let found = minimise(start, &bounds, |p, sums| {
        let here = model(p);
        let bumped: [Heston; 5] = std::array::from_fn(|i| {
            let mut q = *p;
            q[i] += BUMP;
            model(&q)
        });
        for (years, prices) in &expiries {
            // One grid for the model and its neighbours: their differences are then those of the model alone.
            let grid = Grid::new(&here, *years);
            let now = Expiry::new(&here, *years, &grid);
            let moved = bumped.each_ref().map(|model| Expiry::new(model, *years, &grid));
            for price in prices {
                let waves = grid.waves(1.0, price.strike);
                let call = |expiry: &Expiry| expiry.call(&waves, 1.0, price.strike);
                let value = call(&now);
                let slopes =
                    std::array::from_fn(|i| (call(&moved[i]) - value) / (price.vega * BUMP));
                sums.add((value - price.call) / price.vega, &slopes);
            }
        }
    });
    found.cost.is_finite().then(|| model(&found.at))
}

fn model(p: &Parameters) -> Heston {
    Heston {
        variance: p[0].exp(),
        reversion: p[1].exp(),
        mean_variance: p[2].exp(),
        vol_of_variance: p[3].exp(),
        correlation: p[4],
    }
}

/// What a smile says of five strikes.
fn prices(slice: &crate::Slice) -> Vec<Price> {
    let deviation = slice.fit.svi.at(0.0).value.sqrt();
    let price = |deviations: f64| {
        let k = deviations * deviation;
        let vol = (slice.fit.svi.at(k).value / slice.years).sqrt();
        let greeks = black76(OptionKind::Call, 1.0, k.exp(), slice.years, vol);
        Price { strike: k.exp(), call: greeks.value, vega: greeks.vega }
    };
    READ_AT.map(price).into()
}
