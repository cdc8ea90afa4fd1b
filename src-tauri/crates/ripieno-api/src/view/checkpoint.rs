//! The views of checkpoints and of going back to one (R13).

use super::{Task, time};
use ripieno_daemon::handle;
use serde::{Deserialize, Serialize};

/// A point a task can be taken back to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Checkpoint {
    /// Its number within the task, from 1.
    pub n: u32,
    /// When it was taken.
    pub at: String,
    /// In which attempt.
    pub attempt: u32,
    /// `movement`: before one; `end`: what an attempt left; `cleanup`: before the folder went; `abandoned`: what a rewind left
    /// behind.
    #[cfg_attr(
        test,
        ts(type = "\"movement\" | \"end\" | \"cleanup\" | \"abandoned\"")
    )]
    pub reason: String,
    /// The movement it was taken before, or after.
    pub movement: Option<String>,
    /// The commit with its files; none when there is no way back to it.
    pub commit: Option<String>,
    /// Why there is no way back.
    pub why: Option<String>,
}

/// The points of a task, oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Checkpoints {
    /// The number of the task's last event: a rewind that names it is refused when there are later ones.
    pub seq: i64,
    /// The points.
    pub points: Vec<Checkpoint>,
    /// What the task was asked for, to be edited.
    pub input: String,
}

/// What a rewind led to.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Rewound {
    /// The task, as it is now.
    pub task: Task,
    /// Of a task that was done: the one that goes on from the checkpoint.
    pub follow_up: Option<Task>,
}

impl From<&handle::Checkpoint> for Checkpoint {
    fn from(point: &handle::Checkpoint) -> Self {
        let movement = &point.new.movement;
        Checkpoint {
            n: point.n,
            at: time(point.at),
            attempt: point.attempt,
            reason: point.new.reason.name().to_owned(),
            movement: (!movement.is_empty()).then(|| movement.clone()),
            commit: point.new.files.as_ref().ok().map(|kept| kept.files.clone()),
            why: point.new.files.as_ref().err().cloned(),
        }
    }
}

impl From<&handle::Checkpoints> for Checkpoints {
    fn from(found: &handle::Checkpoints) -> Self {
        Checkpoints {
            seq: found.seq,
            points: found.points.iter().map(Checkpoint::from).collect(),
            input: found.input.clone(),
        }
    }
}
