//! What an attempt leaves behind: comments taken, movements, usage, receipt, session, process.

use super::{NewMovement, NewUsage, Res, Tx, submit::to_json};
use crate::{CommentRow, StoreError, Taken, hot};
use ripieno_core::{
    id::TaskNo,
    receipt::Receipt,
    spec::{ResumePoint, SessionRef},
    state::LeaseToken,
};
use serde_json::{Map, Value, json};

impl Tx<'_> {
    /// Stores a comment; its number.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn comment(&mut self, task: TaskNo, body: &str, quiet: bool, by: &str) -> Res<i64> {
        self.hot(task)?;
        let no = self.insert(
            "INSERT INTO comments (task_no, by, body, quiet, at) VALUES (?1, ?2, ?3, ?4, ?5)",
            (task.0, by, body, quiet, self.now().0),
        )?;
        let data = json!({ "comment": no, "by": by, "quiet": quiet });
        self.fact(Some(task), "comment_added", data)?;
        self.pen.passed.push("comment_added");
        Ok(no)
    }

    /// Takes the comments nobody has taken, oldest first: each is given out once (T13).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn take_comments(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        movement: &str,
    ) -> Res<Vec<CommentRow>> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let mut taken: Vec<CommentRow> = self.comments(task)?;
        taken.retain(|comment| comment.taken.is_none());
        if taken.is_empty() {
            return Ok(taken);
        }
        self.exec(
            "UPDATE comments SET taken_by = ?1, taken_at = ?2, movement = ?3 WHERE task_no = ?4 AND taken_at IS NULL",
            (attempt, self.now().0, movement, task.0),
        )?;
        for comment in &mut taken {
            comment.taken = Some(Taken {
                attempt,
                at: self.now(),
                movement: Some(movement.to_owned()),
            });
        }
        let numbers: Vec<i64> = taken.iter().map(|comment| comment.no).collect();
        let data = json!({ "comments": numbers, "movement": movement });
        self.fact(Some(task), "comments_delivered", data)?;
        Ok(taken)
    }

    /// Records that a movement began; its number within the attempt, from 1.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn movement_started(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        new: &NewMovement,
    ) -> Res<u32> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let n: u32 = self
            .conn
            .prepare_cached(
                "SELECT coalesce(max(n), 0) + 1 FROM movements WHERE task_no = ?1 AND attempt = ?2",
            )?
            .query_row((task.0, attempt), |row| row.get(0))?;
        self.exec(
            "INSERT INTO movements (task_no, attempt, n, name, checkpoint, started_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (task.0, attempt, n, &new.name, &new.checkpoint, self.now().0),
        )?;
        self.exec(
            "UPDATE tasks SET on_interrupt = ?1 WHERE no = ?2",
            (hot::on_interrupt_name(new.on_interrupt), task.0),
        )?;
        if let Some(live) = self.pen.live.get_mut(&task) {
            live.on_interrupt = new.on_interrupt;
        }
        let data = json!({ "movement": new.name, "n": n });
        self.fact(Some(task), "movement_started", data)?;
        Ok(n)
    }

    /// Records that a movement ended; `data` is an object that joins the event's.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease, [`StoreError::NotFound`].
    pub fn movement_ended(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        n: u32,
        outcome: &str,
        summary: &str,
        data: Option<Value>,
    ) -> Res<()> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let missing = || StoreError::NotFound {
            what: format!("movement {n} under way in {task}"),
        };
        let name: Option<String> = self
            .conn
            .prepare_cached(
                "SELECT name FROM movements WHERE task_no = ?1 AND attempt = ?2 AND n = ?3 AND ended_at IS NULL",
            )?
            .query_map((task.0, attempt, n), |row| row.get(0))?
            .next()
            .transpose()?;
        let name = name.ok_or_else(missing)?;
        self.exec(
            "UPDATE movements SET outcome = ?1, summary = ?2, ended_at = ?3 \
             WHERE task_no = ?4 AND attempt = ?5 AND n = ?6",
            (outcome, summary, self.now().0, task.0, attempt, n),
        )?;
        let mut map = Map::new();
        map.insert("movement".to_owned(), name.into());
        map.insert("n".to_owned(), n.into());
        map.insert("outcome".to_owned(), outcome.into());
        if let Some(Value::Object(more)) = data {
            map.extend(more);
        }
        self.fact(Some(task), "movement_ended", Value::Object(map))?;
        Ok(())
    }

    /// Adds a report of usage to an attempt, live or ended (R5).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn add_usage(&mut self, task: TaskNo, attempt: u32, usage: &NewUsage) -> Res<()> {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let known: bool = self
            .conn
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM attempts WHERE task_no = ?1 AND n = ?2)")?
            .query_row((task.0, attempt), |row| row.get(0))?;
        if !known {
            return Err(StoreError::NotFound {
                what: format!("attempt {attempt} of {task}"),
            });
        }
        self.exec(
            "INSERT INTO usage (task_no, attempt, model, input, output, cache_read, cache_write, cost_micros, at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            (
                task.0,
                attempt,
                &usage.model,
                count(usage.input),
                count(usage.output),
                count(usage.cache_read),
                count(usage.cache_write),
                usage.cost_micros.map(count),
                self.now().0,
            ),
        )?;
        Ok(())
    }

    /// Stores the receipt of an attempt; a later one of the same attempt replaces it.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn put_receipt(&mut self, task: TaskNo, fence: LeaseToken, receipt: &Receipt) -> Res<()> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let json = to_json("receipts", task, receipt)?;
        self.exec(
            "INSERT INTO receipts (task_no, attempt, receipt, at) VALUES (?1, ?2, ?3, ?4) \
             ON CONFLICT (task_no, attempt) DO UPDATE SET receipt = excluded.receipt, at = excluded.at",
            (task.0, attempt, json, self.now().0),
        )?;
        Ok(())
    }

    /// Stores where the next attempt takes up the work.
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn set_resume(&mut self, task: TaskNo, fence: LeaseToken, resume: &ResumePoint) -> Res<()> {
        self.fenced(task, fence)?;
        self.replace_resume(task, resume)
    }

    /// Replaces the resume point of a task that is not live (a rewind, a reopening).
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn replace_resume(&mut self, task: TaskNo, resume: &ResumePoint) -> Res<()> {
        self.hot(task)?;
        let position = resume.position.as_ref().map(Value::to_string);
        let session = match &resume.session {
            Some(session) => Some(to_json("task_resume", task, session)?),
            None => None,
        };
        self.exec(
            "INSERT INTO task_resume (task_no, position, session) VALUES (?1, ?2, ?3) \
             ON CONFLICT (task_no) DO UPDATE SET position = excluded.position, session = excluded.session",
            (task.0, position, session),
        )?;
        Ok(())
    }

    /// Stores the session the moment it is known (R3).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn bind_session(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        session: &SessionRef,
        model: Option<&str>,
    ) -> Res<()> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        let json = to_json("task_resume", task, session)?;
        self.exec(
            "INSERT INTO task_resume (task_no, session) VALUES (?1, ?2) \
             ON CONFLICT (task_no) DO UPDATE SET session = excluded.session",
            (task.0, json),
        )?;
        self.exec(
            "UPDATE attempts SET session = ?1, model = coalesce(?2, model) WHERE task_no = ?3 AND n = ?4",
            (&session.id, model, task.0, attempt),
        )?;
        let data = json!({ "agent": session.agent, "session": session.id });
        self.fact(Some(task), "session_bound", data)?;
        Ok(())
    }

    /// Records the performer's process: what is killed after a crash of ours (C2).
    ///
    /// # Errors
    /// [`StoreError::Refused`] for a stale lease.
    pub fn record_spawn(
        &mut self,
        task: TaskNo,
        fence: LeaseToken,
        pid: u32,
        pid_started: i64,
    ) -> Res<()> {
        let attempt = self.fenced(task, fence)?.task.attempt;
        self.exec(
            "UPDATE attempts SET pid = ?1, pid_started = ?2 WHERE task_no = ?3 AND n = ?4",
            (pid, pid_started, task.0, attempt),
        )?;
        Ok(())
    }
}
