//! What a live attempt puts on record, each fenced by its lease.

use super::Attempt;
use ripieno_agents::stream::{AskRaised, Item, Outcome, Usage};
use ripieno_core::{
    ask::{Answer, Ask, AskKind, AskSpec, QUESTIONS},
    id::AskNo,
    spec::{ResumePoint, SessionRef},
};
use ripieno_pieces::step::Position;
use ripieno_store::{AskOn, AskOutcome, CommentRow, NewRun, NewUsage, TaskRow};
use std::{
    collections::HashMap,
    ops::Not,
    sync::{Arc, PoisonError},
};

/// What the row says of the attempt that looks.
pub(super) enum Look {
    /// It holds the lease.
    Ours(Box<TaskRow>),
    /// The lease is over.
    Over,
    /// The row cannot be read just now.
    Unknown,
}

/// Whether both ask for the same: a question by its words, leave by the hash of what would run (sec-12).
fn is_same(a: &AskSpec, b: &AskSpec) -> bool {
    let alike = match a.kind {
        AskKind::Approval => a.binding.is_some() && a.binding == b.binding,
        AskKind::Question => a.purpose == b.purpose && a.text == b.text,
        AskKind::SignIn | AskKind::Budget | AskKind::Review | AskKind::Drain => false,
    };
    alike && a.kind == b.kind && a.options == b.options
}

/// How many of them count toward the limit.
fn questions(asks: &[Ask]) -> usize {
    asks.iter().filter(|ask| ask.spec.is_counted()).count()
}

/// What a performer is told at the limit of questions (P4).
pub(super) fn decide_alone() -> Answer {
    let text = "Nobody will answer: the limit of questions is reached. Decide yourself, or report `blocked`.";
    Answer::Text(text.to_owned())
}

/// How much of the last output is kept in memory.
const TAIL_BYTES: usize = 4 * 1024;

impl Attempt {
    /// The row as it is now.
    pub(super) async fn look(&mut self) -> Look {
        let no = self.no;
        let row = self.ctx.store.read(move |r| r.task(no)).await;
        match row {
            Ok(row) if row.task.state.lease().map(|l| l.token) == Some(self.fence) => {
                self.row = row.clone();
                Look::Ours(Box::new(row))
            }
            Ok(_) => Look::Over,
            Err(error) => {
                tracing::warn!(%error, "the task's row cannot be read");
                Look::Unknown
            }
        }
    }

    /// Gives a sign of life (O4, C3).
    pub(super) fn beat(&self) {
        let now = self.ctx.now();
        self.handle
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .at = Some(now);
    }

    /// Whether a script of this movement was sent away without the answer it asked for (H7).
    pub(super) fn was_sent_away(&self) -> bool {
        self.handle
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .sent_away
            .is_empty()
            .not()
    }

    /// Whether an answer has come that the performer was sent away without.
    pub(super) async fn owes_an_answer(&self) -> bool {
        let sent_away = {
            let pulse = self.handle.pulse.lock();
            pulse
                .unwrap_or_else(PoisonError::into_inner)
                .sent_away
                .clone()
        };
        let owed = |ask: &Ask| ask.answered.is_some() && sent_away.contains(&ask.no);
        !sent_away.is_empty() && self.asks().await.iter().any(owed)
    }

    /// The next prompt tells every answer there is.
    pub(super) fn answers_are_told(&self) {
        let mut pulse = self
            .handle
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pulse.sent_away.clear();
    }

    pub(super) fn pulse_line(&self, line: &str) {
        let cut: String = line.chars().take(200).collect();
        self.handle
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .line = Some(cut);
    }

    pub(super) fn pulse_movement(&self, name: &str) {
        let mut pulse = self
            .handle
            .pulse
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        pulse.movement = Some(name.to_owned());
        pulse.line = None;
        pulse.sent_away.clear();
    }

    /// Puts the process on record with what it is, in one commit (C2).
    pub(super) async fn record_spawn(&mut self, pid: i32, started: u64, run: Option<NewRun>) {
        *self
            .handle
            .pid
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(pid);
        let (no, fence) = (self.no, self.fence);
        let (pid, started) = (
            pid.unsigned_abs(),
            i64::try_from(started).unwrap_or(i64::MAX),
        );
        ripieno_store::crash::point("daemon.spawn.before_record");
        let write = self.ctx.store.write(move |tx| {
            tx.record_spawn(no, fence, pid, started)?;
            run.map_or(Ok(()), |run| tx.put_run(no, fence, &run))
        });
        self.noted("the process", write.await);
        ripieno_store::crash::point("daemon.spawn.after_record");
    }

    pub(super) async fn bind_session(&mut self, id: String) {
        let session = SessionRef {
            agent: self.lane.kind().to_owned(),
            id,
            folder: self.dirs.work.display().to_string(),
            told: None,
        };
        if self.bound.as_ref() == Some(&session.id) {
            return;
        }
        self.bound = Some(session.id.clone());
        let told = self
            .row
            .resume
            .session
            .take()
            .filter(|s| s.id == session.id)
            .and_then(|s| s.told);
        let session = SessionRef { told, ..session };
        self.row.resume.session = Some(session.clone());
        let (no, fence) = (self.no, self.fence);
        let write = self
            .ctx
            .store
            .write(move |tx| tx.bind_session(no, fence, &session, None));
        self.noted("the session", write.await);
    }

    pub(super) async fn drop_session(&mut self) {
        if self.row.resume.session.is_some() {
            self.row.resume.session = None;
            self.store_resume().await;
        }
    }

    /// Stores where the next attempt takes up the work.
    pub(super) async fn save_position(&mut self, position: &Position) {
        match serde_json::to_value(position) {
            Ok(value) => self.row.resume.position = Some(value),
            Err(error) => tracing::error!(%error, "the position cannot be written"),
        }
        self.store_resume().await;
    }

    async fn store_resume(&mut self) {
        let (no, fence) = (self.no, self.fence);
        let resume: ResumePoint = self.row.resume.clone();
        let write = self
            .ctx
            .store
            .write(move |tx| tx.set_resume(no, fence, &resume));
        self.noted("the resume point", write.await);
    }

    /// Records that the session has been told everything up to the prompt of this turn: it has begun to answer.
    pub(super) async fn note_told(&mut self) {
        let Some(at) = self.prompted.take() else {
            return;
        };
        if let Some(session) = &mut self.row.resume.session {
            session.told = Some(at);
            self.store_resume().await;
        }
    }

    /// Comments that did not reach the performer wait for the next turn (T13).
    pub(super) async fn give_back_comments(&mut self, comments: Vec<i64>) {
        let no = self.no;
        let write = self
            .ctx
            .store
            .write(move |tx| tx.untake_comments(no, &comments));
        self.noted("comments that were not delivered", write.await);
    }

    /// The same for those in a prompt that was never answered by as much as a word.
    pub(super) async fn give_back_prompt(&mut self) {
        let (no, attempt) = (self.no, self.n);
        let write = self
            .ctx
            .store
            .write(move |tx| tx.untake_undelivered(no, attempt));
        self.noted("comments of a prompt", write.await);
    }

    /// Whether a person said something that nobody has been told yet (T13).
    pub(super) async fn has_news(&self) -> bool {
        let no = self.no;
        let read = self.ctx.store.read(move |r| r.comments(no)).await;
        let comments = read.unwrap_or_default();
        comments
            .iter()
            .any(|comment| comment.taken.is_none() && !comment.quiet)
    }

    /// What answers an ask without a person: what was said to the same one while no process could take it (H3), each time
    /// once; and at the limit of questions, the word to decide alone (P4).
    pub(super) async fn known_answer(&mut self, raised: &AskRaised) -> Option<Answer> {
        let asks = self.asks().await;
        if raised.spec.kind == AskKind::Question && questions(&asks) >= QUESTIONS {
            return Some(decide_alone());
        }
        let no = self.no;
        let read = self.ctx.store.read(move |r| r.answers_delivered(no)).await;
        // What is not known is asked again.
        let delivered = read.ok()?;
        let given = asks.into_iter().find(|ask| {
            is_same(&ask.spec, &raised.spec)
                && ask.created_at < self.begun
                && !delivered.contains(&ask.no)
                && ask
                    .answered
                    .as_ref()
                    .is_some_and(|a| a.at >= self.answers_since)
        })?;
        self.answer_delivered(given.no).await;
        given.answered.map(|answered| answered.value)
    }

    /// Records that an answer reached the performer: it counts no second time.
    pub(super) async fn answer_delivered(&self, ask: AskNo) {
        let no = self.no;
        let data = serde_json::json!({ "ask": ask.0 });
        let write = self
            .ctx
            .store
            .write(move |tx| tx.fact(Some(no), "answer_delivered", data));
        self.noted("the answer", write.await.map(|_| ()));
    }

    /// The ask of an earlier attempt that is still open and that this one is again.
    pub(super) async fn open_since_before(
        &self,
        raised: &AskRaised,
        pending: &HashMap<AskNo, String>,
    ) -> Option<Ask> {
        let asks = self.asks().await;
        asks.into_iter().find(|ask| {
            is_same(&ask.spec, &raised.spec)
                && ask.created_at < self.begun
                && ask.answered.is_none()
                && ask.closed_at.is_none()
                && !pending.contains_key(&ask.no)
        })
    }

    pub(super) async fn take_comments(&mut self) -> Vec<CommentRow> {
        let (no, fence, movement) = (self.no, self.fence, self.movement_name.clone());
        let write = self
            .ctx
            .store
            .write(move |tx| tx.take_comments(no, fence, &movement));
        write.await.unwrap_or_else(|error| {
            tracing::debug!(%error, "comments stay where they are");
            Vec::new()
        })
    }

    pub(super) async fn comment_delivered(&mut self, comment: i64) {
        let (no, movement) = (self.no, self.movement_name.clone());
        let data = serde_json::json!({ "comment": comment, "movement": movement });
        let write = self
            .ctx
            .store
            .write(move |tx| tx.fact(Some(no), "comment_delivered", data));
        self.noted("the comment", write.await.map(|_| ()));
    }

    /// The asks of the task, oldest first.
    pub(super) async fn asks(&self) -> Vec<Ask> {
        let no = self.no;
        self.ctx
            .store
            .read(move |r| r.asks_of(no))
            .await
            .unwrap_or_default()
    }

    /// Opens an ask, or finds the answer given before (H7); `None` when the task is being stopped. At the limit of
    /// questions (P4) the performer is told at once to decide by itself.
    pub(super) async fn open_ask(&mut self, spec: &AskSpec, in_place: bool) -> Option<Ask> {
        let on = AskOn::Task {
            no: self.no,
            fence: self.fence,
            movement: self.movement_name.clone(),
            in_place,
        };
        let spec = spec.clone();
        let write = self.ctx.store.write(move |tx| tx.ask(&on, &spec));
        match write.await {
            Ok(
                AskOutcome::Opened { ask, .. } | AskOutcome::Open(ask) | AskOutcome::Answered(ask),
            ) => Some(ask),
            Err(error) => {
                tracing::info!(%error, "the ask was not opened");
                None
            }
        }
    }

    /// Whether its performers may ask nothing more (P4).
    pub(super) async fn has_asked_enough(&self) -> bool {
        questions(&self.asks().await) >= QUESTIONS
    }

    pub(super) async fn withdraw_ask(&mut self, ask: AskNo) {
        let write = self.ctx.store.write(move |tx| tx.withdraw(ask).map(|_| ()));
        self.noted("the withdrawn ask", write.await);
    }

    /// Adds what a run under way tells: each report is what came since the last one.
    pub(super) fn live_usage(&mut self, usage: &Usage) {
        let sum = self.used.entry(usage.model.clone()).or_default();
        sum.model.clone_from(&usage.model);
        sum.input = sum.input.saturating_add(usage.input);
        sum.output = sum.output.saturating_add(usage.output);
        sum.cache_read = sum.cache_read.saturating_add(usage.cache_read);
        sum.cache_write = sum.cache_write.saturating_add(usage.cache_write);
        let cost = [sum.cost_micros, usage.cost_micros];
        sum.cost_micros = cost.into_iter().flatten().reduce(u64::saturating_add);
    }

    /// Records what a run used, however it ended (R5).
    pub(super) async fn store_usage(&mut self, outcome: &Outcome) {
        let used = if outcome.usage.is_empty() {
            std::mem::take(&mut self.used).into_values().collect()
        } else {
            self.used.clear();
            outcome.usage.clone()
        };
        let (no, n) = (self.no, self.n);
        for usage in used {
            let sum = NewUsage {
                model: usage.model,
                input: usage.input,
                output: usage.output,
                cache_read: usage.cache_read,
                cache_write: usage.cache_write,
                cost_micros: usage.cost_micros,
            };
            let write = self.ctx.store.write(move |tx| tx.add_usage(no, n, &sum));
            self.noted("usage", write.await);
        }
    }

    pub(super) async fn transcript_item(&mut self, item: Item) {
        if let Item::Text { text, .. } = &item {
            self.tail.push_str(text);
            let cut = self.tail.len().saturating_sub(TAIL_BYTES);
            let cut = (cut..=self.tail.len())
                .find(|at| self.tail.is_char_boundary(*at))
                .unwrap_or(0);
            self.tail.drain(..cut);
        }
        let movement: Arc<str> = self.movement_name.as_str().into();
        if let Err(error) = self
            .transcript
            .append(self.ctx.now(), &movement, item)
            .await
        {
            tracing::warn!(%error, "an entry is not in the transcript");
        }
    }

    pub(super) async fn transcript_delta(&mut self, text: String, thinking: bool) {
        let movement: Arc<str> = self.movement_name.as_str().into();
        if let Err(error) = self
            .transcript
            .delta(self.ctx.now(), &movement, text, thinking)
            .await
        {
            tracing::warn!(%error, "a piece of text is not in the transcript");
        }
    }

    pub(super) async fn status(&mut self, text: impl Into<String>) {
        self.transcript_item(Item::Status { text: text.into() })
            .await;
    }

    /// A report that was refused belongs to a lease that is over; anything else is told.
    pub(super) fn noted(&self, what: &str, result: Result<(), ripieno_store::StoreError>) {
        if let Err(error) = result {
            tracing::warn!(%error, what, "not put on record");
        }
    }
}
