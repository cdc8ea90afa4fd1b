//! Manifests (sec-13: rollback, freeze, mix-and-match, wrong keys).

use jiff::{Timestamp, ToSpan};
use ripieno_release::{Signer, manifest};
use ripieno_update::{
    Refusal,
    checker::{Offer, weigh},
    keys::Keys,
    manifest::{Artefact, Channel, Manifest, Part},
    trust::Trust,
};
use semver::Version;
use std::collections::BTreeSet;

pub fn version(text: &str) -> Version {
    text.parse().unwrap()
}

fn artefact() -> Artefact {
    Artefact {
        target: "linux-x86_64-command".into(),
        files: vec![Part {
            name: "ripieno".into(),
            url: "ripieno".into(),
            length: 3,
            sha256: "00".into(),
            signature: String::new(),
        }],
    }
}

fn made(sequence: u64) -> Manifest {
    manifest(
        Channel::Stable,
        version("0.2.0"),
        sequence,
        vec![artefact()],
    )
    .unwrap()
}

/// Two keys that are believed.
struct Pair {
    primary: Signer,
    standby: Signer,
    keys: Keys,
    trust: Trust,
}

impl Pair {
    fn new() -> Self {
        let (primary, standby) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let both = format!("{},{}", primary.public(), standby.public());
        Pair {
            keys: Keys::parse(&both).unwrap(),
            primary,
            standby,
            trust: Trust::default(),
        }
    }

    fn accept(&mut self, signer: &Signer, manifest: &Manifest) -> Result<Manifest, Refusal> {
        let bytes = serde_json::to_vec(manifest).unwrap();
        let words = Manifest::signed_words(manifest.channel);
        let signature = signer.sign(&bytes, &words).unwrap();
        self.accept_bytes(&bytes, &signature)
    }

    fn accept_bytes(&mut self, bytes: &[u8], signature: &str) -> Result<Manifest, Refusal> {
        let now = Timestamp::now();
        Manifest::accept(
            bytes,
            signature,
            &self.keys,
            Channel::Stable,
            now,
            &mut self.trust,
        )
    }

    fn refused(&mut self, manifest: &Manifest) -> String {
        let signer = self.primary.clone();
        let refusal = self.accept(&signer, manifest).unwrap_err();
        refusal.to_string()
    }
}

#[test]
fn manifest_of_either_key_is_believed() {
    let mut pair = Pair::new();
    let (primary, standby) = (pair.primary.clone(), pair.standby.clone());
    assert_eq!(pair.accept(&primary, &made(1)).unwrap().sequence, 1);
    assert_eq!(pair.accept(&standby, &made(2)).unwrap().sequence, 2);
}

#[test]
fn key_that_nobody_knows_is_named() {
    let mut pair = Pair::new();
    let stranger = Signer::generate().unwrap();
    let refusal = pair.accept(&stranger, &made(1)).unwrap_err();
    assert!(
        matches!(&refusal, Refusal::UnknownKey { key, .. } if key == stranger.id()),
        "{refusal}"
    );
    assert_eq!(pair.trust, Trust::default(), "nothing is remembered of it");
}

#[test]
fn every_changed_byte_of_a_manifest_is_noticed() {
    let mut pair = Pair::new();
    let bytes = serde_json::to_vec(&made(1)).unwrap();
    let signature = pair
        .primary
        .sign(&bytes, &Manifest::signed_words(Channel::Stable))
        .unwrap();
    for at in (0..bytes.len()).step_by(7) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let refusal = pair.accept_bytes(&changed, &signature).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Tampered(_) | Refusal::CutOff(_)),
            "byte {at}: {refusal}"
        );
    }
    for length in 1..bytes.len() {
        let refusal = pair.accept_bytes(&bytes[..length], &signature).unwrap_err();
        assert!(matches!(refusal, Refusal::CutOff(_)), "{length}: {refusal}");
    }
    for signature in [
        "",
        "a\nb\nc\nd",
        "untrusted comment: x\nAAAA\ntrusted comment: y\nAAAA",
    ] {
        let refusal = pair.accept_bytes(&bytes, signature).unwrap_err();
        assert!(
            matches!(refusal, Refusal::SignatureMalformed(_)),
            "{refusal}"
        );
    }
}

#[test]
fn signature_of_something_else_is_refused() {
    let mut pair = Pair::new();
    let bytes = serde_json::to_vec(&made(1)).unwrap();
    let words = Part::signed_words(&version("0.2.0"), "linux-x86_64-command", "ripieno");
    let signature = pair.primary.sign(&bytes, &words).unwrap();
    let refusal = pair.accept_bytes(&bytes, &signature).unwrap_err();
    assert!(
        matches!(refusal, Refusal::WrongSignature { .. }),
        "{refusal}"
    );
}

#[test]
fn manifest_of_another_channel_is_refused() {
    let mut pair = Pair::new();
    let mut beta = made(1);
    beta.channel = Channel::Beta;
    let bytes = serde_json::to_vec(&beta).unwrap();
    // The server puts the beta where the release belongs, signature and all.
    let signature = pair
        .primary
        .sign(&bytes, &Manifest::signed_words(Channel::Beta))
        .unwrap();
    let refusal = pair.accept_bytes(&bytes, &signature).unwrap_err();
    assert!(
        matches!(refusal, Refusal::WrongSignature { .. }),
        "{refusal}"
    );
    let signature = pair
        .primary
        .sign(&bytes, &Manifest::signed_words(Channel::Stable))
        .unwrap();
    let refusal = pair.accept_bytes(&bytes, &signature).unwrap_err();
    assert!(matches!(refusal, Refusal::WrongChannel { .. }), "{refusal}");
}

#[test]
fn overtaken_manifest_is_not_taken_again() {
    let mut pair = Pair::new();
    let signer = pair.primary.clone();
    pair.accept(&signer, &made(7)).unwrap();
    let before = pair.trust.clone();
    assert!(
        pair.refused(&made(6))
            .contains("number 6, and number 7 was seen")
    );
    let mut twin = made(7);
    twin.version = version("0.9.0");
    assert!(
        pair.refused(&twin)
            .contains("two different manifests with number 7")
    );
    assert_eq!(pair.trust, before);
}

#[test]
fn manifest_is_refused_outside_its_time() {
    let mut pair = Pair::new();
    let now = Timestamp::now();
    let mut old = made(1);
    (old.issued, old.expires) = (now - 100.hours(), now - 1.seconds());
    assert!(pair.refused(&old).contains("expired at"));
    let mut eternal = made(1);
    eternal.expires = now + (31 * 24).hours();
    assert!(pair.refused(&eternal).contains("more than 30 days"));
    let mut early = made(1);
    (early.issued, early.expires) = (now + 48.hours(), now + 49.hours());
    assert!(pair.refused(&early).contains("in the future"));
}

#[test]
fn manifest_cannot_name_paths_or_endless_files() {
    let mut pair = Pair::new();
    for name in ["../ripieno", "/bin/sh", "", ".hidden", "a/b", "a b"] {
        let mut bad = made(1);
        bad.artefacts[0].files[0].name = name.to_owned();
        assert!(
            pair.refused(&bad).contains("is no name for a file"),
            "{name:?}"
        );
    }
    for length in [0, 513 << 20, u64::MAX] {
        let mut bad = made(1);
        bad.artefacts[0].files[0].length = length;
        assert!(pair.refused(&bad).contains("bytes long"), "{length}");
    }
    let mut other = made(1);
    other.format = 2;
    assert!(pair.refused(&other).contains("its form is 2"));
}

#[test]
fn revoked_key_is_believed_no_longer_and_cannot_revoke_the_other() {
    let mut pair = Pair::new();
    let (stolen, standby) = (pair.primary.clone(), pair.standby.clone());
    let mut calls_back = made(2);
    calls_back.revoked = vec![stolen.id().to_owned(), standby.id().to_owned()];
    pair.accept(&standby, &calls_back).unwrap();
    let refusal = pair.accept(&stolen, &made(3)).unwrap_err();
    assert!(matches!(refusal, Refusal::RevokedKey { .. }), "{refusal}");
    assert!(
        pair.accept(&standby, &made(3)).is_ok(),
        "a key does not revoke itself"
    );
}

#[test]
fn machine_that_is_not_offered_anything_is_named() {
    let refusal = made(1)
        .artefact("linux-riscv64-command")
        .unwrap_err()
        .to_string();
    assert_eq!(
        refusal,
        "version 0.2.0 is not offered for linux-riscv64-command"
    );
}

#[test]
fn build_without_keys_believes_nothing() {
    assert_eq!(Keys::parse("").unwrap_err(), Refusal::NoKeys);
    assert!(matches!(Keys::parse("nonsense"), Err(Refusal::BadKey(_))));
}

#[test]
fn only_what_semver_calls_newer_is_taken() {
    let weighed = |offered: &str, running: &str| {
        let mut manifest = made(1);
        manifest.version = version(offered);
        weigh(
            &manifest,
            &version(running),
            Some(&version("5.0.0")),
            &BTreeSet::from([version("6.0.0")]),
        )
    };
    for (offered, running) in [
        ("0.10.0", "0.9.0"),
        ("1.0.0", "1.0.0-rc.1"),
        ("1.0.0-beta.11", "1.0.0-beta.2"),
    ] {
        assert_eq!(
            weighed(offered, running),
            Ok(Offer::Take),
            "{offered} after {running}"
        );
        assert!(
            matches!(weighed(running, offered), Err(Refusal::Older { .. })),
            "{running} after {offered}"
        );
    }
    for (offered, running) in [("0.2.0", "0.2.0"), ("0.2.0+b", "0.2.0+a")] {
        assert_eq!(weighed(offered, running), Ok(Offer::Current));
    }
    assert_eq!(weighed("5.0.0", "1.0.0"), Ok(Offer::Skipped));
    assert_eq!(weighed("6.0.0", "1.0.0"), Ok(Offer::Failed));
}
