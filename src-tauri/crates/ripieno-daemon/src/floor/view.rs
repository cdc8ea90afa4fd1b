//! The floor as the law sees it: one moment of what is live, with what only rows know of one task.

use super::{Floor, default_limit};
use crate::workspace::{Busy, LockError};
use ripieno_core::{
    hold::{FolderHolder, GateHold, World},
    id::{AskNo, TaskNo},
    lane::{Lane, LaneId},
    time::Timestamp,
};
use std::path::Path;

/// What only rows know of the task that is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowFacts {
    /// The first task it depends on that is not done.
    pub unmet: Option<TaskNo>,
    /// Its open children.
    pub children: u32,
    /// Its oldest open ask.
    pub ask: Option<AskNo>,
}

/// The floor at one moment.
#[derive(Debug)]
pub struct FloorView<'a> {
    pub(super) floor: &'a Floor,
    pub(super) now: Timestamp,
    pub(super) gate: Option<GateHold>,
    pub(super) facts: RowFacts,
}

impl World for FloorView<'_> {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn gate(&self) -> Option<GateHold> {
        self.gate.clone()
    }

    fn slots(&self) -> (u32, u32) {
        self.floor.slots()
    }

    fn lane(&self, lane: &LaneId) -> (Lane, u32, Option<u32>) {
        let inner = self.floor.lock();
        match inner.lanes.get(lane) {
            Some(entry) => (entry.lane.clone(), entry.used, entry.limit),
            None => (Lane::fresh(lane.clone()), 0, default_limit(lane)),
        }
    }

    fn automatic_lanes(&self) -> Vec<LaneId> {
        self.floor.lock().automatic.clone()
    }

    fn piece(&self, _piece: &str) -> Option<(u32, u32)> {
        None
    }

    fn thread_holder(&self, thread: TaskNo, task: TaskNo) -> Option<TaskNo> {
        self.floor
            .lock()
            .threads
            .get(&thread)
            .copied()
            .filter(|holder| *holder != task)
    }

    fn trusts(&self, folder: &str) -> bool {
        self.floor.projects.trusts(Path::new(folder))
    }

    fn project(&self, folder: &str) -> Option<(String, u32, u32)> {
        let (path, used, limit) = self.floor.project_slots(Path::new(folder))?;
        Some((path.display().to_string(), used, limit))
    }

    fn folder_holder(&self, folder: &str, root: TaskNo) -> Option<FolderHolder> {
        let path = Path::new(folder);
        {
            let inner = self.floor.lock();
            if inner.folders.contains_key(&root) {
                return None;
            }
            let conflict = inner
                .folders
                .iter()
                .find(|(_, held)| held.path.starts_with(path) || path.starts_with(&held.path));
            if let Some((holder, held)) = conflict {
                return Some(FolderHolder {
                    path: held.path.display().to_string(),
                    holder: holder.to_string(),
                    task: Some(*holder),
                });
            }
        }
        match self.floor.locks.holder_of(path) {
            Ok(busy) => busy.map(|busy| outside(&busy)),
            Err(LockError::Folder { .. }) => None,
            Err(other) => Some(trouble(path, &other)),
        }
    }

    fn unmet_dependency(&self, _task: TaskNo) -> Option<TaskNo> {
        self.facts.unmet
    }

    fn open_children(&self, _task: TaskNo) -> u32 {
        self.facts.children
    }

    fn open_ask(&self, _task: TaskNo) -> Option<AskNo> {
        self.facts.ask
    }
}

pub(super) fn outside(busy: &Busy) -> FolderHolder {
    let holder = busy.holder.as_ref().map_or_else(
        || "another worker".to_owned(),
        |h| {
            format!(
                "{} of the worker in {} (process {})",
                h.task,
                h.home.display(),
                h.process.pid
            )
        },
    );
    FolderHolder {
        path: busy.path.display().to_string(),
        holder,
        task: None,
    }
}

/// Something other than a holder keeps the folder from being locked; it is shown in the holder's place.
pub(super) fn trouble(path: &Path, error: &LockError) -> FolderHolder {
    FolderHolder {
        path: path.display().to_string(),
        holder: error.to_string(),
        task: None,
    }
}
