//! Standing grants: given with an answer, counted when they fire, taken back for good.

use super::{Res, Tx};
use ripieno_core::{
    ask::Ask,
    grant::{Grant, GrantNo},
    id::TaskNo,
};
use serde_json::json;

impl Tx<'_> {
    /// Gives leave for exactly what an ask showed, in a project; one in force for the same stays. Nothing is given for an ask
    /// that is bound to no call.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn give_grant(&mut self, project: &str, ask: &Ask, by: &str) -> Res<Option<Grant>> {
        let Some(binding) = ask.spec.binding.as_deref() else {
            return Ok(None);
        };
        if let Some(there) = self.grant_for(project, binding)? {
            return Ok(Some(there));
        }
        let now = self.now().0;
        let no = self.insert(
            "INSERT INTO grants (project, shown, binding, ask_no, granted_by, granted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            (project, &ask.spec.text, binding, ask.no.0, by, now),
        )?;
        let no = GrantNo(no);
        let data = json!({ "grant": no.to_string(), "project": project, "by": by });
        self.fact(None, "grant_given", data)?;
        self.grant(no)
    }

    /// Lets a call of a task pass by the grant in force for exactly that, and counts it; `None` when there is none.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn fire_grant(&mut self, task: TaskNo, project: &str, binding: &str) -> Res<Option<Grant>> {
        let Some(grant) = self.grant_for(project, binding)? else {
            return Ok(None);
        };
        let now = self.now().0;
        self.exec(
            "UPDATE grants SET fired = fired + 1, fired_at = ?1 WHERE no = ?2",
            (now, grant.no.0),
        )?;
        let data = json!({ "grant": grant.no.to_string() });
        self.fact(Some(task), "grant_fired", data)?;
        self.grant(grant.no)
    }

    /// Takes a grant back; false when it was taken back before, or never given.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn revoke_grant(&mut self, no: GrantNo, by: &str) -> Res<bool> {
        let now = self.now().0;
        let changed = self.exec(
            "UPDATE grants SET revoked_at = ?1 WHERE no = ?2 AND revoked_at IS NULL",
            (now, no.0),
        )?;
        if changed > 0 {
            let data = json!({ "grant": no.to_string(), "by": by });
            self.fact(None, "grant_revoked", data)?;
        }
        Ok(changed > 0)
    }

    /// Takes every grant back whose project is trusted no longer.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn revoke_grants(&mut self, goes: impl Fn(&str) -> bool, by: &str) -> Res<()> {
        for grant in self.grants(None, false)? {
            if goes(&grant.project) {
                self.revoke_grant(grant.no, by)?;
            }
        }
        Ok(())
    }
}
