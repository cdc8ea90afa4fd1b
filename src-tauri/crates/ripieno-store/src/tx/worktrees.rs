//! Worktrees of tasks, as their folders change (D5, D11).

use super::{Res, Tx};
use crate::WorktreeRow;
use ripieno_core::id::TaskNo;

impl Tx<'_> {
    /// Records what is known of a worktree; a record of the same task is replaced.
    ///
    /// # Errors
    /// [`StoreError::NotFound`](crate::StoreError::NotFound).
    pub fn put_worktree(&mut self, row: &WorktreeRow) -> Res<()> {
        self.hot(row.task)?;
        self.exec(
            "INSERT INTO worktrees (task_no, source, prefix, branch, onto, fork, base, head, files, admin, folder, fate, \
             reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (task_no) DO UPDATE SET \
             source = excluded.source, prefix = excluded.prefix, branch = excluded.branch, onto = excluded.onto, \
             fork = excluded.fork, base = excluded.base, head = excluded.head, files = excluded.files, \
             admin = excluded.admin, folder = excluded.folder, fate = excluded.fate, reason = excluded.reason",
            rusqlite::params![
                row.task.0,
                row.source,
                row.prefix,
                row.branch,
                row.onto,
                row.fork,
                row.base,
                row.head,
                row.files,
                row.admin,
                row.folder.name(),
                row.fate.map(crate::WorktreeFate::name),
                row.reason,
            ],
        )?;
        Ok(())
    }

    /// Forgets a worktree that nobody worked in.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_worktree(&mut self, task: TaskNo) -> Res<()> {
        self.exec("DELETE FROM worktrees WHERE task_no = ?1", [task.0])?;
        Ok(())
    }
}
