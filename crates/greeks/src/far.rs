//! What is opened far from what is asked for, because nothing nearer is listed.
//!
//! Within the listed strikes and expiries the nearest one is at most half their distance away. Beyond the outermost it may be
//! anywhere: further than the distance between that one and its neighbour is far. So is a strike more than a tenth of the
//! asked one away and, where there is one expiry alone, an expiry more than a tenth of the asked tenor away.

use hedgerow_core::{Market, Timestamp};

use crate::StrikeKey;
use crate::schedule::Holding;

/// More than this part of what is asked for is far.
const FAR: f64 = 0.1;

/// What is opened and what was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Far {
    /// USD per coin.
    Strike {
        key: StrikeKey,
        asked: f64,
        opened: f64,
    },
    Expiry {
        asked: Timestamp,
        opened: Timestamp,
    },
}

/// Whether a strike is far from the asked one; `listed` are ascending and hold it.
pub(crate) fn is_far_strike(listed: &[f64], asked: f64, opened: f64) -> bool {
    let apart = (asked - opened).abs();
    apart > FAR * asked.abs()
        || is_beyond(listed, &opened, asked < opened, |other| apart > (opened - other).abs())
}

/// Whether an expiry opened at `now` is far from the asked one; `listed` are ascending and hold it.
pub(crate) fn is_far_expiry(
    listed: &[Timestamp],
    (asked, opened): (Timestamp, Timestamp),
    now: Timestamp,
) -> bool {
    let millis = |from: Timestamp, to: Timestamp| (to.millis() - from.millis()).abs();
    let apart = millis(asked, opened);
    match listed {
        #[expect(
            clippy::cast_precision_loss,
            reason = "milliseconds of a century are exact in f64"
        )]
        [_] => apart as f64 > FAR * millis(now, asked) as f64,
        _ => is_beyond(listed, &opened, asked < opened, |other| apart > millis(opened, *other)),
    }
}

/// Whether what is asked for lies beyond the outermost, and `is_further` than its neighbour.
fn is_beyond<T: PartialOrd>(
    listed: &[T],
    opened: &T,
    is_below: bool,
    is_further: impl Fn(&T) -> bool,
) -> bool {
    let (before, after) =
        (listed.iter().rfind(|other| *other < opened), listed.iter().find(|other| *other > opened));
    let (outer, inner) = if is_below { (before, after) } else { (after, before) };
    outer.is_none() && inner.is_some_and(is_further)
}

/// A sentence for each key whose strikes, and one for expiries, that were opened far from what was asked for, without its
/// full stop: the furthest, and at how many openings.
pub(crate) fn warnings(line: &str, holdings: &[Holding], market: &Market) -> Vec<String> {
    let opened = |holding: &Holding| {
        holding.far.iter().map(|far| (holding.open, *far)).collect::<Vec<(usize, Far)>>()
    };
    let all: Vec<(usize, Far)> = holdings.iter().flat_map(opened).collect();
    let mut keys: Vec<Option<StrikeKey>> = Vec::new();
    for (_, far) in &all {
        if !keys.contains(&far.key()) {
            keys.push(far.key());
        }
    }
    let sentence = |key| {
        let found = || all.iter().filter(|(_, far)| far.key() == key);
        let (row, far) = found().max_by(|a, b| a.1.distance().total_cmp(&b.1.distance()))?;
        let more = match found().count() {
            1 => String::new(),
            n => format!("; so at {n} of {} openings, this the furthest", holdings.len()),
        };
        Some(format!("{line}: {}, the nearest listed at {}{more}", far.told(), market.time()[*row]))
    };
    keys.into_iter().filter_map(sentence).collect()
}

impl Far {
    /// Of a strike.
    fn key(&self) -> Option<StrikeKey> {
        match self {
            Self::Strike { key, .. } => Some(*key),
            Self::Expiry { .. } => None,
        }
    }

    /// How far, to be compared with others of its kind.
    fn distance(&self) -> f64 {
        match self {
            Self::Strike { asked, opened, .. } => (asked / opened).ln().abs(),
            Self::Expiry { asked, opened } => asked.years_since(*opened).abs(),
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Strike { key, asked, opened } => {
                format!("`{}` asks for {}, opened is {}", key.name(), usd(*asked), usd(*opened))
            }
            Self::Expiry { asked, opened } => {
                format!("asked for is the expiry {asked}, opened is {opened}")
            }
        }
    }
}

/// A strike in full; one that a rule computed without its digits after the point, where it has many before.
fn usd(strike: f64) -> String {
    if strike.abs() >= 1_000.0 {
        format!("{strike:.0}")
    } else {
        crate::number_text::number_text(strike)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Found by a reader: where a strike of 60,000 was asked for and the listed ones ended at 48,000, that was opened.
    #[test]
    fn beyond_the_outermost_more_than_a_distance_is_far() {
        let listed = [36_000.0, 40_000.0, 44_000.0, 48_000.0];
        let far = |asked, opened| is_far_strike(&listed, asked, opened);
        assert!(far(60_000.0, 48_000.0) && far(53_000.0, 48_000.0) && far(52_001.0, 48_000.0));
        assert!(far(31_900.0, 36_000.0));
        for near in
            [(51_999.0, 48_000.0), (46_000.1, 48_000.0), (41_999.0, 40_000.0), (33_000.0, 36_000.0)]
        {
            assert!(!far(near.0, near.1), "{near:?}");
        }
        // A wide distance, and one strike alone.
        assert!(is_far_strike(&[40_000.0, 60_000.0], 49_000.0, 40_000.0));
        assert!(!is_far_strike(&[40_000.0, 60_000.0], 44_000.0, 40_000.0));
        assert!(is_far_strike(&[40_000.0], 45_000.0, 40_000.0));
        assert!(!is_far_strike(&[40_000.0], 44_000.0, 40_000.0));
    }

    #[test]
    fn expiries_are_far_beyond_the_outermost() {
        let start = Timestamp::parse("2026-01-01T08:00:00Z").expect("a time");
        let day = |days: i64| start.plus_days(days);
        let listed = [day(1), day(8), day(30)];
        let far = |asked, opened| is_far_expiry(&listed, (day(asked), day(opened)), start);
        assert!(far(53, 30) && !far(52, 30) && !far(18, 8) && !far(20, 30));
        let late = [day(8), day(10)];
        assert!(is_far_expiry(&late, (day(5), day(8)), start));
        assert!(!is_far_expiry(&late, (day(6), day(8)), start));
        assert!(is_far_expiry(&[day(8)], (day(7), day(8)), start));
        assert!(!is_far_expiry(&[day(20)], (day(21), day(20)), start));
    }
}
