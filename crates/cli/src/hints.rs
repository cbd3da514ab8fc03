//! What a message tells to do, in what the user of a command can type: options instead of a scenario's keys.

/// Keys of a scenario's series with the options of the commands that take files.
const OPTIONS: [(&str, &str); 10] = [
    ("asset", "--asset"),
    ("bar", "--bar"),
    ("columns", "--columns"),
    ("format", "--format"),
    ("instrument", "--instrument"),
    ("is", "--is"),
    ("step", "--step"),
    ("time_unit", "--time-unit"),
    ("time_zone", "--time-zone"),
    ("unit", "--unit"),
];

/// Words before a key alone that is to be set; after others it may be the name of a column.
const ADVICE: [&str; 5] = ["with ", "set ", "declare ", "by ", "declare its "];

/// A message with `` `key = "value"` `` as `--key value`, and `` `key` `` that is to be set as `--key`. `more` are pairs as
/// in [`OPTIONS`] that one command alone has.
pub(crate) fn as_options(message: &str, more: &[(&str, &str)]) -> String {
    let mut text = String::with_capacity(message.len());
    for (index, part) in message.split('`').enumerate() {
        // Between an odd tick and the next stands something quoted.
        if index % 2 == 0 {
            text.push_str(part);
            continue;
        }
        let is_advised = ADVICE.iter().any(|words| text.ends_with(words));
        match option(part, is_advised, more) {
            Some(option) => text.push_str(&option),
            None => text.push_str(&format!("`{part}`")),
        }
    }
    text
}

fn option(quoted: &str, is_advised: bool, more: &[(&str, &str)]) -> Option<String> {
    let (key, value) = match quoted.split_once(" = ") {
        Some((key, value)) => (key, Some(value)),
        None => (quoted, None),
    };
    let known = OPTIONS.iter().chain(more).find(|(known, _)| *known == key)?.1;
    match value {
        Some(value) => Some(format!("{known} {}", typed(value))),
        None => is_advised.then(|| known.to_owned()),
    }
}

/// A value as one types it after an option: `"start"` as `start`, `{ close = "x", time = "t" }` as `close=x,time=t`.
fn typed(value: &str) -> String {
    let bare = value.trim_matches(|letter| "{} ".contains(letter));
    let pairs = bare.split(", ").map(|pair| pair.replace(" = ", "=").replace('"', ""));
    pairs.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_options() {
        for (message, expected) in [
            (
                "the files hold options on BTC and ETH; choose one with `asset`",
                "the files hold options on BTC and ETH; choose one with --asset",
            ),
            (
                "`a.csv` holds bars: declare what its labels are with `bar = \"start\"` or `bar = \"end\"`",
                "`a.csv` holds bars: declare what its labels are with --bar start or --bar end",
            ),
            (
                "declare it with `columns = { close = \"…\" }`; it has: x",
                "declare it with --columns close=…; it has: x",
            ),
            ("declare `columns = { time = \"column_1\", … }`", "declare --columns time=column_1,…"),
            ("`a.csv` has no column `unit`", "`a.csv` has no column `unit`"),
            ("set `paid_in`, or correct", "set --settlement, or correct"),
            ("set `paid_in = \"usd\"`; else", "set --settlement usd; else"),
            ("allow it with `max_gap = \"3d\"`", "allow it with `max_gap = \"3d\"`"),
        ] {
            assert_eq!(as_options(message, &[("paid_in", "--settlement")]), expected);
        }
    }
}
