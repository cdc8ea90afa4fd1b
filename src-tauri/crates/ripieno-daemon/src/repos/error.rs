//! Why a shared clone cannot be used.

use super::AddressError;
use crate::{changes::GitError, error::DaemonError};
use std::{io, path::PathBuf};

/// What went wrong. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum RepoError {
    /// The address is none.
    #[error("this is no address of a repository: {0}")]
    Address(#[from] AddressError),
    /// Nobody made it known.
    #[error("{0} is not configured: a person adds it with `ripieno repo add {0}`")]
    Unknown(String),
    /// It is known, and nothing of it is here.
    #[error("{address} is configured, but not fetched: {why}")]
    NotFetched {
        /// The repository.
        address: String,
        /// What git said.
        why: String,
    },
    /// It has no such branch, tag or commit.
    #[error("{address} has no branch, tag or commit {wanted}")]
    NoSuchRef {
        /// The repository.
        address: String,
        /// What was asked for.
        wanted: String,
    },
    /// Something else stands where the checkout would go.
    #[error("{} is there already and is no checkout of {address}: move it away", .at.display())]
    Occupied {
        /// Where.
        at: PathBuf,
        /// The repository.
        address: String,
    },
    /// Checkouts of tasks need it.
    #[error("checkouts of tasks borrow from it: {}", shown(.places))]
    Borrowed {
        /// Where they are.
        places: Vec<PathBuf>,
    },
    /// git failed.
    #[error("the checkout cannot be made: {0}")]
    Git(#[from] GitError),
    /// A folder or file cannot be used.
    #[error("{} cannot be used: {source}; check that folder", .path.display())]
    Io {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A fault of ours.
    #[error("{0}")]
    Broken(String),
}

impl RepoError {
    /// The same for what the system reported about a path.
    pub fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| RepoError::Io { path, source }
    }
}

fn shown(places: &[PathBuf]) -> String {
    const NAMED: usize = 3;
    let named: Vec<String> = places
        .iter()
        .take(NAMED)
        .map(|place| place.display().to_string())
        .collect();
    match places.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

impl From<RepoError> for DaemonError {
    fn from(error: RepoError) -> Self {
        let text = error.to_string();
        match error {
            RepoError::Address(_) | RepoError::NoSuchRef { .. } => DaemonError::Invalid(text),
            RepoError::Unknown(_) => DaemonError::NotFound(text),
            RepoError::NotFetched { .. } | RepoError::Borrowed { .. } => {
                DaemonError::NotPossibleNow(text)
            }
            RepoError::Occupied { .. } => DaemonError::Conflict(text),
            RepoError::Git(_) | RepoError::Io { .. } | RepoError::Broken(_) => {
                DaemonError::Internal(text)
            }
        }
    }
}
