//! A tool call as the protocol tells it: what is shown of it, and what it would do (R2, A5).

use super::{profile::Ours, spoken::text_of};
use crate::{
    dialogue::{
        describe, plain,
        policy::{Act, host},
    },
    stream::Item,
    tools::{NAMES, is_ours},
};
use agent_client_protocol_schema::v1::{
    Diff, ToolCall, ToolCallContent, ToolCallStatus, ToolCallUpdate, ToolKind,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The fields in which tools name a file or folder.
const PATHS: [&str; 8] = [
    "file_path",
    "filePath",
    "absolute_path",
    "path",
    "dir_path",
    "filename",
    "source",
    "destination",
];

/// A call under way.
pub(super) struct Call {
    pub(super) call: ToolCall,
    /// Whether the transcript has it.
    told: bool,
}

impl Call {
    pub(super) fn new(call: ToolCall) -> Self {
        Call { call, told: false }
    }

    /// A call that is first heard of by an update or a request for leave.
    pub(super) fn heard_late(update: ToolCallUpdate) -> Self {
        let title = update.fields.title.clone().unwrap_or_default();
        let mut call = ToolCall::new(update.tool_call_id, title);
        call.update(update.fields);
        Self::new(call)
    }

    /// The item of its beginning, once: `pressing` when it is needed although more may come.
    pub(super) fn begun(&mut self, pressing: bool) -> Option<Item> {
        // What is pending may still be without its input.
        if self.told || (!pressing && self.call.status == ToolCallStatus::Pending) {
            return None;
        }
        self.told = true;
        let (tool, input) = (self.tool(), self.input());
        Some(Item::ToolCall {
            id: self.id(),
            line: self.line(&tool, &input),
            tool,
            input,
            spilled: None,
            parent: None,
        })
    }

    /// The item of its end.
    pub(super) fn ended(&self) -> Option<Item> {
        let error = match self.call.status {
            ToolCallStatus::Completed => false,
            ToolCallStatus::Failed => true,
            _ => return None,
        };
        Some(Item::ToolResult {
            id: self.id(),
            output: self.output(),
            spilled: None,
            error,
            ms: None,
        })
    }

    fn id(&self) -> String {
        self.call.tool_call_id.0.to_string()
    }

    /// What the tool is called: its own name, else a word for its kind.
    pub(super) fn tool(&self) -> String {
        let kind = match self.call.kind {
            ToolKind::Execute => "shell",
            ToolKind::Edit => "edit",
            ToolKind::Delete => "delete",
            ToolKind::Move => "move",
            ToolKind::Read => "read",
            ToolKind::Search => "search",
            ToolKind::Fetch => "fetch",
            ToolKind::Think => "think",
            ToolKind::SwitchMode => "switch_mode",
            _ => "",
        };
        match (&self.call.name, kind) {
            (Some(name), _) => name.clone(),
            (None, "") => {
                let title = self.named_beside().unwrap_or(&self.call.title);
                describe::one_line(title, &Value::Null)
            }
            (None, kind) => kind.to_owned(),
        }
    }

    /// The name of the tool that some programs put beside a call whose title says something else.
    fn named_beside(&self) -> Option<&str> {
        self.call.meta.as_ref()?.get("toolName")?.as_str()
    }

    /// Its input as the agent gave it; what is known otherwise where it gave none.
    fn input(&self) -> Value {
        if let Some(input) = &self.call.raw_input {
            return input.clone();
        }
        match self.call.kind {
            ToolKind::Execute => json!({"command": self.call.title}),
            _ => json!({"title": self.call.title, "locations": self.locations()}),
        }
    }

    fn line(&self, tool: &str, input: &Value) -> String {
        let paths = self.paths(Path::new(""));
        match (self.call.kind, self.command()) {
            (ToolKind::Execute, Some(command)) => {
                describe::one_line(tool, &json!({"command": command}))
            }
            (ToolKind::Edit | ToolKind::Delete | ToolKind::Move | ToolKind::Read, _)
                if !paths.is_empty() =>
            {
                let paths: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
                describe::one_line(tool, &json!({"path": paths.join(", ")}))
            }
            _ if self.call.raw_input.is_some() => describe::one_line(tool, input),
            _ => describe::one_line(tool, &json!({"description": self.call.title})),
        }
    }

    fn output(&self) -> String {
        let texts: Vec<String> = self
            .call
            .content
            .iter()
            .map(|content| match content {
                ToolCallContent::Content(content) => text_of(&content.content),
                ToolCallContent::Diff(diff) => diff.path.display().to_string(),
                _ => String::new(),
            })
            .filter(|text| !text.is_empty())
            .collect();
        if !texts.is_empty() {
            return texts.join("\n");
        }
        match &self.call.raw_output {
            Some(Value::Null) | None => String::new(),
            Some(raw) => raw["output"]
                .as_str()
                .map_or_else(|| plain(raw), str::to_owned),
        }
    }

    fn locations(&self) -> Vec<String> {
        let path =
            |at: &agent_client_protocol_schema::v1::ToolCallLocation| at.path.display().to_string();
        self.call.locations.iter().map(path).collect()
    }

    fn diffs(&self) -> impl Iterator<Item = &Diff> {
        self.call
            .content
            .iter()
            .filter_map(|content| match content {
                ToolCallContent::Diff(diff) => Some(diff),
                _ => None,
            })
    }

    /// The command it would run: `None` when the input does not name one.
    fn command(&self) -> Option<String> {
        let Some(input) = &self.call.raw_input else {
            return Some(self.call.title.clone()).filter(|title| !title.is_empty());
        };
        match &input["command"] {
            Value::String(command) => Some(command.clone()),
            Value::Array(words) => Some(words.iter().map(plain).collect::<Vec<_>>().join(" ")),
            _ => None,
        }
    }

    /// Every place it names, from this folder on.
    fn paths(&self, folder: &Path) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self
            .call
            .locations
            .iter()
            .map(|at| folder.join(&at.path))
            .collect();
        paths.extend(self.diffs().map(|diff| folder.join(&diff.path)));
        let input = self.call.raw_input.as_ref().unwrap_or(&Value::Null);
        let named = PATHS.iter().filter_map(|name| input[*name].as_str());
        paths.extend(named.map(|path| folder.join(path)));
        paths.sort();
        paths.dedup();
        paths
    }

    /// What it would do, as far as leave for it is concerned.
    pub(super) fn act(&self, folder: &Path) -> Act {
        let other = || Act::Other(self.tool());
        let paths = self.paths(folder);
        match self.call.kind {
            ToolKind::Execute => self.command().map_or_else(other, Act::Command),
            ToolKind::Edit | ToolKind::Delete | ToolKind::Move if !paths.is_empty() => {
                Act::Edit(paths)
            }
            ToolKind::Read | ToolKind::Search if !paths.is_empty() => Act::Read(paths),
            // A search that names no place is one of the folder.
            ToolKind::Search if self.call.raw_input.is_some() => Act::Read(vec![folder.to_owned()]),
            ToolKind::Fetch => match self.url() {
                Some(url) => Act::Network(host(&url)),
                None => other(),
            },
            ToolKind::Think => Act::Own,
            _ => other(),
        }
    }

    /// Whether it is a call of one of our own tools, as this agent tells it (A6).
    pub(super) fn is_ours(&self, told: Ours) -> bool {
        match told {
            Ours::Untold => false,
            Ours::Title(before, after) => {
                let title = self.call.title.strip_prefix(before);
                let tool = title.and_then(|rest| rest.strip_suffix(after));
                self.call.kind == ToolKind::Other && tool.is_some_and(|tool| NAMES.contains(&tool))
            }
            Ours::Meta => {
                let name = self.named_beside();
                let tool = name.and_then(|name| name.strip_prefix("mcp__ripieno__"));
                tool.is_some_and(|tool| NAMES.contains(&tool))
            }
            Ours::Input => {
                let input = self.call.raw_input.as_ref().unwrap_or(&Value::Null);
                let (server, tool) = (input["server"].as_str(), input["tool"].as_str());
                input.get("command").is_none()
                    && is_ours(server.unwrap_or_default(), tool.unwrap_or_default())
            }
        }
    }

    fn url(&self) -> Option<String> {
        let input = self.call.raw_input.as_ref().unwrap_or(&Value::Null);
        let told = input["url"].as_str().map(str::to_owned);
        told.or_else(|| {
            let mut words = self.call.title.split_whitespace();
            words.find(|word| word.contains("://")).map(str::to_owned)
        })
    }

    /// Name and content of the call as a person is asked about it: everything that is known.
    pub(super) fn shown(&self) -> (String, Value) {
        if let (ToolKind::Execute, Some(command)) = (self.call.kind, self.command()) {
            let mut input = match self.call.raw_input.clone() {
                Some(Value::Object(input)) => Value::Object(input),
                _ => json!({}),
            };
            input["command"] = Value::from(command);
            return ("Bash".to_owned(), input);
        }
        let mut input = self.input();
        let changes: Vec<Value> = self
            .diffs()
            .map(|diff| json!({"path": diff.path, "from": diff.old_text, "to": diff.new_text}))
            .collect();
        let said: Vec<String> = self
            .call
            .content
            .iter()
            .filter_map(|content| match content {
                ToolCallContent::Content(content) => Some(text_of(&content.content)),
                _ => None,
            })
            .collect();
        if let Some(fields) = input.as_object_mut() {
            if !changes.is_empty() {
                fields.insert("changes".to_owned(), Value::from(changes));
            }
            if !said.is_empty() {
                fields.insert("content".to_owned(), Value::from(said.join("\n")));
            }
            if !self.call.title.is_empty() {
                fields
                    .entry("title")
                    .or_insert_with(|| Value::from(self.call.title.clone()));
            }
        }
        (self.tool(), input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(value: Value) -> Call {
        Call::new(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn call_is_read_as_what_it_does() {
        let folder = Path::new("/w");
        let id = |kind: &str, more: Value| {
            let mut value = json!({"toolCallId": "1", "title": "ls -l", "kind": kind});
            let fields = value.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            call(value).act(folder)
        };
        let paths = |list: &[&str]| list.iter().map(PathBuf::from).collect::<Vec<_>>();
        for (kind, more, want) in [
            ("execute", json!({}), Act::Command("ls -l".to_owned())),
            (
                "execute",
                json!({"rawInput": {"command": "rm x"}}),
                Act::Command("rm x".to_owned()),
            ),
            (
                "execute",
                json!({"rawInput": {"command": ["rm", "x"]}}),
                Act::Command("rm x".to_owned()),
            ),
            (
                "execute",
                json!({"rawInput": {}}),
                Act::Other("shell".to_owned()),
            ),
            (
                "edit",
                json!({"locations": [{"path": "/w/a"}]}),
                Act::Edit(paths(&["/w/a"])),
            ),
            (
                "edit",
                json!({"rawInput": {"filePath": "b"}}),
                Act::Edit(paths(&["/w/b"])),
            ),
            ("edit", json!({}), Act::Other("edit".to_owned())),
            (
                "search",
                json!({"rawInput": {"pattern": "x"}}),
                Act::Read(paths(&["/w"])),
            ),
            (
                "search",
                json!({"rawInput": {"path": "/etc"}}),
                Act::Read(paths(&["/etc"])),
            ),
            (
                "fetch",
                json!({"rawInput": {"url": "https://A.org/x"}}),
                Act::Network("a.org".to_owned()),
            ),
            ("think", json!({}), Act::Own),
            ("never_seen", json!({}), Act::Other("ls -l".to_owned())),
        ] {
            assert_eq!(id(kind, more.clone()), want, "{kind} {more}");
        }
    }

    #[test]
    fn our_tools_are_known_by_what_the_agent_itself_says() {
        let of = |value: Value, told| call(value).is_ours(told);
        let titled =
            |kind: &str, title: &str| json!({"toolCallId": "1", "title": title, "kind": kind});
        let gemini = Ours::Title("", " (ripieno MCP Server)");
        let title = "ask_human (ripieno MCP Server)";
        assert!(of(titled("other", title), gemini));
        // A command may be worded like that.
        assert!(!of(titled("execute", title), gemini));
        assert!(!of(titled("other", "rm (ripieno MCP Server)"), gemini));
        assert!(!of(titled("other", title), Ours::Untold));
        assert!(of(
            titled("other", "mcp__ripieno__ask_human"),
            Ours::Title("mcp__ripieno__", "")
        ));
        let beside = |name: &str| {
            let mut value = titled("other", "{\"question\":\"Go?\"}");
            value["_meta"] = json!({"toolName": name});
            value
        };
        assert!(of(beside("mcp__ripieno__ask_human"), Ours::Meta));
        assert!(!of(beside("mcp__other__ask_human"), Ours::Meta));
        assert!(!of(beside("run_shell_command"), Ours::Meta));
        let with = |input: Value| json!({"toolCallId": "1", "title": "x", "kind": "execute", "rawInput": input});
        let ours = json!({"server": "ripieno", "tool": "ask_human", "arguments": {}});
        assert!(of(with(ours.clone()), Ours::Input));
        assert!(!of(
            with(json!({"server": "x", "tool": "ask_human"})),
            Ours::Input
        ));
        let mut command = ours;
        command["command"] = Value::from("rm -rf .");
        assert!(!of(with(command), Ours::Input));
    }

    #[test]
    fn change_is_shown_whole() {
        let call = call(
            json!({"toolCallId": "1", "title": "Edit a", "kind": "edit", "content": [
            {"type": "diff", "path": "/w/a", "oldText": "old", "newText": "new"}]}),
        );
        let (tool, input) = call.shown();
        let text = describe::whole(&tool, &input);
        assert!(
            text.contains("old") && text.contains("new") && text.contains("/w/a"),
            "{text}"
        );
    }

    #[test]
    fn pending_call_is_told_once_its_input_is_there() {
        let mut call = call(json!({"toolCallId": "1", "title": "bash", "kind": "execute"}));
        assert_eq!(call.begun(false), None);
        assert!(call.begun(true).is_some());
        assert_eq!(call.begun(true), None);
    }
}
