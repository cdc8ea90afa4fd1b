//! macOS: `caffeinate` keeps the system awake as long as it runs, and ends with this process.

use std::{collections::BTreeMap, process::Stdio};
use tokio::process::{Child, Command};

/// Says why the system cannot be kept awake.
#[derive(Debug, thiserror::Error)]
#[error("{program} cannot be started: {source}")]
pub(super) struct Trouble {
    program: &'static str,
    source: std::io::Error,
}

/// Keeps the system awake until it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    _running: Child,
}

/// Whoever decides about sleep.
#[derive(Debug)]
pub(super) struct Power;

impl Power {
    /// Finds it.
    pub(super) async fn find(_env: &BTreeMap<String, String>) -> Result<Self, Trouble> {
        Ok(Power)
    }

    /// Whether the machine is not on battery.
    pub(super) async fn on_ac(&self) -> Result<bool, Trouble> {
        let program = "/usr/bin/pmset";
        let said = Command::new(program)
            .args(["-g", "batt"])
            .output()
            .await
            .map_err(|source| Trouble { program, source })?;
        Ok(!String::from_utf8_lossy(&said.stdout).contains("'Battery Power'"))
    }

    /// Keeps the system awake.
    pub(super) async fn hold(&self) -> Result<Held, Trouble> {
        let program = "/usr/bin/caffeinate";
        Command::new(program)
            .args(["-i", "-s", "-w", &std::process::id().to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map(|_running| Held { _running })
            .map_err(|source| Trouble { program, source })
    }
}
