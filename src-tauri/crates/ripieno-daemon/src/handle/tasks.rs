//! What a person does with tasks: cancel, pause, resume, retry, comment, mark as seen.

use super::{
    Authority, Handle, Submit,
    submit::{Consent, Start},
};
use crate::{ctx::Signal, error::DaemonError};
use ripieno_core::{apply::Refused, event::TaskEvent, id::TaskNo, state::StateKind};
use ripieno_store::{Extra, StoreError, TaskRow};
use std::time::Duration;

/// What a comment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommentOutcome {
    /// It is stored and will reach the task.
    Stored,
    /// The task had ended: this one goes on in its thread (T23).
    FollowUp(TaskNo),
}

impl Handle {
    /// Stores the wish to cancel; asking for what is already so succeeds (T12).
    ///
    /// # Errors
    /// NotPossibleNow for a task that is done, failed or dead.
    pub async fn cancel(&self, by: &Authority, reference: &str) -> Result<TaskNo, DaemonError> {
        by.person("cancel tasks")?;
        let no = self.find(reference).await?;
        self.person_event(no, TaskEvent::CancelRequested).await?;
        self.ctx.signal(no, Signal::Wished);
        Ok(no)
    }

    /// Waits until the task is `cancelled`: every process of it is gone (T11).
    ///
    /// # Errors
    /// Timeout when `limit` is over first.
    pub async fn wait_cancelled(&self, no: TaskNo, limit: Duration) -> Result<(), DaemonError> {
        let ended = self
            .wait_until(Some(limit), || async move {
                let row = self.row(no).await?;
                Ok(row.task.state.is_terminal().then_some(()))
            })
            .await?;
        ended.ok_or_else(|| {
            DaemonError::Timeout(format!(
                "{no} is still being stopped after {} s; it will end cancelled",
                limit.as_secs()
            ))
        })
    }

    /// Marks a task as paused; on a live one the attempt is interrupted (T12).
    ///
    /// # Errors
    /// NotPossibleNow for a task that has ended.
    pub async fn pause_task(&self, by: &Authority, reference: &str) -> Result<TaskNo, DaemonError> {
        by.person("pause tasks")?;
        let no = self.find(reference).await?;
        self.person_event(no, TaskEvent::PauseRequested).await?;
        self.ctx.signal(no, Signal::Wished);
        Ok(no)
    }

    /// Takes the mark away.
    ///
    /// # Errors
    /// NotPossibleNow for a task that has ended.
    pub async fn resume_task(
        &self,
        by: &Authority,
        reference: &str,
    ) -> Result<TaskNo, DaemonError> {
        by.person("resume tasks")?;
        let no = self.find(reference).await?;
        self.person_event(no, TaskEvent::ResumeRequested).await?;
        self.ctx.wake.notify_one();
        Ok(no)
    }

    /// Reopens a failed, dead or cancelled task, in its session or fresh, with a comment if one is given (T23).
    ///
    /// # Errors
    /// NotPossibleNow for one that has not ended or is done; Conflict when an open task holds its key.
    pub async fn retry(
        &self,
        by: &Authority,
        reference: &str,
        fresh: bool,
        text: Option<String>,
    ) -> Result<TaskNo, DaemonError> {
        let surface = by.person("retry tasks")?.to_owned();
        let no = self.find(reference).await?;
        let write = self.ctx.store.write(move |tx| {
            if let Some(text) = &text {
                tx.comment(no, text, false, &surface)?;
            }
            tx.reopen(no, fresh)
        });
        write.await.map_err(|error| match error {
            StoreError::KeyTaken { .. } => DaemonError::Conflict(error.to_string()),
            other => other.into(),
        })?;
        self.ctx.wake.notify_one();
        Ok(no)
    }

    /// Comments on a task: it reaches the performer at its next turn boundary, joins the next prompt, or starts a
    /// follow-up of an ended task (T13, T23).
    ///
    /// # Errors
    /// Invalid for an empty comment.
    pub async fn comment(
        &self,
        by: &Authority,
        reference: &str,
        text: &str,
        quiet: bool,
    ) -> Result<CommentOutcome, DaemonError> {
        let surface = by.person("comment on tasks")?.to_owned();
        if text.trim().is_empty() {
            return Err(DaemonError::Invalid(
                "the comment is empty: say something".to_owned(),
            ));
        }
        let no = self.find(reference).await?;
        let words = text.to_owned();
        let stored = self.ctx.store.write(move |tx| {
            // One decision with the write: a task that ends meanwhile would swallow the comment.
            if tx.task(no)?.task.state.is_terminal() && !quiet {
                return Ok(false);
            }
            tx.comment(no, &words, quiet, &surface).map(|_| true)
        });
        if !stored.await? {
            let row = self.row(no).await?;
            return self
                .follow_up(&row, text, Start::Session(no))
                .await
                .map(CommentOutcome::FollowUp);
        }
        self.ctx.signal(no, Signal::News);
        Ok(CommentOutcome::Stored)
    }

    /// The same work surroundings, the comment as the task; the session goes on where that is safe (R4).
    pub(super) async fn follow_up(
        &self,
        row: &TaskRow,
        text: &str,
        start: Start,
    ) -> Result<TaskNo, DaemonError> {
        let spec = &row.spec;
        let request = Submit {
            prompt: text.to_owned(),
            piece: Some(spec.piece.name.clone()),
            agent: spec.agent.clone(),
            model: spec.model.clone(),
            effort: spec.effort.clone(),
            dir: spec.dir.clone().map(Into::into),
            mode: Some(spec.mode),
            approvals: Some(spec.approvals.clone()),
            checks: spec.checks.clone(),
            priority: spec.priority,
            continues: Some(row.no.to_string()),
            labels: spec.labels.clone(),
            env_names: spec.env_names.clone(),
            skills: spec.skills.iter().map(|skill| skill.name.clone()).collect(),
            no_skills: spec.skills.is_empty(),
            timeout_ms: spec.timeout_ms,
            budget_tokens: spec.budget_tokens,
            budget_micros: spec.budget_micros,
            ..Submit::default()
        };
        Ok(self
            .submit_checked(request, start, Consent::Inherited)
            .await?
            .no)
    }

    /// Clears the failed mark of tasks; of all when none is named.
    ///
    /// # Errors
    /// NotFound for an unknown one.
    pub async fn seen(&self, by: &Authority, references: &[String]) -> Result<usize, DaemonError> {
        by.person("mark tasks as seen")?;
        let mut tasks = Vec::new();
        for reference in references {
            tasks.push(self.find(reference).await?);
        }
        let write = self.ctx.store.write(move |tx| {
            if tasks.is_empty() {
                tx.all_seen()
            } else {
                tx.seen(&tasks)
            }
        });
        Ok(write.await?)
    }

    pub(super) async fn person_event(
        &self,
        no: TaskNo,
        event: TaskEvent,
    ) -> Result<(), DaemonError> {
        let write = self.ctx.store.write(move |tx| {
            tx.transition(no, &event, None, Extra::default())
                .map(|_| ())
        });
        match write.await {
            Err(StoreError::Refused {
                source: Refused::Already,
                ..
            }) => Ok(()),
            other => Ok(other?),
        }
    }

    /// Waits as `--wait` does: until the task has ended or needs a person, or `limit` is over.
    ///
    /// # Errors
    /// NotFound; when the worker stops.
    pub async fn wait_settled(
        &self,
        reference: &str,
        limit: Option<Duration>,
    ) -> Result<Option<StateKind>, DaemonError> {
        let no = self.find(reference).await?;
        self.wait_until(limit, || async move {
            let kind = self.row(no).await?.task.state.kind();
            Ok((kind.is_terminal() || kind == StateKind::NeedsInput).then_some(kind))
        })
        .await
    }
}
