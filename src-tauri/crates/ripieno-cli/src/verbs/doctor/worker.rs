//! What the worker knows of itself: lock, socket, version, database, lanes, agents.

use super::Finding;
use ripieno_api::{ApiError, Client, error::Code, view};
use ripieno_daemon::{
    owner::{self, HeldBy},
    paths::Home,
};
use serde_json::{Value, json};

pub(super) async fn look(home: &Home) -> Vec<Finding> {
    let held = match owner::holder(&home.worker_lock()) {
        Ok(held) => held,
        Err(error) => {
            return vec![Finding::bad(
                "lock",
                error.to_string(),
                "make the folder and file readable for your user",
            )];
        }
    };
    let mut findings = vec![lock(held.as_ref())];
    match Client::connect(home).await {
        Err(error) => findings.push(unreachable(home, held.is_some(), &error)),
        Ok(mut client) => {
            findings.push(Finding::ok(
                "socket",
                format!("{} answers", home.socket_to_connect().display()),
            ));
            if let Err(error) = ask_worker(&mut client, &mut findings).await {
                findings.push(Finding::bad(
                    "worker",
                    error.message,
                    "look into the log named below",
                ));
            }
        }
    }
    let logs = home.logs_dir();
    findings.push(Finding::ok(
        "logs",
        format!("a file for each day in {}", logs.display()),
    ));
    findings
}

fn lock(held: Option<&HeldBy>) -> Finding {
    match held {
        None => Finding::note(
            "worker",
            "none is running",
            "start `ripieno daemon run` or the Ripieno app",
        ),
        Some(HeldBy {
            owner: Some(owner), ..
        }) => Finding::ok(
            "worker",
            format!("process {} (version {})", owner.process.pid, owner.version),
        ),
        Some(HeldBy { owner: None, path }) => Finding::note(
            "worker",
            format!("somebody holds {} without a name", path.display()),
            "it is starting, or another program has locked the file",
        ),
    }
}

fn unreachable(home: &Home, held: bool, error: &ApiError) -> Finding {
    let socket = home.socket_to_connect();
    if held {
        let text = format!(
            "a worker runs, but {} does not answer: {}",
            socket.display(),
            error.message
        );
        return Finding::bad(
            "socket",
            text,
            "stop that worker and start it again; is RIPIENO_SOCKET the same for both?",
        );
    }
    if socket.exists() {
        return Finding::ok(
            "socket",
            format!(
                "{} was left by a worker that is gone; the next one replaces it",
                socket.display()
            ),
        );
    }
    Finding::ok("socket", "made by the worker")
}

async fn ask_worker(client: &mut Client, findings: &mut Vec<Finding>) -> Result<(), ApiError> {
    let health = client.request("health", json!({})).await?;
    let (theirs, ours) = (
        health["version"].as_str().unwrap_or_default(),
        ripieno_daemon::version(),
    );
    if theirs != ours {
        let text = format!("the worker has version {theirs}, this command {ours}");
        findings.push(Finding::bad(
            "version",
            text,
            "stop the worker and start it again with this version",
        ));
    }
    findings.push(sandbox(health["sandbox"].as_str()));
    match client.request("status", json!({})).await {
        Err(inside) if inside.code == Code::Forbidden => {
            findings.push(Finding::note(
                "authority",
                inside.message,
                "run it in a terminal of your own",
            ));
            return Ok(());
        }
        status => status_findings(status?, findings),
    }
    let checked = client.request("integrity", json!({})).await?;
    let problems: Vec<&str> = checked["problems"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    findings.push(if problems.is_empty() {
        Finding::ok("integrity", "the database is whole")
    } else {
        Finding::bad(
            "integrity",
            problems.join("; "),
            "stop the worker and put back the newest file of the folder `backups`",
        )
    });
    let found = client
        .request("runtime.list", json!({ "refresh": true }))
        .await?;
    agents(found, findings);
    Ok(())
}

/// How far agents are kept from the rest of the machine (sec-10).
fn sandbox(level: Option<&str>) -> Finding {
    match level {
        Some("none") | None => Finding::note(
            "sandbox",
            "none: agents and scripts run with your rights",
            "let agents ask (`approvals`), and trust folders with care",
        ),
        Some(level) => Finding::ok("sandbox", level.to_owned()),
    }
}

fn status_findings(value: Value, findings: &mut Vec<Finding>) {
    let Ok(status) = serde_json::from_value::<view::Status>(value) else {
        return;
    };
    if status.state == "paused" {
        findings.push(Finding::note(
            "pause",
            "the worker is paused: nothing is started",
            "ripieno resume",
        ));
    }
    if status.asks > 0 {
        findings.push(Finding::note(
            "asks",
            format!("{} wait for you", status.asks),
            "ripieno ask list",
        ));
    }
    for lane in &status.lanes {
        let name = &lane.lane;
        if lane.signed_out {
            findings.push(Finding::bad(
                "lane",
                format!("{name} is signed out"),
                "sign in with the agent's own command, then release it",
            ));
        }
        if lane.drained {
            let remedy =
                format!("see why with `ripieno ask list`, then `ripieno lane release {name}`");
            findings.push(Finding::bad(
                "lane",
                format!("{name} failed twice in a row and takes nothing"),
                &remedy,
            ));
        }
        if let Some(until) = &lane.held_until {
            findings.push(Finding::note(
                "lane",
                format!("{name} is held until {}", view::local(until)),
                "it goes on by itself then",
            ));
        }
        if let Some(missing) = &lane.missing {
            findings.push(Finding::bad(
                "lane",
                format!("{name} lacks {missing}"),
                "put it in place; the lane goes on by itself",
            ));
        }
    }
}

/// Whose environment agents are found with (R11).
fn environment(value: &Value, findings: &mut Vec<Finding>) {
    let Ok(found) = serde_json::from_value::<view::Environment>(value.clone()) else {
        return;
    };
    findings.push(match (found.shell, found.reason) {
        (Some(_), Some(reason)) => Finding::note(
            "environment",
            reason,
            "then `ripieno runtime list --refresh`",
        ),
        (Some(shell), None) => {
            let took = found.took_ms.unwrap_or_default();
            Finding::ok(
                "environment",
                format!("that of {shell}, asked in {took} ms"),
            )
        }
        (None, reason) => Finding::ok(
            "environment",
            format!("the worker's own: {}", reason.unwrap_or_default()),
        ),
    });
}

fn agents(value: Value, findings: &mut Vec<Finding>) {
    environment(&value["environment"], findings);
    let found: Vec<view::Runtime> =
        serde_json::from_value(value["runtimes"].clone()).unwrap_or_default();
    let (there, absent): (Vec<_>, Vec<_>) =
        found.iter().partition(|runtime| runtime.path.is_some());
    for runtime in &there {
        let version = runtime.version.as_deref().unwrap_or("unknown version");
        findings.push(if runtime.usable {
            Finding::ok("agent", format!("{} {version}", runtime.name))
        } else {
            let reason = runtime.reason.as_deref().unwrap_or("it cannot be used");
            Finding::note(
                "agent",
                format!("{}: {reason}", runtime.name),
                "install or update it to run tasks with it",
            )
        });
    }
    if !absent.is_empty() {
        let names: Vec<&str> = absent.iter().map(|runtime| runtime.name.as_str()).collect();
        findings.push(Finding::ok(
            "agents",
            format!("not installed, or not on PATH: {}", names.join(", ")),
        ));
    }
    if !found.iter().any(|runtime| runtime.usable) {
        findings.push(Finding::note(
            "agents",
            "none is ready",
            "install one, such as Claude Code; scripts run without",
        ));
    }
}
