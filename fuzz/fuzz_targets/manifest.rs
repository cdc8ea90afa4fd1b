//! See [`manifest::read`].
#![no_main]

#[path = "../reading/manifest.rs"]
mod manifest;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| manifest::read(bytes));
