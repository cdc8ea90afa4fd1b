//! What takes space in the data folder (D7).

use ripieno_daemon::storage::{Report, Stays};
use serde::{Deserialize, Serialize};

/// Bytes under a name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Space {
    /// What it is: `database`, `backups`, `worktrees`, `repositories`, `snapshots`, `other`, or a part of tasks: `inputs`, `outputs`,
    /// `workspace`, `artefacts`, `transcript`, `raw_log`, `spill`, `temp`, `record`.
    pub what: String,
    /// How many bytes.
    pub bytes: u64,
}

/// What one task has.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TaskSpace {
    /// The task, by short id; none where no task has that folder.
    pub task: Option<String>,
    /// The name of its folder.
    pub folder: String,
    /// How many bytes.
    pub bytes: u64,
}

/// A part that was removed, or would be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Removed {
    /// The task, by short id; none where no task has that folder.
    pub task: Option<String>,
    /// What it is: `workspace`, `artefacts`, `transcript`, `raw_log`, `spill`, `temp`, `record` or `repository`.
    pub part: String,
    /// Where.
    pub path: String,
    /// How many bytes that frees.
    pub bytes: u64,
    /// Why, in words.
    pub why: String,
}

/// The data folder: what takes space, what goes, and why the rest stays.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Storage {
    /// Whether nothing was touched.
    pub dry_run: bool,
    /// How much may be used, in bytes; none for no limit.
    pub limit: Option<u64>,
    /// How much is used; snapshots are counted apart.
    pub used: u64,
    /// By what it is, the largest first.
    pub spaces: Vec<Space>,
    /// The tasks that have most, the largest first.
    pub largest: Vec<TaskSpace>,
    /// What goes.
    pub removed: Vec<Removed>,
    /// How many bytes that frees.
    pub freed: u64,
    /// What stays, by reason: `delivered`, `in_use`, `open`, `only_copy`, `record`, `young`.
    pub kept: Vec<Space>,
}

impl Storage {
    /// The view of a report.
    #[must_use]
    pub fn new(report: &Report, dry_run: bool) -> Self {
        let usage = &report.usage;
        let space = |what: &str, bytes: u64| Space {
            what: what.to_owned(),
            bytes,
        };
        let mut spaces = vec![
            space("database", usage.database),
            space("backups", usage.backups),
            space("worktrees", usage.worktrees),
            space("repositories", usage.repositories),
            space("snapshots", usage.snapshots),
            space("other", usage.other),
        ];
        spaces.extend(usage.parts.iter().map(|(part, n)| space(part.word(), *n)));
        spaces.retain(|space| space.bytes > 0);
        spaces.sort_by_key(|space| std::cmp::Reverse(space.bytes));
        Storage {
            dry_run,
            limit: (usage.limit > 0).then_some(usage.limit),
            used: usage.used,
            spaces,
            largest: usage
                .largest
                .iter()
                .map(|(task, folder, bytes)| TaskSpace {
                    task: task.map(|no| no.to_string()),
                    folder: folder.display().to_string(),
                    bytes: *bytes,
                })
                .collect(),
            removed: report
                .removed
                .iter()
                .map(|removed| Removed {
                    task: removed.task.map(|no| no.to_string()),
                    part: removed.part.word().to_owned(),
                    path: removed.path.display().to_string(),
                    bytes: removed.bytes,
                    why: removed.because.text().to_owned(),
                })
                .collect(),
            freed: report.freed(),
            kept: report
                .kept
                .iter()
                .map(|kept| space(word(kept.why), kept.bytes))
                .collect(),
        }
    }
}

fn word(why: Stays) -> &'static str {
    match why {
        Stays::Delivered => "delivered",
        Stays::InUse => "in_use",
        Stays::Open => "open",
        Stays::OnlyCopy => "only_copy",
        Stays::Record => "record",
        Stays::Young => "young",
    }
}
