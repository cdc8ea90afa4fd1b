//! What follows from a transition, carried out in the same transaction (architecture 1.4).

use super::{
    Res, Tx,
    transition::{Claimer, Followers},
};
use crate::{NewOutbox, StoreError, hot::Hot};
use ripieno_core::{
    ask::{AskKind, AskOption, AskPurpose, AskSpec, STOP},
    effect::{AttemptEnd, Effect},
    event::TaskEvent,
    id::TaskNo,
    state::{StateKind, TaskState},
};
use serde_json::json;

impl Tx<'_> {
    pub(super) fn carry_out(
        &mut self,
        effect: &Effect,
        hot: &Hot,
        new: &Hot,
        claimer: Option<&Claimer<'_>>,
        text: Option<&str>,
        followers: &mut Followers,
    ) -> Res<()> {
        let no = hot.no;
        match effect {
            Effect::OpenAttempt => self.open_attempt(new, claimer),
            Effect::EndAttempt(end) => self.end_attempt(hot, end, text),
            Effect::OpenAsk { kind, purpose } => self.machine_ask(new, *kind, *purpose, text),
            Effect::CloseAsks => self.close_asks(hot),
            Effect::CascadeCancel => {
                let children = self.open_children_of(no)?;
                followers.extend(
                    children
                        .into_iter()
                        .map(|c| (c, TaskEvent::CancelRequested)),
                );
                Ok(())
            }
            Effect::CascadePause { paused } => {
                let event = if *paused {
                    TaskEvent::PauseRequested
                } else {
                    TaskEvent::ResumeRequested
                };
                let children = self.open_children_of(no)?;
                followers.extend(children.into_iter().map(|c| (c, event.clone())));
                Ok(())
            }
            Effect::WakeParent => self.wake_parent(hot, followers),
            Effect::WakeDependants { done } => self.wake_dependants(no, *done, followers),
            Effect::PutBackDependants => self.put_back_dependants(no, followers),
            Effect::ReleaseFolder => self.release_folder(new),
            Effect::DropSession => {
                self.exec(
                    "UPDATE task_resume SET session = NULL WHERE task_no = ?1",
                    [no.0],
                )?;
                Ok(())
            }
            Effect::NotifyFailed | Effect::NotifyNeedsInput => self.notify(new),
        }
    }

    fn open_attempt(&mut self, new: &Hot, claimer: Option<&Claimer<'_>>) -> Res<()> {
        let Some(claimer) = claimer else {
            return Err(StoreError::bad_row("tasks", new.no, "claimed by nobody"));
        };
        let id = claimer.attempt_id.0.into_bytes();
        self.exec(
            "INSERT INTO attempts (task_no, n, id, lane, claimed_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (
                new.no.0,
                new.task.attempt,
                id,
                claimer.lane.as_str(),
                self.now.0,
            ),
        )?;
        Ok(())
    }

    fn end_attempt(&mut self, hot: &Hot, end: &AttemptEnd, text: Option<&str>) -> Res<()> {
        let class = match end {
            AttemptEnd::Failed(class) => Some(class.name()),
            AttemptEnd::Completed
            | AttemptEnd::Yielded
            | AttemptEnd::Suspended
            | AttemptEnd::Stopped
            | AttemptEnd::Lost => None,
        };
        self.exec(
            "UPDATE attempts SET end = ?1, class = ?2, text = ?3, started_at = ?4, ended_at = ?5 \
             WHERE task_no = ?6 AND n = ?7 AND end IS NULL",
            (
                end.name(),
                class,
                text,
                hot.running_since.map(|at| at.0),
                self.now.0,
                hot.no.0,
                hot.task.attempt,
            ),
        )?;
        Ok(())
    }

    fn machine_ask(
        &mut self,
        new: &Hot,
        kind: AskKind,
        purpose: AskPurpose,
        text: Option<&str>,
    ) -> Res<()> {
        let spec = machine_ask(kind, purpose, text);
        self.insert_ask(&super::asks::Row {
            task: Some(new.no),
            lane: None,
            attempt: Some(new.task.attempt),
            movement: "",
            spec: &spec,
        })?;
        Ok(())
    }

    /// An ask is open only while its task needs input, so that every other state has none to close.
    fn close_asks(&mut self, hot: &Hot) -> Res<()> {
        if hot.task.state.kind() != StateKind::NeedsInput {
            return Ok(());
        }
        self.exec(
            "UPDATE asks SET closed_at = ?1, revision = revision + 1 \
             WHERE task_no = ?2 AND answered_at IS NULL AND closed_at IS NULL",
            (self.now.0, hot.no.0),
        )?;
        Ok(())
    }

    fn open_children_of(&self, no: TaskNo) -> Res<Vec<TaskNo>> {
        self.numbers(
            "SELECT no FROM tasks WHERE parent_no = ?1 AND finished_at IS NULL ORDER BY no",
            no,
        )
    }

    fn wake_parent(&mut self, hot: &Hot, followers: &mut Followers) -> Res<()> {
        let Some(parent) = hot.parent else {
            return Ok(());
        };
        if self.open_children(parent)? == 0 {
            followers.push_back((parent, TaskEvent::SubtasksSettled));
        }
        Ok(())
    }

    fn wake_dependants(&mut self, no: TaskNo, done: bool, followers: &mut Followers) -> Res<()> {
        let waiting = self.numbers(
            "SELECT d.task_no FROM task_deps d JOIN tasks t ON t.no = d.task_no \
             WHERE d.needs_no = ?1 AND t.wait_on = 'dependencies' ORDER BY d.task_no",
            no,
        )?;
        for dependant in waiting {
            if !done {
                followers.push_back((dependant, TaskEvent::DependencyFailed { task: no }));
            } else if self.unmet_dependency(dependant)?.is_none() {
                followers.push_back((dependant, TaskEvent::DependenciesMet));
            }
        }
        Ok(())
    }

    /// Those that failed only because of this one wait for it again (T5).
    fn put_back_dependants(&mut self, no: TaskNo, followers: &mut Followers) -> Res<()> {
        let failed = self.numbers(
            "SELECT d.task_no FROM task_deps d JOIN tasks t ON t.no = d.task_no \
             WHERE d.needs_no = ?1 AND t.class = 'dependency_failed' AND NOT EXISTS ( \
                 SELECT 1 FROM task_deps o JOIN tasks n ON n.no = o.needs_no \
                 WHERE o.task_no = d.task_no AND n.state IN ('failed', 'dead', 'cancelled')) \
             ORDER BY d.task_no",
            no,
        )?;
        followers.extend(
            failed
                .into_iter()
                .map(|t| (t, TaskEvent::Reopened { unmet: true })),
        );
        Ok(())
    }

    /// Locks belong to roots (D9): a child's end gives none back.
    fn release_folder(&mut self, new: &Hot) -> Res<()> {
        if new.folder && new.parent.is_none() {
            self.drop_locks_of(new.no)?;
        }
        Ok(())
    }

    fn notify(&mut self, new: &Hot) -> Res<()> {
        let state = new.task.state.kind().name();
        let class = match &new.task.state {
            TaskState::Failed { class } | TaskState::Dead { class } => Some(class.name()),
            _ => None,
        };
        self.outbox_add(&NewOutbox {
            task: Some(new.no),
            channel: "notify".to_owned(),
            idem_key: format!("{}:{state}:{}", new.id, new.version),
            payload: json!({
                "task": new.id.to_string(),
                "short_id": new.no.to_string(),
                "state": state,
                "class": class,
                "child": new.parent.is_some(),
            }),
            due_at: self.now,
        })?;
        Ok(())
    }
}

/// What the machine itself asks, in words.
fn machine_ask(kind: AskKind, purpose: AskPurpose, text: Option<&str>) -> AskSpec {
    let said = text.filter(|t| !t.trim().is_empty());
    let with = |lead: &str| match said {
        Some(said) => format!("{lead}\n\n{said}"),
        None => lead.to_owned(),
    };
    let stop = || AskOption::new(STOP, "Stop the task");
    let mut spec = AskSpec::question("");
    spec.kind = kind;
    spec.purpose = purpose;
    spec.allows_text = false;
    match purpose {
        AskPurpose::RunAgain => {
            spec.text = with("The run was cut off. Run it again, or stop?");
            spec.options = vec![AskOption::new("again", "Run again"), stop()];
        }
        AskPurpose::Budget => {
            spec.text = with("A limit of this task is reached. Go on with more, or stop?");
            spec.options = vec![AskOption::new("more", "Go on with more"), stop()];
        }
        AskPurpose::Review => {
            spec.text = with("The work is finished. Accept it, ask for changes, or discard it?");
            spec.options = vec![
                AskOption::new("accept", "Accept"),
                AskOption::new("changes", "Request changes"),
                AskOption::new("discard", "Discard"),
            ];
            spec.allows_text = true;
        }
        AskPurpose::Performer | AskPurpose::Lane | AskPurpose::Trust | AskPurpose::Storage => {
            match kind {
                AskKind::SignIn => {
                    spec.text = with("A login is needed before the task can go on.");
                    spec.options = vec![AskOption::new("done", "I have signed in")];
                }
                AskKind::Question
                | AskKind::Approval
                | AskKind::Budget
                | AskKind::Review
                | AskKind::Drain => {
                    spec.text = with("The task cannot go on without help.");
                    spec.allows_text = true;
                }
            }
        }
    }
    spec
}
