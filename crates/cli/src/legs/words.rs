//! A rule in words, and what of it the market's rows cannot show.

use hedgerow_core::{MILLIS_PER_DAY, Timestamp};
use toml::de::{DeTable, DeValue};

use crate::write::toml_value;

/// A rule as typed, in canonical TOML, for a reader: `any of (clock (days 1); delta band 0.5)`.
pub(super) fn words(raw: &str) -> String {
    with_value(raw, rule).unwrap_or_else(|| raw.to_owned())
}

/// Which clocks of a rule strike more than once in a row of the market, and so at every row.
pub(super) fn too_fine(raw: &str, time: &[Timestamp]) -> Option<String> {
    let steps = time.windows(2).map(|pair| pair[1].millis() - pair[0].millis());
    let step = steps.min()?;
    let fine = with_value(raw, |value| finer_than(value, step)).unwrap_or_default();
    (!fine.is_empty()).then(|| {
        format!("{} asks at every row: the market's rows are no closer than that", fine.join(", "))
    })
}

fn with_value<T>(raw: &str, read: impl FnOnce(&DeValue<'_>) -> T) -> Option<T> {
    let line = format!("rule = {raw}");
    let table = DeTable::parse(&line).ok()?;
    table.get_ref().get("rule").map(|value| read(value.get_ref()))
}

fn rule(value: &DeValue<'_>) -> String {
    let pair = |key: &str, value: &DeValue<'_>| {
        let name = spoken(key);
        match (key, value) {
            ("all" | "any", DeValue::Array(rules)) => {
                let rules: Vec<String> = rules.iter().map(|one| rule(one.get_ref())).collect();
                format!("{name} of ({})", rules.join("; "))
            }
            (_, DeValue::Table(table)) => {
                let pairs = table.iter();
                let inner: Vec<String> =
                    pairs.map(|(key, value)| said(key.get_ref(), value.get_ref())).collect();
                format!("{name} ({})", inner.join(", "))
            }
            _ => said(key, value),
        }
    };
    match value {
        DeValue::String(name) => spoken(name),
        DeValue::Table(table) => {
            let pairs = table.iter();
            let all: Vec<String> =
                pairs.map(|(key, value)| pair(key.get_ref(), value.get_ref())).collect();
            all.join(", ")
        }
        other => toml_value(other),
    }
}

/// A parameter and what it is set to.
fn said(key: &str, value: &DeValue<'_>) -> String {
    let name = spoken(key);
    match value {
        DeValue::Table(_) => format!("{name} ({})", rule(value)),
        DeValue::String(text) => format!("{name} {}", spoken(text)),
        DeValue::Array(values) => {
            let values: Vec<String> = values.iter().map(|one| rule(one.get_ref())).collect();
            format!("{name} {}", values.join(" and "))
        }
        other => format!("{name} {}", toml_value(other)),
    }
}

fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

/// The clocks and hours of the day in a rule with more than one strike to so many milliseconds.
fn finer_than(value: &DeValue<'_>, step: i64) -> Vec<String> {
    match value {
        DeValue::Array(rules) => {
            rules.iter().flat_map(|rule| finer_than(rule.get_ref(), step)).collect()
        }
        DeValue::Table(table) => {
            let pairs = table.iter().map(|(key, value)| (key.get_ref().as_ref(), value.get_ref()));
            pairs.flat_map(|(key, value)| finer(key, value, step)).collect()
        }
        _ => Vec::new(),
    }
}

fn finer(key: &str, value: &DeValue<'_>, step: i64) -> Vec<String> {
    #[expect(clippy::cast_precision_loss, reason = "a step of rows")]
    let days = step as f64 / MILLIS_PER_DAY as f64;
    let number = |name: &str| -> Option<f64> {
        let value = value.as_table()?.get(name)?;
        toml_value(value.get_ref()).parse().ok()
    };
    let is_finer = match key {
        "clock" => number("days")
            .or(number("hours").map(|hours| hours / 24.0))
            .is_some_and(|every| every > 0.0 && every < days),
        // At daily rows an hour of the day is reached at each of them.
        "end_of_day" => days >= 1.0,
        _ => return finer_than(value, step),
    };
    if is_finer { vec![format!("`{key}`")] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_said_in_words() {
        for (raw, expected) in [
            ("\"every_row\"", "every row"),
            ("{ delta_band = 0.5 }", "delta band 0.5"),
            ("{ clock = { days = 3 } }", "clock (days 3)"),
            (
                "{ asymmetric_band = { down = 1.0, up = 1.5 } }",
                "asymmetric band (down 1.0, up 1.5)",
            ),
            (
                "{ any = [{ clock = { days = 7 } }, { not = { end_of_day = { hour_utc = 8 } } }] }",
                "any of (clock (days 7); not (end of day (hour utc 8)))",
            ),
            (
                "{ whalley_wilmott = { delta_cap = { coins = 0.5, quantity = 10 } } }",
                "whalley wilmott (delta cap (coins 0.5, quantity 10))",
            ),
        ] {
            assert_eq!(words(raw), expected, "{raw}");
        }
    }

    #[test]
    fn a_clock_finer_than_the_rows_is_told() {
        let days = |every: i64| -> Vec<Timestamp> {
            (0..4).map(|k| Timestamp::from_millis(k * every)).collect()
        };
        let (hourly, daily) = (days(MILLIS_PER_DAY / 24), days(MILLIS_PER_DAY));
        let clock = "{ any = [{ clock = { hours = 1.5 } }, { delta_band = 0.1 }] }";
        assert_eq!(too_fine(clock, &hourly), None);
        assert!(too_fine(clock, &daily).unwrap().starts_with("`clock` asks at every row"));
        let hour = "{ end_of_day = { hour_utc = 5 } }";
        assert_eq!(too_fine(hour, &hourly), None);
        assert!(too_fine(hour, &daily).unwrap().contains("`end_of_day`"));
        assert_eq!(too_fine("\"every_row\"", &daily), None);
    }
}
