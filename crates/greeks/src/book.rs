//! The lines of a book, checked: what is held, how much of it, and when it is opened again.

use hedgerow_core::registry::{SettingError, unknown};
use hedgerow_core::{MILLIS_PER_DAY, Market, PaidIn, Timestamp};
use toml::Spanned;

use crate::programmes::programme;
use crate::{BookSpec, FillLine, OptionSpec, Programme, Side, Strike, StrikeKey};

/// One line of a book.
#[derive(Debug, Clone, PartialEq)]
pub enum BookLine {
    /// Coins held outright, from before the first row to the last.
    Spot {
        /// Index into the market's assets.
        asset: usize,
        /// Ticker.
        ticker: String,
        /// Positive when long.
        coins: f64,
    },
    /// Options that are opened at the first row and again as each one ends.
    Options(OptionLine),
    /// Options of one contract as they were really bought and sold.
    Fills(FillLine),
}

/// A programme of options.
#[derive(Debug, Clone, PartialEq)]
pub struct OptionLine {
    /// Index into the market's assets.
    pub asset: usize,
    /// Ticker.
    pub ticker: String,
    /// Which options.
    pub programme: &'static Programme,
    /// Coins of underlying, positive when the programme is bought.
    pub coins: f64,
    /// Rule of each strike, in ascending order of the strikes.
    pub strikes: Vec<(StrikeKey, Strike)>,
    /// When options end.
    pub life: Life,
    /// In what premium and payoff are paid.
    pub settlement: PaidIn,
    /// Which contracts there are to choose from.
    pub listing: Listing,
}

/// Which contracts a programme chooses from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    /// Any expiry and any strike.
    Any,
    /// Those that are quoted in the market's chain at the row the option is opened: the expiry nearest to the tenor, then
    /// the nearest strike.
    Listed {
        /// Which chain of the asset.
        paid_in: PaidIn,
    },
}

/// When options end and whether others follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// One option with this expiry, not re-opened.
    Fixed {
        /// When it expires.
        expiry: Timestamp,
    },
    /// Held to expiry, then the next one opens.
    ToExpiry {
        /// From opening to expiry.
        tenor_millis: i64,
    },
    /// Closed at mark before expiry, then the next one opens.
    Rolled {
        /// From opening to expiry.
        tenor_millis: i64,
        /// From opening to closing; shorter than the tenor.
        roll_millis: i64,
    },
}

/// Checks a typed line against the market.
///
/// # Errors
/// [`SettingError`] with the place of the first key that is missing, out of range or at odds with another.
pub fn resolve(spec: &BookSpec, market: &Market) -> Result<BookLine, SettingError> {
    let asset = resolve_asset(spec, market)?;
    let ticker = market.assets()[asset].name.clone();
    let quantity = *spec.quantity.get_ref();
    if !(quantity.is_finite() && quantity > 0.0) {
        let message = format!(
            "`quantity` must be positive, found {quantity}; say `side = \"short\"` to sell"
        );
        return Err(SettingError::at(spec.quantity.span(), message));
    }
    let programme = find(&spec.option)?;
    let side = match (spec.side, programme.options.is_empty()) {
        (Some(side), _) => side,
        (None, true) => Side::Long,
        (None, false) => {
            let message =
                format!("programme `{}` needs `side`: \"long\" or \"short\"", programme.name);
            return Err(SettingError::at(spec.option.programme.span(), message));
        }
    };
    let coins = match side {
        Side::Long => quantity,
        Side::Short => -quantity,
    };
    if programme.options.is_empty() {
        refuse_option_keys(&spec.option)?;
        return Ok(BookLine::Spot { asset, ticker, coins });
    }
    Ok(BookLine::Options(options(&spec.option, programme, (market, asset), ticker, coins)?))
}

/// One unit (+1 coin of underlying) of a programme of options on `asset`: what an option leg of a hedge holds.
///
/// # Errors
/// [`SettingError`] as in [`resolve`], and when the programme is not one of options.
///
/// # Panics
/// When the market has no such asset.
pub fn resolve_unit(
    spec: &OptionSpec,
    market: &Market,
    asset: usize,
) -> Result<BookLine, SettingError> {
    let programme = find(spec)?;
    if programme.options.is_empty() {
        let message = format!("programme `{}` is not an option", programme.name);
        return Err(SettingError::at(spec.programme.span(), message));
    }
    let ticker = market.assets()[asset].name.clone();
    Ok(BookLine::Options(options(spec, programme, (market, asset), ticker, 1.0)?))
}

fn find(spec: &OptionSpec) -> Result<&'static Programme, SettingError> {
    programme(spec.programme.get_ref())
        .map_err(|message| SettingError::at(spec.programme.span(), message))
}

fn resolve_asset(spec: &BookSpec, market: &Market) -> Result<usize, SettingError> {
    let tickers = || market.assets().iter().map(|asset| asset.name.as_str());
    match &spec.asset {
        Some(typed) => market.asset_index(typed.get_ref()).ok_or_else(|| {
            SettingError::at(typed.span(), unknown("asset", typed.get_ref(), tickers()))
        }),
        None if market.assets().len() == 1 => Ok(0),
        None => {
            let tickers = tickers().collect::<Vec<_>>().join(", ");
            let message = format!("`asset` is needed: the market has several, {tickers}");
            Err(SettingError::at(spec.option.programme.span(), message))
        }
    }
}

fn refuse_option_keys(spec: &OptionSpec) -> Result<(), SettingError> {
    let typed = [
        ("tenor_days", spec.tenor_days.as_ref().map(Spanned::span)),
        ("expiry", spec.expiry.as_ref().map(Spanned::span)),
        ("roll_days", spec.roll_days.as_ref().map(Spanned::span)),
        ("settlement", spec.settlement.as_ref().map(Spanned::span)),
        ("listed", spec.listed.as_ref().map(Spanned::span)),
    ];
    let strikes = StrikeKey::ALL.map(|key| (key.name(), spec.strike_under(key).map(Spanned::span)));
    for (key, span) in typed.into_iter().chain(strikes) {
        if let Some(span) = span {
            let message = format!("programme `spot` takes no `{key}`; it is for options");
            return Err(SettingError::at(span, message));
        }
    }
    Ok(())
}

fn options(
    spec: &OptionSpec,
    programme: &'static Programme,
    (market, asset): (&Market, usize),
    ticker: String,
    coins: f64,
) -> Result<OptionLine, SettingError> {
    Ok(OptionLine {
        asset,
        ticker,
        programme,
        coins,
        strikes: resolve_strikes(spec, programme)?,
        life: resolve_life(spec, programme)?,
        settlement: spec.settlement.as_ref().map_or(PaidIn::Usd, |typed| *typed.get_ref()),
        listing: resolve_listing(spec, market, asset)?,
    })
}

fn resolve_listing(
    spec: &OptionSpec,
    market: &Market,
    asset: usize,
) -> Result<Listing, SettingError> {
    let Some(typed) = spec.listed.as_ref().filter(|typed| *typed.get_ref()) else {
        return Ok(Listing::Any);
    };
    let paid_in = [PaidIn::Coin, PaidIn::Usd]
        .into_iter()
        .find(|paid_in| market.chain(asset, *paid_in).is_some())
        .ok_or_else(|| {
            let message = "`listed` needs an option chain, the market has none of this asset; add one under [market]";
            SettingError::at(typed.span(), message)
        })?;
    Ok(Listing::Listed { paid_in })
}

fn resolve_strikes(
    spec: &OptionSpec,
    programme: &Programme,
) -> Result<Vec<(StrikeKey, Strike)>, SettingError> {
    let takes = |key| programme.options.iter().any(|option| option.strike == key);
    let mut strikes = Vec::with_capacity(programme.options.len());
    for key in StrikeKey::ALL {
        match (spec.strike_under(key), takes(key)) {
            (Some(typed), true) => {
                if let Some(objection) = typed.get_ref().objection() {
                    return Err(SettingError::at(typed.span(), objection));
                }
                strikes.push((key, *typed.get_ref()));
            }
            (Some(typed), false) => {
                let known: Vec<String> = StrikeKey::ALL
                    .into_iter()
                    .filter(|key| takes(*key))
                    .map(|key| format!("`{}`", key.name()))
                    .collect();
                let message = format!(
                    "programme `{}` takes no `{}`; it takes {}",
                    programme.name,
                    key.name(),
                    known.join(" and ")
                );
                return Err(SettingError::at(typed.span(), message));
            }
            (None, true) => {
                let message = || {
                    format!(
                        "programme `{}` needs `{key}`, such as `{key} = {{ moneyness = 0.9 }}`",
                        programme.name,
                        key = key.name()
                    )
                };
                let usual = programme
                    .usual_strike
                    .ok_or_else(|| SettingError::at(spec.programme.span(), message()))?;
                strikes.push((key, usual));
            }
            (None, false) => {}
        }
    }
    Ok(strikes)
}

fn resolve_life(spec: &OptionSpec, programme: &Programme) -> Result<Life, SettingError> {
    match (&spec.tenor_days, &spec.expiry) {
        (Some(_), Some(expiry)) => Err(SettingError::at(
            expiry.span(),
            "`expiry` and `tenor_days` contradict each other: give one of them",
        )),
        (None, None) => Err(SettingError::at(
            spec.programme.span(),
            format!("programme `{}` needs `tenor_days` or `expiry`", programme.name),
        )),
        (None, Some(expiry)) => {
            if let Some(roll) = &spec.roll_days {
                let message = "`roll_days` needs `tenor_days`: an option with a fixed `expiry` is not re-opened";
                return Err(SettingError::at(roll.span(), message));
            }
            let text = expiry.get_ref();
            let expiry = Timestamp::parse(text).ok_or_else(|| {
                let message = format!(
                    "`expiry` is `{text}`, expected a time such as 2024-03-29 or 2024-03-29T08:00:00Z"
                );
                SettingError::at(expiry.span(), message)
            })?;
            Ok(Life::Fixed { expiry })
        }
        (Some(tenor), None) => {
            let tenor_millis = millis("tenor_days", tenor)?;
            let Some(roll) = &spec.roll_days else { return Ok(Life::ToExpiry { tenor_millis }) };
            let roll_millis = millis("roll_days", roll)?;
            if roll_millis >= tenor_millis {
                let message = format!(
                    "`roll_days` must be less than `tenor_days` = {}, found {}; leave it out to hold to expiry",
                    tenor.get_ref(),
                    roll.get_ref()
                );
                return Err(SettingError::at(roll.span(), message));
            }
            Ok(Life::Rolled { tenor_millis, roll_millis })
        }
    }
}

/// The longest tenor, days: a century, so that no date overflows.
const MOST_DAYS: f64 = 36_500.0;

fn millis(key: &str, days: &Spanned<f64>) -> Result<i64, SettingError> {
    #[expect(clippy::cast_precision_loss, reason = "the number of milliseconds in a day is exact")]
    let millis = (days.get_ref() * MILLIS_PER_DAY as f64).round();
    if !(millis >= 1.0 && *days.get_ref() <= MOST_DAYS) {
        let message =
            format!("`{key}` must be positive and at most {MOST_DAYS}, found {}", days.get_ref());
        return Err(SettingError::at(days.span(), message));
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole and below a century by the check above"
    )]
    let millis = millis as i64;
    Ok(millis)
}
