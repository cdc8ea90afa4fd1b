//! Methods that show what happened to a task: its timeline.

use super::{Call, json};
use crate::{command, error::ApiError, view};
use serde_json::Value;

pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::Named = call.read()?;
    let timeline = call.handle.timeline(call.by, &named.id).await?;
    json(view::Timeline::from(&timeline))
}
