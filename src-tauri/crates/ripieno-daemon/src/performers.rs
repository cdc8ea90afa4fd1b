//! The performers of this worker: one closed set, so that nothing is called by name.

use ripieno_agents::{
    Agent, Capabilities, Run, RunSpec, acp::Acp, claude::Claude, codex::Codex, generic::Generic,
    shell::Shell,
};
use ripieno_core::failure::Failure;

/// A word as a POSIX shell reads it back: ids come from agents, folders from anywhere.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':');
    if !word.is_empty() && word.chars().all(plain) && !word.starts_with('-') {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// One performer.
#[derive(Clone, Debug)]
pub enum Performer {
    /// Scripts.
    Shell(Shell),
    /// Claude Code.
    Claude(Claude),
    /// Codex.
    Codex(Codex),
    /// An agent that speaks the Agent Client Protocol.
    Acp(Acp),
    /// Any other program.
    Generic(Generic),
}

impl Performer {
    /// The runtime kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        match self {
            Performer::Shell(agent) => agent.kind(),
            Performer::Claude(agent) => agent.kind(),
            Performer::Codex(agent) => agent.kind(),
            Performer::Acp(agent) => agent.kind(),
            Performer::Generic(agent) => agent.kind(),
        }
    }

    /// What it can do.
    #[must_use]
    pub fn capabilities(&self) -> Capabilities {
        match self {
            Performer::Shell(agent) => agent.capabilities(),
            Performer::Claude(agent) => agent.capabilities(),
            Performer::Codex(agent) => agent.capabilities(),
            Performer::Acp(agent) => agent.capabilities(),
            Performer::Generic(agent) => agent.capabilities(),
        }
    }

    /// The variables its program reads.
    #[must_use]
    pub fn env_names(&self) -> Vec<&str> {
        match self {
            Performer::Shell(agent) => agent.env_names(),
            Performer::Claude(agent) => agent.env_names(),
            Performer::Codex(agent) => agent.env_names(),
            Performer::Acp(agent) => agent.env_names(),
            Performer::Generic(agent) => agent.env_names(),
        }
    }

    /// Where it looks for skills, below the folder it works in.
    #[must_use]
    pub fn skills_folder(&self) -> Option<&str> {
        match self {
            Performer::Shell(agent) => agent.skills_folder(),
            Performer::Claude(agent) => agent.skills_folder(),
            Performer::Codex(agent) => agent.skills_folder(),
            Performer::Acp(agent) => agent.skills_folder(),
            Performer::Generic(agent) => agent.skills_folder(),
        }
    }

    /// The command with which a person goes on in a session, to be typed in the folder it belongs to.
    #[must_use]
    pub fn resume_command(&self, session: &str) -> Option<String> {
        match self {
            Performer::Shell(_) | Performer::Generic(_) => None,
            Performer::Claude(_) => Some(format!("claude --resume {}", quoted(session))),
            Performer::Codex(_) => Some(format!("codex resume {}", quoted(session))),
            Performer::Acp(agent) => {
                let words = agent.profile().resume.as_ref()?;
                Some(format!("{words} {}", quoted(session)))
            }
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
            Performer::Acp(agent) => agent.start(spec).await,
            Performer::Generic(agent) => agent.start(spec).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_from_elsewhere_is_one_word_of_the_shell() {
        assert_eq!(quoted("0a1b-2c"), "0a1b-2c");
        assert_eq!(quoted("/some dir/it's"), "'/some dir/it'\\''s'");
        assert_eq!(quoted("$(id)"), "'$(id)'");
        assert_eq!(quoted("--help"), "'--help'");
        assert_eq!(quoted(""), "''");
    }
}
