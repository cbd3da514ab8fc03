//! Funding stamps that are not those of any settlement: local times taken for UTC.

use std::collections::HashMap;

use chrono::{TimeZone, offset::LocalResult};
use chrono_tz::Tz;
use hedgerow_core::{Defect, Finding, Severity, Timestamp};

const HOUR: i64 = 3_600_000;

/// Where more stamps than this part are on the grid, all is well; odd ones are late settlements.
const MOST: f64 = 0.9;

/// A zone is named where it puts this part of the stamps on the grid.
const NEARLY_ALL: f64 = 0.995;

/// Fewer stamps than this tell nothing.
const FEW: usize = 10;

/// `BitMEX` settles at 04:00, 12:00 and 20:00 UTC, all others at 00:00, 08:00 and 16:00.
const BITMEX_PHASE: i64 = 4 * HOUR;

/// Zones that are tried, the likeliest first: those with summer time, then whole hours.
const ZONES: [&str; 32] = [
    "Europe/London",
    "Europe/Berlin",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Australia/Sydney",
    "Asia/Kolkata",
    "Etc/GMT-1",
    "Etc/GMT-2",
    "Etc/GMT-3",
    "Etc/GMT-4",
    "Etc/GMT-5",
    "Etc/GMT-6",
    "Etc/GMT-7",
    "Etc/GMT-8",
    "Etc/GMT-9",
    "Etc/GMT-10",
    "Etc/GMT-11",
    "Etc/GMT-12",
    "Etc/GMT+1",
    "Etc/GMT+2",
    "Etc/GMT+3",
    "Etc/GMT+4",
    "Etc/GMT+5",
    "Etc/GMT+6",
    "Etc/GMT+7",
    "Etc/GMT+8",
    "Etc/GMT+9",
    "Etc/GMT+10",
    "Etc/GMT+11",
    "Etc/GMT+12",
];

/// A warning when settlements of 4 or 8 hours are not at multiples of that, with the zones that would put them there.
pub(super) fn off_grid(time: &[i64], step: i64) -> Option<Finding> {
    if !matches!(step, 14_400_000 | 28_800_000) || time.len() < FEW {
        return None;
    }
    let phase = |stamp: i64| stamp.rem_euclid(step);
    let part_on = |of: &dyn Fn(i64) -> bool| part(time, of);
    let is_bitmex =
        step == 2 * BITMEX_PHASE && part_on(&|stamp| phase(stamp) == BITMEX_PHASE) > MOST;
    if is_bitmex || part_on(&|stamp| phase(stamp) == 0) > MOST {
        return None;
    }
    let fits = |name: &&&str| {
        let zone: Option<Tz> = name.parse().ok();
        zone.is_some_and(|zone| {
            part_on(&|stamp| utc(zone, stamp).is_some_and(|utc| phase(utc) == 0)) >= NEARLY_ALL
        })
    };
    let zones: Vec<String> =
        ZONES.iter().filter(fits).take(3).map(|name| format!("`{name}`")).collect();
    let off: Vec<i64> = time.iter().copied().filter(|stamp| phase(*stamp) != 0).collect();
    let advice = if zones.is_empty() {
        "no common time zone puts them there".to_owned()
    } else {
        format!("read as local times they would be there with `time_zone` = {}", zones.join(" or "))
    };
    Some(Finding {
        defect: Defect::Zone,
        severity: Severity::Warning,
        count: off.len(),
        first: off.first().copied().map(Timestamp::from_millis),
        detail: format!(
            "{} settlements are not at multiples of {} hours UTC, where venues settle; {advice}",
            off.len(),
            step / HOUR
        ),
    })
}

/// A warning when nearly every rate stands there twice, some hours apart: two files of one perpetual in different zones.
pub(super) fn doubled(time: &[i64], rates: &[f64]) -> Option<Finding> {
    let mut counts: HashMap<u64, usize> = HashMap::new();
    rates.iter().for_each(|rate| *counts.entry(rate.to_bits()).or_default() += 1);
    // The rate that a venue uses when nothing happens tells nothing.
    let usual =
        counts.iter().max_by_key(|(bits, count)| (**count, **bits)).map(|(bits, _)| *bits)?;
    let at: HashMap<i64, f64> = time.iter().copied().zip(rates.iter().copied()).collect();
    let telling: Vec<(i64, f64)> = at
        .iter()
        .map(|(time, rate)| (*time, *rate))
        .filter(|(_, rate)| rate.to_bits() != usual)
        .collect();
    if telling.len() < FEW * 2 {
        return None;
    }
    let repeated = |hours: i64| {
        let is_repeated = |(time, rate): &&(i64, f64)| {
            at.get(&(time + hours * HOUR)).is_some_and(|other| (other - rate).abs() <= 1e-8)
        };
        telling.iter().filter(is_repeated).count()
    };
    // Half of the rates are the earlier copy of another.
    let hours = (1..=12).find(|hours| repeated(*hours) * 20 > telling.len() * 8)?;
    Some(Finding {
        defect: Defect::Zone,
        severity: Severity::Warning,
        count: repeated(hours),
        first: time.first().copied().map(Timestamp::from_millis),
        detail: format!(
            "{} rates stand there twice, {hours} h apart: files of one perpetual that agree only after a shift are in different time zones; declare `time_zone` for each",
            repeated(hours)
        ),
    })
}

#[expect(clippy::cast_precision_loss, reason = "a number of rows is exact in f64")]
fn part(time: &[i64], is_in: &dyn Fn(i64) -> bool) -> f64 {
    time.iter().filter(|stamp| is_in(**stamp)).count() as f64 / time.len() as f64
}

/// The instant of a local time.
fn utc(zone: Tz, local: i64) -> Option<i64> {
    let local = chrono::DateTime::from_timestamp_millis(local)?.naive_utc();
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
            Some(time.timestamp_millis())
        }
        LocalResult::None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settlements of a year, every eight hours, moved by hours that depend on the day.
    fn settlements(moved: impl Fn(i64) -> i64) -> Vec<i64> {
        (0..1095)
            .map(|index| 1_704_067_200_000 + index * 8 * HOUR + moved(index / 3) * HOUR)
            .collect()
    }

    fn said(time: &[i64]) -> Option<String> {
        off_grid(time, 8 * HOUR).map(|finding| finding.detail)
    }

    #[test]
    fn zones_are_told_by_the_grid_of_the_venue() {
        assert_eq!(said(&settlements(|_| 0)), None);
        assert_eq!(said(&settlements(|_| 4)), None, "BitMEX");
        assert_eq!(
            said(&settlements(|_| 3)).unwrap(),
            "1095 settlements are not at multiples of 8 hours UTC, where venues settle; read as local times they would be there with `time_zone` = `Etc/GMT-3` or `Etc/GMT-11` or `Etc/GMT+5`"
        );
        // London in 2024: summer time from 31 March to 27 October.
        let london = settlements(|day| i64::from((90..300).contains(&day)));
        assert!(
            said(&london).unwrap().ends_with("`time_zone` = `Europe/London`"),
            "{:?}",
            said(&london)
        );
        assert_eq!(
            off_grid(&settlements(|_| 3), HOUR),
            None,
            "hourly stamps fit every zone of whole hours"
        );
    }

    #[test]
    fn rates_that_stand_there_twice() {
        let rate = |index: usize| {
            if index.is_multiple_of(3) { 1e-4 } else { 1e-6 * (index * index % 977) as f64 }
        };
        let time = settlements(|_| 0);
        let rates: Vec<f64> = (0..time.len()).map(rate).collect();
        assert_eq!(doubled(&time, &rates), None);
        let later = time.iter().map(|stamp| stamp + 3 * HOUR);
        let both: Vec<i64> = time.iter().copied().chain(later).collect();
        let rates = [rates.clone(), rates].concat();
        let finding = doubled(&both, &rates).unwrap();
        assert!(finding.detail.contains("twice, 3 h apart"), "{}", finding.detail);
    }
}
