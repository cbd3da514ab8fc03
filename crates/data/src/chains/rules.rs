//! What can be wrong with one quote, and what is done about it.

use hedgerow_core::{Defect, OptionContract, PaidIn, Quote, Severity, Timestamp};

use crate::findings::{Findings, Seen};

/// How far an ask may lie below what the option is worth if exercised, as a part of the coin: one tick of Deribit's options.
/// Forward and ask of a row are not taken at quite the same instant.
const TICK: f64 = 0.0005;

/// Repairs of less than this part of the quotes are a note; more would change results.
const FEW: f64 = 0.01;

/// What was found in the quotes of one chain, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) n_quotes: usize,
    seen: [Count; Remark::ALL.len()],
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Count {
    count: usize,
    first: Option<Timestamp>,
}

/// A remark on a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remark {
    NoBid,
    NoAsk,
    NoMark,
    NoVol,
    Crossed,
    BelowIntrinsic,
    Expired,
    Negative,
    Synthetic,
    FromIndex,
}

impl Remark {
    const ALL: [Self; 10] = [
        Self::NoBid,
        Self::NoAsk,
        Self::NoMark,
        Self::NoVol,
        Self::Crossed,
        Self::BelowIntrinsic,
        Self::Expired,
        Self::Negative,
        Self::Synthetic,
        Self::FromIndex,
    ];

    const fn defect(self) -> Defect {
        match self {
            Self::NoBid | Self::NoAsk | Self::NoMark | Self::NoVol => Defect::NoQuote,
            Self::Synthetic | Self::FromIndex => Defect::Forward,
            Self::Crossed | Self::BelowIntrinsic | Self::Expired | Self::Negative => {
                Defect::BadValue
            }
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::NoBid => "quotes have no bid",
            Self::NoAsk => "quotes have no ask",
            Self::NoMark => "quotes have no mark, or one of 0",
            Self::NoVol => "quotes have no vol of the mark",
            Self::Crossed => "quotes have a bid above their ask; both are taken as no quote",
            Self::BelowIntrinsic => {
                "asks are more than a tick below the value at exercise and are taken as no quote"
            }
            Self::Expired => {
                "quotes are stamped at or after the expiry of their option and are dropped"
            }
            Self::Negative => "negative prices or vols are taken as no quote",
            Self::Synthetic => {
                "forwards are made up by the venue (`SYN.`), for want of a future of that expiry"
            }
            Self::FromIndex => "forwards are the index price, for want of a future of that expiry",
        }
    }

    /// Repairs change results when there are many of them; the rest is how chains are.
    fn severity(self, part: f64) -> Severity {
        match self {
            Self::Crossed | Self::BelowIntrinsic | Self::Expired | Self::Negative if part > FEW => {
                Severity::Warning
            }
            _ => Severity::Note,
        }
    }
}

impl Tally {
    /// Counts a remark.
    pub(crate) fn add(&mut self, remark: Remark, time: Timestamp) {
        let count = &mut self.seen[remark as usize];
        count.count += 1;
        if count.first.is_none_or(|first| time < first) {
            count.first = Some(time);
        }
    }

    /// Quotes that were dropped because their option had expired.
    pub(crate) fn n_expired(&self) -> usize {
        self.seen[Remark::Expired as usize].count
    }

    /// Takes over the counts of another part.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.n_quotes += other.n_quotes;
        for (ours, theirs) in self.seen.iter_mut().zip(&other.seen) {
            ours.count += theirs.count;
            ours.first = ours.first.into_iter().chain(theirs.first).min();
        }
    }

    /// The counts as findings.
    #[expect(clippy::cast_precision_loss, reason = "a part of a count needs no 53 bits")]
    pub(crate) fn report(&self, findings: &mut Findings) {
        for remark in Remark::ALL {
            let Count { count, first } = self.seen[remark as usize];
            findings.add(Seen {
                defect: remark.defect(),
                severity: remark.severity(count as f64 / self.n_quotes.max(1) as f64),
                count,
                first,
                what: format!("{{n}} {}", remark.what()).into(),
                example: None,
            });
        }
    }
}

/// Applies the rules to a quote of which NaN is unknown; `None` when it is dropped.
pub(crate) fn judged(
    mut quote: Quote,
    contract: &OptionContract,
    paid_in: PaidIn,
    tally: &mut Tally,
) -> Option<Quote> {
    tally.n_quotes += 1;
    let time = quote.time;
    if time >= contract.expiry {
        tally.add(Remark::Expired, time);
        return None;
    }
    for price in [&mut quote.bid, &mut quote.ask, &mut quote.mark, &mut quote.mark_vol] {
        if price.is_some_and(|price| price < 0.0) {
            tally.add(Remark::Negative, time);
        }
        *price = price.filter(|price| *price > 0.0);
    }
    quote.forward = quote.forward.filter(|price| *price > 0.0);
    quote.index = quote.index.filter(|price| *price > 0.0);
    if quote.bid.zip(quote.ask).is_some_and(|(bid, ask)| bid > ask) {
        tally.add(Remark::Crossed, time);
        (quote.bid, quote.ask) = (None, None);
    }
    if let Some((ask, forward)) = quote.ask.zip(quote.forward) {
        let (exercised, coin) = match paid_in {
            PaidIn::Usd => (contract.kind.payoff(forward, contract.strike), forward),
            PaidIn::Coin => (contract.kind.payoff(forward, contract.strike) / forward, 1.0),
        };
        if ask < exercised - TICK * coin {
            tally.add(Remark::BelowIntrinsic, time);
            quote.ask = None;
        }
    }
    Some(quote)
}

#[cfg(test)]
mod tests {
    use hedgerow_core::OptionKind;

    use super::*;

    fn quote(bid: f64, ask: f64, time: i64) -> Quote {
        Quote {
            time: Timestamp::from_millis(time),
            contract: 0,
            bid: Some(bid),
            ask: Some(ask),
            mark: Some(0.0),
            mark_vol: Some(0.5),
            forward: Some(100.0),
            index: None,
            delta: Some(0.0),
            open_interest: Some(0.0),
        }
    }

    #[test]
    fn each_rule_by_itself() {
        let contract = OptionContract {
            name: "X".to_owned(),
            kind: OptionKind::Call,
            strike: 90.0,
            expiry: Timestamp::from_millis(50),
        };
        let mut tally = Tally::default();
        let mut judge = |quote| judged(quote, &contract, PaidIn::Coin, &mut tally);
        let good = judge(quote(0.1, 0.11, 1)).unwrap();
        assert_eq!((good.bid, good.ask, good.mark), (Some(0.1), Some(0.11), None));
        assert_eq!((good.delta, good.open_interest), (Some(0.0), Some(0.0)), "0 is an answer");
        let crossed = judge(quote(0.12, 0.11, 2)).unwrap();
        assert_eq!((crossed.bid, crossed.ask), (None, None));
        assert_eq!(judge(quote(0.09, 0.0996, 3)).unwrap().ask, Some(0.0996), "within a tick");
        assert_eq!(judge(quote(0.09, 0.0994, 4)).unwrap().ask, None);
        assert_eq!(judge(quote(-0.1, 0.11, 5)).unwrap().bid, None);
        assert_eq!(judge(quote(0.1, 0.11, 50)), None, "expired");
        let mut findings = Findings::default();
        tally.report(&mut findings);
        let said: Vec<_> = findings.into_parts().0.iter().map(|finding| finding.count).collect();
        assert_eq!(said, [1, 1, 1, 1]);
    }
}
