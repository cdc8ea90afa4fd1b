//! What the tools of Claude Code do, as far as leave for them is concerned (A5).

use crate::{
    dialogue::policy::{Act, Policy, host},
    tools,
};
use serde_json::Value;
use std::path::PathBuf;

/// What a call does. `blocked` is a path the program itself names as outside.
pub(super) fn act(policy: &Policy, tool: &str, input: &Value, blocked: Option<&str>) -> Act {
    let mut paths: Vec<PathBuf> = ["file_path", "notebook_path", "path"]
        .iter()
        .filter_map(|key| input[*key].as_str())
        .chain(blocked)
        .map(|path| policy.place(path))
        .collect();
    let command = || input["command"].as_str().unwrap_or_default().to_owned();
    match tool {
        "Read" | "NotebookRead" | "LS" | "LSP" => Act::Read(paths),
        "Glob" | "Grep" => {
            let pattern = input["pattern"].as_str().unwrap_or_default();
            let leads_out = pattern.trim().starts_with(['/', '~']) || pattern.contains("..");
            if tool == "Glob" && leads_out {
                paths.push(policy.place(pattern));
            }
            if paths.is_empty() {
                paths.push(policy.folder().to_owned());
            }
            Act::Read(paths)
        }
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" => Act::Edit(paths),
        "Bash" | "PowerShell" | "Monitor" => Act::Command(command()),
        "WebFetch" => Act::Network(host(input["url"].as_str().unwrap_or_default())),
        "WebSearch" => Act::Network("web search".to_owned()),
        "AskUserQuestion" => Act::Question,
        "Task" | "Agent" | "TodoWrite" | "TaskCreate" | "TaskUpdate" | "TaskGet" | "TaskList"
        | "TaskOutput" | "TaskStop" | "BashOutput" | "KillShell" | "ToolSearch" | "Skill"
        | "EnterPlanMode" | "ListAgents" | "SendMessage" | "ReportFindings" => Act::Own,
        other if tools::is_our_name(other) => Act::Ours,
        other => Act::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialogue::policy::Decision;
    use crate::{Access, Approvals};
    use serde_json::json;

    #[test]
    fn tools_do_what_their_names_say() {
        let inside = tempfile::tempdir().unwrap();
        let policy = Policy::bare(inside.path(), Approvals::AskRisky, Access::Full);
        let of = |tool: &str, input: Value| act(&policy, tool, &input, None);
        let file = policy.folder().join("a.txt");
        assert_eq!(
            of("Read", json!({"file_path": "a.txt"})),
            Act::Read(vec![file.clone()])
        );
        assert_eq!(
            of("Edit", json!({"file_path": "a.txt"})),
            Act::Edit(vec![file])
        );
        assert_eq!(
            of("Bash", json!({"command": "ls"})),
            Act::Command("ls".to_owned())
        );
        assert_eq!(
            of("WebFetch", json!({"url": "https://Example.org/x"})),
            Act::Network("example.org".to_owned())
        );
        assert_eq!(of("TodoWrite", json!({})), Act::Own);
        assert_eq!(of("AskUserQuestion", json!({})), Act::Question);
        assert_eq!(of("mcp__ripieno__ask_human", json!({})), Act::Ours);
        assert_eq!(
            of("mcp__a__b", json!({})),
            Act::Other("mcp__a__b".to_owned())
        );
    }

    #[test]
    fn places_outside_are_asked_for_however_they_are_named() {
        let inside = tempfile::tempdir().unwrap();
        let policy = Policy::bare(inside.path(), Approvals::AskRisky, Access::Full);
        let read = act(&policy, "Read", &json!({"file_path": "a"}), Some("/etc"));
        assert_eq!(policy.decide(&read), Decision::Ask);
        let glob = act(&policy, "Glob", &json!({"pattern": "/etc/**"}), None);
        assert_eq!(policy.decide(&glob), Decision::Ask);
        for path in ["~/.ssh", " ~/.ssh", "~", "~root/x", " /etc "] {
            for tool in ["Grep", "Glob"] {
                let read = act(&policy, tool, &json!({"pattern": "x", "path": path}), None);
                assert_eq!(policy.decide(&read), Decision::Ask, "{tool} {path:?}");
            }
        }
    }
}
