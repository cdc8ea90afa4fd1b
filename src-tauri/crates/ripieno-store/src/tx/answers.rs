//! Settling asks: answers, deadlines, withdrawals (H1, H2).

use super::{AnswerOutcome, Applied, Expired, Extra, Res, Tx, asks::told, submit::to_json};
use crate::{Reader, StoreError};
use ripieno_core::{
    ask::{Answer, Ask, AskPurpose, STOP},
    event::{Settlement, TaskEvent},
    id::{AskNo, TaskNo},
    state::{StateKind, Wish},
};

/// Who answers when a deadline passes.
pub const BY_DEFAULT: &str = "default";

impl Tx<'_> {
    /// Answers an ask: the first one counts (H2). The last open ask of a task settles it; so does, at once, an
    /// answer that ends the task, and the other asks are closed.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAnswered`], [`StoreError::AskClosed`], [`StoreError::AskChanged`],
    /// [`StoreError::BadAnswer`].
    pub fn answer(
        &mut self,
        no: AskNo,
        revision: Option<i64>,
        answer: &Answer,
        by: &str,
    ) -> Res<AnswerOutcome> {
        let ask = self.open_ask_row(no)?;
        if let Some(seen) = revision.filter(|seen| *seen != ask.revision) {
            tracing::debug!(ask = %no, seen, found = ask.revision, "an answer to an older revision");
            return Err(StoreError::AskChanged {
                ask: no,
                found: ask.revision,
            });
        }
        ask.spec.check(answer)?;
        let value = to_json("asks", no, answer)?;
        let changed = self.exec(
            "UPDATE asks SET answer = ?1, answered_by = ?2, answered_at = ?3, revision = revision + 1 \
             WHERE no = ?4 AND revision = ?5 AND answered_at IS NULL AND closed_at IS NULL",
            (value, by, self.now().0, no.0, ask.revision),
        )?;
        if changed != 1 {
            return Err(StoreError::AskChanged {
                ask: no,
                found: ask.revision,
            });
        }
        self.settled(
            "ask_answered",
            "answered",
            no,
            settlement(&ask, answer),
            Some(by),
        )
    }

    /// Takes an ask back unanswered; when it was the last, its task goes on.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAnswered`], [`StoreError::AskClosed`].
    pub fn withdraw(&mut self, no: AskNo) -> Res<AnswerOutcome> {
        self.open_ask_row(no)?;
        self.close(no)?;
        self.settled("ask_withdrawn", "withdrawn", no, Settlement::Answered, None)
    }

    /// Settles every ask whose deadline has passed: by its default, else its task fails (H1).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn expire_due(&mut self) -> Res<Vec<Expired>> {
        let due: Vec<i64> = {
            let mut statement = self.conn.prepare_cached(
                "SELECT no FROM asks WHERE expires_at <= ?1 AND answered_at IS NULL AND closed_at IS NULL \
                 ORDER BY expires_at, no",
            )?;
            let rows = statement.query_map([self.now().0], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let mut expired = Vec::with_capacity(due.len());
        for no in due.into_iter().map(AskNo) {
            // One before it may have ended the task and closed this one.
            let ask = Reader::ask(self, no)?;
            if ask.answered.is_none() && ask.closed_at.is_none() {
                expired.push(self.expire(&ask)?);
            }
        }
        Ok(expired)
    }

    fn expire(&mut self, ask: &Ask) -> Res<Expired> {
        let outcome = match default_answer(ask) {
            Some(answer) => self.answer(ask.no, Some(ask.revision), &answer, BY_DEFAULT)?,
            None => {
                self.close(ask.no)?;
                self.settled("ask_expired", "answered", ask.no, Settlement::Expired, None)?
            }
        };
        Ok(Expired {
            ask: outcome.ask,
            task: outcome.task,
            settled: outcome.settled,
        })
    }

    fn close(&mut self, no: AskNo) -> Res<()> {
        self.exec(
            "UPDATE asks SET closed_at = ?1, revision = revision + 1 \
             WHERE no = ?2 AND answered_at IS NULL AND closed_at IS NULL",
            (self.now().0, no.0),
        )?;
        Ok(())
    }

    pub(super) fn open_ask_row(&self, no: AskNo) -> Res<Ask> {
        let ask = Reader::ask(self, no)?;
        if let Some(answered) = &ask.answered {
            return Err(StoreError::AlreadyAnswered {
                ask: no,
                by: answered.by.clone(),
                at: answered.at,
                value: answered.value.clone(),
            });
        }
        if ask.closed_at.is_some() {
            return Err(StoreError::AskClosed { ask: no });
        }
        Ok(ask)
    }

    /// Tells the log, and moves the task when this was the last ask or the answer ends it.
    fn settled(
        &mut self,
        fact: &str,
        point: &'static str,
        no: AskNo,
        settlement: Settlement,
        by: Option<&str>,
    ) -> Res<AnswerOutcome> {
        let ask = Reader::ask(self, no)?;
        let task = self.ask_task(no)?;
        let mut data = told(&ask);
        if let (Some(by), Some(map)) = (by, data.as_object_mut()) {
            map.insert("by".to_owned(), by.into());
        }
        self.fact(task, fact, data)?;
        self.pen.passed.push(point);
        let settled = match task {
            Some(task) => self.settle_task(task, settlement)?,
            None => None,
        };
        Ok(AnswerOutcome {
            ask: Reader::ask(self, no)?,
            task,
            settled,
        })
    }

    fn settle_task(&mut self, task: TaskNo, settlement: Settlement) -> Res<Option<Applied>> {
        let hot = self.hot(task)?;
        if hot.task.state.kind() != StateKind::NeedsInput {
            return Ok(None);
        }
        let ends = match settlement {
            Settlement::Accepted
            | Settlement::Discarded
            | Settlement::Expired
            | Settlement::Stop => true,
            Settlement::Answered | Settlement::ChangesRequested => false,
        };
        if !ends && self.open_ask(task)?.is_some() {
            return Ok(None);
        }
        if ends && let Some(lease) = hot.task.state.lease() {
            // The live process waits for an answer that will not come; its actor ends it by the stale lease.
            let closed = self.transition(
                task,
                &TaskEvent::WindowClosed,
                Some(lease.token),
                Extra::default(),
            )?;
            if hot.task.wish == Some(Wish::Cancel) {
                return Ok(Some(closed));
            }
        }
        let event = TaskEvent::AsksSettled(settlement);
        self.transition(task, &event, None, Extra::default())
            .map(Some)
    }
}

/// What the answer means for the task, by what the ask decides.
fn settlement(ask: &Ask, answer: &Answer) -> Settlement {
    let chosen = match answer {
        Answer::Option { id, .. } => Some(id.as_str()),
        Answer::Text(_) => None,
    };
    match ask.spec.purpose {
        AskPurpose::Performer | AskPurpose::Lane | AskPurpose::Trust | AskPurpose::Storage => {
            Settlement::Answered
        }
        AskPurpose::RunAgain | AskPurpose::Budget => {
            if chosen == Some(STOP) {
                Settlement::Stop
            } else {
                Settlement::Answered
            }
        }
        AskPurpose::Review => match chosen {
            Some("accept") => Settlement::Accepted,
            Some("discard") => Settlement::Discarded,
            Some(_) | None => Settlement::ChangesRequested,
        },
    }
}

fn default_answer(ask: &Ask) -> Option<Answer> {
    let default = ask.spec.default.as_deref()?;
    let option = ask.spec.options.iter().find(|o| o.id == default);
    Some(match option {
        Some(option) => Answer::Option {
            id: option.id.clone(),
            scope: None,
        },
        None if ask.spec.allows_text => Answer::Text(default.to_owned()),
        None => return None,
    })
}
