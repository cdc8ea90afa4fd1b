//! `--wait`: the first of ended, needs a person, limit over, worker gone (cli.md).

use super::{read, task::reason};
use crate::out::{Out, plain};
use ripieno_api::{ApiError, Client, command, error::Code, view};
use ripieno_daemon::quantity::format_duration;
use serde_json::Value;
use std::time::Duration;

/// Waits for a task and gives the exit code of what came first.
pub(super) async fn run(
    client: &mut Client,
    added: view::Task,
    limit: Option<Duration>,
    out: &Out,
) -> Result<u8, ApiError> {
    let wait = command::Wait {
        id: added.id.clone(),
        limit: limit.map(format_duration),
    };
    let waited = match client.request("task.wait", wait).await {
        Ok(waited) => waited,
        Err(gone) if gone.code == Code::Offline => {
            if out.json {
                out.object(&serde_json::to_value(&added).unwrap_or(Value::Null));
            }
            out.say(&format!("{}: {}", added.short_id, gone.message));
            return Ok(gone.exit_code());
        }
        Err(error) => return Err(error),
    };
    let task: view::Task = read(waited["task"].clone())?;
    if out.json {
        out.object(&waited["task"]);
    } else {
        tell(&task, out);
    }
    Ok(match (task.state.as_str(), waited["settled"] == true) {
        ("done", _) => 0,
        ("needs_input", _) => 6,
        (_, true) => 1,
        (_, false) => 5,
    })
}

fn tell(task: &view::Task, out: &Out) {
    let why = match reason(task) {
        "" => String::new(),
        why => format!(": {}", plain(why)),
    };
    out.say(&format!("{} {}{why}", task.short_id, task.state));
    for ask in &task.asks {
        out.say(&format!(
            "{}: {}  (ripieno ask answer {} ...)",
            ask.short_id,
            plain(&ask.text),
            ask.short_id
        ));
    }
    if let Some(result) = &task.result {
        out.text(&plain(&result.summary));
    }
}
