//! Standing grants: seen and taken back; they are given with an answer.

use super::{Authority, Handle};
use crate::error::DaemonError;
use ripieno_core::{
    ask::{ALLOW, Answer, Ask, AskKind, AskScope},
    grant::{Grant, GrantNo},
    id::{Reference, TaskNo},
};
use ripieno_store::{StoreError, Tx};
use std::path::PathBuf;

impl Handle {
    /// The grants in force, newest first; of one project, or with `all` those taken back too.
    ///
    /// # Errors
    /// Forbidden for a task.
    pub async fn grants(
        &self,
        by: &Authority,
        dir: Option<PathBuf>,
        all: bool,
    ) -> Result<Vec<Grant>, DaemonError> {
        by.person("see standing grants")?;
        let project = match dir {
            Some(dir) => Some(real(dir).await?),
            None => None,
        };
        let read = self
            .ctx
            .store
            .read(move |r| r.grants(project.as_deref(), all));
        Ok(read.await?)
    }

    /// Takes a grant back: from the next request on it is asked again.
    ///
    /// # Errors
    /// Forbidden for a task; NotFound; NotPossibleNow for one that was taken back before.
    pub async fn revoke_grant(
        &self,
        by: &Authority,
        reference: &str,
    ) -> Result<Grant, DaemonError> {
        let surface = by.person("take standing grants back")?.to_owned();
        let missing = || {
            DaemonError::NotFound(format!(
                "there is no grant {reference}: `ripieno grant list` shows those there are"
            ))
        };
        let Ok(Reference::Number(no) | Reference::Digits { number: no, .. }) =
            Reference::parse(reference, 'G')
        else {
            return Err(missing());
        };
        let no = GrantNo(no);
        let write = self.ctx.store.write(move |tx| {
            let revoked = tx.revoke_grant(no, &surface)?;
            Ok((revoked, tx.grant(no)?))
        });
        match write.await? {
            (true, Some(grant)) => Ok(grant),
            (false, Some(_)) => Err(DaemonError::NotPossibleNow(format!(
                "{no} was taken back before"
            ))),
            (_, None) => Err(missing()),
        }
    }
}

/// What an answer gives for the project of its task: leave for exactly what was shown (A5).
pub(super) fn given(
    tx: &mut Tx<'_>,
    task: Option<TaskNo>,
    ask: &Ask,
    answer: &Answer,
    by: &str,
) -> Result<(), StoreError> {
    let standing =
        matches!(answer, Answer::Option { id, scope: Some(AskScope::Project) } if id == ALLOW);
    let Some(task) = task.filter(|_| standing && ask.spec.kind == AskKind::Approval) else {
        return Ok(());
    };
    if let Some(project) = tx.task(task)?.spec.dir {
        tx.give_grant(&project, ask, by)?;
    }
    Ok(())
}

async fn real(dir: PathBuf) -> Result<String, DaemonError> {
    tokio::task::spawn_blocking(move || std::fs::canonicalize(&dir).unwrap_or(dir))
        .await
        .map(|real| real.display().to_string())
        .map_err(|broken| DaemonError::Internal(broken.to_string()))
}
