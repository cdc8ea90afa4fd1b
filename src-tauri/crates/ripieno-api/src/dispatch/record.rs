//! Methods that show what a task did: its timeline, what it changed, and what was run.

use super::{Call, json};
use crate::{command, error::ApiError, view};
use serde_json::Value;

pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "task.changes" => {
            let named: command::Named = call.read()?;
            let changes = call.handle.changes(call.by, &named.id).await?;
            json(view::Changes::from(changes))
        }
        "task.diff" => {
            let diff: command::Diff = call.read()?;
            let (path, whitespace) = (diff.path.as_deref(), diff.whitespace.unwrap_or(true));
            let diff = call
                .handle
                .diff(call.by, &diff.id, path, whitespace)
                .await?;
            json(view::Diff::from(diff))
        }
        "task.patch" => {
            let named: command::Named = call.read()?;
            let patch = call.handle.export_patch(call.by, &named.id).await?;
            json(view::Patch::from(patch))
        }
        "task.run" => {
            let run: command::Run = call.read()?;
            let facts = call.handle.run_facts(call.by, &run.id, run.attempt).await?;
            json(view::Run::from(facts))
        }
        _ => {
            let named: command::Named = call.read()?;
            let timeline = call.handle.timeline(call.by, &named.id).await?;
            json(view::Timeline::from(&timeline))
        }
    }
}
