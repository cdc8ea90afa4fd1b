//! What takes space in the data folder: walked without following links, so that nothing of the person's is counted.

use crate::{changes::snapshots::NOT_KEPT, paths::Home, workspaces};
use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What a part of a task's folder is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Part {
    /// What it was given.
    Inputs,
    /// What it delivered.
    Outputs,
    /// The workspace of a task without a folder.
    Workspace,
    /// A folder in there that a build makes again.
    Artefacts,
    /// What an attempt said and did.
    Transcript,
    /// What its performer printed, byte by byte.
    RawLog,
    /// Long output of tools, named by the transcript.
    Spill,
    /// The temporary folder of an attempt.
    Temp,
    /// The pinned piece, scripts, and what else is small.
    Record,
    /// A clone that tasks share; of no task.
    Repository,
}

impl Part {
    /// The word in views.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Part::Inputs => "inputs",
            Part::Outputs => "outputs",
            Part::Workspace => "workspace",
            Part::Artefacts => "artefacts",
            Part::Transcript => "transcript",
            Part::RawLog => "raw_log",
            Part::Spill => "spill",
            Part::Temp => "temp",
            Part::Record => "record",
            Part::Repository => "repository",
        }
    }
}

/// A part with its place and size.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Piece {
    /// What it is.
    pub part: Part,
    /// Where.
    pub path: PathBuf,
    /// How many bytes its files have.
    pub bytes: u64,
}

/// The folder of one task.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskFolder {
    /// The task it names.
    pub id: uuid::Uuid,
    /// Its parts.
    pub pieces: Vec<Piece>,
    /// When something in it changed last.
    pub changed: SystemTime,
    /// Whether a look at its workspace showed lately that something in there is nowhere else.
    pub only_copy: bool,
}

impl TaskFolder {
    /// Its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.pieces.iter().map(|piece| piece.bytes).sum()
    }
}

/// The data folder at one moment.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// Folders of tasks.
    pub tasks: Vec<TaskFolder>,
    /// The database with its log, in bytes.
    pub database: u64,
    /// Its backups.
    pub backups: u64,
    /// Worktrees of tasks.
    pub worktrees: u64,
    /// Clones shared by tasks.
    pub repositories: Vec<CloneFolder>,
    /// Snapshots of folders without git; counted apart.
    pub snapshots: u64,
    /// Everything else.
    pub other: u64,
}

/// The folder of a clone that tasks share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CloneFolder {
    /// Where.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
    /// When it was fetched or borrowed from last.
    pub used: SystemTime,
    /// Whether checkouts of tasks borrow from it.
    pub borrowed: bool,
}

impl Survey {
    /// All of it but the snapshots, in bytes.
    #[must_use]
    pub fn used(&self) -> u64 {
        let tasks: u64 = self.tasks.iter().map(TaskFolder::bytes).sum();
        let clones: u64 = self.repositories.iter().map(|clone| clone.bytes).sum();
        tasks + self.database + self.backups + self.worktrees + clones + self.other
    }
}

/// Looks at the data folder; what cannot be read counts as nothing.
#[must_use]
pub fn survey(home: &Home) -> Survey {
    let mut survey = Survey::default();
    for entry in entries(home.data_dir()) {
        let name = entry.file_name();
        let path = entry.path();
        match name.to_str().unwrap_or_default() {
            "tasks" => survey.tasks = entries(&path).filter_map(|e| of_home(home, &e)).collect(),
            "snapshots" => survey.snapshots += size(&path),
            "backups" => survey.backups += size(&path),
            "worktrees" => survey.worktrees += size(&path),
            "repos" => {
                survey.repositories = entries(&path).map(|e| clone(home, e.path())).collect();
            }
            name if name.starts_with("ripieno.db") => survey.database += size(&path),
            _ => survey.other += size(&path),
        }
    }
    survey
}

fn of_home(home: &Home, entry: &fs::DirEntry) -> Option<TaskFolder> {
    let mut found = task(&entry.path())?;
    found.only_copy = workspaces::is_only_copy(home, &entry.path().join("workspace"));
    Some(found)
}

fn clone(home: &Home, path: PathBuf) -> CloneFolder {
    CloneFolder {
        bytes: size(&path),
        // Of one that nobody fetched yet nothing is to be removed.
        used: crate::repos::last_used(&path).unwrap_or_else(SystemTime::now),
        borrowed: !crate::repos::borrowers(home, &path).is_empty(),
        path,
    }
}

/// Looks at one task's folder; nothing for a folder that names none.
#[must_use]
pub fn task(folder: &Path) -> Option<TaskFolder> {
    let id = folder.file_name()?.to_str()?.parse().ok()?;
    let mut found = TaskFolder {
        id,
        pieces: Vec::new(),
        changed: changed(folder),
        only_copy: false,
    };
    for entry in entries(folder) {
        let path = entry.path();
        match entry.file_name().to_str().unwrap_or_default() {
            "inputs" => found.add(Part::Inputs, path),
            "outputs" => found.add(Part::Outputs, path),
            "workspace" => found.workspace(path),
            "attempts" => {
                for attempt in entries(&path) {
                    found.attempt(&attempt.path());
                }
            }
            _ => found.add(Part::Record, path),
        }
    }
    Some(found)
}

impl TaskFolder {
    fn add(&mut self, part: Part, path: PathBuf) {
        let bytes = size(&path);
        self.pieces.push(Piece { part, path, bytes });
    }

    fn attempt(&mut self, folder: &Path) {
        self.changed = self.changed.max(changed(folder));
        for entry in entries(folder) {
            let part = match entry.file_name().to_str().unwrap_or_default() {
                "transcript.jsonl" => Part::Transcript,
                "raw.log" => Part::RawLog,
                "spill" => Part::Spill,
                "tmp" => Part::Temp,
                _ => Part::Record,
            };
            self.add(part, entry.path());
        }
    }

    fn workspace(&mut self, path: PathBuf) {
        let mut artefacts = Vec::new();
        built(&path, &mut artefacts);
        let whole = size(&path);
        for path in artefacts {
            self.add(Part::Artefacts, path);
        }
        let apart: u64 = self
            .pieces
            .iter()
            .filter(|piece| piece.part == Part::Artefacts)
            .map(|piece| piece.bytes)
            .sum();
        self.pieces.push(Piece {
            part: Part::Workspace,
            path,
            bytes: whole.saturating_sub(apart),
        });
    }
}

/// Folders that a build makes again: by the names that package managers use, or by the standard tag of caches.
fn built(folder: &Path, found: &mut Vec<PathBuf>) {
    const TAG: &[u8] = b"Signature: 8a477f597d28d172789f06886806bc55";
    for entry in entries(folder) {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let named = entry
            .file_name()
            .to_str()
            .is_some_and(|name| NOT_KEPT.contains(&name));
        let tagged = || fs::read(path.join("CACHEDIR.TAG")).is_ok_and(|tag| tag.starts_with(TAG));
        if named || tagged() {
            found.push(path);
        } else {
            built(&path, found);
        }
    }
}

/// The bytes of all files below; links are not followed.
#[must_use]
pub fn size(path: &Path) -> u64 {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return 0;
    };
    if !metadata.is_dir() {
        return metadata.len();
    }
    entries(path).map(|entry| size(&entry.path())).sum()
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn changed(path: &Path) -> SystemTime {
    fs::symlink_metadata(path)
        .and_then(|metadata| metadata.modified())
        .unwrap_or(SystemTime::now())
}
