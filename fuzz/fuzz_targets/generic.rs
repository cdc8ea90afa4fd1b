//! See [`ripieno_agents::fuzzing::generic`].
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| ripieno_agents::fuzzing::generic(bytes));
