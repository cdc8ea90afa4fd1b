//! How the name of a folder goes on.

use std::{
    collections::BTreeSet,
    fs::DirEntry,
    path::{Path, PathBuf},
};

/// How many folders are offered.
const MOST: usize = 20;

/// Folders that begin like `prefix`; with `open` those inside it. Hidden ones only when asked for by their dot.
///
/// However many entries there are, only as many names are kept as are offered, and only what fits is looked at more closely.
pub(super) fn folders(prefix: &Path, open: bool) -> Vec<PathBuf> {
    let (folder, begun) = if open {
        (prefix, String::new())
    } else {
        let begun = prefix.file_name().and_then(|name| name.to_str());
        match (prefix.parent(), begun) {
            (Some(folder), Some(begun)) => (folder, begun.to_lowercase()),
            _ => (prefix, String::new()),
        }
    };
    let hidden = begun.starts_with('.');
    let mut first: BTreeSet<(String, String)> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        // One that is no text could not be sent as it is.
        let Some(name) = name.to_str() else { continue };
        let lower = name.to_lowercase();
        let fits = lower.starts_with(&begun) && (hidden || !name.starts_with('.'));
        let sorted = (lower, name.to_owned());
        let full = first.len() == MOST;
        if !fits || (full && first.last().is_some_and(|last| *last < sorted)) || !is_folder(&entry)
        {
            continue;
        }
        first.insert(sorted);
        if first.len() > MOST {
            first.pop_last();
        }
    }
    first
        .into_iter()
        .map(|(_, name)| folder.join(name))
        .collect()
}

/// Whether it is a folder, or a link to one.
fn is_folder(entry: &DirEntry) -> bool {
    match entry.file_type() {
        Ok(kind) if kind.is_symlink() => entry.path().is_dir(),
        Ok(kind) => kind.is_dir(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn names(found: &[PathBuf]) -> Vec<&str> {
        found
            .iter()
            .map(|path| path.file_name().unwrap().to_str().unwrap())
            .collect()
    }

    fn place(folders: &[&str], files: &[&str]) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        for folder in folders {
            fs::create_dir(place.path().join(folder)).unwrap();
        }
        for file in files {
            fs::write(place.path().join(file), "").unwrap();
        }
        place
    }

    #[test]
    fn folders_that_begin_alike_are_offered_in_order_and_files_are_not() {
        let place = place(&["prose", "Project", "progress", "other"], &["program"]);
        let found = folders(&place.path().join("pro"), false);
        assert_eq!(names(&found), ["progress", "Project", "prose"]);
        assert!(found.iter().all(|path| path.starts_with(place.path())));
    }

    #[test]
    fn open_folder_offers_what_is_in_it_and_hidden_ones_only_by_their_dot() {
        let place = place(&[".hidden", "seen"], &[]);
        assert_eq!(names(&folders(place.path(), true)), ["seen"]);
        assert_eq!(
            names(&folders(&place.path().join(".h"), false)),
            [".hidden"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn link_to_a_folder_is_one_and_a_dead_link_is_not() {
        let place = place(&["real"], &[]);
        std::os::unix::fs::symlink(place.path().join("real"), place.path().join("link")).unwrap();
        std::os::unix::fs::symlink("gone", place.path().join("dead")).unwrap();
        assert_eq!(names(&folders(place.path(), true)), ["link", "real"]);
    }

    #[test]
    fn no_more_than_twenty_are_offered_and_they_are_the_first() {
        let all: Vec<String> = (0..50).rev().map(|n| format!("d{n:02}")).collect();
        let place = place(&all.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
        let found = folders(place.path(), true);
        let expected: Vec<String> = (0..20).map(|n| format!("d{n:02}")).collect();
        assert_eq!(names(&found), expected);
    }

    #[test]
    fn folder_that_cannot_be_read_offers_nothing() {
        let place = place(&[], &["file"]);
        assert!(folders(&place.path().join("gone/x"), false).is_empty());
        assert!(folders(&place.path().join("file"), true).is_empty());
    }
}
