//! The facts of a run.

use super::time;
use ripieno_daemon::handle::RunFacts;
use serde::{Deserialize, Serialize};

/// The variables of a process, by name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunEnv {
    /// Those it was given.
    pub passed: Vec<String>,
    /// Those of the worker it was not (R10).
    pub withheld: Vec<String>,
}

/// The process that holds the lease.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Lease {
    /// The worker's process id.
    pub owner_pid: u32,
    /// Since when.
    pub since: String,
}

/// The log of an attempt.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TranscriptFile {
    /// Where it is.
    pub path: String,
    /// How long it is.
    pub bytes: u64,
    /// How many entries it has.
    pub entries: u64,
}

/// Something that went wrong and stopped nothing (R16).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Warning {
    /// When.
    pub at: String,
    /// What.
    pub text: String,
}

/// A skill it was given (A7).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunSkill {
    /// Its name.
    pub name: String,
    /// SHA-256 over its files.
    pub digest: String,
    /// Where it lies while the run works, below its folder.
    pub path: String,
}

/// What is known of a run; null where nothing is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Run {
    /// The attempt; none before the first.
    pub attempt: Option<u32>,
    /// The program that was started last.
    pub program: Option<String>,
    /// Its arguments.
    pub arguments: Option<Vec<String>>,
    /// Where it was started.
    pub cwd: Option<String>,
    /// The process id of its supervisor.
    pub pid: Option<u32>,
    /// Its variables.
    pub env: Option<RunEnv>,
    /// Who holds the lease, while it is live.
    pub lease: Option<Lease>,
    /// Its log.
    pub transcript: Option<TranscriptFile>,
    /// The agent's session.
    pub session: Option<String>,
    /// With what a person goes on in the session.
    pub resume_command: Option<String>,
    /// The index of its slot.
    pub slot: Option<u32>,
    /// How far its processes are kept from the rest of the machine: `none`, they run with your rights (sec-10).
    pub sandbox: Option<String>,
    /// The skills it was given.
    #[serde(default)]
    pub skills: Vec<RunSkill>,
    /// What went wrong and stopped nothing.
    pub warnings: Vec<Warning>,
}

impl From<RunFacts> for Run {
    fn from(facts: RunFacts) -> Self {
        let attempt = facts.attempt.as_ref();
        let since = attempt.map(|attempt| attempt.claimed_at);
        let run = facts.run.as_ref();
        Run {
            attempt: attempt.map(|attempt| attempt.n),
            program: run.map(|run| run.program.clone()),
            arguments: run.map(|run| run.arguments.clone()),
            cwd: run.map(|run| run.cwd.clone()),
            pid: attempt.and_then(|attempt| Some(attempt.process?.0)),
            env: run.map(|run| RunEnv {
                passed: run.passed.clone(),
                withheld: run.withheld.clone(),
            }),
            lease: facts.owner.zip(since).map(|(owner, since)| Lease {
                owner_pid: owner.pid,
                since: time(since),
            }),
            transcript: facts.transcript.map(|file| TranscriptFile {
                path: file.path.display().to_string(),
                bytes: file.bytes,
                entries: file.entries,
            }),
            session: attempt.and_then(|attempt| attempt.session.clone()),
            resume_command: facts.resume_command,
            slot: run.map(|run| run.slot),
            sandbox: facts.sandbox.map(|level| level.word().to_owned()),
            skills: facts
                .skills
                .into_iter()
                .map(|placed| RunSkill {
                    name: placed.skill.name,
                    digest: placed.skill.digest,
                    path: placed.path.display().to_string(),
                })
                .collect(),
            warnings: facts
                .warnings
                .into_iter()
                .map(|(at, text)| Warning { at: time(at), text })
                .collect(),
        }
    }
}
