//! What git says of a folder that nobody has consented to work in yet: asked so that nothing the folder itself configures
//! is run (filters, hooks, watchers, transports).

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{io::AsyncReadExt, process::Command};

/// The branch and state of a checkout, as far as they can be told.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Checkout {
    pub(super) branch: Option<String>,
    pub(super) dirty: Option<bool>,
}

/// The checkout a folder lies in.
pub(super) fn root(folder: &Path) -> Option<PathBuf> {
    let mut around = folder.ancestors();
    around
        .find(|path| path.join(".git").symlink_metadata().is_ok())
        .map(Path::to_owned)
}

/// Asks git. `env` is where it is found and whose settings it reads.
pub(super) async fn look(folder: &Path, env: &BTreeMap<String, String>) -> Checkout {
    // Only what git has recorded of each file is compared, not its content. Where a file was written in the same moment as
    // the index, git compares the content all the same: the folder's filters are put out of force for that.
    let Some(harmless) = without_filters(folder, env).await else {
        return Checkout::default();
    };
    let env = &harmless;
    let unstaged = ["diff-files", "--raw", "--ignore-submodules=all"];
    let staged = [
        "diff-index",
        "--cached",
        "--raw",
        "--ignore-submodules=all",
        "HEAD",
        "--",
    ];
    let (branch, unstaged, staged) = tokio::join!(
        ask(folder, env, &["symbolic-ref", "--short", "-q", "HEAD"]),
        ask(folder, env, &unstaged),
        ask(folder, env, &staged),
    );
    let branch = branch
        .and_then(|said| String::from_utf8(said).ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty());
    let dirty = match (unstaged, staged) {
        (Some(a), Some(b)) => Some(!a.is_empty() || !b.is_empty()),
        // Before the first commit there is nothing to compare with.
        (Some(a), None) if !a.is_empty() => Some(true),
        _ => None,
    };
    Checkout { branch, dirty }
}

/// The environment, with every filter that is configured anywhere put out of force; `None` where they cannot be known.
async fn without_filters(
    folder: &Path,
    env: &BTreeMap<String, String>,
) -> Option<BTreeMap<String, String>> {
    let listed = ask_up_to(
        folder,
        env,
        &["config", "--null", "--name-only", "--list"],
        CONFIGURED,
    )
    .await?;
    if listed.len() as u64 >= CONFIGURED {
        return None;
    }
    let listed = String::from_utf8(listed).ok()?;
    let mut harmless = env.clone();
    let mut count = 0;
    for key in listed.split('\0').filter(|key| key.starts_with("filter.")) {
        let value = if key.ends_with(".required") {
            "false"
        } else {
            ""
        };
        harmless.insert(format!("GIT_CONFIG_KEY_{count}"), key.to_owned());
        harmless.insert(format!("GIT_CONFIG_VALUE_{count}"), value.to_owned());
        count += 1;
    }
    harmless.insert("GIT_CONFIG_COUNT".to_owned(), count.to_string());
    Some(harmless)
}

/// The longest list of settings that is read, in bytes.
const CONFIGURED: u64 = 256 * 1024;
/// As much as the first changed file takes: it says it all.
const FIRST: u64 = 4096;

/// What git prints first; `None` when it refuses.
async fn ask(folder: &Path, env: &BTreeMap<String, String>, args: &[&str]) -> Option<Vec<u8>> {
    ask_up_to(folder, env, args, FIRST).await
}

async fn ask_up_to(
    folder: &Path,
    env: &BTreeMap<String, String>,
    args: &[&str],
    limit: u64,
) -> Option<Vec<u8>> {
    const QUIET: [&str; 10] = [
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "protocol.allow=never",
        // Without the date of the inode a copied checkout counts as unchanged.
        "-c",
        "core.trustctime=false",
        "-c",
        "core.checkStat=minimal",
    ];
    let kept = ["PATH", "HOME", "XDG_CONFIG_HOME", "SYSTEMROOT"];
    let mut child = Command::new("git")
        .args(QUIET)
        .args(args)
        .env_clear()
        .envs(kept.iter().filter_map(|name| Some((name, env.get(*name)?))))
        .envs(
            env.iter()
                .filter(|(name, _)| name.starts_with("GIT_CONFIG_")),
        )
        .envs([
            ("GIT_OPTIONAL_LOCKS", "0"),
            ("GIT_NO_LAZY_FETCH", "1"),
            ("GIT_TERMINAL_PROMPT", "0"),
        ])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut said = Vec::new();
    let mut first = child.stdout.take()?.take(limit);
    first.read_to_end(&mut said).await.ok()?;
    if first.limit() == 0 {
        return Some(said);
    }
    child.wait().await.ok()?.success().then_some(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn env() -> BTreeMap<String, String> {
        BTreeMap::from([("PATH".to_owned(), std::env::var("PATH").unwrap())])
    }

    fn git(folder: &Path, args: &[&str]) {
        let done = std::process::Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@b"])
            .args(args)
            .current_dir(folder)
            .env("HOME", folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{args:?}: {done:?}");
    }

    /// A checkout with one commit.
    fn checkout() -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        git(place.path(), &["init", "-q", "-b", "trunk"]);
        fs::write(place.path().join("file"), "one\n").unwrap();
        git(place.path(), &["add", "."]);
        git(place.path(), &["commit", "-q", "-m", "first"]);
        place
    }

    #[tokio::test]
    async fn checkout_tells_branch_and_whether_something_changed() {
        let place = checkout();
        let clean = look(place.path(), &env()).await;
        assert_eq!(clean.branch.as_deref(), Some("trunk"));
        assert_eq!(clean.dirty, Some(false));
        fs::write(place.path().join("file"), "two, longer\n").unwrap();
        assert_eq!(look(place.path(), &env()).await.dirty, Some(true));
        git(place.path(), &["add", "."]);
        assert_eq!(look(place.path(), &env()).await.dirty, Some(true), "staged");
        git(place.path(), &["commit", "-q", "-m", "second"]);
        git(place.path(), &["checkout", "-q", "--detach"]);
        let detached = look(place.path(), &env()).await;
        assert_eq!((detached.branch, detached.dirty), (None, Some(false)));
    }

    #[tokio::test]
    async fn folder_inside_a_checkout_belongs_to_it_and_one_outside_does_not() {
        let place = checkout();
        let inside = place.path().join("a/b");
        fs::create_dir_all(&inside).unwrap();
        assert_eq!(root(&inside).as_deref(), Some(place.path()));
        assert_eq!(look(&inside, &env()).await.branch.as_deref(), Some("trunk"));
        let outside = tempfile::tempdir().unwrap();
        assert_eq!(look(outside.path(), &env()).await, Checkout::default());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_the_folder_configures_is_run() {
        let place = checkout();
        let trace = place.path().join("trace");
        let run = format!("touch {}", trace.display());
        git(place.path(), &["config", "core.fsmonitor", &run]);
        git(place.path(), &["config", "filter.evil.clean", &run]);
        git(place.path(), &["config", "filter.evil.process", &run]);
        git(place.path(), &["config", "diff.evil.textconv", &run]);
        git(place.path(), &["config", "diff.external", &run]);
        fs::write(
            place.path().join(".gitattributes"),
            "* filter=evil diff=evil\n",
        )
        .unwrap();
        fs::write(place.path().join("file"), "changed, and longer\n").unwrap();
        assert_eq!(look(place.path(), &env()).await.dirty, Some(true));
        assert!(!trace.exists(), "the folder's own command was run");
    }

    #[tokio::test]
    async fn lock_of_the_index_is_never_taken() {
        let place = checkout();
        fs::write(place.path().join(".git/index.lock"), "").unwrap();
        assert_eq!(look(place.path(), &env()).await.dirty, Some(false));
    }
}
