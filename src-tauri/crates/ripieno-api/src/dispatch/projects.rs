//! Methods about projects, folders in use, and our own data folder.

use super::{Call, json};
use crate::{command, error::ApiError, fields::Nothing, view};
use ripieno_core::spec::FolderMode;
use ripieno_daemon::handle::ProjectChange;
use serde_json::{Value, json};

pub(super) async fn carry_out(call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "project.add" | "project.set" => set(call).await,
        "project.list" => list(call).await,
        "project.remove" => remove(call).await,
        "lock.list" => locks(call).await,
        "lock.release" => release(call).await,
        "storage.show" | "storage.clean" => storage(call).await,
        _ => one(call).await,
    }
}

async fn set(mut call: Call<'_>) -> Result<Value, ApiError> {
    let set: command::ProjectSet = call.read()?;
    let dir = call.path("dir", &set.dir)?;
    let change = ProjectChange {
        mode: set.mode.as_deref().map(mode).transpose()?,
        setup: set.setup,
        teardown: set.teardown,
        checks: set.checks,
        approvals: set.approvals,
        env_names: set.env_names,
    };
    let facts = if call.method == "project.add" {
        call.handle.add_project(call.by, dir, change).await?
    } else {
        call.handle.change_project(call.by, dir, change).await?
    };
    json(view::Project::from(facts))
}

fn mode(word: &str) -> Result<Option<FolderMode>, ApiError> {
    match word {
        "auto" => Ok(None),
        "in_place" => Ok(Some(FolderMode::InPlace)),
        "worktree" => Ok(Some(FolderMode::Worktree)),
        other => Err(ApiError::invalid(format!(
            "mode: `{other}` is none of auto, in_place, worktree"
        ))),
    }
}

async fn list(mut call: Call<'_>) -> Result<Value, ApiError> {
    let Nothing {} = call.read()?;
    let projects: Vec<view::Project> = call
        .handle
        .projects()
        .await?
        .into_iter()
        .map(Into::into)
        .collect();
    Ok(json!({ "projects": json(projects)? }))
}

/// `project.show`, `project.trust`, `project.untrust`.
async fn one(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::ProjectNamed = call.read()?;
    let dir = call.path("dir", &named.dir)?;
    let facts = match call.method {
        "project.trust" => call.handle.trust(call.by, dir, true).await?,
        "project.untrust" => call.handle.trust(call.by, dir, false).await?,
        _ => call.handle.project(dir).await?,
    };
    json(view::Project::from(facts))
}

async fn remove(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::ProjectNamed = call.read()?;
    let dir = call.path("dir", &named.dir)?;
    call.handle.remove_project(call.by, dir).await?;
    Ok(json!({ "removed": named.dir }))
}

async fn locks(mut call: Call<'_>) -> Result<Value, ApiError> {
    let Nothing {} = call.read()?;
    let locks: Vec<view::Lock> = call
        .handle
        .locks()
        .await?
        .iter()
        .map(view::Lock::from)
        .collect();
    Ok(json!({ "locks": json(locks)? }))
}

async fn storage(mut call: Call<'_>) -> Result<Value, ApiError> {
    let Nothing {} = call.read()?;
    let dry_run = call.method == "storage.show";
    let report = if dry_run {
        call.handle.storage().await?
    } else {
        call.handle.clean_up(call.by).await?
    };
    json(view::Storage::new(&report, dry_run))
}

async fn release(mut call: Call<'_>) -> Result<Value, ApiError> {
    let release: command::LockRelease = call.read()?;
    let (task, freed) = call.handle.let_others_in(call.by, &release.task).await?;
    Ok(json!({
        "task": task.to_string(),
        "released": freed.map(|path| path.display().to_string()),
    }))
}
