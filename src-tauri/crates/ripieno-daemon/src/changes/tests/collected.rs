//! While garbage is collected: whatever is kept is whole afterwards.

use super::{LIMIT, Rig, Start};
use crate::changes::{ChangesError, GitError};
use std::{
    fs,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

/// Rounds in `make test`; `make torture` runs 500.
const SHORT: u32 = 6;

/// How often something may be refused because all that was written for it was collected, at each of its tries.
const REFUSALS: u32 = 100;

/// Asks until it is kept. On a machine whose collections take no longer than a try, one may come into each; that is said, and
/// nothing is lost by it.
async fn kept_at_last<T>(mut ask: impl AsyncFnMut() -> Result<T, ChangesError>) -> T {
    for _ in 0..REFUSALS {
        match ask().await {
            Err(ChangesError::Git(GitError::Collected)) => {}
            // What the last try was to use was taken in the midst of it.
            Err(error) if error.is_failure_of_git() => {}
            other => return other.unwrap(),
        }
    }
    panic!("it is never kept");
}

/// Everything that a ref reaches is there.
fn is_whole(rig: &Rig) {
    let out = Command::new("git")
        .args(["rev-list", "--objects", "--all", "--quiet"])
        .current_dir(rig.repo())
        .output()
        .unwrap();
    assert!(out.status.success(), "{out:?}");
}

/// Takes a loose object away.
fn lose(rig: &Rig, id: &str) {
    fs::remove_file(rig.file(&format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn states_kept_while_garbage_is_collected_for_good_are_whole() {
    let rounds = std::env::var("RIPIENO_TORTURE").map_or(SHORT, |_| 500);
    let rig = Rig::committed(&[("a", "1\n")]);
    let (stop, runs) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicU32::new(0)),
    );
    let collector = {
        let (stop, runs, repo) = (Arc::clone(&stop), Arc::clone(&runs), rig.repo());
        std::thread::spawn(move || {
            while !stop.load(Ordering::SeqCst) {
                let gc = [
                    "-c",
                    "gc.reflogExpireUnreachable=now",
                    "gc",
                    "-q",
                    "--prune=now",
                ];
                drop(Command::new("git").args(gc).current_dir(&repo).output());
                runs.fetch_add(1, Ordering::SeqCst);
            }
        })
    };
    let mut kept: Option<String> = None;
    let mut points = Vec::new();
    let mut remembered = 0;
    for round in 0..rounds {
        rig.write("a", format!("{round}\n"));
        rig.write(&format!("d{round}/new"), format!("new {round}\n"));
        let mut place = rig.place();
        place.refs = format!("refs/ripieno/T-{round}");
        let Start::At { base, warning, .. } = place.start(true, LIMIT).await else {
            panic!("it starts somewhere");
        };
        rig.write("b", format!("left {round}\n"));
        let left = kept_at_last(async || {
            let place = rig.place();
            place.finish(&base, &[], kept.as_deref(), LIMIT).await
        })
        .await;
        // What was collected at every try is measured from the last commit, and says so.
        if warning.is_none() {
            assert_eq!(left.files, 1);
            remembered += 1;
        }
        let point = kept_at_last(async || rig.place().snapshot(LIMIT).await).await;
        points.push((base, left.head.clone(), point.files));
        kept = Some(left.head);
    }
    stop.store(true, Ordering::SeqCst);
    collector.join().unwrap();
    assert!(runs.load(Ordering::SeqCst) > 2, "garbage was collected");
    assert!(remembered > 0, "no state was ever remembered");
    rig.git(&["gc", "-q", "--prune=now"]);
    is_whole(&rig);
    for (base, _, point) in &points {
        rig.git(&["cat-file", "-e", &format!("{base}:a")]);
        rig.git(&["cat-file", "-e", &format!("{point}:b")]);
    }
    let packs = fs::read_dir(rig.file(".git/objects/pack")).unwrap();
    let left = packs.flatten().map(|file| file.file_name());
    let left = left.filter(|name| name.to_string_lossy().starts_with('.'));
    assert_eq!(left.count(), 0, "no half pack stays");
}

#[tokio::test]
async fn what_was_staged_and_then_collected_is_read_again() {
    let rig = Rig::committed(&[("a", "1\n"), ("sub/b", "1\n")]);
    rig.write("staged", "staged\n");
    rig.write("sub/b", "2\n");
    rig.git(&["add", "."]);
    for blob in ["staged", "sub/b"] {
        lose(&rig, &rig.git(&["rev-parse", &format!(":{blob}")]));
    }
    let point = rig.place().snapshot(LIMIT).await.unwrap();
    assert_eq!(
        rig.git(&["show", &format!("{}:staged", point.files)]),
        "staged"
    );
    assert_eq!(rig.git(&["show", &format!("{}:sub/b", point.files)]), "2");
    is_whole(&rig);
}

#[tokio::test]
async fn state_that_does_not_last_leaves_the_ref_as_it_was() {
    let rig = Rig::committed(&[("a", "1\n")]);
    rig.write("a", "2\n");
    let first = rig
        .place()
        .finish(&rig.git(&["rev-parse", "HEAD"]), &[], None, LIMIT)
        .await;
    let first = first.unwrap().head;
    rig.write("a", "3\n");
    let lost = rig.git(&["stash", "create"]);
    let blob = rig.git(&["rev-parse", &format!("{lost}:a")]);
    lose(&rig, &blob);
    let repository = rig.place().repository("HEAD").await.unwrap();
    let head = repository.head.clone();
    for (name, before) in [
        ("refs/ripieno/T-7/end", Some(first.as_str())),
        ("refs/ripieno/T-7/x", None),
    ] {
        let kept = repository
            .keep((name, "m"), &lost, before, head.as_deref())
            .await;
        assert_eq!(kept, Ok(false));
    }
    let refs = rig.git(&[
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        "refs/ripieno",
    ]);
    assert_eq!(refs, format!("refs/ripieno/T-7/end {first}"));
}
