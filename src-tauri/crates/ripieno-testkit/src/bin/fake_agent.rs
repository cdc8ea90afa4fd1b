//! A stand-in for an agent's program, so that a journey can make it fail in ways no model server can: it speaks the
//! `stream-json` of Claude Code on its pipes and does what a word in the prompt says.
//!
//! `FAKE:ok`, `FAKE:crash` (dies before a word), `FAKE:crash-late` (dies after a word), `FAKE:silent` (ends without a
//! result), `FAKE:used` (calls a tool, then hangs), `FAKE:ask-twice` (the same question, one after the other), `FAKE:limit` (429), `FAKE:signed-out` (401), `FAKE:overflow`, `FAKE:invalid` (400), `FAKE:ask`, `FAKE:hang`,
//! `FAKE:write` (makes a file and adds a line to another), `FAKE:say` (its last words are what stands behind `SAY:`),
//! `FAKE:run` (runs what stands behind `RUN:` as a script in its folder and says what that printed).
//! `FAKE1:...` holds for the first attempt only; later ones succeed.

use serde_json::{Value, json};
use std::io::{self, BufRead, Write};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|a| a == "--version") {
        println!("2.1.197 (Claude Code)");
        return;
    }
    let session = option(&arguments, "--session-id")
        .or_else(|| option(&arguments, "--resume"))
        .unwrap_or_else(|| "00000000-0000-4000-8000-000000000000".to_owned());
    let mut lines = io::stdin().lock().lines().map_while(Result::ok);
    while let Some(line) = lines.next() {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        match message["type"].as_str() {
            Some("control_request") => {
                let id = &message["request_id"];
                say(
                    &json!({ "type": "control_response", "response": { "subtype": "success", "request_id": id, "response": {} } }),
                );
            }
            Some("user") => {
                let prompt = prompt(&message);
                play(&directive(&prompt), &prompt, &session, &mut lines);
            }
            _ => {}
        }
    }
}

fn option(arguments: &[String], name: &str) -> Option<String> {
    let at = arguments.iter().position(|a| a == name)?;
    arguments.get(at + 1).cloned()
}

/// The word after `FAKE:`, or after `FAKE1:` in the first attempt. A resumed session remembers the first, as a
/// conversation would.
fn directive(prompt: &str) -> String {
    let first = std::env::var("RIPIENO_ATTEMPT").is_ok_and(|n| n == "1");
    let word = |mark: &str| {
        let rest = prompt.split(mark).nth(1)?;
        Some(
            rest.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect::<String>(),
        )
    };
    if let Some(once) = word("FAKE1:").filter(|_| first) {
        return once;
    }
    let outputs = std::env::var("RIPIENO_OUTPUTS").unwrap_or_else(|_| ".".to_owned());
    let memory = std::path::Path::new(&outputs).with_file_name("fake-word");
    match word("FAKE:") {
        Some(said) => {
            if let Err(error) = std::fs::write(&memory, &said) {
                eprintln!("{}: {error}", memory.display());
            }
            said
        }
        None => std::fs::read_to_string(&memory).unwrap_or_else(|_| "ok".to_owned()),
    }
}

/// The words of a message, whether it holds one text or several.
fn prompt(message: &Value) -> String {
    let content = &message["message"]["content"];
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => message.to_string(),
    }
}

fn play(word: &str, prompt: &str, session: &str, lines: &mut impl Iterator<Item = String>) {
    if word == "crash" {
        std::process::exit(1);
    }
    say(
        &json!({ "type": "system", "subtype": "init", "session_id": session, "model": "fake", "tools": [] }),
    );
    match word {
        "crash-late" => {
            text(session, "I begin.");
            std::process::exit(1);
        }
        "silent" => std::process::exit(0),
        "limit" => error(session, 429, "rate limit"),
        "signed-out" => error(session, 401, "invalid api key"),
        "overflow" => failed(session, 400, "prompt is too long", "prompt_too_long"),
        "invalid" => error(session, 400, "malformed"),
        "hang" => loop {
            std::thread::park();
        },
        "used" => {
            text(session, "I begin.");
            say(
                &json!({ "type": "user", "session_id": session, "message": { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "tool-1", "content": "done" }] } }),
            );
            loop {
                std::thread::park();
            }
        }
        "ask" => {
            let answer = ask("ask-1", lines);
            done(session, &format!("The answer was {answer}."));
        }
        "ask-twice" => {
            let answers = [ask("ask-1", lines), ask("ask-2", lines)];
            done(
                session,
                &format!("The answers were {}.", answers.join(", ")),
            );
        }
        "say" => done(session, prompt.split("SAY:").nth(1).unwrap_or(prompt)),
        "write" => write(session),
        "run" => run(session, prompt.split("RUN:").nth(1).unwrap_or_default()),
        _ => done(session, "All done."),
    }
}

fn write(session: &str) {
    let made = std::fs::write("made by the agent.txt", "by the agent\n");
    let mut known = std::fs::OpenOptions::new();
    let added = known
        .append(true)
        .open("a.txt")
        .and_then(|mut file| file.write_all(b"by the agent\n"));
    match made.and(added) {
        Ok(()) => done(session, "Written."),
        Err(error) => done(session, &format!("Not written: {error}")),
    }
}

fn run(session: &str, script: &str) {
    // What follows the task in a prompt begins a new paragraph.
    let script = script.split("\n\n").next().unwrap_or_default();
    let out = std::process::Command::new("sh")
        .args(["-euc", script])
        .output();
    match out {
        Ok(out) if out.status.success() => done(session, &String::from_utf8_lossy(&out.stdout)),
        Ok(out) => done(
            session,
            &format!("It failed: {}", String::from_utf8_lossy(&out.stderr)),
        ),
        Err(error) => done(session, &format!("Not run: {error}")),
    }
}

/// Asks a question under this id; the answer.
fn ask(id: &str, lines: &mut impl Iterator<Item = String>) -> String {
    let input = json!({ "questions": [{ "question": "Which colour?", "header": "Colour", "multiSelect": false,
        "options": [{ "label": "Red", "description": "warm" }, { "label": "Blue", "description": "cold" }] }] });
    say(
        &json!({ "type": "control_request", "request_id": id, "request": {
        "subtype": "can_use_tool", "tool_name": "AskUserQuestion", "input": input, "tool_use_id": format!("tool-{id}") } }),
    );
    for line in lines {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            continue;
        };
        if message["type"] == "control_response" {
            let answers = &message["response"]["response"]["updatedInput"]["answers"];
            return answers["Which colour?"].to_string();
        }
    }
    "none".to_owned()
}

fn text(session: &str, text: &str) {
    say(
        &json!({ "type": "assistant", "session_id": session, "message": { "id": "m1", "role": "assistant", "model": "fake",
        "content": [{ "type": "text", "text": text }], "usage": { "input_tokens": 10, "output_tokens": 5 } } }),
    );
}

fn done(session: &str, words: &str) {
    text(session, words);
    say(
        &json!({ "type": "result", "subtype": "success", "is_error": false, "result": words, "session_id": session,
        "stop_reason": "end_turn", "num_turns": 1, "total_cost_usd": 0.001,
        "usage": { "input_tokens": 10, "output_tokens": 5 },
        "modelUsage": { "fake": { "inputTokens": 10, "outputTokens": 5, "cacheReadInputTokens": 0,
            "cacheCreationInputTokens": 0, "costUSD": 0.001 } } }),
    );
}

fn error(session: &str, status: u16, words: &str) {
    failed(session, status, words, "api_error");
}

fn failed(session: &str, status: u16, words: &str, reason: &str) {
    say(
        &json!({ "type": "result", "subtype": "success", "is_error": true, "api_error_status": status,
        "terminal_reason": reason, "result": format!("API Error: {status} {words}"), "session_id": session,
        "usage": {}, "modelUsage": {} }),
    );
    std::process::exit(1);
}

fn say(message: &Value) {
    let mut out = io::stdout().lock();
    if writeln!(out, "{message}")
        .and_then(|()| out.flush())
        .is_err()
    {
        std::process::exit(1);
    }
}
