//! The YAML of a piece: refused with places, or loaded and written again.

#![allow(dead_code, unreachable_pub, clippy::expect_used)]

use ripieno_pieces::{ListedFacets, load};

/// Reads any bytes as a piece.
///
/// # Panics
/// When what was loaded does not load again, or a refusal says nothing.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match load("made-up.yaml", &text, &ListedFacets(&[])) {
        Ok(loaded) => {
            assert!(loaded.pinned.load().is_ok(), "what was pinned loads again");
            drop(loaded.piece.needs());
        }
        Err(problems) => assert!(!problems.to_string().is_empty()),
    }
}
