//! Free space, and the file that is given up when there is none (C6).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::quantity::format_size;

/// Says whether tasks may start as far as the disk goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiskState {
    /// There is room.
    Ok,
    /// There is less than `disk.min_free`: hold `disk_space(free)`.
    Low {
        /// What is left, in bytes.
        free: u64,
    },
}

/// Decides from the free space and `disk.min_free`, both in bytes; a limit of zero never holds.
#[must_use]
pub const fn decide(free: u64, min_free: u64) -> DiskState {
    if free < min_free {
        DiskState::Low { free }
    } else {
        DiskState::Ok
    }
}

/// Says why the disk cannot be judged or the reserve not be kept.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// The free space cannot be read.
    #[error("cannot read the free space of {path}: {source}; check that its disk is mounted")]
    Free {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The reserve cannot be made; nothing of it is left behind.
    #[error("cannot keep a reserve of {} in {path}: {source}; free some space or lower disk.reserve", format_size(*size))]
    Reserve {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        size: u64,
        /// What the system said.
        source: io::Error,
    },
}

/// Returns the bytes that this user may still write on the file system of `path`.
///
/// # Errors
/// [`DiskError::Free`].
pub fn free_space(path: &Path) -> Result<u64, DiskError> {
    free_bytes(path).map_err(|source| DiskError::Free {
        path: path.to_owned(),
        source,
    })
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> io::Result<u64> {
    let found = rustix::fs::statvfs(path)?;
    Ok(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_path: &Path) -> io::Result<u64> {
    // Not known without unsafe calls: never a reason to hold work.
    Ok(u64::MAX)
}

/// A file of real blocks that makes room by going away (rel-4).
#[derive(Clone, Debug)]
pub struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// Names the file (`Home::reserve_file`); touches nothing.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Makes the file exactly `size` bytes long, or removes it for zero. One that has the size
    /// already is left alone.
    ///
    /// # Errors
    /// [`DiskError::Reserve`]; a file that could not be filled is removed again.
    pub fn keep(&self, size: u64) -> Result<(), DiskError> {
        if self.is_kept(size) {
            return Ok(());
        }
        let made = self
            .release()
            .and_then(|()| if size == 0 { Ok(()) } else { self.fill(size) });
        made.map_err(|source| {
            // Half a reserve would be taken for a whole one.
            let _ = fs::remove_file(&self.path);
            DiskError::Reserve {
                path: self.path.clone(),
                size,
                source,
            }
        })
    }

    /// Makes it again when that leaves more than `min_free` bytes; returns whether it is there.
    ///
    /// # Errors
    /// [`DiskError`].
    pub fn restore(&self, size: u64, min_free: u64) -> Result<bool, DiskError> {
        if self.is_kept(size) {
            return Ok(true);
        }
        let free = free_space(self.path.parent().unwrap_or(&self.path))?;
        if free < min_free.saturating_add(size) {
            return Ok(false);
        }
        self.keep(size).map(|()| true)
    }

    /// Gives the space back.
    ///
    /// # Errors
    /// What the system reports; a file that is not there is none.
    pub fn release(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Tells whether the file is there with `size` bytes, which is nothing at all for zero.
    #[must_use]
    pub fn is_kept(&self, size: u64) -> bool {
        match fs::metadata(&self.path) {
            Ok(metadata) => size != 0 && metadata.len() == size,
            Err(_) => size == 0,
        }
    }

    fn fill(&self, size: u64) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&self.path)?;
        if !allocate(&file, size)? {
            write_blocks(&mut file, size)?;
        }
        file.sync_all()
    }
}

/// Asks the file system for the blocks; `false` when it has no such call.
#[cfg(target_os = "linux")]
fn allocate(file: &File, size: u64) -> io::Result<bool> {
    use rustix::io::Errno;
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, size) {
        Ok(()) => Ok(true),
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn allocate(_file: &File, _size: u64) -> io::Result<bool> {
    Ok(false)
}

/// Writes blocks that no file system leaves out or packs: they are not zero and differ.
fn write_blocks(file: &mut File, size: u64) -> io::Result<()> {
    let mut block = vec![0_u8; 64 * 1024];
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = size;
    while left > 0 {
        for chunk in block.chunks_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            chunk.copy_from_slice(&state.to_le_bytes()[..chunk.len()]);
        }
        let part = usize::try_from(left).unwrap_or(usize::MAX).min(block.len());
        file.write_all(&block[..part])?;
        left -= part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reserve() -> (tempfile::TempDir, Reserve) {
        let folder = tempfile::tempdir().unwrap();
        let reserve = Reserve::at(folder.path().join("reserve"));
        (folder, reserve)
    }

    #[test]
    fn free_space_is_read_and_a_missing_folder_named() {
        let (folder, _) = reserve();
        assert!(free_space(folder.path()).unwrap() > 0);
        let error = free_space(&folder.path().join("missing")).unwrap_err();
        assert!(error.to_string().contains("missing"), "{error}");
    }

    #[test]
    fn reserve_is_kept_resized_and_released() {
        let (_folder, reserve) = reserve();
        reserve.keep(1 << 20).unwrap();
        assert!(reserve.is_kept(1 << 20));
        reserve.keep(100_000).unwrap();
        assert!(reserve.is_kept(100_000) && !reserve.is_kept(1 << 20));
        reserve.release().unwrap();
        reserve.release().unwrap();
        assert!(!reserve.is_kept(100_000));
        reserve.keep(10).unwrap();
        reserve.keep(0).unwrap();
        assert!(reserve.is_kept(0));
    }

    #[cfg(unix)]
    #[test]
    fn reserve_takes_real_blocks() {
        use std::os::unix::fs::MetadataExt;
        let (_folder, reserve) = reserve();
        reserve.keep(1 << 20).unwrap();
        assert!(fs::metadata(&reserve.path).unwrap().blocks() * 512 >= 1 << 20);
        let mut file = File::create(&reserve.path).unwrap();
        write_blocks(&mut file, 200_001).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 200_001);
    }

    #[test]
    fn reserve_larger_than_the_disk_fails_and_leaves_nothing() {
        let (_folder, reserve) = reserve();
        let error = reserve.keep(1 << 60).unwrap_err();
        assert!(error.to_string().contains("1048576 TiB"), "{error}");
        assert!(!reserve.path.exists());
    }

    #[test]
    fn reserve_is_restored_only_when_there_is_room() {
        let (_folder, reserve) = reserve();
        assert!(!reserve.restore(4096, u64::MAX).unwrap());
        assert!(!reserve.path.exists());
        assert!(reserve.restore(4096, 0).unwrap());
        assert!(
            reserve.restore(4096, u64::MAX).unwrap(),
            "it is there already"
        );
    }

    proptest! {
        #[test]
        fn disk_is_low_exactly_below_the_limit(free: u64, min_free: u64) {
            let expected = if free < min_free { DiskState::Low { free } } else { DiskState::Ok };
            prop_assert_eq!(decide(free, min_free), expected);
            prop_assert_eq!(decide(free, 0), DiskState::Ok);
        }
    }
}
