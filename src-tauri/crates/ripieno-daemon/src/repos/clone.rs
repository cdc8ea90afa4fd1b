//! The clone itself: made and fetched by one at a time, with the person's own credentials and nobody asked.

use super::{Address, RepoError, folder};
use crate::{
    changes::{Git, GitError},
    ctx::Ctx,
};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio::time::Instant;

/// How long a fetch may take.
const LIMIT: Duration = Duration::from_secs(10 * 60);
/// How much git may say.
const ANSWER: u64 = 1024 * 1024;
/// The commit that the repository itself begins with.
pub(super) const DEFAULT: &str = "refs/ripieno/default";

/// Where the clone of a repository is.
pub(super) fn place(ctx: &Ctx, address: &Address) -> PathBuf {
    folder(&ctx.home, address).join("clone.git")
}

/// The git that fetches: the protocols of addresses, no question on a terminal.
pub(super) async fn git(ctx: &Ctx) -> Result<Git, GitError> {
    let env = ctx.resolved_environment().await;
    let mut vars: Vec<(&str, OsString)> = vec![("GIT_ALLOW_PROTOCOL", "https:ssh:file".into())];
    let ssh = "ssh -o BatchMode=yes".to_owned();
    let command = env.vars.get("GIT_SSH_COMMAND").unwrap_or(&ssh);
    vars.push(("GIT_SSH_COMMAND", command.into()));
    for name in [
        "SSH_AUTH_SOCK",
        "https_proxy",
        "HTTPS_PROXY",
        "no_proxy",
        "NO_PROXY",
    ] {
        if let Some(value) = env.vars.get(name) {
            vars.push((name, value.into()));
        }
    }
    let vars: Vec<_> = vars
        .iter()
        .map(|(name, value)| (*name, value.as_os_str()))
        .collect();
    Ok(Git::find(&env.vars)?.with(&vars))
}

/// Fetches a repository; a fetch that began since this was asked for counts.
///
/// # Errors
/// [`RepoError::NotFetched`]; what was there is there still.
pub(super) async fn fetch(ctx: &Ctx, address: &Address) -> Result<(), RepoError> {
    let asked = Instant::now();
    let lock = ctx.clones.of(&address.folder());
    let mut last = lock.write().await;
    if last.is_some_and(|began| began >= asked) {
        return Ok(());
    }
    let began = Instant::now();
    let at = place(ctx, address);
    let fetched = tokio::time::timeout(LIMIT, fetch_into(ctx, address, &at)).await;
    match fetched {
        Ok(Ok(())) => {
            *last = Some(began);
            Ok(())
        }
        Ok(Err(error)) => Err(not_fetched(address, error.to_string())),
        Err(_) => Err(not_fetched(
            address,
            format!("it took longer than {} minutes", LIMIT.as_secs() / 60),
        )),
    }
}

fn not_fetched(address: &Address, why: String) -> RepoError {
    RepoError::NotFetched {
        address: address.as_str().to_owned(),
        why,
    }
}

async fn fetch_into(ctx: &Ctx, address: &Address, at: &Path) -> Result<(), RepoError> {
    let git = git(ctx).await?;
    fs::create_dir_all(at).map_err(RepoError::io(at))?;
    forget_locks(at);
    // Made again over itself it stays as it is.
    let init = ["init", "--quiet", "--bare", "--template="];
    git.read(at, &init, b"", ANSWER).await?;
    let fetch = [
        "fetch",
        "--quiet",
        "--prune",
        "--no-auto-maintenance",
        "--no-write-fetch-head",
        "--no-recurse-submodules",
        address.as_str(),
        "+refs/heads/*:refs/remotes/origin/*",
        "+refs/tags/*:refs/tags/*",
        &format!("+HEAD:{DEFAULT}"),
    ];
    git.read(at, &fetch, b"", ANSWER).await?;
    let stamp = at.join("fetched");
    fs::write(&stamp, "").map_err(RepoError::io(&stamp))
}

/// Locks older than any fetch were left by a git that was killed.
fn forget_locks(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if entry.file_name() == "objects" {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            forget_locks(&path);
        } else if path.extension() == Some("lock".as_ref())
            && entry
                .metadata()
                .and_then(|meta| meta.modified())
                .is_ok_and(|at| {
                    SystemTime::now()
                        .duration_since(at)
                        .is_ok_and(|age| age > LIMIT)
                })
        {
            drop(fs::remove_file(path));
        }
    }
}
