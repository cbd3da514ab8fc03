//! Columns as declared in `columns = { … }`, or by their usual names. Shared by CSV and Parquet.

use super::{Plan, PlanColumn};
use crate::DataError;
use crate::read::head::Head;
use crate::read::raw::Role;
use crate::source::{BarLabel, ColumnNames, SeriesKind, SeriesSpec};

const TIME: &[&str] = &[
    "time",
    "timestamp",
    "timestamp_ms",
    "timestamp_utc",
    "open_time",
    "datetime",
    "date",
    "unix",
    "calc_time",
    "funding_time",
    "fundingTime",
    "ts",
    "dt",
    "t",
];
const OPEN: &[&str] = &["open", "o"];
const HIGH: &[&str] = &["high", "h"];
const LOW: &[&str] = &["low", "l"];
const CLOSE: &[&str] = &["close", "price", "spot", "last", "PriceUSD", "c"];
const UNTIL: &[&str] = &["close_time", "closeTime"];
const VOLUME: &[&str] = &["volume", "v"];
const QUOTE_VOLUME: &[&str] = &["quote_volume", "quote_asset_volume", "quoteVolume"];
const RATE: &[&str] = &["rate", "funding_rate", "fundingRate", "funding rate", "last_funding_rate"];
const MARK: &[&str] = &["mark", "mark_price", "markPrice"];
const HALF_SPREAD: &[&str] = &["half_spread", "half_spread_bps"];
const VOL: &[&str] = &["vol", "dvol", "dvol_close", "iv", "mark_iv"];

/// The roles of a kind of series with their usual names; the first is required.
fn roles(kind: SeriesKind) -> &'static [(Role, &'static [&'static str])] {
    match kind {
        SeriesKind::Spot | SeriesKind::Perp | SeriesKind::InversePerp | SeriesKind::Future => &[
            (Role::Close, CLOSE),
            (Role::Open, OPEN),
            (Role::High, HIGH),
            (Role::Low, LOW),
            (Role::Until, UNTIL),
            (Role::Volume, VOLUME),
            (Role::QuoteVolume, QUOTE_VOLUME),
        ],
        SeriesKind::Funding | SeriesKind::InverseFunding => {
            &[(Role::Rate, RATE), (Role::Mark, MARK)]
        }
        SeriesKind::Vol => &[(Role::Vol, VOL)],
        SeriesKind::HalfSpread => &[(Role::HalfSpread, HALF_SPREAD)],
        SeriesKind::OptionChain | SeriesKind::Instruments => &[],
    }
}

/// Where the columns of this kind of series stand.
pub(super) fn plan(file: &str, spec: &SeriesSpec, head: &Head) -> Result<Plan, DataError> {
    let (time, columns) = match &spec.columns {
        Some(names) => declared(file, spec, head, names)?,
        None => usual(file, spec.is, head)?,
    };
    let mut plan = Plan::new(spec, time, columns);
    let is_taken =
        |index: usize| index == time || plan.columns.iter().any(|column| column.index == index);
    plan.symbol = super::symbol(head).filter(|index| !is_taken(*index));
    if spec.bar.is_none() && plan.columns.iter().any(|column| column.role == Role::Until) {
        // A bar whose end is told beside its stamp is stamped with its start.
        plan.bar = BarLabel::Start;
    }
    let stamp = &head.names[time];
    if spec.bar.is_none() && plan.bar != BarLabel::Start && is_opening(stamp) {
        plan.bar = BarLabel::Start;
        plan.assumptions.push(format!("`{file}`: `{stamp}` is when a bar opens"));
    }
    let is_bar = plan
        .columns
        .iter()
        .any(|column| matches!(column.role, Role::Open | Role::High | Role::Low));
    if is_bar && spec.bar.is_none() && plan.bar != BarLabel::Start {
        return Err(DataError::BarUndeclared { file: file.to_owned() });
    }
    let is_known = spec.bar.is_some() || plan.bar == BarLabel::Start;
    if !is_bar && !spec.is.is_funding() && !is_known {
        plan.assumptions.push(format!(
            "`{file}`: a stamp is the instant of its figure, as no `bar` is declared"
        ));
    }
    if plan.bar == BarLabel::Start {
        plan.assumptions.push(super::labelled_by_start(file));
    }
    if spec.columns.is_none() {
        plan.assumptions
            .push(format!("`{file}`: columns are taken by name: {}", said(&plan, head)));
    }
    let vol = &head.names[plan.columns[0].index];
    if spec.is == SeriesKind::Vol && !vol.to_lowercase().contains("dvol") {
        plan.vol_name.clone_from(vol);
    }
    Ok(plan)
}

/// Whether a column of stamps says that it holds the openings of bars: `open_time`, `Open Time`, `openTime`.
fn is_opening(name: &str) -> bool {
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    matches!(letters.to_ascii_lowercase().as_str(), "opentime" | "opentimestamp" | "opentimeutc")
}

fn declared(
    file: &str,
    spec: &SeriesSpec,
    head: &Head,
    names: &ColumnNames,
) -> Result<(usize, Vec<PlanColumn>), DataError> {
    let wanted = roles(spec.is);
    let all = [
        (Role::Open, &names.open),
        (Role::High, &names.high),
        (Role::Low, &names.low),
        (Role::Close, &names.close),
        (Role::Rate, &names.rate),
        (Role::Mark, &names.mark),
        (Role::Vol, &names.vol),
        (Role::HalfSpread, &names.half_spread),
        (Role::Volume, &names.volume),
        (Role::QuoteVolume, &names.quote_volume),
    ];
    if let Some((role, _)) = all
        .iter()
        .find(|(role, name)| name.is_some() && wanted.iter().all(|(wanted, _)| wanted != role))
    {
        let reason = "in `columns` of this kind of series";
        return Err(DataError::Key { series: spec.title(), key: role.key(), reason });
    }
    refuse_those_of_options(spec, names)?;
    let unmapped = |role| DataError::UnmappedColumn {
        file: file.to_owned(),
        role,
        columns: head.names.clone(),
    };
    let time = names.time.as_ref().ok_or_else(|| unmapped("time"))?;
    let time = head.find(file, time)?;
    let mut columns = Vec::new();
    for (position, (role, _)) in wanted.iter().enumerate() {
        let name = all.iter().find(|(found, _)| found == role).and_then(|(_, name)| name.as_ref());
        match name {
            Some(name) => columns.push(PlanColumn { role: *role, index: head.find(file, name)? }),
            None if position == 0 => return Err(unmapped(role.key())),
            None => {}
        }
    }
    Ok((time, columns))
}

/// Columns that only option chains have are refused here rather than ignored.
fn refuse_those_of_options(spec: &SeriesSpec, names: &ColumnNames) -> Result<(), DataError> {
    let quotes = "in `columns` of anything but an option chain: a series has one price; half the distance of bid and ask, in bps, \
                  is a series of its own, `is = \"half_spread\"`";
    let of_options = "in `columns` of anything but an option chain";
    let all = [
        ("bid", &names.bid, quotes),
        ("ask", &names.ask, quotes),
        ("forward", &names.forward, of_options),
        ("index", &names.index, of_options),
        ("delta", &names.delta, of_options),
        ("open_interest", &names.open_interest, of_options),
        ("kind", &names.kind, of_options),
        ("strike", &names.strike, of_options),
    ];
    match all.into_iter().find(|(_, name, _)| name.is_some()) {
        Some((key, _, reason)) => Err(DataError::Key { series: spec.title(), key, reason }),
        None => Ok(()),
    }
}

fn usual(file: &str, kind: SeriesKind, head: &Head) -> Result<(usize, Vec<PlanColumn>), DataError> {
    let unmapped = |role| DataError::UnmappedColumn {
        file: file.to_owned(),
        role,
        columns: head.names.clone(),
    };
    if let Some(possible) = super::order::question(head) {
        return Err(DataError::ColumnOrder { file: file.to_owned(), possible });
    }
    let time = head.position_of_any(TIME).ok_or_else(|| unmapped("time"))?;
    let mut columns = Vec::new();
    for (position, (role, names)) in roles(kind).iter().enumerate() {
        match head.position_of_any(names) {
            Some(index) => columns.push(PlanColumn { role: *role, index }),
            None if position == 0 => return Err(unmapped(role.key())),
            None => {}
        }
    }
    Ok((time, columns))
}

/// The kind of series that a file with usual column names holds.
pub(crate) fn kind(head: &Head) -> SeriesKind {
    if head.position_of_any(RATE).is_some() {
        SeriesKind::Funding
    } else if head.position_of_any(VOL).is_some() && !has_price(head) {
        SeriesKind::Vol
    } else if head.position_of_any(HALF_SPREAD).is_some() && !has_price(head) {
        SeriesKind::HalfSpread
    } else {
        SeriesKind::Spot
    }
}

fn has_price(head: &Head) -> bool {
    head.position_of_any(CLOSE).or_else(|| head.position("spot_close")).is_some()
}

/// ``time is `date`, close is `price` ``
fn said(plan: &Plan, head: &Head) -> String {
    let columns = plan
        .columns
        .iter()
        .map(|column| format!("{} is `{}`", column.role.key(), head.names[column.index]));
    let time = format!("time is `{}`", head.names[plan.time]);
    std::iter::once(time).chain(columns).collect::<Vec<_>>().join(", ")
}
