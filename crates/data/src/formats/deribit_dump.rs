//! Dumps of Deribit's order books or tickers of options (`public/get_order_book`, `public/ticker`), as CSV or JSON.
//!
//! Columns are those of the API, nested ones with dots (`greeks.delta`), in an order that may differ from file to file;
//! `timestamp` in milliseconds, of each row; `best_bid_price`, `best_ask_price` and `mark_price` in the currency of payment,
//! 0 where there is none; `mark_iv` in per cent; `underlying_price` the forward, taken from `underlying_index`: a future,
//! `SYN.…` where the venue makes one up, or `index_price`. `bids` and `asks`, JSON arrays in a cell, are not read.

use hedgerow_core::registry::Entry;

use super::{Format, Plan, no_series, refuse_mapping, without_parameters};
use crate::DataError;
use crate::chains::{ChainPlan, Field};
use crate::read::head::Head;
use crate::source::{SeriesSpec, ValueUnit};

const NAME: &str = "deribit_dump";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "dumps of Deribit's order books or tickers of options, vols in per cent",
    example: "series = [{ is = \"option_chain\", asset = \"ETH\", path = \"eth_option_data.csv.gz\", format = \"deribit_dump\" }]",
    build: |setting| without_parameters(setting, DeribitDump),
};

#[derive(Debug)]
struct DeribitDump;

impl Format for DeribitDump {
    fn recognises(&self, head: &Head) -> bool {
        ["instrument_name", "timestamp", "best_bid_price", "mark_price", "mark_iv"]
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
            (Field::Bid, "best_bid_price"),
            (Field::Ask, "best_ask_price"),
            (Field::Mark, "mark_price"),
            (Field::MarkVol, "mark_iv"),
            (Field::Forward, "underlying_price"),
            (Field::Index, "index_price"),
            (Field::Delta, "greeks.delta"),
            (Field::OpenInterest, "open_interest"),
        ];
        let plan =
            ChainPlan::of_names(file, spec, head, ("timestamp", "instrument_name"), &fields)?;
        Ok(Some(ChainPlan {
            forward_name: head.position("underlying_index"),
            unit: spec.unit.or(Some(ValueUnit::Percent)),
            ..plan
        }))
    }
}
