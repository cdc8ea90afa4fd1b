//! What a task's performers write down, each under their lease.

use super::{Res, Tx, submit::to_json};
use ripieno_core::{
    id::TaskNo,
    notes::{ChecklistStep, StepState, with_lessons},
    state::LeaseToken,
};
use serde_json::json;

impl Tx<'_> {
    /// Puts a new brief in place of the one there is; none takes it away (T20).
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn put_brief(&mut self, no: TaskNo, fence: LeaseToken, brief: Option<&str>) -> Res<()> {
        self.fenced(no, fence)?;
        self.exec(
            "INSERT INTO task_notes (task_no, brief) VALUES (?1, ?2) \
             ON CONFLICT (task_no) DO UPDATE SET brief = ?2",
            (no.0, brief),
        )?;
        self.fact(Some(no), "brief_updated", json!({}))?;
        Ok(())
    }

    /// Puts a new checklist in place of the one there is (L10).
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn put_checklist(
        &mut self,
        no: TaskNo,
        fence: LeaseToken,
        steps: &[ChecklistStep],
    ) -> Res<()> {
        self.fenced(no, fence)?;
        let text = to_json("task_notes", no, &steps)?;
        self.exec(
            "INSERT INTO task_notes (task_no, checklist) VALUES (?1, ?2) \
             ON CONFLICT (task_no) DO UPDATE SET checklist = ?2",
            (no.0, text),
        )?;
        let done = steps.iter().filter(|step| step.state == StepState::Done);
        let data = json!({ "done": done.count(), "steps": steps.len() });
        self.fact(Some(no), "checklist_updated", data)?;
        Ok(())
    }

    /// Adds lessons for the performers to come (T9).
    ///
    /// # Errors
    /// [`StoreError::Refused`](crate::StoreError::Refused) for a stale lease.
    pub fn add_lessons(&mut self, no: TaskNo, fence: LeaseToken, new: &[String]) -> Res<()> {
        self.fenced(no, fence)?;
        let lessons = with_lessons(self.notes(no)?.lessons, new);
        let text = to_json("task_notes", no, &lessons)?;
        self.exec(
            "INSERT INTO task_notes (task_no, lessons) VALUES (?1, ?2) \
             ON CONFLICT (task_no) DO UPDATE SET lessons = ?2",
            (no.0, text),
        )?;
        Ok(())
    }
}
