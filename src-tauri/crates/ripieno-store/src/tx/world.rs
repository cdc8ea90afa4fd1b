//! What is not a task: lanes, folder locks, settings, the outbox, and what a person has seen.

use super::{NewLock, NewOutbox, Res, Tx, submit::to_json};
use crate::StoreError;
use ripieno_core::{id::TaskNo, lane::Lane, time::Timestamp};
use serde_json::{Map, Value};

impl Tx<'_> {
    /// Marks the ends of tasks as seen; how many were not yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn seen(&mut self, tasks: &[TaskNo]) -> Res<usize> {
        let mut count = 0;
        for task in tasks {
            let marked = self.exec(
                "UPDATE tasks SET seen_at = ?1 WHERE no = ?2 AND finished_at IS NOT NULL AND seen_at IS NULL",
                (self.now().0, task.0),
            )?;
            if marked > 0 {
                self.fact(Some(*task), "task_seen", Value::Null)?;
            }
            count += marked;
        }
        Ok(count)
    }

    /// Marks every failed end as seen; how many were not yet.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn all_seen(&mut self) -> Res<usize> {
        let unseen: Vec<i64> = {
            let mut statement = self.conn.prepare_cached(
                "SELECT no FROM tasks WHERE class IS NOT NULL AND seen_at IS NULL ORDER BY no",
            )?;
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        let unseen: Vec<TaskNo> = unseen.into_iter().map(TaskNo).collect();
        self.seen(&unseen)
    }

    /// Stores what is known of a lane and writes the fact of that kind (`lane_held`, `lane_released`, ...).
    ///
    /// # Errors
    /// When the database refuses.
    pub fn put_lane(&mut self, lane: &Lane, fact: &str, data: Value) -> Res<()> {
        let json = to_json("lanes", &lane.id, lane)?;
        self.exec(
            "INSERT INTO lanes (id, lane) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET lane = excluded.lane",
            (lane.id.as_str(), json),
        )?;
        let mut map = Map::new();
        map.insert("lane".to_owned(), lane.id.as_str().into());
        if let Value::Object(more) = data {
            map.extend(more);
        }
        self.fact(None, fact, Value::Object(map))?;
        Ok(())
    }

    /// Records a folder lock; one for the same folder is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn put_lock(&mut self, lock: &NewLock) -> Res<()> {
        self.exec(
            "INSERT INTO locks (identity, path, holder_no, pid, pid_started, boot_id, acquired_at) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (identity) DO UPDATE SET path = excluded.path, \
             holder_no = excluded.holder_no, pid = excluded.pid, pid_started = excluded.pid_started, \
             boot_id = excluded.boot_id, acquired_at = excluded.acquired_at",
            (
                &lock.identity,
                &lock.path,
                lock.holder.0,
                lock.owner.pid,
                lock.owner.pid_started,
                &lock.owner.boot_id,
                self.now().0,
            ),
        )?;
        Ok(())
    }

    /// Removes the record of a folder lock.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_lock(&mut self, identity: &str) -> Res<()> {
        self.exec("DELETE FROM locks WHERE identity = ?1", [identity])?;
        Ok(())
    }

    /// Removes every lock record of a root task; the folders it held.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn drop_locks_of(&mut self, holder: TaskNo) -> Res<Vec<String>> {
        let held: Vec<String> = {
            let mut statement = self
                .conn
                .prepare_cached("SELECT path FROM locks WHERE holder_no = ?1 ORDER BY path")?;
            let rows = statement.query_map([holder.0], |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        if !held.is_empty() {
            self.exec("DELETE FROM locks WHERE holder_no = ?1", [holder.0])?;
        }
        Ok(held)
    }

    /// Stores a durable setting of the worker; `None` removes it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn set_setting(&mut self, key: &str, value: Option<&Value>) -> Res<()> {
        match value {
            Some(value) => self.exec(
                "INSERT INTO settings (key, value) VALUES (?1, ?2) \
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                (key, value.to_string()),
            )?,
            None => self.exec("DELETE FROM settings WHERE key = ?1", [key])?,
        };
        Ok(())
    }

    /// Adds a row to the outbox; false when its key is there already.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn outbox_add(&mut self, new: &NewOutbox) -> Res<bool> {
        let added = self.exec(
            "INSERT INTO outbox (task_no, channel, idem_key, payload, due_at) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (idem_key) DO NOTHING",
            (
                new.task.map(|no| no.0),
                &new.channel,
                &new.idem_key,
                new.payload.to_string(),
                new.due_at.0,
            ),
        )?;
        Ok(added == 1)
    }

    /// Marks a row of the outbox as delivered.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn outbox_delivered(&mut self, no: i64) -> Res<()> {
        let now = self.now().0;
        let changed = self.exec(
            "UPDATE outbox SET delivered_at = ?1 WHERE no = ?2",
            (now, no),
        )?;
        found(changed, no)
    }

    /// Counts a failed delivery and sets when it is due again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn outbox_failed(&mut self, no: i64, error: &str, due_at: Timestamp) -> Res<()> {
        let changed = self.exec(
            "UPDATE outbox SET tries = tries + 1, last_error = ?1, due_at = ?2 WHERE no = ?3",
            (error, due_at.0, no),
        )?;
        found(changed, no)
    }
}

fn found(changed: usize, no: i64) -> Res<()> {
    if changed == 1 {
        return Ok(());
    }
    Err(StoreError::NotFound {
        what: format!("row {no} of the outbox"),
    })
}
