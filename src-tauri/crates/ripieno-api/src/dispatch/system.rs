//! Methods about the worker as a whole.

use super::{Call, json};
use crate::{
    command,
    error::{ApiError, Code},
    fields::Nothing,
    view,
};
use ripieno_daemon::{
    config::Change,
    handle::{Listing, Sandbox},
    update::UpdateStatus,
};
use serde_json::{Value, json};
use std::{
    io,
    path::{Path, PathBuf},
};

/// How many events a page holds.
const PAGE: u32 = 500;
const LONGEST_PAGE: u32 = 1000;
/// How many open tasks a snapshot holds.
const SNAPSHOT: u32 = 200;

pub(super) async fn carry_out(mut call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "worker.pause" => pause(call).await,
        "lane.release" => release(call).await,
        "runtime.list" => runtimes(call).await,
        "config.get" => {
            let get: command::ConfigGet = call.read()?;
            json(view::Setting::from(&call.handle.config_get(&get.key)?))
        }
        "config.set" => set(call).await,
        "config.reset" => reset(call).await,
        "events.since" => events(call).await,
        "events.subscribe" => subscribe(call).await,
        "backup" => backup(call).await,
        _ => {
            let Nothing {} = call.read()?;
            plain(call).await
        }
    }
}

/// Methods without parameters.
async fn plain(call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "health" => {
            let state = if call.handle.has_stopped() {
                "stopping"
            } else {
                "running"
            };
            Ok(json!({
                "state": state,
                "version": ripieno_daemon::version(),
                "sandbox": Sandbox::applied().word(),
            }))
        }
        "worker.resume" => {
            call.handle.resume(call.by).await?;
            status(&call).await
        }
        "config.show" => {
            let settings: Vec<view::Setting> = call
                .handle
                .config()?
                .iter()
                .map(view::Setting::from)
                .collect();
            Ok(json!({ "settings": json(settings)? }))
        }
        "update.status" => update(&call, call.handle.update_status()),
        "update.check" => update(&call, call.handle.update_check(call.by).await?),
        "update.now" => update(&call, call.handle.update_now(call.by).await?),
        "update.when_idle" => update(&call, call.handle.update_when_idle(call.by)?),
        "update.skip" => update(&call, call.handle.update_skip(call.by)?),
        "integrity" => Ok(json!({ "problems": call.handle.integrity().await? })),
        _ => status(&call).await,
    }
}

fn update(call: &Call<'_>, status: UpdateStatus) -> Result<Value, ApiError> {
    json(view::Update::of(status, call.handle.update_waits_for()))
}

async fn status(call: &Call<'_>) -> Result<Value, ApiError> {
    json(view::Status::from(call.handle.status().await?))
}

async fn pause(mut call: Call<'_>) -> Result<Value, ApiError> {
    let pause: command::WorkerPause = call.read()?;
    let until = call.end(pause.span.as_deref(), pause.until.as_deref())?;
    call.handle.pause(call.by, until, pause.suspend).await?;
    status(&call).await
}

async fn release(mut call: Call<'_>) -> Result<Value, ApiError> {
    let release: command::LaneRelease = call.read()?;
    call.handle.release_lane(call.by, &release.lane).await?;
    status(&call).await
}

async fn runtimes(mut call: Call<'_>) -> Result<Value, ApiError> {
    let list: command::RuntimeList = call.read()?;
    let found: Vec<view::Runtime> = call
        .handle
        .runtimes(list.refresh)
        .await
        .into_iter()
        .map(Into::into)
        .collect();
    let environment = view::Environment::from(call.handle.environment().await.as_ref());
    Ok(json!({ "runtimes": json(found)?, "environment": json(environment)? }))
}

async fn set(mut call: Call<'_>) -> Result<Value, ApiError> {
    let set: command::ConfigSet = call.read()?;
    let changes = call
        .handle
        .config_set(call.by, &set.key, &set.value)
        .await?;
    changed(&call, &set.key, &changes)
}

async fn reset(mut call: Call<'_>) -> Result<Value, ApiError> {
    let named: command::ConfigGet = call.read()?;
    let changes = call.handle.config_reset(call.by, &named.key).await?;
    changed(&call, &named.key, &changes)
}

/// The setting as it is now, and every key that changed with it.
fn changed(call: &Call<'_>, key: &str, changes: &[Change]) -> Result<Value, ApiError> {
    let changed: Vec<&str> = changes.iter().map(|change| change.key.as_str()).collect();
    let setting = view::Setting::from(&call.handle.config_get(key)?);
    Ok(json!({ "setting": json(setting)?, "changed": changed }))
}

async fn events(mut call: Call<'_>) -> Result<Value, ApiError> {
    let since: command::EventsSince = call.read()?;
    let limit = since.limit.unwrap_or(PAGE).clamp(1, LONGEST_PAGE);
    let page = call
        .handle
        .events_since(since.since, usize::try_from(limit).unwrap_or(1))
        .await?;
    let next = page.last().map_or(since.since, |event| event.seq);
    let events: Vec<view::Event> = page.iter().map(view::Event::from).collect();
    Ok(json!({ "events": json(events)?, "next": next }))
}

/// The snapshot only: the door that was asked sends the events that follow.
async fn subscribe(mut call: Call<'_>) -> Result<Value, ApiError> {
    let subscribe: command::Subscribe = call.read()?;
    // Read first: events that come while the snapshot is made are sent again rather than lost, and are part of it already.
    let seq = call.handle.last_seq();
    if subscribe.snapshot == Some(false) {
        return Ok(json!({ "seq": subscribe.since.unwrap_or(seq) }));
    }
    let open = [
        "queued",
        "waiting",
        "leased",
        "running",
        "paused",
        "needs_input",
        "needs_verification",
    ];
    let listing = Listing {
        states: open.map(str::to_owned).to_vec(),
        limit: SNAPSHOT,
        ..Listing::default()
    };
    let (details, _) = call.handle.tasks(call.by, &listing).await?;
    json(view::Snapshot {
        seq: subscribe.since.unwrap_or(seq),
        status: call.handle.status().await?.into(),
        tasks: details.iter().map(view::Task::listed).collect(),
        asks: call
            .handle
            .asks(false)
            .await?
            .iter()
            .map(view::Ask::from)
            .collect(),
    })
}

async fn backup(mut call: Call<'_>) -> Result<Value, ApiError> {
    let backup: command::Backup = call.read()?;
    let file = backup.file.map(PathBuf::from);
    if let Some(file) = file.as_ref().filter(|file| !file.is_absolute()) {
        return Err(ApiError::invalid(format!(
            "{} is not absolute: give the whole path",
            file.display()
        )));
    }
    if let Some(file) = file.clone() {
        tokio::task::spawn_blocking(move || writable(&file))
            .await
            .map_err(|broken| ApiError::new(Code::Internal, broken.to_string()))??;
    }
    let written = call.handle.backup(file).await?;
    Ok(json!({ "file": written.display().to_string() }))
}

/// Whether a new file can be made there: the database would refuse without a reason a person can use.
fn writable(file: &Path) -> Result<(), ApiError> {
    if file.symlink_metadata().is_ok() {
        return Err(ApiError::invalid(format!(
            "{} exists already: name a file that does not exist yet",
            file.display()
        )));
    }
    let folder = file.parent().unwrap_or(file);
    let trial = folder.join(format!(".ripieno-backup-{}", std::process::id()));
    let made = std::fs::File::create_new(&trial);
    drop(std::fs::remove_file(&trial));
    let Err(error) = made else { return Ok(()) };
    let there = folder.exists();
    let folder = folder.display();
    Err(ApiError::invalid(match error.kind() {
        io::ErrorKind::NotFound if !there => {
            format!("the folder {folder} does not exist: make it first, or name another file")
        }
        io::ErrorKind::NotADirectory => {
            format!("{folder} is not a folder: name a file in one that exists")
        }
        _ => format!("no file can be written in {folder} ({error}): name a folder of yours"),
    }))
}
