//! Files that are cut short or damaged: an error, a warning, or a series that plainly ends earlier; never a panic.

use std::io::Write;

use hedgerow_data::{Hostile, read_hostile};

/// One small file per layout.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text: [(&str, &str); 14] = [
        (
            "plain.csv",
            "time,close\n2024-01-01,42283.5\n2024-01-02,44167.25\n2024-01-03,44957\n2024-01-04,42848.5\n",
        ),
        (
            "BTCUSDT-1d-2024-01.csv",
            "1704067200000,42283.58,44184.1,42180.77,44179.55,27174.29,1704153599999,1169995682.3,1280809,13894.2,598441655.4,0\n1704153600000,44179.55,45879.63,44148.34,44946.91,65146.4,1704239999999,2944331634.5,2106231,32964.6,1490100441.2,0\n1704240000000,44946.91,45500,40750,42845.23,81194.5,1704326399999,3507105312.4,2393405,38969.6,1684144372.2,0\n",
        ),
        (
            "funding.csv",
            "calc_time,funding_interval_hours,last_funding_rate\n1704067200000,8,0.00037409\n1704096000000,8,0.00029482\n1704124800000,8,0.00031234\n",
        ),
        (
            "cdd.csv",
            "https://www.CryptoDataDownload.com\nUnix,Date,Symbol,Open,High,Low,Close,Volume BTC,Volume USDT,tradecount\n1704240000000,2024-01-03,BTCUSDT,44946.91,45500.0,40750.0,42845.23,81194.5,3507105312.4,2393405\n1704153600000,2024-01-02,BTCUSDT,44179.55,45879.63,44148.34,44946.91,65146.4,2944331634.5,2106231\n",
        ),
        (
            "web.csv",
            "\u{feff}\"Time\",\"Contracts\",\"Funding Interval\",\"Funding Rate\"\n\"2024-01-01 16:00:00\",\"BTCUSDT Perpetual\",\"8h\",\"0.020000%\"\n\"2024-01-01 08:00:00\",\"BTCUSDT Perpetual\",\"8h\",\"-0.037500%\"\n",
        ),
        (
            "yahoo.csv",
            "Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDate,,,,,\n2024-01-01,44167.33,44175.44,42214.98,42280.23,18426978443\n2024-01-02,44957.97,45899.71,44176.95,44187.14,39335274536\n",
        ),
        (
            "ticks.csv",
            "exchange,symbol,timestamp,local_timestamp,id,side,price,amount\nbitmex,XBTUSD,1583020803145000,1583020803307160,a,sell,8531.5,2152\nbitmex,XBTUSD,1583020803276000,1583020803336743,b,buy,8532,1\n",
        ),
        (
            "kaggle.csv",
            "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n1325317920,4.39,4.39,4.39,4.39,0.45,2.0,4.39\n1325317980,NaN,NaN,NaN,NaN,NaN,NaN,NaN\n1325318040,4.39,4.39,4.39,4.39,1,4.39,4.39\n",
        ),
        (
            "lists.json",
            "[[1502942400000, 4261.48, 4313.62, 4261.32, 4308.83, 47.18],\n [1502946000000, 4308.83, 4328.69, 4291.37, 4315.32, 23.23],\n [1502949600000, 4330.29, 4345.45, 4309.37, 4324.35, 7.22]]",
        ),
        (
            "chart.json",
            r#"{"result":{"close":[87456.5,87457.5],"cost":[257490.0,250000.0],"high":[87457.5,87458.5],"low":[87451.0,87456.5],"open":[87451.0,87457.5],"status":"ok","ticks":[1766483460000,1766483520000],"volume":[2.94,2.85]}}"#,
        ),
        (
            "dvol.json",
            r#"{"result":{"data":[[1704067200000,66.1,67.2,65.9,66.5],[1704070800000,66.5,66.9,66.2,66.25]],"continuation":null}}"#,
        ),
        (
            "funding.json",
            r#"[{"symbol":"BTCUSDT","fundingRate":"-0.0375e-2","fundingTime":1570608000000,"markPrice":""},{"symbol":"BTCUSDT","fundingRate":"0.0001","fundingTime":1570636800000,"markPrice":"8000.5"}]"#,
        ),
        (
            "lines.jsonl",
            "{\"time\": \"2024-01-01\", \"close\": 42283.5, \"stats\": {\"n\": 1}}\n{\"time\": \"2024-01-02\", \"close\": 44167.25}\n{\"time\": \"2024-01-03\", \"close\": 44957}\n",
        ),
        (
            "multi.csv",
            "Symbol,Date,Funding Rate\nBTC-USDT,2020-01-01 03:00:00.000,-0.00012359\nBTC-USDT,2020-01-01 11:00:00.000,-0.00012383\n",
        ),
    ];
    let mut seeds: Vec<_> =
        text.into_iter().map(|(name, text)| (name, text.as_bytes().to_vec())).collect();
    let plain = seeds[0].1.clone();
    seeds.push(("plain.csv.gz", gz(&plain)));
    seeds.push(("plain.csv.zst", zstd::encode_all(&plain[..], 3).unwrap()));
    seeds.push(("plain.zip", zip(&[("1.csv", &plain), ("2.csv", &plain)])));
    seeds.push(("plain.tar.gz", gz(&tar(&[("1.csv", &plain), ("2.csv", &plain)]))));
    seeds
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for (name, bytes) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, *bytes).unwrap();
    }
    tar.into_inner().unwrap()
}

/// Whether what was read of a cut file is told apart from the whole: no series, a warning more, an unended line, or other
/// stamps.
fn is_told(whole: &Hostile, cut: &Hostile, ends_in_a_line: bool) -> bool {
    cut.series.iter().all(|(kind, stamps, warnings)| {
        let full = whole.series.iter().find(|(of, ..)| of == kind);
        full.is_none_or(|(_, all, before)| {
            stamps.len() < all.len() || stamps == all || warnings > before || ends_in_a_line
        })
    })
}

/// Cut at any byte, a file gives an error, a warning, or a series whose stamps show that it is shorter; only text can be cut
/// so that what is left is whole, and then it says that its last line has no end.
#[test]
fn truncation_at_any_byte_is_never_a_silent_short_series() {
    for (name, bytes) in seeds() {
        let whole = read_hostile(name, &bytes);
        assert!(!whole.series.is_empty(), "{name}: {:?}", whole.refused);
        let is_packed = ["gz", "zst", "zip"].iter().any(|ending| name.ends_with(ending));
        let is_document = name.ends_with(".json");
        for length in 0..bytes.len() {
            let cut = read_hostile(name, &bytes[..length]);
            let ends_in_a_line = bytes[..length].ends_with(b"\n");
            assert!(is_told(&whole, &cut, ends_in_a_line), "{name} cut at {length}: {cut:?}");
            // Archives and JSON know where they end.
            let blank_end = bytes[length..].iter().all(u8::is_ascii_whitespace);
            if (is_packed && length > 4) || (is_document && !blank_end) {
                assert!(cut.series.is_empty(), "{name} cut at {length}: {cut:?}");
            }
        }
    }
}

/// As much randomness as a test may have: the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // Xorshift, Marsaglia (2003), "Xorshift RNGs", with the triple 13, 7, 17.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// Pieces that have broken readers of such files.
const PIECES: [&[u8]; 20] = [
    b"\"",
    b",",
    b"\n",
    b"\r\n",
    b";",
    b"\t",
    b"NaN",
    b"-",
    b"1e400",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"[",
    b"{",
    b"}",
    b"]",
    b"null",
    b"%",
];

fn mutated(seed: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=chance.below(4) {
        let at = chance.below(bytes.len() + 1);
        match chance.below(5) {
            0 if at < bytes.len() => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
            1 if at < bytes.len() => {
                drop(bytes.drain(at..bytes.len().min(at + 1 + chance.below(40))));
            }
            2 => drop(bytes.splice(at..at, PIECES[chance.below(PIECES.len())].iter().copied())),
            3 => {
                let end = bytes.len().min(at + 1 + chance.below(60));
                let copy = bytes[at..end].to_vec();
                let to = chance.below(bytes.len() + 1);
                drop(bytes.splice(to..to, copy));
            }
            _ => bytes.truncate(at),
        }
    }
    bytes
}

/// The bodies of the fuzz targets over a few thousand damaged files: nothing panics, stamps increase.
#[test]
fn damaged_files_never_panic() {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for (name, bytes) in seeds() {
        for _ in 0..400 {
            let damaged = mutated(&bytes, &mut chance);
            for (_, stamps, _) in read_hostile(name, &damaged).series {
                assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {damaged:?}");
            }
        }
    }
}

/// Names that stand for nothing, and names that are hostile themselves.
#[test]
fn hostile_names_never_panic() {
    let csv = b"time,close\n2024-01-01,1\n2024-01-02,2\n";
    for name in [
        "",
        ".",
        "..",
        "/",
        "-",
        "_",
        "é-1h-2024-01",
        "BTCUSDT-1h-9999-99",
        "BTCUSDT-99999999999999999d-2024-01",
        "\u{1f600}_PERP",
        "a-b-c-d-e-f",
        "USD_é",
    ] {
        assert_eq!(read_hostile(name, csv).n_members, 1, "{name}");
    }
}
