//! A line of options with its holdings: programmes and fills alike.

use hedgerow_core::Market;

use crate::book::BookLine;
use crate::schedule::{Holding, schedule};
use crate::{GreeksError, OptionKind, PaidIn, VolMarks};

/// What a line of the book holds, and when.
#[derive(Debug)]
pub(crate) struct Scheduled<'a> {
    pub(crate) line: &'a BookLine,
    pub(crate) asset: usize,
    pub(crate) ticker: &'a str,
    pub(crate) settlement: PaidIn,
    /// Kind and coins of each option of a holding; coins positive when bought.
    pub(crate) options: Vec<(OptionKind, f64)>,
    /// In the order of time.
    pub(crate) holdings: Vec<Holding>,
}

impl<'a> Scheduled<'a> {
    /// The holdings of a line; `None` for coins held outright. `marks` are those of the line's asset.
    pub(crate) fn new(
        line: &'a BookLine,
        market: &Market,
        marks: &VolMarks,
        rate: f64,
    ) -> Result<Option<Self>, GreeksError> {
        let (settlement, ticker, options, holdings) = match line {
            BookLine::Spot { .. } => return Ok(None),
            BookLine::Options(of) => {
                let options = of.programme.options.iter();
                let options = options.map(|rule| (rule.kind, of.coins * rule.coins)).collect();
                (of.settlement, &of.ticker, options, schedule(of, market, marks, rate)?)
            }
            // The coins of each row stand in the holdings.
            BookLine::Fills(of) => {
                (of.settlement, &of.ticker, vec![(of.kind, 1.0)], of.schedule(market, marks, rate)?)
            }
        };
        Ok(Some(Self { line, asset: line.asset(), ticker, settlement, options, holdings }))
    }
}
