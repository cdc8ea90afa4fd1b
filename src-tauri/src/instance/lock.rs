//! One tray per user and home: a lock of the operating system, not a file that says so.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The lock could not be asked for.
#[derive(Debug, thiserror::Error)]
#[error("cannot lock {path}: {source}; check that the folder can be written")]
pub struct LockError {
    path: PathBuf,
    source: std::io::Error,
}

/// Held while this instance lives; a crash frees it at once.
#[derive(Debug)]
pub struct Instance {
    _lock: File,
}

impl Instance {
    /// Becomes the one instance, or returns `None` when there is one already (C4).
    ///
    /// # Errors
    /// The lock file cannot be opened or locked.
    pub fn claim(path: &Path) -> Result<Option<Self>, LockError> {
        let failed = |source| LockError {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _lock: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_claim_yields_until_the_first_is_gone() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("desktop.lock");
        let first = Instance::claim(&path).unwrap();
        assert!(first.is_some());
        assert!(Instance::claim(&path).unwrap().is_none());
        drop(first);
        assert!(Instance::claim(&path).unwrap().is_some());
    }

    #[test]
    fn missing_folder_is_named() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("absent").join("desktop.lock");
        let error = Instance::claim(&path).unwrap_err().to_string();
        assert!(error.contains("absent"), "{error}");
    }
}
