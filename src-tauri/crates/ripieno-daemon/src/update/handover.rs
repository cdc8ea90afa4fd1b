//! From the barrier to the new version: the worker stops, the new one is tried on its tasks, and only then takes its
//! place. Whatever fails, the previous one goes on with its database as it was (U4).

use super::{Due, HostProgram, Ready, UpdatePaths, trial};
use crate::{owner::OwnerLock, worker::Worker};
use ripieno_store::{backup, crash};
use ripieno_update::{
    Refusal,
    installer::{self, Found, Installer, Native, found},
    journal::{Journal, Outcome, Progress},
};
use std::{path::Path, sync::Arc, time::Duration};

/// How long the services of the old worker may take to end, once no task is live.
const ENDING: Duration = Duration::from_secs(10);

/// What the host of a worker does next.
#[derive(Debug)]
#[must_use = "the worker has stopped: something has to go on"]
pub enum Next {
    /// Becomes this program, new or as before.
    Become(NextProgram),
    /// Stops, and says why: only a person can put the previous version back.
    Stop(String),
}

/// A program to become, with the lock of the home still held.
#[derive(Debug)]
pub struct NextProgram {
    host: HostProgram,
    _owner: Option<OwnerLock>,
}

impl NextProgram {
    /// The same with other arguments.
    #[must_use]
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.host.arguments = arguments.iter().map(Into::into).collect();
        self
    }

    /// Becomes the program, under the same process number, so that a supervisor notices nothing. Returns only when
    /// that is not possible.
    #[must_use]
    pub fn become_it(self) -> std::io::Error {
        crash::point("update.exec.before");
        restart(&self.host)
    }
}

/// Becomes the program in the place of this one.
#[cfg(unix)]
#[must_use]
pub fn restart(host: &HostProgram) -> std::io::Error {
    use std::os::unix::process::CommandExt;
    std::process::Command::new(&host.program)
        .args(&host.arguments)
        .exec()
}

/// Starts the program and ends this one: there is no other way here.
#[cfg(not(unix))]
#[must_use]
pub fn restart(host: &HostProgram) -> std::io::Error {
    let started = std::process::Command::new(&host.program)
        .args(&host.arguments)
        .spawn();
    match started {
        Ok(_) => std::process::exit(0),
        Err(error) => error,
    }
}

impl Worker {
    /// Stops for an update and carries it out. Every other handle of the worker must be gone by now, or go when it stops.
    pub async fn hand_over(self, due: Due) -> Next {
        let Due {
            barrier,
            ready,
            host,
        } = due;
        let paths = UpdatePaths::of(self.home());
        let wait = self.health_wait();
        // The gate of a worker that stops never opens again.
        barrier.commit();
        let (owner, closed) = self.retire().await;
        let ended = tokio::time::timeout(ENDING, closed).await;
        let native = host.native.clone();
        let work = Work {
            paths,
            ready,
            wait,
            native,
        };
        let done = match ended {
            Ok(()) => work.run().await,
            Err(_) => work
                .untouched(&Refusal::NotOurs(
                    "something still used the database".to_owned(),
                ))
                .map_err(|refusal| refusal.to_string()),
        };
        match done {
            Ok(()) => Next::Become(NextProgram {
                host,
                _owner: owner,
            }),
            Err(why) => Next::Stop(why),
        }
    }
}

struct Work {
    paths: UpdatePaths,
    ready: Ready,
    wait: Duration,
    native: Option<Native>,
}

impl Work {
    /// Tries, installs, and undoes what fails.
    ///
    /// # Errors
    /// When the previous version cannot be put back without a person.
    async fn run(&self) -> Result<(), String> {
        let installer = match installer::of(&self.ready.installation, self.native.as_ref()) {
            Ok(installer) => installer,
            Err(refusal) => return self.untouched(&refusal).map_err(|error| error.to_string()),
        };
        let mut journal = self.ready.journal(&self.paths, installer.is_privileged());
        match self.attempt(&mut journal, &installer).await {
            Ok(()) => self
                .finish(installer.as_ref())
                .map_err(|error| error.to_string()),
            Err(refusal) => self.undo(&mut journal, installer.as_ref(), &refusal),
        }
    }

    async fn attempt(
        &self,
        journal: &mut Journal,
        installer: &Arc<dyn Installer>,
    ) -> Result<(), Refusal> {
        let paths = &self.paths;
        backup::copy_closed(&paths.database, &paths.backup)
            .map_err(|error| Refusal::disk(&paths.backup, error))?;
        crash::point("update.backup.written");
        journal.save(&paths.journal)?;
        crash::point("update.journal.trying");
        trial::is_healthy(&self.ready.program(), &self.ready.version, self.wait).await?;
        crash::point("update.trial.healthy");
        journal.progress = Progress::Installing;
        journal.save(&paths.journal)?;
        crash::point("update.journal.installing");
        // Not on this thread: what is tried next ends with the thread that started it, which has to stay a worker's.
        let (installs, steps) = (Arc::clone(installer), journal.clone());
        tokio::task::spawn_blocking(move || installs.install(&steps, &crash::point))
            .await
            .map_err(|broken| Refusal::NotOurs(broken.to_string()))??;
        if installer.is_privileged() {
            // What the package manager made of it is tried as well.
            let program = &self.ready.installation.program;
            trial::is_healthy(program, &self.ready.version, self.wait).await?;
        }
        Ok(())
    }

    fn finish(&self, installer: &dyn Installer) -> Result<(), Refusal> {
        self.outcome(None).save(&self.paths.outcome)?;
        crash::point("update.outcome.written");
        Journal::clear(&self.paths.journal)?;
        crash::point("update.journal.cleared");
        installer.tidy();
        Ok(())
    }

    fn undo(
        &self,
        journal: &mut Journal,
        installer: &dyn Installer,
        refusal: &Refusal,
    ) -> Result<(), String> {
        tracing::warn!(%refusal, "the update is undone");
        if !self.paths.journal.exists() {
            // Not even the database was touched.
            return self.untouched(refusal).map_err(|error| error.to_string());
        }
        let undone = put_back(
            journal,
            &self.paths.journal,
            &self.paths.database,
            Ok(installer),
        )
        .and_then(|()| self.outcome(Some(refusal)).save(&self.paths.outcome))
        .and_then(|()| Journal::clear(&self.paths.journal));
        installer.tidy();
        undone.map_err(|error| {
            format!(
                "{refusal}; the previous version could not be put back: {error}. Run `ripieno doctor --undo-update`"
            )
        })
    }

    fn untouched(&self, refusal: &Refusal) -> Result<(), Refusal> {
        self.outcome(Some(refusal)).save(&self.paths.outcome)
    }

    fn outcome(&self, undone: Option<&Refusal>) -> Outcome {
        let journal = self.ready.journal(&self.paths, false);
        Outcome::of(&journal, undone.map(ToString::to_string))
    }
}

/// Puts the previous programs and the database back; repeated, it changes nothing more.
///
/// # Errors
/// When the disk refuses, or the programs are not ours to replace.
pub(super) fn put_back(
    journal: &mut Journal,
    at: &Path,
    database: &Path,
    installer: Result<&dyn Installer, Refusal>,
) -> Result<(), Refusal> {
    let in_place = found(journal);
    journal.progress = Progress::Returning;
    journal.save(at)?;
    crash::point("update.journal.returning");
    if in_place != Found::Old {
        installer?.put_back(journal, &crash::point)?;
    }
    backup::put_back(&journal.backup, database).map_err(|error| Refusal::disk(database, error))?;
    crash::point("update.database.returned");
    Ok(())
}
