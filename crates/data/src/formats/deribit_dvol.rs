//! Deribit's volatility index DVOL.
//!
//! As `public/get_volatility_index_data` answers it, lists of `[milliseconds, open, high, low, close]` in `result.data`; or
//! as a file with `dvol_open`, `dvol_high`, `dvol_low`, `dvol_close` and a `timestamp`. Figures are in **per cent** a year;
//! stamps are the **start** of the bar, of which the close is read.

use hedgerow_core::registry::Entry;

use super::{
    Format, Plan, PlanColumn, bars, named, refuse_kind, refuse_mapping, without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, SeriesKind, SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "deribit_dvol";

const N_COLUMNS: usize = 5;

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "the volatility index of Deribit, as get_volatility_index_data answers it or with columns dvol_open … dvol_close",
    example: "series = [{ is = \"vol\", asset = \"BTC\", path = \"dvol.json\", format = \"deribit_dvol\" }]",
    build: |setting| without_parameters(setting, DeribitDvol),
};

#[derive(Debug)]
struct DeribitDvol;

impl Format for DeribitDvol {
    fn recognises(&self, head: &Head) -> bool {
        let is_answer = head.json.as_deref() == Some("result.data")
            && !head.has_header
            && head.names.len() == N_COLUMNS;
        is_answer || head.has_all(&["dvol_open", "dvol_high", "dvol_low", "dvol_close"])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        refuse_kind(file, NAME, spec, &[SeriesKind::Vol])?;
        let (time, index) = if head.has_header {
            (
                named(file, head, &["timestamp", "time", "datetime", "date"])?,
                named(file, head, &["dvol_close"])?,
            )
        } else if head.names.len() == N_COLUMNS {
            (0, N_COLUMNS - 1)
        } else {
            return Err(DataError::Format {
                file: file.to_owned(),
                format: NAME,
                reason: format!("expected {N_COLUMNS} columns, found {}", head.names.len()),
            });
        };
        let vol = PlanColumn { role: Role::Vol, index };
        let plan = bars(file, spec, time, vec![vol], (TimeUnit::Ms, BarLabel::Start));
        Ok(Plan { unit: Some(spec.unit.unwrap_or(ValueUnit::Percent)), ..plan })
    }
}
