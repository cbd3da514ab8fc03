//! Any bytes after the mark of each kind of archive: opened within bounds or refused, never a panic.
#![no_main]

use hedgerow_data::read_hostile;

const MARKS: [&[u8]; 5] = [b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"ARROW1\x00\x00"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    for mark in MARKS {
        read_hostile("archive.bin", &[mark, bytes].concat());
    }
});
