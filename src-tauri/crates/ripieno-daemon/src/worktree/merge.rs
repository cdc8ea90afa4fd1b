//! Merging a task's branch where it came from (D11): in git's objects first, then, when nothing is in the way, into the
//! checkout. A checkout with changes in it is never touched; a conflict changes nothing.

use super::{
    TreeError,
    commit::{is_ancestor, person},
    join::{Unrelated, merged},
    make::{checkouts, tip},
    replay::{Replay, replay},
};
use crate::changes::{
    GitError,
    filtered::filtered,
    git::WRITES,
    path::RepoPath,
    repository::{Repository, id},
    scratch::{Index, Objects, Scratch},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// How much the answer to a small question may be.
const ANSWER: u64 = 64 * 1024;

/// What is merged, and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Merge<'a> {
    /// The checkout the work came from, whole.
    pub source: &'a Repository,
    /// The commit to merge.
    pub work: &'a str,
    /// Commits that hold what was not committed when a task began: they stay out of the branch.
    pub carried: &'a BTreeSet<String>,
    /// The branch it goes to.
    pub onto: &'a str,
    /// What the commit says.
    pub message: &'a str,
    /// A ref of ours that holds the new commit until the branch does.
    pub keep: &'a str,
    /// A folder that does not exist yet, for what passes.
    pub passing: &'a Path,
}

/// What came of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    /// The branch holds it now.
    Merged(String),
    /// It held it already.
    Already,
    /// The branch has no commit, or is gone.
    NoBranch,
    /// The branch is checked out here, with changes in it.
    Dirty(PathBuf),
    /// These files were changed on both sides, or stand in the way untracked.
    Conflict(Vec<String>),
    /// These go through a filter where the branch is checked out; the commit is ready under the ref of ours.
    Filtered(PathBuf, Vec<RepoPath>),
}

impl Merge<'_> {
    /// Merges.
    ///
    /// # Errors
    /// [`TreeError`]; nothing has changed then.
    pub async fn carry_out(&self) -> Result<Outcome, TreeError> {
        let Some(old) = tip(self.source, self.onto).await? else {
            return Ok(Outcome::NoBranch);
        };
        let at = self.passing.join("merge");
        let scratch = Scratch::make(self.source, at, Objects::Kept, Index::Empty).await?;
        if self.is_held(&scratch, &old).await? {
            // A person may have done what an earlier try left to them.
            self.let_go().await?;
            return Ok(Outcome::Already);
        }
        let at = checkouts(self.source).await?;
        let at = at
            .into_iter()
            .find(|(_, branch)| branch.as_deref() == Some(self.onto));
        let checkout = match at {
            Some((at, _)) => Some(Repository::find(self.source.git(), &at, true).await?),
            None => None,
        };
        if let Some(checkout) = &checkout
            && is_changed(checkout, &self.passing.join("look")).await?
        {
            return Ok(Outcome::Dirty(checkout.top.clone()));
        }
        let new = match self.joined_lasting(&scratch, &old).await? {
            Ok(new) => new,
            Err(files) => return Ok(Outcome::Conflict(files)),
        };
        if let Some(checkout) = &checkout {
            let blocked = self.in_the_way(checkout, &scratch, &old, &new).await?;
            if !blocked.is_empty() {
                self.let_go().await?;
                return Ok(Outcome::Conflict(blocked));
            }
            let files = filtered(checkout, &scratch, &old, &new).await?;
            if !files.is_empty() {
                return Ok(Outcome::Filtered(checkout.top.clone(), files));
            }
        }
        self.put(checkout.as_ref(), &old, &new).await?;
        if self.source.lasts(&new, Some(old.as_str())).await? {
            self.let_go().await?;
        }
        Ok(Outcome::Merged(new))
    }

    async fn let_go(&self) -> Result<(), GitError> {
        let args = ["update-ref", "-d", self.keep];
        let git = self.source.git();
        git.read(&self.source.folder, &args, b"", ANSWER)
            .await
            .map(drop)
    }

    /// The same as [`Self::joined`], under a ref of ours: a collection of garbage takes nothing of it.
    async fn joined_lasting(
        &self,
        scratch: &Scratch,
        old: &str,
    ) -> Result<Result<String, Vec<String>>, TreeError> {
        for _ in 0..WRITES {
            let new = match self.joined(scratch, old).await? {
                Ok(new) => new,
                Err(files) => return Ok(Err(files)),
            };
            if self.source.point(self.keep, &new, Some(old)).await? {
                return Ok(Ok(new));
            }
        }
        Err(GitError::Collected.into())
    }

    /// The commit that joins both, or the files that conflict. What was carried in uncommitted is not merged with the work,
    /// and no commit of it becomes a part of the branch's history: it is the person's, and stays wherever they have it.
    async fn joined(
        &self,
        scratch: &Scratch,
        old: &str,
    ) -> Result<Result<String, Vec<String>>, TreeError> {
        let again = self.replay(scratch, old).await?;
        let (ours, second) = match &again {
            None if is_ancestor(self.source, old, self.work).await? => {
                return Ok(Ok(self.work.to_owned()));
            }
            None => (old, Some(self.work)),
            Some(again) => (again.stand_in.as_str(), again.work.as_deref()),
        };
        let tree = match merged(scratch, Unrelated::Refused, ours, self.work).await? {
            Ok(tree) => tree,
            Err(files) => return Ok(Err(files)),
        };
        let mut git = scratch.git().clone();
        if let Some((name, address)) = person(self.source).await? {
            git = git.with(&[
                ("GIT_AUTHOR_NAME", name.as_os_str()),
                ("GIT_AUTHOR_EMAIL", address.as_os_str()),
                ("GIT_COMMITTER_NAME", name.as_os_str()),
                ("GIT_COMMITTER_EMAIL", address.as_os_str()),
            ]);
        }
        let mut args = vec!["commit-tree", &tree, "-m", self.message, "-p", old];
        args.extend(second.iter().flat_map(|second| ["-p", second]));
        Ok(Ok(id(&git.read(&scratch.top, &args, b"", ANSWER).await?)))
    }

    async fn replay(&self, scratch: &Scratch, old: &str) -> Result<Option<Replay>, TreeError> {
        replay(scratch, self.carried, self.work, old).await
    }

    /// Whether the branch holds the work already, as it is or without what was carried in.
    async fn is_held(&self, scratch: &Scratch, old: &str) -> Result<bool, TreeError> {
        match self.replay(scratch, old).await? {
            Some(again) => Ok(again.held || again.adds_nothing(scratch, self.work).await?),
            None => Ok(is_ancestor(self.source, self.work, old).await?),
        }
    }

    /// Untracked files that the merge would write over, or that stand where it makes a folder.
    async fn in_the_way(
        &self,
        checkout: &Repository,
        scratch: &Scratch,
        old: &str,
        new: &str,
    ) -> Result<Vec<String>, TreeError> {
        let added = scratch.differing("A", old, new).await?;
        let removed = scratch.differing("D", old, new).await?;
        let found = obstacles(&added, &removed, &checkout.top);
        Ok(found.iter().map(RepoPath::shown).collect())
    }

    /// Moves the branch, and first the checkout where it is checked out: whichever moment this is cut off at, nothing of
    /// anybody's is lost.
    async fn put(
        &self,
        checkout: Option<&Repository>,
        old: &str,
        new: &str,
    ) -> Result<(), TreeError> {
        let git = self.source.git();
        let Some(checkout) = checkout else {
            let name = format!("refs/heads/{}", self.onto);
            let args = ["update-ref", "-m", self.message, &name, new, old];
            git.read(&self.source.folder, &args, b"", ANSWER).await?;
            return Ok(());
        };
        let at = self.passing.join("put");
        let scratch = Scratch::make(checkout, at, Objects::Kept, Index::Empty).await?;
        let files = scratch.git_with_index(&checkout.index);
        // A file that was only touched is no obstacle.
        drop(
            files
                .print(
                    &checkout.top,
                    &["update-index", "-q", "--refresh"],
                    b"",
                    ANSWER,
                )
                .await,
        );
        let move_on = |from, to| ["read-tree", "-m", "-u", from, to];
        files
            .read(&checkout.top, &move_on(old, new), b"", ANSWER)
            .await?;
        let args = ["update-ref", "-m", self.message, "HEAD", new, old];
        if let Err(error) = git.read(&checkout.top, &args, b"", ANSWER).await {
            // Somebody moved the branch in this very moment.
            files
                .read(&checkout.top, &move_on(new, old), b"", ANSWER)
                .await?;
            return Err(error.into());
        }
        Ok(())
    }
}

/// Whether a checkout stands in the middle of a merge or the like.
pub(crate) fn is_under_way(checkout: &Repository) -> bool {
    let under_way = [
        "MERGE_HEAD",
        "CHERRY_PICK_HEAD",
        "REVERT_HEAD",
        "rebase-merge",
        "rebase-apply",
    ];
    let own = checkout.index.parent().unwrap_or(&checkout.index);
    under_way.iter().any(|name| own.join(name).exists())
}

/// Whether a checkout has changes of tracked files, staged or not, or stands in the middle of something.
async fn is_changed(checkout: &Repository, passing: &Path) -> Result<bool, GitError> {
    if is_under_way(checkout) {
        return Ok(true);
    }
    let passing = passing.to_owned();
    let scratch = Scratch::make(checkout, passing, Objects::Passing, Index::Copied).await?;
    // Files that were only touched are no changes.
    drop(
        scratch
            .read(&["update-index", "-q", "--refresh"], b"")
            .await,
    );
    let head = checkout.head.clone().unwrap_or_default();
    for args in [
        vec!["diff-files", "--quiet", "--ignore-submodules=dirty"],
        vec!["diff-index", "--cached", "--quiet", &head],
    ] {
        let printed = scratch
            .git()
            .print(&scratch.top, &args, b"", ANSWER)
            .await?;
        if printed.code == Some(1) {
            return Ok(true);
        }
        printed.succeeded()?;
    }
    Ok(false)
}

/// What stands where files are to be added, as git writes over an ignored one; what the merge takes away is in nobody's way.
fn obstacles(
    added: &BTreeSet<RepoPath>,
    removed: &BTreeSet<RepoPath>,
    top: &Path,
) -> BTreeSet<RepoPath> {
    let taken = added.iter().filter_map(|path| path.taken(top));
    taken.filter(|path| !removed.contains(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, os::unix::fs::symlink};

    fn path(text: &str) -> RepoPath {
        RepoPath(text.as_bytes().to_vec())
    }

    #[test]
    fn file_or_link_in_place_of_a_folder_stands_in_the_way_unless_it_is_removed() {
        let place = tempfile::TempDir::new().unwrap();
        let top = place.path();
        fs::create_dir_all(top.join("d/e")).unwrap();
        fs::write(top.join("d/file"), "").unwrap();
        symlink("d", top.join("link")).unwrap();
        let found = |added: &str, removed: &BTreeSet<RepoPath>| {
            let found = obstacles(&BTreeSet::from([path(added)]), removed, top);
            found.into_iter().next()
        };
        let none = BTreeSet::new();
        for (added, expected) in [
            ("d/e/new", None),
            ("d/other/new", None),
            ("d/file", Some("d/file")),
            ("d/file/new", Some("d/file")),
            ("d/file/deep/new", Some("d/file")),
            ("link/new", Some("link")),
        ] {
            assert_eq!(found(added, &none), expected.map(path), "{added}");
        }
        let removed = BTreeSet::from([path("d/file"), path("link")]);
        for added in ["d/file/new", "link/new"] {
            assert_eq!(found(added, &removed), None, "{added}");
        }
    }
}
