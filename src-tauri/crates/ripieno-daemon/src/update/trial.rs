//! Trying a version: it opens the tasks as it would at its start, and ends. The old one waits beside it (U4).

use crate::worker::{StartError, Worker, WorkerOptions};
use ripieno_update::Refusal;
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

/// How often a new version may try: a machine under load deserves a second look.
const TRIES: u32 = 2;

/// The argument with which every version of every host of a worker can be tried; it never changes.
pub const ARGUMENT: &str = "--try-update";

/// What a version prints when it is healthy, in one line of JSON.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct Healthy {
    /// Always `healthy`.
    pub event: String,
    /// Which version it is.
    pub version: String,
}

impl Healthy {
    /// What the running program says.
    #[must_use]
    pub fn now() -> Self {
        Healthy {
            event: "healthy".to_owned(),
            version: super::version().to_owned(),
        }
    }
}

/// What every version does when it is started with [`ARGUMENT`]: opens the tasks and says that it is healthy.
///
/// # Errors
/// Why it is not.
pub async fn run(options: WorkerOptions) -> Result<(), StartError> {
    die_with_parent();
    Worker::try_out(options).await?;
    let line = serde_json::to_string(&Healthy::now()).unwrap_or_default();
    println!("{line}");
    Ok(())
}

/// The one that tries us holds the home for both: nothing of us may outlive it.
fn die_with_parent() {
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))
    {
        eprintln!("this version would outlive the one that tries it: {error}");
    }
}

/// Starts a program twice at most, each time for at most `wait`.
///
/// # Errors
/// What it did instead of reporting that it is healthy.
pub(crate) async fn is_healthy(
    program: &Path,
    version: &semver::Version,
    wait: Duration,
) -> Result<(), Refusal> {
    let mut last = None;
    for _ in 0..TRIES {
        match tokio::time::timeout(wait, once(program, version)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(how)) => last = Some(how),
            Err(_) => last = Some(format!("said nothing for {} s", wait.as_secs())),
        }
        tracing::warn!(%version, how = last, "a new version did not show that it is healthy");
    }
    Err(Refusal::NotOurs(format!(
        "version {version} could not open the tasks and was not kept: it {}",
        last.unwrap_or_default()
    )))
}

async fn once(program: &Path, version: &semver::Version) -> Result<(), String> {
    let mut command = Command::new(program);
    command
        .arg(ARGUMENT)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    let mut child = command
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let _group = Group(child.id());
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err("cannot be heard".to_owned());
    };
    let said = async {
        let mut said = None;
        let mut lines = BufReader::new(out).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            said = serde_json::from_str::<Healthy>(&line).ok().or(said);
        }
        said
    };
    let complained = async {
        let mut last = String::new();
        let mut lines = BufReader::new(err).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if !line.trim().is_empty() {
                last = line;
            }
        }
        last
    };
    let (said, complained) = tokio::join!(said, complained);
    let status = child.wait().await.map_err(|error| error.to_string())?;
    match said {
        Some(healthy) if status.success() => {
            if healthy.version == version.to_string() {
                Ok(())
            } else {
                Err(format!("says that it is {}", healthy.version))
            }
        }
        _ if complained.is_empty() => Err(format!("ended with {status}")),
        _ => Err(format!("ended with {status}: {complained}")),
    }
}

/// A tried program with everything it started; ended when it is given up.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self.0.and_then(|pid| i32::try_from(pid).ok())
            && let Some(pid) = rustix::process::Pid::from_raw(pid)
        {
            // Usually it has ended, and there is no such group any more.
            let _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
        }
    }
}
