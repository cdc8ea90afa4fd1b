//! `task logs`: the log as it was written, as text, or what the performer itself printed.

use super::{ask, connect};
use crate::{
    args::LogsArgs,
    out::{Out, plain},
};
use ripieno_api::{ApiError, Client, command, error::Code};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

pub(super) async fn run(args: LogsArgs, out: &Out) -> Result<u8, ApiError> {
    let mut client = connect().await?;
    if args.raw {
        return raw(&mut client, args).await;
    }
    let mut request = command::Logs {
        id: args.id,
        attempt: args.attempt,
        from: 0,
        follow: args.follow,
    };
    let mut all = Vec::new();
    loop {
        let page = client.request("task.logs", &request).await?;
        let entries = page["entries"].as_array().cloned().unwrap_or_default();
        let empty = entries.is_empty();
        for entry in entries {
            if args.jsonl || (out.json && args.follow) {
                out.text(&entry.to_string());
            } else if out.json {
                all.push(entry);
            } else {
                out.text(&shown(&entry));
            }
        }
        request.from = page["next"].as_u64().unwrap_or(request.from);
        if page["ended"] == true || (empty && !args.follow) {
            break;
        }
    }
    if out.json && !args.jsonl && !args.follow {
        out.object(&json!({ "entries": all }));
    }
    Ok(0)
}

/// An entry for people: who speaks, then what.
fn shown(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or_default();
    let said = match text("kind") {
        "text" => text("text").to_owned(),
        "tool_call" => format!("> {}", text("line")),
        "tool_result" if entry["error"] == true => format!("! {}", text("output")),
        "tool_result" => format!("< {}", first_lines(text("output"))),
        "usage" => format!(
            "[usage] {}: {} in, {} out",
            text("model"),
            entry["input"],
            entry["output"]
        ),
        "plan" => format!("[plan] {}", entry["items"]),
        kind => format!("[{kind}] {}", text("text")),
    };
    plain(said.trim_end_matches('\n'))
}

/// What a tool gave, in so far as a glance needs it.
fn first_lines(output: &str) -> String {
    const MOST: usize = 5;
    let mut lines: Vec<&str> = output.lines().take(MOST).collect();
    if output.lines().nth(MOST).is_some() {
        lines.push("…");
    }
    lines.join("\n  ")
}

/// What the performer printed, byte for byte, from the files the worker names.
async fn raw(client: &mut Client, args: LogsArgs) -> Result<u8, ApiError> {
    let mut read: Vec<(String, u64)> = Vec::new();
    let mut from = 0;
    loop {
        let request = command::Logs {
            id: args.id.clone(),
            attempt: args.attempt,
            from: 0,
            follow: false,
        };
        let named = client.request("task.raw_logs", &request).await?;
        for file in named["files"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let at = read
                .iter()
                .position(|(name, _)| name == file)
                .unwrap_or_else(|| {
                    read.push((file.to_owned(), 0));
                    read.len() - 1
                });
            copy(file, &mut read[at].1)?;
        }
        if named["ended"] == true || !args.follow {
            return Ok(0);
        }
        // The log grows with what is printed: its next page is the sign to look again.
        let follow = command::Logs {
            id: args.id.clone(),
            attempt: args.attempt,
            from,
            follow: true,
        };
        from = ask("task.logs", follow).await?["next"]
            .as_u64()
            .unwrap_or(from);
    }
}

fn copy(file: &str, done: &mut u64) -> Result<(), ApiError> {
    let failed = |error: std::io::Error| {
        ApiError::new(Code::Internal, format!("{file} cannot be read: {error}"))
    };
    let mut source = File::open(file).map_err(failed)?;
    source.seek(SeekFrom::Start(*done)).map_err(failed)?;
    let mut block = [0; 64 * 1024];
    loop {
        let count = source.read(&mut block).map_err(failed)?;
        if count == 0 {
            return Ok(());
        }
        *done += count as u64;
        if std::io::Write::write_all(&mut std::io::stdout().lock(), &block[..count]).is_err() {
            std::process::exit(0);
        }
    }
}
