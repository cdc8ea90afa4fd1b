//! One cleaning: looked at, decided, removed, and told.

use super::{
    rules::{Because, Owner, Stays, by_age, clone_by_age, under_pressure},
    survey::{Part, Piece, Survey, TaskFolder, size, survey},
};
use crate::{ctx::Ctx, workspaces};
use ripieno_core::{id::TaskNo, time::Timestamp};
use ripieno_store::{StorageFact, StoreError};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// How much of a transcript stays when the limit is reached: its end says how the task ended.
const TAIL: u64 = 16 * 1024;

/// What takes space, in bytes.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// How much may be used; 0 for no limit.
    pub limit: u64,
    /// All that is used.
    pub used: u64,
    /// The database with its log.
    pub database: u64,
    /// Its backups.
    pub backups: u64,
    /// Worktrees of tasks.
    pub worktrees: u64,
    /// Clones shared by tasks.
    pub repositories: u64,
    /// Snapshots of folders without git; not among what is used.
    pub snapshots: u64,
    /// Everything else that is not a task's.
    pub other: u64,
    /// What tasks have, by part.
    pub parts: Vec<(Part, u64)>,
    /// The tasks that have most, the largest first, at most twenty.
    pub largest: Vec<(Option<TaskNo>, PathBuf, u64)>,
}

/// A part that was, or would be, removed.
#[derive(Clone, Debug)]
pub struct Removed {
    /// Whose it is.
    pub task: Option<TaskNo>,
    /// What it is.
    pub part: Part,
    /// Where.
    pub path: PathBuf,
    /// How many bytes that frees.
    pub bytes: u64,
    /// Why.
    pub because: Because,
}

/// How much stays for one reason.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    /// Why.
    pub why: Stays,
    /// How many bytes.
    pub bytes: u64,
}

/// What a cleaning came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What takes space afterwards.
    pub usage: Usage,
    /// What was removed.
    pub removed: Vec<Removed>,
    /// What stays, by reason.
    pub kept: Vec<Kept>,
}

impl Report {
    /// How many bytes were freed.
    #[must_use]
    pub fn freed(&self) -> u64 {
        self.removed.iter().map(|removed| removed.bytes).sum()
    }
}

struct Known {
    no: Option<TaskNo>,
    owner: Owner,
    /// The same for its workspace, which all of its thread work in.
    thread: Owner,
}

pub(super) async fn clean(
    ctx: &Ctx,
    bounds: Option<(u64, u64)>,
    dry: bool,
) -> Result<Report, StoreError> {
    let home = ctx.home.clone();
    let mut looked = tokio::task::spawn_blocking(move || survey(&home))
        .await
        .unwrap_or_default();
    let facts = ctx.store.read(|r| r.storage_facts()).await?;
    let by_id: HashMap<uuid::Uuid, StorageFact> =
        facts.into_iter().map(|fact| (fact.id.0, fact)).collect();
    let known = |folder: &TaskFolder| owner(ctx, by_id.get(&folder.id));
    let (plan, kept) = plan(&looked, bounds, known);
    let mut report = Report {
        removed: plan,
        kept,
        ..Report::default()
    };
    if !dry {
        report.removed = carry_out(ctx, report.removed).await?;
        let at = ctx.home.snapshots_dir();
        let snapshots = tokio::task::spawn_blocking(move || size(&at)).await;
        looked.snapshots = snapshots.unwrap_or(looked.snapshots);
    }
    report.usage = usage(&looked, &report, dry, |folder| {
        by_id.get(&folder.id).map(|fact| fact.no)
    });
    Ok(report)
}

fn owner(ctx: &Ctx, fact: Option<&StorageFact>) -> Known {
    let Some(fact) = fact else {
        return Known {
            no: None,
            owner: Owner::Nobody,
            thread: Owner::Nobody,
        };
    };
    let live = ctx.actor(fact.no).is_some();
    let owner = |at: Option<Timestamp>| match fact.ended.zip(at) {
        Some(((done, _), at)) if !live && !fact.thread_open => {
            let since = Duration::from_millis(u64::try_from(at.0).unwrap_or(0));
            Owner::Ended {
                done,
                at: SystemTime::UNIX_EPOCH + since,
            }
        }
        _ => Owner::Open { live },
    };
    Known {
        no: Some(fact.no),
        owner: owner(fact.ended.map(|(_, at)| at)),
        thread: owner(fact.thread_ended),
    }
}

/// Everything that goes: by age first, then the oldest until there is room.
fn plan(
    looked: &Survey,
    bounds: Option<(u64, u64)>,
    known: impl Fn(&TaskFolder) -> Known,
) -> (Vec<Removed>, Vec<Kept>) {
    let now = SystemTime::now();
    let mut goes = Vec::new();
    let mut kept: Vec<Kept> = Vec::new();
    // Rank, age, and what it would be.
    let mut may: Vec<(u8, SystemTime, Removed, Stays)> = Vec::new();
    for folder in &looked.tasks {
        let Known { no, owner, thread } = known(folder);
        for piece in folder.pieces.iter().filter(|piece| piece.bytes > 0) {
            let one = |because| Removed {
                task: no,
                part: piece.part,
                path: piece.path.clone(),
                bytes: frees(piece, because),
                because,
            };
            let owner = match piece.part {
                Part::Workspace => thread,
                _ => owner,
            };
            match (
                by_age(folder, piece, owner, now),
                under_pressure(folder, piece, owner),
                owner,
            ) {
                (Ok(because), ..) => goes.push(one(because)),
                (Err(why), Ok(rank), Owner::Ended { at, .. }) => {
                    may.push((rank, at, one(Because::OverTheLimit), why));
                }
                (Err(why), ..) => keep(&mut kept, why, piece.bytes),
            }
        }
    }
    for clone in looked.repositories.iter().filter(|clone| clone.bytes > 0) {
        let one = |because| Removed {
            task: None,
            part: Part::Repository,
            path: clone.path.clone(),
            bytes: clone.bytes,
            because,
        };
        match clone_by_age(clone, now) {
            Ok(because) => goes.push(one(because)),
            Err(why @ Stays::Young) => may.push((1, clone.used, one(Because::OverTheLimit), why)),
            Err(why) => keep(&mut kept, why, clone.bytes),
        }
    }
    let freed: u64 = goes.iter().map(|removed| removed.bytes).sum();
    let mut left = looked.used().saturating_sub(freed);
    // Without a limit nothing presses.
    let (high, low) = bounds.unwrap_or((u64::MAX, u64::MAX));
    may.sort_by_key(|(rank, at, ..)| (*rank, *at));
    let pressed = left > high;
    for (_, _, removed, why) in may {
        if pressed && left > low && removed.bytes > 0 {
            left = left.saturating_sub(removed.bytes);
            goes.push(removed);
        } else {
            keep(&mut kept, why, removed.bytes);
        }
    }
    (goes, kept)
}

/// The end of a transcript stays.
fn frees(piece: &Piece, because: Because) -> u64 {
    if piece.part == Part::Transcript && because == Because::OverTheLimit {
        piece.bytes.saturating_sub(TAIL)
    } else {
        piece.bytes
    }
}

fn keep(kept: &mut Vec<Kept>, why: Stays, bytes: u64) {
    match kept.iter_mut().find(|kept| kept.why == why) {
        Some(kept) => kept.bytes += bytes,
        None => kept.push(Kept { why, bytes }),
    }
}

/// Removes what was decided, and looks once more before each: an attempt may have begun meanwhile.
async fn carry_out(ctx: &Ctx, plan: Vec<Removed>) -> Result<Vec<Removed>, StoreError> {
    let mut done = Vec::with_capacity(plan.len());
    let mut shortened: Vec<TaskNo> = Vec::new();
    for removed in plan {
        if removed.task.is_some_and(|no| ctx.actor(no).is_some()) {
            continue;
        }
        if removed.part == Part::Repository {
            if crate::repos::give_up(ctx, &removed.path).await {
                done.push(removed);
            }
            continue;
        }
        if removed.part == Part::Workspace {
            if let Some(no) = removed.task {
                match workspaces::give_up(ctx, no).await {
                    Ok(true) => done.push(removed),
                    Ok(false) => {}
                    Err(error) => {
                        tracing::warn!(task = %no, %error, "its workspace stays for the next look");
                    }
                }
            }
            continue;
        }
        let one = removed.clone();
        let root = ctx.home.tasks_dir();
        let result = tokio::task::spawn_blocking(move || remove(&root, &one))
            .await
            .unwrap_or_else(|broken| Err(io::Error::other(broken)));
        match result {
            Ok(()) => {
                if let (Because::OverTheLimit, Part::Transcript, Some(no)) =
                    (removed.because, removed.part, removed.task)
                    && !shortened.contains(&no)
                {
                    shortened.push(no);
                }
                done.push(removed);
            }
            Err(error) => {
                tracing::warn!(%error, path = %removed.path.display(), "it stays for the next look");
            }
        }
    }
    if !shortened.is_empty() {
        ctx.store
            .write(move |tx| {
                for no in &shortened {
                    tx.warn(
                        *no,
                        "only the end of its log is left: storage.limit was reached",
                    )?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(done)
}

fn remove(root: &Path, removed: &Removed) -> io::Result<()> {
    // Nothing but what lies below our own folder of tasks, whatever a path in the plan says.
    if !removed.path.starts_with(root) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    if removed.part == Part::Transcript && removed.because == Because::OverTheLimit {
        return shorten(&removed.path);
    }
    let metadata = fs::symlink_metadata(&removed.path)?;
    if !metadata.is_dir() {
        return fs::remove_file(&removed.path);
    }
    // Links in it are removed, not followed.
    fs::remove_dir_all(&removed.path)?;
    if removed.because == Because::NobodyKnowsIt {
        forget_empty(&removed.path, root);
    }
    Ok(())
}

/// Removes the empty folders around something that is gone, up to the folder of tasks.
fn forget_empty(path: &Path, root: &Path) {
    for folder in path.ancestors().skip(1) {
        if folder == root || fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

/// Keeps the last whole lines of a transcript: the numbers in it go on, and its end is what tells most.
fn shorten(path: &Path) -> io::Result<()> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    if size <= TAIL {
        return Ok(());
    }
    // One byte earlier, so that a line that begins exactly there is whole.
    file.seek(SeekFrom::Start(size - TAIL - 1))?;
    let mut end = Vec::new();
    file.take(TAIL + 1).read_to_end(&mut end)?;
    let begin = end.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
    // Of one line longer than that nothing can be kept but itself.
    match begin.filter(|at| *at < end.len()) {
        Some(at) => crate::paths::write_atomically(path, &end[at..]),
        None => Ok(()),
    }
}

fn usage(
    looked: &Survey,
    report: &Report,
    dry: bool,
    named: impl Fn(&TaskFolder) -> Option<TaskNo>,
) -> Usage {
    let gone: HashMap<&Path, u64> = if dry {
        HashMap::new()
    } else {
        let removed = report.removed.iter();
        removed
            .map(|removed| (removed.path.as_path(), removed.bytes))
            .collect()
    };
    let left = |piece: &Piece| {
        piece
            .bytes
            .saturating_sub(gone.get(piece.path.as_path()).copied().unwrap_or(0))
    };
    let mut parts: Vec<(Part, u64)> = Vec::new();
    let mut largest = Vec::new();
    for folder in &looked.tasks {
        let mut whole = 0;
        for piece in &folder.pieces {
            let bytes = left(piece);
            whole += bytes;
            match parts.iter_mut().find(|(part, _)| *part == piece.part) {
                Some((_, sum)) => *sum += bytes,
                None => parts.push((piece.part, bytes)),
            }
        }
        largest.push((named(folder), folder.id.to_string().into(), whole));
    }
    parts.sort();
    largest.sort_by_key(|(_, _, bytes)| std::cmp::Reverse(*bytes));
    largest.truncate(20);
    let freed = if dry { 0 } else { report.freed() };
    Usage {
        limit: 0,
        used: looked.used().saturating_sub(freed),
        database: looked.database,
        backups: looked.backups,
        worktrees: looked.worktrees,
        repositories: looked
            .repositories
            .iter()
            .map(|clone| {
                clone
                    .bytes
                    .saturating_sub(gone.get(clone.path.as_path()).copied().unwrap_or(0))
            })
            .sum(),
        snapshots: looked.snapshots,
        other: looked.other,
        parts,
        largest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transcript_is_shortened_to_whole_lines_of_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("transcript.jsonl");
        let line = |n: usize| format!("{{\"n\":{n},\"text\":\"{}\"}}\n", "x".repeat(90));
        let whole: String = (1..=1_000).map(line).collect();
        fs::write(&file, &whole).unwrap();
        shorten(&file).unwrap();
        let left = fs::read_to_string(&file).unwrap();
        assert!(left.len() as u64 <= TAIL && left.len() as u64 > TAIL - 200);
        assert!(whole.ends_with(&left) && left.starts_with("{\"n\":"));
        shorten(&file).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), left, "once is enough");
    }

    #[test]
    fn nothing_outside_the_folder_of_tasks_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let theirs = folder.path().join("theirs");
        fs::create_dir_all(theirs.join("in")).unwrap();
        let root = folder.path().join("tasks");
        fs::create_dir_all(root.join("a/attempts/1/tmp")).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&theirs, root.join("a/attempts/1/tmp/link")).unwrap();
        let one = |path: PathBuf| Removed {
            task: None,
            part: Part::Temp,
            path,
            bytes: 1,
            because: Because::AttemptOver,
        };
        assert!(remove(&root, &one(theirs.clone())).is_err());
        remove(&root, &one(root.join("a/attempts/1/tmp"))).unwrap();
        assert!(theirs.join("in").exists(), "links are not followed");
        assert!(root.join("a/attempts/1").exists());
    }
}
