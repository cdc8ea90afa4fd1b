//! Lists and counts.

use super::{Counts, Page, Reader, Res, ShownState, TaskFilter, task};
use crate::StoreError;
use ripieno_core::{id::TaskNo, state::StateKind, time::Timestamp};
use rusqlite::types::Value;
use std::collections::HashSet;

const PAGE: usize = 50;

impl ShownState {
    /// What people see of a task in that state.
    #[must_use]
    pub fn of(state: StateKind, paused: bool) -> Self {
        match state {
            StateKind::Queued | StateKind::Waiting if paused => ShownState::Paused,
            other => ShownState::Is(other),
        }
    }

    /// The word of views and filters.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ShownState::Is(state) => state.name(),
            ShownState::Paused => "paused",
        }
    }

    /// The shown state of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name == "paused" {
            return Some(ShownState::Paused);
        }
        StateKind::from_name(name).map(ShownState::Is)
    }

    fn is_ended(self) -> bool {
        matches!(self, ShownState::Is(state) if state.is_terminal())
    }

    fn condition(self) -> &'static str {
        match self {
            ShownState::Paused => "(t.paused = 1 AND t.state IN ('queued', 'waiting'))",
            ShownState::Is(StateKind::Queued) => "(t.paused = 0 AND t.state = 'queued')",
            ShownState::Is(StateKind::Waiting) => "(t.paused = 0 AND t.state = 'waiting')",
            ShownState::Is(StateKind::Leased) => "t.state = 'leased'",
            ShownState::Is(StateKind::Running) => "t.state = 'running'",
            ShownState::Is(StateKind::NeedsInput) => "t.state = 'needs_input'",
            ShownState::Is(StateKind::NeedsVerification) => "t.state = 'needs_verification'",
            ShownState::Is(StateKind::Done) => "t.state = 'done'",
            ShownState::Is(StateKind::Failed) => "t.state = 'failed'",
            ShownState::Is(StateKind::Dead) => "t.state = 'dead'",
            ShownState::Is(StateKind::Cancelled) => "t.state = 'cancelled'",
        }
    }
}

struct Query {
    conditions: Vec<String>,
    values: Vec<Value>,
}

impl Query {
    fn of(filter: &TaskFilter) -> Self {
        let mut query = Query {
            conditions: Vec::new(),
            values: Vec::new(),
        };
        if let Some(after) = filter.after {
            query.add("t.no < ?", Value::Integer(after.0));
        }
        if !filter.states.is_empty() {
            let any: Vec<&str> = filter.states.iter().map(|s| s.condition()).collect();
            query.conditions.push(format!("({})", any.join(" OR ")));
            if !filter.states.iter().any(|s| s.is_ended()) {
                // The index of open tasks serves lists without ended ones.
                query.conditions.push("t.finished_at IS NULL".to_owned());
            }
        }
        for label in &filter.labels {
            query.add(
                "EXISTS (SELECT 1 FROM task_labels l WHERE l.label = ? AND l.task_no = t.no)",
                Value::Text(label.clone()),
            );
        }
        if let Some(search) = filter.search.as_ref().filter(|s| !s.is_empty()) {
            let pattern = format!("%{}%", escaped(search));
            query.values.push(Value::Text(pattern.clone()));
            query.add(
                "(s.title LIKE ? ESCAPE '\\' OR s.prompt LIKE ? ESCAPE '\\')",
                Value::Text(pattern),
            );
        }
        query
    }

    fn add(&mut self, condition: &str, value: Value) {
        self.conditions.push(condition.to_owned());
        self.values.push(value);
    }
}

fn escaped(search: &str) -> String {
    let mut text = String::with_capacity(search.len());
    for c in search.chars() {
        if matches!(c, '%' | '_' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

impl Reader<'_> {
    /// A page of tasks, newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn list(&self, filter: &TaskFilter) -> Res<Page> {
        let limit = if filter.limit == 0 {
            PAGE
        } else {
            filter.limit
        };
        let mut query = Query::of(filter);
        let mut sql = task::WHOLE.to_owned();
        if !query.conditions.is_empty() {
            sql.push_str("WHERE ");
            sql.push_str(&query.conditions.join(" AND "));
        }
        sql.push_str(" ORDER BY t.no DESC LIMIT ?");
        let one_more = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
        query.values.push(Value::Integer(one_more));
        let mut tasks = self.rows(&sql, rusqlite::params_from_iter(query.values), task::whole)?;
        let more = tasks.len() > limit;
        tasks.truncate(limit);
        let next = if more {
            tasks.last().map(|task| task.no)
        } else {
            None
        };
        Ok(Page { tasks, next })
    }

    /// How many tasks each shown state has; states without tasks are left out. Reads every task:
    /// [`Store::counts`](crate::Store::counts) does not.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn counts(&self) -> Res<Counts> {
        let groups = self.rows(
            "SELECT state, 0, count(*) FROM tasks WHERE finished_at IS NOT NULL GROUP BY state \
             UNION ALL \
             SELECT state, paused, count(*) FROM tasks WHERE finished_at IS NULL GROUP BY state, paused",
            [],
            |row| {
                let name: String = row.get(0)?;
                let state = StateKind::from_name(&name)
                    .ok_or_else(|| StoreError::bad_row("tasks", "?", format!("unknown state `{name}`")))?;
                Ok((ShownState::of(state, row.get(1)?), row.get::<_, i64>(2)?))
            },
        )?;
        let mut counts = Counts::new();
        for (state, count) in groups {
            *counts.entry(state).or_default() += u64::try_from(count).unwrap_or(0);
        }
        Ok(counts)
    }

    /// Folders that the newest tasks named, each with when the newest of its tasks was added; the newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn recent_folders(&self) -> Res<Vec<(String, Timestamp)>> {
        let named = self.rows(
            "SELECT folder, created_at FROM (SELECT t.no, coalesce(t.folder, s.spec ->> 'dir') AS folder, t.created_at \
             FROM tasks t JOIN task_specs s ON s.task_no = t.no ORDER BY t.no DESC LIMIT 2000) \
             WHERE folder IS NOT NULL ORDER BY no DESC",
            [],
            |row| Ok((row.get::<_, String>(0)?, Timestamp(row.get(1)?))),
        )?;
        let mut seen = HashSet::new();
        Ok(named
            .into_iter()
            .filter(|(folder, _)| seen.insert(folder.clone()))
            .collect())
    }

    /// Failed and dead tasks nobody has seen.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unseen_failures(&self) -> Res<u64> {
        let count = self.first(
            "SELECT count(*) FROM tasks WHERE class IS NOT NULL AND seen_at IS NULL",
            [],
            |row| Ok(row.get::<_, i64>(0)?),
        )?;
        Ok(u64::try_from(count.unwrap_or(0)).unwrap_or(0))
    }

    /// What a task depends on, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn dependencies(&self, task: TaskNo) -> Res<Vec<TaskNo>> {
        self.numbers(
            "SELECT needs_no FROM task_deps WHERE task_no = ?1 ORDER BY needs_no",
            task,
        )
    }

    /// The first it depends on that is not done.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unmet_dependency(&self, task: TaskNo) -> Res<Option<TaskNo>> {
        self.first(
            "SELECT d.needs_no FROM task_deps d JOIN tasks t ON t.no = d.needs_no \
             WHERE d.task_no = ?1 AND t.state <> 'done' ORDER BY d.needs_no LIMIT 1",
            [task.0],
            |row| Ok(TaskNo(row.get(0)?)),
        )
    }

    /// Its children, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn children(&self, task: TaskNo) -> Res<Vec<TaskNo>> {
        self.numbers(
            "SELECT no FROM tasks WHERE parent_no = ?1 ORDER BY no",
            task,
        )
    }

    /// How many of its children are open.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open_children(&self, task: TaskNo) -> Res<u32> {
        let count = self.first(
            "SELECT count(*) FROM tasks WHERE parent_no = ?1 AND finished_at IS NULL",
            [task.0],
            |row| Ok(row.get(0)?),
        )?;
        Ok(count.unwrap_or(0))
    }

    /// The tasks of a thread, oldest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn thread(&self, thread: TaskNo) -> Res<Vec<TaskNo>> {
        self.numbers(
            "SELECT no FROM tasks WHERE no = ?1 UNION ALL SELECT no FROM tasks WHERE thread_no = ?1 ORDER BY no",
            thread,
        )
    }
}
