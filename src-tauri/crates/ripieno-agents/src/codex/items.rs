//! The items of a thread, in the words of every performer (R2).

use crate::{
    dialogue::{describe, plain},
    stream::Item,
};
use serde_json::{Value, json};

/// What a tool is called in the transcript, and its input; `None` for items that are no tool's work.
pub(super) fn tool(item: &Value) -> Option<(String, Value)> {
    let tool = match item["type"].as_str()? {
        "commandExecution" => (
            "shell".to_owned(),
            json!({"command": command(item), "cwd": item["cwd"]}),
        ),
        "fileChange" => (
            "apply_patch".to_owned(),
            json!({"changes": item["changes"]}),
        ),
        "mcpToolCall" => (mcp_name(item), item["arguments"].clone()),
        "dynamicToolCall" => (plain(&item["tool"]), item["arguments"].clone()),
        "collabAgentToolCall" => (plain(&item["tool"]), json!({"prompt": item["prompt"]})),
        "webSearch" => ("web_search".to_owned(), json!({"query": item["query"]})),
        "imageView" => ("view_image".to_owned(), json!({"path": item["path"]})),
        _ => return None,
    };
    Some(tool)
}

/// A tool has begun.
pub(super) fn call(item: &Value) -> Option<Item> {
    let (tool, input) = tool(item)?;
    Some(Item::ToolCall {
        id: id(item),
        line: line(&tool, &input),
        tool,
        input,
        spilled: None,
        parent: None,
    })
}

/// A tool has ended.
pub(super) fn result(item: &Value) -> Option<Item> {
    tool(item)?;
    let status = item["status"].as_str().unwrap_or("completed");
    Some(Item::ToolResult {
        id: id(item),
        output: output(item),
        spilled: None,
        error: status != "completed" || item["success"] == false,
        ms: item["durationMs"].as_u64(),
    })
}

/// Its id.
pub(super) fn id(item: &Value) -> String {
    item["id"].as_str().unwrap_or_default().to_owned()
}

/// The text of what the model said or thought.
pub(super) fn text(item: &Value) -> String {
    let parts = |key: &str| match &item[key] {
        Value::Array(parts) => parts.iter().map(plain).collect::<Vec<_>>().join("\n"),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    match item["type"].as_str() {
        Some("reasoning") => {
            let summary = parts("summary");
            if summary.is_empty() {
                parts("content")
            } else {
                summary
            }
        }
        _ => parts("text"),
    }
}

/// The command as it was meant, without the shell it is handed to.
pub(super) fn command(item: &Value) -> String {
    let actions = item["commandActions"].as_array();
    let meant = actions.and_then(|actions| match actions.as_slice() {
        [one] => one["command"].as_str(),
        _ => None,
    });
    meant
        .or(item["command"].as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Where a change of files would write.
pub(super) fn paths(item: &Value) -> Vec<String> {
    let changes = item["changes"].as_array().cloned().unwrap_or_default();
    let moved = |change: &Value| change["kind"]["move_path"].as_str().map(str::to_owned);
    changes
        .iter()
        .flat_map(|change| [change["path"].as_str().map(str::to_owned), moved(change)])
        .flatten()
        .collect()
}

/// The name of a tool of another server, as Claude Code writes it too.
pub(super) fn mcp_name(item: &Value) -> String {
    format!("mcp__{}__{}", plain(&item["server"]), plain(&item["tool"]))
}

fn line(tool: &str, input: &Value) -> String {
    if tool == "apply_patch" {
        let paths = paths(input).join(", ");
        return describe::one_line(tool, &json!({"path": paths}));
    }
    describe::one_line(tool, input)
}

fn output(item: &Value) -> String {
    if item["status"] == "declined" {
        return "declined".to_owned();
    }
    if let Some(error) = item["error"]["message"].as_str() {
        return error.to_owned();
    }
    match item["type"].as_str() {
        Some("commandExecution") => item["aggregatedOutput"]
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        Some("mcpToolCall") => texts(&item["result"]["content"]),
        Some("dynamicToolCall") => texts(&item["contentItems"]),
        Some("fileChange") => paths(item).join("\n"),
        _ => String::new(),
    }
}

fn texts(content: &Value) -> String {
    let blocks = content.as_array().cloned().unwrap_or_default();
    let text = |block: &Value| match block["text"].as_str() {
        Some(text) => text.to_owned(),
        None => format!("[{}]", block["type"].as_str().unwrap_or("block")),
    };
    blocks.iter().map(text).collect::<Vec<_>>().join("\n")
}
