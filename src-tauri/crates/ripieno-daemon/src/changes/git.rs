//! git as a child process: an argument vector, a listed environment, bounded output. A repository is hostile: nothing
//! that it or the user's settings name is run.

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::Command,
};

/// How much of what git says of a failure is kept.
const COMPLAINT: u64 = 4 * 1024;

/// What is set for every call: no program of a setting is started, nothing is fetched, nobody is asked.
const ALWAYS: [(&str, &str); 8] = [
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_PAGER", "cat"),
    ("LC_ALL", "C"),
];

/// Settings that would run a program, or write beside what is wanted, whatever the repository says; and how long a lock of
/// the person's own git is waited for, in milliseconds: a collection of garbage on a busy disk holds it for seconds.
const SETTINGS: [(&str, &str); 9] = [
    ("core.packedRefsTimeout", "20000"),
    ("core.filesRefLockTimeout", "5000"),
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.untrackedCache", "false"),
    ("core.splitIndex", "false"),
    ("core.safecrlf", "false"),
    ("core.quotePath", "false"),
    ("worktree.useRelativePaths", "false"),
];

/// How often something is written that a collection of garbage takes before a ref reaches it.
pub(crate) const WRITES: u32 = 6;

/// Commands that are ended when nobody waits for them any more: they only read, or write into a clone of ours. Every other
/// one is let finish: killed in the middle it would leave its locks in the person's repository.
const ENDED: [&str; 9] = [
    "cat-file",
    "diff-files",
    "diff-index",
    "diff-tree",
    "fetch",
    "ls-files",
    "merge-base",
    "rev-list",
    "rev-parse",
];

fn may_be_ended(verb: Option<&OsStr>) -> bool {
    verb.and_then(OsStr::to_str)
        .is_some_and(|verb| ENDED.contains(&verb))
}

/// Why git did not answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GitError {
    /// There is no git on the PATH.
    #[error("git is not installed, or not on the PATH of the worker")]
    Missing,
    /// It could not be started or listened to.
    #[error("git could not be run: {0}")]
    Io(String),
    /// It ended with a failure.
    #[error("git {verb} failed: {text}")]
    Failed {
        /// The command of git.
        verb: String,
        /// What it said.
        text: String,
    },
    /// What was written was taken away before a ref reached it, time after time.
    #[error(
        "a collection of garbage takes what is being written: stop `git gc --prune=now` and try again"
    )]
    Collected,
    /// It said more than is read.
    #[error("git {verb} says more than {limit} bytes")]
    TooMuch {
        /// The command of git.
        verb: String,
        /// How much is read.
        limit: u64,
    },
}

/// The git of this machine and the environment it is given.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    env: BTreeMap<OsString, OsString>,
}

/// What one call printed.
#[derive(Debug)]
pub struct Printed {
    /// Its output.
    pub bytes: Vec<u8>,
    /// Whether there was more than was asked for.
    pub cut: bool,
    /// Its exit status; none when it was cut.
    pub code: Option<i32>,
    complaint: String,
    verb: String,
}

impl Git {
    /// Finds git on the PATH of an environment; folders that are not absolute do not count.
    ///
    /// # Errors
    /// [`GitError::Missing`].
    pub fn find(base_env: &BTreeMap<String, String>) -> Result<Self, GitError> {
        let path = base_env.get("PATH").map(String::as_str).unwrap_or_default();
        let program = std::env::split_paths(path)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join("git"))
            .find(|file| file.is_file())
            .ok_or(GitError::Missing)?;
        let mut env = BTreeMap::new();
        for name in ["PATH", "HOME", "XDG_CONFIG_HOME"] {
            if let Some(value) = base_env.get(name) {
                env.insert(name.into(), value.into());
            }
        }
        for (name, value) in ALWAYS {
            env.insert(name.into(), value.into());
        }
        Ok(Git { program, env }.with_settings(&[]))
    }

    /// The same git with more variables.
    #[must_use]
    pub fn with(mut self, vars: &[(&str, &OsStr)]) -> Self {
        for (name, value) in vars {
            self.env.insert((*name).into(), (*value).to_owned());
        }
        self
    }

    /// The same git with these settings beside those that always hold, which come last and so win.
    #[must_use]
    pub fn with_settings(mut self, more: &[(String, OsString)]) -> Self {
        let fixed = SETTINGS.map(|(key, value)| (key.to_owned(), OsString::from(value)));
        let all: Vec<&(String, OsString)> = more.iter().chain(&fixed).collect();
        for (at, (key, value)) in all.iter().enumerate() {
            self.env
                .insert(format!("GIT_CONFIG_KEY_{at}").into(), key.into());
            self.env
                .insert(format!("GIT_CONFIG_VALUE_{at}").into(), value.clone());
        }
        self.env
            .insert("GIT_CONFIG_COUNT".into(), all.len().to_string().into());
        self
    }

    /// Runs git in a folder and reads at most `limit` bytes; more is cut and ends it.
    ///
    /// # Errors
    /// [`GitError::Io`].
    pub async fn print<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: &[S],
        input: &[u8],
        limit: u64,
    ) -> Result<Printed, GitError> {
        let io = |error: std::io::Error| GitError::Io(error.to_string());
        let mut child = self
            .command(folder, args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io)?;
        let (stdin, stdout, stderr) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let write = async {
            if let Some(mut stdin) = stdin {
                // One that has ended already says why itself.
                drop(stdin.write_all(input).await);
            }
        };
        let complain = async {
            let (text, _) = read(stderr, COMPLAINT, false).await.unwrap_or_default();
            String::from_utf8_lossy(&text).into_owned()
        };
        let ((), complaint, printed) = tokio::join!(write, complain, async {
            let printed = read(stdout, limit, true).await;
            if matches!(printed, Ok((_, true))) {
                drop(child.start_kill());
            }
            printed
        });
        let (bytes, cut) = printed.map_err(io)?;
        let status = child.wait().await.map_err(io)?;
        let verb = args.first().map(|verb| verb.as_ref().to_string_lossy());
        Ok(Printed {
            bytes,
            cut,
            code: status.code().filter(|_| !cut),
            complaint,
            verb: verb.unwrap_or_default().into_owned(),
        })
    }

    /// Runs git with its output in a file; it must succeed.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn print_into<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: &[S],
        file: std::fs::File,
    ) -> Result<(), GitError> {
        let io = |error: std::io::Error| GitError::Io(error.to_string());
        let mut child = self
            .command(folder, args)
            .stdin(Stdio::null())
            .stdout(file)
            .stderr(Stdio::piped())
            .spawn()
            .map_err(io)?;
        let (text, _) = read(child.stderr.take(), COMPLAINT, false)
            .await
            .unwrap_or_default();
        let status = child.wait().await.map_err(io)?;
        let verb = args.first().map(|verb| verb.as_ref().to_string_lossy());
        let printed = Printed {
            bytes: Vec::new(),
            cut: false,
            code: status.code(),
            complaint: String::from_utf8_lossy(&text).into_owned(),
            verb: verb.unwrap_or_default().into_owned(),
        };
        printed.succeeded().map(drop)
    }

    fn command<S: AsRef<OsStr>>(&self, folder: &Path, args: &[S]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(args)
            .current_dir(folder)
            .env_clear()
            .envs(&self.env)
            .kill_on_drop(may_be_ended(args.first().map(AsRef::as_ref)));
        command
    }

    /// Runs git, which must succeed and say no more than `limit` bytes.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn read<S: AsRef<OsStr>>(
        &self,
        folder: &Path,
        args: &[S],
        input: &[u8],
        limit: u64,
    ) -> Result<Vec<u8>, GitError> {
        let printed = self.print(folder, args, input, limit).await?;
        if printed.cut {
            let verb = printed.verb;
            return Err(GitError::TooMuch { verb, limit });
        }
        printed.succeeded()
    }
}

impl Printed {
    /// What it said beside its output, at most 4 KiB.
    #[must_use]
    pub fn complaint(&self) -> &str {
        &self.complaint
    }

    /// The output of a call that must have succeeded.
    ///
    /// # Errors
    /// [`GitError::Failed`] with what it said.
    pub fn succeeded(self) -> Result<Vec<u8>, GitError> {
        if self.code == Some(0) || self.cut {
            return Ok(self.bytes);
        }
        let line = self.complaint.lines().find(|line| !line.trim().is_empty());
        let text = line.unwrap_or("it said nothing");
        let text = ["fatal: ", "error: "]
            .iter()
            .find_map(|mark| text.strip_prefix(mark))
            .unwrap_or(text);
        Err(GitError::Failed {
            verb: self.verb,
            text: text.chars().take(400).collect(),
        })
    }
}

/// Reads at most `limit` bytes; whether there was more. What is over is read away unless `stop`.
async fn read(
    from: Option<impl AsyncRead + Unpin>,
    limit: u64,
    stop: bool,
) -> std::io::Result<(Vec<u8>, bool)> {
    let Some(mut from) = from else {
        return Ok((Vec::new(), false));
    };
    let mut bytes = Vec::new();
    (&mut from).take(limit).read_to_end(&mut bytes).await?;
    if stop {
        let more = from.read(&mut [0]).await? > 0;
        return Ok((bytes, more));
    }
    let over = tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
    Ok((bytes, over > 0))
}
