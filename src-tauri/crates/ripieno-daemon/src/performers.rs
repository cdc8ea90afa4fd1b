//! The performers of this worker: one closed set, so that nothing is called by name.

use ripieno_agents::{
    Agent, Capabilities, Run, RunSpec, claude::Claude, codex::Codex, shell::Shell,
};
use ripieno_core::failure::Failure;

/// One performer.
#[derive(Clone, Debug)]
pub enum Performer {
    /// Scripts.
    Shell(Shell),
    /// Claude Code.
    Claude(Claude),
    /// Codex.
    Codex(Codex),
}

impl Performer {
    /// The runtime kind.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Performer::Shell(agent) => agent.kind(),
            Performer::Claude(agent) => agent.kind(),
            Performer::Codex(agent) => agent.kind(),
        }
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match self {
            Performer::Shell(agent) => agent.capabilities(),
            Performer::Claude(agent) => agent.capabilities(),
            Performer::Codex(agent) => agent.capabilities(),
        }
    }

    /// The variables its program reads.
    #[must_use]
    pub fn env_names(&self) -> &'static [&'static str] {
        match self {
            Performer::Shell(agent) => agent.env_names(),
            Performer::Claude(agent) => agent.env_names(),
            Performer::Codex(agent) => agent.env_names(),
        }
    }

    /// Starts one turn.
    ///
    /// # Errors
    /// A classified [`Failure`] when no process could be started.
    pub async fn start(&self, spec: RunSpec) -> Result<Run, Failure> {
        match self {
            Performer::Shell(agent) => agent.start(spec).await,
            Performer::Claude(agent) => agent.start(spec).await,
            Performer::Codex(agent) => agent.start(spec).await,
        }
    }
}
