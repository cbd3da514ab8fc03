//! With what a leg hedges: the `with` of a scenario.

use hedgerow_core::Contract;
use hedgerow_core::registry::{Entry, SettingError, parameters};
use hedgerow_greeks::OptionSpec;
use serde::Deserialize;

/// A hedge instrument as typed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Instrument {
    /// Spot or a perpetual.
    Linear(Contract),
    /// A rolling option.
    Option(Box<OptionSpec>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// Every instrument, alphabetically.
pub(crate) const INSTRUMENTS: &[Entry<Instrument>] = &[
    Entry {
        name: "inverse_perp",
        about: "perpetual quoted in USD, margined and settled in the coin; one unit is 1 USD of notional",
        example: r#"with = "inverse_perp""#,
        build: |setting| {
            let Nothing {} = parameters(setting)?;
            Ok(Box::new(Instrument::Linear(Contract::InversePerp)))
        },
    },
    Entry {
        name: "option",
        about: "one European call or put, opened again when it ends; hedges `against` a size",
        example: r#"with = { option = { programme = "put", strike = { moneyness = 0.9 }, tenor_days = 30 } }"#,
        build: |setting| {
            let span = setting.span();
            let spec: OptionSpec = parameters(setting)?;
            if matches!(spec.programme.get_ref().as_str(), "call" | "put") {
                return Ok(Box::new(Instrument::Option(Box::new(spec))));
            }
            let message = format!(
                "a leg holds one option, `call` or `put`, found `{}`; write a combination as several legs",
                spec.programme.get_ref()
            );
            Err(SettingError::at(
                if spec.programme.span().is_empty() { span } else { spec.programme.span() },
                message,
            ))
        },
    },
    Entry {
        name: "perp",
        about: "perpetual quoted, margined and settled in USD; one unit is one coin",
        example: r#"with = "perp""#,
        build: |setting| {
            let Nothing {} = parameters(setting)?;
            Ok(Box::new(Instrument::Linear(Contract::LinearPerp)))
        },
    },
    Entry {
        name: "spot",
        about: "the coin itself, bought and sold for cash; a short position borrows at no charge",
        example: r#"with = "spot""#,
        build: |setting| {
            let Nothing {} = parameters(setting)?;
            Ok(Box::new(Instrument::Linear(Contract::Spot)))
        },
    },
];
