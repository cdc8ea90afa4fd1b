//! Verbs about the worker as a whole.

use super::{ask, prompt, read};
use crate::out::{Colour, Out, line};
use ripieno_api::{ApiError, command, view};
use ripieno_daemon::quantity::format_duration;
use serde_json::{Value, json};
use std::{path::PathBuf, time::Duration};

pub(super) async fn show(out: &Out) -> Result<u8, ApiError> {
    tell(ask("status", json!({})).await?, out)
}

pub(super) async fn pause(
    suspend: bool,
    span: Option<Duration>,
    until: Option<String>,
    out: &Out,
) -> Result<u8, ApiError> {
    let pause = command::WorkerPause {
        suspend,
        span: span.map(format_duration),
        until,
    };
    tell(ask("worker.pause", pause).await?, out)
}

pub(super) async fn resume(out: &Out) -> Result<u8, ApiError> {
    tell(ask("worker.resume", json!({})).await?, out)
}

pub(super) async fn release(lane: String, out: &Out) -> Result<u8, ApiError> {
    tell(
        ask("lane.release", command::LaneRelease { lane }).await?,
        out,
    )
}

fn tell(value: Value, out: &Out) -> Result<u8, ApiError> {
    let status: view::Status = read(value.clone())?;
    out.show(&value, || text(&status, out));
    Ok(0)
}

fn text(status: &view::Status, out: &Out) -> String {
    let until = status
        .paused_until
        .as_ref()
        .map_or_else(String::new, |at| format!(" until {}", view::local(at)));
    let mut text = format!(
        "{}{until}  {} of {} slots in use\n",
        status.state, status.slots.used, status.slots.total
    );
    let counts: Vec<String> = status
        .counts
        .iter()
        .filter(|(_, n)| **n > 0)
        .map(|(state, n)| format!("{n} {state}"))
        .collect();
    text.push_str(&format!(
        "tasks  {}\n",
        if counts.is_empty() {
            "none".to_owned()
        } else {
            counts.join(", ")
        }
    ));
    if status.asks > 0 {
        let asks = format!("{} waiting for you (ripieno ask list)", status.asks);
        text.push_str(&format!("asks   {}\n", out.paint(Colour::Yellow, &asks)));
    }
    if let Some(free) = status.low_disk {
        let low = format!("only {} MiB free: nothing is started", free >> 20);
        text.push_str(&format!("disk   {}\n", out.paint(Colour::Red, &low)));
    }
    if let Some(version) = &status.update {
        let waits = super::update::waiting(status.update_waits_for);
        text.push_str(&format!("update {version} is ready{waits}\n"));
    }
    for lane in &status.lanes {
        text.push_str(&format!("lane   {}\n", lane_text(lane)));
    }
    text
}

fn lane_text(lane: &view::Lane) -> String {
    let limit = lane
        .limit
        .map_or_else(String::new, |limit| format!(" of {limit}"));
    let mut text = format!("{}  {}{limit} active", lane.lane, lane.active);
    if let Some(until) = &lane.held_until {
        let reason = lane
            .hold_reason
            .as_deref()
            .map_or_else(String::new, |why| format!(" ({})", line(why, 60)));
        text.push_str(&format!(", held until {}{reason}", view::local(until)));
    }
    for (on, what) in [(lane.signed_out, "signed out"), (lane.drained, "drained")] {
        if on {
            text.push_str(&format!(", {what}"));
        }
    }
    if let Some(missing) = &lane.missing {
        text.push_str(&format!(", missing: {}", line(missing, 80)));
    }
    text
}

pub(super) async fn runtimes(refresh: bool, out: &Out) -> Result<u8, ApiError> {
    let page = ask("runtime.list", command::RuntimeList { refresh }).await?;
    let found: Vec<view::Runtime> = read(page["runtimes"].clone())?;
    out.show(&page, || {
        let rows: Vec<Vec<String>> = found.iter().map(runtime_row).collect();
        out.table(&["ID", "VERSION", "USABLE", "MODELS", "PATH", ""], &rows)
    });
    Ok(0)
}

fn runtime_row(found: &view::Runtime) -> Vec<String> {
    vec![
        found.id.clone(),
        found
            .version
            .as_deref()
            .map_or_else(|| "-".to_owned(), |version| line(version, 24)),
        if found.usable {
            "yes".to_owned()
        } else {
            "no".to_owned()
        },
        match found.models.as_slice() {
            [] => "-".to_owned(),
            models => line(&models.join(","), 40),
        },
        found.path.clone().unwrap_or_else(|| "-".to_owned()),
        found
            .reason
            .as_deref()
            .map_or_else(String::new, |reason| line(reason, 100)),
    ]
}

pub(super) async fn backup(file: Option<PathBuf>, out: &Out) -> Result<u8, ApiError> {
    let file = file.as_deref().map(prompt::absolute).transpose()?;
    let written = ask("backup", command::Backup { file }).await?;
    out.show(&written, || {
        written["file"].as_str().unwrap_or_default().to_owned()
    });
    Ok(0)
}
