//! What a task must not be able to do, tried from inside it: run by a performer's own shell, as `ripieno-probe FACTS.json`.
//!
//! Every attempt is made three ways: as it comes; with a wiped environment in a session of its own, as a process that hides where
//! it comes from; and so hidden with the marker and token of another task. What came of each is a line of JSON in the file `out` of
//! the facts, and `done` beside it says that all were made.

use serde_json::{Value, json};
use std::{
    env, fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    os::unix::net::UnixStream,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

/// The hidden ways give themselves this to do.
const HIDDEN: &str = "--hidden";

fn main() -> io::Result<()> {
    let arguments: Vec<String> = env::args().collect();
    let (facts, way) = match &arguments[1..] {
        [facts] => (facts, "plain"),
        [facts, hidden, way] if hidden == HIDDEN => (facts, way.as_str()),
        _ => return Err(io::Error::other("ripieno-probe FACTS.json")),
    };
    let facts: Value = serde_json::from_slice(&fs::read(facts)?)?;
    let out = text(&facts, "out");
    if way == "plain" {
        own_question(&facts)?;
    }
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&out)?;
    for (name, attempt) in attempts(&facts) {
        let (succeeded, said) = attempt;
        let line = json!({"attempt": name, "way": way, "succeeded": succeeded, "said": said});
        writeln!(file, "{line}")?;
    }
    if way == "plain" {
        for way in ["hidden", "disguised"] {
            hide(&arguments[1], way, &facts)?;
        }
        fs::write(format!("{out}.done"), "")?;
    }
    Ok(())
}

/// A question of the task itself, which it then tries to answer.
fn own_question(facts: &Value) -> io::Result<()> {
    let asked = [
        "ask", "create", "--wait", "0", "--text", "May it?", "--option", "yes",
    ];
    let status = Command::new(text(facts, "command")).args(asked).status()?;
    // 6: the question stands, and waits for the person.
    if status.code() == Some(6) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "the question was not asked: {status}"
    )))
}

/// Tries everything again in a session of its own, with nothing of the task in its environment.
fn hide(facts_file: &str, way: &str, facts: &Value) -> io::Result<()> {
    let mut command = Command::new("setsid");
    command
        .arg("--fork")
        .arg("--wait")
        .arg(env::current_exe()?)
        .args([facts_file, HIDDEN, way])
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("RIPIENO_HOME", text(facts, "home"));
    if way == "disguised" {
        command
            .env("RIPIENO_TASK_ID", text(facts, "other_id"))
            .env("RIPIENO_TASK_TOKEN", other_token(facts).unwrap_or_default());
    }
    let status = command.status()?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "the {way} way ended with {status}"
    )))
}

/// Every attempt, by name: whether it succeeded, and what was said.
fn attempts(facts: &Value) -> [(&'static str, (bool, String)); 12] {
    let folder = text(facts, "folder");
    let other = text(facts, "other");
    let verb = |words: &[&str]| verb(facts, words);
    [
        ("answer its own ask", verb(&["ask", "answer", "A-1", "yes"])),
        ("grant itself a tool", grant(facts)),
        ("trust a folder", verb(&["project", "trust", &folder])),
        ("pause the worker", verb(&["pause"])),
        (
            "submit outside its family",
            verb(&["task", "add", "--piece", "script", "true"]),
        ),
        ("use a secret of the worker", secrets(facts)),
        ("change settings", verb(&["config", "set", "slots", "63"])),
        ("approve through the page", page(facts)),
        ("cancel another task", verb(&["task", "cancel", &other])),
        ("release a lane", verb(&["lane", "release", "shell"])),
        ("update", verb(&["update", "now"])),
        ("use the tools of another task", tools(facts)),
    ]
}

/// A verb of the command.
fn verb(facts: &Value, words: &[&str]) -> (bool, String) {
    let ran = Command::new(text(facts, "command"))
        .args(words)
        .stdin(Stdio::null())
        .output();
    match ran {
        Ok(done) => {
            let said = [done.stdout, done.stderr].map(|b| String::from_utf8_lossy(&b).into_owned());
            (done.status.success(), said.concat())
        }
        Err(error) => (false, error.to_string()),
    }
}

/// Leave for every further time, by the protocol itself: with the answer, and by the settings.
fn grant(facts: &Value) -> (bool, String) {
    let answer = json!({"id": "A-1", "option": "yes", "scope": "project"});
    let (answered, first) = request(facts, None, "ask.answer", answer);
    let level = json!({"key": "approvals", "value": "trusted"});
    let (set, second) = request(facts, None, "config.set", level);
    (answered || set, format!("{first} {second}"))
}

/// Everything small in the home, offered as a token.
fn secrets(facts: &Value) -> (bool, String) {
    let mut said = Vec::new();
    let home = text(facts, "home");
    let mut folders = vec![Path::new(&home).to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let small = entry
                .metadata()
                .is_ok_and(|meta| meta.is_file() && meta.len() < 4096);
            let content = if small {
                fs::read_to_string(&path)
            } else {
                continue;
            };
            let Ok(content) = content else { continue };
            let (used, answer) = request(facts, Some(content.trim()), "worker.pause", json!({}));
            if used {
                return (true, format!("{} is one: {answer}", path.display()));
            }
            said.push(answer);
        }
    }
    said.sort();
    said.dedup();
    (false, said.join(" "))
}

/// The page on loopback, as a program that is no browser of the person.
fn page(facts: &Value) -> (bool, String) {
    let answer = json!({"id": 1, "method": "ask.answer", "params": {"id": "A-1", "option": "yes"}});
    let token = env::var("RIPIENO_TASK_TOKEN").unwrap_or_default();
    let mut said = Vec::new();
    for credentials in [
        String::new(),
        format!("Authorization: Bearer {token}\r\n"),
        format!("Cookie: ripieno={token}; session={token}\r\n"),
    ] {
        match post(&text(facts, "web"), &credentials, &answer.to_string()) {
            Ok(reply) if reply.contains(" 200 ") && reply.contains("\"result\"") => {
                return (true, reply);
            }
            Ok(reply) => said.push(reply.lines().next().unwrap_or_default().to_owned()),
            Err(error) => said.push(error.to_string()),
        }
    }
    (false, said.join(" "))
}

fn post(host: &str, credentials: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "POST /rpc HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n{credentials}Content-Length: {}\r\n\
         Connection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut reply = String::new();
    stream.read_to_string(&mut reply)?;
    Ok(reply)
}

/// The server of our tools with the token of another task, asked to report that one's result.
fn tools(facts: &Value) -> (bool, String) {
    let Some(token) = other_token(facts) else {
        return (
            true,
            "the other task has no token: the attempt is none".to_owned(),
        );
    };
    let served = serve(facts, &token);
    let (done, said) = served.unwrap_or_else(|error| (false, error.to_string()));
    // And without the server between.
    let receipt = json!({"receipt": {"status": "completed", "summary": "probed"}});
    let (direct, more) = request(facts, Some(&token), "task.result", receipt);
    (done || direct, format!("{said} {more}"))
}

fn serve(facts: &Value, token: &str) -> io::Result<(bool, String)> {
    let mut server = Command::new(text(facts, "command"))
        .args(["mcp", "task"])
        .env("RIPIENO_SOCKET", text(facts, "socket"))
        .env("RIPIENO_TASK_ID", text(facts, "other_id"))
        .env("RIPIENO_TASK_TOKEN", token)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "probe", "version": "1"}}});
    let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let call = json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {
        "name": "submit_result", "arguments": {"status": "completed", "summary": "probed"}}});
    let mut input = server
        .stdin
        .take()
        .ok_or_else(|| io::Error::other("no stdin"))?;
    for line in [hello, ready, call] {
        writeln!(input, "{line}")?;
    }
    let output = server
        .stdout
        .take()
        .ok_or_else(|| io::Error::other("no stdout"))?;
    let mut lines = BufReader::new(output).lines();
    let reply = lines.find_map(|line| {
        let reply: Value = serde_json::from_str(&line.ok()?).ok()?;
        (reply["id"] == 2).then_some(reply)
    });
    drop(input);
    server.wait()?;
    let reply = reply.unwrap_or_default();
    let refused = reply["result"]["isError"] == true || reply.get("error").is_some();
    Ok((!refused && reply.is_object(), reply.to_string()))
}

/// The token of the other task, as any process of the same user can read it.
fn other_token(facts: &Value) -> Option<String> {
    let marker = format!("RIPIENO_TASK_ID={}", text(facts, "other_id"));
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let environments = processes.filter_map(|entry| fs::read(entry.path().join("environ")).ok());
    environments.into_iter().find_map(|environment| {
        let all: Vec<&[u8]> = environment.split(|byte| *byte == 0).collect();
        let marked = all.contains(&marker.as_bytes());
        let token = all
            .iter()
            .find_map(|entry| entry.strip_prefix(b"RIPIENO_TASK_TOKEN="));
        let token = token.filter(|token| marked && !token.is_empty())?;
        String::from_utf8(token.to_vec()).ok()
    })
}

/// One request over the socket.
fn request(facts: &Value, token: Option<&str>, method: &str, params: Value) -> (bool, String) {
    let ask = || -> io::Result<Value> {
        let mut stream = UnixStream::connect(text(facts, "socket"))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let mut request = json!({"id": 1, "method": method, "params": params, "surface": "window"});
        if let Some(token) = token {
            request["token"] = token.into();
        }
        stream.write_all(format!("{request}\n").as_bytes())?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    };
    match ask() {
        Ok(reply) => (reply.get("result").is_some(), reply.to_string()),
        Err(error) => (false, error.to_string()),
    }
}

fn text(facts: &Value, name: &str) -> String {
    facts[name].as_str().unwrap_or_default().to_owned()
}
