//! A folder kept as it stands, and put back as it stood (R13). Of a checkout that is the person's only files change: its
//! branch and its index stay.

use super::{
    ChangesError, Place,
    capture::Capture,
    git::{GitError, WRITES},
    repository::{Repository, id},
    scratch::{Index, Objects, Scratch},
    within,
};
use ripieno_store::KeptFiles;
use std::time::Duration;

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

    /// Puts the files of the folder back, in `limit`; gives what was there, which a ref keeps. With `branch`, the folder is
    /// a worktree of ours, and its branch goes back too.
    ///
    /// # Errors
    /// [`ChangesError`]; the files are as they were then, or as they are to be.
    pub async fn restore(
        &self,
        to: &KeptFiles,
        branch: Option<&str>,
        limit: Duration,
    ) -> Result<KeptFiles, ChangesError> {
        within(limit, async {
            let repository = self.repository(&to.files).await?;
            let (left, state) = self.kept(&repository).await?;
            let target = self.target(&repository, &state, &to.files).await?;
            let args = ["read-tree", "-m", "-u", &state.tree, &target];
            state.scratch.read(&args, b"").await?;
            if repository.ours {
                state.scratch.leave_index(&repository).await?;
            }
            if let (Some(branch), Some(head)) = (branch, &to.head) {
                move_branch(&repository, branch, head).await?;
            }
            Ok(left)
        })
        .await
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
        let drop_old: [&std::ffi::OsStr; 7] = [
            "rm".as_ref(),
            "-r".as_ref(),
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
