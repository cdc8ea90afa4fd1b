//! Codex over its app-server: JSON-RPC by lines, both ways (A3).
//!
//! Owns the protocol of that program. Its own sandbox is off: every command that it does not hold for harmless, every
//! change of a file and every call of another server's tool comes to us, and the approval level or a person decides (A5).

mod control;
mod conversation;
mod desk;
mod items;
mod verdict;
mod wire;

#[cfg(test)]
mod recordings;

use crate::{
    Agent, Capabilities, Run, RunSpec, Work,
    dialogue::{self, policy::Policy},
    process::Launcher,
};
use conversation::Conversation;
use ripieno_core::failure::{Class, Failure};
use std::{ffi::OsString, path::PathBuf};

/// The oldest version this adapter was driven with.
pub const MINIMUM_VERSION: &str = "0.169.0";

/// Runs Codex.
#[derive(Clone, Debug)]
pub struct Codex {
    program: PathBuf,
    launcher: Launcher,
}

impl Codex {
    /// Runs this program below supervisors of this launcher; [`crate::discover`] finds it.
    #[must_use]
    pub fn new(program: PathBuf, launcher: Launcher) -> Self {
        Codex { program, launcher }
    }
}

impl Agent for Codex {
    fn kind(&self) -> &str {
        "codex"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            resume: true,
            answer_in_place: true,
            comments: true,
        }
    }

    fn env_names(&self) -> Vec<&str> {
        ENV_NAMES.to_vec()
    }

    fn skills_folder(&self) -> Option<&str> {
        Some(".agents/skills")
    }

    async fn start(&self, spec: RunSpec) -> Result<Run, Failure> {
        let Work::Prompt(prompt) = &spec.work else {
            let text = "Codex takes prompts: a script needs the shell";
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let conversation = Conversation::new(&spec, prompt, Policy::new(&spec));
        let program = self.program.clone();
        dialogue::start(&self.launcher, program, arguments(), &spec, conversation).await
    }
}

/// The program's arguments: what is said goes over the protocol (sec-8).
fn arguments() -> Vec<OsString> {
    // It neither looks for a newer version of itself nor reports home while it works for somebody.
    let quiet = [
        "check_for_update_on_startup=false",
        "analytics.enabled=false",
        "feedback.enabled=false",
    ];
    let mut args = vec![OsString::from("app-server")];
    for setting in quiet {
        args.extend(["-c".into(), setting.into()]);
    }
    args
}

/// What the program reads of its surroundings.
pub(crate) const ENV_NAMES: &[&str] = &[
    "AZURE_OPENAI_API_KEY",
    "CODEX_API_KEY",
    "CODEX_CA_CERTIFICATE",
    "CODEX_HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "OPENAI_ORGANIZATION",
    "OPENAI_PROJECT",
    "SSL_CERT_FILE",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];
