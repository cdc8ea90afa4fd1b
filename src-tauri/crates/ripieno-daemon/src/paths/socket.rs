//! Where the worker's socket lies, also when its usual path is too long for the system.

use std::path::{Path, PathBuf};

use super::{Home, PathError, create, write_atomically};

/// The longest socket path that every system we run on takes, in bytes.
const LONGEST: usize = 100;

impl Home {
    /// Returns the file that names the socket when it had to move.
    #[must_use]
    pub fn socket_pointer(&self) -> PathBuf {
        self.run_dir().join("socket")
    }

    /// Returns the path to connect to; touches nothing but the pointer file.
    #[must_use]
    pub fn socket_to_connect(&self) -> PathBuf {
        if let Some(path) = &self.socket_override {
            return path.clone();
        }
        find(self.usual_socket(), &self.socket_pointer())
    }

    /// Returns the path to bind, after making its folder and, where it had to move, `run/socket`.
    ///
    /// The run folder must have been made by [`Home::create`].
    ///
    /// # Errors
    /// [`PathError::SocketTooLong`] for an override over 100 bytes or when no temp folder is short
    /// enough, else what kept the folder from being made.
    pub fn socket_to_bind(&self) -> Result<PathBuf, PathError> {
        if let Some(path) = &self.socket_override {
            return if fits(path) {
                Ok(path.clone())
            } else {
                Err(PathError::SocketTooLong { path: path.clone() })
            };
        }
        place(self.usual_socket(), &self.socket_pointer())
    }

    /// Returns where a second start of the desktop application reaches the first.
    #[must_use]
    pub fn desktop_socket_to_connect(&self) -> PathBuf {
        find(self.desktop_socket(), &self.desktop_pointer())
    }

    /// Returns where the first binds, as [`Home::socket_to_bind`] does for the worker.
    ///
    /// # Errors
    /// As [`Home::socket_to_bind`].
    pub fn desktop_socket_to_bind(&self) -> Result<PathBuf, PathError> {
        place(self.desktop_socket(), &self.desktop_pointer())
    }

    fn desktop_socket(&self) -> PathBuf {
        self.run_dir().join("desktop.sock")
    }

    fn desktop_pointer(&self) -> PathBuf {
        self.run_dir().join("desktop")
    }

    fn usual_socket(&self) -> PathBuf {
        self.run_dir().join("ripieno.sock")
    }
}

/// The usual path where it fits, else the one the pointer file names.
fn find(usual: PathBuf, pointer: &Path) -> PathBuf {
    if fits(&usual) {
        return usual;
    }
    std::fs::read_to_string(pointer)
        .ok()
        .map(|named| PathBuf::from(named.trim_end_matches('\n')))
        .filter(|named| named.is_absolute())
        .unwrap_or(usual)
}

/// The usual path where it fits, else a shorter one that the pointer file then names.
fn place(usual: PathBuf, pointer: &Path) -> Result<PathBuf, PathError> {
    if fits(&usual) {
        return Ok(usual);
    }
    let moved = short_socket(&usual)?;
    let mut line = moved.to_string_lossy().into_owned();
    line.push('\n');
    write_atomically(pointer, line.as_bytes())
        .map_err(|source| PathError::from_io(pointer, source))?;
    Ok(moved)
}

fn fits(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().len() <= LONGEST
}

/// Finds a socket path in a private folder of the user's under the system's temp folder.
fn short_socket(usual: &Path) -> Result<PathBuf, PathError> {
    let file = format!("{:016x}.sock", fnv1a(usual.as_os_str().as_encoded_bytes()));
    let owner = owner_name();
    let mut refused = None;
    for temp in [std::env::temp_dir(), PathBuf::from("/tmp")] {
        // Somebody else may sit on the first name, on purpose or not: the next one is as good,
        // because the pointer file in our own folder says which it is.
        for n in 0..16 {
            let suffix = if n == 0 {
                String::new()
            } else {
                format!("-{n}")
            };
            let folder = temp.join(format!("ripieno-{owner}{suffix}"));
            let socket = folder.join(&file);
            if !fits(&socket) || socket.to_str().is_none() {
                break;
            }
            match claim_folder(&folder) {
                Ok(()) => return Ok(socket),
                Err(error) => refused = Some(error),
            }
        }
    }
    Err(refused.unwrap_or_else(|| PathError::SocketTooLong {
        path: usual.to_owned(),
    }))
}

/// Makes `folder`, or takes it over when it is a real folder of ours; never through a link.
fn claim_folder(folder: &Path) -> Result<(), PathError> {
    if folder.is_symlink() {
        return Err(PathError::NotOurs {
            path: folder.to_owned(),
        });
    }
    create::make_private_folder(folder)
}

#[cfg(unix)]
fn owner_name() -> String {
    rustix::process::geteuid().as_raw().to_string()
}

#[cfg(not(unix))]
fn owner_name() -> String {
    std::env::var("USERNAME").unwrap_or_default()
}

/// Hashes to 64 bits, the same in every version of this program (FNV-1a).
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
