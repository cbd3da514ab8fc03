//! An option chain as a table of the canonical schema `chain/1`, which the usual names of columns read back.

use hedgerow_core::{Cells, Column, OptionKind, PaidIn, Quote, Table};

use super::ChainSeries;

/// The schema and its version.
pub(crate) const SCHEMA: &str = "chain/1";

/// Every quote of a chain, in the order of time: instants UTC, prices in the currency of payment, vols as fractions,
/// forwards and index in USD per coin. Whatever is unknown is empty.
pub(crate) fn table(series: &ChainSeries) -> Table {
    let numbers =
        |of: fn(&Quote) -> Option<f64>| Cells::Maybe(series.quotes.iter().map(of).collect());
    let contract = |quote: &Quote| &series.contracts[quote.contract];
    let names = Cells::Names {
        names: series.contracts.iter().map(|contract| contract.name.clone()).collect(),
        index: series.quotes.iter().map(|quote| index(quote.contract)).collect(),
    };
    let kinds = Cells::Names {
        names: [OptionKind::Call, OptionKind::Put].map(|kind| kind.name().to_owned()).to_vec(),
        index: series
            .quotes
            .iter()
            .map(|quote| u32::from(contract(quote).kind == OptionKind::Put))
            .collect(),
    };
    let paid = match series.paid_in {
        PaidIn::Coin => "coins",
        PaidIn::Usd => "USD",
    };
    let time = Cells::Time(series.quotes.iter().map(|quote| quote.time).collect());
    let expiry = Cells::Time(series.quotes.iter().map(|quote| contract(quote).expiry).collect());
    let strike = Cells::Numbers(series.quotes.iter().map(|quote| contract(quote).strike).collect());
    let column =
        |name: &str, unit, about, cells| Column { name: name.to_owned(), unit, about, cells };
    Table {
        columns: vec![
            column("time", "UTC", "instant at which it was said", time),
            column("instrument", "1", "the option as its venue calls it", names),
            column("kind", "1", "call or put", kinds),
            column("strike", "USD", "per coin", strike),
            column("expiry", "UTC", "instant of expiry", expiry),
            column("bid", paid, "best bid; empty: nobody bids", numbers(|quote| quote.bid)),
            column("ask", paid, "best ask; empty: nobody offers", numbers(|quote| quote.ask)),
            column("mark", paid, "mark price of the venue", numbers(|quote| quote.mark)),
            column(
                "mark_vol",
                "1",
                "vol of the mark, annualised fraction",
                numbers(|quote| quote.mark_vol),
            ),
            column(
                "forward",
                "USD",
                "forward of the expiry, per coin",
                numbers(|quote| quote.forward),
            ),
            column("index", "USD", "index price of the coin", numbers(|quote| quote.index)),
            column("delta", "coins", "as the venue displays it", numbers(|quote| quote.delta)),
            column(
                "open_interest",
                "contracts",
                "open contracts",
                numbers(|quote| quote.open_interest),
            ),
        ],
    }
}

fn index(contract: usize) -> u32 {
    u32::try_from(contract).expect("a chain has fewer than four thousand million options")
}

#[cfg(test)]
mod tests {
    use hedgerow_core::Timestamp;

    use super::super::{Book, Reader, Wanted, join, mapped};
    use super::*;
    use crate::read::head_of;
    use crate::read::unpack::{Opened, open_each};
    use crate::source::{SeriesKind, SeriesSpec};

    fn read(opened: &Opened, paid_in: Option<PaidIn>) -> ChainSeries {
        let wanted = [Wanted { asset: "BTC".to_owned(), paid_in, instrument: None }];
        let mut reader = Reader::new(&wanted);
        let head = head_of(opened).unwrap();
        let spec = SeriesSpec::new(SeriesKind::OptionChain, "BTC", "x");
        let plan = mapped(&opened.name, &spec, &head).unwrap();
        reader.push(opened, &head, (&plan, "csv")).unwrap();
        let books: Vec<Book> = reader.books;
        join(books, None).unwrap()
    }

    #[test]
    fn what_is_written_is_read_back_bit_for_bit() {
        let text = "time,instrument,bid,ask,mark,mark_vol,forward,index,delta,open_interest
2026-02-05T01:29:37.885Z,BTC-24APR26-88000-C,0.0185,,0.020192,0.59880000000000001,64195.9,64000.1,0.15732,226.4
2026-02-05T01:29:37.885Z,BTC-6FEB26-64000-P,0.012,0.0135,0.0125,0.6,64100,64000.1,-0.48,1
2026-02-05T07:29:37.885Z,BTC-6FEB26-64000-P,0.012,0.0135,,0.3,64100,,,0
";
        let series = read(&Opened::text("x.csv", text.into()), None);
        assert_eq!((SCHEMA, series.quotes.len()), ("chain/1", 3));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("chain.parquet");
        crate::write_parquet(&table(&series), &path).unwrap();
        let mut again = None;
        open_each(&path, &path, &mut |opened| {
            again = Some(read(&opened, None));
            Ok(())
        })
        .unwrap();
        let again = again.unwrap();
        assert_eq!(again.contracts, series.contracts);
        assert_eq!(again.quotes, series.quotes);
        assert_eq!(again.quotes[0].time, Timestamp::parse("2026-02-05T01:29:37.885Z").unwrap());
    }
}
