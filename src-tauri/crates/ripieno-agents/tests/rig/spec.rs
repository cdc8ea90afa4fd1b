//! What a run of a test is given, unless the test says otherwise.

#![allow(dead_code, unreachable_pub)]

use ripieno_agents::{Access, Approvals, Limits, RunSpec, Session, Work};
use std::{collections::BTreeMap, path::Path, time::Duration};

/// No limit but on how long a stop may take.
pub fn limits(grace: Duration) -> Limits {
    Limits {
        idle: None,
        tool: None,
        working: None,
        grace,
    }
}

/// A run in this folder, with its logs there: no environment, no model, no tools.
pub fn spec(folder: &Path, work: Work) -> RunSpec {
    RunSpec {
        work,
        folder: folder.to_owned(),
        env: BTreeMap::new(),
        session: Session::New(uuid::Uuid::nil()),
        model: None,
        effort: None,
        approvals: Approvals::default(),
        access: Access::default(),
        limits: limits(Duration::from_secs(1)),
        raw_log: folder.join("raw.log"),
        spill: folder.to_owned(),
        title: "a test".to_owned(),
        most_micros: None,
        tools: None,
    }
}

/// The same for an agent that is told to do something.
pub fn prompted(folder: &Path, prompt: &str) -> RunSpec {
    spec(folder, Work::Prompt(prompt.to_owned()))
}
