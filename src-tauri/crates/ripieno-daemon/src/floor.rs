//! The floor: what is live at this moment, in memory. Slots, lanes in use, threads and folders held.
//!
//! Everything here is rebuilt from rows at start-up; what is given back is given back by dropping a guard.

mod view;

pub use view::{FloorView, RowFacts};
use view::{outside, trouble};

use crate::{
    projects::Projects,
    workspace::{DirectoryLock, DirectoryLocks, Holder, LockError},
};
use ripieno_core::{
    hold::{FolderHolder, GateHold},
    id::TaskNo,
    lane::{Lane, LaneId},
    time::Timestamp,
};
use ripieno_store::{NewLock, Owner};
use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// What is live now; clones share it.
#[derive(Clone, Debug)]
pub struct Floor {
    inner: Arc<Mutex<Inner>>,
    locks: DirectoryLocks,
    projects: Projects,
}

#[derive(Debug, Default)]
struct Inner {
    slots: Vec<bool>,
    limit: u32,
    lanes: BTreeMap<LaneId, LaneUse>,
    automatic: Vec<LaneId>,
    threads: HashMap<TaskNo, TaskNo>,
    folders: HashMap<TaskNo, HeldFolder>,
    /// Attempts under way by the folder of their project.
    projects: HashMap<PathBuf, u32>,
}

#[derive(Debug, Clone)]
struct LaneUse {
    lane: Lane,
    used: u32,
    limit: Option<u32>,
}

#[derive(Debug)]
struct HeldFolder {
    path: PathBuf,
    lock: DirectoryLock,
    /// Shared with the attempts that work there now.
    uses: Arc<()>,
}

/// An attempt works in a folder that its root task holds: it cannot be given back before this is dropped.
#[derive(Debug)]
pub struct FolderUse {
    _of: Arc<()>,
}

/// An attempt counts against the limit of its project until this is dropped.
#[derive(Debug)]
pub struct ProjectUse {
    inner: Arc<Mutex<Inner>>,
    path: PathBuf,
}

impl Drop for ProjectUse {
    fn drop(&mut self) {
        let mut inner = lock(&self.inner);
        if let Some(used) = inner.projects.get_mut(&self.path) {
            *used = used.saturating_sub(1);
            if *used == 0 {
                inner.projects.remove(&self.path);
            }
        }
    }
}

/// One slot, globally and in its lane, given back when dropped (S3).
#[derive(Debug)]
pub struct SlotGuard {
    inner: Arc<Mutex<Inner>>,
    index: usize,
    lane: LaneId,
}

impl SlotGuard {
    /// The stable index that is exported to the process.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }
}

impl Drop for SlotGuard {
    fn drop(&mut self) {
        let mut inner = lock(&self.inner);
        if let Some(slot) = inner.slots.get_mut(self.index) {
            *slot = false;
        }
        if let Some(entry) = inner.lanes.get_mut(&self.lane) {
            entry.used = entry.used.saturating_sub(1);
        }
    }
}

/// A row of `status`: a lane with its use.
#[derive(Clone, Debug)]
pub struct LaneView {
    /// What is known of it.
    pub lane: Lane,
    /// Slots in use.
    pub used: u32,
    /// Slots there are; `None` for no limit of its own.
    pub limit: Option<u32>,
}

impl Floor {
    /// An empty floor with so many slots.
    #[must_use]
    pub fn new(limit: u32, locks: DirectoryLocks) -> Self {
        let inner = Inner {
            limit,
            ..Inner::default()
        };
        Floor {
            inner: Arc::new(Mutex::new(inner)),
            locks,
            projects: Projects::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        lock(&self.inner)
    }

    /// What is known of the person's folders (D1).
    #[must_use]
    pub fn projects(&self) -> &Projects {
        &self.projects
    }

    /// Sets the number of slots; runs under way keep theirs.
    pub fn set_slots(&self, limit: u32) {
        self.lock().limit = limit;
    }

    /// Sets how many slots a lane has; runs under way keep theirs.
    pub fn set_limit(&self, id: &LaneId, limit: Option<u32>) {
        self.lock().entry(id).limit = limit;
    }

    /// Tells what is known of a lane; its slots stay as they are.
    pub fn update_lane(&self, lane: &Lane) {
        self.lock().entry(&lane.id).lane = lane.clone();
    }

    /// Lets the lane be looked at; what is known of it stays.
    pub fn know_lane(&self, id: &LaneId) {
        self.lock().entry(id);
    }

    /// Sets the lanes allowed for automatic choice, in the user's order (S7).
    pub fn set_automatic(&self, lanes: Vec<LaneId>) {
        self.lock().automatic = lanes;
    }

    /// Every lane known, with its use.
    #[must_use]
    pub fn lanes(&self) -> Vec<LaneView> {
        let inner = self.lock();
        inner
            .lanes
            .values()
            .map(|e| LaneView {
                lane: e.lane.clone(),
                used: e.used,
                limit: e.limit,
            })
            .collect()
    }

    /// What is known of one lane.
    #[must_use]
    pub fn lane(&self, id: &LaneId) -> Lane {
        self.lock()
            .lanes
            .get(id)
            .map_or_else(|| Lane::fresh(id.clone()), |entry| entry.lane.clone())
    }

    /// Slots in use, and how many there are.
    #[must_use]
    pub fn slots(&self) -> (u32, u32) {
        self.lock().slots_in_use()
    }

    /// Takes a slot for the lane; `None` when the worker or the lane has none free.
    #[must_use]
    pub fn take_slot(&self, lane: &LaneId) -> Option<SlotGuard> {
        let mut inner = self.lock();
        let (used, limit) = inner.slots_in_use();
        if used >= limit {
            return None;
        }
        let entry = inner.entry(lane);
        let lane_limit = if entry.lane.probing {
            Some(1)
        } else {
            entry.limit
        };
        if lane_limit.is_some_and(|limit| entry.used >= limit) {
            return None;
        }
        entry.used += 1;
        let index = inner
            .slots
            .iter()
            .position(|taken| !taken)
            .unwrap_or_else(|| {
                inner.slots.push(false);
                inner.slots.len() - 1
            });
        inner.slots[index] = true;
        Some(SlotGuard {
            inner: Arc::clone(&self.inner),
            index,
            lane: lane.clone(),
        })
    }

    /// Counts an attempt as one of the project that its folder belongs to.
    #[must_use]
    pub fn enter_project(&self, folder: &Path) -> Option<ProjectUse> {
        let path = PathBuf::from(self.projects.of(folder)?.path);
        *self.lock().projects.entry(path.clone()).or_default() += 1;
        Some(ProjectUse {
            inner: Arc::clone(&self.inner),
            path,
        })
    }

    /// The folder of the project that a folder belongs to, its attempts under way, and how many it allows.
    #[must_use]
    pub fn project_slots(&self, folder: &Path) -> Option<(PathBuf, u32, u32)> {
        let project = self.projects.of(folder)?;
        let limit = project.policy.slots?;
        let path = PathBuf::from(project.path);
        let used = self.lock().projects.get(&path).copied().unwrap_or(0);
        Some((path, used, limit))
    }

    /// Records that the task holds its thread (T22); the first holder stays.
    pub fn hold_thread(&self, thread: TaskNo, task: TaskNo) {
        self.lock().threads.entry(thread).or_insert(task);
    }

    /// Gives the thread back; true when this task held it.
    pub fn free_thread(&self, thread: TaskNo, task: TaskNo) -> bool {
        let mut inner = self.lock();
        let held = inner.threads.get(&thread) == Some(&task);
        if held {
            inner.threads.remove(&thread);
        }
        held
    }

    /// Whether some task holds the thread.
    #[must_use]
    pub fn thread_is_held(&self, thread: TaskNo) -> bool {
        self.lock().threads.contains_key(&thread)
    }

    /// The tasks that hold threads.
    #[must_use]
    pub fn threads(&self) -> Vec<TaskNo> {
        self.lock().threads.values().copied().collect()
    }

    /// Whether the root task holds a folder.
    #[must_use]
    pub fn holds_folder(&self, root: TaskNo) -> bool {
        self.lock().folders.contains_key(&root)
    }

    /// Takes the folder's lock for a root task; nothing to do when it has it already (D9). A folder that is gone
    /// is not held: the attempt finds that out and says so.
    ///
    /// # Errors
    /// Who holds it, or what keeps it from being locked.
    pub fn hold_folder(
        &self,
        root: TaskNo,
        path: &Path,
    ) -> Result<Option<FolderUse>, FolderHolder> {
        if let Some(held) = self.lock().folders.get(&root) {
            return Ok(Some(held.enter()));
        }
        match self.locks.acquire(path, &root.to_string()) {
            Ok(lock) => {
                let held = HeldFolder {
                    path: lock.path().to_owned(),
                    lock,
                    uses: Arc::default(),
                };
                let entered = held.enter();
                self.lock().folders.insert(root, held);
                Ok(Some(entered))
            }
            Err(LockError::Folder { .. }) => Ok(None),
            Err(LockError::Busy(busy)) => Err(outside(&busy)),
            Err(other) => Err(trouble(path, &other)),
        }
    }

    /// The durable row of a folder held by a root task.
    #[must_use]
    pub fn lock_row(&self, root: TaskNo, owner: &Owner) -> Option<NewLock> {
        let inner = self.lock();
        let held = inner.folders.get(&root)?;
        Some(NewLock {
            identity: held.lock.identity().to_string(),
            path: held.path.display().to_string(),
            holder: root,
            owner: owner.clone(),
        })
    }

    /// Gives the folder of a root task back; its path, when it held one.
    #[must_use]
    pub fn free_folder(&self, root: TaskNo) -> Option<PathBuf> {
        self.lock().folders.remove(&root).map(|held| held.path)
    }

    /// Gives the folder of a root task back unless an attempt works there; its path, when it was given back.
    #[must_use]
    pub fn free_idle_folder(&self, root: TaskNo) -> Option<PathBuf> {
        let mut inner = self.lock();
        if !inner.folders.get(&root)?.is_idle() {
            return None;
        }
        inner.folders.remove(&root).map(|held| held.path)
    }

    /// Whether the root task holds a folder that no attempt works in now.
    #[must_use]
    pub fn holds_idle_folder(&self, root: TaskNo) -> bool {
        self.lock()
            .folders
            .get(&root)
            .is_some_and(HeldFolder::is_idle)
    }

    /// Every holder of a folder in this account, of whatever home.
    ///
    /// # Errors
    /// When lock files cannot be used.
    pub fn lock_holders(&self) -> Result<Vec<Holder>, LockError> {
        self.locks.list()
    }

    /// The folders held: root task and path.
    #[must_use]
    pub fn folders(&self) -> Vec<(TaskNo, PathBuf)> {
        let inner = self.lock();
        inner
            .folders
            .iter()
            .map(|(root, held)| (*root, held.path.clone()))
            .collect()
    }

    /// The floor as [`World`], at one moment, with what only rows know of one task.
    #[must_use]
    pub fn view(&self, now: Timestamp, gate: Option<GateHold>, facts: RowFacts) -> FloorView<'_> {
        FloorView {
            floor: self,
            now,
            gate,
            facts,
        }
    }
}

impl HeldFolder {
    fn enter(&self) -> FolderUse {
        FolderUse {
            _of: Arc::clone(&self.uses),
        }
    }

    fn is_idle(&self) -> bool {
        Arc::strong_count(&self.uses) == 1
    }
}

impl Inner {
    fn entry(&mut self, id: &LaneId) -> &mut LaneUse {
        self.lanes.entry(id.clone()).or_insert_with(|| LaneUse {
            lane: Lane::fresh(id.clone()),
            used: 0,
            limit: default_limit(id),
        })
    }

    fn slots_in_use(&self) -> (u32, u32) {
        let used = self.slots.iter().filter(|taken| **taken).count();
        (u32::try_from(used).unwrap_or(u32::MAX), self.limit)
    }
}

/// Agents have two slots of their own, scripts no limit but the global one (S3).
#[must_use]
pub fn default_limit(lane: &LaneId) -> Option<u32> {
    if lane.is_shell() { None } else { Some(2) }
}

fn lock(inner: &Arc<Mutex<Inner>>) -> MutexGuard<'_, Inner> {
    // Every change under the lock is one step, so a poisoned one is still consistent.
    inner.lock().unwrap_or_else(PoisonError::into_inner)
}
