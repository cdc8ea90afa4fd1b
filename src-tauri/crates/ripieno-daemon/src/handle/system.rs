//! The worker as a whole: status, pause, runtimes, locks.

use super::{Authority, Handle};
use crate::{
    environment::Resolved,
    error::DaemonError,
    pause,
    runtimes::{self, Runtime},
    update::Phase,
};
use ripieno_core::{hold::GateHold, lane::LaneId, time::Timestamp};
use ripieno_store::ShownState;
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
};

/// What the worker does, in one word (cli.md, `status`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum WorkerState {
    Starting,
    Running,
    Paused,
    Updating,
    Stopping,
}

/// A lane in `status`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct LaneStatus {
    /// Which.
    pub lane: LaneId,
    /// Slots in use.
    pub active: u32,
    /// Slots there are.
    pub limit: Option<u32>,
    /// Held until then.
    pub held_until: Option<Timestamp>,
    /// Why.
    pub hold_reason: Option<String>,
    /// Its login was rejected.
    pub signed_out: bool,
    /// It is drained.
    pub drained: bool,
    /// What is missing.
    pub missing: Option<String>,
}

/// The worker at a glance.
#[derive(Clone, Debug)]
pub struct Status {
    /// What it does.
    pub state: WorkerState,
    /// When the pause ends.
    pub paused_until: Option<Timestamp>,
    /// Too little room on the disk: bytes free.
    pub low_disk: Option<u64>,
    /// Tasks by shown state.
    pub counts: BTreeMap<String, u64>,
    /// Slots in use.
    pub used: u32,
    /// Slots there are.
    pub total: u32,
    /// Lanes.
    pub lanes: Vec<LaneStatus>,
    /// Open asks.
    pub asks: u64,
    /// Failed tasks nobody has seen.
    pub unseen_failures: u64,
    /// The version that is ready to be installed.
    pub update: Option<semver::Version>,
    /// How many tasks have to end first.
    pub update_waits_for: usize,
}

impl Handle {
    /// The worker at a glance.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn status(&self) -> Result<Status, DaemonError> {
        let read = self
            .ctx
            .store
            .read(|r| Ok((r.open_asks()?, r.unseen_failures()?)));
        let (asks, unseen_failures) = read.await?;
        let counts = self.ctx.store.counts().await?;
        let (state, paused_until) = match self.ctx.gate_hold() {
            None | Some(GateHold::DiskSpace { .. }) => (WorkerState::Running, None),
            Some(GateHold::Paused { until }) => (WorkerState::Paused, until),
            Some(GateHold::Starting) => (WorkerState::Starting, None),
            Some(GateHold::Stopping) => (WorkerState::Stopping, None),
            Some(GateHold::Updating) => (WorkerState::Updating, None),
        };
        let update = self.update_status();
        let is_here = matches!(update.phase, Phase::Ready | Phase::Installing);
        let update = update.version.filter(|_| is_here);
        let (used, total) = self.ctx.floor.slots();
        let lanes = self.ctx.floor.lanes().into_iter().map(|view| LaneStatus {
            lane: view.lane.id,
            active: view.used,
            limit: view.limit,
            held_until: view.lane.held_until.filter(|at| *at > self.ctx.now()),
            hold_reason: view.lane.hold_reason,
            signed_out: view.lane.signed_out,
            drained: view.lane.drained_at.is_some(),
            missing: view.lane.missing.map(|(_, what)| what),
        });
        Ok(Status {
            state,
            paused_until,
            low_disk: *self
                .ctx
                .low_disk
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
            counts: counts
                .into_iter()
                .map(|(state, n)| (shown(state).to_owned(), n))
                .collect(),
            used,
            total,
            lanes: lanes.collect(),
            asks,
            unseen_failures,
            update_waits_for: update.as_ref().map_or(0, |_| self.update_waits_for()),
            update,
        })
    }

    /// Pauses the whole worker (S4).
    ///
    /// # Errors
    /// Forbidden for a task; Invalid for a time that has passed.
    pub async fn pause(
        &self,
        by: &Authority,
        until: Option<Timestamp>,
        suspend: bool,
    ) -> Result<(), DaemonError> {
        by.person("pause the worker")?;
        if until.is_some_and(|at| at <= self.ctx.now()) {
            return Err(DaemonError::Invalid(
                "the pause would end in the past: give a later time".to_owned(),
            ));
        }
        Ok(pause::pause(&self.ctx, until, suspend).await?)
    }

    /// Resumes the whole worker.
    ///
    /// # Errors
    /// Forbidden for a task.
    pub async fn resume(&self, by: &Authority) -> Result<(), DaemonError> {
        by.person("resume the worker")?;
        Ok(pause::resume(&self.ctx).await?)
    }

    /// What was found of agents; looked for again on request (A1).
    pub async fn runtimes(&self, refresh: bool) -> Vec<Runtime> {
        // Agents of the person's own may have been written down since.
        if refresh && let Err(error) = self.reload().await {
            tracing::warn!(%error, "the settings stay as they are");
        }
        runtimes::discover(&self.ctx, refresh).await;
        self.ctx
            .runtimes
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The environment that agents are looked for with, and how it came about (R11).
    pub async fn environment(&self) -> Arc<Resolved> {
        self.ctx.resolved_environment().await
    }
}

/// The word people see (cli.md, Views).
#[must_use]
pub fn shown(state: ShownState) -> &'static str {
    match state {
        ShownState::Is(kind) => kind.name(),
        ShownState::Paused => "paused",
    }
}
