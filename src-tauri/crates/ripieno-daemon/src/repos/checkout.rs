//! A checkout for one task: a repository of its own that borrows the objects of the clone, so that nothing an agent does
//! in it, settings and hooks included, reaches another task's.

use super::{
    Address, RepoError,
    clone::{self, DEFAULT},
    folder,
};
use crate::{
    changes::{Git, repository::id},
    ctx::Ctx,
};
use ripieno_store::TaskRow;
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt,
    path::{Path, PathBuf},
};

/// How much git may say.
const ANSWER: u64 = 1024 * 1024;
/// How much a list of refs may be.
const REFS: u64 = 64 * 1024 * 1024;

/// A checkout that is ready.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedOut {
    /// Where it is.
    pub at: PathBuf,
    /// The branch that is checked out.
    pub branch: String,
    /// The commit it stands at.
    pub commit: String,
    /// Whether it was there already: then only what the other side has was fetched.
    pub existing: bool,
    /// Why it is as it was fetched earlier; none when it was fetched now.
    pub stale: Option<String>,
}

/// Gives a task a checkout of a repository below its workspace, at `wanted` or at what the repository begins with.
///
/// # Errors
/// [`RepoError`]; nothing is left of a checkout that could not be made.
pub(crate) async fn checkout(
    ctx: &Ctx,
    task: &TaskRow,
    address: &Address,
    wanted: Option<&str>,
) -> Result<CheckedOut, RepoError> {
    if !folder(&ctx.home, address).join("address").exists() {
        return Err(RepoError::Unknown(address.as_str().to_owned()));
    }
    let fetched = clone::fetch(ctx, address).await;
    let lock = ctx.clones.of(&address.folder());
    let _with_others = lock.read().await;
    let from = Lender {
        clone: clone::place(ctx, address),
        git: clone::git(ctx).await?.with(&[
            ("GIT_CONFIG_GLOBAL", OsStr::new("/dev/null")),
            ("GIT_CONFIG_SYSTEM", OsStr::new("/dev/null")),
        ]),
        address,
    };
    let stale = match fetched {
        Ok(()) => None,
        Err(error) if from.resolve(DEFAULT).await?.is_some() => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let commit = from.wanted(wanted).await?;
    let thread = task.thread;
    let row = ctx.store.read(move |r| r.task(thread)).await;
    let id = row
        .map_err(|error| RepoError::Broken(error.to_string()))?
        .id;
    let workspace = ctx.home.task_workspace(id.to_string());
    fs::create_dir_all(&workspace).map_err(RepoError::io(&workspace))?;
    let at = workspace.join(address.short());
    drop(fs::write(from.clone.join("used"), ""));
    let branch = format!("ripieno/{}", task.no);
    if fs::symlink_metadata(&at).is_ok() {
        let (branch, commit) = from.refresh(&at).await?;
        return Ok(CheckedOut {
            at,
            branch,
            commit,
            existing: true,
            stale,
        });
    }
    let mark = ctx.random.uuid(ctx.now()).simple().to_string();
    let making = workspace.join(format!(".{}-{mark}", address.short()));
    let made = from.lend(&making, &branch, &commit).await;
    let made = made.and_then(|()| fs::rename(&making, &at).map_err(RepoError::io(&at)));
    if made.is_err() {
        drop(fs::remove_dir_all(&making));
    }
    made?;
    Ok(CheckedOut {
        at,
        branch,
        commit,
        existing: false,
        stale,
    })
}

/// A clone that lends its objects.
struct Lender<'a> {
    clone: PathBuf,
    git: Git,
    address: &'a Address,
}

impl Lender<'_> {
    /// The commit of what an agent asked for.
    async fn wanted(&self, wanted: Option<&str>) -> Result<String, RepoError> {
        let names = match wanted {
            None => vec![DEFAULT.to_owned()],
            Some(name) => vec![
                format!("refs/remotes/origin/{name}"),
                format!("refs/tags/{name}"),
                name.to_owned(),
            ],
        };
        for name in names {
            // Of a name that is none of these only a commit may be meant.
            let is_full = name.starts_with("refs/");
            let is_id = name.len() >= 7 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
            if !is_full && !is_id {
                continue;
            }
            if let Some(commit) = self.resolve(&name).await? {
                return Ok(commit);
            }
        }
        Err(RepoError::NoSuchRef {
            address: self.address.as_str().to_owned(),
            wanted: wanted.unwrap_or("at all").to_owned(),
        })
    }

    async fn resolve(&self, name: &str) -> Result<Option<String>, RepoError> {
        if !self.clone.join("HEAD").exists() {
            return Ok(None);
        }
        let name = format!("{name}^{{commit}}");
        let args = ["rev-parse", "--verify", "--quiet", &name];
        let printed = self.git.print(&self.clone, &args, b"", ANSWER).await?;
        Ok((printed.code == Some(0)).then(|| id(&printed.bytes)))
    }

    /// Makes a repository at `at` with the branch checked out at the commit.
    async fn lend(&self, at: &Path, branch: &str, commit: &str) -> Result<(), RepoError> {
        fs::create_dir(at).map_err(RepoError::io(at))?;
        self.run(at, &["init", "--quiet", "--template="]).await?;
        let info = at.join(".git/objects/info");
        fs::create_dir_all(&info).map_err(RepoError::io(&info))?;
        let mut line = self.clone.join("objects").as_os_str().as_bytes().to_vec();
        line.push(b'\n');
        fs::write(info.join("alternates"), line).map_err(RepoError::io(&info))?;
        let remote = ["remote", "add", "origin", self.address.as_str()];
        self.run(at, &remote).await?;
        self.take_refs(at).await?;
        self.run(at, &["checkout", "--quiet", "-b", branch, commit])
            .await
    }

    /// Brings what the other side has into a checkout that is there.
    async fn refresh(&self, at: &Path) -> Result<(String, String), RepoError> {
        let occupied = || RepoError::Occupied {
            at: at.to_owned(),
            address: self.address.as_str().to_owned(),
        };
        let objects = self.clone.join("objects");
        let lent = fs::read_to_string(at.join(".git/objects/info/alternates"));
        if !lent.is_ok_and(|lent| lent.lines().any(|line| Path::new(line) == objects)) {
            return Err(occupied());
        }
        self.take_refs(at).await?;
        let ask = |args: &'static [&'static str]| async move {
            let printed = self.git.print(at, args, b"", ANSWER).await?;
            Ok::<_, RepoError>((printed.code == Some(0)).then(|| id(&printed.bytes)))
        };
        let branch = ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]).await?;
        let commit = ask(&["rev-parse", "--verify", "--quiet", "HEAD"]).await?;
        Ok((branch.unwrap_or_default(), commit.unwrap_or_default()))
    }

    /// Branches and tags of the other side; the objects are there already. Nothing that the checkout's own settings name is
    /// run for it.
    async fn take_refs(&self, at: &Path) -> Result<(), RepoError> {
        let list = |format| ["for-each-ref", format, "refs/remotes/origin", "refs/tags"];
        let there = list("--format=%(refname) %(objectname)");
        let there = self.git.read(&self.clone, &there, b"", REFS).await?;
        let there = String::from_utf8_lossy(&there).into_owned();
        let names: BTreeSet<&str> = there
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        let here = self
            .git
            .read(at, &list("--format=%(refname)")[..3], b"", REFS)
            .await?;
        let here = String::from_utf8_lossy(&here).into_owned();
        let gone = here.lines().filter(|name| !names.contains(name));
        let gone: String = gone.map(|name| format!("delete {name}\n")).collect();
        let update: String = there
            .lines()
            .map(|line| format!("update {line}\n"))
            .collect();
        for orders in [gone, update] {
            let args = ["update-ref", "--stdin"];
            self.git.read(at, &args, orders.as_bytes(), ANSWER).await?;
        }
        Ok(())
    }

    async fn run(&self, at: &Path, args: &[&str]) -> Result<(), RepoError> {
        self.git.read(at, args, b"", ANSWER).await?;
        Ok(())
    }
}
