//! A task as surfaces show it: the row, why it waits, what it asks, used and delivered.

use super::{Authority, Handle, Listing};
use crate::{ctx::Pulse, error::DaemonError, floor::RowFacts, worktree};
use ripieno_agents::transcript::{Page, Query, Reader as LogReader};
use ripieno_core::{
    ask::Ask,
    budget::Caps,
    hold::{Hold, hold},
    id::{TaskId, TaskNo},
    notes::Notes,
    receipt::Receipt,
    state::StateKind,
};
use ripieno_store::{
    AttemptRow, ChangesSum, MovementRow, Reader, ShownState, StoreError, TaskFilter, TaskRow,
    UsageSum, WorktreeRow,
};
use std::{path::PathBuf, sync::PoisonError};
use tokio::sync::watch;

/// Everything a view of a task is made of.
#[derive(Clone, Debug)]
pub struct Detail {
    /// The row.
    pub row: TaskRow,
    /// Why it may not start now, or what it waits for.
    pub hold: Option<Hold>,
    /// Its open asks, oldest first.
    pub asks: Vec<Ask>,
    /// Its parent, children and dependencies by id.
    pub parent: Option<TaskId>,
    /// Its children.
    pub children: Vec<TaskId>,
    /// What it depends on.
    pub depends_on: Vec<TaskId>,
    /// The first task of its thread.
    pub thread: TaskId,
    /// What it used, per model.
    pub usage: Vec<UsageSum>,
    /// What it may use, with what a person has added (T17).
    pub budget: Caps,
    /// What it reported last.
    pub receipt: Option<Receipt>,
    /// Its attempts.
    pub attempts: Vec<AttemptRow>,
    /// Its movements.
    pub movements: Vec<MovementRow>,
    /// How much it changed, once it has ended.
    pub changes: Option<ChangesSum>,
    /// What it does now, while an attempt is live (O4).
    pub pulse: Option<Pulse>,
    /// Where it works.
    pub workdir: PathBuf,
    /// The worktree it works in, once there is one.
    pub tree: Option<WorktreeRow>,
    /// Where its outputs are.
    pub outputs: PathBuf,
    /// What its performers wrote down.
    pub notes: Notes,
}

/// What rows say of one task, read in one snapshot.
struct Facts {
    row: TaskRow,
    facts: RowFacts,
    asks: Vec<Ask>,
    parent: Option<TaskId>,
    children: Vec<TaskId>,
    depends_on: Vec<TaskId>,
    thread: TaskId,
    usage: Vec<UsageSum>,
    budget: Caps,
    receipt: Option<Receipt>,
    attempts: Vec<AttemptRow>,
    movements: Vec<MovementRow>,
    changes: Option<ChangesSum>,
    tree: Option<WorktreeRow>,
    notes: Notes,
}

impl Handle {
    /// One task.
    ///
    /// # Errors
    /// NotFound; Forbidden for a task that looks outside its own family (W6).
    pub async fn task(&self, by: &Authority, reference: &str) -> Result<Detail, DaemonError> {
        let no = self.find(reference).await?;
        let facts = self.ctx.store.read(move |r| facts(r, no)).await?;
        self.may_read(by, &facts.row).await?;
        Ok(self.detail(facts))
    }

    /// A page of tasks, newest first, and the cursor of the next.
    ///
    /// # Errors
    /// Invalid for an unknown state or cursor.
    pub async fn tasks(
        &self,
        by: &Authority,
        listing: &Listing,
    ) -> Result<(Vec<Detail>, Option<String>), DaemonError> {
        let family = self.family(by).await?;
        let filter = filter(listing)?;
        let read = self.ctx.store.read(move |r| {
            let page = r.list(&filter)?;
            let mut all = Vec::new();
            for row in page.tasks {
                if family.is_none_or(|root| row.root == root) {
                    all.push(facts(r, row.no)?);
                }
            }
            Ok((all, page.next))
        });
        let (all, next) = read.await?;
        Ok((
            all.into_iter().map(|f| self.detail(f)).collect(),
            next.map(|no| no.0.to_string()),
        ))
    }

    /// Why a task waits (S2).
    ///
    /// # Errors
    /// NotFound.
    pub async fn why(&self, by: &Authority, reference: &str) -> Result<Option<Hold>, DaemonError> {
        Ok(self.task(by, reference).await?.hold)
    }

    /// A page of the transcript.
    ///
    /// # Errors
    /// NotFound; Forbidden outside the family.
    pub async fn logs(
        &self,
        by: &Authority,
        reference: &str,
        query: Query,
    ) -> Result<Page, DaemonError> {
        let no = self.find(reference).await?;
        let row = self.row(no).await?;
        self.may_read(by, &row).await?;
        let reader = LogReader::new(crate::task::attempts_dir(
            &self.ctx.home,
            &row.id.to_string(),
        ));
        let read = tokio::task::spawn_blocking(move || reader.page(query));
        read.await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))?
            .map_err(|error| {
                DaemonError::Internal(format!("the log of {no} cannot be read: {error}"))
            })
    }

    /// The number of the last entry of a live attempt's transcript, as it grows; `None` when none is live.
    ///
    /// # Errors
    /// NotFound.
    pub async fn log_watch(
        &self,
        reference: &str,
    ) -> Result<Option<watch::Receiver<u64>>, DaemonError> {
        let no = self.find(reference).await?;
        Ok(self.ctx.actor(no).map(|actor| actor.logged.subscribe()))
    }

    /// The files that hold what the performer printed, oldest first.
    ///
    /// # Errors
    /// NotFound.
    pub async fn raw_logs(
        &self,
        by: &Authority,
        reference: &str,
        attempt: Option<u32>,
    ) -> Result<Vec<PathBuf>, DaemonError> {
        let no = self.find(reference).await?;
        let row = self.row(no).await?;
        self.may_read(by, &row).await?;
        let attempts = attempt.map_or(1..=row.task.attempt, |n| n..=n);
        let id = row.id.to_string();
        Ok(attempts
            .map(|n| self.ctx.home.attempt_dir(&id, n).join("raw.log"))
            .filter(|p| p.exists())
            .collect())
    }

    /// A task reads its own family only (W6).
    pub(super) async fn may_read(&self, by: &Authority, row: &TaskRow) -> Result<(), DaemonError> {
        match self.family(by).await? {
            Some(root) if root != row.root => Err(DaemonError::Forbidden(format!(
                "{} belongs to another family of tasks",
                row.no
            ))),
            Some(_) | None => Ok(()),
        }
    }

    async fn family(&self, by: &Authority) -> Result<Option<TaskNo>, DaemonError> {
        match by {
            Authority::Person { .. } => Ok(None),
            Authority::Task { no, .. } => Ok(Some(self.row(*no).await?.root)),
            Authority::Stale => Err(DaemonError::Forbidden(
                "a process left over from an ended task reads nothing".to_owned(),
            )),
        }
    }

    fn detail(&self, facts: Facts) -> Detail {
        let view = self
            .ctx
            .floor
            .view(self.ctx.now(), self.ctx.gate_hold(), facts.facts);
        let hold = hold(&facts.row.candidate(), &view);
        let id = facts.row.id.to_string();
        let pulse = self.ctx.actor(facts.row.no).map(|actor| {
            actor
                .pulse
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone()
        });
        Detail {
            hold,
            pulse,
            workdir: worktree::work_folder(
                &self.ctx.home,
                &facts.row.spec,
                &facts.thread.to_string(),
                facts.tree.as_ref(),
            ),
            tree: facts.tree,
            outputs: self.ctx.home.task_outputs(&id),
            asks: facts.asks,
            parent: facts.parent,
            children: facts.children,
            depends_on: facts.depends_on,
            thread: facts.thread,
            usage: facts.usage,
            budget: facts.budget,
            receipt: facts.receipt,
            attempts: facts.attempts,
            movements: facts.movements,
            changes: facts.changes,
            notes: facts.notes,
            row: facts.row,
        }
    }
}

fn facts(r: &Reader<'_>, no: TaskNo) -> Result<Facts, StoreError> {
    let row = r.task(no)?;
    let ids = |numbers: Vec<TaskNo>| -> Result<Vec<TaskId>, StoreError> {
        numbers.into_iter().map(|no| Ok(r.task(no)?.id)).collect()
    };
    let kind = row.task.state.kind();
    let asks = r.asks_of(no)?;
    let budget = Caps::new(row.spec.budget_tokens, row.spec.budget_micros).raised(&asks);
    Ok(Facts {
        budget,
        facts: RowFacts {
            unmet: if kind == StateKind::Waiting {
                r.unmet_dependency(no)?
            } else {
                None
            },
            children: r.open_children(no)?,
            ask: r.open_ask(no)?,
        },
        asks: asks
            .into_iter()
            .filter(|a| a.answered.is_none() && a.closed_at.is_none())
            .collect(),
        parent: row
            .parent
            .map(|parent| r.task(parent))
            .transpose()?
            .map(|parent| parent.id),
        children: ids(r.children(no)?)?,
        depends_on: ids(r.dependencies(no)?)?,
        thread: if row.thread == no {
            row.id
        } else {
            r.task(row.thread)?.id
        },
        usage: r.usage_sums(no)?,
        receipt: r.receipt(no)?.map(|receipt| receipt.receipt),
        attempts: r.attempts(no)?,
        movements: r.movements(no)?,
        changes: if kind.is_terminal() {
            r.changes_sum(no)?
        } else {
            None
        },
        tree: worktree::of(r, &row)?,
        notes: r.notes(no)?,
        row,
    })
}

fn filter(listing: &Listing) -> Result<TaskFilter, DaemonError> {
    let mut states = Vec::new();
    for word in &listing.states {
        states.push(if word == "paused" {
            ShownState::Paused
        } else {
            ShownState::Is(StateKind::from_name(word).ok_or_else(|| {
                let known: Vec<&str> = StateKind::ALL.iter().map(|kind| kind.name()).collect();
                DaemonError::Invalid(format!(
                    "`{word}` is no state: choose from {}, paused",
                    known.join(", ")
                ))
            })?)
        });
    }
    let after = listing
        .after
        .as_ref()
        .map(|cursor| cursor.parse().map(TaskNo))
        .transpose();
    let after = after.map_err(|_| {
        DaemonError::Invalid(
            "the cursor is not one of ours: take `next` of the page before".to_owned(),
        )
    })?;
    Ok(TaskFilter {
        states,
        labels: listing.labels.clone(),
        search: listing.search.clone(),
        after,
        limit: usize::try_from(listing.limit).unwrap_or(usize::MAX),
    })
}
