//! Adding tasks (T3, T4, T5, T22).

use super::{Extra, NewEvent, NewTask, Res, Submitted, Tx};
use crate::{ShownState, StoreError, hot, tally::Move};
use ripieno_core::{
    event::TaskEvent,
    hold::{LaneChoice, PARKED_ON_TIME},
    id::{TaskId, TaskNo},
    spec::{FolderMode, TaskSpec},
    state::{StateKind, TaskState},
    task::Task,
};

/// The lane of tasks without a fixed one (architecture 1.6).
pub(crate) const ANY: &str = "any";

struct Family {
    parent: Option<TaskNo>,
    root: Option<TaskNo>,
    thread: Option<TaskNo>,
    depth: u32,
}

impl Tx<'_> {
    /// Adds a task, queued or waiting for what it depends on; one whose dependency has failed already fails at
    /// once (T5). A child's thread is its own; a follow-up's is that of the task it continues.
    ///
    /// # Errors
    /// [`StoreError::UnknownDependency`], [`StoreError::NotFound`] for the parent or the task it continues,
    /// [`StoreError::ParentEnded`]. A cycle cannot be written: a task depends on older tasks only.
    pub fn submit(&mut self, new: &NewTask) -> Res<Submitted> {
        if let Some(open) = self.open_under_key(new.spawn_key.as_deref())? {
            return Ok(open);
        }
        let family = self.family(new)?;
        let (unmet, failed) = self.look_at_dependencies(&new.spec.depends_on)?;
        let task = Task::submitted(self.now, new.spec.priority, new.spec.not_before, unmet);
        let id = new
            .id
            .unwrap_or_else(|| TaskId(self.pen.shared.random.uuid(self.now)));
        let no = self.insert_task(new, &task, id, &family)?;
        self.insert_spec(no, &new.spec)?;
        let kind = task.state.kind();
        self.write_event(NewEvent {
            task: Some((no, id)),
            attempt: None,
            kind: "submitted",
            states: None,
            data: Some(serde_json::json!({ "to": kind.name() })),
            prev: 0,
        })?;
        self.pen.passed.push("submitted");
        let mut state = kind;
        if let Some(task) = failed {
            let event = TaskEvent::DependencyFailed { task };
            state = self
                .transition(no, &event, None, Extra::default())?
                .task
                .state
                .kind();
        }
        Ok(Submitted {
            no,
            id,
            existing: false,
            state,
        })
    }

    fn open_under_key(&self, key: Option<&str>) -> Res<Option<Submitted>> {
        let Some(key) = key else { return Ok(None) };
        let mut statement = self.conn.prepare_cached(
            "SELECT no, id, state FROM tasks WHERE spawn_key = ?1 AND finished_at IS NULL",
        )?;
        let mut rows = statement.query([key])?;
        let Some(row) = rows.next()? else {
            return Ok(None);
        };
        let no = TaskNo(row.get(0)?);
        let name: String = row.get(2)?;
        let state = StateKind::from_name(&name)
            .ok_or_else(|| StoreError::bad_row("tasks", no, format!("unknown state `{name}`")))?;
        Ok(Some(Submitted {
            no,
            id: TaskId(hot::uuid(row, 1, "tasks", no)?),
            existing: true,
            state,
        }))
    }

    fn family(&self, new: &NewTask) -> Res<Family> {
        let mut family = Family {
            parent: new.parent,
            root: None,
            thread: None,
            depth: 0,
        };
        if let Some(parent) = new.parent {
            let (root, depth, ended) = self.kin(parent)?.0;
            if ended {
                return Err(StoreError::ParentEnded { parent });
            }
            family.root = Some(root);
            family.depth = depth + 1;
        }
        if let Some(earlier) = new.spec.continues {
            family.thread = Some(self.kin(earlier)?.1);
        }
        Ok(family)
    }

    /// Root, depth and whether it has ended; and the thread.
    fn kin(&self, no: TaskNo) -> Res<((TaskNo, u32, bool), TaskNo)> {
        let mut statement = self.conn.prepare_cached(
            "SELECT coalesce(root_no, no), depth, finished_at IS NOT NULL, coalesce(thread_no, no) \
             FROM tasks WHERE no = ?1",
        )?;
        let mut rows = statement.query([no.0])?;
        let row = rows.next()?.ok_or_else(|| StoreError::no_task(no))?;
        let kin = (TaskNo(row.get(0)?), row.get(1)?, row.get(2)?);
        Ok((kin, TaskNo(row.get(3)?)))
    }

    /// Whether one of them is not done, and the first that ended otherwise.
    fn look_at_dependencies(&self, needs: &[TaskNo]) -> Res<(bool, Option<TaskNo>)> {
        let (mut unmet, mut failed) = (false, None);
        for &need in needs {
            let hot = self
                .hot_row(need)?
                .ok_or(StoreError::UnknownDependency { needs: need })?;
            let kind = hot.task.state.kind();
            unmet |= kind != StateKind::Done;
            if kind.is_terminal() && kind != StateKind::Done && failed.is_none() {
                failed = Some(need);
            }
        }
        Ok((unmet, failed))
    }

    fn insert_task(
        &mut self,
        new: &NewTask,
        task: &Task,
        id: TaskId,
        family: &Family,
    ) -> Res<TaskNo> {
        let spec = &new.spec;
        let (reason, not_before, wait_on) = match &task.state {
            TaskState::Queued { reason, not_before } => (Some(reason.name()), *not_before, None),
            _ => (None, None, Some("dependencies")),
        };
        let lane = match &new.lane {
            LaneChoice::Fixed(lane) => lane.as_str(),
            LaneChoice::Any => ANY,
        };
        let due_at = not_before.filter(|at| *at > self.now).map(|at| at.0);
        let queue = (reason.is_some() && due_at.is_none()).then_some(lane);
        let parked = not_before
            .filter(|at| *at > self.now)
            .map(|_| PARKED_ON_TIME);
        let folder = match spec.mode {
            FolderMode::InPlace => spec.dir.as_deref(),
            FolderMode::Worktree => None,
        };
        let (seq, now) = (self.pen.next_seq, self.now.0);
        let no = self.insert(
            "INSERT INTO tasks (id, state, queue_reason, not_before, wait_on, max_tries, priority, rank, lane, \
             parked_on, on_interrupt, review, root_no, parent_no, thread_no, depth, folder, piece, spawn_key, \
             start_at, last_seq, created_at, updated_at, queue, due_at, project) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, \
             ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?22, ?23, ?24, ?25)",
            rusqlite::params![
                id.0.into_bytes(),
                task.state.kind().name(),
                reason,
                not_before.map(|at| at.0),
                wait_on,
                spec.max_tries.max(1),
                task.priority.name(),
                task.rank,
                lane,
                parked,
                hot::on_interrupt_name(new.on_interrupt),
                new.review,
                family.root.map(|no| no.0),
                family.parent.map(|no| no.0),
                family.thread.map(|no| no.0),
                family.depth,
                folder,
                spec.piece.name,
                new.spawn_key,
                spec.not_before.map(|at| at.0),
                seq,
                now,
                queue,
                due_at,
                spec.dir,
            ],
        )?;
        self.pen.moves.push(Move {
            seq,
            from: None,
            to: ShownState::of(task.state.kind(), task.paused),
        });
        Ok(TaskNo(no))
    }

    fn insert_spec(&mut self, no: TaskNo, spec: &TaskSpec) -> Res<()> {
        let rest = TaskSpec {
            title: String::new(),
            prompt: String::new(),
            ..spec.clone()
        };
        let json = to_json("task_specs", no, &rest)?;
        self.exec(
            "INSERT INTO task_specs (task_no, title, prompt, spec) VALUES (?1, ?2, ?3, ?4)",
            (no.0, &spec.title, &spec.prompt, json),
        )?;
        for label in &spec.labels {
            self.exec(
                "INSERT OR IGNORE INTO task_labels (label, task_no) VALUES (?1, ?2)",
                (label, no.0),
            )?;
        }
        for need in &spec.depends_on {
            self.exec(
                "INSERT OR IGNORE INTO task_deps (task_no, needs_no) VALUES (?1, ?2)",
                (no.0, need.0),
            )?;
        }
        Ok(())
    }
}

pub(crate) fn to_json(
    table: &'static str,
    key: impl ToString,
    value: &impl serde::Serialize,
) -> Res<String> {
    serde_json::to_string(value).map_err(|e| StoreError::bad_row(table, key, e))
}
