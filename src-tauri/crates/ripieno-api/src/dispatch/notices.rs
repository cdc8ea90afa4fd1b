//! Methods about what people are told: asks put off, notices shown once.

use super::{Call, json};
use crate::{command, error::ApiError, view};
use serde_json::{Value, json};

/// `notice.claim`, `notice.forget`.
pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    if call.method == "notice.claim" {
        let claim: command::NoticeClaim = call.read()?;
        let first = call.handle.claim_notice(call.by, &claim.key).await?;
        return Ok(json!({ "first": first }));
    }
    let forget: command::NoticeForget = call.read()?;
    let forgotten = call.handle.forget_notices(call.by, &forget.prefix).await?;
    Ok(json!({ "forgotten": forgotten }))
}

/// `ask.snooze`.
pub(super) async fn snooze(mut call: Call<'_>) -> Result<Value, ApiError> {
    let snooze: command::Snooze = call.read()?;
    let until = call.end(snooze.span.as_deref(), snooze.until.as_deref())?;
    let ask = call.handle.snooze(call.by, &snooze.id, until).await?;
    json(view::Ask::from(&ask))
}
