//! The manifest of updates, its signature and the keys, apart by a line `---`: nothing made up is believed, and what a key of
//! ours signed only when it says what it must.

#![allow(dead_code, unreachable_pub, clippy::expect_used)]

use jiff::Timestamp;
use ripieno_release::Signer;
use ripieno_update::{
    Refusal,
    keys::{Keys, Signed},
    manifest::{Channel, Manifest},
    trust::Trust,
};
use std::sync::LazyLock;

const NAME: &str = "the manifest";

/// A key that is believed.
static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::generate().expect("randomness"));

/// Reads any bytes as manifest, signature and keys.
///
/// # Panics
/// When a manifest is taken that must not be.
pub fn read(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.split("\n---\n");
    let mut next = || parts.next().unwrap_or_default();
    let (manifest, signature, keys) = (next(), next(), next());
    if let (Ok(signed), Ok(keys)) = (Signed::parse(NAME, signature), Keys::parse(keys)) {
        drop(keys.verify(NAME, manifest.as_bytes(), &signed));
    }
    // Signing costs more than all of the rest: not for what is no manifest anyway.
    if serde_json::from_str::<Manifest>(manifest).is_ok() {
        let mut trust = Trust::default();
        match accept(manifest, &mut trust) {
            Ok(believed) => assert_sound(manifest, &believed, trust),
            Err(refusal) => {
                assert!(!refusal.to_string().is_empty());
                assert_eq!(trust, Trust::default(), "a refusal leaves no trace");
            }
        }
    }
}

/// What becomes of these words in November 2026, signed by a key that is believed.
///
/// # Errors
/// Why they are refused.
pub fn accept(manifest: &str, trust: &mut Trust) -> Result<Manifest, Refusal> {
    let bytes = manifest.as_bytes();
    let words = Manifest::signed_words(Channel::Stable);
    let signature = SIGNER.sign(bytes, &words).expect("minisign signs");
    let keys = Keys::parse(SIGNER.public()).expect("a key");
    let now: Timestamp = "2026-11-29T12:00:00Z".parse().expect("a time");
    Manifest::accept(bytes, &signature, &keys, Channel::Stable, now, trust)
}

fn assert_sound(words: &str, believed: &Manifest, mut trust: Trust) {
    assert_eq!(believed.channel, Channel::Stable);
    for part in believed.artefacts.iter().flat_map(|one| &one.files) {
        let name = &part.name;
        let leads = name.contains(['/', '\\', '\0']) || name.starts_with('.') || name.is_empty();
        assert!(!leads, "{name:?} leads elsewhere");
        assert!(part.length > 0);
    }
    let written = serde_json::to_string(believed).expect("it can be written");
    let again = serde_json::from_str::<Manifest>(&written);
    assert_eq!(
        again.ok().as_ref(),
        Some(believed),
        "what is written is read the same"
    );
    assert!(
        accept(words, &mut trust).is_ok(),
        "the same one is no step back"
    );
}
