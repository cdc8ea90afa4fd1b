//! Worktrees of tasks (D5, D11).

use super::{Reader, Res};
use crate::StoreError;
use ripieno_core::id::TaskNo;
use rusqlite::Row;

/// Where the folder of a worktree stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorktreeFolder {
    /// It is being made: nobody has worked in it yet.
    Making,
    /// It is there.
    There,
    /// It was given back; the branch holds the work.
    Gone,
}

/// What a person did with the work of an ended task; without it the branch is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WorktreeFate {
    /// It was merged where it came from.
    Merged,
    /// Its branch was thrown away; that can be undone.
    Discarded,
}

impl WorktreeFolder {
    /// As it stands in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WorktreeFolder::Making => "making",
            WorktreeFolder::There => "there",
            WorktreeFolder::Gone => "gone",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [
            WorktreeFolder::Making,
            WorktreeFolder::There,
            WorktreeFolder::Gone,
        ];
        all.into_iter().find(|folder| folder.name() == name)
    }
}

impl WorktreeFate {
    /// As it stands in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WorktreeFate::Merged => "merged",
            WorktreeFate::Discarded => "discarded",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [WorktreeFate::Merged, WorktreeFate::Discarded]
            .into_iter()
            .find(|fate| fate.name() == name)
    }
}

/// What is known of a worktree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorktreeRow {
    /// The first task that works in it: its folder has this name.
    pub task: TaskNo,
    /// The folder the person named.
    pub source: String,
    /// That folder below the top of its checkout, with a slash at its end; empty for the top.
    pub prefix: String,
    /// The branch of the task.
    pub branch: String,
    /// The branch that was checked out when it was made.
    pub onto: Option<String>,
    /// The commit that was checked out then; none in a repository without commits.
    pub fork: Option<String>,
    /// The commit the work began at: `fork`, or one with what was not committed on top.
    pub base: Option<String>,
    /// Where the branch stood when the folder was last looked at.
    pub head: Option<String>,
    /// A commit with the files the folder had then.
    pub files: Option<String>,
    /// git's own folder for it.
    pub admin: Option<String>,
    /// Where its folder stands.
    pub folder: WorktreeFolder,
    /// What became of the work.
    pub fate: Option<WorktreeFate>,
    /// Why the folder of an ended task was not given back.
    pub reason: Option<String>,
}

const COLUMNS: &str =
    "task_no, source, prefix, branch, onto, fork, base, head, files, admin, folder, fate, reason";

fn worktree(row: &Row<'_>) -> Res<WorktreeRow> {
    let task = TaskNo(row.get(0)?);
    let unknown = |what: &str| StoreError::bad_row("worktrees", task, format!("unknown {what}"));
    let folder: String = row.get(10)?;
    let fate: Option<String> = row.get(11)?;
    Ok(WorktreeRow {
        task,
        source: row.get(1)?,
        prefix: row.get(2)?,
        branch: row.get(3)?,
        onto: row.get(4)?,
        fork: row.get(5)?,
        base: row.get(6)?,
        head: row.get(7)?,
        files: row.get(8)?,
        admin: row.get(9)?,
        folder: WorktreeFolder::from_name(&folder).ok_or_else(|| unknown("folder"))?,
        fate: fate
            .map(|name| WorktreeFate::from_name(&name).ok_or_else(|| unknown("fate")))
            .transpose()?,
        reason: row.get(12)?,
    })
}

impl Reader<'_> {
    /// The worktree that a task was the first to work in.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn worktree(&self, task: TaskNo) -> Res<Option<WorktreeRow>> {
        let sql = format!("SELECT {COLUMNS} FROM worktrees WHERE task_no = ?1");
        self.first(&sql, [task.0], worktree)
    }

    /// Every worktree whose folder was not given back, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn worktree_folders(&self) -> Res<Vec<WorktreeRow>> {
        let sql =
            format!("SELECT {COLUMNS} FROM worktrees WHERE folder <> 'gone' ORDER BY task_no");
        self.rows(&sql, [], worktree)
    }

    /// Every commit that holds what a person had not committed when a task began.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn carried_in(&self) -> Res<Vec<String>> {
        let sql = "SELECT DISTINCT base FROM worktrees WHERE base IS NOT NULL AND base IS NOT fork";
        self.rows(sql, [], |row| Ok(row.get(0)?))
    }
}
