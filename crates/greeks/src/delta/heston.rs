//! Heston's minimum-variance delta: the model's delta and the part of the variance's move that the spot explains.
//!
//! `Δ_MV = ∂V/∂S + (ρξ/S) ∂V/∂v₀`. The parameters are given, or fitted to the surface of
//! each snapshot ([`fit_heston`]); before the first surface the delta is not known.

use hedgerow_core::registry::{Entry, SettingError, parameters};
use rayon::prelude::*;
use serde::Deserialize;
use toml::Spanned;

use super::{HedgeDelta, Memory, Past, View, fit_heston, positive, within};
use crate::{GreeksError, Heston, HestonTerms, Terms, heston};

/// The delta.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HestonDelta {
    /// `None`: fitted to each surface.
    pub model: Option<Heston>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    variance: Option<Spanned<f64>>,
    reversion: Option<Spanned<f64>>,
    mean_variance: Option<Spanned<f64>>,
    vol_of_variance: Option<Spanned<f64>>,
    correlation: Option<Spanned<f64>>,
}

impl HedgeDelta for HestonDelta {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn needs_chain(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        let parameters = match self.model {
            None => "fitted to the surface of each snapshot".to_owned(),
            Some(model) => format!(
                "with variance {}, reversion {}, mean variance {}, vol of variance {} and correlation {}",
                model.variance,
                model.reversion,
                model.mean_variance,
                model.vol_of_variance,
                model.correlation
            ),
        };
        format!("Heston's minimum-variance delta, {parameters}")
    }

    fn learn(&self, past: &Past<'_>) -> Result<Vec<Memory>, GreeksError> {
        let n_rows = past.market.n_rows();
        if let Some(model) = self.model {
            return Ok(vec![Memory::Heston(model); n_rows]);
        }
        let surfaces = past.surfaces.ok_or_else(|| GreeksError::NoChain {
            asset: past.market.assets()[past.asset].name.clone(),
            delta: ENTRY.name,
        })?;
        // One fit per snapshot, at the first row that knows it.
        let firsts: Vec<usize> = (0..n_rows)
            .filter(|row| *row == 0 || surfaces.snapshot(*row) != surfaces.snapshot(row - 1))
            .collect();
        let fitted: Vec<Memory> = firsts
            .par_iter()
            .map(|row| {
                surfaces.at(*row).and_then(fit_heston).map_or(Memory::Nothing, Memory::Heston)
            })
            .collect();
        let mut column = Vec::with_capacity(n_rows);
        for (i, memory) in fitted.into_iter().enumerate() {
            column.resize(firsts.get(i + 1).copied().unwrap_or(n_rows), memory);
        }
        Ok(column)
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let Memory::Heston(model) = view.memory else { return None };
        let Terms { spot, strike, years, rate, carry, .. } = view.terms;
        let terms = HestonTerms { spot, strike, years, rate, carry };
        let greeks = heston(view.kind, terms, model).ok()?;
        let delta = greeks.minimum_variance_delta(&model, spot);
        delta.is_finite().then_some(delta)
    }
}

fn build(typed: &Typed, span: std::ops::Range<usize>) -> Result<HestonDelta, SettingError> {
    let given = [
        ("variance", &typed.variance),
        ("reversion", &typed.reversion),
        ("mean_variance", &typed.mean_variance),
        ("vol_of_variance", &typed.vol_of_variance),
        ("correlation", &typed.correlation),
    ];
    if given.iter().all(|(_, number)| number.is_none()) {
        return Ok(HestonDelta { model: None });
    }
    let find = |i: usize| {
        let (key, number) = given[i];
        number.as_ref().ok_or_else(|| {
            let message =
                format!("`{key}` is missing: give all five parameters of Heston's model, or none");
            SettingError::at(span.clone(), message)
        })
    };
    let number = |i: usize| positive(given[i].0, find(i)?);
    Ok(HestonDelta {
        model: Some(Heston {
            variance: number(0)?,
            reversion: number(1)?,
            mean_variance: number(2)?,
            vol_of_variance: number(3)?,
            correlation: within("correlation", find(4)?, -0.999, 0.999)?,
        }),
    })
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "heston",
    about: "minimum variance in Heston's model, fitted to each surface or with parameters given",
    example: "delta = \"heston\"",
    build: |setting| {
        let span = setting.span();
        let typed: Typed = parameters(setting)?;
        Ok(Box::new(build(&typed, span)?))
    },
};
