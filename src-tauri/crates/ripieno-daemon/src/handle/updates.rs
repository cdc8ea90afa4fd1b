//! Updates as surfaces ask for them (U1-U3). One that a control plane asks for goes the same way.

use super::{Authority, Handle};
use crate::{
    error::DaemonError,
    update::{Due, Phase, UpdatePaths, UpdateStatus},
};
use ripieno_update::swap::write_whole;

impl Handle {
    /// What the updater does.
    #[must_use]
    pub fn update_status(&self) -> UpdateStatus {
        self.ctx.updates.status()
    }

    /// Waits for an update that is to take its place now: then the host gives the worker to
    /// [`crate::Worker::hand_over`], and this handle has to be gone by then. `None` when the worker stops otherwise.
    pub async fn update_due(self) -> Option<Due> {
        tokio::select! {
            due = self.ctx.updates.due() => Some(due),
            () = self.ctx.stop.cancelled() => None,
        }
    }

    /// How many tasks have to end before an update that is ready may go into its place.
    #[must_use]
    pub fn update_waits_for(&self) -> usize {
        let counts = self.ctx.gate.counts();
        counts.claims + counts.runs
    }

    /// Asks the server now and waits for what came of it, the download included.
    ///
    /// # Errors
    /// Forbidden for a task; NotPossibleNow while an update is being installed.
    pub async fn update_check(&self, by: &Authority) -> Result<UpdateStatus, DaemonError> {
        by.person("look for updates")?;
        self.not_installing()?;
        self.look().await
    }

    /// Installs what is offered without waiting for idle: what runs is suspended, and goes on afterwards (U2).
    ///
    /// # Errors
    /// Forbidden for a task; NotPossibleNow with the reason why nothing can be installed.
    pub async fn update_now(&self, by: &Authority) -> Result<UpdateStatus, DaemonError> {
        by.person("install updates")?;
        self.not_installing()?;
        let ready = self.ctx.updates.status().phase == Phase::Ready;
        self.ctx.updates.want_now();
        let status = if ready {
            self.ctx.updates.status()
        } else {
            self.look().await?
        };
        match status.trouble {
            Some(trouble) if !ready => Err(DaemonError::NotPossibleNow(trouble)),
            _ => Ok(status),
        }
    }

    /// Lets an update that is ready wait until nothing runs.
    ///
    /// # Errors
    /// Forbidden for a task; NotPossibleNow once it is being installed.
    pub fn update_when_idle(&self, by: &Authority) -> Result<UpdateStatus, DaemonError> {
        by.person("put updates off")?;
        self.not_installing()?;
        self.ctx.updates.want_idle();
        Ok(self.ctx.updates.status())
    }

    /// Leaves out the version that is offered; the next one is offered again.
    ///
    /// # Errors
    /// Forbidden for a task; NotPossibleNow when no version is offered, or it is being installed.
    pub fn update_skip(&self, by: &Authority) -> Result<UpdateStatus, DaemonError> {
        by.person("skip updates")?;
        self.not_installing()?;
        let version = self.ctx.updates.status().version.ok_or_else(|| {
            DaemonError::NotPossibleNow(
                "no new version is offered: there is nothing to skip".to_owned(),
            )
        })?;
        let path = UpdatePaths::of(&self.ctx.home).skipped;
        write_whole(&path, version.to_string().as_bytes()).map_err(|error| {
            DaemonError::NotPossibleNow(format!("{} cannot be written: {error}", path.display()))
        })?;
        self.ctx.updates.skip(version);
        Ok(self.ctx.updates.status())
    }

    fn not_installing(&self) -> Result<(), DaemonError> {
        if self.ctx.updates.status().phase == Phase::Installing {
            return Err(DaemonError::NotPossibleNow(
                "an update is being installed: wait until it has ended".to_owned(),
            ));
        }
        Ok(())
    }

    async fn look(&self) -> Result<UpdateStatus, DaemonError> {
        let mut status = self.ctx.updates.follow();
        let before = status.borrow().looks;
        self.ctx.updates.want_look();
        tokio::select! {
            looked = status.wait_for(|status| status.looks > before) => {
                let looked = looked.map_err(|_| crate::worker::stopping())?;
                Ok(looked.clone())
            }
            () = self.ctx.stop.cancelled() => Err(crate::worker::stopping()),
        }
    }
}
