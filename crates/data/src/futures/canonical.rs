//! Futures as a table of the canonical schema `futures/1`, which the usual names of columns read back.

use hedgerow_core::{Cells, Column, PaidIn, Table, Timestamp};

use super::FutureSeries;

/// The schema of [`table`] and its version.
pub(crate) const SCHEMA: &str = "futures/1";

/// Prices of futures as a table of the canonical schema `futures/1`, contract after contract, each in the order of time.
/// The usual names of columns read it back; names of contracts tell expiry and currency.
pub(crate) fn table(futures: &[FutureSeries]) -> Table {
    let count = |future: &FutureSeries| future.said.len();
    let each = |of: fn(&FutureSeries) -> Option<f64>| {
        let cells =
            futures.iter().flat_map(|future| std::iter::repeat_n(of(future), count(future)));
        Cells::Maybe(cells.collect())
    };
    let index = futures
        .iter()
        .zip(0_u32..)
        .flat_map(|(future, index)| std::iter::repeat_n(index, count(future)));
    let paid_in = |future: &FutureSeries| u32::from(future.terms.paid_in == PaidIn::Coin);
    let said = || futures.iter().flat_map(|future| &future.said);
    let expiries =
        futures.iter().flat_map(|future| std::iter::repeat_n(future.expiry, count(future)));
    let column =
        |name: &str, unit, about, cells| Column { name: name.to_owned(), unit, about, cells };
    let names = Cells::Names {
        names: futures.iter().map(|future| future.name.clone()).collect(),
        index: index.collect(),
    };
    let currencies = Cells::Names {
        names: vec!["usd".to_owned(), "coin".to_owned()],
        index: futures
            .iter()
            .flat_map(|future| std::iter::repeat_n(paid_in(future), count(future)))
            .collect(),
    };
    let time = Cells::Time(said().map(|said| Timestamp::from_millis(said.time)).collect());
    let price = Cells::Numbers(said().map(|said| said.price).collect());
    let index_price = Cells::Maybe(said().map(|said| said.index).collect());
    Table {
        columns: vec![
            column("time", "UTC", "instant at which the price is known", time),
            column("instrument", "1", "the future as its venue calls it", names),
            column("price", "USD", "per coin", price),
            column("index_price", "USD", "of the coin, said with the price", index_price),
            column("expiry", "UTC", "instant of expiry", Cells::Time(expiries.collect())),
            column("paid_in", "1", "usd or coin", currencies),
            column(
                "contract_size",
                "coins, or USD where it pays coins",
                "size of one contract",
                each(|future| Some(future.terms.size)),
            ),
            column("tick", "USD", "smallest step of its price", each(|future| future.terms.tick)),
            column("lot", "contracts", "smallest step of a trade", each(|future| future.terms.lot)),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;
    use crate::read::unpack::{Opened, open_each};
    use crate::series::Limits;
    use crate::source::{SeriesKind, SeriesSpec};
    use crate::terms::TermsList;

    #[test]
    fn what_is_written_is_read_back() {
        let spec = SeriesSpec::new(SeriesKind::Future, "BTC", "x");
        let list = TermsList::default();
        let text = "time,instrument,price,index_price\n2026-02-04T00:00:00Z,BTC-6FEB26,100.5,100\n2026-02-04T00:00:00Z,BTC-27MAR26,102,\n2026-02-05T00:00:00Z,BTC-27MAR26,102.25,101\n";
        let first =
            read(&spec, |take| take(Opened::text("x.csv", text.into())), Limits::default(), &list)
                .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("futures.parquet");
        crate::write_parquet(&table(&first[0].futures), &path).unwrap();
        let again =
            read(&spec, |take| open_each(&path, &path, take), Limits::default(), &list).unwrap();
        assert_eq!(again[0].futures, first[0].futures);
        assert_eq!(first[0].futures[1].said[0].index, Some(100.0));
        assert_eq!((SCHEMA, again[0].futures.len()), ("futures/1", 2));
    }
}
