//! Deribit's `public/get_book_summary_by_currency` for options.
//!
//! Per option: `instrument_name`, `creation_timestamp` in milliseconds, `bid_price`, `ask_price` and `mark_price` in the
//! currency of payment, null where there is none; `mark_iv` in per cent; `underlying_price` the forward of the expiry,
//! taken from `underlying_index`; `open_interest` in coins.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, no_series, refuse_mapping, without_parameters};
use crate::DataError;
use crate::chains::{ChainPlan, Field};
use crate::read::head::Head;
use crate::source::{SeriesSpec, ValueUnit};

const NAME: &str = "deribit_summary";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "Deribit's get_book_summary_by_currency of options, vols in per cent",
    example: "series = [{ is = \"option_chain\", asset = \"BTC\", path = \"summaries\", format = \"deribit_summary\" }]",
    build: |setting| without_parameters(setting, DeribitSummary),
};

#[derive(Debug)]
struct DeribitSummary;

impl Format for DeribitSummary {
    fn recognises(&self, head: &Head) -> bool {
        ["instrument_name", "creation_timestamp", "mark_price", "mark_iv"]
            .iter()
            .all(|name| head.position(name).is_some())
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, _head: &Head) -> Result<Plan, DataError> {
        no_series(file, NAME, spec)
    }

    fn chain(
        &self,
        file: &str,
        spec: &SeriesSpec,
        head: &Head,
    ) -> Result<Option<ChainPlan>, DataError> {
        refuse_mapping(spec)?;
        let fields = [
            (Field::Bid, "bid_price"),
            (Field::Ask, "ask_price"),
            (Field::Mark, "mark_price"),
            (Field::MarkVol, "mark_iv"),
            (Field::Forward, "underlying_price"),
            (Field::OpenInterest, "open_interest"),
        ];
        let names = ("creation_timestamp", "instrument_name");
        let plan = ChainPlan::of_names(file, spec, head, names, &fields)?;
        Ok(Some(ChainPlan {
            forward_name: head.position("underlying_index"),
            unit: spec.unit.or(Some(ValueUnit::Percent)),
            ..plan
        }))
    }
}
