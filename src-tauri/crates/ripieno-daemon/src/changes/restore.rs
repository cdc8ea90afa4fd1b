//! A folder kept as it stands, and put back as it stood (R13). Of a checkout that is the person's only files change: its
//! branch and its index stay.

use super::{
    ChangesError, Place,
    capture::Capture,
    git::{GitError, WRITES},
    path::{RepoPath, fields},
    repository::{Repository, id},
    scratch::{Index, Objects, Scratch},
    within,
};
use ripieno_store::KeptFiles;
use std::{collections::BTreeSet, ffi::OsStr, os::unix::ffi::OsStrExt, time::Duration};

impl Place {
    /// Keeps the files of the folder under a ref, in `limit`.
    ///
    /// # Errors
    /// [`ChangesError`].
    pub async fn snapshot(&self, limit: Duration) -> Result<KeptFiles, ChangesError> {
        within(limit, async {
            let repository = self.repository_to_keep_in().await?;
            Ok(self.kept(&repository).await?.0)
        })
        .await
    }

    async fn kept(&self, repository: &Repository) -> Result<(KeptFiles, Capture), ChangesError> {
        for write in 0..WRITES {
            match self.write_kept(repository, write).await {
                Ok(Some(kept)) => return Ok(kept),
                Ok(None) => {}
                Err(error) if error.is_failure_of_git() && write + 1 < WRITES => {}
                Err(error) => return Err(error),
            }
        }
        Err(GitError::Collected.into())
    }

    /// One try; none when a collection of garbage took what was written.
    async fn write_kept(
        &self,
        repository: &Repository,
        write: u32,
    ) -> Result<Option<(KeptFiles, Capture)>, ChangesError> {
        let at = self.passing_in("kept", write);
        let state = Capture::take_again(repository, &at, Objects::Kept, write).await?;
        let head = repository.head.clone();
        let files = match &head {
            Some(head) if !state.dirty => head.clone(),
            _ => state.commit(head.as_deref(), "What was there").await?,
        };
        let name = format!("{}/at-{files:.16}", self.refs);
        let lasts = repository.point(&name, &files, head.as_deref()).await?;
        Ok(lasts.then_some((KeptFiles { head, files }, state)))
    }

    /// Makes ready to put the files of the folder back, in `limit`: what is there is kept by a ref, and nothing has changed
    /// yet.
    ///
    /// # Errors
    /// [`ChangesError`].
    pub async fn way_back(&self, to: &KeptFiles, limit: Duration) -> Result<WayBack, ChangesError> {
        within(limit, async {
            let repository = self.repository(&to.files).await?;
            let (mut left, mut state) = self.kept(&repository).await?;
            let target = self.target(&repository, &state, &to.files).await?;
            if take_in_the_way(&mut state, &target).await? {
                left.files = self.kept_again(&repository, &state).await?;
            }
            Ok(WayBack {
                repository,
                state,
                target,
                left,
                head: to.head.clone(),
            })
        })
        .await
    }

    /// Keeps a state that holds more than it did.
    async fn kept_again(
        &self,
        repository: &Repository,
        state: &Capture,
    ) -> Result<String, ChangesError> {
        let head = repository.head.as_deref();
        let files = state.commit(head, "What was there").await?;
        let name = format!("{}/at-{files:.16}", self.refs);
        match repository.point(&name, &files, head).await? {
            true => Ok(files),
            false => Err(GitError::Collected.into()),
        }
    }

    /// The tree to go to: below the folder that of the commit, beside it what is there.
    async fn target(
        &self,
        repository: &Repository,
        state: &Capture,
        files: &str,
    ) -> Result<String, ChangesError> {
        let Some(folder) = repository.pathspec() else {
            return Ok(format!("{files}^{{tree}}"));
        };
        let at = self.passing.join("target");
        let scratch = Scratch::make(repository, at, Objects::Kept, Index::Empty).await?;
        scratch.read(&["read-tree", &state.tree], b"").await?;
        // By force: git would look at the files themselves, of which nothing is taken away here.
        let drop_old: [&std::ffi::OsStr; 8] = [
            "rm".as_ref(),
            "-r".as_ref(),
            "-f".as_ref(),
            "-q".as_ref(),
            "--cached".as_ref(),
            "--ignore-unmatch".as_ref(),
            "--".as_ref(),
            folder,
        ];
        scratch.read(&drop_old, b"").await?;
        let prefix = String::from_utf8_lossy(&repository.prefix).into_owned();
        let below = format!("{files}:{}", prefix.trim_end_matches('/'));
        let there = scratch.git();
        let there = there
            .print(&scratch.top, &["cat-file", "-e", &below], b"", 1024)
            .await?;
        if there.code == Some(0) {
            let into = format!("--prefix={prefix}");
            scratch.read(&["read-tree", &into, &below], b"").await?;
        }
        Ok(id(&scratch
            .read(&["write-tree", "--missing-ok"], b"")
            .await?))
    }
}

/// A way back that is ready.
#[derive(Debug)]
pub struct WayBack {
    repository: Repository,
    state: Capture,
    target: String,
    head: Option<String>,
    /// What is there now.
    pub left: KeptFiles,
}

impl WayBack {
    /// Puts the files of the folder back, in `limit`. With `branch`, the folder is a worktree of ours, and its branch goes
    /// back too.
    ///
    /// # Errors
    /// [`ChangesError`]; the files are as they were then, or as they are to be.
    pub async fn take(self, branch: Option<&str>, limit: Duration) -> Result<(), ChangesError> {
        within(limit, async {
            let (state, repository) = (&self.state, &self.repository);
            let args = ["read-tree", "-m", "-u", &state.tree, &self.target];
            state.scratch.read(&args, b"").await?;
            if repository.ours {
                state.scratch.leave_index(repository).await?;
            }
            if let (Some(branch), Some(head)) = (branch, &self.head) {
                move_branch(repository, branch, head).await?;
            }
            Ok(())
        })
        .await
    }
}

/// Adds to the state what is ignored by now and lies where the target has files: git writes over what is ignored. Whether
/// there was any.
async fn take_in_the_way(state: &mut Capture, target: &str) -> Result<bool, ChangesError> {
    let added = state.scratch.differing("A", &state.tree, target).await?;
    let top = state.scratch.top.clone();
    let taken = added.iter().filter_map(|path| path.taken(&top));
    let (folders, mut found): (BTreeSet<RepoPath>, BTreeSet<RepoPath>) =
        taken.partition(|path| path.below(&top).is_dir() && !path.below(&top).is_symlink());
    if !folders.is_empty() {
        let mut others: Vec<&OsStr> = ["ls-files", "-z", "--others", "--"]
            .map(OsStr::new)
            .to_vec();
        others.extend(folders.iter().map(|path| OsStr::from_bytes(&path.0)));
        let others = state.scratch.read(&others, b"").await?;
        found.extend(fields(&others).map(|path| RepoPath(path.to_vec())));
    }
    if found.is_empty() {
        return Ok(false);
    }
    state.add(&found).await?;
    Ok(true)
}

/// Takes the branch of a worktree back, and shows what differs from it as not committed.
async fn move_branch(repository: &Repository, branch: &str, head: &str) -> Result<(), GitError> {
    let git = repository.git();
    let full = format!("refs/heads/{branch}");
    for args in [
        vec!["update-ref", "-m", "rewind by Ripieno", &full, head],
        vec!["symbolic-ref", "HEAD", &full],
        vec!["read-tree", head],
    ] {
        git.read(&repository.folder, &args, b"", 1024).await?;
    }
    drop(
        git.print(
            &repository.folder,
            &["update-index", "-q", "--refresh"],
            b"",
            1024,
        )
        .await,
    );
    Ok(())
}
