//! Methods about repositories that tasks share.

use super::{Call, json};
use crate::{command, error::ApiError, fields::Nothing, view};
use serde_json::{Value, json};

pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "repo.add" => {
            let named: command::RepoNamed = call.read()?;
            let known = call.handle.add_repository(call.by, &named.url).await?;
            json(known.map(view::Repository::from))
        }
        "repo.list" => {
            let Nothing {} = call.read()?;
            let all = call.handle.repositories().await?.into_iter();
            let all: Vec<view::Repository> = all.map(view::Repository::from).collect();
            Ok(json!({ "repositories": json(all)? }))
        }
        "repo.remove" => {
            let named: command::RepoNamed = call.read()?;
            call.handle.remove_repository(call.by, &named.url).await?;
            Ok(json!({ "removed": named.url }))
        }
        _ => {
            let wish: command::RepoCheckout = call.read()?;
            let wanted = wish.wanted.as_deref();
            let made = call.handle.check_out(call.by, &wish.url, wanted).await?;
            json(view::CheckedOut::from(made))
        }
    }
}
