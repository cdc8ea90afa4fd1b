//! The YAML of a piece: refused with places, or loaded and written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ripieno_pieces::{ListedFacets, load};

fuzz_target!(|text: &str| {
    match load("made-up.yaml", text, &ListedFacets(&[])) {
        Ok(loaded) => {
            assert!(loaded.pinned.load().is_ok(), "what was pinned loads again");
            drop(loaded.piece.needs());
        }
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
});
