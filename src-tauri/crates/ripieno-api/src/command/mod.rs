//! What can be asked for: the parameters of every method. Durations are texts such as `10m`, moments RFC 3339 or `18:30`.

mod asks;
mod composer;
mod grants;
mod notices;
mod projects;
mod repos;
mod system;
mod tasks;

pub use asks::{Answer, AskCreate, AskList, Brief, Checklist, Finish, Progress, ReportResult};
pub use composer::{FolderCheck, FolderComplete, InputStage, PieceList, PieceShow};
pub use grants::{GrantList, GrantRevoke};
pub use notices::{NoticeClaim, NoticeForget, Snooze};
pub use projects::{LockRelease, ProjectNamed, ProjectSet};
pub use repos::{RepoCheckout, RepoNamed};
pub use system::{
    Backup, ConfigGet, ConfigSet, EventsSince, LaneRelease, RuntimeList, Subscribe, WorkerPause,
};
pub use tasks::{
    Add, Cancel, Comment, Diff, Discard, List, Logs, Named, Retry, Rewind, Run, Seen, Several, Wait,
};

use crate::error::ApiError;
use ripieno_daemon::quantity::parse_duration;
use std::time::Duration;

/// Reads a duration of a request.
pub(crate) fn duration(name: &str, text: Option<&str>) -> Result<Option<Duration>, ApiError> {
    text.map(|text| parse_duration(text).map_err(|bad| ApiError::invalid(format!("{name}: {bad}"))))
        .transpose()
}

/// A duration in whole milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
