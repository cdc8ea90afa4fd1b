//! Asks put off, and notices that every surface together shows once (H5).

use super::{Authority, Handle, asks::answer_error};
use crate::error::DaemonError;
use ripieno_core::{ask::Ask, time::Timestamp};

/// How long a key may be, in characters.
const LONGEST_KEY: usize = 200;

impl Handle {
    /// Puts an ask off: until then nobody is reminded of it. `None` takes that back.
    ///
    /// # Errors
    /// Forbidden; NotFound; Invalid for a moment that has passed; AlreadyAnswered, Conflict for a settled one.
    pub async fn snooze(
        &self,
        by: &Authority,
        reference: &str,
        until: Option<Timestamp>,
    ) -> Result<Ask, DaemonError> {
        by.person("put asks off")?;
        if until.is_some_and(|at| at <= self.now()) {
            return Err(DaemonError::Invalid(
                "that moment has passed: name a later one".to_owned(),
            ));
        }
        let no = self.find_ask(reference).await?;
        let write = self.ctx.store.write(move |tx| tx.snooze(no, until));
        write.await.map_err(answer_error)
    }

    /// Claims the key of a notice: true for exactly one caller, ever, also across restarts.
    ///
    /// # Errors
    /// Forbidden; Invalid for a key that is empty or too long.
    pub async fn claim_notice(&self, by: &Authority, key: &str) -> Result<bool, DaemonError> {
        by.person("claim notices")?;
        let key = key_of("key", key)?;
        Ok(self
            .ctx
            .store
            .write(move |tx| tx.claim_notice(&key))
            .await?)
    }

    /// Forgets every claimed key that begins with `prefix`; how many there were.
    ///
    /// # Errors
    /// Forbidden; Invalid for an empty prefix, which would forget all.
    pub async fn forget_notices(&self, by: &Authority, prefix: &str) -> Result<usize, DaemonError> {
        by.person("forget notices")?;
        let prefix = key_of("prefix", prefix)?;
        let write = self.ctx.store.write(move |tx| tx.forget_notices(&prefix));
        Ok(write.await?)
    }
}

fn key_of(name: &str, text: &str) -> Result<String, DaemonError> {
    if text.is_empty() || text.chars().count() > LONGEST_KEY {
        return Err(DaemonError::Invalid(format!(
            "the {name} of a notice has from 1 to {LONGEST_KEY} characters, such as `ask:A-3`"
        )));
    }
    Ok(text.to_owned())
}
