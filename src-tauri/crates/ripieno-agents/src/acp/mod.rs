//! Agents that speak the Agent Client Protocol: one adapter, a row for each (A3).
//!
//! Owns the protocol as its schema crate has it, version 1. Refuses to serve files or terminals: the agent works on the
//! disk itself, and what it wants to do is asked for.

mod call;
mod control;
mod conversation;
mod desk;
mod options;
mod profile;
mod spoken;
mod usage;
mod verdict;

#[cfg(test)]
mod recordings;

pub use profile::{Ours, Profile};

use crate::{
    Agent, Capabilities, Run, RunSpec, Work,
    dialogue::{self, policy::Policy},
    process::Launcher,
};
use conversation::Conversation;
use ripieno_core::failure::{Class, Failure};
use std::{path::PathBuf, sync::Arc};

/// Runs an agent that speaks the protocol.
#[derive(Clone, Debug)]
pub struct Acp {
    /// Shared by every run of the agent.
    profile: Arc<Profile>,
    program: PathBuf,
    launcher: Launcher,
}

impl Acp {
    /// Runs this program below supervisors of this launcher; [`crate::discover`] finds it.
    #[must_use]
    pub fn new(profile: Profile, program: PathBuf, launcher: Launcher) -> Self {
        Acp {
            profile: Arc::new(profile),
            program,
            launcher,
        }
    }

    /// How it is started and spoken to.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }
}

/// A conversation that no process holds.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn dialogue_of(profile: &Profile, spec: &RunSpec) -> impl dialogue::Dialogue {
    Conversation::new(profile, spec, "write a file", Policy::new(spec))
}

impl Agent for Acp {
    fn kind(&self) -> &str {
        &self.profile.kind
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            answer_in_place: true,
            comments: true,
            tells_tokens: self.profile.tells_tokens,
            tells_money: self.profile.tells_money,
        }
    }

    fn env_names(&self) -> Vec<&str> {
        self.profile.env_names.iter().map(String::as_str).collect()
    }

    fn skills_folder(&self) -> Option<&str> {
        Some(&self.profile.skills)
    }

    async fn start(&self, mut spec: RunSpec) -> Result<Run, Failure> {
        let Work::Prompt(prompt) = &spec.work else {
            let text = format!(
                "{} takes prompts: a script needs the shell",
                self.profile.name
            );
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let conversation = Conversation::new(&self.profile, &spec, prompt, Policy::new(&spec));
        let arguments =
            control::arguments(&self.profile, spec.model.as_deref(), spec.tools.as_ref());
        spec.env.extend(self.profile.settings.iter().cloned());
        let program = self.program.clone();
        dialogue::start(&self.launcher, program, arguments, &spec, conversation).await
    }
}
