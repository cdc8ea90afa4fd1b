//! What people are told: asks put off, and notices that are shown once (H5).

use super::{Res, Tx, asks::told};
use crate::Reader;
use ripieno_core::{ask::Ask, id::AskNo, time::Timestamp};

impl Tx<'_> {
    /// Puts an open ask off until a moment; `None` takes that back.
    ///
    /// # Errors
    /// [`StoreError::AlreadyAnswered`](crate::StoreError::AlreadyAnswered),
    /// [`StoreError::AskClosed`](crate::StoreError::AskClosed).
    pub fn snooze(&mut self, no: AskNo, until: Option<Timestamp>) -> Res<Ask> {
        if self.open_ask_row(no)?.snoozed_until != until {
            self.exec(
                "UPDATE asks SET snoozed_until = ?1 WHERE no = ?2",
                (until.map(|at| at.0), no.0),
            )?;
            let ask = Reader::ask(self, no)?;
            let mut data = told(&ask);
            if let Some(map) = data.as_object_mut() {
                map.insert("until".to_owned(), until.map(|at| at.0).into());
            }
            let task = self.ask_task(no)?;
            self.fact(task, "ask_snoozed", data)?;
        }
        Reader::ask(self, no)
    }

    /// Claims the key of a notice: true the first time, never again.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn claim_notice(&mut self, key: &str) -> Res<bool> {
        let now = self.now().0;
        let claimed = self.exec(
            "INSERT INTO notices (key, claimed_at) VALUES (?1, ?2) ON CONFLICT (key) DO NOTHING",
            (key, now),
        )?;
        Ok(claimed == 1)
    }

    /// Forgets every claimed key that begins with these characters; how many there were.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn forget_notices(&mut self, prefix: &str) -> Res<usize> {
        // The last character there is ends the range: keys are compared by their bytes.
        self.exec(
            "DELETE FROM notices WHERE key >= ?1 AND key < ?1 || char(1114111)",
            [prefix],
        )
    }
}
