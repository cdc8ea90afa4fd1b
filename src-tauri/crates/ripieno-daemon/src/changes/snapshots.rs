//! A repository of ours for a folder that is in none (R13): bare, among our own data. The folder itself gets nothing, and
//! its content goes in and out byte for byte, whatever its `.gitattributes` say.

use super::{
    ChangesError, Place,
    capture::Capture,
    git::{Git, GitError},
    repository::{NoRepository, Repository, id, is_in_repository},
    scratch::{Index, Objects, Scratch},
    within,
};
use crate::{paths::Home, workspaces::WorkspaceError, worktree};
use sha2::{Digest, Sha256};
use std::{
    ffi::OsStr,
    fs, io,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Folders that are not kept: a build makes them again.
pub(crate) const NOT_KEPT: [&str; 3] = ["node_modules", ".next", ".turbo"];
/// How much git may say here.
const ANSWER: u64 = 64 * 1024;
/// Says which folder the repository is for, and that it was made to its end.
const DESCRIPTION: &str = "description";

/// Where the snapshots of a folder are: those of a workspace by the id of its task, so that a home can be moved; those of
/// any other folder by its real path.
pub(crate) fn place(home: &Home, folder: &Path) -> PathBuf {
    let workspace = folder.strip_prefix(home.tasks_dir()).ok();
    let task = workspace.and_then(|below| below.components().next());
    let name = match task {
        Some(task) => task.as_os_str().to_string_lossy().into_owned(),
        None => {
            let real = folder.canonicalize();
            let real = real.unwrap_or_else(|_| folder.to_owned());
            let hash = Sha256::digest(real.as_os_str().as_bytes());
            hash.iter()
                .take(16)
                .map(|byte| format!("{byte:02x}"))
                .collect()
        }
    };
    home.snapshots_dir().join(format!("{name}.git"))
}

impl Place {
    /// The repository that holds a commit or ref of the task: ours where it is there, whatever the folder became since.
    pub(super) async fn repository(&self, holds: &str) -> Result<Repository, NoRepository> {
        if self.has_snapshots() {
            let ours = self.ours().await?;
            let commit = format!("{holds}^{{commit}}");
            let args = ["rev-parse", "--verify", "--quiet", &commit];
            let held = ours.git().print(&ours.folder, &args, b"", ANSWER).await;
            if held.is_ok_and(|held| held.code == Some(0)) {
                return Ok(ours);
            }
        }
        Repository::find(&self.git, &self.folder, self.alone).await
    }

    /// The repository that a state is to be kept in: that of the folder, else one of ours, made now where there is none.
    pub(super) async fn repository_to_keep_in(&self) -> Result<Repository, NoRepository> {
        let start = format!("{}/start", self.refs);
        match self.repository(&start).await {
            Err(NoRepository::None) => {
                self.make().await.map_err(NoRepository::Unusable)?;
                self.ours().await
            }
            found => found,
        }
    }

    /// Whether there is a repository of ours for the folder.
    #[must_use]
    pub(crate) fn has_snapshots(&self) -> bool {
        self.snapshots.join(DESCRIPTION).exists()
    }

    /// Keeps everything in the folder under a ref of a repository of ours, in `limit`; what is not in there, in words.
    ///
    /// # Errors
    /// [`WorkspaceError`].
    pub(crate) async fn keep_whole(
        &self,
        name: &str,
        limit: Duration,
    ) -> Result<Option<String>, WorkspaceError> {
        if is_in_repository(&self.folder, true) {
            return Ok(Some("it is a git repository of its own".to_owned()));
        }
        let kept = within(limit, async {
            self.make().await?;
            let repository = self.ours().await?;
            let at = self.passing.join("whole");
            let state = Capture::take(&repository, &at, Objects::Kept).await?;
            let commit = state.commit(None, "What was in the workspace").await?;
            if !repository.point(name, &commit, None).await? {
                return Err(GitError::Collected.into());
            }
            Ok((repository, state))
        });
        let (repository, state) = kept.await?;
        Ok(worktree::what_stays(&repository, &state, &self.snapshots).await?)
    }

    /// Writes what a ref of the repository of ours holds into the folder, which is empty, in `limit`; nothing without that
    /// ref.
    ///
    /// # Errors
    /// [`ChangesError`]; a part of it may be there then.
    pub(crate) async fn write_out(&self, name: &str, limit: Duration) -> Result<(), ChangesError> {
        within(limit, async {
            let repository = self.ours().await?;
            let args = ["for-each-ref", "--format=%(objectname)", name];
            let git = repository.git();
            let commit = id(&git.read(&repository.folder, &args, b"", ANSWER).await?);
            if commit.is_empty() {
                return Ok(());
            }
            let at = self.passing.join("out");
            let scratch = Scratch::make(&repository, at, Objects::Passing, Index::Empty).await?;
            let write = ["read-tree", "--reset", "-u", &commit];
            scratch.read(&write, b"").await?;
            Ok(scratch.leave_index(&repository).await?)
        })
        .await
    }

    async fn ours(&self) -> Result<Repository, NoRepository> {
        let ours = Repository::ours(&self.git, &self.folder, &self.snapshots);
        ours.map_err(|error| NoRepository::Unusable(GitError::Io(error.to_string())))
    }

    async fn make(&self) -> Result<(), GitError> {
        let at = &self.snapshots;
        let io = |error: io::Error| GitError::Io(error.to_string());
        crate::paths::make_private_folder(at).map_err(|error| io(io::Error::other(error)))?;
        // Made again over itself it stays as it is.
        let init = ["init", "--quiet", "--bare", "--template="];
        let git = plain(&self.git, at);
        git.read(at, &init, b"", ANSWER).await?;
        let described = self.folder.clone();
        let lay_out = || {
            fs::create_dir_all(at.join("info"))?;
            let excluded = NOT_KEPT.map(|name| format!("{name}/\n")).concat();
            fs::write(at.join("info/exclude"), excluded)?;
            let line = [described.as_os_str().as_bytes(), b"\n"].concat();
            fs::write(at.join(DESCRIPTION), line)
        };
        lay_out().map_err(io)
    }
}

impl Repository {
    /// The repository of ours at a place, for a folder; for one that is gone, only what is kept can be looked at.
    fn ours(git: &Git, folder: &Path, at: &Path) -> io::Result<Self> {
        let at = at.canonicalize()?;
        let top = if folder.is_dir() {
            folder.canonicalize()?
        } else {
            at.clone()
        };
        Ok(Repository {
            folder: top.clone(),
            top,
            prefix: Vec::new(),
            objects: at.join("objects"),
            index: at.join("index"),
            exclude: at.join("info/exclude"),
            sparse: at.join("info/sparse-checkout"),
            format: "sha1".to_owned(),
            head: None,
            settings: Vec::new(),
            ours: true,
            git: plain(git, &at),
            common: at,
        })
    }
}

/// The git that works in a repository of ours: nobody's settings.
fn plain(git: &Git, at: &Path) -> Git {
    let none = OsStr::new("/dev/null");
    git.clone().with(&[
        ("GIT_DIR", at.as_os_str()),
        ("GIT_CONFIG_GLOBAL", none),
        ("GIT_CONFIG_SYSTEM", none),
    ])
}
