//! Everything that was ever found or kept is read again, by the tests of the crate whose parser it is: part of `make test`.

#![allow(dead_code, unreachable_pub, clippy::expect_used)]

use std::{fs, path::Path};

/// Reads every file of the corpus of a target, and of more folders of the repository.
///
/// # Panics
/// When a folder or a file cannot be read, or there is hardly any.
pub fn read_again(target: &str, more: &[&str], read: fn(&[u8])) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let corpus = format!("fuzz/corpus/{target}");
    let mut count = 0;
    for folder in [corpus.as_str()].iter().chain(more) {
        for entry in fs::read_dir(root.join(folder)).expect("a folder of inputs") {
            let path = entry.expect("an input").path();
            if path.is_dir() {
                continue;
            }
            let bytes = fs::read(path).expect("it can be read");
            read(&bytes);
            // The same cut in the middle, and with a byte that is no text.
            read(&bytes[..bytes.len() / 2]);
            let mut damaged = bytes.clone();
            let middle = damaged.len() / 2;
            damaged.insert(middle, 0xff);
            read(&damaged);
            count += 1;
        }
    }
    assert!(count > 3, "{target}: {count} inputs");
}
