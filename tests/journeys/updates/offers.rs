//! What a server may try (sec-13): each attempt is refused with its own sentence, and work goes on.

use crate::rig::Client;
use crate::stage::{Stage, check};
use serde_json::json;
use std::fs;

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

#[test]
fn every_kind_of_wrong_offer_is_refused_with_its_own_sentence() {
    let stage = Stage::new();
    let daemon = stage.run();
    let mut client = daemon.client();
    let mut said = Vec::new();
    let quick = "exit 1";

    said.push(refused(&stage, &mut client)); // nothing is there yet
    let file = stage.offer_script("0.2.0", quick);
    let manifest = file.with_file_name("stable.json");
    let signature = file.with_file_name("stable.json.minisig");
    let (old, old_signature) = (fs::read(&manifest).unwrap(), fs::read(&signature).unwrap());

    fs::write(
        &manifest,
        String::from_utf8_lossy(&old).replace("0.2.0", "9.2.0"),
    )
    .unwrap();
    said.push(refused(&stage, &mut client)); // tampered manifest
    fs::write(&manifest, &old[..old.len() / 2]).unwrap();
    said.push(refused(&stage, &mut client)); // truncated manifest
    fs::write(&manifest, &old).unwrap();
    let whole = fs::read(&file).unwrap();
    fs::write(&file, b"#!/bin/sh\nexit 2\n").unwrap();
    said.push(refused(&stage, &mut client)); // tampered artefact
    fs::write(&file, &whole[..whole.len() - 1]).unwrap();
    said.push(refused(&stage, &mut client)); // truncated artefact
    fs::write(&file, [whole.as_slice(), b"#"].concat()).unwrap();
    said.push(refused(&stage, &mut client)); // oversized artefact

    stage.offer_script("0.0.9", quick);
    said.push(refused(&stage, &mut client)); // older
    fs::write(&manifest, &old).unwrap();
    fs::write(&signature, &old_signature).unwrap();
    said.push(refused(&stage, &mut client)); // replayed
    println!("{said:#?}");
    let words = [
        "404",
        "changed after it was signed",
        "changed after it was signed",
        "SHA-256",
        "ended after",
        "longer than",
        "never goes back",
        "played again",
    ];
    for (said, word) in said.iter().zip(words) {
        assert!(said.contains(word), "{said:?} does not say {word:?}");
    }
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
