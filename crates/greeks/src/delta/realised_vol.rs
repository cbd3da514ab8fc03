//! Black-Scholes at the realised vol of the past, by any estimator of the vol model `realised`.
//!
//! Whoever believes that vol persists hedges at what was realised, not at what is implied (Ahmad and Wilmott 2005).

use hedgerow_core::registry::Entry;

use super::{HedgeDelta, Memory, Past, View};
use crate::{GreeksError, VOLS, VolModel};

/// The delta.
#[derive(Debug)]
pub struct RealisedVol {
    model: Box<dyn VolModel>,
}

impl HedgeDelta for RealisedVol {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn describe(&self) -> String {
        let model = self.model.describe();
        let (_, estimate) = model.split_once("marked at ").unwrap_or(("", &model));
        format!("Black-Scholes delta at {estimate}")
    }

    fn learn(&self, past: &Past<'_>) -> Result<Vec<Memory>, GreeksError> {
        let vols = self.model.column(past.market, past.asset)?;
        Ok(vols.into_iter().map(|vol| vol.map_or(Memory::Nothing, Memory::Vol)).collect())
    }

    fn delta(&self, view: &View<'_>) -> Option<f64> {
        let Memory::Vol(vol) = view.memory else { return None };
        Some(view.greeks_at(vol)?.delta)
    }
}

pub(super) const ENTRY: Entry<dyn HedgeDelta> = Entry {
    name: "realised_vol",
    about: "Black-Scholes at the realised vol up to the row (`ewma` or `parkinson`, as the vol model `realised`)",
    example: "delta = { realised_vol = { estimator = { ewma = { half_life_days = 10 } } } }",
    build: |setting| {
        let model = VOLS.iter().find(|entry| entry.name == "realised");
        let build = model.expect("`realised` is a vol model").build;
        Ok(Box::new(RealisedVol { model: build(setting)? }))
    },
};
