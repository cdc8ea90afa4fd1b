//! Committing what a task changed in the person's own checkout, where their project says so (R14): the task's changes and
//! nothing else. Whatever cannot be told apart from the person's own is left uncommitted, with the reason.

use super::{
    ChangesError, Place,
    capture::Capture,
    filtered::{filtered, said},
    path::{RepoPath, fields},
    repository::{Repository, id},
    scratch::{Objects, Scratch},
    within,
};
use crate::worktree::{is_under_way, person};
use std::{collections::BTreeSet, time::Duration};

/// How much a list of files may be.
const LIST: u64 = 32 * 1024 * 1024;
/// How many files a reason names.
const NAMED: usize = 5;

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum InPlace {
    /// This commit holds it.
    Committed(String),
    /// There was nothing of the task's to commit.
    Nothing,
    /// It stays uncommitted, for this reason.
    Left(String),
}

impl Place {
    /// Commits what differs from `start`, a commit of the whole state before the task, on what is checked out.
    ///
    /// # Errors
    /// [`ChangesError`]; nothing is committed then.
    pub(crate) async fn commit_in_place(
        &self,
        start: &str,
        message: &str,
        limit: Duration,
    ) -> Result<InPlace, ChangesError> {
        within(limit, async {
            let repository = Repository::find(&self.git, &self.folder, self.alone).await?;
            let Some(head) = repository.head.clone() else {
                return Ok(InPlace::Left(
                    "there is no commit it could follow".to_owned(),
                ));
            };
            if is_under_way(&repository) {
                let text = "a merge, rebase or the like is under way";
                return Ok(InPlace::Left(text.to_owned()));
            }
            let at = self.passing.join("in-place");
            let state = Capture::take(&repository, &at, Objects::Kept).await?;
            let end = state.commit(Some(&head), "What the task left").await?;
            let step = Step {
                repository: &repository,
                scratch: &state.scratch,
                head: &head,
            };
            step.carry_out(start, &end, message).await
        })
        .await
    }
}

struct Step<'a> {
    repository: &'a Repository,
    scratch: &'a Scratch,
    head: &'a str,
}

impl Step<'_> {
    async fn carry_out(
        &self,
        start: &str,
        end: &str,
        message: &str,
    ) -> Result<InPlace, ChangesError> {
        let filtered = filtered(self.repository, self.scratch, start, end).await?;
        if !filtered.is_empty() {
            let text = format!("{}: commit it yourself", said(&filtered));
            return Ok(InPlace::Left(text));
        }
        let tree = match self.joined(start, end).await? {
            Ok(tree) => tree,
            Err(files) => {
                let text = format!("you and the task both changed {}", some(&files));
                return Ok(InPlace::Left(text));
            }
        };
        let changed = self.differing(&[self.head, &tree], false).await?;
        if changed.is_empty() {
            return Ok(InPlace::Nothing);
        }
        let staged = self.differing(&[self.head], true).await?;
        let other = self.differing(&[&tree], true).await?;
        let yours: Vec<String> = changed
            .iter()
            .filter(|path| staged.contains(*path) && other.contains(*path))
            .map(RepoPath::shown)
            .collect();
        if !yours.is_empty() {
            let text = format!("you have staged changes of {}", some(&yours));
            return Ok(InPlace::Left(text));
        }
        let new = self.write(&tree, message).await?;
        // First the index: cut off in between, the changes are staged and not lost.
        self.stage(self.head, &new).await?;
        let args = [
            "update-ref",
            "-m",
            "commit by Ripieno",
            "HEAD",
            &new,
            self.head,
        ];
        let git = self.repository.git();
        if let Err(error) = git.read(&self.repository.folder, &args, b"", LIST).await {
            // Somebody committed in this very moment.
            self.stage(&new, self.head).await?;
            return Err(error.into());
        }
        Ok(InPlace::Committed(new))
    }

    /// The tree of what is checked out with the task's changes alone; else the files that both changed.
    async fn joined(
        &self,
        start: &str,
        end: &str,
    ) -> Result<Result<String, Vec<String>>, ChangesError> {
        let base = format!("--merge-base={start}");
        let args = [
            "merge-tree",
            "--write-tree",
            "-z",
            "--name-only",
            "--no-messages",
            &base,
            self.head,
            end,
        ];
        let git = self.scratch.git();
        let printed = git.print(&self.scratch.top, &args, b"", LIST).await?;
        if printed.code == Some(1) {
            let files = fields(&printed.bytes).skip(1);
            let mut files: Vec<String> =
                files.map(|path| RepoPath(path.to_vec()).shown()).collect();
            files.dedup();
            return Ok(Err(files));
        }
        let printed = printed.succeeded()?;
        Ok(Ok(fields(&printed).next().map(id).unwrap_or_default()))
    }

    /// The files that differ between two trees, or between one and the person's index.
    async fn differing(
        &self,
        between: &[&str],
        index: bool,
    ) -> Result<BTreeSet<RepoPath>, ChangesError> {
        let mut args = if index {
            vec!["diff-index", "--cached"]
        } else {
            vec!["diff-tree", "-r"]
        };
        args.extend(["-z", "--name-only", "--no-renames"]);
        args.extend(between);
        let git = if index {
            self.scratch.git_with_index(&self.repository.index)
        } else {
            self.scratch.git().clone()
        };
        let printed = git.read(&self.scratch.top, &args, b"", LIST).await?;
        Ok(fields(&printed)
            .map(|path| RepoPath(path.to_vec()))
            .collect())
    }

    async fn write(&self, tree: &str, message: &str) -> Result<String, ChangesError> {
        let mut git = self.scratch.git().clone();
        if let Some((name, address)) = person(self.repository).await? {
            git = git.with(&[
                ("GIT_AUTHOR_NAME", name.as_os_str()),
                ("GIT_AUTHOR_EMAIL", address.as_os_str()),
                ("GIT_COMMITTER_NAME", name.as_os_str()),
                ("GIT_COMMITTER_EMAIL", address.as_os_str()),
            ]);
        }
        let args = ["commit-tree", tree, "-p", self.head, "-m", message];
        Ok(id(&git.read(&self.scratch.top, &args, b"", LIST).await?))
    }

    /// Lets the person's index follow from one commit to another in the files that differ, and in no other.
    async fn stage(&self, from: &str, to: &str) -> Result<(), ChangesError> {
        let args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", from, to];
        let printed = self
            .scratch
            .git()
            .read(&self.scratch.top, &args, b"", LIST)
            .await?;
        let mut lines = fields(&printed);
        let mut entries = Vec::new();
        while let (Some(head), Some(path)) = (lines.next(), lines.next()) {
            let words: Vec<&[u8]> = head.split(|byte| *byte == b' ').collect();
            let (Some(mode), Some(object)) = (words.get(1), words.get(3)) else {
                continue;
            };
            // A mode of zeros takes the file out.
            for part in [*mode, b" ", *object, b"\t", path, b"\0"] {
                entries.extend_from_slice(part);
            }
        }
        let git = self.scratch.git_with_index(&self.repository.index);
        let update = ["update-index", "-z", "--index-info"];
        git.read(&self.scratch.top, &update, &entries, LIST).await?;
        let refresh = ["update-index", "-q", "--refresh"];
        drop(git.print(&self.scratch.top, &refresh, b"", LIST).await);
        Ok(())
    }
}

fn some(names: &[String]) -> String {
    let shown = names.iter().take(NAMED).cloned().collect::<Vec<_>>();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
