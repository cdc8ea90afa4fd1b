//! The manifest of updates, its signature and the keys, apart by a line `---`: nothing made up is believed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ripieno_update::{
    keys::{Keys, Signed},
    manifest::Manifest,
};

fuzz_target!(|text: &str| {
    let mut parts = text.split("\n---\n");
    let mut next = || parts.next().unwrap_or_default();
    let (manifest, signature, keys) = (next(), next(), next());
    drop(serde_json::from_str::<Manifest>(manifest));
    let Ok(signed) = Signed::parse("the manifest", signature) else {
        return;
    };
    if let Ok(keys) = Keys::parse(keys) {
        drop(keys.verify("the manifest", manifest.as_bytes(), &signed));
    }
});
