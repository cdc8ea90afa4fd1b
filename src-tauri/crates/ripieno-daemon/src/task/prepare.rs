//! Before the performer: folders, piece, environment. What breaks here is classified like any failure (R16).

use super::{Attempt, End};
use crate::{
    ctx::{ActorHandle, Ctx, Signal},
    paths::Home,
    workspace::FolderRules,
};
use ripieno_agents::transcript::{Reader, Transcript, TranscriptSpec};
use ripieno_core::{
    event::YieldReason,
    failure::{Class, Failure},
    id::TaskNo,
    lane::LaneId,
};
use ripieno_pieces::{Loaded, Pinned};
use ripieno_store::{Claimed, TaskRow};
use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};
use tokio::sync::mpsc;

/// The folders of a task and of one attempt.
#[derive(Clone, Debug)]
pub(super) struct Dirs {
    /// Where it works.
    pub(super) work: PathBuf,
    /// What it was given; read-only to performers (T25).
    pub(super) inputs: PathBuf,
    /// What it delivers (T25).
    pub(super) outputs: PathBuf,
    /// Logs and scripts of this attempt.
    pub(super) attempt: PathBuf,
    /// `TMPDIR` of the performer.
    pub(super) temp: PathBuf,
    /// Where long tool output goes.
    pub(super) spill: PathBuf,
}

impl Attempt {
    /// Makes everything ready; the working folder exists before the task shows `running` (R1).
    pub(super) async fn prepare(
        ctx: &Ctx,
        no: TaskNo,
        claimed: &Claimed,
        lane: &LaneId,
        slot: usize,
        handle: ActorHandle,
        signals: mpsc::Receiver<Signal>,
    ) -> Result<Attempt, End> {
        let row = ctx
            .store
            .read(move |r| r.task(no))
            .await
            .map_err(|error| internal(&error))?;
        if row.task.wish.is_some() {
            return Err(End::Stopped);
        }
        let n = claimed.attempt;
        let paths = (ctx.home.clone(), row.id.to_string(), row.spec.dir.clone());
        let made = tokio::task::spawn_blocking(move || {
            let (home, id, dir) = paths;
            let dirs = Dirs {
                work: dir
                    .as_ref()
                    .map_or_else(|| home.task_workspace(&id), PathBuf::from),
                inputs: home.task_inputs(&id),
                outputs: home.task_outputs(&id),
                attempt: home.attempt_dir(&id, n),
                temp: home.attempt_dir(&id, n).join("tmp"),
                spill: home.attempt_dir(&id, n).join("spill"),
            };
            if let Some(dir) = dir {
                let rules = FolderRules::new(&home);
                let checked = rules.check(Path::new(&dir));
                checked.map_err(|refused| {
                    Failure::new(Class::DirectoryRefused, refused.to_string())
                })?;
            } else {
                make(&dirs.work)?;
            }
            for folder in [
                &dirs.inputs,
                &dirs.outputs,
                &dirs.attempt,
                &dirs.temp,
                &dirs.spill,
            ] {
                make(folder)?;
            }
            let attempts = attempts_dir(&home, &id);
            let last = Reader::new(attempts).last().map_err(|error| {
                Failure::new(
                    Class::WorkspaceFailed,
                    format!("the task's log cannot be read: {error}"),
                )
            })?;
            Ok((dirs, last))
        });
        let (dirs, last) = made
            .await
            .map_err(|error| internal(&error))?
            .map_err(End::Failed)?;
        if row.folder.is_some() && !ctx.floor.holds_folder(row.root) {
            // It was gone when the lock was to be taken, and is back: take it properly.
            return Err(End::Yielded(YieldReason::DirectoryBusy));
        }
        let spec = TranscriptSpec::new(
            dirs.attempt.join("transcript.jsonl"),
            dirs.spill.clone(),
            n,
            last + 1,
        );
        let transcript = Transcript::open(spec, handle.logged.clone())
            .await
            .map_err(|error| End::Failed(error.into_failure()))?;
        let secret = ctx.random.uuid(ctx.now()).simple().to_string()
            + &ctx.random.uuid(ctx.now()).simple().to_string();
        Ok(Attempt {
            settings: ctx.settings(),
            no,
            n,
            fence: claimed.lease.token,
            lane: lane.clone(),
            slot,
            row,
            dirs,
            token: ctx.tokens.grant(no, n, secret),
            transcript,
            signals,
            handle,
            had_output: false,
            movement: None,
            movement_name: String::new(),
            used: BTreeMap::new(),
            tail: String::new(),
            ctx: ctx.clone(),
        })
    }

    /// The piece as it was when the task was submitted.
    pub(super) async fn piece(&self) -> Result<Loaded, Failure> {
        load_pinned(&self.ctx, &self.row).await
    }
}

/// The folder of a task's attempts.
pub(crate) fn attempts_dir(home: &Home, id: &str) -> PathBuf {
    home.task_dir(id).join("attempts")
}

/// The folders of tasks on disk, with the ids that name them.
pub(crate) fn listed_folders(tasks: &Path) -> Vec<(uuid::Uuid, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(tasks) else {
        return Vec::new();
    };
    let named = |path: PathBuf| Some((path.file_name()?.to_str()?.parse().ok()?, path));
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter_map(named)
        .collect()
}

/// The file that pins a task's piece.
pub(crate) fn pinned_file(ctx: &Ctx, id: &str) -> PathBuf {
    ctx.home.task_dir(id).join("piece.json")
}

/// Loads the pinned piece of a task and checks its digest.
pub(crate) async fn load_pinned(ctx: &Ctx, row: &TaskRow) -> Result<Loaded, Failure> {
    let file = pinned_file(ctx, &row.id.to_string());
    let digest = row.spec.piece.digest.clone();
    let broken = |text: String| Failure::new(Class::PieceInvalid, text);
    let text = tokio::fs::read(&file).await.map_err(|error| {
        broken(format!(
            "the pinned piece {} cannot be read: {error}",
            file.display()
        ))
    })?;
    let pinned: Pinned = serde_json::from_slice(&text).map_err(|error| {
        broken(format!(
            "the pinned piece {} is damaged: {error}",
            file.display()
        ))
    })?;
    let loaded = pinned
        .load()
        .map_err(|problems| broken(problems.to_string()))?;
    if loaded.digest != digest {
        return Err(broken(format!(
            "the pinned piece {} was changed after the task was submitted",
            file.display()
        )));
    }
    Ok(loaded)
}

fn make(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let class = match error.kind() {
            io::ErrorKind::StorageFull => Class::DiskFull,
            _ => Class::WorkspaceFailed,
        };
        Failure::new(
            class,
            format!("the folder {} cannot be made: {error}", folder.display()),
        )
    })
}

fn internal(error: &dyn std::fmt::Display) -> End {
    End::Failed(Failure::new(Class::Unknown, error.to_string()))
}
