//! Where the updater keeps what it needs, below a home.

use crate::paths::Home;
use std::path::PathBuf;

/// The updater's files.
#[derive(Clone, Debug)]
pub(crate) struct UpdatePaths {
    /// Downloads; can be fetched again.
    pub(crate) downloads: PathBuf,
    /// What was begun.
    pub(crate) journal: PathBuf,
    /// What became of it.
    pub(crate) outcome: PathBuf,
    /// What was seen of the server.
    pub(crate) trust: PathBuf,
    /// What the person does not want.
    pub(crate) skipped: PathBuf,
    /// The previous version.
    pub(crate) kept: PathBuf,
    /// The database from before the last update.
    pub(crate) backup: PathBuf,
    /// The database itself.
    pub(crate) database: PathBuf,
}

impl UpdatePaths {
    pub(crate) fn of(home: &Home) -> Self {
        let state = home.state_dir().join("update");
        UpdatePaths {
            downloads: home.cache_dir().join("updates"),
            journal: state.join("journal.json"),
            outcome: state.join("outcome.json"),
            trust: state.join("trust.json"),
            skipped: state.join("skipped"),
            kept: state.join("previous"),
            backup: home.backups_dir().join("before-update.db"),
            database: home.database(),
        }
    }
}
