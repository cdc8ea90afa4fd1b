//! What the scripted model says: a pure function of the scenario's name and the request.
//!
//! The stateless rule: a request whose last message carries tool results gets the final text, any other
//! with tools gets the scenario's tool call, one without tools a short fixed text. The tool is always one the
//! request offers.

use serde_json::{Value, json};

/// A failure the server answers with.
#[derive(Clone, PartialEq, Debug)]
pub struct Fault {
    /// The HTTP status.
    pub status: u16,
    /// The provider's error type.
    pub kind: &'static str,
    /// What it says.
    pub message: String,
    /// Headers beside it.
    pub headers: Vec<(&'static str, String)>,
}

/// What is sent back.
#[derive(Clone, PartialEq, Debug)]
pub enum Reply {
    /// Text, then perhaps one tool call.
    Turn {
        /// Thinking before it.
        thinking: Option<String>,
        /// The text.
        text: String,
        /// Name and input of the tool.
        tool: Option<(String, Value)>,
        /// Milliseconds between two pieces of the text.
        pace_ms: u64,
        /// Where the stream ends, when not with the message.
        cut: Cut,
    },
    /// An error.
    Fault(Fault),
    /// Nothing, for ever.
    Hang,
    /// The connection is closed without an answer.
    Drop,
}

/// Where a stream breaks off.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Cut {
    /// Nowhere.
    #[default]
    Nowhere,
    /// In the middle of the text, as if that were the end.
    InText,
    /// After the last block, as if that were the end.
    BeforeStop,
    /// In the middle of the text, with a broken connection.
    Reset,
}

/// One scenario: the first path segment of the base URL.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scenario(pub String);

/// What matters of a request, whatever its protocol.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// The tools offered.
    pub(crate) tools: Vec<String>,
    /// The texts of tool results in the last message; `None` when it has none.
    pub(crate) results: Option<Vec<String>>,
    /// The person's last words.
    pub(crate) prompt: String,
    /// The folder the agent works in, where the request tells.
    pub(crate) folder: Option<String>,
}

/// The person's own words in a text: what agents put before and after them stands in tags of their own.
pub(crate) fn own_words(text: &str) -> String {
    let mut rest = text.trim();
    while let Some((tag, _)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let name = tag.split_whitespace().next().unwrap_or_default();
        match rest.split_once(&format!("</{name}>")) {
            Some((_, after)) => rest = after.trim_start(),
            None => return String::new(),
        }
    }
    let end = rest
        .find("\n<")
        .filter(|at| rest[*at..].contains("</"))
        .unwrap_or(rest.len());
    rest[..end].trim_end().to_owned()
}

impl Scenario {
    /// Decides the answer.
    pub(crate) fn reply(&self, seen: &Seen) -> Reply {
        let name = self.0.as_str();
        if let Some(fault) = fault(name) {
            return Reply::Fault(fault);
        }
        match name {
            "hang" => return Reply::Hang,
            "drop" => return Reply::Drop,
            _ => {}
        }
        if seen.tools.is_empty() {
            return say("ok");
        }
        match &seen.results {
            Some(results) if name != "loop" => self.last_words(results),
            _ => self.first_move(seen),
        }
    }

    fn last_words(&self, results: &[String]) -> Reply {
        match self.0.as_str() {
            "ask" | "ask2" | "mcpask" => say(&format!("Answer seen: {}", results.join("; "))),
            "cutlate" => cut("All done: the file", Cut::InText),
            "big" => say(&"x".repeat(300_000)),
            _ => say("All done."),
        }
    }

    fn first_move(&self, seen: &Seen) -> Reply {
        let shell = |command: &str| shell(seen, command);
        match self.0.as_str() {
            "say" => say(&format!("You said: {}", seen.prompt)),
            "think" => Reply::Turn {
                thinking: Some("Let me see.".to_owned()),
                text: "I have thought.".to_owned(),
                tool: None,
                pace_ms: 0,
                cut: Cut::Nowhere,
            },
            "slow" => Reply::Turn {
                thinking: None,
                text: "one two three four five six seven eight".to_owned(),
                tool: None,
                pace_ms: 150,
                cut: Cut::Nowhere,
            },
            // Longer than any test listens.
            "drip" => Reply::Turn {
                thinking: None,
                text: "drop ".repeat(600),
                tool: None,
                pace_ms: 100,
                cut: Cut::Nowhere,
            },
            "empty" => say(""),
            "gaveup" => say("(no content)"),
            "cut" => match shell("echo cut > out.txt") {
                Reply::Turn {
                    thinking,
                    text,
                    tool,
                    pace_ms,
                    ..
                } => Reply::Turn {
                    thinking,
                    text,
                    tool,
                    pace_ms,
                    cut: Cut::BeforeStop,
                },
                other => other,
            },
            "cutmid" => cut("I will do", Cut::InText),
            "reset" => cut("I will do", Cut::Reset),
            // Claude Code refuses a bare `sleep`.
            "sleep" => shell("tail -f /dev/null"),
            "run" => shell(&command_in(&seen.prompt)),
            "big" => shell("head -c 3000000 /dev/zero | tr '\\0' x"),
            "write" => write(seen, false),
            "outside" => write(seen, true),
            "read" => call(
                seen,
                &["Read", "read_file"],
                json!({"file_path": place(seen, "README.md")}),
            ),
            "fetch" => call(
                seen,
                &["WebFetch", "web_fetch"],
                json!({"url": "http://127.0.0.1:9/page", "prompt": "what does it say"}),
            ),
            "ask" => call(seen, &["AskUserQuestion"], json!({"questions": [colour()]})),
            "ask2" => call(
                seen,
                &["AskUserQuestion"],
                json!({"questions": [colour(), sizes()]}),
            ),
            "mcpask" => match answer_in(&seen.prompt) {
                Some(answer) => say(&format!("Answer told: {answer}")),
                None => named(
                    seen,
                    "ask_human",
                    json!({"question": "Which colour?", "options": ["Red", "Blue"]}),
                ),
            },
            "use" => use_in(seen),
            // A prompt of the agent's own making tells that the sub-agent has ended.
            "agent" if seen.prompt.is_empty() => say("All done."),
            "agent" if seen.prompt.contains("Say ok.") => say("ok"),
            "agent" => call(
                seen,
                &["Agent", "Task"],
                json!({"description": "a part", "prompt": "Say ok.", "subagent_type": "general-purpose"}),
            ),
            _ => shell("echo hello-from-model > out.txt && cat out.txt"),
        }
    }
}

fn say(text: &str) -> Reply {
    Reply::Turn {
        thinking: None,
        text: text.to_owned(),
        tool: None,
        pace_ms: 0,
        cut: Cut::Nowhere,
    }
}

fn cut(text: &str, cut: Cut) -> Reply {
    Reply::Turn {
        thinking: None,
        text: text.to_owned(),
        tool: None,
        pace_ms: 0,
        cut,
    }
}

/// Calls the first of the named tools that is offered.
fn call(seen: &Seen, names: &[&str], input: Value) -> Reply {
    let offered = names
        .iter()
        .find(|name| seen.tools.iter().any(|tool| tool == *name));
    match offered {
        Some(name) => Reply::Turn {
            thinking: None,
            text: "I will do it.".to_owned(),
            tool: Some(((*name).to_owned(), input)),
            pace_ms: 0,
            cut: Cut::Nowhere,
        },
        None => say(&format!(
            "None of the tools {} is offered, only these: {}.",
            names.join(", "),
            seen.tools.join(", ")
        )),
    }
}

/// Runs a command by the shell tool that is offered.
fn shell(seen: &Seen, command: &str) -> Reply {
    if seen.tools.iter().any(|tool| tool == "exec_command") {
        return call(seen, &["exec_command"], json!({"cmd": command}));
    }
    let input = json!({"command": command, "description": "a step of the script"});
    call(seen, &["Bash", "shell", "run_shell_command", "bash"], input)
}

/// Writes the file the prompt names, with the content it gives, by the file tool or by the shell.
fn write(seen: &Seen, outside: bool) -> Reply {
    let (name, content) = wish(&seen.prompt);
    let name = if outside {
        format!("../outside-{name}")
    } else {
        name
    };
    if seen.tools.iter().any(|tool| tool == "Write") && seen.folder.is_some() {
        let input = json!({"file_path": place(seen, &name), "content": content});
        return call(seen, &["Write"], input);
    }
    let quoted = content.replace('\'', "'\\''");
    let command = format!("printf '%s' '{quoted}' > {name}");
    shell(seen, &command)
}

fn place(seen: &Seen, name: &str) -> String {
    seen.folder
        .as_ref()
        .map_or_else(|| name.to_owned(), |folder| format!("{folder}/{name}"))
}

/// Calls the tool of a server whose name ends like this: agents put different words before it.
fn named(seen: &Seen, name: &str, input: Value) -> Reply {
    let offered = seen.tools.iter().find(|tool| tool.ends_with(name));
    call(seen, &[offered.map_or(name, String::as_str)], input)
}

/// The call that a line `use NAME JSON` of the prompt asks for.
fn use_in(seen: &Seen) -> Reply {
    let line = seen
        .prompt
        .lines()
        .find_map(|line| line.trim().strip_prefix("use "));
    let (name, input) = line
        .and_then(|line| line.split_once(' '))
        .unwrap_or_default();
    let input = serde_json::from_str(input).unwrap_or_default();
    named(seen, name, input)
}

/// The answer a prompt tells.
fn answer_in(prompt: &str) -> Option<&str> {
    prompt
        .lines()
        .find_map(|line| line.trim().strip_prefix("The answer: "))
}

/// The file and content a prompt asks for: `write NAME.EXT: CONTENT`; else `out.txt` and the prompt itself.
fn wish(prompt: &str) -> (String, String) {
    let line = prompt
        .lines()
        .find(|line| line.trim_start().starts_with("write "));
    let asked = line.and_then(|line| line.trim_start().strip_prefix("write "));
    let Some((name, content)) = asked.and_then(|rest| rest.split_once(": ")) else {
        return ("out.txt".to_owned(), format!("{}\n", prompt.trim()));
    };
    let name: String = name
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || ".-_/".contains(*c))
        .collect();
    (name, format!("{content}\n"))
}

/// The command after `$ ` at the start of a line of the prompt.
fn command_in(prompt: &str) -> String {
    let found = prompt
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("$ "));
    found.unwrap_or("true").to_owned()
}

fn colour() -> Value {
    json!({"question": "Which colour?", "header": "Colour", "multiSelect": false, "options": [
        {"label": "Red", "description": "warm"}, {"label": "Blue", "description": "cold"}]})
}

fn sizes() -> Value {
    json!({"question": "Which sizes?", "header": "Sizes", "multiSelect": true, "options": [
        {"label": "Small", "description": "little"}, {"label": "Large", "description": "much"}]})
}

/// Far enough away to be told from a default: 2 hours from now, in seconds since the epoch.
fn in_two_hours() -> String {
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    (now.as_secs() + 7200).to_string()
}

/// Agents that keep to it try again at once, not for a minute.
fn soon() -> Vec<(&'static str, String)> {
    vec![("retry-after-ms", "200".to_owned())]
}

fn fault(name: &str) -> Option<Fault> {
    let fault = |status, kind, message: &str| Fault {
        status,
        kind,
        message: message.to_owned(),
        headers: Vec::new(),
    };
    Some(match name {
        "e401" => fault(401, "authentication_error", "invalid x-api-key"),
        "e403" => fault(403, "permission_error", "this key may not use the model"),
        "e404" => fault(404, "not_found_error", "model: no-such-model"),
        "e400" => fault(
            400,
            "invalid_request_error",
            "prompt is too long: 250000 tokens > 200000 maximum",
        ),
        "e400bad" => fault(
            400,
            "invalid_request_error",
            "messages.0: field is malformed",
        ),
        "e413" => fault(413, "request_too_large", "Request exceeds the maximum size"),
        "e429" => Fault {
            headers: vec![("retry-after", "1".to_owned())],
            ..fault(
                429,
                "rate_limit_error",
                "This request would exceed your rate limit",
            )
        },
        "e429long" => Fault {
            headers: vec![("retry-after", "3600".to_owned())],
            ..fault(
                429,
                "rate_limit_error",
                "This request would exceed your rate limit",
            )
        },
        "e429unified" => Fault {
            headers: vec![
                ("retry-after", "7200".to_owned()),
                ("anthropic-ratelimit-unified-status", "rejected".to_owned()),
                ("anthropic-ratelimit-unified-reset", in_two_hours()),
                (
                    "anthropic-ratelimit-unified-representative-claim",
                    "five_hour".to_owned(),
                ),
            ],
            ..fault(
                429,
                "rate_limit_error",
                "This request would exceed your rate limit",
            )
        },
        "quota" => Fault {
            headers: soon(),
            ..fault(
                429,
                "insufficient_quota",
                "You exceeded your current quota, please check your plan and billing details.",
            )
        },
        "e500" => Fault {
            headers: soon(),
            ..fault(500, "api_error", "Internal server error")
        },
        "e529" => fault(529, "overloaded_error", "Overloaded"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(tools: &[&str], prompt: &str, results: Option<&[&str]>) -> Seen {
        let own = |list: &[&str]| {
            list.iter()
                .map(|text| (*text).to_owned())
                .collect::<Vec<_>>()
        };
        Seen {
            tools: own(tools),
            prompt: prompt.to_owned(),
            results: results.map(own),
            folder: Some("/f".to_owned()),
        }
    }

    fn tool_of(scenario: &str, seen: &Seen) -> (String, Value) {
        match Scenario(scenario.to_owned()).reply(seen) {
            Reply::Turn {
                tool: Some(tool), ..
            } => tool,
            other => panic!("{scenario} calls a tool: {other:?}"),
        }
    }

    #[test]
    fn own_words_are_what_stands_in_no_tag() {
        for (text, want) in [
            ("do it", "do it"),
            ("<now>1</now>\n\ndo it\n\n<reminder>x</reminder>", "do it"),
            ("<env a=1>x</env><b>y</b>", ""),
            ("<open", "<open"),
            ("<cut>off", ""),
            ("a < b", "a < b"),
        ] {
            assert_eq!(own_words(text), want, "{text}");
        }
    }

    #[test]
    fn write_takes_name_and_content_from_the_prompt() {
        let (name, input) = tool_of(
            "write",
            &seen(&["Bash", "Write"], "please\nwrite a/b.txt: it's", None),
        );
        assert_eq!(name, "Write");
        assert_eq!(
            input,
            json!({"file_path": "/f/a/b.txt", "content": "it's\n"})
        );
        let (name, input) = tool_of("write", &seen(&["bash"], "write b.txt: it's", None));
        assert_eq!(
            (name.as_str(), input["command"].as_str()),
            ("bash", Some("printf '%s' 'it'\\''s\n' > b.txt"))
        );
    }

    #[test]
    fn results_lead_to_the_last_words_except_in_a_loop() {
        let done = seen(&["Bash"], "x", Some(&["hello"]));
        assert_eq!(Scenario("ok".into()).reply(&done), say("All done."));
        assert_eq!(tool_of("loop", &done).0, "Bash");
        assert_eq!(
            Scenario("ok".into()).reply(&seen(&[], "x", None)),
            say("ok")
        );
    }
}
