//! A rule in words.

use toml::de::{DeTable, DeValue};

use crate::write::toml_value;

/// A rule as typed, in canonical TOML, for a reader: `any of (clock (days 1); delta band 0.5)`.
pub(super) fn words(raw: &str) -> String {
    let line = format!("rule = {raw}");
    let table = DeTable::parse(&line).ok();
    let said = table.as_ref().and_then(|table| table.get_ref().get("rule"));
    said.map_or_else(|| raw.to_owned(), |value| rule(value.get_ref()))
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
}
