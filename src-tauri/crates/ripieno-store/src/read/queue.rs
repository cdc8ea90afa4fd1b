//! What the scheduler looks at.

use super::{Reader, Res, candidate_columns, task};
use crate::{Head, Live, Owner, StoreError, hot, tx::ANY};
use ripieno_core::{
    hold::Candidate,
    id::{TaskId, TaskNo},
    lane::LaneId,
    state::{LeaseToken, StateKind, WaitOn},
    time::Timestamp,
};
use rusqlite::Row;

const HEAD: &str = concat!(
    candidate_columns!(),
    " WHERE t.queue = ?1 ORDER BY t.rank LIMIT 1"
);
const LIVE: &str = "SELECT no, id, state, lease_token, lease_pid, lease_pid_started, boot_id, attempt, ran_in, \
     coalesce(thread_no, no), coalesce(root_no, no), folder, piece, wish FROM tasks \
     WHERE lease_token IS NOT NULL ORDER BY lease_token";

/// A row of `candidate_columns!`.
pub(super) fn head(row: &Row<'_>) -> Res<Head> {
    let no = TaskNo(row.get(0)?);
    let lane: String = row.get(5)?;
    let wait_on = match row.get::<_, Option<String>>(2)?.as_deref() {
        Some("dependencies") => Some(WaitOn::Dependencies),
        Some("subtasks") => Some(WaitOn::Subtasks),
        Some(_) | None => None,
    };
    Ok(Head {
        candidate: Candidate {
            no,
            state: state(row, 1, no)?,
            wait_on,
            paused: row.get(3)?,
            not_before: row.get::<_, Option<i64>>(4)?.map(Timestamp),
            lane: task::lane_choice(&lane, no)?,
            piece: row.get(6)?,
            thread: TaskNo(row.get(7)?),
            folder: row.get(8)?,
            root: TaskNo(row.get(9)?),
            project: row.get(11)?,
        },
        rank: row.get(10)?,
    })
}

fn state(row: &Row<'_>, at: usize, no: TaskNo) -> Res<StateKind> {
    let name = row.get_ref(at)?.as_str().unwrap_or_default();
    StateKind::from_name(name)
        .ok_or_else(|| StoreError::bad_row("tasks", no, format!("unknown state `{name}`")))
}

fn live(row: &Row<'_>) -> Res<Live> {
    let no = TaskNo(row.get(0)?);
    let lane: String = row.get(8)?;
    let wish: Option<String> = row.get(13)?;
    Ok(Live {
        no,
        id: TaskId(hot::uuid(row, 1, "tasks", no)?),
        state: state(row, 2, no)?,
        lease: LeaseToken(row.get(3)?),
        owner: task::owner(row, 4)?
            .ok_or_else(|| StoreError::bad_row("tasks", no, "a lease without an owner"))?,
        attempt: row.get(7)?,
        lane: task::lane_id(&lane, "tasks", no)?,
        thread: TaskNo(row.get(9)?),
        root: TaskNo(row.get(10)?),
        folder: row.get(11)?,
        piece: row.get(12)?,
        wish: hot::wish(wish.as_deref(), no)?,
    })
}

impl Reader<'_> {
    /// The first of each lane's queue, and of the queue of tasks without a fixed lane; lowest rank first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn heads(&self, lanes: &[LaneId]) -> Res<Vec<Head>> {
        let mut heads = Vec::with_capacity(lanes.len() + 1);
        for lane in lanes.iter().map(LaneId::as_str).chain([ANY]) {
            heads.extend(self.first(HEAD, [lane], head)?);
        }
        heads.sort_by_key(|head| (head.rank, head.candidate.no));
        Ok(heads)
    }

    /// Every task with a lease, oldest claim first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn live(&self) -> Res<Vec<Live>> {
        self.rows(LIVE, [], live)
    }

    /// Tasks whose lease belongs to another process: left by a crash of ours (C2).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn leases_of_others(&self, owner: &Owner) -> Res<Vec<Live>> {
        let mut all = self.live()?;
        all.retain(|live| live.owner != *owner);
        Ok(all)
    }

    /// The next moment at which a parked task is due.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn next_due(&self) -> Res<Option<Timestamp>> {
        let due = self.first(
            "SELECT min(due_at) FROM tasks WHERE due_at IS NOT NULL",
            [],
            |row| Ok(row.get::<_, Option<i64>>(0)?),
        )?;
        Ok(due.flatten().map(Timestamp))
    }

    /// Every key something is parked under.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn parked_keys(&self) -> Res<Vec<String>> {
        let mut keys = Vec::new();
        let mut after = String::new();
        // One seek per key, however many tasks are parked under it.
        let next = "SELECT min(parked_on) FROM tasks WHERE parked_on > ?1";
        while let Some(key) = self
            .first(next, [&after], |row| Ok(row.get::<_, Option<String>>(0)?))?
            .flatten()
        {
            after.clone_from(&key);
            keys.push(key);
        }
        Ok(keys)
    }
}
