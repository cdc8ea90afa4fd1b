//! The whole patch: applied to what a task began with, it gives what the task left.

use super::{LIMIT, MIB, Rig};
use crate::changes::Span;
use std::{
    fs::{self, File},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

/// Exports, applies the patch in a checkout of the base at the same place below, and gives the tree that comes of it.
async fn applied(rig: &Rig, span: &Span, below: &str) -> (String, Vec<String>) {
    let at = rig.place.path().join("T-7.patch");
    drop(fs::remove_file(&at));
    let place = rig.place_at(rig.file(below));
    let file = File::create_new(&at).unwrap();
    let export = place.export(span, file, LIMIT).await.unwrap();
    assert_eq!(export.bytes, fs::metadata(&at).unwrap().len());
    let copy = rig.place.path().join("copy");
    drop(fs::remove_dir_all(&copy));
    rig.git(&["worktree", "prune"]);
    let to = copy.display().to_string();
    rig.git(&["worktree", "add", "-q", "--detach", &to, &span.base]);
    let patch = at.display().to_string();
    rig.git_in(&copy.join(below), &["apply", "--index", &patch]);
    (rig.git_in(&copy, &["write-tree"]), export.left_out)
}

fn tree_of(rig: &Rig, folder: &Path) -> String {
    rig.git_in(folder, &["add", "-A"]);
    rig.git_in(folder, &["write-tree"])
}

#[tokio::test]
async fn patch_holds_everything_and_can_be_applied() {
    let rig = Rig::committed(&[
        ("old name.txt", "one\ntwo\nthree\nfour\n"),
        ("gone.txt", "x\n"),
        ("tool.sh", "echo\n"),
        ("in/a.txt", "one\n"),
    ]);
    rig.write("picture.png", [0, 159, 146, 150]);
    rig.commit();
    let span = rig.start(true).await;
    fs::rename(rig.file("old name.txt"), rig.file("new name.txt")).unwrap();
    fs::remove_file(rig.file("gone.txt")).unwrap();
    fs::set_permissions(rig.file("tool.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    rig.write("picture.png", [0, 1, 2, 255]);
    rig.write("more.png", [0, 9, 9]);
    rig.write("in/a.txt", "two\n");
    // More than is ever shown.
    rig.write("long.txt", "a line of text\n".repeat(3 * MIB / 15));
    symlink("in/a.txt", rig.file("link")).unwrap();
    let (tree, left_out) = applied(&rig, &span, "").await;
    assert_eq!(tree, tree_of(&rig, &rig.repo()));
    assert_eq!(left_out, [""; 0]);
}

#[tokio::test]
async fn patch_of_a_folder_below_is_applied_there_and_what_is_too_large_is_named() {
    let rig = Rig::committed(&[("in/a.txt", "one\n"), ("b.txt", "one\n")]);
    let mut span = rig.start(true).await;
    span.before.clear();
    rig.write("in/a.txt", "two\n");
    let (tree, left_out) = applied(&rig, &span, "in").await;
    assert_eq!(tree, tree_of(&rig, &rig.repo()));
    assert_eq!(left_out, [""; 0]);
    rig.git(&["commit", "-qm", "two"]);
    let span = rig.start(true).await;
    rig.write("in/a.txt", "three\n");
    rig.write("in/large", vec![b'x'; 16 * MIB + 1]);
    let (_, left_out) = applied(&rig, &span, "in").await;
    assert_eq!(left_out, ["large"]);
}
