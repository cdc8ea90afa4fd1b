//! Repositories that tasks share (D6).

use super::time;
use ripieno_core::time::Timestamp;
use ripieno_daemon::{handle, repos};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// A repository that agents may check out.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Repository {
    /// Its address.
    pub url: String,
    /// How many bytes its clone takes.
    pub bytes: u64,
    /// When it was fetched last, RFC 3339; none when it is not here.
    pub fetched_at: Option<String>,
    /// When it was fetched or checked out last, RFC 3339; none when it is not here.
    pub used_at: Option<String>,
    /// The checkouts that borrow from it.
    pub checkouts: Vec<String>,
}

/// A checkout of a task.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct CheckedOut {
    /// Where it is.
    pub path: String,
    /// The branch that is checked out.
    pub branch: String,
    /// The commit it stands at.
    pub commit: String,
    /// Whether it was there already.
    pub existing: bool,
    /// Why it is as it was fetched earlier; none when it was fetched now.
    pub stale: Option<String>,
}

impl From<handle::KnownRepository> for Repository {
    fn from(known: handle::KnownRepository) -> Self {
        let checkouts = known.borrowers.iter();
        Repository {
            url: known.address,
            bytes: known.bytes,
            fetched_at: known.fetched.and_then(moment),
            used_at: known.used.and_then(moment),
            checkouts: checkouts
                .map(|borrower| borrower.at.display().to_string())
                .collect(),
        }
    }
}

impl From<repos::CheckedOut> for CheckedOut {
    fn from(made: repos::CheckedOut) -> Self {
        CheckedOut {
            path: made.at.display().to_string(),
            branch: made.branch,
            commit: made.commit,
            existing: made.existing,
            stale: made.stale,
        }
    }
}

fn moment(at: SystemTime) -> Option<String> {
    let since = at.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let millis = i64::try_from(since.as_millis()).ok()?;
    Some(time(Timestamp(millis)))
}
