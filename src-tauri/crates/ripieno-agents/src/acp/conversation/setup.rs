//! What is set before the first turn of a session: its mode, its model, its reasoning level.

use super::{Conversation, Options, Request, control};
use crate::{
    dialogue::{
        Dialogue, Step,
        rpc::{RpcError, parse},
    },
    offer::level_left_out,
    stream::Item,
};
use serde_json::{Value, value::RawValue};

impl Conversation {
    pub(super) fn session_begun(&mut self, result: Option<&RawValue>) -> Vec<Step> {
        let told: Value = result.and_then(parse).unwrap_or_default();
        let named = told["sessionId"].as_str().map(str::to_owned);
        let Some(id) = named.or_else(|| self.resume.clone()) else {
            let message = "it began a session without a name".to_owned();
            return self.refused(
                Request::Session,
                RpcError {
                    message,
                    ..RpcError::default()
                },
            );
        };
        self.session = Some(id.clone());
        self.options = Options::read(&told);
        let chosen = self.model.as_deref().or(self.options.model_now());
        if let Some(model) = chosen {
            model.clone_into(&mut self.tally.model);
        }
        // What is set last stands first: levels may go by the model.
        self.setup = self
            .effort
            .is_some()
            .then_some(Request::Effort)
            .into_iter()
            .collect();
        if self.model.is_some() {
            self.setup.push(Request::Model);
        }
        let asking = |mode: &String| told["modes"]["currentModeId"] != **mode;
        if self.profile.mode.as_ref().is_some_and(asking) {
            self.setup.push(Request::Mode);
        }
        let mut steps = vec![Step::Bound(id)];
        steps.extend(self.options.offer().map(Step::Offers));
        steps.extend(self.set_up());
        steps
    }

    /// The model is chosen: what goes with it may be told anew.
    pub(super) fn model_set(&mut self, result: Option<&RawValue>) -> Vec<Step> {
        let now = Options::read(&result.and_then(parse).unwrap_or_default());
        if now != Options::default() {
            self.options = now;
        }
        self.set_up()
    }

    /// Sets the next thing up, or begins the first turn.
    pub(super) fn set_up(&mut self) -> Vec<Step> {
        let session = self.session.clone().unwrap_or_default();
        let line = match self.setup.pop() {
            Some(Request::Mode) => {
                control::mode(&session, self.profile.mode.as_deref().unwrap_or_default())
            }
            Some(Request::Effort) => return self.set_effort(&session),
            Some(_) => {
                let model = self.model.as_deref().unwrap_or_default();
                match &self.options.model {
                    Some(option) => control::model(&session, &option.id, model),
                    None => control::older_model(&session, model),
                }
            }
            None => match self.prompt.take() {
                Some(prompt) => self.prompt(&prompt),
                None => return Vec::new(),
            },
        };
        vec![Step::Write(line)]
    }

    /// Chooses the reasoning level, where the session has one like it (A4).
    fn set_effort(&mut self, session: &str) -> Vec<Step> {
        let wanted = self.effort.clone().unwrap_or_default();
        match &self.options.level {
            Some(level) if level.values.contains(&wanted) => {
                vec![Step::Write(control::effort(session, &level.id, &wanted))]
            }
            level => {
                let values = level.as_ref().map(|level| level.values.as_slice());
                let mut steps = vec![not_taken(&wanted, values.unwrap_or_default())];
                steps.extend(self.set_up());
                steps
            }
        }
    }
}

/// A reasoning level that is left out (A4).
pub(super) fn not_taken(wanted: &str, offered: &[String]) -> Step {
    Step::Item(Item::Status {
        text: level_left_out(wanted, offered),
    })
}
