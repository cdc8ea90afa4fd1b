//! Repositories of a person, with all that must stay as it is.

use super::Home;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub fn git(folder: &Path, args: &[&str]) -> String {
    let (done, said) = try_git(folder, args);
    assert!(done, "git {args:?}: {said}");
    said
}

/// Whether it succeeded, and what it said.
pub fn try_git(folder: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new("git")
        .args(args)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .envs([("GIT_AUTHOR_NAME", "a"), ("GIT_AUTHOR_EMAIL", "a@b")])
        .envs([("GIT_COMMITTER_NAME", "a"), ("GIT_COMMITTER_EMAIL", "a@b")])
        .output()
        .expect("git starts");
    let text = if out.status.success() {
        out.stdout
    } else {
        out.stderr
    };
    (
        out.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

/// A repository with a commit of these files.
pub fn committed(home: &Home, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = home.folder(name);
    git(&folder, &["init", "-q", "-b", "main"]);
    for (name, text) in files {
        let file = folder.join(name);
        fs::create_dir_all(file.parent().expect("a folder")).expect("it is made");
        fs::write(file, text).expect("it is written");
    }
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "first"]);
    folder
}

/// A repository with a commit, a stash, something staged, something changed and something new.
pub fn dirty(home: &Home) -> PathBuf {
    let folder = committed(home, "repo", &[("a.txt", "one\ntwo\n"), ("b.txt", "one\n")]);
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("it is written");
    write("b.txt", "put away\n");
    git(&folder, &["stash", "-q"]);
    write("b.txt", "staged\n");
    git(&folder, &["add", "b.txt"]);
    write("a.txt", "one\ntwo\nmine\n");
    write("my notes", "mine\n");
    folder
}

/// Index, state, stash list and references of a person, without the branches of tasks.
pub fn of_the_person(folder: &Path) -> (Vec<u8>, [String; 3]) {
    let index = fs::read(folder.join(".git/index")).unwrap_or_default();
    let state = [
        "--no-optional-locks",
        "status",
        "--porcelain=v2",
        "--branch",
        "--ignored",
    ];
    let heads = [
        "for-each-ref",
        "--exclude=refs/heads/ripieno/",
        "refs/heads",
        "refs/tags",
        "refs/stash",
    ];
    let said = [&state[..], &["stash", "list"], &heads].map(|args| git(folder, args));
    (index, said)
}

/// The worktrees git knows of, the person's own checkout included.
pub fn worktrees(folder: &Path) -> usize {
    git(folder, &["worktree", "list", "--porcelain"])
        .lines()
        .filter(|line| line.starts_with("worktree "))
        .count()
}
