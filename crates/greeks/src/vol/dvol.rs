//! Deribit's DVOL index: the 30-day implied vol, used for every strike and expiry.

use hedgerow_core::registry::{Entry, Setting, SettingError, parameters};
use hedgerow_core::{Grade, Market};
use serde::Deserialize;

use super::VolModel;
use crate::GreeksError;

/// The registry's line.
pub(super) const ENTRY: Entry<dyn VolModel> = Entry {
    name: "dvol",
    about: "the market's DVOL column (30-day implied vol), flat over strikes and expiries",
    example: "model = \"dvol\"",
    build,
};

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Dvol {}

fn build(setting: Setting<'_>) -> Result<Box<dyn VolModel>, SettingError> {
    Ok(Box::new(parameters::<Dvol>(setting)?))
}

impl VolModel for Dvol {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn column(&self, market: &Market, asset: usize) -> Result<Vec<Option<f64>>, GreeksError> {
        let of_asset = || market.vols().iter().filter(|column| column.asset == asset);
        match of_asset().find(|column| column.name.to_ascii_uppercase().contains("DVOL")) {
            Some(column) => Ok(column.vol.clone()),
            None => Err(GreeksError::NoVolColumn {
                asset: market.assets()[asset].name.clone(),
                model: ENTRY.name,
                known: match of_asset().map(|column| column.name.as_str()).collect::<Vec<_>>() {
                    names if names.is_empty() => "none".to_owned(),
                    names => {
                        let names = names.join(", ");
                        format!("{names} (where that is it, add `name = \"dvol\"` to its series)")
                    }
                },
            }),
        }
    }

    fn describe(&self) -> String {
        "options are marked at the DVOL index of the row, the same for every strike and expiry (no smile, no term \
         structure)"
            .to_owned()
    }

    fn grade(&self) -> Grade {
        Grade::Synthetic
    }
}
