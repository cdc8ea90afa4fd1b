//! Which repositories are known, and what borrows from them.

use super::Address;
use crate::paths::Home;
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A repository that is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    /// Its address.
    pub address: String,
    /// Its folder.
    pub folder: PathBuf,
    /// How many bytes its clone has.
    pub bytes: u64,
    /// When it was fetched last; none when it is not here.
    pub fetched: Option<SystemTime>,
    /// When it was fetched or borrowed from last; none when it is not here.
    pub used: Option<SystemTime>,
    /// What borrows from it.
    pub borrowers: Vec<Borrower>,
}

/// A checkout that needs the objects of a clone.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Borrower {
    /// The folder name of its task: an id.
    pub task: String,
    /// Where it is.
    pub at: PathBuf,
}

/// Every repository that is known, by address.
pub(crate) fn known(home: &Home) -> Vec<Known> {
    let mut all: Vec<Known> = fs::read_dir(home.repos_dir())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let folder = entry.path();
            let text = fs::read_to_string(folder.join("address")).ok()?;
            let address = Address::parse(&text).ok()?.as_str().to_owned();
            let clone = folder.join("clone.git");
            Some(Known {
                address,
                bytes: crate::storage::size(&clone),
                fetched: modified(&clone.join("fetched")),
                used: last_used(&folder),
                borrowers: borrowers(home, &folder),
                folder,
            })
        })
        .collect();
    all.sort_by(|a, b| a.address.cmp(&b.address));
    all
}

/// The checkouts in workspaces of tasks that borrow from the clone in a folder.
pub(crate) fn borrowers(home: &Home, folder: &Path) -> Vec<Borrower> {
    let objects = folder.join("clone.git/objects");
    let mut found = Vec::new();
    for task in fs::read_dir(home.tasks_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let workspace = task.path().join("workspace");
        for entry in fs::read_dir(&workspace).into_iter().flatten().flatten() {
            let at = entry.path();
            let named = at.join(".git/objects/info/alternates");
            let lent = fs::read_to_string(named).unwrap_or_default();
            if lent.lines().any(|line| Path::new(line) == objects) {
                let task = task.file_name().to_string_lossy().into_owned();
                found.push(Borrower { task, at });
            }
        }
    }
    found
}

/// When a clone was fetched or borrowed from last.
pub(crate) fn last_used(folder: &Path) -> Option<SystemTime> {
    let clone = folder.join("clone.git");
    modified(&clone.join("used")).max(modified(&clone.join("fetched")))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
