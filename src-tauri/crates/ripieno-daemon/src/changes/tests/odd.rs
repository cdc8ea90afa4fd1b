//! Repositories that are hostile, broken or unlike others.

use super::{LIMIT, Rig, line};
use crate::changes::{ChangesError, Git, NoRepository, Span, Start};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::{ffi::OsStrExt, fs::PermissionsExt},
    process::Command,
    time::Duration,
};

#[tokio::test]
async fn nothing_that_a_repository_or_the_user_names_is_run() {
    let rig = Rig::committed(&[
        ("a.txt", "1\n"),
        (".gitattributes", "* filter=bait diff=bait\n"),
    ]);
    let bait = rig.place.path().join("bait.sh");
    let bitten = rig.place.path().join("bitten");
    fs::write(
        &bait,
        format!("#!/bin/sh\necho \"$0 $*\" >> '{}'\ncat\n", bitten.display()),
    )
    .unwrap();
    fs::set_permissions(&bait, fs::Permissions::from_mode(0o755)).unwrap();
    let program = bait.to_str().unwrap();
    for (scope, keys) in [
        (
            "--local",
            [
                "core.fsmonitor",
                "core.pager",
                "diff.external",
                "diff.bait.textconv",
            ],
        ),
        (
            "--local",
            [
                "diff.bait.command",
                "filter.bait.clean",
                "filter.bait.process",
                "core.editor",
            ],
        ),
        (
            "--global",
            [
                "filter.bait.smudge",
                "filter.bait.clean",
                "core.sshCommand",
                "gpg.program",
            ],
        ),
        (
            "--global",
            [
                "diff.external",
                "core.fsmonitor",
                "core.askPass",
                "core.alternateRefsCommand",
            ],
        ),
    ] {
        for key in keys {
            rig.git(&["config", scope, key, program]);
        }
    }
    rig.git(&["config", "commit.gpgSign", "true"]);
    rig.git(&["config", "filter.bait.required", "true"]);
    let hooks = rig.file(".git/hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in [
        "post-index-change",
        "reference-transaction",
        "pre-commit",
        "fsmonitor-watchman",
    ] {
        fs::copy(&bait, hooks.join(hook)).unwrap();
    }
    rig.write("a.txt", "2\n");
    rig.write("b.txt", "2\n");
    let span = rig.start(true).await;
    rig.write("a.txt", "3\n");
    rig.write("c.txt", "3\n");
    assert_eq!(
        rig.seen(&span).await,
        ["Modified a.txt +1 -1", "Untracked c.txt +1 -0"]
    );
    rig.patch(&span, None).await;
    rig.place()
        .finish(&span.base, &[], None, LIMIT)
        .await
        .unwrap();
    let run = fs::read_to_string(&bitten).unwrap_or_default();
    assert_eq!(run, "", "these were run");
}

#[tokio::test]
async fn checkout_that_is_said_to_be_elsewhere_is_refused() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    let elsewhere = rig.place.path().join("user");
    rig.git(&["config", "core.worktree", elsewhere.to_str().unwrap()]);
    let start = rig.place().start(true, LIMIT).await;
    assert!(matches!(start, Start::Unknown { .. }), "{start:?}");
    fs::write(rig.file(".git/config"), "[broken").unwrap();
    let start = rig.place().start(true, LIMIT).await;
    let Start::Unknown { reason } = start else {
        panic!("{start:?}");
    };
    assert!(reason.contains("bad config"), "{reason}");
}

#[tokio::test]
async fn folder_without_a_repository_has_none_and_one_of_ours_looks_at_none_above() {
    let rig = Rig::bare();
    assert_eq!(rig.place().start(false, LIMIT).await, Start::Nowhere);
    let rig = Rig::committed(&[("ours/a", "1\n")]);
    let mut place = rig.place_at(rig.file("ours"));
    place.alone = true;
    assert_eq!(place.start(false, LIMIT).await, Start::Nowhere);
    let none = BTreeMap::from([("PATH".to_owned(), "bin:./bin:/nonexistent".to_owned())]);
    assert!(Git::find(&none).is_err());
}

#[tokio::test]
async fn names_that_are_no_text_are_shown_and_found_by_what_is_shown() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    let span = rig.start(true).await;
    let odd = std::ffi::OsStr::from_bytes(b"od\xffd\tname\"\n.txt");
    fs::write(rig.repo().join(odd), "x\n").unwrap();
    rig.write(":(top)*", "magic\n");
    rig.write("日本 語.txt", "x\n");
    let shown: Vec<String> = rig
        .changes(&span)
        .await
        .into_iter()
        .map(|c| c.path)
        .collect();
    assert_eq!(shown, [":(top)*", "od\\xffd\tname\"\n.txt", "日本 語.txt"]);
    for path in &shown {
        let patch = rig.patch(&span, Some(path)).await;
        assert_eq!(patch.matches("diff --git").count(), 1, "{path}: {patch}");
    }
    let place = rig.place();
    let missing = place.patch(&span, Some("*"), true, 1 << 20, LIMIT).await;
    assert!(matches!(missing, Err(ChangesError::NoSuchFile(_))));
}

#[tokio::test]
async fn repositories_within_are_named_by_their_commit() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    let inner = rig.place.path().join("inner");
    fs::create_dir(&inner).unwrap();
    rig.git_in(&inner, &["init", "-q"]);
    rig.git_in(&inner, &["commit", "-q", "--allow-empty", "-m", "one"]);
    let from = inner.to_str().unwrap();
    rig.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        from,
        "sub",
    ]);
    rig.commit();
    rig.git(&["clone", "-q", from, "nested"]);
    let span = rig.start(true).await;
    rig.git_in(
        &rig.file("sub"),
        &["commit", "-q", "--allow-empty", "-m", "two"],
    );
    fs::create_dir(rig.file("unborn")).unwrap();
    rig.git_in(&rig.file("unborn"), &["init", "-q"]);
    assert_eq!(
        rig.seen(&span).await,
        [
            "Submodule sub +1 -1",
            "Untracked unborn +0 -0 binary unread"
        ]
    );
}

#[tokio::test]
async fn index_with_conflicts_or_of_another_kind_is_no_hindrance() {
    let rig = Rig::committed(&[("a.txt", "1\n"), ("in/b.txt", "1\n")]);
    rig.git(&["checkout", "-q", "-b", "side"]);
    rig.write("a.txt", "side\n");
    rig.commit();
    rig.git(&["checkout", "-q", "main"]);
    rig.write("a.txt", "main\n");
    rig.commit();
    let merge = Command::new("git")
        .args(["merge", "side"])
        .current_dir(rig.repo())
        .output();
    assert!(!merge.unwrap().status.success());
    let before = rig.untouched();
    let inside = rig.place_at(rig.file("in"));
    assert!(matches!(
        inside.start(true, LIMIT).await,
        Start::At { warning: None, .. }
    ));
    let span = rig.start(true).await;
    rig.write("in/b.txt", "2\n");
    assert_eq!(rig.seen(&span).await, ["Modified in/b.txt +1 -1"]);
    rig.write("in/b.txt", "1\n");
    assert_eq!(rig.untouched(), before);

    let rig = Rig::committed(&[("a.txt", "1\n")]);
    rig.git(&["config", "core.splitIndex", "true"]);
    rig.git(&["update-index", "--split-index"]);
    rig.write("b.txt", "1\n");
    let span = rig.start(true).await;
    rig.write("a.txt", "2\n");
    assert_eq!(rig.seen(&span).await, ["Modified a.txt +1 -1"]);
    fs::write(rig.file(".git/index"), "garbage").unwrap();
    assert_eq!(rig.seen(&span).await, ["Modified a.txt +1 -1"]);
}

#[tokio::test]
async fn repository_with_the_longer_hash_is_read_too() {
    let rig = Rig::bare();
    rig.git(&["init", "-q", "--object-format=sha256"]);
    rig.write("a", "1\n");
    rig.commit();
    rig.write("mine", "1\n");
    let span = rig.start(true).await;
    assert_eq!(span.base.len(), 64);
    rig.write("a", "2\n");
    assert_eq!(rig.seen(&span).await, ["Modified a +1 -1"]);
}

#[tokio::test]
async fn linked_checkout_is_compared_by_its_own_index() {
    let rig = Rig::committed(&[("a", "1\n")]);
    let linked = rig.place.path().join("linked");
    rig.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let Start::At { base, .. } = rig.place_at(linked.clone()).start(true, LIMIT).await else {
        panic!("no start");
    };
    fs::write(linked.join("b"), "x\n").unwrap();
    rig.write("c", "y\n");
    let span = Span {
        base,
        before: vec![],
        after: None,
    };
    let seen = rig.place_at(linked).changes(&span, LIMIT).await.unwrap();
    assert_eq!(
        seen.iter().map(line).collect::<Vec<_>>(),
        ["Untracked b +1 -0"]
    );
}

#[tokio::test]
async fn what_is_no_file_and_what_cannot_be_done_in_time_do_not_hang() {
    let rig = Rig::committed(&[("a", "1\n"), ("pipe", "x\n")]);
    let span = rig.start(true).await;
    fs::remove_file(rig.file("pipe")).unwrap();
    let made = Command::new("mkfifo")
        .arg(rig.file("pipe"))
        .status()
        .unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("/etc", rig.file("link")).unwrap();
    let seen = rig.seen(&span).await;
    assert!(
        seen.contains(&"Untracked link +1 -0".to_owned()),
        "{seen:?}"
    );
    let slow = rig.place().changes(&span, Duration::ZERO).await;
    assert!(matches!(slow, Err(ChangesError::Slow(_))), "{slow:?}");
    let late = rig.place().start(true, Duration::ZERO).await;
    assert!(matches!(late, Start::Unknown { .. }), "{late:?}");
    fs::remove_dir_all(rig.file(".git")).unwrap();
    let gone = rig.place().changes(&span, LIMIT).await;
    assert!(
        matches!(gone, Err(ChangesError::Repository(NoRepository::None))),
        "{gone:?}"
    );
}

#[tokio::test]
async fn state_that_cannot_be_kept_falls_back_to_what_is_committed_with_a_warning() {
    let rig = Rig::committed(&[("a", "1\n")]);
    for n in 0..=20_000 {
        fs::write(rig.file(&n.to_string()), "").unwrap();
    }
    let start = rig.place().start(true, LIMIT).await;
    let Start::At {
        base,
        includes_earlier: true,
        warning: Some(warning),
        ..
    } = start
    else {
        panic!("{start:?}");
    };
    assert_eq!(base, rig.git(&["rev-parse", "HEAD"]));
    assert!(warning.contains("20000 files"), "{warning}");
}
