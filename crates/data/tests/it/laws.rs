//! Laws of loading, on arbitrary files.

use std::fmt::Write;

use hedgerow_core::Market;
use proptest::prelude::*;

use crate::{folder_with, load_in};

const SPOT: &str = r#"series = [{ is = "spot", asset = "BTC", path = "x.csv", bar = "end" }]"#;

/// One bar: stamp, open, high, low, close.
type Bar = [i64; 5];

fn bars() -> impl Strategy<Value = Vec<Bar>> {
    let bar = (1_i64..3, 10_i64..90, 10_i64..90);
    prop::collection::vec(bar, 6..30).prop_map(|bars| {
        let mut stamp = 1_704_067_200;
        let next = |(hours, open, close): (i64, i64, i64)| {
            stamp += 3600 * hours;
            [stamp, open, open.max(close) + 1, open.min(close) - 1, close]
        };
        bars.into_iter().map(next).collect()
    })
}

fn text(bars: &[Bar]) -> String {
    let mut text = "time,open,high,low,close\n".to_owned();
    for [stamp, open, high, low, close] in bars {
        writeln!(text, "{stamp},{open},{high},{low},{close}").unwrap();
    }
    text
}

fn market(content: &str, market: &str) -> Market {
    load_in(folder_with("x.csv", content).path(), market).unwrap().market
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The order of rows and repeated rows do not matter.
    #[test]
    fn permuted_and_repeated_rows_load_to_the_same_market(
        (bars, shuffled) in bars().prop_flat_map(|bars| {
            let twice: Vec<Bar> = bars.iter().chain(&bars[..bars.len() / 2]).copied().collect();
            (Just(bars), Just(twice).prop_shuffle())
        }),
    ) {
        prop_assert_eq!(market(&text(&bars), SPOT), market(&text(&shuffled), SPOT));
    }

    /// Rows that are appended later change nothing before them, whatever the grid.
    #[test]
    fn later_rows_do_not_change_earlier_ones(bars in bars(), grid in prop::sample::select(vec!["", "grid = \"2h\""])) {
        let market_of = |bars: &[Bar]| {
            let table = format!("staleness = \"9h\"\n{grid}\n{SPOT}").replace("bar = \"end\"", "bar = \"end\", step = \"1h\"");
            market(&text(bars), &table)
        };
        let (whole, part) = (market_of(&bars), market_of(&bars[..bars.len() - 1]));
        prop_assert_eq!(whole.slice(0..part.n_rows()), part);
    }

    /// The fast reader and the patient one agree: a cell without a meaning (`#`) sends the file to the patient one.
    #[test]
    fn both_readers_agree(bars in bars()) {
        let clean = text(&bars);
        let odd = format!("{clean}1704067200,#,1,1,1\n");
        prop_assert_eq!(market(&clean, SPOT), market(&odd, SPOT));
    }
}
