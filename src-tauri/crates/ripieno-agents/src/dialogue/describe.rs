//! What a tool call is about: one line for views (O4), and the whole of it for approvals (A5).

use super::fingerprint;
use crate::text::floor;
use serde_json::{Value, json};

/// How long a line may be.
const LINE: usize = 200;

/// A tool call in one line of at most 200 characters.
pub(crate) fn one_line(tool: &str, input: &Value) -> String {
    const TELLING: [&str; 12] = [
        "command",
        "file_path",
        "notebook_path",
        "path",
        "pattern",
        "url",
        "query",
        "description",
        "prompt",
        "skill",
        "subject",
        "question",
    ];
    let told = TELLING
        .iter()
        .find_map(|key| input[*key].as_str())
        .map(str::to_owned);
    let told = told.unwrap_or_else(|| match input {
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Null => String::new(),
        other => other.to_string(),
    });
    let whole = if told.is_empty() {
        tool.to_owned()
    } else {
        format!("{tool}: {told}")
    };
    let flat: String = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= LINE {
        return flat;
    }
    let head: String = flat.chars().take(LINE - 1).collect();
    format!("{head}…")
}

/// How much of a call an ask shows, in bytes.
const SHOWN: usize = 64 * 1024;

/// A tool call as a person is asked to allow it: everything that would run, nothing left out and nothing hidden. Of a call
/// that is longer than anybody reads the ask has the head, and says so; the transcript has it whole.
pub(crate) fn whole(tool: &str, input: &Value) -> String {
    let mut text = visible(&told(tool, input));
    if text.len() > SHOWN {
        let end = floor(&text, SHOWN);
        let left = text.len() - end;
        text.truncate(end);
        text.push_str(&format!(
            "\n[{left} bytes more: the call in the transcript has it whole]"
        ));
    }
    text
}

/// The hash of what an ask shows and of what would run then; `None` when the call is too long to be shown whole. The words in
/// which an agent describes its command to itself are neither shown nor run.
pub(crate) fn binding(tool: &str, input: &Value, shown: &str) -> Option<String> {
    if visible(&told(tool, input)).len() > SHOWN {
        return None;
    }
    let mut run = input.clone();
    if let (true, Some(fields)) = (is_command(tool, input), run.as_object_mut()) {
        fields.shift_remove("description");
    }
    Some(fingerprint(tool, &json!([run, shown])))
}

/// The text with everything that changes how it is displayed made visible: control characters, marks that turn the
/// direction of writing, characters without a width.
fn visible(text: &str) -> String {
    let hides = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    if !text.contains(hides) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if hides(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

fn is_command(tool: &str, input: &Value) -> bool {
    matches!(tool, "Bash" | "PowerShell") && input["command"].is_string()
}

fn told(tool: &str, input: &Value) -> String {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    match tool {
        _ if is_command(tool, input) => {
            format!(
                "run this command:\n{}{}",
                text("command"),
                rest(input, &["command", "description"])
            )
        }
        "Write" if input["content"].is_string() => format!(
            "write {} with this content:\n{}{}",
            text("file_path"),
            text("content"),
            rest(input, &["file_path", "content"])
        ),
        "Edit" if input["old_string"].is_string() => format!(
            "change {}\nfrom:\n{}\nto:\n{}{}",
            text("file_path"),
            text("old_string"),
            text("new_string"),
            rest(input, &["file_path", "old_string", "new_string"])
        ),
        "WebFetch" if input["url"].is_string() => {
            format!("fetch {}{}", text("url"), rest(input, &["url"]))
        }
        "ExitPlanMode" if input["plan"].is_string() => {
            format!(
                "go on with this plan:\n{}{}",
                text("plan"),
                rest(input, &["plan"])
            )
        }
        _ => {
            let json = serde_json::to_string_pretty(input).unwrap_or_else(|_| input.to_string());
            format!("use the tool {tool} with:\n{json}")
        }
    }
}

/// The fields not shown yet: what is not shown must not run.
fn rest(input: &Value, shown: &[&str]) -> String {
    let left: Vec<String> = input
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, value)| !shown.contains(&key.as_str()) && !value.is_null())
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    if left.is_empty() {
        String::new()
    } else {
        format!("\n({})", left.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn line_is_flat_and_short() {
        let input = json!({"command": "echo a\n  echo b", "description": "x"});
        assert_eq!(one_line("Bash", &input), "Bash: echo a echo b");
        let long = one_line("Bash", &json!({"command": "é".repeat(500)}));
        assert_eq!(long.chars().count(), 200);
        assert_eq!(one_line("TaskList", &json!({})), "TaskList");
    }

    #[test]
    fn whole_shows_every_field_that_matters() {
        let bash = json!({"command": "rm x", "description": "d", "run_in_background": true});
        assert_eq!(
            whole("Bash", &bash),
            "run this command:\nrm x\n(run_in_background: true)"
        );
        let edit =
            json!({"file_path": "/a", "old_string": "x", "new_string": "y", "replace_all": true});
        let shown = whole("Edit", &edit);
        assert!(
            shown.contains("from:\nx\nto:\ny\n(replace_all: true)"),
            "{shown}"
        );
        assert!(whole("mcp__x__y", &json!({"k": 1})).contains("\"k\": 1"));
    }

    #[test]
    fn leave_that_outlasts_its_ask_is_bound_to_what_was_shown_and_ran() {
        let of = |input: &Value| binding("Bash", input, &whole("Bash", input));
        let ls = json!({"command": "ls", "description": "look"});
        assert!(of(&ls).is_some());
        assert_eq!(of(&ls), of(&json!({"command": "ls", "description": "see"})));
        assert_ne!(of(&ls), of(&json!({"command": "ls -l"})));
        assert_ne!(
            of(&ls),
            of(&json!({"command": "ls", "run_in_background": true}))
        );
        assert_ne!(
            of(&ls),
            binding("Bash", &ls, "Codex wants to run this command:\nls")
        );
        // Shown alike, yet not the same command.
        let (escape, words) = (json!({"command": "\u{1b}"}), json!({"command": "\\u{1b}"}));
        assert_eq!(whole("Bash", &escape), whole("Bash", &words));
        assert_ne!(of(&escape), of(&words));
        assert_eq!(of(&json!({"command": "x".repeat(SHOWN)})), None);
    }

    #[test]
    fn nothing_is_hidden_and_a_long_call_says_how_much_is_left() {
        let input = json!({"command": "echo ok\u{1b}[2K\r\u{202e}rm -rf x"});
        let shown = whole("Bash", &input);
        assert!(
            shown.contains("echo ok\\u{1b}[2K\\u{d}\\u{202e}rm -rf x"),
            "{shown}"
        );
        let long = whole("Bash", &json!({"command": "é".repeat(100_000)}));
        assert!(
            long.len() < SHOWN + 100 && long.ends_with("the call in the transcript has it whole]")
        );
    }
}
