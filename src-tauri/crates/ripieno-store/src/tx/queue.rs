//! What keeps a claim cheap: tasks held by something of their own leave the index of their lane (architecture 1.6).

use super::{Res, Tx};
use crate::{StoreError, hot::Hot};
use ripieno_core::id::TaskNo;

impl Tx<'_> {
    /// Takes a queued task out of the index of its lane until [`Tx::offer`] of that key. One that was offered a
    /// place under another key passes that offer on.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it is not queued, or is paused.
    pub fn park(&mut self, no: TaskNo, key: &str) -> Res<()> {
        let hot = self.hot(no)?;
        let parked = self.exec(
            "UPDATE tasks SET parked_on = ?1, queue = NULL, offered = NULL, \
             due_at = CASE ?1 WHEN 'time' THEN not_before END \
             WHERE no = ?2 AND state = 'queued' AND paused = 0",
            (key, no.0),
        )?;
        if parked != 1 {
            return Err(StoreError::NotFound {
                what: format!("queued task {no}"),
            });
        }
        if hot.offered.as_deref().is_some_and(|offered| offered != key) {
            self.pass_on(&hot)?;
        }
        Ok(())
    }

    /// Brings back the first of each lane that is parked under the key; which they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn offer(&mut self, key: &str) -> Res<Vec<TaskNo>> {
        let mut offered = Vec::new();
        let mut after = String::new();
        while let Some(lane) = self.next_parked_lane(key, &after)? {
            let first: i64 = self
                .conn
                .prepare_cached(
                    "SELECT no FROM tasks WHERE parked_on = ?1 AND lane = ?2 ORDER BY rank LIMIT 1",
                )?
                .query_row((key, &lane), |row| row.get(0))?;
            self.exec(
                "UPDATE tasks SET parked_on = NULL, due_at = NULL, queue = lane, offered = ?1 WHERE no = ?2",
                (key, first),
            )?;
            offered.push(TaskNo(first));
            after = lane;
        }
        Ok(offered)
    }

    fn next_parked_lane(&self, key: &str, after: &str) -> Res<Option<String>> {
        let lane: Option<String> = self
            .conn
            .prepare_cached("SELECT min(lane) FROM tasks WHERE parked_on = ?1 AND lane > ?2")?
            .query_row((key, after), |row| row.get(0))?;
        Ok(lane)
    }

    /// Offers the place a task was offered to the next one.
    pub(super) fn pass_on(&mut self, hot: &Hot) -> Res<()> {
        if let Some(key) = &hot.offered {
            self.offer(key)?;
        }
        Ok(())
    }

    /// Brings back tasks whose moment has come, at most `limit`; which they are.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unpark_due(&mut self, limit: usize) -> Res<Vec<TaskNo>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let due: Vec<i64> = {
            let mut statement = self.conn.prepare_cached(
                "SELECT no FROM tasks WHERE due_at <= ?1 ORDER BY due_at LIMIT ?2",
            )?;
            let rows = statement.query_map((self.now.0, limit), |row| row.get(0))?;
            rows.collect::<rusqlite::Result<_>>()?
        };
        for no in &due {
            self.exec(
                "UPDATE tasks SET parked_on = NULL, due_at = NULL, queue = lane WHERE no = ?1",
                [no],
            )?;
        }
        Ok(due.into_iter().map(TaskNo).collect())
    }

    /// Brings back every parked task that is due, whatever its key (start-up, tests); how many.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn unpark_all(&mut self) -> Res<usize> {
        self.exec(
            "UPDATE tasks SET parked_on = NULL, due_at = NULL, queue = lane WHERE parked_on IS NOT NULL \
             AND (due_at IS NULL OR due_at <= ?1)",
            [self.now.0],
        )
    }
}
