//! Methods about standing grants.

use super::{Call, json};
use crate::{command, error::ApiError, view};
use serde_json::{Value, json};

pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    if call.method == "grant.revoke" {
        let revoke: command::GrantRevoke = call.read()?;
        let grant = call.handle.revoke_grant(call.by, &revoke.id).await?;
        return json(view::Grant::from(&grant));
    }
    let list: command::GrantList = call.read()?;
    let dir = list.dir.map(|dir| call.path("dir", &dir)).transpose()?;
    let grants = call.handle.grants(call.by, dir, list.all).await?;
    let grants: Vec<view::Grant> = grants.iter().map(view::Grant::from).collect();
    Ok(json!({ "grants": json(grants)? }))
}
