//! The repository a folder lies in: where its parts are, and which of its settings say how files are read.

use super::{
    git::{Git, GitError},
    path::fields,
};
use std::{
    ffi::{OsStr, OsString},
    os::unix::ffi::{OsStrExt, OsStringExt},
    path::{Path, PathBuf},
};

/// How much the settings of a repository may be.
const SETTINGS_LIMIT: u64 = 1024 * 1024;
/// How much one answer about places may be.
const PLACES_LIMIT: u64 = 64 * 1024;

/// Settings that say how files are compared and start nothing.
const HARMLESS: [&str; 12] = [
    "core.autocrlf",
    "core.eol",
    "core.filemode",
    "core.ignorecase",
    "core.symlinks",
    "core.excludesfile",
    "core.attributesfile",
    "core.precomposeunicode",
    "core.trustctime",
    "core.checkstat",
    "core.sparsecheckout",
    "core.sparsecheckoutcone",
];

/// Why a folder has no state to compare with.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NoRepository {
    /// Neither the folder nor one above it is a repository.
    #[error("its folder is not in a git repository")]
    None,
    /// git cannot use it.
    #[error("the git repository of its folder cannot be used: {0}")]
    Unusable(GitError),
}

/// A repository and the folder in it that matters.
#[derive(Clone, Debug)]
pub struct Repository {
    pub(super) git: Git,
    /// The folder.
    pub folder: PathBuf,
    /// The top of the checkout.
    pub top: PathBuf,
    /// The folder below the top, with a slash at its end; empty for the top itself.
    pub prefix: Vec<u8>,
    /// Where the objects are.
    pub objects: PathBuf,
    /// The index of the checkout.
    pub index: PathBuf,
    /// What is ignored beside the files in the tree.
    pub exclude: PathBuf,
    /// Which files a sparse checkout has.
    pub sparse: PathBuf,
    /// What all checkouts of the repository share.
    pub common: PathBuf,
    /// `sha1` or `sha256`.
    pub format: String,
    /// The commit that is checked out; none before the first one.
    pub head: Option<String>,
    /// The settings that say how files are read.
    pub settings: Vec<(String, OsString)>,
    /// Whether it is one of ours, for a folder that is in none: everything in the folder is kept as it is.
    pub ours: bool,
}

impl Repository {
    /// Looks for the repository of a folder; `alone` looks at nothing above it.
    ///
    /// # Errors
    /// [`NoRepository`].
    pub async fn find(git: &Git, folder: &Path, alone: bool) -> Result<Self, NoRepository> {
        if !is_in_repository(folder, alone) {
            return Err(NoRepository::None);
        }
        Self::open(git, folder)
            .await
            .map_err(NoRepository::Unusable)
    }

    async fn open(git: &Git, folder: &Path) -> Result<Self, GitError> {
        let args = [
            "rev-parse",
            "--path-format=absolute",
            "--show-object-format=storage",
            "--show-toplevel",
            "--git-path",
            "objects",
            "--git-path",
            "index",
            "--git-path",
            "info/exclude",
            "--git-path",
            "info/sparse-checkout",
            "--git-common-dir",
            "--show-prefix",
        ];
        let places = git.read(folder, &args, b"", PLACES_LIMIT).await?;
        let lines: Vec<&[u8]> = places.split(|byte| *byte == b'\n').collect();
        let [
            format,
            top,
            objects,
            index,
            exclude,
            sparse,
            common,
            prefix,
            b"",
        ] = lines.as_slice()
        else {
            let text = "its path holds a line break".to_owned();
            let verb = "rev-parse".to_owned();
            return Err(GitError::Failed { verb, text });
        };
        let path = |bytes: &[u8]| PathBuf::from(OsString::from_vec(bytes.to_vec()));
        let top = path(top);
        if !folder
            .canonicalize()
            .is_ok_and(|real| real == top.join(OsStr::from_bytes(prefix)))
        {
            // `core.worktree` may point anywhere.
            let text = format!("its checkout is {}, not here", top.display());
            let verb = "rev-parse".to_owned();
            return Err(GitError::Failed { verb, text });
        }
        Ok(Repository {
            folder: folder.to_owned(),
            top,
            prefix: prefix.to_vec(),
            objects: path(objects),
            index: path(index),
            exclude: path(exclude),
            sparse: path(sparse),
            common: path(common),
            format: String::from_utf8_lossy(format).into_owned(),
            head: head(git, folder).await?,
            settings: settings(git, folder).await?,
            ours: false,
            git: git.clone(),
        })
    }

    /// The same checkout, whole.
    #[must_use]
    pub fn whole(&self) -> Self {
        Repository {
            folder: self.top.clone(),
            prefix: Vec::new(),
            ..self.clone()
        }
    }

    /// Another checkout of the same repository: its top, and git's own folder for it.
    #[must_use]
    pub fn checkout(&self, top: &Path, admin: &Path, head: &str) -> Self {
        Repository {
            folder: top.to_owned(),
            top: top.to_owned(),
            prefix: Vec::new(),
            index: admin.join("index"),
            sparse: admin.join("info/sparse-checkout"),
            head: Some(head.to_owned()),
            ..self.clone()
        }
    }

    /// The git that looks at the repository itself, by the user's settings.
    #[must_use]
    pub fn git(&self) -> &Git {
        &self.git
    }

    /// The folder as a path of the repository, for the ends of commands; nothing for the top.
    #[must_use]
    pub fn pathspec(&self) -> Option<&OsStr> {
        (!self.prefix.is_empty()).then(|| OsStr::from_bytes(&self.prefix))
    }
}

/// Whether a folder, or one above it, says that it is a repository; `alone` looks at nothing above it. Starts nothing.
#[must_use]
pub fn is_in_repository(folder: &Path, alone: bool) -> bool {
    let depth = if alone { 1 } else { usize::MAX };
    // A link leads to the folders above the place it names.
    let real = folder.canonicalize();
    real.unwrap_or_else(|_| folder.to_owned())
        .ancestors()
        .take(depth)
        .any(|folder| folder.join(".git").symlink_metadata().is_ok())
}

async fn head(git: &Git, folder: &Path) -> Result<Option<String>, GitError> {
    let args = ["rev-parse", "--verify", "--quiet", "HEAD^{commit}"];
    let printed = git.print(folder, &args, b"", PLACES_LIMIT).await?;
    if printed.code == Some(1) {
        return Ok(None);
    }
    Ok(Some(id(&printed.succeeded()?)))
}

async fn settings(git: &Git, folder: &Path) -> Result<Vec<(String, OsString)>, GitError> {
    let all = git
        .read(folder, &["config", "--list", "-z"], b"", SETTINGS_LIMIT)
        .await?;
    let harmless = fields(&all).filter_map(|entry| {
        let at = entry.iter().position(|byte| *byte == b'\n')?;
        let key = std::str::from_utf8(&entry[..at]).ok()?;
        let value = OsString::from_vec(entry[at + 1..].to_vec());
        HARMLESS.contains(&key).then(|| (key.to_owned(), value))
    });
    Ok(harmless.collect())
}

/// The name of an object, as git prints it on a line.
pub fn id(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim().to_owned()
}
