//! Asks of people: listed, answered, first answer wins (H1, H2).

use super::{Authority, Handle, Said, grants};
use crate::{ctx::Signal, error::DaemonError, lanes, runtimes};
use ripieno_core::{
    ask::{Answer, Answered, Ask, AskPurpose, AskScope, AskSubject},
    lane::LaneId,
};
use ripieno_store::StoreError;

impl Handle {
    /// Asks, newest first: the open ones, or all.
    ///
    /// # Errors
    /// When the store refuses.
    pub async fn asks(&self, all: bool) -> Result<Vec<Ask>, DaemonError> {
        Ok(self.ctx.store.read(move |r| r.asks(!all)).await?)
    }

    /// One ask.
    ///
    /// # Errors
    /// NotFound.
    pub async fn ask(&self, reference: &str) -> Result<Ask, DaemonError> {
        let no = self.find_ask(reference).await?;
        Ok(self.ctx.store.read(move |r| r.ask(no)).await?)
    }

    /// Answers an ask; only a person can, whatever a task sends (W6).
    ///
    /// # Errors
    /// Forbidden, Invalid for an answer that does not fit, AlreadyAnswered for a late one.
    pub async fn answer(
        &self,
        by: &Authority,
        reference: &str,
        revision: Option<i64>,
        said: &Said,
    ) -> Result<Ask, DaemonError> {
        let surface = by.person("answer asks")?.to_owned();
        let no = self.find_ask(reference).await?;
        let ask = self.ctx.store.read(move |r| r.ask(no)).await?;
        let answer = match said {
            Said::Text(text) => Answer::Text(text.clone()),
            Said::Option { given, scope } => {
                let option = ask
                    .spec
                    .choose(given)
                    .map_err(|bad| DaemonError::Invalid(bad.to_string()))?;
                check_scope(&ask, *scope)?;
                Answer::Option {
                    id: option.id.clone(),
                    scope: *scope,
                }
            }
        };
        let floor = self.ctx.floor.clone();
        let write = self.ctx.store.write(move |tx| {
            let outcome = tx.answer(no, revision, &answer, &surface)?;
            if let AskSubject::Lane(lane) = &outcome.ask.subject {
                lanes::reopen(tx, &floor, lane, "answer")?;
            }
            if let (AskPurpose::Trust, Some(key)) =
                (outcome.ask.spec.purpose, &outcome.ask.spec.key)
            {
                floor
                    .projects()
                    .answered(tx, key, answer.line(), &surface)?;
            }
            grants::given(tx, outcome.task, &outcome.ask, &answer, &surface)?;
            Ok(outcome)
        });
        let outcome = write.await.map_err(answer_error)?;
        if let Some(task) = outcome.task {
            self.ctx.signal(task, Signal::News);
        }
        if outcome.ask.spec.purpose == AskPurpose::Storage {
            crate::storage::clean(&self.ctx, false).await?;
        }
        if matches!(outcome.ask.subject, AskSubject::Lane(_)) {
            runtimes::discover(&self.ctx, true).await;
        }
        self.ctx.wake.notify_one();
        Ok(outcome.ask)
    }

    /// Reopens a lane whatever holds it (`ripieno lane release`); its asks are settled with it.
    ///
    /// # Errors
    /// Forbidden; Invalid for a name that is no lane; NotFound for one nobody has.
    pub async fn release_lane(&self, by: &Authority, lane: &str) -> Result<(), DaemonError> {
        let surface = by.person("release lanes")?.to_owned();
        let lane: LaneId = lane
            .parse()
            .map_err(|bad: ripieno_core::lane::BadLane| DaemonError::Invalid(bad.to_string()))?;
        if !self
            .ctx
            .floor
            .lanes()
            .iter()
            .any(|view| view.lane.id == lane)
        {
            return Err(DaemonError::NotFound(format!(
                "there is no lane {lane}: `ripieno status` shows those there are"
            )));
        }
        let floor = self.ctx.floor.clone();
        let write = self.ctx.store.write(move |tx| {
            let open = tx.asks(true)?;
            let answer = Answer::Option {
                id: lanes::REOPEN.to_owned(),
                scope: None,
            };
            for ask in open
                .iter()
                .filter(|ask| ask.subject == AskSubject::Lane(lane.clone()))
            {
                tx.answer(ask.no, None, &answer, &surface)?;
            }
            lanes::reopen(tx, &floor, &lane, "person")
        });
        write.await.map_err(answer_error)?;
        runtimes::discover(&self.ctx, true).await;
        self.ctx.wake.notify_one();
        Ok(())
    }
}

fn check_scope(ask: &Ask, scope: Option<AskScope>) -> Result<(), DaemonError> {
    match scope {
        Some(scope) if !ask.spec.scopes.contains(&scope) && scope != AskScope::Once => {
            let offered: Vec<String> = ask
                .spec
                .scopes
                .iter()
                .map(|s| format!("{s:?}").to_lowercase())
                .collect();
            let offered = if offered.is_empty() {
                "once".to_owned()
            } else {
                offered.join(", ")
            };
            Err(DaemonError::Invalid(format!(
                "this ask has no such scope: choose one of {offered}"
            )))
        }
        _ => Ok(()),
    }
}

pub(super) fn answer_error(error: StoreError) -> DaemonError {
    match error {
        StoreError::AlreadyAnswered { by, at, value, .. } => {
            DaemonError::AlreadyAnswered(Answered { by, value, at })
        }
        StoreError::AskClosed { .. } | StoreError::AskChanged { .. } => {
            DaemonError::Conflict(error.to_string())
        }
        StoreError::BadAnswer(bad) => DaemonError::Invalid(bad.to_string()),
        other => other.into(),
    }
}
