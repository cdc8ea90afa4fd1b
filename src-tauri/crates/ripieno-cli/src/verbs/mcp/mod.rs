//! `ripieno mcp task`: the tools every agent is given, for one task over stdio (A6).
//!
//! Owns the server's side of the Model Context Protocol as far as tools need it, and how a call becomes a request to the worker.
//! Refuses to decide anything: the worker knows by token or descent which task speaks, and what it may.

mod protocol;
mod tools;

use protocol::{Message, Reply};
use ripieno_api::{ApiError, error::Code};
use serde_json::{Value, json};
use std::{
    io::{self, BufRead, Write},
    time::Duration,
};
use tokio::sync::mpsc;
use tools::Tool;

/// How many messages may wait in each direction.
const WAITING: usize = 64;

/// How long calls may take that are under way when the agent closes its end.
const LAST_WORDS: Duration = Duration::from_secs(1);

const INSTRUCTIONS: &str = "The tools of the task you are working on. The person who gave it to you is not watching: \
    what you want to be seen goes through these tools, and ask_human is the one way to reach them.";

/// Serves until the agent closes its end. Calls are carried out side by side: a question waits while others go on.
pub(super) async fn serve(wait: Option<Duration>) -> Result<u8, ApiError> {
    let (replies, outgoing) = mpsc::channel(WAITING);
    let writer = tokio::task::spawn_blocking(move || write(outgoing));
    let mut incoming = lines();
    let mut calls = tokio::task::JoinSet::new();
    while let Some(line) = incoming.recv().await {
        while calls.try_join_next().is_some() {}
        let replies = replies.clone();
        calls.spawn(async move {
            if let Some(reply) = answer(&line, wait).await {
                // An agent that is gone is told nothing.
                replies.send(reply.line()).await.ok();
            }
        });
    }
    // What asks nobody is answered still; nobody waits for the rest.
    let quick = async { while calls.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORDS, quick).await.is_err() {
        calls.shutdown().await;
    }
    drop(replies);
    let written = writer.await.map_err(|broken| broken.to_string());
    match written.and_then(|done| done.map_err(|error| error.to_string())) {
        Ok(()) => Ok(0),
        Err(error) => Err(ApiError::new(
            Code::Internal,
            format!("MCP over stdio: {error}"),
        )),
    }
}

/// The lines of stdin. They are read by a thread of their own: a read that never ends must not keep the process.
fn lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(WAITING);
    std::thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn write(mut lines: mpsc::Receiver<String>) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    while let Some(line) = lines.blocking_recv() {
        stdout.write_all(line.as_bytes())?;
        stdout.flush()?;
    }
    Ok(())
}

/// What one message is answered with; nothing for a notification.
async fn answer(line: &str, wait: Option<Duration>) -> Option<Reply> {
    let message = match Message::read(line) {
        Ok(message) => message?,
        Err(reply) => return Some(reply),
    };
    let Message { id, method, params } = message;
    let id = id?;
    let result = match method.as_str() {
        "initialize" => json!({
            "protocolVersion": protocol::agreed(&params["protocolVersion"]),
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "ripieno", "title": "Ripieno", "version": ripieno_daemon::version()},
            "instructions": INSTRUCTIONS,
        }),
        "ping" => json!({}),
        "tools/list" => json!({"tools": Tool::ALL.map(Tool::described)}),
        "tools/call" => return Some(call(id, &params, wait).await),
        other => return Some(Reply::unknown(id, other)),
    };
    Some(Reply::result(id, result))
}

async fn call(id: Value, params: &Value, wait: Option<Duration>) -> Reply {
    let name = params["name"].as_str().unwrap_or_default();
    let Some(tool) = Tool::named(name) else {
        return Reply::invalid(id, &format!("there is no tool `{name}`"));
    };
    let input = match &params["arguments"] {
        Value::Null => json!({}),
        given => given.clone(),
    };
    // What the worker refuses is for the model to read: it says what to do instead.
    let (text, refused) = match tool.carry_out(input, wait).await {
        Ok(text) => (text, false),
        Err(error) => (error.message, true),
    };
    let content = json!([{"type": "text", "text": text}]);
    Reply::result(id, json!({"content": content, "isError": refused}))
}
