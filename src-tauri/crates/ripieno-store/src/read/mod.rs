//! Reading: one consistent snapshot per closure.

mod asks;
mod begun;
mod changes;
mod checkpoints;
mod grants;
mod history;
mod list;
mod notes;
mod projects;
mod queue;
mod sidecars;
mod storage;
mod task;
mod teardowns;
mod worktrees;
mod world;

pub use begun::Begun;
pub use checkpoints::{Checkpoint, CheckpointReason, KeptFiles, NewCheckpoint, PendingRewind};
pub use sidecars::{SidecarKind, SidecarRow};
pub use storage::StorageFact;
pub use teardowns::TeardownRow;
pub use worktrees::{WorktreeFate, WorktreeFolder, WorktreeRow};

use crate::{StoreError, TaskRow};
use ripieno_core::{id::TaskNo, state::StateKind};
use rusqlite::{Params, Row};
use std::collections::BTreeMap;

/// The columns of a [`Candidate`](ripieno_core::hold::Candidate), and its rank.
macro_rules! candidate_columns {
    () => {
        "SELECT t.no, t.state, t.wait_on, t.paused, t.not_before, t.lane, t.piece, \
         coalesce(t.thread_no, t.no), t.folder, coalesce(t.root_no, t.no), t.rank, t.project FROM tasks t"
    };
}
use candidate_columns;

pub(crate) type Res<T> = Result<T, StoreError>;

/// The state as people see it: `paused` stands in place of `queued` and `waiting` for a marked task (cli.md, Views).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ShownState {
    /// The machine's own word.
    Is(StateKind),
    /// Queued or waiting, with the mark.
    Paused,
}

/// What a list shows.
#[derive(Clone, Debug, Default)]
pub struct TaskFilter {
    /// Any of these states; empty for all.
    pub states: Vec<ShownState>,
    /// All of these labels.
    pub labels: Vec<String>,
    /// Part of the title or the prompt, upper and lower case alike.
    pub search: Option<String>,
    /// Only tasks older than this one: the `next` of the page before.
    pub after: Option<TaskNo>,
    /// At most so many; 0 means 50.
    pub limit: usize,
}

/// A page of a list, newest first.
#[derive(Clone, Debug)]
pub struct Page {
    /// The tasks.
    pub tasks: Vec<TaskRow>,
    /// Give it as `after` for the next page; `None` at the end.
    pub next: Option<TaskNo>,
}

/// How many tasks there are of each shown state.
pub type Counts = BTreeMap<ShownState, u64>;

/// A consistent view of the database. [`Tx`](crate::Tx) derefs to it, so that a write can look first.
pub struct Reader<'c> {
    pub(crate) conn: &'c rusqlite::Connection,
}

impl Reader<'_> {
    /// Every row of a query, each turned into a value or an error.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        mut value: impl FnMut(&Row<'_>) -> Res<T>,
    ) -> Res<Vec<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        let mut values = Vec::new();
        while let Some(row) = rows.next()? {
            values.push(value(row)?);
        }
        Ok(values)
    }

    /// The first row of a query.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: impl Params,
        value: impl FnOnce(&Row<'_>) -> Res<T>,
    ) -> Res<Option<T>> {
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        rows.next()?.map(value).transpose()
    }

    /// The task numbers a query with one task as its parameter gives.
    pub(crate) fn numbers(&self, sql: &str, task: TaskNo) -> Res<Vec<TaskNo>> {
        self.rows(sql, [task.0], |row| Ok(TaskNo(row.get(0)?)))
    }
}
