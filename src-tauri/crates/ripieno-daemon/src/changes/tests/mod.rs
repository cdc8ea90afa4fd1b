//! Against the real git: what is shown, what is left alone, and what is never run.

mod collected;
mod exported;
mod filtered;
mod odd;
mod plain;
mod shown;
mod way_back;

use super::{FileChange, Git, Place, Span, Start};
use ripieno_store::KeptFiles;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(120);
const MIB: usize = 1024 * 1024;

struct Rig {
    place: TempDir,
}

/// What of the user's must stay as it is.
#[derive(PartialEq, Eq, Debug)]
struct Untouched {
    index: Option<Vec<u8>>,
    status: String,
    stash: String,
    head: String,
}

impl Rig {
    /// A folder that is no repository yet.
    fn bare() -> Self {
        let place = TempDir::new().unwrap();
        fs::create_dir_all(place.path().join("repo")).unwrap();
        fs::create_dir_all(place.path().join("user")).unwrap();
        Rig { place }
    }

    /// A repository without a commit.
    fn empty() -> Self {
        let rig = Rig::bare();
        rig.git(&["init", "-q", "-b", "main"]);
        rig
    }

    /// A repository with a commit.
    fn committed(files: &[(&str, &str)]) -> Self {
        let rig = Rig::empty();
        for (name, text) in files {
            rig.write(name, text);
        }
        rig.commit();
        rig
    }

    fn repo(&self) -> PathBuf {
        self.place.path().join("repo")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.repo().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let file = self.file(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }

    fn commit(&self) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", "more"]);
    }

    fn git_in(&self, folder: &Path, args: &[&str]) -> String {
        let out = Command::new("git")
            .args(args)
            .current_dir(folder)
            .env("HOME", self.place.path().join("user"))
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@b")])
            .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@b")])
            .output()
            .unwrap();
        assert!(out.status.success(), "{args:?}: {out:?}");
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    fn git(&self, args: &[&str]) -> String {
        self.git_in(&self.repo(), args)
    }

    fn untouched(&self) -> Untouched {
        Untouched {
            // Before `status`, which may refresh it.
            index: fs::read(self.file(".git/index")).ok(),
            status: self.git(&[
                "--no-optional-locks",
                "status",
                "--porcelain=v2",
                "--branch",
            ]),
            stash: self.git(&["stash", "list"]),
            head: self.git(&["for-each-ref", "refs/heads", "refs/tags", "refs/stash"]),
        }
    }

    fn place_at(&self, folder: PathBuf) -> Place {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let user = self.place.path().join("user").display().to_string();
        let env = BTreeMap::from([
            ("PATH".to_owned(), std::env::var("PATH").unwrap()),
            ("HOME".to_owned(), user),
        ]);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        Place {
            git: Git::find(&env).unwrap(),
            folder,
            alone: false,
            snapshots: self.place.path().join("snapshots/repo.git"),
            passing: self.place.path().join(format!("passing/{n}")),
            refs: "refs/ripieno/T-7".to_owned(),
            mark: "0a1b2c3d".to_owned(),
        }
    }

    fn place(&self) -> Place {
        self.place_at(self.repo())
    }

    async fn start(&self, snapshot: bool) -> Span {
        match self.place().start(snapshot, LIMIT).await {
            Start::At {
                base,
                apart,
                warning: None,
                ..
            } => Span {
                base,
                before: apart,
                after: None,
            },
            other => panic!("{other:?}"),
        }
    }

    /// Puts the files back; what was there.
    async fn restore(&self, to: &KeptFiles) -> KeptFiles {
        let way = self.place().way_back(to, LIMIT).await.unwrap();
        let left = way.left.clone();
        way.take(None, LIMIT).await.unwrap();
        left
    }

    async fn changes(&self, span: &Span) -> Vec<FileChange> {
        self.place().changes(span, LIMIT).await.unwrap()
    }

    /// The changes, one word each.
    async fn seen(&self, span: &Span) -> Vec<String> {
        let changes = self.changes(span).await;
        changes.iter().map(line).collect()
    }

    /// Waits until everything that passes is removed.
    async fn passing_is_gone(&self) {
        let gone = async {
            while fs::read_dir(self.place.path().join("passing"))
                .is_ok_and(|mut left| left.next().is_some())
            {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, gone)
            .await
            .expect("nothing is left");
    }

    async fn patch(&self, span: &Span, path: Option<&str>) -> String {
        let place = self.place();
        place
            .patch(span, path, true, 1 << 20, LIMIT)
            .await
            .unwrap()
            .0
    }
}

fn line(change: &FileChange) -> String {
    let from = change.from.as_ref().map(|from| format!("{from} -> "));
    format!(
        "{:?} {}{} +{} -{}{}{}",
        change.status,
        from.unwrap_or_default(),
        change.path,
        change.insertions,
        change.deletions,
        if change.binary { " binary" } else { "" },
        if change.unread { " unread" } else { "" },
    )
}
