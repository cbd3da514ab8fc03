//! Any text, read as every kind of series: nothing panics, stamps increase.
#![no_main]

use hedgerow_data::read_hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for (_, stamps, _) in read_hostile("BTCUSDT-1h-2024-01.csv", bytes).series {
        assert!(stamps.windows(2).all(|pair| pair[0] < pair[1]));
    }
});
