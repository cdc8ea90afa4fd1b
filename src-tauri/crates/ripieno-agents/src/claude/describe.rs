//! What a tool call is about: one line for views (O4), and the whole of it for approvals (A5).

use serde_json::Value;

/// How long a line may be.
const LINE: usize = 200;

/// A tool call in one line of at most 200 characters.
pub(super) fn one_line(tool: &str, input: &Value) -> String {
    const TELLING: [&str; 12] = [
        "command", "file_path", "notebook_path", "path", "pattern", "url", "query", "description",
        "prompt", "skill", "subject", "question",
    ];
    let told = TELLING.iter().find_map(|key| input[*key].as_str()).map(str::to_owned);
    let told = told.unwrap_or_else(|| match input {
        Value::Object(map) if map.is_empty() => String::new(),
        Value::Null => String::new(),
        other => other.to_string(),
    });
    let whole = if told.is_empty() { tool.to_owned() } else { format!("{tool}: {told}") };
    let flat: String = whole.split_whitespace().collect::<Vec<_>>().join(" ");
    if flat.chars().count() <= LINE {
        return flat;
    }
    let head: String = flat.chars().take(LINE - 1).collect();
    format!("{head}…")
}

/// A tool call as a person is asked to allow it: everything that would run, nothing left out.
pub(super) fn whole(tool: &str, input: &Value) -> String {
    let text = |key: &str| input[key].as_str().unwrap_or_default();
    match tool {
        "Bash" | "PowerShell" if input["command"].is_string() => {
            format!("run this command:\n{}{}", text("command"), rest(input, &["command", "description"]))
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
            format!("go on with this plan:\n{}{}", text("plan"), rest(input, &["plan"]))
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
    if left.is_empty() { String::new() } else { format!("\n({})", left.join(", ")) }
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
        assert_eq!(whole("Bash", &bash), "run this command:\nrm x\n(run_in_background: true)");
        let edit = json!({"file_path": "/a", "old_string": "x", "new_string": "y", "replace_all": true});
        let shown = whole("Edit", &edit);
        assert!(shown.contains("from:\nx\nto:\ny\n(replace_all: true)"), "{shown}");
        assert!(whole("mcp__x__y", &json!({"k": 1})).contains("\"k\": 1"));
    }
}
