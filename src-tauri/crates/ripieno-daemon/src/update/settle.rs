//! At the start, before the database is opened: an update that broke off is finished or undone (U4).

use super::{HostProgram, Installation, UpdatePaths, handover::put_back};
use crate::paths::Home;
use ripieno_store::{backup, crash};
use ripieno_update::{
    Refusal,
    installer::{self, Found, found, is_to_be_finished},
    journal::{Journal, Outcome, Progress, Replaced},
    swap::beside,
};

/// What an update that broke off left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Settled {
    /// Go on.
    GoOn,
    /// The program in place is not the one that runs any more: become it.
    Replaced,
}

/// Finishes or undoes.
///
/// # Errors
/// When only a person can.
pub(crate) fn settle(home: &Home, host: Option<&HostProgram>) -> Result<Settled, Refusal> {
    let paths = UpdatePaths::of(home);
    let Some(mut journal) = Journal::load(&paths.journal)? else {
        return Ok(Settled::GoOn);
    };
    let Some(host) = host else {
        return Err(Refusal::NotOurs(format!(
            "an update to {} broke off: start the program itself once",
            journal.version
        )));
    };
    let installation = Installation::detect(&host.program, host.product);
    let installer = installer::of(&installation, host.native.as_ref());
    let before = found(&journal);
    let finish = is_to_be_finished(&journal);
    let failed = journal.progress == Progress::Returning;
    let version = journal.version.clone();
    if finish {
        tracing::warn!(%version, "an update that broke off is finished");
        if before == Found::Mixed {
            installer
                .as_ref()
                .map_err(Clone::clone)?
                .install(&journal, &crash::point)?;
        }
        Outcome::of(&journal, None).save(&paths.outcome)?;
    } else {
        tracing::warn!(%version, "an update that broke off is undone");
        let installer = installer.as_deref().map_err(Clone::clone);
        put_back(&mut journal, &paths.journal, &paths.database, installer)?;
        // What only broke off is tried again when it can be; what had failed already is not.
        if failed {
            let why = format!("version {version} did not hold; putting it back broke off once");
            Outcome::of(&journal, Some(why)).save(&paths.outcome)?;
        }
    }
    Journal::clear(&paths.journal)?;
    if let Ok(installer) = installer {
        installer.tidy();
    }
    let replaced = before == Found::Mixed || (!finish && before != Found::Old);
    Ok(if replaced {
        Settled::Replaced
    } else {
        Settled::GoOn
    })
}

/// Says what an update that broke off waits for; `None` when nothing is under way.
///
/// # Errors
/// When the journal cannot be read.
pub fn under_way(home: &Home) -> Result<Option<String>, Refusal> {
    let journal = Journal::load(&UpdatePaths::of(home).journal)?;
    Ok(journal.map(|journal| {
        format!(
            "an update from {} to {} broke off while {}; the next start {} it",
            journal.previous,
            journal.version,
            match journal.progress {
                Progress::Trying => "it was tried",
                Progress::Installing => "it was installed",
                Progress::Returning => "the previous version was put back",
            },
            if is_to_be_finished(&journal) {
                "finishes"
            } else {
                "undoes"
            }
        )
    }))
}

/// Puts the kept version back by hand (`ripieno doctor --undo-update`); gives what was done.
///
/// # Errors
/// When nothing is kept, or putting it back is not possible.
pub fn undo_by_hand(home: &Home, host: &HostProgram) -> Result<String, Refusal> {
    let paths = UpdatePaths::of(home);
    let nothing =
        || Refusal::NotOurs("no previous version is kept: nothing can be undone".to_owned());
    if Journal::load(&paths.journal)?.is_some() {
        settle(home, Some(host))?;
        return Ok("the update that broke off was finished or undone".to_owned());
    }
    let last = Outcome::load(&paths.outcome).filter(|last| last.undone.is_none());
    let last = last.ok_or_else(nothing)?;
    let installation = Installation::detect(&host.program, host.product);
    let installer = installer::of(&installation, host.native.as_ref())?;
    let folder = host.program.parent().unwrap_or(std::path::Path::new("/"));
    let programs = host.product.programs().iter().map(|name| {
        let program = folder.join(name);
        let sha256 = ripieno_update::download::digest_of(&program)
            .map_err(|error| Refusal::disk(&program, error))?;
        Ok(Replaced { program, sha256 })
    });
    let journal = Journal {
        version: last.version.clone(),
        previous: last.previous.clone(),
        progress: Progress::Returning,
        programs: programs.collect::<Result<_, Refusal>>()?,
        package: None,
        staged: folder.join(".ripieno-update"),
        kept: paths.kept.clone(),
        backup: paths.backup.clone(),
        privileged: installer.is_privileged(),
    };
    installer.put_back(&journal, &crash::point)?;
    installer.tidy();
    let database = previous_database(&paths)?;
    let why = "a person put the previous version back".to_owned();
    Outcome::of(&journal, Some(why)).save(&paths.outcome)?;
    Ok(format!("version {} is back; {database}", last.previous))
}

/// The database stays when the previous version can read it; else the copy from before takes its place, and it is kept.
fn previous_database(paths: &UpdatePaths) -> Result<String, Refusal> {
    let disk = |error: ripieno_store::StoreError| Refusal::disk(&paths.database, error);
    let now = backup::format_of(&paths.database).map_err(disk)?;
    let then = backup::format_of(&paths.backup).map_err(disk)?;
    if now == then {
        return Ok("the tasks are as they were a moment ago".to_owned());
    }
    let aside = beside(&paths.database, ".of-the-newer-version");
    backup::copy_closed(&paths.database, &aside).map_err(disk)?;
    backup::put_back(&paths.backup, &paths.database).map_err(disk)?;
    Ok(format!(
        "it cannot read the newer database, which is kept as {}: the tasks are those from before the update",
        aside.display()
    ))
}
