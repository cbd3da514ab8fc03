//! Which keys of a series mean something for its kind; others are refused rather than ignored.

use crate::DataError;
use crate::source::{SeriesKind, SeriesSpec};

/// Refuses keys that mean nothing for this kind of series.
///
/// # Errors
/// [`DataError::Key`] for the first of them.
pub(crate) fn check_keys(spec: &SeriesSpec) -> Result<(), DataError> {
    use SeriesKind::{Future, HalfSpread, Instruments, OptionChain, Vol};
    let kind = spec.is;
    let only = |kinds: &[SeriesKind]| !kinds.contains(&kind);
    let bars = "with anything but bars, prices or vols";
    let futures = "with anything but a future";
    let refused = [
        (
            "bar",
            spec.bar.is_some() && kind.is_funding(),
            "with funding, whose stamps are settlements",
        ),
        ("bar", spec.bar.is_some() && !only(&[OptionChain, Instruments]), bars),
        ("step", spec.step.is_some() && !only(&[OptionChain, Instruments]), bars),
        (
            "staleness",
            spec.staleness.is_some() && kind.is_funding(),
            "with funding, which is never carried forward",
        ),
        (
            "from",
            spec.from.is_some() && kind == Instruments,
            "with instruments, which are all read",
        ),
        ("to", spec.to.is_some() && kind == Instruments, "with instruments, which are all read"),
        (
            "staleness",
            spec.staleness.is_some() && kind == Instruments,
            "with instruments, whose terms do not age",
        ),
        ("unit", spec.unit.is_some() && kind == Instruments, "with instruments"),
        (
            "name",
            spec.name.is_some() && only(&[Vol, HalfSpread]),
            "with anything but a vol or a half-spread",
        ),
        (
            "instrument",
            spec.instrument.is_some() && kind == Instruments,
            "with instruments, which are all read",
        ),
        (
            "paid_in",
            spec.paid_in.is_some() && only(&[Future, OptionChain]),
            "with anything but futures and option chains",
        ),
        ("expiry", spec.expiry.is_some() && only(&[Future]), futures),
        ("contract_size", spec.contract_size.is_some() && only(&[Future]), futures),
        ("tick", spec.tick.is_some() && only(&[Future]), futures),
        ("lot", spec.lot.is_some() && only(&[Future]), futures),
    ];
    match refused.into_iter().find(|(_, is_refused, _)| *is_refused) {
        Some((key, _, reason)) => Err(DataError::Key { series: spec.title(), key, reason }),
        None => match (spec.from, spec.to) {
            (Some(from), Some(to)) if to.0 <= from.0 => {
                let reason = "unless it is after `from`";
                Err(DataError::Key { series: spec.title(), key: "to", reason })
            }
            _ => check_numbers(spec),
        },
    }
}

/// Refuses sizes that no contract has.
fn check_numbers(spec: &SeriesSpec) -> Result<(), DataError> {
    let numbers = [("contract_size", spec.contract_size), ("tick", spec.tick), ("lot", spec.lot)];
    let is_wrong =
        |number: Option<f64>| number.is_some_and(|number| !(number.is_finite() && number > 0.0));
    match numbers.into_iter().find(|(_, number)| is_wrong(*number)) {
        Some((key, _)) => {
            let reason = "unless it is a positive number";
            Err(DataError::Key { series: spec.title(), key, reason })
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::MarketSource;

    fn said(kind: &str, keys: &str) -> String {
        let text =
            format!("series = [{{ is = \"{kind}\", asset = \"BTC\", path = \"x\", {keys} }}]");
        let market: MarketSource = toml::from_str(&text).unwrap();
        check_keys(&market.series[0]).map_or_else(|error| error.to_string(), |()| "fine".to_owned())
    }

    #[test]
    fn keys_that_mean_nothing_are_refused() {
        for (kind, keys, expected) in [
            (
                "spot",
                "expiry = \"2026-03-27 08:00\"",
                "series BTC spot: `expiry` cannot be used with anything but a future",
            ),
            (
                "perp",
                "contract_size = 100.0",
                "series BTC perp: `contract_size` cannot be used with anything but a future",
            ),
            (
                "vol",
                "paid_in = \"coin\"",
                "series BTC vol: `paid_in` cannot be used with anything but futures and option chains",
            ),
            (
                "option_chain",
                "bar = \"start\"",
                "series BTC option chain: `bar` cannot be used with anything but bars, prices or vols",
            ),
            (
                "instruments",
                "staleness = \"1h\"",
                "series BTC instruments: `staleness` cannot be used with instruments, whose terms do not age",
            ),
            (
                "funding",
                "bar = \"end\"",
                "series BTC funding: `bar` cannot be used with funding, whose stamps are settlements",
            ),
            (
                "future",
                "tick = 0.0",
                "series BTC future: `tick` cannot be used unless it is a positive number",
            ),
            (
                "future",
                "expiry = \"2026-03-27 08:00\", tick = 2.5, lot = 1.0, paid_in = \"coin\"",
                "fine",
            ),
            (
                "instruments",
                "to = \"2026-03-27\"",
                "series BTC instruments: `to` cannot be used with instruments, which are all read",
            ),
            (
                "spot",
                "from = \"2026-03-27\", to = \"2026-03-27 00:00\"",
                "series BTC spot: `to` cannot be used unless it is after `from`",
            ),
            ("spot", "from = \"2026-03-26\", to = \"2026-03-27\"", "fine"),
            ("spot", "instrument = \"BTCUSDT\", bar = \"start\", step = \"1h\"", "fine"),
        ] {
            assert_eq!(said(kind, keys), expected);
        }
    }
}
