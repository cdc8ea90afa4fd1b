//! The log of a task: pages, and waiting for what is not there yet.

use super::{Call, json};
use crate::{command, error::ApiError, view};
use ripieno_daemon::handle::LogQuery;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// How long a follower waits before it is told that there is nothing new.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn page(mut call: Call<'_>) -> Result<Value, ApiError> {
    let logs: command::Logs = call.read()?;
    let deadline = Instant::now() + PATIENCE;
    let mut events = call.handle.subscribe();
    loop {
        // Read before the page: what was written before the end is in the page then.
        let ended = over(&call, &logs).await?;
        let mut watch = call.handle.log_watch(&logs.id).await?;
        if let Some(watch) = &mut watch {
            watch.mark_unchanged();
        }
        let query = LogQuery {
            attempt: logs.attempt,
            ..LogQuery::from(logs.from)
        };
        let page = call.handle.logs(call.by, &logs.id, query).await?;
        let next = page.next.max(logs.from);
        if !page.entries.is_empty() || ended || !logs.follow {
            let ended = ended && page.entries.is_empty();
            return json(view::Logs {
                entries: page.entries,
                next,
                ended,
            });
        }
        let grown = async {
            let changed = match &mut watch {
                Some(watch) => watch.changed().await.is_ok(),
                None => false,
            };
            if !changed {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = grown => {}
            // A lag is news as well.
            _ = events.recv() => {}
            () = call.handle.stopped() => return Err(ApiError::offline()),
            () = tokio::time::sleep_until(deadline) => {
                return json(view::Logs { entries: Vec::new(), next, ended: false });
            }
        }
    }
}

/// Whether nothing will be added: the task has ended, or the attempt asked for is not the last.
async fn over(call: &Call<'_>, logs: &command::Logs) -> Result<bool, ApiError> {
    let row = call.handle.task(call.by, &logs.id).await?.row;
    let earlier = logs.attempt.is_some_and(|n| n < row.task.attempt);
    Ok(earlier || row.task.state.is_terminal())
}

/// The files that hold what the performer printed, oldest first; the asker, on the same machine, reads them itself.
pub(super) async fn raw(mut call: Call<'_>) -> Result<Value, ApiError> {
    let logs: command::Logs = call.read()?;
    let ended = over(&call, &logs).await?;
    let files = call
        .handle
        .raw_logs(call.by, &logs.id, logs.attempt)
        .await?;
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    Ok(json!({ "files": files, "ended": ended }))
}
