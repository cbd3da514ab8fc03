//! Tickers of derivatives of Tardis.dev (`derivative_ticker`): prices, or funding.
//!
//! `exchange,symbol,timestamp,local_timestamp,funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price`,
//! microseconds, empty where unknown. As prices, a stamp is an instant; contracts are read at their **mark**, spot at the
//! **index**. As funding, a settlement is at `funding_timestamp` and its rate is the **last `funding_rate`** told for it, a
//! fraction; the settlement that had not come when the file ends may still have changed.

use hedgerow_core::registry::Entry;

use super::{
    Blank, FUNDING, Format, PRICES, Plan, Rhythm, column, funding, named, refuse_kind,
    refuse_mapping, symbol, without_parameters,
};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{SeriesKind, SeriesSpec, TimeUnit, ValueUnit};

const NAME: &str = "tardis_ticker";

pub(super) const ENTRY: Entry<dyn Format> = Entry {
    name: NAME,
    about: "derivative_ticker of Tardis.dev: mark and index prices, and funding at funding_timestamp",
    example: "series = [{ is = \"inverse_funding\", asset = \"BTC\", path = \"bitmex_derivative_ticker_2020-03-01_XBTUSD.csv.gz\", format = \"tardis_ticker\" }]",
    build: |setting| without_parameters(setting, TardisTicker),
};

#[derive(Debug)]
struct TardisTicker;

impl Format for TardisTicker {
    fn recognises(&self, head: &Head) -> bool {
        head.has_all(&[
            "symbol",
            "local_timestamp",
            "funding_timestamp",
            "funding_rate",
            "mark_price",
        ])
    }

    fn plan(&self, file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
        refuse_mapping(spec)?;
        if spec.is.is_funding() {
            refuse_kind(file, NAME, spec, &FUNDING)?;
            let time = named(file, head, &["funding_timestamp"])?;
            let columns = vec![column(file, head, Role::Rate, "funding_rate")?];
            let mut plan = funding(spec, head, time, columns, (TimeUnit::Us, ValueUnit::Fraction));
            plan.assumptions.push(format!(
                "`{file}`: a settlement's rate is the last that was told for it; the newest may not be final"
            ));
            return Ok(Plan { blank: Blank::Nothing, rhythm: Rhythm::Ticks, ..plan });
        }
        refuse_kind(file, NAME, spec, &PRICES)?;
        let price = if spec.is == SeriesKind::Spot { "index_price" } else { "mark_price" };
        let time = named(file, head, &["timestamp"])?;
        let mut plan = Plan::new(spec, time, vec![column(file, head, Role::Close, price)?]);
        plan.assumptions.push(format!("`{file}`: a stamp is the instant of its `{price}`"));
        Ok(Plan {
            usual_unit: Some(TimeUnit::Us),
            symbol: symbol(head),
            blank: Blank::Nothing,
            rhythm: Rhythm::Ticks,
            ..plan
        })
    }
}
