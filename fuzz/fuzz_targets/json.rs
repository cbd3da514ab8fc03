//! Any bytes after the start of JSON, read as every kind of series: nothing panics, stamps increase.
#![no_main]

use hedgerow_data::read_hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for start in [&b"["[..], b"{\"result\":"] {
        let text = [start, bytes].concat();
        for (_, stamps, _) in read_hostile("BTC_USDT-1h.json", &text).series {
            assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
});
