//! Names of contracts, and what they say: kind, strike, expiry, in what it pays.
//!
//! ```text
//! BTC-PERPETUAL              Deribit, pays in BTC
//! BTC-27MAR26                Deribit, pays in BTC, expires at 08:00 UTC
//! BTC-7FEB26-69000-P         the same for an option; one contract is one coin
//! BTC_USDC-27MAR26-88000-C   Deribit, pays in USDC
//! XRP_USDC-7FEB26-0d45-C     a strike of 0.45
//! BTCUSDT_240329             Binance, pays in USDT, expires at 08:00 UTC
//! BTCUSD_240329              Binance, pays in BTC
//! BTC-240329-70000-C         Binance option, pays in USDT
//! BTC-USD-240329-70000-C     OKX option, pays in BTC
//! ```
//!
//! Sources: Deribit, "Instrument naming convention" (API documentation) and "Expiration" (08:00 UTC); Binance,
//! "Delivery contracts: last trading time" (08:00 UTC); OKX, API v5, "Get instruments" (`instId` of options, 08:00 UTC).

use std::fmt;

use chrono::{Datelike, NaiveDate};
use hedgerow_core::{OptionContract, OptionKind, PaidIn, Timestamp};

/// Hour of day at which Deribit and Binance settle, UTC.
const SETTLEMENT_HOUR_MILLIS: i64 = 8 * 3_600_000;

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// Dollars and what stands for them.
const STABLE: [&str; 5] = ["USDT", "USDC", "BUSD", "FDUSD", "USD"];

/// The name of a listed contract, taken apart. Printing it gives the name back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Instrument {
    /// What comes before the first separator, `BTC`, `BTCUSDT`, `XBT`.
    base: String,
    /// What it is paid in where the name says so, `USDC`.
    quote: Option<String>,
    style: Style,
    /// What is listed.
    pub(crate) listed: Listed,
}

/// How a venue writes names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Deribit,
    Binance,
    /// Options only.
    Okx,
}

/// A kind of contract with its terms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Listed {
    /// Without an expiry.
    Perpetual,
    /// With one.
    Future { expiry: Timestamp },
    /// With a strike too, USD per coin.
    Option { expiry: Timestamp, strike: f64, kind: OptionKind },
}

impl Instrument {
    /// Takes a name apart; `None` unless it is written exactly as the venue writes it.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let instrument = deribit(name)
            .or_else(|| binance(name))
            .or_else(|| binance_option(name))
            .or_else(|| okx_option(name))?;
        (instrument.to_string() == name).then_some(instrument)
    }

    /// Ticker of the underlying, `BTC`.
    pub(crate) fn asset(&self) -> &str {
        if self.base == "XBT" { "BTC" } else { &self.base }
    }

    /// In what it pays.
    pub(crate) fn paid_in(&self) -> PaidIn {
        match (self.style, self.quote.as_deref(), self.listed) {
            (Style::Binance | Style::Okx, Some("USD"), _) | (Style::Deribit, None, _) => {
                PaidIn::Coin
            }
            _ => PaidIn::Usd,
        }
    }

    /// When it expires.
    pub(crate) fn expiry(&self) -> Option<Timestamp> {
        match self.listed {
            Listed::Perpetual => None,
            Listed::Future { expiry } | Listed::Option { expiry, .. } => Some(expiry),
        }
    }

    /// Size of one contract as the venues have it: coins where it pays in USD, and for options; USD of notional for futures
    /// that pay in the coin. `None` where it is not known for this coin.
    ///
    /// OKX options count contracts of less than a coin, whose size has changed: unknown here.
    ///
    /// Deribit: 10 USD for BTC, 1 USD for ETH. Binance COIN-M: 100 USD for BTC, 10 USD for others.
    pub(crate) fn size(&self) -> Option<f64> {
        match (self.listed, self.paid_in(), self.style, self.asset()) {
            (_, _, Style::Okx, _) => None,
            (Listed::Option { .. }, ..) | (_, PaidIn::Usd, ..) | (_, _, Style::Deribit, "ETH") => {
                Some(1.0)
            }
            (_, _, Style::Binance, "BTC") => Some(100.0),
            (_, _, Style::Binance, _) | (_, _, Style::Deribit, "BTC") => Some(10.0),
            (_, _, Style::Deribit, _) => None,
        }
    }

    /// The option, where it is one.
    pub(crate) fn option(&self) -> Option<OptionContract> {
        let Listed::Option { expiry, strike, kind } = self.listed else { return None };
        Some(OptionContract { name: self.to_string(), kind, strike, expiry })
    }
}

/// What the name of a contract says.
#[derive(Debug, Clone, PartialEq)]
pub enum Named {
    /// An option.
    Option {
        /// Ticker of the underlying.
        asset: String,
        /// In what it pays.
        paid_in: PaidIn,
        /// Its terms.
        contract: OptionContract,
    },
    /// A perpetual or a dated future.
    Future,
}

/// Takes the name of a contract of Deribit, Binance or OKX apart; `None` unless it is written exactly as the venue writes
/// it.
///
/// ```
/// # use hedgerow_data::{Named, named};
/// let Some(Named::Option { asset, contract, .. }) = named("BTC-27MAR26-70000-C") else { panic!() };
/// assert_eq!((asset.as_str(), contract.strike), ("BTC", 70_000.0));
/// assert_eq!(contract.expiry.to_string(), "2026-03-27T08:00:00Z");
/// assert_eq!(named("BTC-PERPETUAL"), Some(Named::Future));
/// assert_eq!(named("my option"), None);
/// ```
pub fn named(name: &str) -> Option<Named> {
    let instrument = Instrument::parse(name)?;
    Some(match instrument.option() {
        Some(contract) => Named::Option {
            asset: instrument.asset().to_owned(),
            paid_in: instrument.paid_in(),
            contract,
        },
        None => Named::Future,
    })
}

/// The name that Deribit would give an option; for files that have no names.
pub(crate) fn option_name(asset: &str, expiry: Timestamp, strike: f64, kind: OptionKind) -> String {
    let listed = Listed::Option { expiry, strike, kind };
    Instrument { base: asset.to_owned(), quote: None, style: Style::Deribit, listed }.to_string()
}

/// The name that Deribit gives a future that expires then.
pub(crate) fn future_name(asset: &str, expiry: Timestamp, paid_in: PaidIn) -> String {
    let quote = (paid_in == PaidIn::Usd).then(|| "USDC".to_owned());
    let listed = Listed::Future { expiry };
    Instrument { base: asset.to_owned(), quote, style: Style::Deribit, listed }.to_string()
}

fn is_ticker(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// `BTC-27MAR26-88000-C`, `BTC_USDC-27MAR26`, `BTC-PERPETUAL`.
fn deribit(name: &str) -> Option<Instrument> {
    let mut parts = name.split('-');
    let (base, quote) = match parts.next()?.split_once('_') {
        Some((base, quote)) => (base, Some(quote)),
        None => (name.split('-').next()?, None),
    };
    if !is_ticker(base) || quote.is_some_and(|quote| !STABLE.contains(&quote)) {
        return None;
    }
    let listed = match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        ("PERPETUAL", None, ..) => Listed::Perpetual,
        (date, None, ..) => Listed::Future { expiry: deribit_expiry(date)? },
        (date, Some(strike), Some(kind), None) => Listed::Option {
            expiry: deribit_expiry(date)?,
            strike: strike_of(strike)?,
            kind: kind_of(kind)?,
        },
        _ => return None,
    };
    let quote = quote.map(str::to_owned);
    Some(Instrument { base: base.to_owned(), quote, style: Style::Deribit, listed })
}

/// `BTCUSDT_240329`, `BTCUSD_PERP`.
fn binance(name: &str) -> Option<Instrument> {
    let (pair, date) = name.split_once('_')?;
    let quote = STABLE.iter().find(|quote| pair.ends_with(**quote))?;
    let base = pair.strip_suffix(quote).filter(|base| is_ticker(base))?;
    let listed = match date {
        "PERP" => Listed::Perpetual,
        _ => Listed::Future { expiry: binance_expiry(date)? },
    };
    let quote = Some((*quote).to_owned());
    Some(Instrument { base: base.to_owned(), quote, style: Style::Binance, listed })
}

/// `BTC-240329-70000-C`.
fn binance_option(name: &str) -> Option<Instrument> {
    let mut parts = name.split('-');
    let base = parts.next().filter(|base| is_ticker(base))?;
    let expiry = binance_expiry(parts.next()?)?;
    let (strike, kind) = (parts.next()?.parse().ok()?, kind_of(parts.next()?)?);
    let listed = Listed::Option { expiry, strike, kind };
    Some(Instrument { base: base.to_owned(), quote: None, style: Style::Binance, listed })
}

/// `BTC-USD-240329-70000-C`.
fn okx_option(name: &str) -> Option<Instrument> {
    let mut parts = name.split('-');
    let base = parts.next().filter(|base| is_ticker(base))?;
    let quote = parts.next().filter(|quote| STABLE.contains(quote))?;
    let expiry = binance_expiry(parts.next()?)?;
    let (strike, kind) = (parts.next()?.parse().ok()?, kind_of(parts.next()?)?);
    let listed = Listed::Option { expiry, strike, kind };
    Some(Instrument {
        base: base.to_owned(),
        quote: Some(quote.to_owned()),
        style: Style::Okx,
        listed,
    })
}

/// `27MAR26`, `7FEB26`.
fn deribit_expiry(text: &str) -> Option<Timestamp> {
    let (rest, year) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let (day, month) = rest.split_at_checked(rest.len().checked_sub(3)?)?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    settled(year.parse().ok()?, u32::try_from(month).ok()? + 1, day.parse().ok()?)
}

/// `240329`.
fn binance_expiry(text: &str) -> Option<Timestamp> {
    if text.len() != 6 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    settled(text[..2].parse().ok()?, text[2..4].parse().ok()?, text[4..].parse().ok()?)
}

fn settled(year: i32, month: u32, day: u32) -> Option<Timestamp> {
    let midnight = NaiveDate::from_ymd_opt(2000 + year, month, day)?.and_hms_opt(0, 0, 0)?;
    Some(Timestamp::from_millis(midnight.and_utc().timestamp_millis() + SETTLEMENT_HOUR_MILLIS))
}

/// `88000`, `0d45`.
fn strike_of(text: &str) -> Option<f64> {
    text.replacen('d', ".", 1)
        .parse()
        .ok()
        .filter(|strike: &f64| strike.is_finite() && *strike > 0.0)
}

/// `C` or `P`, `call` or `put`, in any case.
pub(crate) fn kind_of(text: &str) -> Option<OptionKind> {
    if text.eq_ignore_ascii_case("c") || text.eq_ignore_ascii_case("call") {
        Some(OptionKind::Call)
    } else if text.eq_ignore_ascii_case("p") || text.eq_ignore_ascii_case("put") {
        Some(OptionKind::Put)
    } else {
        None
    }
}

impl fmt::Display for Instrument {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, quote) = (&self.base, self.quote.as_deref().unwrap_or_default());
        let date = self.expiry().and_then(Timestamp::chrono);
        let date = date.map_or_else(String::new, |date| match self.style {
            Style::Deribit => {
                let month = usize::try_from(date.month0()).map_or("", |month| MONTHS[month]);
                format!("{}{month}{:02}", date.day(), date.year() % 100)
            }
            Style::Binance | Style::Okx => date.format("%y%m%d").to_string(),
        });
        match (self.style, self.listed) {
            (Style::Deribit, _) if quote.is_empty() => formatter.write_str(base)?,
            (Style::Deribit, _) => write!(formatter, "{base}_{quote}")?,
            (Style::Okx, _) => write!(formatter, "{base}-{quote}")?,
            (Style::Binance, Listed::Option { .. }) => formatter.write_str(base)?,
            (Style::Binance, Listed::Perpetual) => return write!(formatter, "{base}{quote}_PERP"),
            (Style::Binance, Listed::Future { .. }) => {
                return write!(formatter, "{base}{quote}_{date}");
            }
        }
        match self.listed {
            Listed::Perpetual => formatter.write_str("-PERPETUAL"),
            Listed::Future { .. } => write!(formatter, "-{date}"),
            Listed::Option { strike, kind, .. } => {
                let letter = if kind == OptionKind::Call { 'C' } else { 'P' };
                let strike = match self.style {
                    Style::Deribit => strike.to_string().replacen('.', "d", 1),
                    Style::Binance | Style::Okx => strike.to_string(),
                };
                write!(formatter, "-{date}-{strike}-{letter}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(name: &str) -> (String, PaidIn, Option<String>) {
        let instrument = Instrument::parse(name).unwrap();
        let expiry = instrument.expiry().map(|expiry| expiry.to_string());
        (instrument.asset().to_owned(), instrument.paid_in(), expiry)
    }

    #[test]
    fn names_of_the_venues() {
        for (name, asset, paid_in, expiry) in [
            ("BTC-PERPETUAL", "BTC", PaidIn::Coin, None),
            ("BTC_USDC-PERPETUAL", "BTC", PaidIn::Usd, None),
            ("BTC-27MAR26", "BTC", PaidIn::Coin, Some("2026-03-27T08:00:00Z")),
            ("BTC-7FEB26-69000-P", "BTC", PaidIn::Coin, Some("2026-02-07T08:00:00Z")),
            ("BTC_USDC-27MAR26-88000-C", "BTC", PaidIn::Usd, Some("2026-03-27T08:00:00Z")),
            ("XRP_USDC-7FEB26-0d45-C", "XRP", PaidIn::Usd, Some("2026-02-07T08:00:00Z")),
            ("BTCUSDT_240329", "BTC", PaidIn::Usd, Some("2024-03-29T08:00:00Z")),
            ("BTCUSD_240329", "BTC", PaidIn::Coin, Some("2024-03-29T08:00:00Z")),
            ("BTCUSD_PERP", "BTC", PaidIn::Coin, None),
            ("BTC-240329-70000-C", "BTC", PaidIn::Usd, Some("2024-03-29T08:00:00Z")),
            ("BTC-USD-240329-70000-C", "BTC", PaidIn::Coin, Some("2024-03-29T08:00:00Z")),
        ] {
            assert_eq!(
                said(name),
                (asset.to_owned(), paid_in, expiry.map(str::to_owned)),
                "{name}"
            );
        }
        let option = Instrument::parse("XRP_USDC-7FEB26-0d45-P").unwrap().option().unwrap();
        assert_eq!((option.strike, option.kind), (0.45, OptionKind::Put));
        for name in
            ["", "BTC", "BTCUSDT", "SYN.BTC-9JUN20", "BTC-31FEB26", "BTC-07FEB26", "btc-7FEB26"]
        {
            assert_eq!(Instrument::parse(name), None, "{name}");
        }
    }

    #[test]
    fn sizes_are_those_of_the_venue_or_unknown() {
        let size = |name| Instrument::parse(name).unwrap().size();
        assert_eq!(size("BTC-27MAR26"), Some(10.0));
        assert_eq!(size("ETH-27MAR26"), Some(1.0));
        assert_eq!(size("SOL-27MAR26"), None);
        assert_eq!(size("BTCUSD_240329"), Some(100.0));
        assert_eq!(size("BTC-27MAR26-88000-C"), Some(1.0));
    }

    proptest! {
        /// Whatever is understood is printed as it was written, and no text makes the parser fail.
        #[test]
        fn what_is_parsed_prints_as_it_was(
            name in "(BTC|ETH|XBT|1000SHIB|SOL_USDC|BTCUSDT|BTCUSD)[-_]([0-9]{1,2}(JAN|FEB|MAR|DEC)[0-9]{2}|[0-9]{6}|PERP(ETUAL)?)(-[0-9]{1,6}(d[0-9]{1,3})?-[CP])?",
        ) {
            if let Some(instrument) = Instrument::parse(&name) {
                prop_assert_eq!(instrument.to_string(), name);
            }
        }

        #[test]
        fn what_is_printed_parses_to_the_same(
            day in 0_i64..20_000, strike in 1_u32..2_000_000, call in any::<bool>(), linear in any::<bool>(),
        ) {
            let expiry = Timestamp::from_millis(946_713_600_000).plus_days(day);
            let kind = if call { OptionKind::Call } else { OptionKind::Put };
            let instrument = Instrument {
                base: "BTC".to_owned(),
                quote: linear.then(|| "USDC".to_owned()),
                style: Style::Deribit,
                listed: Listed::Option { expiry, strike: f64::from(strike) / 1000.0, kind },
            };
            prop_assert_eq!(Instrument::parse(&instrument.to_string()), Some(instrument));
        }

        #[test]
        fn no_text_makes_the_parser_panic(name in "\\PC{0,30}") {
            if let Some(instrument) = Instrument::parse(&name) {
                prop_assert_eq!(instrument.to_string(), name);
            }
        }
    }
}
