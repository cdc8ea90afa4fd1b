//! Points a task can be taken back to, and what was taken back (R13).

use super::{Reader, Res};
use crate::StoreError;
use ripieno_core::{id::TaskNo, time::Timestamp};
use rusqlite::Row;
use serde_json::Value;

/// When a checkpoint was taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CheckpointReason {
    /// Before a movement.
    Movement,
    /// At the end of an attempt.
    End,
    /// Before the folder was given back.
    Cleanup,
    /// Before a rewind: the line that was abandoned.
    Abandoned,
}

impl CheckpointReason {
    const ALL: [CheckpointReason; 4] = [
        CheckpointReason::Movement,
        CheckpointReason::End,
        CheckpointReason::Cleanup,
        CheckpointReason::Abandoned,
    ];

    /// As it stands in rows.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            CheckpointReason::Movement => "movement",
            CheckpointReason::End => "end",
            CheckpointReason::Cleanup => "cleanup",
            CheckpointReason::Abandoned => "abandoned",
        }
    }
}

/// The files of a folder at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptFiles {
    /// The commit that was checked out; none in a repository without commits.
    pub head: Option<String>,
    /// A commit with the files.
    pub files: String,
}

/// A point to go back to, before it has a number.
#[derive(Clone, PartialEq, Debug)]
pub struct NewCheckpoint {
    /// When it was taken.
    pub reason: CheckpointReason,
    /// The movement that was about to begin, or had ended.
    pub movement: String,
    /// The files, or why they are not kept.
    pub files: Result<KeptFiles, String>,
    /// Where the piece stood.
    pub position: Option<Value>,
}

/// A point to go back to.
#[derive(Clone, PartialEq, Debug)]
pub struct Checkpoint {
    /// Its number within the task, from 1.
    pub n: u32,
    /// The attempt it was taken in.
    pub attempt: u32,
    /// When.
    pub at: Timestamp,
    /// What it is.
    pub new: NewCheckpoint,
}

/// A rewind that the next attempt carries out.
#[derive(Clone, PartialEq, Debug)]
pub struct PendingRewind {
    /// Its number.
    pub no: i64,
    /// The point.
    pub checkpoint: Checkpoint,
    /// Where the abandoned line stood in the piece.
    pub position: Option<Value>,
}

const COLUMNS: &str =
    "c.n, c.attempt, c.reason, c.movement, c.head, c.files, c.why, c.position, c.at";

fn json(task: TaskNo, text: Option<String>) -> Res<Option<Value>> {
    text.map(|text| {
        serde_json::from_str(&text).map_err(|e| StoreError::bad_row("checkpoints", task, e))
    })
    .transpose()
}

fn checkpoint(task: TaskNo, row: &Row<'_>) -> Res<Checkpoint> {
    let name: String = row.get(2)?;
    let reason = CheckpointReason::ALL
        .into_iter()
        .find(|reason| reason.name() == name)
        .ok_or_else(|| StoreError::bad_row("checkpoints", task, "unknown reason"))?;
    let (files, why): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let head = row.get(4)?;
    Ok(Checkpoint {
        n: row.get(0)?,
        attempt: row.get(1)?,
        at: Timestamp(row.get(8)?),
        new: NewCheckpoint {
            reason,
            movement: row.get(3)?,
            files: files
                .map(|files| KeptFiles { head, files })
                .ok_or_else(|| why.unwrap_or_default()),
            position: json(task, row.get(7)?)?,
        },
    })
}

impl Reader<'_> {
    /// The points a task can be taken back to, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn checkpoints(&self, task: TaskNo) -> Res<Vec<Checkpoint>> {
        let sql = format!("SELECT {COLUMNS} FROM checkpoints c WHERE c.task_no = ?1 ORDER BY c.n");
        self.rows(&sql, [task.0], |row| checkpoint(task, row))
    }

    /// The rewind that the next attempt of a task has to carry out: the last one asked for.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn pending_rewind(&self, task: TaskNo) -> Res<Option<PendingRewind>> {
        let sql = format!(
            "SELECT {COLUMNS}, r.no, r.position, r.of_no FROM rewinds r \
             JOIN checkpoints c ON c.task_no = r.of_no AND c.n = r.n \
             WHERE r.task_no = ?1 AND r.done = 0 ORDER BY r.no DESC LIMIT 1"
        );
        self.first(&sql, [task.0], |row| {
            Ok(PendingRewind {
                no: row.get(9)?,
                checkpoint: checkpoint(TaskNo(row.get(11)?), row)?,
                position: json(task, row.get(10)?)?,
            })
        })
    }

    /// The spans of time of a task that were abandoned: from a checkpoint to the rewind.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn abandoned(&self, task: TaskNo) -> Res<Vec<(Timestamp, Timestamp)>> {
        self.rows(
            "SELECT c.at, r.at FROM rewinds r JOIN checkpoints c ON c.task_no = r.of_no AND c.n = r.n \
             WHERE r.task_no = ?1 AND r.of_no = ?1",
            [task.0],
            |row| Ok((Timestamp(row.get(0)?), Timestamp(row.get(1)?))),
        )
    }

    /// The place of a task's last event in the log.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn last_event_of(&self, task: TaskNo) -> Res<i64> {
        let found = self.first(
            "SELECT last_seq FROM tasks WHERE no = ?1",
            [task.0],
            |row| Ok(row.get(0)?),
        )?;
        found.ok_or_else(|| StoreError::no_task(task))
    }
}
