//! What may be removed, and why the rest may not: decided from facts alone, before anything is touched (D7).
//!
//! Never removed: inputs and outputs, what is in use or belongs to a thread that goes on, a workspace whose content no
//! ref reaches, snapshots, and anything outside our own data folder.

use super::survey::{CloneFolder, Part, Piece, TaskFolder};
use std::time::{Duration, SystemTime};

/// How long the raw output of a done task stays.
const DONE: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a folder that no task names stays.
const ORPHAN: Duration = Duration::from_secs(72 * 60 * 60);
/// How long what a build makes again stays after its task's end.
const BUILT: Duration = Duration::from_secs(12 * 60 * 60);

/// How long the workspace of a task that did not end well stays.
const NOT_DONE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How long a clone stays that nothing borrows from.
const CLONE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What the rows say of the task that a folder names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Owner {
    /// No task has that id.
    Nobody,
    /// An attempt is live, or it or another of its thread has not ended.
    Open {
        /// Whether an attempt of this very task is live.
        live: bool,
    },
    /// It has ended, and so has its thread.
    Ended {
        /// Whether well.
        done: bool,
        /// When.
        at: SystemTime,
    },
}

/// Why a part is removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Because {
    /// The attempt is over.
    AttemptOver,
    /// The task is done for a day.
    DoneForADay,
    /// Its task has ended for half a day, and a build makes it again.
    BuiltAgain,
    /// No task has named it for three days.
    NobodyKnowsIt,
    /// Its task and thread have ended for long enough, and a snapshot keeps what is in it.
    Kept,
    /// Nothing borrows from it, and nobody has wanted it for a month: it is fetched again when somebody does.
    Unused,
    /// The data folder is at its limit: the oldest goes first.
    OverTheLimit,
}

impl Because {
    /// In words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Because::AttemptOver => "the attempt is over",
            Because::DoneForADay => "done for more than a day",
            Because::BuiltAgain => "a build makes it again",
            Because::NobodyKnowsIt => "no task has named it for three days",
            Because::Kept => "a snapshot keeps it, and it is there again when its thread goes on",
            Because::Unused => "not used for a month, can be fetched again",
            Because::OverTheLimit => "the limit is reached, the oldest goes first",
        }
    }
}

/// Why a part stays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stays {
    /// It is what the person gave or was given.
    Delivered,
    /// It is in use.
    InUse,
    /// Its task or thread goes on.
    Open,
    /// Nothing else holds its content.
    OnlyCopy,
    /// It is small and tells what happened.
    Record,
    /// Its time has not come.
    Young,
}

/// Decides about one part by age and state alone.
///
/// # Errors
/// Why it stays.
pub fn by_age(
    folder: &TaskFolder,
    piece: &Piece,
    owner: Owner,
    now: SystemTime,
) -> Result<Because, Stays> {
    let age = |since: SystemTime| now.duration_since(since).unwrap_or_default();
    match (piece.part, owner) {
        (Part::Inputs | Part::Outputs, _) => Err(Stays::Delivered),
        (_, Owner::Open { live: true }) => Err(Stays::InUse),
        (Part::Temp, Owner::Open { .. } | Owner::Ended { .. }) => Ok(Because::AttemptOver),
        (_, Owner::Open { .. }) => Err(Stays::Open),
        (_, Owner::Nobody) if age(folder.changed) < ORPHAN => Err(Stays::Young),
        (Part::Workspace, Owner::Ended { done, at }) if !folder.only_copy => {
            let stays = if done { DONE } else { NOT_DONE };
            match age(at) > stays {
                true => Ok(Because::Kept),
                false => Err(Stays::Young),
            }
        }
        (Part::Workspace, _) => Err(Stays::OnlyCopy),
        (_, Owner::Nobody) => Ok(Because::NobodyKnowsIt),
        (Part::RawLog | Part::Spill, Owner::Ended { done: true, at }) if age(at) > DONE => {
            Ok(Because::DoneForADay)
        }
        (Part::Artefacts, Owner::Ended { at, .. }) if age(at) > BUILT => Ok(Because::BuiltAgain),
        (Part::Record, Owner::Ended { .. }) => Err(Stays::Record),
        (_, Owner::Ended { .. }) => Err(Stays::Young),
    }
}

/// What may go although its time has not come, because the limit is reached; the lower the number, the sooner.
///
/// # Errors
/// Why it stays all the same.
pub fn under_pressure(folder: &TaskFolder, piece: &Piece, owner: Owner) -> Result<u8, Stays> {
    match (piece.part, owner) {
        (Part::Inputs | Part::Outputs, _) => Err(Stays::Delivered),
        (_, Owner::Open { live: true }) => Err(Stays::InUse),
        (_, Owner::Open { .. }) => Err(Stays::Open),
        (_, Owner::Nobody) => Err(Stays::Young),
        (Part::Workspace, _) if folder.only_copy => Err(Stays::OnlyCopy),
        (Part::Record, _) => Err(Stays::Record),
        // Of a clone `clone_by_age` decides.
        (Part::Repository, _) => Err(Stays::InUse),
        (Part::Temp | Part::Artefacts | Part::RawLog, _) => Ok(0),
        (Part::Spill, _) => Ok(1),
        (Part::Transcript, _) => Ok(2),
        // A snapshot keeps it, so that what is freed is less than it is.
        (Part::Workspace, _) => Ok(3),
    }
}

/// Decides about a clone: without borrowers nothing in it is the only copy.
///
/// # Errors
/// Why it stays: in use, or still young, which gives way when the limit is reached.
pub fn clone_by_age(clone: &CloneFolder, now: SystemTime) -> Result<Because, Stays> {
    let age = now.duration_since(clone.used).unwrap_or_default();
    if clone.borrowed {
        Err(Stays::InUse)
    } else if age > CLONE {
        Ok(Because::Unused)
    } else {
        Err(Stays::Young)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    const HOUR: Duration = Duration::from_secs(60 * 60);
    const PARTS: [Part; 9] = [
        Part::Inputs,
        Part::Outputs,
        Part::Workspace,
        Part::Artefacts,
        Part::Transcript,
        Part::RawLog,
        Part::Spill,
        Part::Temp,
        Part::Record,
    ];

    fn now() -> SystemTime {
        SystemTime::UNIX_EPOCH + 10_000 * HOUR
    }

    fn folder(hours: u32) -> TaskFolder {
        TaskFolder {
            id: uuid::Uuid::nil(),
            pieces: Vec::new(),
            changed: now() - hours * HOUR,
            only_copy: false,
        }
    }

    fn piece(part: Part) -> Piece {
        Piece {
            part,
            path: PathBuf::from("x"),
            bytes: 1,
        }
    }

    /// The parts that go.
    fn go(hours: u32, owner: Owner) -> Vec<Part> {
        PARTS
            .into_iter()
            .filter(|part| by_age(&folder(hours), &piece(*part), owner, now()).is_ok())
            .collect()
    }

    fn ended(done: bool, hours: u32) -> Owner {
        Owner::Ended {
            done,
            at: now() - hours * HOUR,
        }
    }

    #[test]
    fn parts_go_by_age_and_state() {
        let (temp, built) = (Part::Temp, Part::Artefacts);
        for (hours, owner, gone) in [
            (999, Owner::Open { live: true }, vec![]),
            (999, Owner::Open { live: false }, vec![temp]),
            (0, ended(true, 1), vec![temp]),
            (0, ended(true, 13), vec![built, temp]),
            (0, ended(false, 30 * 24), vec![built, temp]),
            (0, ended(false, 999), vec![Part::Workspace, built, temp]),
            (
                0,
                ended(true, 25),
                vec![Part::Workspace, built, Part::RawLog, Part::Spill, temp],
            ),
            (71, Owner::Nobody, vec![]),
            (
                73,
                Owner::Nobody,
                vec![
                    built,
                    Part::Transcript,
                    Part::RawLog,
                    Part::Spill,
                    temp,
                    Part::Record,
                ],
            ),
        ] {
            assert_eq!(go(hours, owner), gone, "{owner:?} after {hours} h");
        }
    }

    #[test]
    fn clone_goes_after_a_month_unless_something_borrows_from_it() {
        let clone = |days: u32, borrowed| CloneFolder {
            path: PathBuf::from("x"),
            bytes: 1,
            used: now() - days * 24 * HOUR,
            borrowed,
        };
        assert_eq!(clone_by_age(&clone(31, false), now()), Ok(Because::Unused));
        assert_eq!(clone_by_age(&clone(29, false), now()), Err(Stays::Young));
        assert_eq!(clone_by_age(&clone(999, true), now()), Err(Stays::InUse));
    }

    #[test]
    fn inputs_outputs_only_copies_and_what_goes_on_stay_under_any_pressure() {
        let (folder, mut only) = (folder(0), folder(0));
        only.only_copy = true;
        for owner in [
            Owner::Nobody,
            Owner::Open { live: true },
            Owner::Open { live: false },
            ended(true, 999),
            ended(false, 0),
        ] {
            for part in [Part::Inputs, Part::Outputs, Part::Workspace, Part::Record] {
                assert!(
                    under_pressure(&only, &piece(part), owner).is_err(),
                    "{part:?} {owner:?}"
                );
            }
            assert!(by_age(&only, &piece(Part::Workspace), owner, now()).is_err());
            let open = !matches!(owner, Owner::Ended { .. });
            for part in [Part::RawLog, Part::Workspace] {
                let stays = under_pressure(&folder, &piece(part), owner).is_err();
                assert_eq!(stays, open, "{part:?} {owner:?}");
            }
        }
        let order = [Part::RawLog, Part::Spill, Part::Transcript, Part::Workspace]
            .map(|part| under_pressure(&folder, &piece(part), ended(true, 0)).unwrap());
        assert!(order.is_sorted(), "what tells most goes last");
    }

    #[test]
    fn clock_that_was_set_back_makes_nothing_old() {
        let later = Owner::Ended {
            done: true,
            at: now() + 100 * HOUR,
        };
        assert_eq!(go(0, later), [Part::Temp]);
    }
}
