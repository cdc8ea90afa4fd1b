//! See [`piece::read`].
#![no_main]

#[path = "../reading/piece.rs"]
mod piece;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| piece::read(bytes));
