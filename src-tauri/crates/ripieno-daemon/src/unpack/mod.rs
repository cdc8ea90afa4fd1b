//! Archives, unpacked so that nothing is written outside the folder they are for (sec-9): names are checked before anything
//! is touched, files are made relative to a handle of the folder, links and devices are refused, and amounts are capped.
//! All of an archive or nothing.

#[cfg(test)]
mod corpus;
#[cfg(test)]
mod corpus_tests;
mod name;

pub use name::BadName;
pub(crate) use name::Names;

use cap_std::{ambient_authority, fs::Dir};
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
};
use zip::ZipArchive;

/// How much an archive may hold.
#[derive(Clone, Copy, Debug)]
pub struct Caps {
    /// Files and folders.
    pub entries: usize,
    /// Folders inside each other.
    pub depth: usize,
    /// Bytes of one file.
    pub file: u64,
    /// Bytes of all files.
    pub total: u64,
    /// How many times larger than the archive the files may be together, beyond the first MiB.
    pub ratio: u64,
}

impl Caps {
    /// For what a person attaches to a task.
    pub const ATTACHED: Caps = Caps {
        entries: 10_000,
        depth: 32,
        file: 256 << 20,
        total: 1 << 30,
        ratio: 200,
    };
}

/// Why an archive was not unpacked; nothing of it is left then.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// One of its names.
    #[error("{archive} is not unpacked: {source}")]
    Name {
        /// The archive.
        archive: String,
        /// Which name, and why.
        source: BadName,
    },
    /// A link, a device, or something else that is neither file nor folder.
    #[error("{archive} is not unpacked: {entry} is {what}, only files and folders are taken")]
    Kind {
        /// The archive.
        archive: String,
        /// The entry.
        entry: String,
        /// What it is.
        what: &'static str,
    },
    /// It holds more than is taken.
    #[error("{archive} is not unpacked: it has {what}; attach the part that is needed")]
    Cap {
        /// The archive.
        archive: String,
        /// More than what.
        what: String,
    },
    /// It cannot be read, or the files cannot be written.
    #[error("{archive} cannot be unpacked: {source}; is it a whole .tar, .tar.gz, .tgz or .zip?")]
    Io {
        /// The archive.
        archive: String,
        /// What the system or the format says.
        source: io::Error,
    },
}

/// What goes wrong with one entry, before it is told of which archive.
enum Trouble {
    Name(BadName),
    Kind(String, &'static str),
    Cap(String),
    Io(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Trouble::Io(error)
    }
}

impl From<zip::result::ZipError> for Trouble {
    fn from(error: zip::result::ZipError) -> Self {
        Trouble::Io(io::Error::other(error))
    }
}

/// The name of the folder an archive is unpacked into: its own without the ending. `None` for no archive.
#[must_use]
pub fn folder_name(archive: &Path) -> Option<String> {
    let name = archive.file_name()?.to_str()?;
    let lower = name.to_ascii_lowercase();
    let ending = [".tar.gz", ".tgz", ".tar", ".zip"]
        .into_iter()
        .find(|ending| lower.ends_with(ending))?;
    let stem = &name[..name.len() - ending.len()];
    (!stem.is_empty()).then(|| crate::staged::safe_name(stem))
}

/// Unpacks `archive` into `target`, which must not exist yet.
///
/// # Errors
/// [`UnpackError`]; `target` does not exist then.
pub fn unpack(archive: &Path, target: &Path, caps: &Caps) -> Result<(), UnpackError> {
    let made = make(archive, target, caps);
    if made.is_err() {
        // Only what was made here: a target that was there before is refused before anything is written.
        if !matches!(&made, Err(Trouble::Io(error)) if error.kind() == io::ErrorKind::AlreadyExists)
        {
            drop(std::fs::remove_dir_all(target));
        }
    }
    let archive = archive.display().to_string();
    made.map_err(|trouble| match trouble {
        Trouble::Name(source) => UnpackError::Name { archive, source },
        Trouble::Kind(entry, what) => UnpackError::Kind {
            archive,
            entry,
            what,
        },
        Trouble::Cap(what) => UnpackError::Cap { archive, what },
        Trouble::Io(source) => UnpackError::Io { archive, source },
    })
}

fn make(archive: &Path, target: &Path, caps: &Caps) -> Result<(), Trouble> {
    let file = File::open(archive)?;
    let size = file.metadata()?.len();
    std::fs::create_dir(target)?;
    let mut into = Into {
        dir: Dir::open_ambient_dir(target, ambient_authority())?,
        names: Names::new(caps.depth),
        caps: *caps,
        packed: size,
        entries: 0,
        total: 0,
    };
    let lower = archive.to_string_lossy().to_ascii_lowercase();
    let read = BufReader::new(file);
    if lower.ends_with(".zip") {
        from_zip(read, &mut into)
    } else if lower.ends_with(".tar") {
        from_tar(read, &mut into)
    } else {
        from_tar(MultiGzDecoder::new(read), &mut into)
    }
}

/// The folder that is filled, and what it holds so far.
struct Into {
    dir: Dir,
    names: Names,
    caps: Caps,
    packed: u64,
    entries: usize,
    total: u64,
}

impl Into {
    fn entry(&mut self, name: &str, folder: bool) -> Result<PathBuf, Trouble> {
        self.entries += 1;
        if self.entries > self.caps.entries {
            return Err(Trouble::Cap(format!(
                "more than {} entries",
                self.caps.entries
            )));
        }
        self.names.take(name, folder).map_err(Trouble::Name)
    }

    fn folder(&mut self, name: &str) -> Result<(), Trouble> {
        let path = self.entry(name, true)?;
        if path.as_os_str().is_empty() {
            return Ok(());
        }
        Ok(self.dir.create_dir_all(path)?)
    }

    fn file(&mut self, name: &str, runs: bool, mut from: impl Read) -> Result<(), Trouble> {
        let path = self.entry(name, false)?;
        if let Some(parent) = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
        {
            self.dir.create_dir_all(parent)?;
        }
        let mut options = cap_std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        let mut to = self.dir.open_with(&path, &options)?.into_std();
        self.copy(&mut from, &mut to, name)?;
        // Whatever else the archive says of rights: no set-id bits, no rights of others to write.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = if runs { 0o755 } else { 0o644 };
            to.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        #[cfg(not(unix))]
        let _ = runs;
        Ok(())
    }

    fn copy(&mut self, from: &mut impl Read, to: &mut File, name: &str) -> Result<(), Trouble> {
        let most = self
            .caps
            .total
            .min(self.packed.saturating_mul(self.caps.ratio) + (1 << 20));
        let mut buffer = vec![0; 64 * 1024];
        let mut written = 0_u64;
        loop {
            let read = from.read(&mut buffer)?;
            if read == 0 {
                return Ok(());
            }
            written += read as u64;
            self.total += read as u64;
            if written > self.caps.file {
                let most = self.caps.file >> 20;
                return Err(Trouble::Cap(format!("a file over {most} MiB ({name})")));
            }
            if self.total > most {
                return Err(Trouble::Cap(format!(
                    "more than {} MiB, {} times its own size at the most",
                    self.caps.total >> 20,
                    self.caps.ratio
                )));
            }
            to.write_all(&buffer[..read])?;
        }
    }
}

fn from_tar(read: impl Read, into: &mut Into) -> Result<(), Trouble> {
    use tar::EntryType as Kind;
    let mut archive = tar::Archive::new(read);
    let mut any = false;
    for entry in archive.entries()? {
        let entry = entry?;
        any = true;
        let bytes = entry.path_bytes();
        let Ok(name) = std::str::from_utf8(&bytes).map(str::to_owned) else {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            return Err(Trouble::Name(BadName::not_text(shown)));
        };
        let what = match entry.header().entry_type() {
            Kind::Regular | Kind::Continuous => {
                let runs = entry.header().mode().unwrap_or(0) & 0o111 != 0;
                into.file(&name, runs, entry)?;
                continue;
            }
            Kind::Directory => {
                into.folder(&name)?;
                continue;
            }
            // Remarks about all that follows, not a file.
            Kind::XGlobalHeader => continue,
            Kind::Symlink | Kind::Link => "a link",
            Kind::Char | Kind::Block => "a device",
            Kind::Fifo => "a pipe",
            _ => "of an unknown kind",
        };
        return Err(Trouble::Kind(name, what));
    }
    if any {
        return Ok(());
    }
    Err(Trouble::Io(io::Error::other("there is nothing in it")))
}

fn from_zip(read: impl Read + Seek, into: &mut Into) -> Result<(), Trouble> {
    /// The bits of a mode that say what kind of file it is, and two of the kinds.
    const KIND: u32 = 0o170_000;
    const FILE: u32 = 0o100_000;
    const FOLDER: u32 = 0o040_000;
    let mut archive = ZipArchive::new(read)?;
    if archive.len() > into.caps.entries {
        return Err(Trouble::Cap(format!(
            "more than {} entries",
            into.caps.entries
        )));
    }
    for at in 0..archive.len() {
        let entry = archive.by_index(at)?;
        let name = entry.name()?.into_owned();
        let mode = entry.unix_mode().unwrap_or(0);
        match mode & KIND {
            0 | FILE | FOLDER if !entry.is_symlink() => {}
            _ if entry.is_symlink() => return Err(Trouble::Kind(name, "a link")),
            _ => return Err(Trouble::Kind(name, "a device or pipe")),
        }
        if entry.is_dir() {
            into.folder(&name)?;
        } else {
            into.file(&name, mode & 0o111 != 0, entry)?;
        }
    }
    Ok(())
}
