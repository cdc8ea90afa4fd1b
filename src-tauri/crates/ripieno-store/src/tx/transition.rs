//! The one way a state changes: load, `core::apply`, update where the version is as read, event, effects.

use super::{Applied, Claimed, Extra, NewEvent, Res, Tx};
use crate::{
    Owner, ShownState, StoreError,
    hot::{Changes, Hot, borrowed, number},
    tally::Move,
};
use ripieno_core::{
    apply::{Refused, Transition, apply},
    event::{EventKind, TaskEvent},
    hold::PARKED_ON_TIME,
    id::{AttemptId, TaskNo},
    lane::LaneId,
    retry::RetryPolicy,
    state::{Lease, LeaseToken, StateKind, TaskState},
    task::{Policy, Task},
};
use serde_json::{Map, Value, json};
use std::collections::VecDeque;

/// Events that follow from a transition, for other tasks.
pub(super) type Followers = VecDeque<(TaskNo, TaskEvent)>;

/// Who claims, and where.
pub(super) struct Claimer<'a> {
    pub(super) lane: &'a LaneId,
    pub(super) owner: &'a Owner,
    pub(super) attempt_id: AttemptId,
}

impl Tx<'_> {
    /// Applies an event to a task and carries out what follows from it, in this transaction (architecture 4.1).
    /// Counts of open children and unmet dependencies in the event are replaced by the true ones. Claims go
    /// through [`Tx::claim`].
    ///
    /// # Errors
    /// [`StoreError::Refused`]; [`StoreError::KeyTaken`] for a reopening.
    pub fn transition(
        &mut self,
        no: TaskNo,
        event: &TaskEvent,
        fence: Option<LeaseToken>,
        extra: Extra,
    ) -> Res<Applied> {
        if event.kind() == EventKind::Claimed {
            let state = self.hot(no)?.task.state.kind();
            return Err(StoreError::Refused {
                task: no,
                source: Refused::Illegal {
                    state,
                    event: EventKind::Claimed,
                },
            });
        }
        self.settle(no, event, fence, extra, None)
    }

    /// Claims a queued task: a new lease, a new attempt.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is not queued, paused, or not due.
    pub fn claim(&mut self, no: TaskNo, lane: &LaneId, owner: &Owner) -> Res<Claimed> {
        // The place of the claim in the log is unique for ever, and so is the token.
        let lease = Lease {
            token: LeaseToken(self.pen.next_seq),
        };
        let attempt_id = AttemptId(self.pen.shared.random.uuid(self.now));
        let claimer = Claimer {
            lane,
            owner,
            attempt_id,
        };
        let event = TaskEvent::Claimed { lease };
        let applied = self.settle(no, &event, None, Extra::default(), Some(&claimer))?;
        Ok(Claimed {
            lease,
            attempt: applied.task.attempt,
            attempt_id,
            seq: applied.seq,
        })
    }

    /// Reopens an ended task; `fresh` drops the session and the resume point.
    ///
    /// # Errors
    /// [`StoreError::Refused`], [`StoreError::KeyTaken`].
    pub fn reopen(&mut self, no: TaskNo, fresh: bool) -> Res<Applied> {
        let event = TaskEvent::Reopened { unmet: false };
        let applied = self.transition(no, &event, None, Extra::default())?;
        if fresh {
            self.exec("DELETE FROM task_resume WHERE task_no = ?1", [no.0])?;
        }
        Ok(applied)
    }

    /// Applies the event, then what follows for other tasks, which may refuse it without harm.
    fn settle(
        &mut self,
        no: TaskNo,
        event: &TaskEvent,
        fence: Option<LeaseToken>,
        extra: Extra,
        claimer: Option<&Claimer<'_>>,
    ) -> Res<Applied> {
        let mut followers = Followers::new();
        let applied = self.step(no, event, fence, extra, claimer, &mut followers)?;
        while let Some((no, event)) = followers.pop_front() {
            match self.step(no, &event, None, Extra::default(), None, &mut followers) {
                Ok(_) | Err(StoreError::Refused { .. } | StoreError::KeyTaken { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(applied)
    }

    fn step(
        &mut self,
        no: TaskNo,
        event: &TaskEvent,
        fence: Option<LeaseToken>,
        extra: Extra,
        claimer: Option<&Claimer<'_>>,
        followers: &mut Followers,
    ) -> Res<Applied> {
        let hot = self.hot(no)?;
        let event = self.with_true_counts(&hot, event)?;
        self.refuse_taken_key(&hot, &event)?;
        let policy = self.policy(&hot);
        let Transition { next, effects } = apply(&hot.task, &event, fence, self.now, &policy)
            .map_err(|source| StoreError::Refused { task: no, source })?;
        let seq = self.pen.next_seq;
        let kind = event.kind();
        let failed_by = match &event {
            TaskEvent::DependencyFailed { task } => Some(*task),
            _ => None,
        };
        let text = failure_text(&event, &next, extra.failure_text.as_deref());
        let new = self.update(&hot, next, seq, claimer, text.as_deref(), failed_by)?;
        self.write_event(NewEvent {
            task: Some((no, hot.id)),
            attempt: (new.task.attempt > 0).then_some(new.task.attempt),
            kind: kind.name(),
            states: Some((hot.task.state.kind(), new.task.state.kind())),
            data: payload(&event, extra.data),
            prev: hot.last_seq,
        })?;
        self.pen.passed.push(kind.name());
        let shown = |hot: &Hot| ShownState::of(hot.task.state.kind(), hot.task.paused);
        if shown(&hot) != shown(&new) {
            self.pen.moves.push(Move {
                seq,
                from: Some(shown(&hot)),
                to: shown(&new),
            });
        }
        if new.task.state.lease().is_some() {
            self.pen.live.insert(no, new.clone());
        } else {
            self.pen.live.remove(&no);
        }
        for effect in &effects {
            self.carry_out(effect, &hot, &new, claimer, text.as_deref(), followers)?;
        }
        if left_unclaimed(&hot, &new) {
            self.pass_on(&hot)?;
        }
        Ok(Applied {
            from: hot.task.state.kind(),
            task: new.task,
            effects,
            seq,
        })
    }

    /// The only statement that changes a state: it writes what differs, if nobody else did.
    fn update(
        &mut self,
        hot: &Hot,
        next: Task,
        seq: i64,
        claimer: Option<&Claimer<'_>>,
        text: Option<&str>,
        failed_by: Option<TaskNo>,
    ) -> Res<Hot> {
        let mut new = Hot {
            task: next,
            version: hot.version + 1,
            last_seq: seq,
            ..hot.clone()
        };
        let mut changes = Changes::default();
        changes.machine(&hot.task, &new.task);
        self.set_owner(hot, &new, claimer, &mut changes);
        self.set_times(hot, &mut new, &mut changes);
        self.place(hot, &mut new, &mut changes);
        if new.task.finished_at.is_some() != hot.task.finished_at.is_some() {
            let failed = matches!(
                new.task.state,
                TaskState::Failed { .. } | TaskState::Dead { .. }
            );
            if failed || hot.task.finished_at.is_some() {
                changes.set("failure_text = ?", borrowed(text.filter(|_| failed)));
                changes.set("failed_by = ?", number(failed_by.map(|no| no.0)));
                changes.set("seen_at = ?", number(None));
            }
        }
        changes.set("last_seq = ?", number(Some(seq)));
        if hot.updated_at != self.now {
            changes.set("updated_at = ?", number(Some(self.now.0)));
            new.updated_at = self.now;
        }
        let sql = changes.sql();
        changes
            .values
            .extend([number(Some(hot.no.0)), number(Some(hot.version))]);
        if self.exec(&sql, rusqlite::params_from_iter(changes.values))? != 1 {
            self.pen.live.remove(&hot.no);
            return Err(StoreError::Conflict { task: hot.no });
        }
        Ok(new)
    }

    fn set_owner<'a>(
        &self,
        hot: &Hot,
        new: &Hot,
        claimer: Option<&'a Claimer<'_>>,
        changes: &mut Changes<'a>,
    ) {
        if let Some(claimer) = claimer {
            changes.set("lease_pid = ?", number(Some(i64::from(claimer.owner.pid))));
            changes.set(
                "lease_pid_started = ?",
                number(Some(claimer.owner.pid_started)),
            );
            changes.set("boot_id = ?", borrowed(Some(&claimer.owner.boot_id)));
            changes.set("ran_in = ?", borrowed(Some(claimer.lane.as_str())));
        } else if hot.task.state.lease().is_some() && new.task.state.lease().is_none() {
            changes.set_to("lease_pid = NULL, lease_pid_started = NULL, boot_id = NULL");
        }
    }

    fn set_times(&self, hot: &Hot, new: &mut Hot, changes: &mut Changes<'_>) {
        new.running_since = match (hot.task.state.kind(), new.task.state.kind()) {
            (StateKind::Leased, StateKind::Running) => Some(self.now),
            _ if new.task.state.lease().is_some() => hot.running_since,
            _ => None,
        };
        if new.running_since != hot.running_since {
            changes.set(
                "running_since = ?",
                number(new.running_since.map(|at| at.0)),
            );
        }
        if hot.started_at.is_none() && new.running_since.is_some() {
            new.started_at = new.running_since;
            changes.set("started_at = ?", number(Some(self.now.0)));
        }
    }

    /// Where the row stands in the index of its lane: a task that is not due yet waits outside it.
    fn place(&self, hot: &Hot, new: &mut Hot, changes: &mut Changes<'_>) {
        let due_at = match new.task.state {
            TaskState::Queued { not_before, .. } if !new.task.paused => {
                not_before.filter(|at| *at > self.now)
            }
            _ => None,
        };
        new.parked = due_at.is_some();
        if hot.parked || new.parked {
            changes.set("parked_on = ?", borrowed(due_at.map(|_| PARKED_ON_TIME)));
            changes.set("due_at = ?", number(due_at.map(|at| at.0)));
        }
        match (hot.is_claimable(), new.is_claimable()) {
            (true, false) => changes.set_to("queue = NULL"),
            (false, true) => changes.set_to("queue = lane"),
            (true, true) | (false, false) => {}
        }
        if hot.offered.is_some() {
            new.offered = None;
            changes.set_to("offered = NULL");
        }
    }

    fn policy(&self, hot: &Hot) -> Policy {
        let (base, cap) = self.pen.shared.retry();
        Policy {
            retry: RetryPolicy {
                max_tries: hot.max_tries,
                base,
                cap,
            },
            on_interrupt: hot.on_interrupt,
            review: hot.review,
            is_child: hot.parent.is_some(),
            not_before: hot.start_at,
        }
    }

    /// What the event says of other tasks is counted here, in the transaction that relies on it.
    fn with_true_counts(&self, hot: &Hot, event: &TaskEvent) -> Res<TaskEvent> {
        Ok(match event {
            TaskEvent::SubtasksAwaited { .. } => TaskEvent::SubtasksAwaited {
                open: self.open_children(hot.no)?,
            },
            TaskEvent::Completed { to_verify, .. } => TaskEvent::Completed {
                to_verify: *to_verify,
                open_children: self.open_children(hot.no)?,
            },
            TaskEvent::Reopened { .. } => TaskEvent::Reopened {
                unmet: self.unmet_dependency(hot.no)?.is_some(),
            },
            other => other.clone(),
        })
    }

    fn refuse_taken_key(&self, hot: &Hot, event: &TaskEvent) -> Res<()> {
        let reopens = matches!(event, TaskEvent::Reopened { .. } | TaskEvent::Rewound);
        if !reopens || !hot.has_key || !hot.task.state.is_terminal() {
            return Ok(());
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT no FROM tasks WHERE spawn_key = (SELECT spawn_key FROM tasks WHERE no = ?1) \
             AND finished_at IS NULL AND no <> ?1",
        )?;
        let mut rows = statement.query([hot.no.0])?;
        match rows.next()? {
            Some(row) => Err(StoreError::KeyTaken {
                by: TaskNo(row.get(0)?),
            }),
            None => Ok(()),
        }
    }
}

/// A task that was offered a place and leaves the queue without taking it passes the offer on.
fn left_unclaimed(hot: &Hot, new: &Hot) -> bool {
    hot.offered.is_some() && new.task.state.lease().is_none()
}

/// What is said of a failure; a dependency's is made here.
fn failure_text(event: &TaskEvent, next: &Task, given: Option<&str>) -> Option<String> {
    match event {
        TaskEvent::DependencyFailed { task } => {
            Some(format!("{task}, which it depends on, did not end done"))
        }
        TaskEvent::AsksSettled(_) if matches!(next.state, TaskState::Failed { .. }) => Some(
            given
                .unwrap_or("nobody answered in time, and the ask had no default")
                .to_owned(),
        ),
        _ => given.map(str::to_owned),
    }
}

/// What the log tells beside the two states.
fn payload(event: &TaskEvent, extra: Option<Value>) -> Option<Value> {
    let own = match event {
        TaskEvent::DependencyFailed { task } => json!({ "task": task.to_string() }),
        TaskEvent::SubtasksAwaited { open } => json!({ "open": open }),
        TaskEvent::Yielded(reason) => json!({ "reason": yield_name(*reason) }),
        TaskEvent::AttemptFailed { class, .. } => json!({ "class": class.name() }),
        TaskEvent::LeaseLost { crash, progress } => json!({ "crash": crash, "progress": progress }),
        TaskEvent::Asked { in_place } => json!({ "in_place": in_place }),
        TaskEvent::AsksSettled(settlement) => json!({ "settlement": settlement_name(*settlement) }),
        TaskEvent::Verified {
            merge_conflict: true,
        } => json!({ "merge_conflict": true }),
        TaskEvent::Completed { .. }
        | TaskEvent::Verified { .. }
        | TaskEvent::DependenciesMet
        | TaskEvent::SubtasksSettled
        | TaskEvent::Claimed { .. }
        | TaskEvent::Started
        | TaskEvent::WindowClosed
        | TaskEvent::Rejected
        | TaskEvent::VerificationImpossible
        | TaskEvent::PauseRequested
        | TaskEvent::ResumeRequested
        | TaskEvent::CancelRequested
        | TaskEvent::Stopped
        | TaskEvent::Reopened { .. }
        | TaskEvent::Rewound => Value::Null,
    };
    match (own, extra) {
        (Value::Null, None) => None,
        (Value::Null, Some(extra)) => Some(extra),
        (own, None) => Some(own),
        (own, Some(extra)) => Some(joined(own, extra)),
    }
}

fn joined(own: Value, extra: Value) -> Value {
    let mut map = match own {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    if let Value::Object(more) = extra {
        map.extend(more);
    }
    Value::Object(map)
}

fn yield_name(reason: ripieno_core::event::YieldReason) -> &'static str {
    use ripieno_core::event::YieldReason;
    match reason {
        YieldReason::DirectoryBusy => "directory_busy",
        YieldReason::Interrupted => "interrupted",
        YieldReason::Held => "held",
        YieldReason::BetweenMovements => "between_movements",
    }
}

fn settlement_name(settlement: ripieno_core::event::Settlement) -> &'static str {
    use ripieno_core::event::Settlement;
    match settlement {
        Settlement::Answered => "answered",
        Settlement::Accepted => "accepted",
        Settlement::ChangesRequested => "changes_requested",
        Settlement::Discarded => "discarded",
        Settlement::Expired => "expired",
        Settlement::Stop => "stop",
    }
}
