//! Methods about what a new task is put together from.

use super::{Call, json};
use crate::{command, error::ApiError, fields::Nothing, view};
use serde_json::{Value, json};

pub(super) async fn carry_out(call: Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        "piece.list" => pieces(call).await,
        "piece.show" => piece(call).await,
        "folder.check" => check(call).await,
        "folder.complete" => complete(call).await,
        "folder.recent" => recent(call).await,
        "input.stage" => stage(call).await,
        _ => servers(call).await,
    }
}

async fn pieces(mut call: Call<'_>) -> Result<Value, ApiError> {
    let list: command::PieceList = call.read()?;
    let dir = list.dir.map(|dir| call.path("dir", &dir)).transpose()?;
    let listed = call.handle.pieces(dir).await?;
    let pieces: Vec<view::PieceRow> = listed.iter().map(view::PieceRow::from).collect();
    Ok(json!({ "pieces": json(pieces)? }))
}

async fn piece(mut call: Call<'_>) -> Result<Value, ApiError> {
    let show: command::PieceShow = call.read()?;
    let dir = show.dir.map(|dir| call.path("dir", &dir)).transpose()?;
    let (origin, loaded) = call.handle.piece(&show.name, dir).await?;
    json(view::PieceText::new(origin, &loaded))
}

async fn check(mut call: Call<'_>) -> Result<Value, ApiError> {
    let check: command::FolderCheck = call.read()?;
    json(view::FolderFacts::from(
        call.handle.folder_facts(&check.path).await?,
    ))
}

async fn complete(mut call: Call<'_>) -> Result<Value, ApiError> {
    let complete: command::FolderComplete = call.read()?;
    let folders = call.handle.folder_completions(&complete.prefix).await;
    let shown: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    Ok(json!({ "folders": shown }))
}

async fn recent(mut call: Call<'_>) -> Result<Value, ApiError> {
    let Nothing {} = call.read()?;
    let used = call.handle.recent_folders().await?;
    let folders: Vec<view::RecentFolder> = used.into_iter().map(Into::into).collect();
    Ok(json!({ "folders": json(folders)? }))
}

async fn stage(mut call: Call<'_>) -> Result<Value, ApiError> {
    let stage: command::InputStage = call.read()?;
    let file = call.handle.stage(call.by, &stage.name, &stage.data).await?;
    Ok(json!({ "path": file.display().to_string() }))
}

async fn servers(mut call: Call<'_>) -> Result<Value, ApiError> {
    let Nothing {} = call.read()?;
    let found = call.handle.local_servers().await;
    let servers: Vec<view::LocalServer> = found.into_iter().map(Into::into).collect();
    Ok(json!({ "servers": json(servers)? }))
}
