//! Tasks that have begun and not ended: they hold their thread, and in place their folder (T22, D9).

use crate::{Reader, StoreError};
use ripieno_core::{id::TaskNo, lane::LaneId};

/// A begun task with what it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Begun {
    /// Its number.
    pub no: TaskNo,
    /// Its thread.
    pub thread: TaskNo,
    /// Its root: the task that holds folders for it.
    pub root: TaskNo,
    /// The folder it works in.
    pub folder: Option<String>,
}

impl Reader<'_> {
    /// The lanes of tasks that have not ended, each once; tasks without a fixed lane name none.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_lanes(&self) -> Result<Vec<LaneId>, StoreError> {
        let sql = "SELECT DISTINCT lane FROM tasks WHERE finished_at IS NULL";
        let names = self.rows(sql, [], |row| Ok(row.get::<_, String>(0)?))?;
        Ok(names.iter().filter_map(|name| name.parse().ok()).collect())
    }

    /// Every begun task, oldest first. One that was reopened or rewound begins anew.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begun(&self) -> Result<Vec<Begun>, StoreError> {
        let sql = "SELECT no, coalesce(thread_no, no), coalesce(root_no, no), folder FROM tasks \
                   WHERE finished_at IS NULL AND attempt > 0 AND coalesce(wait_on, '') <> 'dependencies' \
                     AND coalesce(queue_reason, '') NOT IN ('fresh', 'reopened', 'rewound') ORDER BY no";
        self.rows(sql, [], |row| {
            Ok(Begun {
                no: TaskNo(row.get(0)?),
                thread: TaskNo(row.get(1)?),
                root: TaskNo(row.get(2)?),
                folder: row.get(3)?,
            })
        })
    }
}
