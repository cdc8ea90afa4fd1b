//! One skill with all its files: read whole within limits, known by a digest, written and read again beside a task.

use super::library::SkillOrigin;
use crate::{
    sidecars::SidecarFile,
    unpack::{BadName, Names},
};
use cap_std::{ambient_authority, fs::Dir};
use ripieno_pieces::skill::{BadSkill, SkillHead};
use sha2::{Digest, Sha256};
use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The file that makes a folder a skill.
pub(super) const HEAD: &str = "SKILL.md";
/// The longest `SKILL.md`, in bytes.
const LONGEST: u64 = 256 * 1024;
/// How many files a skill may have.
const MOST_FILES: usize = 200;
/// Folders inside each other.
const DEPTH: usize = 8;
/// Bytes of one file.
pub(crate) const LARGEST: u64 = 4 << 20;
/// Bytes of all files.
const TOTAL: u64 = 16 << 20;
/// What is no part of a skill: git's own, and what would say which files of it are seen.
const LEFT_OUT: [&str; 2] = [".git", ".gitignore"];

/// A skill that can be placed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skill {
    /// What it says of itself.
    pub head: SkillHead,
    /// Where it was found.
    pub origin: SkillOrigin,
    /// Its folder.
    pub folder: PathBuf,
    /// SHA-256 over the paths and contents of its files, hexadecimal.
    pub digest: String,
    /// How many files it has.
    pub files: usize,
    /// How many bytes they have.
    pub bytes: u64,
}

/// Why a skill cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum SkillError {
    /// No folder has it.
    #[error(
        "there is no skill \"{name}\" (searched: {searched}); `ripieno skill list` shows those there are"
    )]
    Unknown {
        /// The name.
        name: String,
        /// Where it was looked for.
        searched: String,
    },
    /// Its `SKILL.md` is wrong.
    #[error("the skill in {} cannot be used: {source}", .folder.display())]
    Head {
        /// Its folder.
        folder: PathBuf,
        /// What is wrong.
        source: BadSkill,
    },
    /// Its folder has another name than it gives itself.
    #[error("the skill in {} calls itself \"{name}\": give the folder that name", .folder.display())]
    Misnamed {
        /// Its folder.
        folder: PathBuf,
        /// Its own name.
        name: String,
    },
    /// A file of it has a name that is not taken.
    #[error("the skill in {} cannot be used: {source}", .folder.display())]
    Name {
        /// Its folder.
        folder: PathBuf,
        /// Which name, and why.
        source: BadName,
    },
    /// A link, a device, or more than is taken.
    #[error("the skill in {} cannot be used: {what}", .folder.display())]
    Refused {
        /// Its folder.
        folder: PathBuf,
        /// What is refused.
        what: String,
    },
    /// It is not what it was when the task was submitted.
    #[error(
        "the copy of the skill \"{0}\" was changed after the task was submitted: submit the task again"
    )]
    Changed(String),
    /// A file cannot be read or written.
    #[error("the skill in {} cannot be read: {source}; check its permissions", .folder.display())]
    Io {
        /// Its folder.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// The files of a skill, and what is known of them together.
pub(super) struct Bundle {
    pub(super) files: Vec<SidecarFile>,
}

impl Bundle {
    /// Reads a folder; `shown` is its name in messages.
    pub(super) fn read(dir: &Dir, shown: &Path) -> Result<Self, SkillError> {
        let mut reading = Reading {
            shown,
            names: Names::new(DEPTH),
            files: Vec::new(),
            total: 0,
        };
        reading.folder(dir, "")?;
        reading.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Bundle {
            files: reading.files,
        })
    }

    /// What `SKILL.md` says.
    pub(super) fn head(&self, shown: &Path) -> Result<SkillHead, SkillError> {
        let found = self.files.iter().find(|file| file.path == HEAD);
        let wrong = |source| SkillError::Head {
            folder: shown.to_owned(),
            source,
        };
        let file = found.ok_or_else(|| wrong(BadSkill::NoHead))?;
        let text = std::str::from_utf8(&file.bytes).map_err(|_| wrong(BadSkill::NoHead))?;
        SkillHead::parse(text).map_err(wrong)
    }

    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"ripieno skill 1\n");
        for file in &self.files {
            for part in [file.path.as_bytes(), &[u8::from(file.runs)], &file.bytes] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hash.finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }
}

struct Reading<'a> {
    shown: &'a Path,
    names: Names,
    files: Vec<SidecarFile>,
    total: u64,
}

impl Reading<'_> {
    fn folder(&mut self, dir: &Dir, below: &str) -> Result<(), SkillError> {
        for entry in dir.entries().map_err(|e| self.io(e))? {
            let entry = entry.map_err(|e| self.io(e))?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else {
                return Err(self.refused(format!("{name:?} is not valid UTF-8")));
            };
            if LEFT_OUT.contains(&name) {
                continue;
            }
            let path = format!("{below}{name}");
            let kind = entry.file_type().map_err(|e| self.io(e))?;
            let taken = self.names.take(&path, kind.is_dir());
            taken.map_err(|source| SkillError::Name {
                folder: self.shown.to_owned(),
                source,
            })?;
            if kind.is_dir() {
                let inner = entry.open_dir().map_err(|e| self.io(e))?;
                self.folder(&inner, &format!("{path}/"))?;
            } else if kind.is_file() {
                self.file(&entry, path)?;
            } else {
                return Err(self.refused(format!(
                    "{path} is a link or a device, only files and folders are taken"
                )));
            }
        }
        Ok(())
    }

    fn file(&mut self, entry: &cap_std::fs::DirEntry, path: String) -> Result<(), SkillError> {
        if self.files.len() >= MOST_FILES {
            return Err(self.refused(format!("it has more than {MOST_FILES} files")));
        }
        let file = entry.open().map_err(|e| self.io(e))?;
        let meta = file.metadata().map_err(|e| self.io(e))?;
        let most = if path == HEAD { LONGEST } else { LARGEST };
        let mut bytes = Vec::new();
        let mut limited = file.take(most + 1);
        limited.read_to_end(&mut bytes).map_err(|e| self.io(e))?;
        let size = bytes.len() as u64;
        self.total += size;
        if size > most {
            return Err(self.refused(format!("{path} is longer than {} KiB", most >> 10)));
        }
        if self.total > TOTAL {
            return Err(self.refused(format!("it has more than {} MiB", TOTAL >> 20)));
        }
        let runs = runs(&meta);
        self.files.push(SidecarFile { path, bytes, runs });
        Ok(())
    }

    fn io(&self, source: io::Error) -> SkillError {
        let folder = self.shown.to_owned();
        SkillError::Io { folder, source }
    }

    fn refused(&self, what: String) -> SkillError {
        let folder = self.shown.to_owned();
        SkillError::Refused { folder, what }
    }
}

#[cfg(unix)]
fn runs(meta: &cap_std::fs::Metadata) -> bool {
    use cap_std::fs::MetadataExt;
    meta.mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn runs(_: &cap_std::fs::Metadata) -> bool {
    false
}

/// Writes a copy of a skill into `folder`, which goes with the task: what is placed is what was there at submit.
///
/// # Errors
/// [`SkillError`].
pub(crate) fn write_pinned(
    skill: &Skill,
    files: &[SidecarFile],
    folder: &Path,
) -> Result<(), SkillError> {
    let io = |source| SkillError::Io {
        folder: folder.to_owned(),
        source,
    };
    let own = folder.join(&skill.head.name);
    std::fs::create_dir_all(&own).map_err(io)?;
    let dir = Dir::open_ambient_dir(&own, ambient_authority()).map_err(io)?;
    for file in files {
        crate::sidecars::write(&dir, file).map_err(io)?;
    }
    Ok(())
}

/// Reads the copy of a skill again; it must be what the digest says.
///
/// # Errors
/// [`SkillError`].
pub(crate) fn read_pinned(
    folder: &Path,
    name: &str,
    digest: &str,
) -> Result<Vec<SidecarFile>, SkillError> {
    let own = folder.join(name);
    let dir =
        Dir::open_ambient_dir(&own, ambient_authority()).map_err(|source| SkillError::Io {
            folder: own.clone(),
            source,
        })?;
    let bundle = Bundle::read(&dir, &own)?;
    if bundle.digest() != digest {
        return Err(SkillError::Changed(name.to_owned()));
    }
    Ok(bundle.files)
}
