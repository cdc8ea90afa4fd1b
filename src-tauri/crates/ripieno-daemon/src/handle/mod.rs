//! The worker as surfaces see it: one method per request, each on somebody's authority (cli.md).

mod asks;
mod attach;
mod branches;
mod changes;
mod detail;
mod extra_surface;
mod folders;
mod grants;
mod inside;
mod locks;
mod mode;
mod notices;
pub mod pieces;
mod projects;
mod repos;
mod request;
mod rewind;
mod run;
pub mod settings;
mod skills;
mod staging;
mod storage;
mod submit;
mod system;
mod tasks;
mod timeline;
mod updates;

pub use crate::{
    changes::{FileChange, FileStatus},
    holdings::KeptFor,
};
pub use changes::{Changes, Diff, Patch};
pub use detail::Detail;
pub use folders::{FolderFacts, UsedFolder};
pub use inside::WaitEnd;
pub use locks::FolderLock;
pub use projects::{ProjectChange, ProjectFacts};
pub use request::{Authority, Listing, NewAsk, Said, Submit};
pub use rewind::{Checkpoints, Rewind, RewindOutcome};
pub use ripieno_agents::transcript::{Entry, Page as LogPage, Query as LogQuery};
pub use ripieno_agents::{discover::LocalServer, process::Sandbox};
pub use run::{RunFacts, RunSkill, TranscriptFile};
pub use submit::SubmitOutcome;
pub use system::{LaneStatus, Status, WorkerState};
pub use tasks::CommentOutcome;
pub use timeline::{AttemptPhase, AttemptSpan, MovementStatus, Timeline};

pub use crate::ctx::Finish;
use crate::{ctx::Ctx, error::DaemonError};
pub use crate::{
    repos::{CheckedOut, Known as KnownRepository},
    worktree::{Discarded, Merged},
};
use ripieno_core::{
    id::{AskNo, Reference, TaskNo},
    time::Timestamp,
};
pub use ripieno_store::{
    ChangesSum, Checkpoint, CheckpointReason, CommentRow, Event, LockRow, MovementRow, UsageSum,
    WorktreeFate, WorktreeFolder, WorktreeRow,
};
use ripieno_store::{StoreError, TaskRow};
use std::{sync::Arc, time::Duration};
use tokio::sync::broadcast;

/// Talks to a running worker; cheap to clone.
#[derive(Clone, Debug)]
pub struct Handle {
    pub(crate) ctx: Ctx,
}

impl Handle {
    pub(crate) fn new(ctx: Ctx) -> Self {
        Handle { ctx }
    }

    /// The worker's own clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.ctx.now()
    }

    /// The socket the worker is reached at.
    #[must_use]
    pub fn socket(&self) -> &std::path::Path {
        &self.ctx.socket
    }

    /// The command that belongs to the worker.
    #[must_use]
    pub fn command(&self) -> &std::path::Path {
        &self.ctx.command
    }

    /// Ends when the worker stops.
    pub async fn stopped(&self) {
        self.ctx.stop.cancelled().await;
    }

    /// The task and attempt a token speaks for.
    #[must_use]
    pub fn bearer(&self, token: &str) -> Option<Authority> {
        self.ctx
            .tokens
            .bearer(token)
            .map(|(no, attempt)| Authority::Task { no, attempt })
    }

    /// The authority of a process by its descent: a task's when it is below one, whatever it sends or leaves out.
    pub async fn authority_of(&self, pid: Option<i32>, surface: &str) -> Authority {
        let person = Authority::Person {
            surface: surface.to_owned(),
        };
        let Some(pid) = pid else { return person };
        let live = self.ctx.live();
        let supervisors: Vec<(i32, TaskNo, u32)> = live
            .iter()
            .filter_map(|(no, actor)| {
                let pid = *actor
                    .pid
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                pid.map(|pid| (pid, *no, actor.attempt))
            })
            .collect();
        let pids: Vec<i32> = supervisors.iter().map(|(pid, ..)| *pid).collect();
        let looked =
            tokio::task::spawn_blocking(move || ripieno_agents::process::descends_from(pid, &pids))
                .await;
        let Ok(descent) = looked else {
            return Authority::Stale;
        };
        if let Some((_, no, attempt)) = supervisors
            .iter()
            .find(|(pid, ..)| Some(*pid) == descent.supervisor)
        {
            return Authority::Task {
                no: *no,
                attempt: *attempt,
            };
        }
        for marker in descent.tasks {
            let Ok(id) = marker.parse::<uuid::Uuid>() else {
                continue;
            };
            match self
                .ctx
                .store
                .read(move |r| r.find(&Reference::Id(id)))
                .await
            {
                Ok(no) => {
                    return match self.ctx.actor(no) {
                        Some(actor) => Authority::Task {
                            no,
                            attempt: actor.attempt,
                        },
                        None => Authority::Stale,
                    };
                }
                // A task of another worker, inside which this one was started.
                Err(StoreError::NotFound { .. }) => {}
                Err(_) => return Authority::Stale,
            }
        }
        match descent.suspect {
            true => Authority::Stale,
            false => person,
        }
    }

    /// Events committed from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.ctx.store.subscribe()
    }

    /// Events after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn events_since(&self, seq: i64, limit: usize) -> Result<Vec<Event>, DaemonError> {
        Ok(self
            .ctx
            .store
            .read(move |r| r.events_since(seq, limit))
            .await?)
    }

    pub(crate) async fn find(&self, reference: &str) -> Result<TaskNo, DaemonError> {
        let parsed = Reference::parse(reference, 'T')
            .map_err(|bad| DaemonError::NotFound(bad.to_string()))?;
        let shown = reference.to_owned();
        self.ctx
            .store
            .read(move |r| r.find(&parsed))
            .await
            .map_err(|error| match error {
                StoreError::NotFound { .. } => DaemonError::NotFound(format!(
                    "there is no task {shown}: `ripieno task list` shows those there are"
                )),
                StoreError::Ambiguous { .. } => DaemonError::Invalid(error.to_string()),
                other => other.into(),
            })
    }

    pub(crate) async fn find_ask(&self, reference: &str) -> Result<AskNo, DaemonError> {
        let parsed = Reference::parse(reference, 'A')
            .map_err(|bad| DaemonError::NotFound(bad.to_string()))?;
        let shown = reference.to_owned();
        self.ctx
            .store
            .read(move |r| r.find_ask(&parsed))
            .await
            .map_err(|error| match error {
                StoreError::NotFound { .. } => DaemonError::NotFound(format!(
                    "there is no ask {shown}: `ripieno ask list` shows those that are open"
                )),
                StoreError::Ambiguous { .. } => DaemonError::Invalid(error.to_string()),
                other => other.into(),
            })
    }

    pub(crate) async fn row(&self, no: TaskNo) -> Result<TaskRow, DaemonError> {
        Ok(self.ctx.store.read(move |r| r.task(no)).await?)
    }

    /// Waits until `check` gives something, looking again after every event and whenever an attempt has left; `None` when `limit` is over first.
    pub(crate) async fn wait_until<T, C, F>(
        &self,
        limit: Option<Duration>,
        mut check: C,
    ) -> Result<Option<T>, DaemonError>
    where
        C: FnMut() -> F,
        F: Future<Output = Result<Option<T>, DaemonError>>,
    {
        let deadline = limit.map(|limit| tokio::time::Instant::now() + limit);
        let mut feed = self.subscribe();
        loop {
            // An attempt leaves a moment after its last event. Made before the look: it hears of what happens meanwhile.
            let left = self.ctx.live_changed.notified();
            if let Some(found) = check().await? {
                return Ok(Some(found));
            }
            tokio::select! {
                // A lag is news as well.
                _ = feed.recv() => {}
                () = left => {}
                () = self.ctx.stop.cancelled() => return Err(crate::worker::stopping()),
                // It may have come in the same moment.
                () = until(deadline) => return check().await,
            }
        }
    }
}

async fn until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Authority {
    /// The person's authority, needed for everything that a task may not do (cli.md).
    ///
    /// # Errors
    /// Forbidden, naming what was tried.
    pub fn person(&self, what: &str) -> Result<&str, DaemonError> {
        match self {
            Authority::Person { surface } => Ok(surface),
            Authority::Task { no, .. } => Err(DaemonError::Forbidden(format!(
                "{no} may not {what}: that is for the person to do"
            ))),
            Authority::Stale => Err(DaemonError::Forbidden(format!(
                "a process left over from an ended task may not {what}"
            ))),
        }
    }
}
