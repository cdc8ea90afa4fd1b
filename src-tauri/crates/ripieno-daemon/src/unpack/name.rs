//! Names in archives: each means one place below the folder, on every system, and no two mean the same.

use crate::staged::{directs, is_device};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

/// The longest part of a name, in bytes.
const PART: usize = 255;
/// The longest name, in bytes.
const WHOLE: usize = 1024;

/// A name that is not taken.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the name {name:?} {why}")]
pub struct BadName {
    /// As it stands in the archive.
    pub name: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl BadName {
    pub(super) fn not_text(name: String) -> Self {
        BadName {
            name,
            why: "is not valid UTF-8",
        }
    }
}

/// The names taken so far.
#[derive(Debug)]
pub(crate) struct Names {
    depth: usize,
    /// Each as a file system sees it that does not tell cases apart, and whether it is a folder.
    taken: HashMap<String, Taken>,
}

#[derive(Debug)]
struct Taken {
    spelled: String,
    folder: bool,
}

impl Names {
    /// None are taken; `depth` folders may lie in each other.
    pub(crate) fn new(depth: usize) -> Self {
        Names {
            depth,
            taken: HashMap::new(),
        }
    }

    /// The path that a name means; empty for the folder itself.
    ///
    /// # Errors
    /// [`BadName`].
    pub(crate) fn take(&mut self, name: &str, folder: bool) -> Result<PathBuf, BadName> {
        let bad = |why| BadName {
            name: name.to_owned(),
            why,
        };
        let parts = parts(name).map_err(bad)?;
        if parts.len() > self.depth {
            return Err(bad("lies too deep"));
        }
        if parts.is_empty() && !folder {
            return Err(bad("names no file"));
        }
        for end in 1..=parts.len() {
            let spelled = parts[..end].join("/");
            let is_folder = folder || end < parts.len();
            let key = spelled.to_lowercase();
            match self.taken.get(&key) {
                None => {
                    let taken = Taken {
                        spelled,
                        folder: is_folder,
                    };
                    self.taken.insert(key, taken);
                }
                Some(taken) if taken.spelled != spelled => {
                    return Err(bad("differs from another by upper and lower case only"));
                }
                Some(taken) if !(taken.folder && is_folder) => {
                    return Err(bad("is there twice"));
                }
                Some(_) => {}
            }
        }
        Ok(parts.iter().collect::<PathBuf>())
    }
}

fn parts(name: &str) -> Result<Vec<&str>, &'static str> {
    if name.len() > WHOLE {
        return Err("is too long");
    }
    if name.starts_with('/') || Path::new(name).is_absolute() {
        return Err("is absolute");
    }
    // On one system a separator, on another part of a name.
    if name.contains('\\') {
        return Err("contains a backslash");
    }
    if name.contains(':') {
        return Err("contains a colon: a drive or a stream");
    }
    if name.chars().any(|c| c.is_control() || directs(c)) {
        return Err("contains a character that cannot be seen");
    }
    let mut parts = Vec::new();
    for part in name.split('/') {
        match part {
            // `a//b` and `./a` are common and mean one thing.
            "" | "." => continue,
            ".." => return Err("leads out of its folder"),
            _ => {}
        }
        if part.len() > PART {
            return Err("is too long");
        }
        if part.ends_with(['.', ' ']) {
            return Err("ends in a dot or space, which some systems leave out");
        }
        if is_device(part) {
            return Err("is the name of a device on some systems");
        }
        parts.push(part);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_names_are_taken() {
        let mut names = Names::new(4);
        for (name, folder, path) in [
            ("./", true, ""),
            ("a/", true, "a"),
            ("a/b.txt", false, "a/b.txt"),
            ("./c//d", false, "c/d"),
            ("設計/図.png", false, "設計/図.png"),
            (".github/x.yml", false, ".github/x.yml"),
            ("a", true, "a"),
        ] {
            assert_eq!(names.take(name, folder).unwrap(), Path::new(path), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_stays_below_or_is_refused(name in "\\PC{0,40}|[./\\\\:aA~ \u{0}]{0,24}") {
            if let Ok(path) = Names::new(32).take(&name, false) {
                let normal = path.components().all(|part| matches!(part, std::path::Component::Normal(_)));
                prop_assert!(normal, "{path:?}");
                prop_assert!(path.components().count() > 0);
            }
        }
    }
}
