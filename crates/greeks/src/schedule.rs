//! When a line's options open and end, and at which strikes: decided row after row, from rows no later.

use std::ops::Range;

use hedgerow_core::{Agreed, Market, OptionContract, OptionTradeKind, Timestamp};

use crate::book::{Life, Listing, OptionLine};
use crate::far::{Far, is_far_expiry, is_far_strike};
use crate::input_error::moderate;
use crate::listed::{expiries, nearest_expiry, nearest_strike, quoted, strikes};
use crate::marks::{OptionTerms, Place};
use crate::strike::strike_on_smile;
use crate::{GreeksError, OptionKind, Strike, StrikeKey, VolMarks, strike_for_delta};

/// One generation of a line's options.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Holding {
    /// Row at which it opens.
    pub(crate) open: usize,
    /// Row and manner of its end; `None` while it is still held at the last row.
    pub(crate) end: Option<End>,
    /// When its options expire.
    pub(crate) expiry: Timestamp,
    /// Strikes, USD per coin, one per option of the programme.
    pub(crate) strikes: Vec<f64>,
    /// Where nothing near what is asked for is listed.
    pub(crate) far: Vec<Far>,
    /// What was really traded; `None`: bought at opening, whole and at its mark, and held unchanged to the end.
    pub(crate) deals: Option<Deals>,
}

/// The trades of a holding whose size changes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deals {
    /// Coins of underlying after each row, from that of the opening on, never 0; empty where the holding ends at the row at
    /// which it opens.
    pub(crate) coins: Vec<f64>,
    /// In the order of time; what is left at expiry settles without a deal.
    pub(crate) trades: Vec<Deal>,
}

/// A trade that was made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Deal {
    pub(crate) row: usize,
    /// Whether it adds to what is held or takes away from it.
    pub(crate) kind: OptionTradeKind,
    /// Coins of underlying, positive when bought.
    pub(crate) coins: f64,
    pub(crate) agreed: Option<Agreed>,
}

/// How a holding ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The first row at or after the planned time.
    pub(crate) row: usize,
    /// Whether the options have expired by then; otherwise they are closed at mark.
    pub(crate) expired: bool,
}

impl Holding {
    /// The rows after which the options are held.
    pub(crate) fn rows(&self, n_rows: usize) -> Range<usize> {
        self.open..self.end.map_or(n_rows, |end| end.row)
    }

    /// The rows at which the options are marked: those held, and that of an early closing.
    pub(crate) fn marked_rows(&self, n_rows: usize) -> Range<usize> {
        let held = self.rows(n_rows);
        let closing = usize::from(self.end.is_some_and(|end| !end.expired));
        held.start..held.end + closing
    }
}

/// Every holding of a line, in the order of time. One is opened wherever one ends, on the last row too.
pub(crate) fn schedule(
    line: &OptionLine,
    market: &Market,
    marks: &VolMarks,
    rate: f64,
) -> Result<Vec<Holding>, GreeksError> {
    let time = market.time();
    let desk = Desk { line, market, marks, rate };
    let mut holdings = Vec::new();
    let mut open = Some(0);
    while let Some(row) = open {
        let Ends { expiry, planned: planned_end, far } = desk.ends(row)?;
        if row == 0 {
            check_ahead(line, market, expiry)?;
        }
        let end_row = row + time[row..].partition_point(|time| *time < planned_end);
        let end =
            (end_row < time.len()).then(|| End { row: end_row, expired: time[end_row] >= expiry });
        if marks.smiles.is_none() {
            desk.check_vols(row..end_row, |row| marks.vol[row].is_some())?;
        }
        desk.check_discount(time[row], expiry)?;
        let chosen = desk.strikes(Opening { row, expiry })?;
        let far = far.into_iter().chain(chosen.far).collect();
        let strikes = chosen.strikes;
        let holding = Holding { open: row, end, expiry, strikes, far, deals: None };
        if marks.smiles.is_some() {
            desk.check_marks(&holding)?;
        }
        holdings.push(holding);
        open = match line.life {
            Life::Fixed { .. } => None,
            Life::ToExpiry { .. } | Life::Rolled { .. } => end.map(|end| end.row),
        };
    }
    Ok(holdings)
}

/// What a schedule is made from.
#[derive(Debug, Clone, Copy)]
struct Desk<'a> {
    line: &'a OptionLine,
    market: &'a Market,
    marks: &'a VolMarks,
    rate: f64,
}

/// Expiry and planned end of an option opened at `opened`.
fn ends(life: Life, opened: Timestamp) -> (Timestamp, Timestamp) {
    let after = |millis: i64| Timestamp::from_millis(opened.millis() + millis);
    match life {
        Life::Fixed { expiry } => (expiry, expiry),
        Life::ToExpiry { tenor_millis } => (after(tenor_millis), after(tenor_millis)),
        Life::Rolled { tenor_millis, roll_millis } => (after(tenor_millis), after(roll_millis)),
    }
}

/// An option whose expiry the rows do not reach stays open at the last one; one that has passed never opens.
fn check_ahead(line: &OptionLine, market: &Market, expiry: Timestamp) -> Result<(), GreeksError> {
    let first = market.time()[0];
    if expiry <= first {
        return Err(GreeksError::ExpiryBeforeData { line: line.name(), expiry, first });
    }
    Ok(())
}

/// When an option that opens at a row ends.
struct Ends {
    expiry: Timestamp,
    planned: Timestamp,
    far: Option<Far>,
}

/// The strikes of what opens at a row.
struct Chosen {
    /// One per option of the programme.
    strikes: Vec<f64>,
    far: Vec<Far>,
}

/// What a strike rule sees.
#[derive(Debug, Clone, Copy)]
struct Opening {
    row: usize,
    expiry: Timestamp,
}

impl Desk<'_> {
    /// Refuses a discount factor that a double cannot hold.
    fn check_discount(&self, opened: Timestamp, expiry: Timestamp) -> Result<(), GreeksError> {
        let (rate, years) = (self.rate, expiry.years_since(opened));
        moderate("rate x years", rate * years).map_err(|_| GreeksError::Discount {
            line: self.line.name(),
            opened,
            expiry,
            rate,
        })
    }

    /// Expiry and planned end of what opens at a row.
    fn ends(&self, row: usize) -> Result<Ends, GreeksError> {
        let now = self.market.time()[row];
        let (wanted, planned) = ends(self.line.life, now);
        if self.line.listing == Listing::Any {
            return Ok(Ends { expiry: wanted, planned, far: None });
        }
        let listed = expiries(&self.quoted(row));
        let expiry = nearest_expiry(&listed, wanted)
            .ok_or_else(|| self.not_listed(row, format!("with an expiry near {wanted}")))?;
        let planned = match self.line.life {
            Life::Fixed { .. } | Life::ToExpiry { .. } => expiry,
            Life::Rolled { .. } => planned.min(expiry),
        };
        let far = is_far_expiry(&listed, (wanted, expiry), now)
            .then_some(Far::Expiry { asked: wanted, opened: expiry });
        Ok(Ends { expiry, planned, far })
    }

    /// The contracts that could be opened at a row.
    fn quoted(&self, row: usize) -> Vec<&OptionContract> {
        let chain = match self.line.listing {
            Listing::Any => None,
            Listing::Listed { paid_in } => self.market.chain(self.line.asset, paid_in),
        };
        chain.map_or_else(Vec::new, |chain| quoted(chain, row, self.market.time()[row]).collect())
    }

    fn not_listed(&self, row: usize, wanted: String) -> GreeksError {
        GreeksError::NotListed { line: self.line.name(), time: self.market.time()[row], wanted }
    }

    fn check_vols(
        &self,
        rows: Range<usize>,
        is_known: impl Fn(usize) -> bool,
    ) -> Result<(), GreeksError> {
        check_vols(&self.line.ticker, (self.market, self.marks), rows, is_known)
    }

    /// Checks that every option of a holding has a mark at every row it needs one: that of an early closing too.
    fn check_marks(&self, holding: &Holding) -> Result<(), GreeksError> {
        for (rule, strike) in self.line.programme.options.iter().zip(&holding.strikes) {
            let option = OptionTerms { kind: rule.kind, strike: *strike, expiry: holding.expiry };
            let rows = holding.marked_rows(self.market.n_rows());
            let marks = self.marks.of_option(self.place(), option, rows.clone());
            self.check_vols(rows, |row| marks.at(row).is_some())?;
        }
        Ok(())
    }

    fn place(&self) -> Place<'_> {
        Place { market: self.market, asset: self.line.asset, rate: self.rate }
    }

    /// One strike per option of the programme.
    fn strikes(&self, opening: Opening) -> Result<Chosen, GreeksError> {
        let line = self.line;
        let mut by_key: Vec<(StrikeKey, f64)> = Vec::with_capacity(line.strikes.len());
        let mut far = Vec::new();
        for (key, rule) in &line.strikes {
            let (strike, is_far) = self.strike(*key, *rule, opening)?;
            by_key.push((*key, strike));
            far.extend(is_far);
        }
        if let Some(pair) = by_key.windows(2).find(|pair| pair[0].1 >= pair[1].1) {
            return Err(GreeksError::StrikeOrder {
                line: line.name(),
                time: self.market.time()[opening.row],
                lower: pair[0].0.name(),
                lower_usd: pair[0].1,
                upper: pair[1].0.name(),
                upper_usd: pair[1].1,
            });
        }
        let of_option = |key| by_key.iter().find(|(known, _)| *known == key).map(|(_, usd)| *usd);
        let strikes = line
            .programme
            .options
            .iter()
            .map(|option| of_option(option.strike).expect("every option's strike is resolved"))
            .collect();
        Ok(Chosen { strikes, far })
    }

    /// The strike under a key: exact, or the nearest one at which all its options are quoted, and whether that is far.
    fn strike(
        &self,
        key: StrikeKey,
        rule: Strike,
        opening: Opening,
    ) -> Result<(f64, Option<Far>), GreeksError> {
        let options = self.line.programme.options.iter();
        let kinds: Vec<OptionKind> =
            options.filter(|option| option.strike == key).map(|option| option.kind).collect();
        let spot = self.market.assets()[self.line.asset].spot[opening.row];
        let wanted = match rule {
            Strike::Usd(usd) => usd,
            Strike::Moneyness(moneyness) => moneyness * spot,
            Strike::Delta(delta) => self.strike_for_delta(kinds[0], delta, spot, opening)?,
        };
        if self.line.listing == Listing::Any {
            return Ok((wanted, None));
        }
        let listed = strikes(&self.quoted(opening.row), opening.expiry, &kinds);
        let opened = nearest_strike(&listed, wanted).ok_or_else(|| {
            let wanted = format!("expiring {}, with a strike near {wanted:.0}", opening.expiry);
            self.not_listed(opening.row, wanted)
        })?;
        let far = is_far_strike(&listed, wanted, opened).then_some(Far::Strike {
            key,
            asked: wanted,
            opened,
        });
        Ok((opened, far))
    }

    fn strike_for_delta(
        &self,
        kind: OptionKind,
        delta: f64,
        spot: f64,
        opening: Opening,
    ) -> Result<f64, GreeksError> {
        let Opening { row, expiry } = opening;
        let years = expiry.years_since(self.market.time()[row]);
        let smile = self.marks.smiles.as_ref().and_then(|all| all.smile(row, expiry, self.rate));
        if let Some((smile, carry)) = smile {
            let forward = spot * (carry * years).exp();
            return Ok(strike_on_smile(kind, delta, forward, years, |k| smile.vol(k)));
        }
        self.check_vols(row..row + 1, |row| self.marks.vol[row].is_some())?;
        let vol = self.marks.vol[row].expect("checked above");
        Ok(strike_for_delta(kind, delta, spot * (self.rate * years).exp(), years, vol))
    }
}

/// Checks that a vol is known at all of `rows`.
pub(crate) fn check_vols(
    ticker: &str,
    (market, marks): (&Market, &VolMarks),
    mut rows: Range<usize>,
    is_known: impl Fn(usize) -> bool,
) -> Result<(), GreeksError> {
    let Some(row) = rows.find(|row| !is_known(*row)) else { return Ok(()) };
    let time = market.time();
    let known_before = marks.vol[..row].iter().rposition(Option::is_some);
    let known_after = marks.vol[row..].iter().position(Option::is_some).map(|ahead| row + ahead);
    let another = if marks.smiles.is_some() {
        "declare a `fallback` of the surface"
    } else {
        "use another model"
    };
    let remedy = match (known_before, known_after) {
        (Some(before), _) => format!(
            "the last known one is of {}; close the gap in the data, or {another}",
            time[before]
        ),
        (None, Some(after)) => {
            format!("it starts {}: set `from` to that day or later, or {another}", time[after])
        }
        (None, None) => {
            let smiles = marks.smiles.as_ref();
            let refused = smiles.and_then(|smiles| smiles.surfaces.refusal());
            let why = refused.map_or_else(String::new, |refused| {
                format!(" (the expiry {}: {})", refused.expiry, refused.reason)
            });
            format!("it has none in this period{why}; {another}")
        }
    };
    Err(GreeksError::VolUnknown {
        asset: ticker.to_owned(),
        model: marks.model.clone(),
        time: time[row],
        remedy,
    })
}
