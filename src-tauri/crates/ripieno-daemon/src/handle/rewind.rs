//! Going back to a checkpoint (R13): refused when the task has moved on since its points were looked at. The files follow
//! when the next attempt begins, under the folder's lock; the line that is left stays a checkpoint of its own.

use super::{Authority, Handle, submit::Start};
use crate::{ctx::Signal, error::DaemonError};
use ripieno_core::{event::TaskEvent, id::TaskNo, spec::ResumePoint, state::StateKind};
use ripieno_store::{Checkpoint, Extra, StoreError, TaskRow};
use std::time::Duration;

/// How long a live attempt may take to stop.
const STOP: Duration = Duration::from_secs(15);

/// The points of a task, and the place in the log they were read at.
#[derive(Clone, Debug)]
pub struct Checkpoints {
    /// The number of the task's last event then.
    pub seq: i64,
    /// Oldest first.
    pub points: Vec<Checkpoint>,
    /// What the task was asked for, to be offered for editing.
    pub input: String,
}

/// What going back led to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RewindOutcome {
    /// The task goes on from there.
    Rewound,
    /// The task was done: this one goes on in its thread (T23).
    FollowUp(TaskNo),
}

/// A choice among the points.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rewind {
    /// The point.
    pub to: u32,
    /// What the points were read at; without it the newest state counts.
    pub as_of: Option<i64>,
    /// What is said instead of, or beside, the task's own text.
    pub text: Option<String>,
}

impl Handle {
    /// The points a task can be taken back to.
    ///
    /// # Errors
    /// Forbidden; NotFound.
    pub async fn checkpoints(
        &self,
        by: &Authority,
        reference: &str,
    ) -> Result<Checkpoints, DaemonError> {
        by.person("see checkpoints")?;
        let no = self.find(reference).await?;
        let read = self.ctx.store.read(move |r| {
            Ok(Checkpoints {
                seq: r.last_event_of(no)?,
                points: r.checkpoints(no)?,
                input: r.task(no)?.spec.prompt,
            })
        });
        Ok(read.await?)
    }

    /// Takes a task back to a checkpoint: a new attempt goes on from there; of a done task a follow-up does.
    ///
    /// # Errors
    /// NotFound; NotPossibleNow where there is no way back; Conflict when the task has moved on since the points were read.
    pub async fn rewind(
        &self,
        by: &Authority,
        reference: &str,
        rewind: Rewind,
    ) -> Result<RewindOutcome, DaemonError> {
        let surface = by.person("take tasks back")?.to_owned();
        let no = self.find(reference).await?;
        let known = self.checkpoints(by, reference).await?;
        unchanged(no, rewind.as_of, known.seq)?;
        let point = known.points.into_iter().find(|point| point.n == rewind.to);
        let point = point.ok_or_else(|| {
            DaemonError::NotFound(format!(
                "{no} has no checkpoint {}: `ripieno task rewind {no} --list` shows them",
                rewind.to
            ))
        })?;
        if let Err(why) = &point.new.files {
            return Err(DaemonError::NotPossibleNow(format!(
                "there is no way back to checkpoint {}: {why}",
                point.n
            )));
        }
        let row = self.row(no).await?;
        let text = rewind.text.clone().filter(|text| !text.trim().is_empty());
        if row.task.state.kind() == StateKind::Done {
            return self.follow_up_from(&row, &point, text).await;
        }
        let marked = row.task.paused;
        // One that has ended may still be putting itself away: what is next waits for that.
        let live = !row.task.state.is_terminal()
            && (row.task.state.lease().is_some() || self.ctx.actor(no).is_some());
        if live {
            self.stop_first(no).await?;
        }
        let as_of = rewind.as_of.filter(|_| !live);
        let said = text.filter(|text| *text != row.spec.prompt);
        let write = self.ctx.store.write(move |tx| {
            let now = tx.last_event_of(no)?;
            if as_of.is_some_and(|seen| seen != now) {
                return Ok(false);
            }
            let left = tx.task(no)?.resume.position;
            tx.transition(no, &TaskEvent::Rewound, None, Extra::default())?;
            let resume = ResumePoint {
                position: point.new.position.clone(),
                session: None,
            };
            tx.replace_resume(no, &resume)?;
            tx.put_rewind(no, no, point.n, left.as_ref())?;
            if let Some(text) = &said {
                tx.comment(no, text, false, &surface)?;
            }
            if live && !marked && tx.task(no)?.task.paused {
                tx.transition(no, &TaskEvent::ResumeRequested, None, Extra::default())?;
            }
            Ok(true)
        });
        let done = write.await.map_err(|error| match error {
            StoreError::KeyTaken { .. } => DaemonError::Conflict(error.to_string()),
            other => other.into(),
        })?;
        if !done {
            return Err(moved_on(no));
        }
        self.ctx.wake.notify_one();
        Ok(RewindOutcome::Rewound)
    }

    /// Stops a live attempt as a pause does; the mark goes again with the rewind.
    async fn stop_first(&self, no: TaskNo) -> Result<(), DaemonError> {
        self.person_event(no, TaskEvent::PauseRequested).await?;
        self.ctx.signal(no, Signal::Wished);
        let stopped = self
            .wait_until(Some(STOP), || async move {
                let row = self.row(no).await?;
                let over = row.task.state.lease().is_none() && self.ctx.actor(no).is_none();
                Ok(over.then_some(row.task.state.is_terminal()))
            })
            .await?;
        match stopped {
            Some(false) => Ok(()),
            Some(true) => Err(DaemonError::Conflict(format!(
                "{no} ended while it was being stopped: look at its checkpoints again"
            ))),
            None => Err(DaemonError::Timeout(format!(
                "{no} is still being stopped after {} s; it is paused then",
                STOP.as_secs()
            ))),
        }
    }

    async fn follow_up_from(
        &self,
        row: &TaskRow,
        point: &Checkpoint,
        text: Option<String>,
    ) -> Result<RewindOutcome, DaemonError> {
        let text = text.unwrap_or_else(|| row.spec.prompt.clone());
        let start = Start::Checkpoint {
            of: row.no,
            n: point.n,
        };
        let no = self.follow_up(row, &text, start).await?;
        Ok(RewindOutcome::FollowUp(no))
    }
}

fn unchanged(no: TaskNo, seen: Option<i64>, now: i64) -> Result<(), DaemonError> {
    if seen.is_some_and(|seen| seen != now) {
        return Err(moved_on(no));
    }
    Ok(())
}

fn moved_on(no: TaskNo) -> DaemonError {
    DaemonError::Conflict(format!(
        "{no} has moved on since its checkpoints were listed: look at them again"
    ))
}
