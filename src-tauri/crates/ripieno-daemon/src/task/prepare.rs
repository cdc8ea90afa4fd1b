//! Before the performer: folders, piece, environment. What breaks here is classified like any failure (R16).

use super::{Attempt, End};
use crate::{
    ctx::{ActorHandle, Ctx, Signal},
    paths::Home,
    runtimes,
    workspace::FolderRules,
    workspaces, worktree,
};
use ripieno_agents::{
    stream::Item,
    transcript::{Entry, Reader, Transcript, TranscriptSpec},
};
use ripieno_core::{
    budget::{Caps, Used},
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
        wait_at_hold_point("RIPIENO_HOLD_PREPARATION").await;
        // What is torn down is torn down to its end before it is set up again.
        drop(ctx.teardowns.take(no).await);
        let row = ctx
            .store
            .read(move |r| r.task(no))
            .await
            .map_err(|error| internal(&error))?;
        if row.task.wish.is_some() {
            return Err(End::Stopped);
        }
        if handle.suspend.is_cancelled() {
            return Err(End::Yielded(YieldReason::Interrupted));
        }
        if !lane.is_shell() && runtimes::performer(ctx, lane.kind()).await.is_none() {
            let text = format!(
                "{} is not installed any more, or cannot be used",
                lane.kind()
            );
            return Err(End::Failed(Failure::new(Class::ExecutableMissing, text)));
        }
        let n = claimed.attempt;
        let thread = row.thread;
        let read = ctx
            .store
            .read(move |r| Ok((r.task(thread)?.id, r.attempts(no)?)));
        let (thread_id, attempts) = read.await.map_err(|error| internal(&error))?;
        let before = attempts
            .iter()
            .rev()
            .find(|a| a.n < n)
            .map(|a| a.claimed_at);
        let paths = (
            ctx.home.clone(),
            row.id.to_string(),
            row.spec.dir.clone(),
            // A worktree is known once it is open.
            worktree::work_folder(&ctx.home, &row.spec, &thread_id.to_string(), None),
        );
        if row.spec.dir.is_none() {
            let ready = workspaces::make_ready(ctx, &row, &paths.3).await;
            ready.map_err(|error| {
                let text = format!("its workspace cannot be brought back: {error}");
                End::Failed(Failure::new(Class::WorkspaceFailed, text))
            })?;
        }
        let made = tokio::task::spawn_blocking(move || {
            let (home, id, dir, work_folder) = paths;
            let dirs = Dirs {
                work: work_folder,
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
            let reader = Reader::new(attempts_dir(&home, &id));
            let last = reader.last().map_err(|error| {
                Failure::new(
                    Class::WorkspaceFailed,
                    format!("the task's log cannot be read: {error}"),
                )
            })?;
            Ok((dirs, last, last_output(&reader)))
        });
        let (dirs, last, tail) = made
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
            ambient: ctx.resolved_environment().await,
            token: ctx.tokens.grant(no, n, secret),
            transcript,
            signals,
            handle,
            had_output: false,
            movement: None,
            movement_name: String::new(),
            used: BTreeMap::new(),
            spent: Used::default(),
            allowed: Caps::default(),
            tail,
            bound: None,
            prompted: None,
            begun: ctx.now(),
            answers_since: before.unwrap_or_default(),
            notice: None,
            entries: 0,
            was_set_up: false,
            cleaning: false,
            finishing: false,
            keeps_checkpoints: false,
            fresh: None,
            entered: ctx.now(),
            ctx: ctx.clone(),
        })
    }

    /// The piece as it was when the task was submitted.
    pub(super) async fn piece(&self) -> Result<Loaded, Failure> {
        load_pinned(&self.ctx, &self.row).await
    }
}

/// Keeps an attempt where it is for as long as a test wants: while the file that the variable names is there. Nothing in
/// release builds.
pub(super) async fn wait_at_hold_point(variable: &str) {
    #[cfg(not(debug_assertions))]
    let _ = variable;
    #[cfg(debug_assertions)]
    if let Some(file) = std::env::var_os(variable) {
        while Path::new(&file).exists() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}

/// The folder of a task's attempts.
pub(crate) fn attempts_dir(home: &Home, id: &str) -> PathBuf {
    home.task_dir(id).join("attempts")
}

/// The folders of tasks on disk that no attempt has touched and that hold no output, with the ids that name them.
pub(crate) fn unbegun_folders(tasks: &Path) -> Vec<(uuid::Uuid, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(tasks) else {
        return Vec::new();
    };
    let named = |path: PathBuf| Some((path.file_name()?.to_str()?.parse().ok()?, path));
    let empty = |folder: PathBuf| {
        std::fs::read_dir(folder).map_or(true, |mut entries| entries.next().is_none())
    };
    entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| !path.join("attempts").exists() && empty(path.join("outputs")))
        .filter_map(named)
        .collect()
}

/// What an attempt put out last, at most [`TAIL_CHARS`] characters; nothing when it cannot be read.
fn last_output(reader: &Reader) -> String {
    let Ok(page) = reader.tail(40) else {
        return String::new();
    };
    let entries = page
        .entries
        .iter()
        .filter_map(|raw| serde_json::from_str::<Entry>(raw.get()).ok());
    let mut text = String::new();
    for entry in entries {
        if let Item::Text { text: said, .. } = entry.item {
            text.push_str(&said);
            text.push('\n');
        }
    }
    let skip = text.chars().count().saturating_sub(TAIL_CHARS);
    text.chars().skip(skip).collect()
}

/// How much of the last output a handoff carries (T9).
const TAIL_CHARS: usize = 1_200;

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
