//! Files that go through a filter: they are left to the person, and no filter is run.

use super::{LIMIT, Rig};
use crate::changes::InPlace;
use std::{
    fs,
    time::{Duration, SystemTime},
};

/// A repository with a file that is stored as `uryyb`; what its filter is given is noted in `ran`.
fn with_filter() -> Rig {
    let rig = Rig::empty();
    let ran = rig.place.path().join("ran");
    let rot13 = format!("tee -a {} | tr a-z n-za-m", ran.display());
    for side in ["clean", "smudge"] {
        rig.git(&["config", &format!("filter.crypt.{side}"), &rot13]);
    }
    rig.write(
        ".gitattributes",
        "*.secret filter=crypt\n*.none filter=unknown\n",
    );
    rig.write("a.secret", "hello\n");
    rig.write("b.txt", "one\n");
    // As it is a second later: what is as young as the index is compared by its content.
    let earlier = SystemTime::now() - Duration::from_secs(60);
    let file = fs::File::options().write(true).open(rig.file("a.secret"));
    file.unwrap().set_modified(earlier).unwrap();
    rig.commit();
    assert_eq!(rig.git(&["show", "HEAD:a.secret"]), "uryyb");
    rig
}

async fn in_place(rig: &Rig, change: impl FnOnce(&Rig)) -> InPlace {
    let span = rig.start(true).await;
    change(rig);
    let done = rig.place().commit_in_place(&span.base, "task", LIMIT).await;
    done.unwrap()
}

#[tokio::test]
async fn files_that_go_through_a_filter_are_not_committed_in_place_and_are_named() {
    let rig = with_filter();
    fs::remove_file(rig.place.path().join("ran")).unwrap();
    let head = rig.git(&["rev-parse", "HEAD"]);
    let done = in_place(&rig, |rig| {
        rig.write("a.secret", "changed\n");
        rig.write("d/new.secret", "new\n");
        rig.write("b.txt", "two\n");
    })
    .await;
    let expected = "a.secret, d/new.secret go through a filter of git (such as Git LFS or git-crypt): commit it yourself";
    assert_eq!(done, InPlace::Left(expected.to_owned()));
    assert_eq!(rig.git(&["rev-parse", "HEAD"]), head);
    assert!(!rig.place.path().join("ran").exists(), "no filter is run");
}

#[tokio::test]
async fn other_files_of_a_repository_with_filters_are_committed_in_place() {
    let rig = with_filter();
    let done = in_place(&rig, |rig| {
        rig.write("b.txt", "two\n");
        rig.write("x.none", "as it is\n");
    })
    .await;
    assert!(matches!(done, InPlace::Committed(_)), "{done:?}");
    assert_eq!(rig.git(&["show", "HEAD:b.txt"]), "two");
    assert_eq!(rig.git(&["show", "HEAD:x.none"]), "as it is");
    assert_eq!(rig.git(&["show", "HEAD:a.secret"]), "uryyb");
}

#[tokio::test]
async fn file_that_goes_through_a_filter_may_be_deleted_in_place() {
    let rig = with_filter();
    let remove = |rig: &Rig| fs::remove_file(rig.file("a.secret")).unwrap();
    let done = in_place(&rig, remove).await;
    assert!(matches!(done, InPlace::Committed(_)), "{done:?}");
    assert_eq!(
        rig.git(&["ls-tree", "--name-only", "HEAD"]),
        ".gitattributes\nb.txt"
    );
}
