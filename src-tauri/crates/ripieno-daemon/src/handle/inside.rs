//! The verbs of a task from inside itself: by token or by descent, and only for its live attempt.

use super::{Authority, Handle, NewAsk};
use crate::{
    ctx::{Finish, Signal},
    error::DaemonError,
};
use ripieno_agents::stream::Item;
use ripieno_core::{
    ask::{Answer, AskOption, AskSpec},
    id::{AskNo, TaskNo},
    notes::{self, ChecklistStep},
    receipt::{Receipt, SUMMARY_LINES, last_lines},
    state::LeaseToken,
};
use ripieno_store::{AskOn, AskOutcome, TaskRow};
use std::{collections::BTreeSet, sync::PoisonError, time::Duration};
use tokio_util::sync::CancellationToken;

/// How a waiting `ask create` ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitEnd {
    /// It was answered: the option's id, or the text.
    Answered(Answer),
    /// The wait is over and the ask stays open.
    StillOpen(AskNo),
    /// Nobody will answer it any more: it was closed.
    Closed(AskNo),
}

/// How many characters of a progress line are kept (O4).
const PROGRESS_CHARS: usize = 200;

impl Handle {
    /// The task that speaks, with the lease of its live attempt.
    pub(super) async fn speaker(
        &self,
        by: &Authority,
    ) -> Result<(TaskNo, LeaseToken, TaskRow), DaemonError> {
        let Authority::Task { no, attempt } = by else {
            return Err(DaemonError::Forbidden(
                "this verb works only inside a running task: its process is given RIPIENO_TASK_TOKEN".to_owned(),
            ));
        };
        let row = self.row(*no).await?;
        let lease = row
            .task
            .state
            .lease()
            .filter(|_| row.task.attempt == *attempt);
        match lease {
            Some(lease) => Ok((*no, lease.token, row)),
            None => Err(DaemonError::Forbidden(format!(
                "the attempt of {no} this process belongs to is over"
            ))),
        }
    }

    /// Opens an ask of the speaking task, or finds the answer given before (H7), and waits for the answer as long as
    /// the window of H3 allows, and whoever asks is there: an answer that cannot be handed over is told by the prompt that follows.
    ///
    /// # Errors
    /// Forbidden outside a task; Invalid for an empty question; NotPossibleNow at the limit of questions (P4).
    pub async fn create_ask(
        &self,
        by: &Authority,
        new: NewAsk,
        gone: &CancellationToken,
    ) -> Result<WaitEnd, DaemonError> {
        let (no, fence, _) = self.speaker(by).await?;
        let window = self.ctx.settings().ask_window;
        let wait = new
            .wait_ms
            .map_or(window, |ms| Duration::from_millis(ms).min(window));
        let movement = self.movement_of(no);
        let spec = self.ask_spec(&new)?;
        let on = AskOn::Task {
            no,
            fence,
            movement,
            in_place: true,
        };
        let write = self.ctx.store.write(move |tx| tx.ask(&on, &spec));
        let ask = match write.await? {
            AskOutcome::Answered(ask) | AskOutcome::Open(ask) | AskOutcome::Opened { ask, .. } => {
                ask
            }
        };
        // Owed from now on: nobody tells us of a call that is given up in the moment of its answer.
        self.owe(no, |owed| owed.insert(ask.no));
        self.ctx.signal(no, Signal::News);
        let end = tokio::select! {
            biased;
            () = gone.cancelled() => WaitEnd::StillOpen(ask.no),
            end = self.wait_answer(ask.no, wait) => end?,
        };
        if !matches!(end, WaitEnd::StillOpen(_)) {
            self.owe(no, |owed| owed.remove(&ask.no));
        }
        Ok(end)
    }

    /// Changes which answers the live attempt of a task is still to be told.
    fn owe(&self, no: TaskNo, change: impl FnOnce(&mut BTreeSet<AskNo>) -> bool) {
        if let Some(actor) = self.ctx.actor(no) {
            let mut pulse = actor.pulse.lock().unwrap_or_else(PoisonError::into_inner);
            change(&mut pulse.sent_away);
        }
    }

    fn ask_spec(&self, new: &NewAsk) -> Result<AskSpec, DaemonError> {
        if new.text.trim().is_empty() {
            return Err(DaemonError::Invalid(
                "the question is empty: say it with --text".to_owned(),
            ));
        }
        let options = parse_options(&new.options)?;
        if let Some(default) = new
            .default
            .as_ref()
            .filter(|d| !options.iter().any(|o| &o.id == *d))
        {
            return Err(DaemonError::Invalid(format!(
                "the default `{default}` is none of the options"
            )));
        }
        Ok(AskSpec {
            allows_text: new.allows_text || options.is_empty(),
            options,
            default: new.default.clone(),
            expires_at: new
                .expires_ms
                .map(|ms| self.ctx.now().after(Duration::from_millis(ms))),
            key: new.key.clone(),
            ..AskSpec::question(new.text.clone())
        })
    }

    async fn wait_answer(&self, no: AskNo, wait: Duration) -> Result<WaitEnd, DaemonError> {
        let ended = self
            .wait_until(Some(wait), || async move {
                let ask = self.ctx.store.read(move |r| r.ask(no)).await?;
                Ok(match (ask.answered, ask.closed_at) {
                    (Some(answered), _) => Some(WaitEnd::Answered(answered.value)),
                    (None, Some(_)) => Some(WaitEnd::Closed(no)),
                    (None, None) => None,
                })
            })
            .await?;
        Ok(ended.unwrap_or(WaitEnd::StillOpen(no)))
    }

    fn movement_of(&self, no: TaskNo) -> String {
        let actor = self.ctx.actor(no);
        let movement = actor.and_then(|a| {
            a.pulse
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .movement
                .clone()
        });
        movement.unwrap_or_default()
    }

    /// Names the outcome of the movement under way; it counts when the turn ends. Lessons are kept for later tries (T9).
    ///
    /// # Errors
    /// Forbidden outside a task; Invalid for an outcome the movement does not have.
    pub async fn finish_movement(
        &self,
        by: &Authority,
        finish: Finish,
        lessons: Vec<String>,
    ) -> Result<(), DaemonError> {
        let (no, fence, row) = self.speaker(by).await?;
        let loaded = crate::task::load_pinned(&self.ctx, &row)
            .await
            .map_err(|failure| DaemonError::Internal(failure.text))?;
        let movement = self.movement_of(no);
        let known: Vec<String> = loaded
            .piece
            .movements()
            .iter()
            .filter(|m| m.name().as_str() == movement)
            .flat_map(|m| {
                m.choices()
                    .into_iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
            })
            .collect();
        if !known.contains(&finish.outcome) {
            return Err(DaemonError::Invalid(format!(
                "`{}` is no outcome of this movement: choose one of {}",
                finish.outcome,
                known.join(", ")
            )));
        }
        if !lessons.is_empty() {
            let write = self
                .ctx
                .store
                .write(move |tx| tx.add_lessons(no, fence, &lessons));
            write.await?;
        }
        self.tell(no, Signal::Finish(finish)).await
    }

    /// Tells the live attempt of a task.
    async fn tell(&self, no: TaskNo, signal: Signal) -> Result<(), DaemonError> {
        let over = || DaemonError::Forbidden(format!("the attempt of {no} is over"));
        let actor = self.ctx.actor(no).ok_or_else(over)?;
        actor.signals.send(signal).await.map_err(|_| over())
    }

    /// Stores what the performer reports (T14); the last report of an attempt counts.
    ///
    /// # Errors
    /// Forbidden outside a task.
    pub async fn report_result(
        &self,
        by: &Authority,
        mut receipt: Receipt,
    ) -> Result<(), DaemonError> {
        let (no, fence, _) = self.speaker(by).await?;
        receipt.summary = last_lines(&receipt.summary, SUMMARY_LINES);
        Ok(self
            .ctx
            .store
            .write(move |tx| tx.put_receipt(no, fence, &receipt))
            .await?)
    }

    /// Says in a line what is going on (O4).
    ///
    /// # Errors
    /// Forbidden outside a task.
    pub async fn progress(&self, by: &Authority, text: &str) -> Result<(), DaemonError> {
        let (no, _, _) = self.speaker(by).await?;
        let line: String = text
            .lines()
            .next()
            .unwrap_or_default()
            .chars()
            .take(PROGRESS_CHARS)
            .collect();
        if let Some(actor) = self.ctx.actor(no) {
            let mut pulse = actor.pulse.lock().unwrap_or_else(PoisonError::into_inner);
            pulse.line = Some(line.clone());
            pulse.at = Some(self.ctx.now());
        }
        let data = serde_json::json!({ "text": line });
        self.ctx
            .store
            .write(move |tx| tx.fact(Some(no), "progress", data))
            .await?;
        self.tell(no, Signal::Wrote(Item::Status { text: line }))
            .await
    }

    /// Puts the performer's checklist in place of the one there is (L10).
    ///
    /// # Errors
    /// Forbidden outside a task; Invalid for a list that is too long, or a step without a text.
    pub async fn write_checklist(
        &self,
        by: &Authority,
        steps: Vec<ChecklistStep>,
    ) -> Result<(), DaemonError> {
        let (no, fence, _) = self.speaker(by).await?;
        let steps = notes::checklist(steps).map_err(|bad| DaemonError::Invalid(bad.to_string()))?;
        let items = serde_json::json!(steps);
        let write = self
            .ctx
            .store
            .write(move |tx| tx.put_checklist(no, fence, &steps));
        write.await?;
        self.tell(no, Signal::Wrote(Item::Plan { items })).await
    }

    /// Puts a brief in place of the one there is; an empty one takes it away (T20).
    ///
    /// # Errors
    /// Forbidden outside a task; Invalid for one that is too long.
    pub async fn write_brief(&self, by: &Authority, text: &str) -> Result<(), DaemonError> {
        let (no, fence, _) = self.speaker(by).await?;
        let brief = notes::brief(text).map_err(|bad| DaemonError::Invalid(bad.to_string()))?;
        let told = brief.as_deref().unwrap_or("none");
        let text = format!("brief: {told}");
        let write = self
            .ctx
            .store
            .write(move |tx| tx.put_brief(no, fence, brief.as_deref()));
        write.await?;
        self.tell(no, Signal::Wrote(Item::Status { text })).await
    }
}

/// `ID=LABEL`, or a label whose id is made from it.
fn parse_options(texts: &[String]) -> Result<Vec<AskOption>, DaemonError> {
    let mut options: Vec<AskOption> = Vec::new();
    for text in texts {
        let (id, label) = text.split_once('=').map_or_else(
            || (slug(text), text.clone()),
            |(id, label)| (id.trim().to_owned(), label.trim().to_owned()),
        );
        if id.is_empty() || label.is_empty() {
            return Err(DaemonError::Invalid(format!(
                "the option `{text}` is empty: write ID=LABEL or LABEL"
            )));
        }
        if options.iter().any(|o| o.id == id) {
            return Err(DaemonError::Invalid(format!(
                "two options are called `{id}`: give each an id of its own"
            )));
        }
        options.push(AskOption::new(id, label));
    }
    Ok(options)
}

fn slug(label: &str) -> String {
    let mut slug = String::new();
    for c in label.trim().chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.ends_with('-') && !slug.is_empty() {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}
