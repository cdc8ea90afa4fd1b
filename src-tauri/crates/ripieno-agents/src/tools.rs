//! The tools every agent is given beside its own (A6): our server, started by the agent as `ripieno mcp task`.
//!
//! Owns what the agent is told about that server and how its calls are known. The server itself is the command's.

use std::{path::PathBuf, time::Duration};

/// What the server is called in every agent's settings.
pub const SERVER: &str = "ripieno";

/// The question to the person, by its name within the server.
pub const ASK_HUMAN: &str = "ask_human";

/// Its tools; the command serves exactly these.
pub const NAMES: [&str; 6] = [
    ASK_HUMAN,
    "report_progress",
    "update_checklist",
    "update_brief",
    "finish_movement",
    "submit_result",
];

/// How much longer than its longest wait a call may take before the agent gives it up.
const SPARE: Duration = Duration::from_secs(30);

/// The variables the server works with: the agent passes them on, by name where it can.
pub(crate) const VARIABLES: [&str; 3] = ["RIPIENO_SOCKET", "RIPIENO_TASK_ID", "RIPIENO_TASK_TOKEN"];

/// How the server of one run is started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskTools {
    /// Our own command.
    pub command: PathBuf,
    /// The worker's socket; no secret.
    pub socket: PathBuf,
    /// How long a question may wait for its answer within the call (H3).
    pub window: Duration,
}

impl TaskTools {
    /// The arguments with which a question waits as long as the agent has patience for, then stays open.
    pub(crate) fn arguments(&self, patience: Option<Duration>) -> Vec<String> {
        let wait = patience.map_or(self.window, |patience| patience.min(self.window));
        let words = ["mcp".to_owned(), "task".to_owned()];
        let wait = ["--wait".to_owned(), format!("{}s", wait.as_secs())];
        words.into_iter().chain(wait).collect()
    }

    /// The command as text for settings.
    pub(crate) fn program(&self) -> String {
        self.command.display().to_string()
    }

    /// How long the agent is to wait for a call.
    pub(crate) fn timeout(&self) -> Duration {
        self.window.saturating_add(SPARE)
    }
}

/// Whether a tool of the server is meant by the names the agent gives for server and tool.
pub(crate) fn is_ours(server: &str, tool: &str) -> bool {
    server == SERVER && NAMES.contains(&tool)
}

/// Whether a tool of the server is meant by a name of the form `mcp__SERVER__TOOL`.
pub(crate) fn is_our_name(name: &str) -> bool {
    let parts = name
        .strip_prefix("mcp__")
        .and_then(|rest| rest.split_once("__"));
    parts.is_some_and(|(server, tool)| is_ours(server, tool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_tools_are_ours() {
        for (name, ours) in [
            ("mcp__ripieno__ask_human", true),
            ("mcp__ripieno__submit_result", true),
            ("mcp__ripieno__delete_everything", false),
            ("mcp__other__ask_human", false),
            ("mcp__ripieno_x__ask_human", false),
            ("mcp__x__ripieno__ask_human", false),
            ("ripieno__ask_human", false),
        ] {
            assert_eq!(is_our_name(name), ours, "{name}");
        }
    }

    #[test]
    fn question_waits_no_longer_than_agent_and_window_allow() {
        let tools = TaskTools {
            command: PathBuf::from("/bin/ripieno"),
            socket: PathBuf::from("/run/s"),
            window: Duration::from_secs(600),
        };
        assert_eq!(tools.arguments(None), ["mcp", "task", "--wait", "600s"]);
        let patience = Some(Duration::from_secs(45));
        assert_eq!(tools.arguments(patience)[3], "45s");
        assert!(tools.timeout() > tools.window);
    }
}
