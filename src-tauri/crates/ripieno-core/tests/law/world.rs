//! A world made of plain values: what the scheduler would know.

use ripieno_core::{
    hold::{Candidate, FolderHolder, GateHold, LaneChoice, World},
    id::{AskNo, TaskNo},
    lane::{Lane, LaneId},
    state::{StateKind, WaitOn},
    time::Timestamp,
};

pub(crate) const NOW: Timestamp = Timestamp(1_000_000);

/// A lane with its slots in use and their limit.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) lane: Lane,
    pub(crate) used: u32,
    pub(crate) limit: Option<u32>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Plain {
    pub(crate) gate: Option<GateHold>,
    pub(crate) slots: (u32, u32),
    pub(crate) lanes: Vec<Row>,
    pub(crate) automatic: Vec<LaneId>,
    pub(crate) piece: Option<(u32, u32)>,
    pub(crate) project: Option<(u32, u32)>,
    pub(crate) thread_holder: Option<TaskNo>,
    /// Folders that are not trusted.
    pub(crate) untrusted: Vec<String>,
    /// Folder and the root that holds it.
    pub(crate) locked: Vec<(String, TaskNo)>,
    pub(crate) dependency: Option<TaskNo>,
    pub(crate) children: u32,
    pub(crate) ask: Option<AskNo>,
}

pub(crate) fn lane(name: &str) -> LaneId {
    name.parse().unwrap()
}

pub(crate) fn row(name: &str, used: u32, limit: Option<u32>) -> Row {
    Row {
        lane: Lane::fresh(lane(name)),
        used,
        limit,
    }
}

impl Plain {
    /// Free slots, two free lanes.
    pub(crate) fn free() -> Self {
        let lanes = vec![
            row("claude:default", 0, Some(2)),
            row("codex:default", 0, Some(2)),
        ];
        Plain {
            slots: (0, 4),
            automatic: lanes.iter().map(|r| r.lane.id.clone()).collect(),
            lanes,
            ..Plain::default()
        }
    }
}

impl World for Plain {
    fn now(&self) -> Timestamp {
        NOW
    }
    fn gate(&self) -> Option<GateHold> {
        self.gate.clone()
    }
    fn slots(&self) -> (u32, u32) {
        self.slots
    }
    fn lane(&self, lane: &LaneId) -> (Lane, u32, Option<u32>) {
        let row = self.lanes.iter().find(|r| r.lane.id == *lane);
        row.map_or_else(
            || (Lane::fresh(lane.clone()), 0, None),
            |r| (r.lane.clone(), r.used, r.limit),
        )
    }
    fn automatic_lanes(&self) -> Vec<LaneId> {
        self.automatic.clone()
    }
    fn piece(&self, _: &str) -> Option<(u32, u32)> {
        self.piece
    }
    fn thread_holder(&self, _: TaskNo, task: TaskNo) -> Option<TaskNo> {
        self.thread_holder.filter(|other| *other != task)
    }
    fn trusts(&self, folder: &str) -> bool {
        !self.untrusted.iter().any(|path| path == folder)
    }
    fn project(&self, folder: &str) -> Option<(String, u32, u32)> {
        let (used, limit) = self.project?;
        Some((folder.to_owned(), used, limit))
    }
    fn folder_holder(&self, folder: &str, root: TaskNo) -> Option<FolderHolder> {
        let by = self
            .locked
            .iter()
            .find(|(path, by)| path == folder && *by != root)?;
        Some(FolderHolder {
            path: by.0.clone(),
            holder: by.1.to_string(),
            task: Some(by.1),
        })
    }
    fn unmet_dependency(&self, _: TaskNo) -> Option<TaskNo> {
        self.dependency
    }
    fn open_children(&self, _: TaskNo) -> u32 {
        self.children
    }
    fn open_ask(&self, _: TaskNo) -> Option<AskNo> {
        self.ask
    }
}

/// A queued task of lane `claude:default` in the folder `/repo`.
pub(crate) fn candidate() -> Candidate {
    Candidate {
        no: TaskNo(7),
        state: StateKind::Queued,
        wait_on: None,
        paused: false,
        not_before: None,
        lane: LaneChoice::Fixed(lane("claude:default")),
        piece: "solo".to_owned(),
        thread: TaskNo(7),
        folder: Some("/repo".to_owned()),
        project: Some("/repo".to_owned()),
        root: TaskNo(7),
    }
}

/// The same, waiting.
pub(crate) fn waiting(on: WaitOn) -> Candidate {
    Candidate {
        state: StateKind::Waiting,
        wait_on: Some(on),
        ..candidate()
    }
}
