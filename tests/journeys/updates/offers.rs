//! What a server may try (sec-13): each attempt is refused with its own sentence, and work goes on.

use crate::rig::Client;
use crate::stage::{Stage, check, target};
use jiff::{Timestamp, ToSpan};
use ripieno_release::Signer;
use ripieno_testkit::files::Trouble;
use ripieno_update::{
    download::digest_of,
    manifest::{Channel, Manifest, Part},
};
use serde_json::json;
use std::{collections::BTreeSet, fs};

/// What is said of a refused offer; nothing was installed, and a task still runs.
fn refused(stage: &Stage, client: &mut Client) -> String {
    let before = stage.installed();
    let update = check(client);
    assert_eq!(update["phase"], "idle", "{update:#}");
    let task = client.script("echo still here", json!({}));
    client.wait_done(&task);
    assert!(stage.installed() == before);
    update["trouble"]
        .as_str()
        .unwrap_or_else(|| panic!("{update:#}"))
        .to_owned()
}

/// What a server does to a sound offer, and a part of what is said of it.
type Attempt = (fn(&Stage), &'static str);

const MANIFESTS: [Attempt; 13] = [
    (
        |stage| {
            edit(stage, "stable.json", |bytes| {
                let at = bytes.len() / 2;
                bytes[at] ^= 1;
            })
        },
        "the manifest was changed after it was signed",
    ),
    (
        |stage| {
            edit(stage, "stable.json", |bytes| {
                bytes.truncate(bytes.len() / 2)
            })
        },
        "the manifest ends in its middle",
    ),
    (
        |stage| {
            stage
                .releases
                .server
                .trouble("stable.json", Some(Trouble::Endless))
        },
        "stable.json is longer than the 262144 bytes",
    ),
    (
        |stage| edit(stage, "stable.json.minisig", Vec::clear),
        "the signature of the manifest cannot be read",
    ),
    (
        |stage| {
            let stranger = Signer::generate().expect("a key");
            stage.releases.publish(&stranger, &stage.releases.offered());
        },
        "the manifest is signed with the key",
    ),
    (
        |stage| {
            let file = |name: &str| stage.releases.file(name);
            let beta = Manifest {
                channel: Channel::Beta,
                ..stage.releases.offered()
            };
            stage.releases.publish(&stage.releases.signer, &beta);
            for ending in ["", ".minisig"] {
                fs::rename(
                    file(&format!("beta.json{ending}")),
                    file(&format!("stable.json{ending}")),
                )
                .expect("it is moved");
            }
        },
        "the signature of the manifest speaks for \"ripieno-manifest beta\"",
    ),
    (
        |stage| {
            stage.releases.change(|manifest| {
                manifest.expires = Timestamp::now() - 1.second();
                manifest.issued = manifest.expires - 24.hours();
            })
        },
        "the manifest expired at",
    ),
    (
        |stage| {
            stage
                .releases
                .change(|manifest| manifest.expires += 1.hour())
        },
        "valid for more than 30 days",
    ),
    (
        |stage| {
            stage.releases.change(|manifest| {
                manifest.issued = Timestamp::now() + 48.hours();
                manifest.expires = manifest.issued + 1.hour();
            })
        },
        "issued in the future",
    ),
    (
        |stage| stage.releases.change(|manifest| manifest.sequence = 1),
        "number 1, and number 2 was seen already: an old one is played again",
    ),
    (
        |stage| {
            stage.releases.change(|manifest| {
                manifest.sequence = 2;
                manifest.notes = Some("another text".into());
            })
        },
        "two different manifests with number 2",
    ),
    (
        |stage| {
            stage
                .releases
                .change(|manifest| manifest.artefacts[0].target = "linux-riscv64-command".into())
        },
        "version 0.2.0 is not offered for linux-",
    ),
    (
        |stage| {
            stage
                .releases
                .change(|manifest| manifest.version = "0.0.9".parse().expect("a version"))
        },
        "offers 0.0.9, older than the running 0.1.0: an update never goes back",
    ),
];

const ARTEFACTS: [Attempt; 9] = [
    (
        |stage| edit(stage, "ripieno-0.2.0", |bytes| bytes[3] ^= 1),
        "ripieno does not have the SHA-256 of the manifest",
    ),
    (
        |stage| {
            edit(stage, "ripieno-0.2.0", |bytes| bytes[3] ^= 1);
            let sha256 = digest_of(&stage.releases.file("ripieno-0.2.0")).expect("a digest");
            part(stage, |part| part.sha256 = sha256);
        },
        "ripieno was changed after it was signed",
    ),
    (
        |stage| {
            edit(stage, "ripieno-0.2.0", |bytes| {
                bytes.truncate(bytes.len() - 1)
            })
        },
        "ripieno ended after",
    ),
    (
        |stage| edit(stage, "ripieno-0.2.0", |bytes| bytes.push(b'#')),
        "ripieno is longer than the 17 bytes",
    ),
    (
        |stage| {
            stage
                .releases
                .server
                .trouble("ripieno-0.2.0", Some(Trouble::Endless))
        },
        "ripieno is longer than the 17 bytes",
    ),
    (
        |stage| {
            signed_for(
                stage,
                &Signer::generate().expect("a key"),
                "0.2.0",
                &target(),
            )
        },
        "ripieno is signed with the key",
    ),
    (
        |stage| signed_for(stage, &stage.releases.signer, "0.1.0", &target()),
        "the signature of ripieno speaks for \"ripieno 0.1.0",
    ),
    (
        |stage| signed_for(stage, &stage.releases.signer, "0.2.0", "linux-x86_64-deb"),
        "speaks for \"ripieno 0.2.0 linux-x86_64-deb ripieno",
    ),
    (
        |stage| part(stage, |part| part.url = "http://example.org/ripieno".into()),
        "http://example.org/ripieno is not fetched",
    ),
];

/// Changes a served file.
fn edit(stage: &Stage, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let file = stage.releases.file(name);
    let mut bytes = fs::read(&file).expect("it is served");
    change(&mut bytes);
    fs::write(&file, bytes).expect("it is served");
}

/// Changes what a well signed manifest says of the program.
fn part(stage: &Stage, change: impl FnOnce(&mut Part)) {
    stage
        .releases
        .change(|manifest| change(&mut manifest.artefacts[0].files[0]));
}

/// Puts a signature of the right bytes for something else into a well signed manifest.
fn signed_for(stage: &Stage, signer: &Signer, version: &str, target: &str) {
    let bytes = fs::read(stage.releases.file("ripieno-0.2.0")).expect("it is served");
    let words = Part::signed_words(&version.parse().expect("a version"), target, "ripieno");
    let signature = signer.sign(&bytes, &words).expect("a signature");
    part(stage, |part| part.signature = signature);
}

/// Makes every attempt on a sound offer of 0.2.0 and gives what is said of each; afterwards the sound offer is taken.
fn every(attempts: &[Attempt]) -> Vec<String> {
    let stage = Stage::new();
    let mut daemon = stage.run();
    let mut client = daemon.client();
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "false" }),
    );
    let mut said = vec![refused(&stage, &mut client)];
    assert!(
        said[0].contains("the server answers 404"),
        "nothing is offered yet: {said:?}"
    );
    // One look that is believed, so that its number is known.
    for _ in 0..2 {
        stage.offer_script("0.1.0", "exit 1");
    }
    assert_eq!(check(&mut client)["trouble"], json!(null));
    for (attempt, words) in attempts {
        stage.offer_script("0.2.0", "exit 1");
        attempt(&stage);
        let words_of_it = refused(&stage, &mut client);
        assert!(
            words_of_it.contains(words),
            "{words_of_it:?} does not say {words:?}"
        );
        said.push(words_of_it);
        for name in ["stable.json", "ripieno-0.2.0"] {
            stage.releases.server.trouble(name, None);
        }
    }
    client.call(
        "config.set",
        json!({ "key": "update.when_idle", "value": "true" }),
    );
    stage.offer("0.2.0");
    check(&mut client);
    assert!(daemon.wait_ready());
    assert_eq!(daemon.version(), "0.2.0");
    println!("{said:#?}");
    said
}

/// How many sentences there are.
fn kinds(said: &[String]) -> usize {
    said.iter().collect::<BTreeSet<_>>().len()
}

#[test]
fn every_kind_of_wrong_manifest_is_refused_with_its_own_sentence() {
    assert_eq!(kinds(&every(&MANIFESTS)), 1 + MANIFESTS.len());
}

#[test]
fn every_kind_of_wrong_file_is_refused_with_its_own_sentence() {
    // A file that is too long by one byte and one without an end are one kind.
    assert_eq!(kinds(&every(&ARTEFACTS)), ARTEFACTS.len());
}

#[test]
fn task_may_not_have_a_say_in_updates() {
    let stage = Stage::new();
    let daemon = stage.run();
    let mut client = daemon.client();
    stage.offer("0.2.0");
    let script = "for verb in check now skip when-idle status; do code=0; ripieno update $verb || code=$?; test $code = 8; done";
    let task = client.script(script, json!({}));
    client.wait_done(&task);
    assert_eq!(client.call("status", json!({}))["version"], "0.1.0");
}

#[test]
fn build_without_keys_says_so() {
    let mut stage = Stage::new();
    stage
        .home
        .env
        .retain(|(name, _)| name != "RIPIENO_UPDATE_KEYS");
    let daemon = stage.run();
    let said = refused(&stage, &mut daemon.client());
    assert!(said.contains("no update keys"), "{said}");
}
