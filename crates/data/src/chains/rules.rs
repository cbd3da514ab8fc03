//! What can be wrong with one quote, and what is done about it.

use hedgerow_core::{Defect, OptionContract, OptionKind, PaidIn, Quote, Severity, Timestamp};

use crate::findings::{Findings, Seen};

/// How far an ask may lie below what the option is worth if exercised, and a bid or a mark above the most that it can be
/// worth, as a part of the coin: one tick of Deribit's options. Forward and ask of a row are not taken at quite the same
/// instant.
const TICK: f64 = 0.0005;

/// How far a mark may lie below what the option is worth if exercised, as a part of the coin and of the strike in coins.
/// A guess: rows of real snapshots are up to 2.7 % of the index apart.
const APART: f64 = 0.03;

/// A forward this many times the index price, or less than the inverse of it, is another coin's.
const MOST_CARRY: f64 = 2.0;

/// A forward or index this many times the strike, or less than the inverse of it, is another coin's.
const FARTHEST_STRIKE: f64 = 1e2;

/// Vols above it are wrong in any unit.
const WILD_VOL: f64 = 1e3;

/// Repairs of less than this part of the quotes are a note; more would change results.
const FEW: f64 = 0.01;

/// What was found in the quotes of one chain, counted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    pub(crate) n_quotes: usize,
    seen: [Count; Remark::ALL.len()],
}

#[derive(Debug, Clone, Default, PartialEq)]
struct Count {
    count: usize,
    first: Option<Timestamp>,
    /// The earliest in the words of its file, where it is worth a look.
    example: Option<String>,
}

/// A remark on a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remark {
    NoBid,
    NoAsk,
    NoMark,
    NoVol,
    NoForward,
    Crossed,
    BelowIntrinsic,
    AboveMost,
    WildMark,
    WildVol,
    WildForward,
    Expired,
    Negative,
    Synthetic,
    FromIndex,
}

impl Remark {
    const ALL: [Self; 15] = [
        Self::NoBid,
        Self::NoAsk,
        Self::NoMark,
        Self::NoVol,
        Self::NoForward,
        Self::Crossed,
        Self::BelowIntrinsic,
        Self::AboveMost,
        Self::WildMark,
        Self::WildVol,
        Self::WildForward,
        Self::Expired,
        Self::Negative,
        Self::Synthetic,
        Self::FromIndex,
    ];

    const fn defect(self) -> Defect {
        match self {
            Self::NoBid | Self::NoAsk | Self::NoMark | Self::NoVol => Defect::NoQuote,
            Self::NoForward | Self::Synthetic | Self::FromIndex => Defect::Forward,
            Self::Crossed
            | Self::BelowIntrinsic
            | Self::AboveMost
            | Self::WildMark
            | Self::WildVol
            | Self::WildForward
            | Self::Expired
            | Self::Negative => Defect::BadValue,
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::NoBid => "quotes have no bid",
            Self::NoAsk => "quotes have no ask",
            Self::NoMark => "quotes have no mark, or one of 0",
            Self::NoVol => "quotes have no vol of the mark",
            Self::NoForward => "quotes have no forward",
            Self::Crossed => "quotes have a bid above their ask; neither is used",
            Self::BelowIntrinsic => {
                "asks are more than a tick below the value at exercise and are taken as no quote"
            }
            Self::AboveMost => {
                "bids are more than a tick above the most that the option can be worth and are taken as no quote"
            }
            Self::WildMark => {
                "marks are outside of what the option can be worth and are taken as no quote"
            }
            Self::WildVol => "vols are above 100,000 % and are taken as no vol",
            Self::WildForward => {
                "forwards are more than twice the index price or less than half of it, or out of all proportion to the \
                 strike, and are taken as no forward"
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
        let is_repair = self.defect() == Defect::BadValue || matches!(self, Self::NoForward);
        if is_repair && part > FEW { Severity::Warning } else { Severity::Note }
    }
}

impl Tally {
    /// Counts a remark of which the place says nothing.
    pub(crate) fn add(&mut self, remark: Remark, time: Timestamp) {
        self.count(remark, time);
    }

    /// Counts a remark; answers the place for its example where it is the earliest so far.
    fn count(&mut self, remark: Remark, time: Timestamp) -> Option<&mut Option<String>> {
        let count = &mut self.seen[remark as usize];
        count.count += 1;
        let is_earliest = count.first.is_none_or(|first| time < first);
        is_earliest.then(|| {
            count.first = Some(time);
            &mut count.example
        })
    }

    /// Counts a remark that is worth a look.
    pub(crate) fn show(&mut self, remark: Remark, time: Timestamp, example: impl Fn() -> String) {
        if let Some(place) = self.count(remark, time) {
            *place = Some(example());
        }
    }

    /// Quotes that were dropped because their option had expired, and the earliest of them.
    pub(crate) fn expired(&self) -> (usize, Option<&str>) {
        let count = &self.seen[Remark::Expired as usize];
        (count.count, count.example.as_deref())
    }

    /// Takes over the counts of another part.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.n_quotes += other.n_quotes;
        for (ours, theirs) in self.seen.iter_mut().zip(&other.seen) {
            ours.count += theirs.count;
            let is_earlier = |time: Timestamp| ours.first.is_none_or(|first| time < first);
            if theirs.first.is_some_and(is_earlier) {
                ours.first = theirs.first;
                ours.example.clone_from(&theirs.example);
            }
        }
    }

    /// The counts as findings.
    #[expect(clippy::cast_precision_loss, reason = "a part of a count needs no 53 bits")]
    pub(crate) fn report(&self, findings: &mut Findings) {
        for remark in Remark::ALL {
            let Count { count, first, example } = &self.seen[remark as usize];
            findings.add(Seen {
                defect: remark.defect(),
                severity: remark.severity(*count as f64 / self.n_quotes.max(1) as f64),
                count: *count,
                first: *first,
                what: format!("{{n}} {}", remark.what()).into(),
                example: example.clone(),
            });
        }
    }
}

/// What a quote is about, and where it stands.
pub(crate) struct Line<'a> {
    pub(crate) contract: &'a OptionContract,
    pub(crate) paid_in: PaidIn,
    /// `` `chain.csv` line 7 ``.
    pub(crate) place: &'a dyn Fn() -> String,
}

/// What an option can be worth, in the currency of payment.
struct Worth {
    /// If it were exercised now.
    exercised: f64,
    /// At most: a call never more than the coin, a put never more than its strike.
    most: f64,
    /// One coin.
    coin: f64,
    /// The greater of one coin and the strike.
    size: f64,
}

impl Line<'_> {
    fn example(&self, what: &str) -> String {
        let OptionContract { name, strike, expiry, .. } = self.contract;
        format!("{}: {name} (strike {strike:?}, expiry {expiry}): {what}", (self.place)())
    }

    fn worth(&self, forward: f64) -> Worth {
        let OptionContract { kind, strike, .. } = *self.contract;
        let unit = match self.paid_in {
            PaidIn::Usd => 1.0,
            PaidIn::Coin => forward,
        };
        let (coin, strike_in) = (forward / unit, strike / unit);
        let most = if kind == OptionKind::Call { coin } else { strike_in };
        Worth {
            exercised: kind.payoff(forward, strike) / unit,
            most,
            coin,
            size: coin.max(strike_in),
        }
    }

    /// Mark over a rough value, for options near the money: far from 1 where the mark is in another currency than the chain
    /// pays. The rough value is what exercise brings plus `0.4 F vol sqrt(years)` (Brenner and Subrahmanyam, 1988, for an
    /// option at the money).
    pub(crate) fn mark_ratio(&self, quote: &Quote) -> Option<f64> {
        let positive = |number: Option<f64>| number.filter(|number| *number > 0.0);
        let mark = positive(quote.mark)?;
        let vol = positive(quote.mark_vol).filter(|vol| *vol <= WILD_VOL)?;
        let forward = positive(quote.forward)?;
        let OptionContract { kind, strike, expiry, .. } = *self.contract;
        let deviation = vol * expiry.years_since(quote.time).max(0.0).sqrt();
        let is_near = (strike / forward).ln().abs() < deviation;
        let rough = kind.payoff(forward, strike) + 0.4 * forward * deviation;
        let unit = if self.paid_in == PaidIn::Coin { forward } else { 1.0 };
        is_near.then_some(mark * unit / rough)
    }
}

/// Applies the rules to a quote of which NaN is unknown; `None` when it is dropped.
///
/// A bid above its ask stays beside it: whoever uses both must look ([`Quote::sides`]).
pub(crate) fn judged(mut quote: Quote, line: &Line<'_>, tally: &mut Tally) -> Option<Quote> {
    tally.n_quotes += 1;
    let time = quote.time;
    if time >= line.contract.expiry {
        tally.show(Remark::Expired, time, || line.example(&format!("stamped {time}")));
        return None;
    }
    let fields = [
        ("bid", &mut quote.bid),
        ("ask", &mut quote.ask),
        ("mark", &mut quote.mark),
        ("vol", &mut quote.mark_vol),
        ("forward", &mut quote.forward),
        ("index", &mut quote.index),
    ];
    for (name, field) in fields {
        if let Some(found) = field.filter(|number| *number < 0.0) {
            let what = || line.example(&format!("{name} {found:?}"));
            tally.show(Remark::Negative, time, what);
        }
        *field = field.filter(|number| *number > 0.0);
    }
    judge_vol_and_forward(&mut quote, line, tally);
    judge_prices(&mut quote, line, tally);
    Some(quote)
}

/// Figures that are out of all proportion to what the contract tells.
fn judge_vol_and_forward(quote: &mut Quote, line: &Line<'_>, tally: &mut Tally) {
    let time = quote.time;
    if let Some(vol) = quote.mark_vol.filter(|vol| *vol > WILD_VOL) {
        tally.show(Remark::WildVol, time, || line.example(&format!("vol {vol:?}")));
        quote.mark_vol = None;
    }
    let is_far = |a: f64, b: f64, factor: f64| a > factor * b || b > factor * a;
    let Some(forward) = quote.forward else { return };
    let index = quote.index;
    if is_far(forward, line.contract.strike, FARTHEST_STRIKE)
        || index.is_some_and(|index| is_far(forward, index, MOST_CARRY))
    {
        let beside = index.map_or_else(String::new, |index| format!(", index {index:?}"));
        let what = || line.example(&format!("forward {forward:?}{beside}"));
        tally.show(Remark::WildForward, time, what);
        quote.forward = None;
    }
}

/// Prices against each other and against what the option can be worth.
fn judge_prices(quote: &mut Quote, line: &Line<'_>, tally: &mut Tally) {
    let time = quote.time;
    if let (Some(bid), Some(ask), true) = (quote.bid, quote.ask, quote.is_crossed()) {
        let what = || line.example(&format!("bid {bid:?}, ask {ask:?}"));
        tally.show(Remark::Crossed, time, what);
    }
    let Some(forward) = quote.forward else { return };
    let Worth { exercised, most, coin, size } = line.worth(forward);
    let at = |what: &str, price: f64| {
        line.example(&format!("{what} {price:?} at a forward of {forward:?}"))
    };
    if let Some(ask) = quote.ask.filter(|ask| *ask < exercised - TICK * coin) {
        tally.show(Remark::BelowIntrinsic, time, || at("ask", ask));
        quote.ask = None;
    }
    if let Some(bid) = quote.bid.filter(|bid| *bid > most + TICK * coin) {
        tally.show(Remark::AboveMost, time, || at("bid", bid));
        quote.bid = None;
    }
    let is_wild = |mark: &f64| *mark > most + TICK * coin || *mark < exercised - APART * size;
    if let Some(mark) = quote.mark.filter(is_wild) {
        tally.show(Remark::WildMark, time, || at("mark", mark));
        quote.mark = None;
    }
}

#[cfg(test)]
mod tests {
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
        let place = || "`x.csv` line 7".to_owned();
        let line = Line { contract: &contract, paid_in: PaidIn::Coin, place: &place };
        let mut judge = |quote| judged(quote, &line, &mut tally);
        let good = judge(quote(0.1, 0.11, 1)).unwrap();
        assert_eq!((good.bid, good.ask, good.mark), (Some(0.1), Some(0.11), None));
        assert_eq!((good.delta, good.open_interest), (Some(0.0), Some(0.0)), "0 is an answer");
        let crossed = judge(quote(0.12, 0.11, 2)).unwrap();
        assert_eq!((crossed.bid, crossed.ask, crossed.sides()), (Some(0.12), Some(0.11), None));
        assert_eq!(judge(quote(0.09, 0.0996, 3)).unwrap().ask, Some(0.0996), "within a tick");
        assert_eq!(judge(quote(0.09, 0.0994, 4)).unwrap().ask, None);
        assert_eq!(judge(quote(-0.1, 0.11, 5)).unwrap().bid, None);
        assert_eq!(judge(quote(0.1, 0.11, 50)), None, "expired");
        assert_eq!(
            judge(quote(1.0006, 1.1, 6)).unwrap().bid,
            None,
            "no call is worth more than a coin"
        );
        let marked = |mark| Quote { mark: Some(mark), ..quote(0.1, 0.11, 7) };
        assert_eq!(judge(marked(0.08)).unwrap().mark, Some(0.08), "as far as rows are apart");
        assert_eq!(judge(marked(0.06)).unwrap().mark, None);
        assert_eq!(judge(marked(1.5)).unwrap().mark, None);
        let vol = |vol| Quote { mark_vol: Some(vol), ..quote(0.1, 0.11, 8) };
        assert_eq!(judge(vol(1e300)).unwrap().mark_vol, None);
        let index =
            |forward| Quote { index: Some(100.0), forward: Some(forward), ..quote(0.55, 0.56, 9) };
        assert_eq!(judge(index(190.0)).unwrap().forward, Some(190.0));
        assert_eq!(judge(index(210.0)).unwrap().forward, None);
        let mut findings = Findings::default();
        tally.report(&mut findings);
        let found: Vec<String> =
            findings.into_parts().0.into_iter().map(|finding| finding.detail).collect();
        let first = "first: `x.csv` line 7: X (strike 90.0, expiry 1970-01-01T00:00:00.050Z):";
        for (n, expected) in [
            (0, "1 quotes have a bid above their ask; neither is used; FIRST bid 0.12, ask 0.11"),
            (
                1,
                "1 asks are more than a tick below the value at exercise and are taken as no quote; FIRST ask 0.0994 at a forward of 100.0",
            ),
            (
                2,
                "1 bids are more than a tick above the most that the option can be worth and are taken as no quote; FIRST bid 1.0006 at a forward of 100.0",
            ),
            (
                3,
                "2 marks are outside of what the option can be worth and are taken as no quote; FIRST mark 0.06 at a forward of 100.0",
            ),
            (4, "1 vols are above 100,000 % and are taken as no vol; FIRST vol 1e300"),
            (
                6,
                "1 quotes are stamped at or after the expiry of their option and are dropped; FIRST stamped 1970-01-01T00:00:00.050Z",
            ),
            (7, "1 negative prices or vols are taken as no quote; FIRST bid -0.1"),
        ] {
            assert_eq!(found[n], expected.replace("FIRST", first));
        }
        assert!(found[5].ends_with("forward 210.0, index 100.0"), "{}", found[5]);
        assert_eq!(found.len(), 8);
    }
}
