//! What a file is about: kind, coin, instrument, step and period, from its format, its symbols and its name.
//!
//! Nothing is guessed: what neither the content nor the name tells is `None`.

use chrono::{Months, NaiveDate, NaiveTime};
use hedgerow_core::MILLIS_PER_DAY;

use crate::formats::FormatName;
use crate::read::head::Head;
use crate::source::{SeriesKind, Span};

/// What a file is about, as far as it tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Identity {
    /// What it holds.
    pub(crate) kind: Option<SeriesKind>,
    /// Ticker of the underlying, `BTC`.
    pub(crate) asset: Option<String>,
    /// The instrument as the venue calls it, `BTCUSDT`.
    pub(crate) instrument: Option<String>,
    /// Length of a bar.
    pub(crate) step: Option<Span>,
    /// What the name says that the file covers: start and end, milliseconds UTC.
    pub(crate) period: Option<(i64, i64)>,
}

/// What a symbol trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Traded {
    /// A pair: the coin itself, or a perpetual of the same name on another market of the venue.
    Pair,
    /// A perpetual settled in USD.
    Perp,
    /// A perpetual settled in the coin.
    InversePerp,
    /// A dated future.
    Future,
    /// An option.
    Option,
}

/// A symbol, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Symbol {
    /// Ticker of the underlying; Bitcoin is `BTC`, never `XBT`.
    pub(crate) asset: String,
    pub(crate) traded: Traded,
}

/// Currencies in which prices are told: dollars, dollar coins and other money. Where one ends like another, the likelier
/// comes first.
const QUOTES: [&str; 12] =
    ["USDT", "USDC", "FDUSD", "BUSD", "ZUSD", "USDP", "USD", "TUSD", "DAI", "EUR", "GBP", "JPY"];

/// Coins in which prices are told.
const COIN_QUOTES: [&str; 3] = ["BTC", "ETH", "BNB"];

/// Coins that names of files spell out.
const SPELT: [(&str, &str); 4] =
    [("BITCOIN", "BTC"), ("ETHEREUM", "ETH"), ("ETHER", "ETH"), ("SOLANA", "SOL")];

/// Coins that stand alone in names of files.
const COINS: [&str; 10] = ["BTC", "XBT", "ETH", "SOL", "XRP", "LTC", "BNB", "DOGE", "ADA", "AVAX"];

/// Whether a currency is money or a dollar coin.
pub(crate) fn is_quote(currency: &str) -> bool {
    QUOTES.contains(&currency.to_uppercase().as_str())
}

/// Whether a symbol or the name of a file says that a contract of Binance is settled in the coin, `BTCUSD_PERP`.
pub(crate) fn is_coin_margined(name: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default().to_uppercase();
    name.split("USD_").nth(1).is_some_and(|rest| {
        rest.starts_with("PERP") || rest.bytes().take_while(u8::is_ascii_digit).count() == 6
    })
}

/// Reads a symbol: `BTCUSDT`, `BTC_USDT`, `BTC-USDT`, `BTC/USD`, `tBTCUSD`, `XBTUSD`, `BTCUSD_PERP`, `BTC-PERPETUAL`,
/// `BTC-27MAR26`, `BTC-27MAR26-88000-C`, `BTCUSDT_240329`, `BTC-USDT-SWAP`, `BTC/USDT:USDT`, `BTCUSDT Perpetual`.
pub(crate) fn symbol(text: &str) -> Option<Symbol> {
    let text = text.trim();
    let text = text.strip_prefix('t').filter(|rest| is_upper(rest)).unwrap_or(text).to_uppercase();
    let (text, settled) = match text.split_once(':') {
        Some((pair, settled)) => (pair.to_owned(), Some(settled.to_owned())),
        None => (text, None),
    };
    let parts: Vec<&str> =
        text.split(['-', '_', '/', ' ']).filter(|part| !part.is_empty()).collect();
    let (asset, quote, rest) = pair(&parts)?;
    let in_coin = quote.is_none_or(|quote| quote == "USD");
    let perp = if in_coin { Traded::InversePerp } else { Traded::Perp };
    let traded = match (rest, settled) {
        ([], Some(settled)) if settled == asset => Traded::InversePerp,
        ([], Some(_)) => Traded::Perp,
        ([], None) => Traded::Pair,
        // FTX settled its perpetuals in USD.
        (["PERP"], _) if quote.is_none() => Traded::Perp,
        (["PERP" | "PERPETUAL" | "SWAP"] | ["CM", "PERPETUAL"], _) => perp,
        ([date], _) if is_date(date) => Traded::Future,
        ([date, _, "C" | "P"], _) if is_date(date) => Traded::Option,
        _ => return None,
    };
    Some(Symbol { asset, traded })
}

/// Coin and quote at the start of a symbol, and the parts after them.
fn pair<'a>(parts: &'a [&'a str]) -> Option<(String, Option<&'a str>, &'a [&'a str])> {
    let (first, rest) = parts.split_first()?;
    if let Some((quote, rest)) = rest.split_first().filter(|(quote, _)| is_any_quote(quote)) {
        return coin(first).map(|asset| (asset, Some(*quote), rest));
    }
    let splits = || {
        QUOTES.iter().chain(&COIN_QUOTES).filter_map(|quote| {
            let base = first.strip_suffix(quote).filter(|base| base.len() >= 2)?;
            Some((base, *quote))
        })
    };
    // `XBTUSD` is XBT in USD, not XB in TUSD.
    let split = splits().find(|(base, _)| COINS.contains(base)).or_else(|| splits().next());
    match split {
        Some((base, quote)) => coin(base).map(|asset| (asset, Some(quote), rest)),
        None if !rest.is_empty() || COINS.contains(first) => {
            coin(first).map(|asset| (asset, None, rest))
        }
        None => None,
    }
}

fn is_any_quote(text: &str) -> bool {
    QUOTES.contains(&text) || COIN_QUOTES.contains(&text)
}

/// The ticker of a coin in capitals: letters and digits, ten at most.
fn coin(text: &str) -> Option<String> {
    let is_ticker = (2..=10).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_ticker.then(|| match text {
        "XBT" | "XXBT" => "BTC".to_owned(),
        "XETH" => "ETH".to_owned(),
        other => other.to_owned(),
    })
}

fn is_upper(text: &str) -> bool {
    text.len() >= 5 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b':')
}

/// `27MAR26`, `7FEB26` or `240329`.
fn is_date(text: &str) -> bool {
    const MONTHS: [&str; 12] =
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() == 6 && digits(text) {
        return true;
    }
    let Some((day, rest)) = text.len().checked_sub(5).and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    let Some((month, year)) = rest.split_at_checked(3) else { return false };
    digits(day) && day.len() <= 2 && MONTHS.contains(&month) && digits(year)
}

/// What a file is about as far as its top tells: the symbol of its first row stands for all.
pub(crate) fn identify_top(head: &Head, format: FormatName) -> Identity {
    let symbol = crate::formats::symbol(head).and_then(|index| head.first_cell(index));
    let symbols: Vec<String> = symbol.map(ToOwned::to_owned).into_iter().collect();
    identify(head, format, &symbols)
}

/// What a file is about. `symbols` are those that a column of it names.
pub(crate) fn identify(head: &Head, format: FormatName, symbols: &[String]) -> Identity {
    let words = Words::of(&head.file);
    let ticker = head.subheads.iter().flatten().find_map(|cell| symbol(cell));
    let named = match symbols {
        [only] => symbol(only),
        [] => ticker.or_else(|| words.symbol()),
        _ => None,
    };
    let assets: Vec<String> =
        symbols.iter().filter_map(|name| symbol(name)).map(|symbol| symbol.asset).collect();
    let one_asset = assets.first().filter(|first| assets.iter().all(|asset| asset == *first));
    let asset = match &named {
        Some(symbol) => Some(symbol.asset.clone()),
        None if symbols.len() > 1 => one_asset.cloned(),
        None => words.coin(),
    };
    let instrument = match symbols {
        [only] => Some(only.clone()),
        _ => None,
    };
    Identity {
        kind: kind(head, format, named.as_ref(), &words),
        asset,
        instrument,
        step: words.step(),
        period: words.period(),
    }
}

/// The kind of series, as format, symbol and name tell it.
fn kind(
    head: &Head,
    format: FormatName,
    symbol: Option<&Symbol>,
    words: &Words,
) -> Option<SeriesKind> {
    let traded = symbol.map_or(Traded::Pair, |symbol| symbol.traded);
    let holds = |name| head.position_of_any(&[name]).is_some();
    let exchange = head.position("exchange").and_then(|index| head.first_cell(index));
    let is_on_bitmex = exchange == Some("bitmex");
    let in_coin = traded == Traded::InversePerp || words.is_of_market("cm");
    let funding = if in_coin { SeriesKind::InverseFunding } else { SeriesKind::Funding };
    if ["instrument_type", "contract_size", "expiration_timestamp"].into_iter().all(holds) {
        return Some(SeriesKind::Instruments);
    }
    match format.as_str() {
        "deribit_dvol" => return Some(SeriesKind::Vol),
        // Deribit's perpetuals are settled in the coin unless their name has another currency.
        "deribit_funding" if traded != Traded::Perp => return Some(SeriesKind::InverseFunding),
        "binance_funding" | "binance_web_funding" | "funding_history" | "deribit_funding" => {
            return Some(funding);
        }
        "binance_vision" if holds("last_funding_rate") => return Some(funding),
        "bitmex" if traded == Traded::Pair => return Some(SeriesKind::InversePerp),
        // They hold nothing else, whatever their names are.
        "deribit_chain" | "deribit_dump" | "deribit_summary" | "deribit_vols" | "tardis_chain"
            if traded == Traded::Pair =>
        {
            return Some(SeriesKind::OptionChain);
        }
        "coin_metrics" | "yahoo" | "coinbase" | "bitfinex" | "bitstamp_minute" => {
            return Some(SeriesKind::Spot);
        }
        _ => {}
    }
    if words.has_any(&["funding", "fundingrate"]) {
        return Some(funding);
    }
    match traded {
        Traded::Perp => Some(SeriesKind::Perp),
        Traded::InversePerp => Some(SeriesKind::InversePerp),
        Traded::Future => Some(SeriesKind::Future),
        Traded::Option => Some(SeriesKind::OptionChain),
        Traded::Pair if words.has_any(&["dvol"]) => Some(SeriesKind::Vol),
        Traded::Pair if words.is_of_market("cm") => Some(SeriesKind::InversePerp),
        Traded::Pair if words.is_of_market("um") => Some(SeriesKind::Perp),
        Traded::Pair if words.has_any(&["perp", "perpetual", "swap"]) => Some(SeriesKind::Perp),
        // BitMEX has no spot; what it calls `XBTUSD` is settled in the coin.
        Traded::Pair if words.has_any(&["bitmex"]) || is_on_bitmex => Some(SeriesKind::InversePerp),
        Traded::Pair => None,
    }
}

/// The words of the name of a file.
#[derive(Debug)]
struct Words {
    /// The name itself, without its endings.
    stem: String,
    /// Its words, in lower case.
    all: Vec<String>,
    /// The folders it stands in: data.binance.vision keeps contracts in `um` and `cm`.
    folders: Vec<String>,
}

/// Endings that say how a file is packed or written.
const ENDINGS: [&str; 12] = [
    "zip", "gz", "zst", "tar", "csv", "json", "jsonl", "ndjson", "feather", "arrow", "parquet",
    "txt",
];

impl Words {
    fn of(file: &str) -> Self {
        let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
        let mut stem = name;
        while let Some((rest, ending)) = stem.rsplit_once('.') {
            if !ENDINGS.contains(&ending.to_lowercase().as_str()) {
                break;
            }
            stem = rest;
        }
        let split = |text: &str| {
            let words = text.split(|letter: char| !letter.is_alphanumeric());
            words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>()
        };
        let folders = file.strip_suffix(name).unwrap_or_default().split(['/', '\\']);
        Self {
            stem: stem.to_owned(),
            all: split(stem),
            folders: folders.map(str::to_lowercase).collect(),
        }
    }

    fn has_any(&self, wanted: &[&str]) -> bool {
        self.all.iter().any(|word| wanted.contains(&word.as_str()))
    }

    /// Whether the file is one of Binance's contracts in this market, `um` or `cm`.
    fn is_of_market(&self, market: &str) -> bool {
        self.all.iter().chain(&self.folders).any(|word| word == market)
    }

    /// The longest run of words that is a symbol: of several, the first of a common coin.
    fn symbol(&self) -> Option<Symbol> {
        let parts: Vec<&str> = self.stem.split(['-', '_', ' ', '.']).collect();
        let run = |start: usize, length: usize| {
            let run = parts.get(start..start + length)?;
            // In running text `eth` or `day` is a word; a symbol has capitals or a quote currency.
            let found = symbol(&run.join("-"))?;
            let is_common = COINS.contains(&&*found.asset);
            let is_bare = length == 1
                && found.traded == Traded::Pair
                && COINS.contains(&&*run[0].to_uppercase());
            // `data_usdc` is no pair of a coin called data.
            let is_written =
                run.iter().all(|part| !part.bytes().any(|byte| byte.is_ascii_lowercase()));
            (!is_bare && (is_common || is_written)).then_some(found)
        };
        let found = || {
            (0..parts.len()).filter_map(|start| (1..=4).rev().find_map(|length| run(start, length)))
        };
        // `yahoo_BTC-USD` is no pair of a coin called yahoo.
        found().find(|symbol| COINS.contains(&&*symbol.asset)).or_else(|| found().next())
    }

    /// A coin whose name stands among the words.
    fn coin(&self) -> Option<String> {
        self.all.iter().find_map(|word| {
            let word = word.to_uppercase();
            let spelt =
                SPELT.iter().find(|(name, _)| *name == word).map(|(_, coin)| (*coin).to_owned());
            spelt.or_else(|| coin(&word).filter(|_| COINS.contains(&word.as_str())))
        })
    }

    /// The first word that is a length of time, `1h`, or says one, `hourly`.
    fn step(&self) -> Option<Span> {
        let parts: Vec<&str> = self.stem.split(['-', '_', ' ', '.']).collect();
        parts.iter().find_map(|part| match *part {
            "d" | "D" | "day" | "daily" => Some(Span::days(1)),
            "hour" | "hourly" => "1h".parse().ok(),
            "minute" | "1-min" => "1m".parse().ok(),
            other => other.parse().ok().filter(|_| other.len() <= 3),
        })
    }

    /// The period of a file of data.binance.vision: `BTCUSDT-1h-2024-01`, `BTCUSDT-fundingRate-2024-01`,
    /// `ADABTC-1m-2021-11-27`.
    fn period(&self) -> Option<(i64, i64)> {
        let parts: Vec<&str> = self.stem.split('-').collect();
        let number =
            |part: &str, length| (part.len() == length).then(|| part.parse::<u32>().ok()).flatten();
        let (what, year, month, day) = match parts[..] {
            [_, what, year, month] => (what, year, month, None),
            [_, what, year, month, day] => (what, year, month, Some(day)),
            _ => return None,
        };
        let is_kline = what.parse::<Span>().is_ok() || what == "fundingRate";
        let year = number(year, 4).filter(|_| is_kline)?;
        let first = NaiveDate::from_ymd_opt(
            i32::try_from(year).ok()?,
            number(month, 2)?,
            day.map_or(Some(1), |day| number(day, 2))?,
        )?;
        let from = first.and_time(NaiveTime::MIN).and_utc().timestamp_millis();
        let to = match day {
            Some(_) => from + MILLIS_PER_DAY,
            None => {
                let next = first.checked_add_months(Months::new(1))?;
                next.and_time(NaiveTime::MIN).and_utc().timestamp_millis()
            }
        };
        Some((from, to))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_of_every_venue() {
        for (text, asset, traded) in [
            ("BTCUSDT", "BTC", Traded::Pair),
            ("BTC_USDT", "BTC", Traded::Pair),
            ("BTC-USDT", "BTC", Traded::Pair),
            ("BTC/USD", "BTC", Traded::Pair),
            ("ETH-USD", "ETH", Traded::Pair),
            ("tBTCUSD", "BTC", Traded::Pair),
            ("XBTUSD", "BTC", Traded::Pair),
            ("ADABTC", "ADA", Traded::Pair),
            ("USDCUSDT", "USDC", Traded::Pair),
            ("1000SHIBUSDT", "1000SHIB", Traded::Pair),
            ("BTCUSD_PERP", "BTC", Traded::InversePerp),
            ("BTC-PERPETUAL", "BTC", Traded::InversePerp),
            ("ETH_USDC-PERPETUAL", "ETH", Traded::Perp),
            ("BTC-PERP", "BTC", Traded::Perp),
            ("BTC-USDT-SWAP", "BTC", Traded::Perp),
            ("BTC-USD-SWAP", "BTC", Traded::InversePerp),
            ("BTC/USDT:USDT", "BTC", Traded::Perp),
            ("BTC/USD:BTC", "BTC", Traded::InversePerp),
            ("BTCUSDT Perpetual", "BTC", Traded::Perp),
            ("BTCUSD CM Perpetual", "BTC", Traded::InversePerp),
            ("BTC-27MAR26", "BTC", Traded::Future),
            ("BTC-7FEB26", "BTC", Traded::Future),
            ("BTCUSDT_240329", "BTC", Traded::Future),
            ("BTC-27MAR26-88000-C", "BTC", Traded::Option),
            ("BTC_USDC-27MAR26-88000-P", "BTC", Traded::Option),
        ] {
            assert_eq!(symbol(text), Some(Symbol { asset: asset.to_owned(), traded }), "{text}");
        }
        for text in ["", "x", "BTC-nonsense", "27MAR26", "\u{1f600}", "é1MAR26-é", "BTC-é7MAR26"]
        {
            assert_eq!(symbol(text), None, "{text}");
        }
    }

    #[test]
    fn names_of_files_tell_coin_kind_step_and_period() {
        let told = |file: &str, format: &str| {
            let head = Head::of_columns(file, vec!["time".to_owned(), "close".to_owned()]);
            let found = identify(&head, FormatName::find(format).unwrap(), &[]);
            let kind = found.kind.map_or("", SeriesKind::key);
            let step = found.step.map_or_else(String::new, |step| step.to_string());
            format!("{} {kind} {step}", found.asset.unwrap_or_default())
        };
        for (file, format, expected) in [
            ("BTCUSDT-1h-2024-01.zip", "binance_vision", "BTC  1h"),
            (
                "data/futures/um/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-01.zip",
                "csv",
                "BTC perp 1h",
            ),
            ("BTCUSD_PERP-1d-2024-01.zip", "binance_vision", "BTC inverse_perp 1d"),
            ("BTCUSDT-fundingRate-2024-01.zip", "csv", "BTC funding "),
            ("BTC_USDT-1h.json.gz", "freqtrade", "BTC  1h"),
            ("BTC_USDT_USDT-8h-funding_rate.feather", "freqtrade", "BTC funding 8h"),
            ("BTCUSDT_Binance_futures_UM_day.csv.gz", "csv", "BTC perp 1d"),
            ("BTCUSD_PERP_Binance_futures_CM_hour.csv.gz", "csv", "BTC inverse_perp 1h"),
            ("btc-perp-20211231-20220201_1m.csv.gz", "csv", "BTC perp 1m"),
            ("bitcoin_dvol_hourly.csv.gz", "deribit_dvol", "BTC vol 1h"),
            ("bitmex_XBTUSD_1d.csv", "bitmex", "BTC inverse_perp 1d"),
            ("yahoo_BTC-USD.csv", "yahoo", "BTC spot "),
            ("funding_ETHUSDT.csv.gz", "csv", "ETH funding "),
            ("prices.csv", "csv", "  "),
        ] {
            assert_eq!(told(file, format), expected, "{file}");
        }
        let period = |file| {
            Words::of(file).period().map(|(from, to)| {
                [from, to].map(|time| hedgerow_core::Timestamp::from_millis(time).to_string())
            })
        };
        let days = |days: [&str; 2]| Some(days.map(|day| format!("{day}T00:00:00Z")));
        assert_eq!(period("BTCUSDT-1h-2023-12.zip"), days(["2023-12-01", "2024-01-01"]));
        assert_eq!(period("a/ADABTC-1m-2021-11-27.csv"), days(["2021-11-27", "2021-11-28"]));
        assert_eq!(period("BTCUSDT-1h-2024-13.zip"), None);
        assert_eq!(period("btc-perp-20211231-20220201_1m.csv"), None);
    }
}
