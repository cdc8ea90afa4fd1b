//! Views of what the machine offers: runtimes and locks.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What tasks can be run with (A1).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Runtime {
    /// `kind:account`.
    pub id: String,
    /// `claude`, ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What it is called on the search path.
    pub program: String,
    /// Where it was found.
    pub path: Option<String>,
    /// What it says of itself.
    pub version: Option<String>,
    /// Whether tasks can use it.
    pub usable: bool,
    /// Why not, or what is noteworthy.
    pub reason: Option<String>,
    /// Whether a login is there; none where that cannot be told.
    pub signed_in: Option<bool>,
    /// How it is talked to.
    pub protocol: Option<String>,
    /// The models it offers, as it told when it last ran; empty until then.
    pub models: Vec<String>,
    /// The reasoning levels that go with each model, where it told; those without a model under an empty name.
    pub levels: BTreeMap<String, Vec<String>>,
    /// The lane of its tasks.
    pub lane: Option<String>,
}

impl From<ripieno_daemon::runtimes::Runtime> for Runtime {
    fn from(found: ripieno_daemon::runtimes::Runtime) -> Self {
        let (models, levels) = (found.models(), found.levels());
        Runtime {
            id: found.id,
            kind: found.kind,
            name: found.name,
            program: found.program,
            path: found.path,
            version: found.version,
            usable: found.usable,
            reason: found.reason,
            signed_in: found.signed_in,
            protocol: found.protocol,
            models,
            levels,
            lane: found.lane.map(|lane| lane.to_string()),
        }
    }
}

/// The environment that agents are looked for with (R11).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Environment {
    /// The login shell that was asked; none where the worker's own environment is used.
    pub shell: Option<String>,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// Why the worker's own environment is used.
    pub reason: Option<String>,
}

impl From<&ripieno_daemon::environment::Resolved> for Environment {
    fn from(resolved: &ripieno_daemon::environment::Resolved) -> Self {
        let millis =
            |took: std::time::Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        Environment {
            shell: resolved
                .shell
                .as_ref()
                .map(|shell| shell.display().to_string()),
            took_ms: resolved.took.map(millis),
            reason: resolved.reason.clone(),
        }
    }
}
