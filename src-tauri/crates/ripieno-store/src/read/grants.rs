//! Standing grants, as stored.

use super::{Reader, Res};
use ripieno_core::{
    grant::{Grant, GrantNo},
    id::AskNo,
    time::Timestamp,
};
use rusqlite::Row;

const COLUMNS: &str = "SELECT no, project, shown, binding, ask_no, granted_by, granted_at, fired, fired_at, revoked_at \
                       FROM grants";

fn grant(row: &Row<'_>) -> Res<Grant> {
    let moment =
        |at: usize| -> Res<Option<Timestamp>> { Ok(row.get::<_, Option<i64>>(at)?.map(Timestamp)) };
    Ok(Grant {
        no: GrantNo(row.get(0)?),
        project: row.get(1)?,
        shown: row.get(2)?,
        binding: row.get(3)?,
        ask: AskNo(row.get(4)?),
        by: row.get(5)?,
        at: Timestamp(row.get(6)?),
        fired: row.get::<_, i64>(7)?.unsigned_abs(),
        fired_at: moment(8)?,
        revoked_at: moment(9)?,
    })
}

impl Reader<'_> {
    /// Every grant of a project, or of all: those in force, with `revoked` also those taken back; newest first.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn grants(&self, project: Option<&str>, revoked: bool) -> Res<Vec<Grant>> {
        let sql = format!(
            "{COLUMNS} WHERE (?1 IS NULL OR project = ?1) AND (?2 OR revoked_at IS NULL) ORDER BY no DESC"
        );
        self.rows(&sql, (project, revoked), grant)
    }

    /// One grant.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn grant(&self, no: GrantNo) -> Res<Option<Grant>> {
        self.first(&format!("{COLUMNS} WHERE no = ?1"), [no.0], grant)
    }

    /// The grant in force for exactly that call in a project.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn grant_for(&self, project: &str, binding: &str) -> Res<Option<Grant>> {
        let sql = format!("{COLUMNS} WHERE project = ?1 AND binding = ?2 AND revoked_at IS NULL");
        self.first(&sql, (project, binding), grant)
    }
}
