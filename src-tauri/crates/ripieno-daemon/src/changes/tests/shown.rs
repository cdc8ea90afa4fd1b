//! What is shown of a task's changes, and what of the user's stays as it is.

use super::{LIMIT, MIB, Rig, line};
use crate::changes::{Span, Start};
use std::{fs, os::unix::fs::PermissionsExt};

#[tokio::test]
async fn every_kind_of_change_is_named() {
    let long = "one\ntwo\nthree\nfour\nfive\n";
    let files = [
        ("a.txt", "1\n2\n"),
        ("gone", "x\n"),
        ("old name", long),
        ("run.sh", "true\n"),
    ];
    let rig = Rig::committed(&files);
    rig.write("pic", [0, 1, 2]);
    rig.commit();
    let span = rig.start(true).await;
    assert!(rig.seen(&span).await.is_empty());
    rig.write("a.txt", "1\n2\n3\n");
    fs::remove_file(rig.file("gone")).unwrap();
    fs::rename(rig.file("old name"), rig.file("new name")).unwrap();
    fs::set_permissions(rig.file("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    rig.write("pic", [0, 1, 3]);
    rig.write("made/by hand.txt", "hello\n");
    rig.write("staged.txt", "kept\n");
    rig.git(&["add", "staged.txt"]);
    let before = rig.untouched();
    assert_eq!(
        rig.seen(&span).await,
        [
            "Modified a.txt +1 -0",
            "Deleted gone +0 -1",
            "Untracked made/by hand.txt +1 -0",
            "Renamed old name -> new name +0 -0",
            "Modified pic +0 -0 binary",
            "Mode run.sh +0 -0",
            "Added staged.txt +1 -0",
        ]
    );
    let patch = rig.patch(&span, Some("made/by hand.txt")).await;
    assert!(
        patch.contains("+hello") && !patch.contains("a.txt"),
        "{patch}"
    );
    assert!(
        rig.patch(&span, Some("new name"))
            .await
            .contains("rename from old name")
    );
    let whole = rig.patch(&span, None).await;
    assert!(
        whole.contains("+3") && whole.contains("Binary files"),
        "{whole}"
    );
    rig.commit();
    assert_eq!(
        rig.seen(&span).await.len(),
        7,
        "a commit changes nothing of it"
    );
    rig.passing_is_gone().await;
    assert_eq!(before.stash, rig.untouched().stash);
}

#[tokio::test]
async fn what_was_there_before_is_not_shown_and_nothing_of_the_user_is_touched() {
    let rig = Rig::committed(&[
        ("a.txt", "1\n"),
        ("b.txt", "1\n"),
        (".gitignore", "ignored\n"),
    ]);
    rig.write("stashed", "x");
    rig.git(&["add", "stashed"]);
    rig.git(&["stash", "-q"]);
    rig.write("a.txt", "1\nmine\n");
    rig.write("b.txt", "staged\n");
    rig.git(&["add", "b.txt"]);
    rig.write("b.txt", "staged\nand more\n");
    rig.write("notes", "mine\n");
    rig.write("ignored", "secret\n");
    let before = rig.untouched();
    let span = rig.start(true).await;
    assert_eq!(rig.untouched(), before);
    assert_eq!(rig.git(&["rev-parse", "refs/ripieno/T-7/start"]), span.base);
    let kept = rig.git(&["ls-tree", "-r", "--name-only", &span.base]);
    assert_eq!(kept, ".gitignore\na.txt\nb.txt\nnotes");
    assert!(rig.seen(&span).await.is_empty());
    rig.write("a.txt", "1\nmine\ntheirs\n");
    fs::remove_file(rig.file("notes")).unwrap();
    assert_eq!(
        rig.seen(&span).await,
        ["Modified a.txt +1 -0", "Deleted notes +0 -1"]
    );
}

#[tokio::test]
async fn without_a_snapshot_earlier_changes_are_said_to_be_included() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    let head = rig.git(&["rev-parse", "HEAD"]);
    let at = |earlier| Start::At {
        base: head.clone(),
        includes_earlier: earlier,
        apart: vec![],
        warning: None,
    };
    assert_eq!(rig.place().start(false, LIMIT).await, at(false));
    rig.write("a.txt", "2\n");
    assert_eq!(rig.place().start(false, LIMIT).await, at(true));
    assert_eq!(
        rig.git(&["count-objects"]).split(' ').next(),
        Some("3"),
        "nothing is stored"
    );
}

#[tokio::test]
async fn repository_without_a_commit_is_compared_too() {
    let rig = Rig::empty();
    rig.write("before", "x\n");
    let span = rig.start(true).await;
    rig.write("after", "y\n");
    assert_eq!(rig.seen(&span).await, ["Untracked after +1 -0"]);
    let plain = rig.start(false).await;
    assert_eq!(rig.seen(&plain).await.len(), 2);
}

#[tokio::test]
async fn only_the_folder_of_the_task_counts() {
    let rig = Rig::committed(&[("sub dir/a", "1\n"), ("other/b", "1\n")]);
    let folder = rig.file("sub dir");
    let Start::At { base, .. } = rig.place_at(folder.clone()).start(true, LIMIT).await else {
        panic!("no start");
    };
    rig.write("sub dir/a", "2\n");
    rig.write("sub dir/deep/c", "3\n");
    rig.write("other/b", "2\n");
    rig.write("d", "2\n");
    let span = Span {
        base,
        before: vec![],
        after: None,
    };
    let seen = rig
        .place_at(folder.clone())
        .changes(&span, LIMIT)
        .await
        .unwrap();
    let seen: Vec<String> = seen.iter().map(line).collect();
    assert_eq!(seen, ["Modified a +1 -1", "Untracked deep/c +1 -0"]);
    let patch = rig
        .place_at(folder)
        .patch(&span, Some("a"), true, 1 << 20, LIMIT)
        .await
        .unwrap();
    assert!(patch.0.contains("+++ b/a\n"), "{}", patch.0);
}

#[tokio::test]
async fn large_files_stay_apart_and_are_shown_only_when_they_changed() {
    let rig = Rig::committed(&[("a.txt", "1\n")]);
    rig.write("big.bin", vec![b'x'; 17 * MIB]);
    let span = rig.start(true).await;
    assert_eq!(span.before.len(), 1);
    assert!(rig.seen(&span).await.is_empty());
    rig.write("big.bin", vec![b'y'; 18 * MIB]);
    rig.write("bigger.bin", vec![b'y'; 19 * MIB]);
    rig.write("a.txt", vec![b'z'; 17 * MIB]);
    assert_eq!(
        rig.seen(&span).await,
        [
            "Modified a.txt +0 -0 binary unread",
            "Modified big.bin +0 -0 binary unread",
            "Untracked bigger.bin +0 -0 binary unread",
        ]
    );
    fs::remove_file(rig.file("big.bin")).unwrap();
    fs::remove_file(rig.file("bigger.bin")).unwrap();
    rig.git(&["checkout", "-q", "a.txt"]);
    assert_eq!(
        rig.seen(&span).await,
        ["Deleted big.bin +0 -0 binary unread"]
    );
    assert_eq!(rig.patch(&span, Some("big.bin")).await, "");
}

#[tokio::test]
async fn what_a_task_left_stays_what_it_changed_when_the_folder_moves_on() {
    let rig = Rig::committed(&[("a", "1\n")]);
    rig.write("mine", "1\n");
    let span = rig.start(true).await;
    rig.write("a", "2\n3\n");
    rig.write("b", "x\n");
    let before = rig.untouched();
    let first = rig
        .place()
        .finish(&span.base, &span.before, None, LIMIT)
        .await
        .unwrap();
    assert_eq!((first.files, first.insertions, first.deletions), (2, 3, 1));
    assert_eq!(rig.untouched(), before);
    let span = Span {
        after: Some((first.head.clone(), first.apart)),
        ..span
    };
    rig.git(&["reset", "-q", "--hard"]);
    rig.git(&["clean", "-fdq"]);
    rig.git(&["gc", "-q", "--prune=now"]);
    assert_eq!(rig.seen(&span).await, ["Modified a +2 -1", "Added b +1 -0"]);
    rig.write("a", "4\n");
    let head = Some(first.head.as_str());
    let second = rig
        .place()
        .finish(&span.base, &[], head, LIMIT)
        .await
        .unwrap();
    assert_eq!(rig.git(&["rev-parse", "refs/ripieno/T-7/end"]), second.head);
}

#[tokio::test]
async fn ref_of_another_home_is_left_and_a_marked_one_made() {
    let rig = Rig::committed(&[("a", "1\n")]);
    let first = rig.start(true).await;
    rig.write("b", "1\n");
    let second = rig.start(true).await;
    assert_eq!(
        rig.git(&["rev-parse", "refs/ripieno/T-7/start"]),
        first.base
    );
    let own = rig.git(&["rev-parse", "refs/ripieno/T-7/start-0a1b2c3d"]);
    assert_eq!(own, second.base);
}

#[tokio::test]
async fn patch_is_cut_between_lines_and_white_space_can_be_left_out() {
    let rig = Rig::committed(&[("a", "one\ntwo\n")]);
    let span = rig.start(true).await;
    rig.write("a", "one\n   two\nthree\n");
    let place = rig.place();
    let (cut, truncated) = place.patch(&span, None, true, 150, LIMIT).await.unwrap();
    assert!(
        truncated && cut.len() <= 150 && cut.ends_with('\n'),
        "{cut}"
    );
    let (quiet, truncated) = place
        .patch(&span, None, false, 1 << 20, LIMIT)
        .await
        .unwrap();
    assert!(
        !truncated && quiet.contains("+three") && !quiet.contains("-two"),
        "{quiet}"
    );
}
