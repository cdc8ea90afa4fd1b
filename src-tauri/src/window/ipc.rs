//! What the page may ask of the application: requests to the worker, its events, and desktop verbs.

use std::sync::Arc;

use ripieno_api::socket::Surface;
use ripieno_api::{ApiError, Client};
use serde_json::{Value, json};
use tauri::State;
use tauri::ipc::{Channel, InvokeBody, Request};

use super::desktop::Wish;
use crate::shell::Shell;

/// Every request the page may send; the others are the command's, or a task's own.
const ALLOWED: [&str; 57] = [
    "status",
    "events.subscribe",
    "task.list",
    "task.show",
    "task.why",
    "task.outputs",
    "task.logs",
    "task.timeline",
    "task.changes",
    "task.diff",
    "task.patch",
    "task.run",
    "task.checkpoints",
    "task.rewind",
    "task.merge",
    "task.discard",
    "task.add",
    "task.cancel",
    "task.pause",
    "task.resume",
    "task.retry",
    "task.seen",
    "task.comment",
    "ask.list",
    "ask.answer",
    "ask.snooze",
    "worker.pause",
    "worker.resume",
    "lane.release",
    "repo.list",
    "repo.remove",
    "runtime.list",
    "lock.list",
    "lock.release",
    "project.list",
    "project.trust",
    "grant.list",
    "grant.revoke",
    "project.untrust",
    "storage.show",
    "storage.clean",
    "piece.list",
    "piece.show",
    "folder.check",
    "folder.complete",
    "folder.recent",
    "llm.discover",
    "input.stage",
    "config.show",
    "config.get",
    "config.set",
    "config.reset",
    "update.status",
    "update.check",
    "update.now",
    "update.when_idle",
    "update.skip",
];

/// Sends one request to the worker, for the person at the window.
#[tauri::command]
pub(crate) async fn call(
    shell: State<'_, Arc<Shell>>,
    method: String,
    params: Value,
) -> Result<Value, ApiError> {
    if !ALLOWED.contains(&method.as_str()) {
        let shown: String = method.chars().take(60).collect();
        return Err(ApiError::forbidden(format!(
            "the window may not ask for {shown}: use the command"
        )));
    }
    shell.link.ask(Surface::Window, &method, params).await
}

/// Opens the stream of events after a number. It ends with one last `null`, or silently with the window.
#[tauri::command]
pub(crate) async fn follow(
    shell: State<'_, Arc<Shell>>,
    since: i64,
    channel: Channel<Option<Value>>,
) -> Result<(), ApiError> {
    let mut events = shell.link.client(Surface::Window).await?;
    let subscribe = json!({"since": since, "snapshot": false});
    events.request("events.subscribe", subscribe).await?;
    let ended = shell.window.begin_following();
    tauri::async_runtime::spawn(async move {
        tokio::select! {
            () = ended.cancelled() => {}
            () = pass_on(&mut events, &channel) => drop(channel.send(None)),
        }
    });
    Ok(())
}

async fn pass_on(events: &mut Client, channel: &Channel<Option<Value>>) {
    loop {
        match events.next_event().await {
            Ok(Some(event)) => {
                if channel.send(Some(event)).is_err() {
                    return;
                }
            }
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the window's events end");
                return;
            }
        }
    }
}

/// Does what only a desktop can.
#[tauri::command]
pub(crate) async fn desktop(
    shell: State<'_, Arc<Shell>>,
    request: Request<'_>,
) -> Result<Value, ApiError> {
    let InvokeBody::Json(body) = request.body() else {
        return Err(ApiError::usage("a desktop action is an object"));
    };
    let wish: Wish = serde_json::from_value(body.clone())
        .map_err(|bad| ApiError::usage(format!("no such desktop action: {bad}")))?;
    wish.carry_out(&shell).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn page_may_ask_for_exactly_what_it_asks_for() {
        let page = include_str!("../../../ui/src/host/methods.ts");
        let (_, methods) = page.split_once("export interface Methods {").unwrap();
        let (methods, _) = methods.split_once("\n}").unwrap();
        let asked: BTreeSet<&str> = methods
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split_once(": {"))
            .map(|(name, _)| name.trim_matches('\''))
            .filter(|name| !name.starts_with(' ') && *name != "params" && *name != "result")
            .collect();
        let allowed: BTreeSet<&str> = ALLOWED.into_iter().collect();
        assert_eq!(asked, allowed);
    }

    #[test]
    fn what_tasks_say_of_themselves_and_what_maintains_the_worker_is_not_the_pages() {
        for method in [
            "task.finish",
            "task.result",
            "task.progress",
            "ask.create",
            "backup",
            "integrity",
        ] {
            assert!(!ALLOWED.contains(&method), "{method}");
        }
    }
}
