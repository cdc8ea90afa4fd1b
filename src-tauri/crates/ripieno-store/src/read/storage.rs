//! What the cleaning of the data folder must know of tasks.

use super::{Reader, Res};
use crate::{StoreError, hot};
use ripieno_core::{
    id::{TaskId, TaskNo},
    time::Timestamp,
};

/// A task as far as its folder goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StorageFact {
    /// Its id, which names the folder.
    pub id: TaskId,
    /// Its number.
    pub no: TaskNo,
    /// Whether it ended well, and when; `None` while it has not ended.
    pub ended: Option<(bool, Timestamp)>,
    /// Whether a task of its thread has not ended.
    pub thread_open: bool,
    /// When the last of its thread that has ended did.
    pub thread_ended: Option<Timestamp>,
}

impl Reader<'_> {
    /// Every task as far as its folder goes.
    ///
    /// # Errors
    /// [`StoreError`] when the database refuses.
    pub fn storage_facts(&self) -> Result<Vec<StorageFact>, StoreError> {
        let sql = "WITH open (thread) AS MATERIALIZED (SELECT DISTINCT coalesce(thread_no, no) FROM tasks \
                   WHERE finished_at IS NULL) \
                   SELECT id, no, state, finished_at, coalesce(thread_no, no) IN (SELECT thread FROM open), \
                   max(finished_at) OVER (PARTITION BY coalesce(thread_no, no)) FROM tasks";
        self.rows(sql, [], |row| -> Res<StorageFact> {
            let no = TaskNo(row.get(1)?);
            let state: String = row.get(2)?;
            let at: Option<i64> = row.get(3)?;
            Ok(StorageFact {
                id: TaskId(hot::uuid(row, 0, "tasks", no)?),
                no,
                ended: at.map(|at| (state == "done", Timestamp(at))),
                thread_open: row.get(4)?,
                thread_ended: row.get::<_, Option<i64>>(5)?.map(Timestamp),
            })
        })
    }
}
