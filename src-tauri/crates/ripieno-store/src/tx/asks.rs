//! Opening asks (H1, H7).

use super::{AskOn, AskOutcome, Extra, Res, Tx, submit::to_json};
use crate::{Reader, StoreError};
use ripieno_core::{
    apply::apply,
    ask::{Ask, AskKind, AskPurpose, AskSpec, AskSubject, QUESTIONS},
    event::TaskEvent,
    id::{AskNo, TaskNo},
    lane::LaneId,
    state::LeaseToken,
    task::Policy,
};
use serde_json::json;

/// A row of `asks` to be.
pub(super) struct Row<'a> {
    pub(super) task: Option<TaskNo>,
    pub(super) lane: Option<&'a LaneId>,
    pub(super) attempt: Option<u32>,
    pub(super) movement: &'a str,
    pub(super) spec: &'a AskSpec,
}

impl Tx<'_> {
    /// Opens an ask, or gives back the same one (H7).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease or a task that is being cancelled; [`StoreError::NoMoreQuestions`] at the limit of
    /// questions (P4).
    pub fn ask(&mut self, on: &AskOn, spec: &AskSpec) -> Res<AskOutcome> {
        match on {
            AskOn::Task {
                no,
                fence,
                movement,
                in_place,
            } => self.ask_for_task(*no, *fence, movement, *in_place, spec),
            AskOn::Lane(lane) => self.ask_for_all(Some(lane), spec),
            AskOn::Worker => self.ask_for_all(None, spec),
        }
    }

    fn ask_for_task(
        &mut self,
        no: TaskNo,
        fence: LeaseToken,
        movement: &str,
        in_place: bool,
        spec: &AskSpec,
    ) -> Res<AskOutcome> {
        let hot = self.fenced(no, fence)?;
        // Leave given once is not leave given again: only questions are the same twice.
        let same = match spec.kind {
            AskKind::Question => self.same_question(no, movement, spec)?,
            AskKind::Approval
            | AskKind::SignIn
            | AskKind::Budget
            | AskKind::Review
            | AskKind::Drain => None,
        };
        if let Some(same) = same {
            return Ok(if same.answered.is_some() {
                AskOutcome::Answered(same)
            } else {
                AskOutcome::Open(same)
            });
        }
        if spec.is_counted() && self.questions_asked(no)? >= QUESTIONS {
            return Err(StoreError::NoMoreQuestions { task: no });
        }
        let event = TaskEvent::Asked { in_place };
        // Asked of the machine before anything is written: a task that is being cancelled opens no ask.
        apply(&hot.task, &event, Some(fence), self.now, &Policy::default())
            .map_err(|source| StoreError::Refused { task: no, source })?;
        let ask = self.insert_ask(&Row {
            task: Some(no),
            lane: None,
            attempt: Some(hot.task.attempt),
            movement,
            spec,
        })?;
        let extra = Extra {
            data: Some(told(&ask)),
            ..Extra::default()
        };
        let applied = self.transition(no, &event, Some(fence), extra)?;
        Ok(AskOutcome::Opened {
            ask,
            applied: Some(applied),
        })
    }

    fn questions_asked(&self, task: TaskNo) -> Res<usize> {
        let asks = self.asks_of(task)?;
        Ok(asks.iter().filter(|ask| ask.spec.is_counted()).count())
    }

    /// The question of this task that is the same: by its key, else by movement, text and options (H7). Of an
    /// answered and an open one the answered one counts.
    fn same_question(&self, task: TaskNo, movement: &str, spec: &AskSpec) -> Res<Option<Ask>> {
        let asks = self.asks_with_movement(task)?;
        let same = |asked_in: &str, ask: &Ask| match (&spec.key, &ask.spec.key) {
            (Some(key), Some(other)) => key == other,
            (None, None) => {
                asked_in == movement
                    && ask.spec.text == spec.text
                    && ask.spec.options == spec.options
            }
            (Some(_), None) | (None, Some(_)) => false,
        };
        let mut found: Vec<Ask> = asks
            .into_iter()
            .filter(|(asked_in, ask)| {
                ask.closed_at.is_none()
                    && ask.spec.purpose == AskPurpose::Performer
                    && ask.spec.kind == spec.kind
                    && same(asked_in, ask)
            })
            .map(|(_, ask)| ask)
            .collect();
        found.sort_by_key(|ask| ask.answered.is_none());
        Ok(found.into_iter().next())
    }

    fn ask_for_all(&mut self, lane: Option<&LaneId>, spec: &AskSpec) -> Res<AskOutcome> {
        if let Some(open) = self.open_ask_for_all(lane, spec)? {
            return Ok(AskOutcome::Open(open));
        }
        let ask = self.insert_ask(&Row {
            task: None,
            lane,
            attempt: None,
            movement: "",
            spec,
        })?;
        let mut data = told(&ask);
        if let (Some(lane), Some(map)) = (lane, data.as_object_mut()) {
            map.insert("lane".to_owned(), lane.as_str().into());
        }
        self.fact(None, "ask_opened", data)?;
        Ok(AskOutcome::Opened { ask, applied: None })
    }

    /// One open ask per lane and kind; for the worker one per kind and text.
    fn open_ask_for_all(&self, lane: Option<&LaneId>, spec: &AskSpec) -> Res<Option<Ask>> {
        let open = self.asks(true)?;
        Ok(open.into_iter().find(|ask| {
            ask.spec.kind == spec.kind
                && match (&ask.subject, lane) {
                    (AskSubject::Lane(id), Some(lane)) => id == lane,
                    (AskSubject::Worker, None) => ask.spec.text == spec.text,
                    (AskSubject::Lane(_) | AskSubject::Worker | AskSubject::Task(_), _) => false,
                }
        }))
    }

    pub(super) fn insert_ask(&mut self, row: &Row<'_>) -> Res<Ask> {
        let subject = match (row.task, row.lane) {
            (Some(_), _) => "task",
            (None, Some(_)) => "lane",
            (None, None) => "worker",
        };
        let id = self.pen.shared.random.uuid(self.now).into_bytes();
        let spec = to_json("asks", "new", row.spec)?;
        let no = self.insert(
            "INSERT INTO asks (id, subject, task_no, lane, attempt, movement, kind, spec, expires_at, created_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            (
                id,
                subject,
                row.task.map(|no| no.0),
                row.lane.map(LaneId::as_str),
                row.attempt,
                row.movement,
                row.spec.kind.name(),
                spec,
                row.spec.expires_at.map(|at| at.0),
                self.now.0,
            ),
        )?;
        Reader::ask(self, AskNo(no))
    }
}

/// What the log tells of an ask; never the answer.
pub(super) fn told(ask: &Ask) -> serde_json::Value {
    json!({ "ask": ask.no.to_string(), "ask_id": ask.id.to_string(), "ask_kind": ask.spec.kind.name() })
}

impl StoreError {
    pub(crate) fn no_ask(no: AskNo) -> Self {
        StoreError::NotFound {
            what: format!("ask {no}"),
        }
    }
}
