//! Short runs of programs that are asked one thing: bounded in time and output, and gone afterwards.

use std::{collections::BTreeMap, ffi::OsString, io, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::Command,
};

/// How much of each stream is kept, in bytes; the rest is read and dropped.
const KEPT: usize = 512 * 1024;

/// What a program said.
pub(super) struct Said {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why it said nothing.
#[derive(Debug, thiserror::Error)]
pub(super) enum Silent {
    #[error("it cannot be started: {0}")]
    NotStarted(io::Error),
    #[error("it gave no answer within {} s", .0.as_secs())]
    TooSlow(Duration),
}

/// Runs a program and takes what it prints; kills its group when it takes too long or nobody waits any more.
/// With `apart` it is in no terminal's foreground and cannot be stopped by one: a shell would try to take that.
pub(super) async fn ask(
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<String, String>,
    limit: Duration,
    apart: bool,
) -> Result<Said, Silent> {
    let mut command = match Path::new("/usr/bin/setsid") {
        setsid if apart && setsid.exists() => {
            let mut command = Command::new(setsid);
            command.arg(program);
            command
        }
        _ => {
            let mut command = Command::new(program);
            #[cfg(unix)]
            command.process_group(0);
            command
        }
    };
    command
        .args(args)
        .env_clear()
        .envs(env)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(Silent::NotStarted)?;
    let group = Group(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let answer = async {
        let (stdout, stderr, status) = tokio::join!(head(stdout), head(stderr), child.wait());
        (stdout, stderr, status)
    };
    let answer = tokio::time::timeout(limit, answer).await;
    drop(group);
    let (stdout, stderr, status) = answer.map_err(|_| Silent::TooSlow(limit))?;
    let success = status.map_err(Silent::NotStarted)?.success();
    Ok(Said {
        success,
        stdout,
        stderr,
    })
}

/// Kills what is left of a process group when dropped.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(pid) = self
            .0
            .and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()))
        {
            // Nothing left is the usual case.
            rustix::process::kill_process_group(pid, rustix::process::Signal::KILL).ok();
        }
    }
}

async fn head(stream: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 8 * 1024]);
    let Some(mut stream) = stream else {
        return kept;
    };
    while let Ok(got @ 1..) = stream.read(&mut buffer).await {
        let room = KEPT.saturating_sub(kept.len()).min(got);
        kept.extend_from_slice(&buffer[..room]);
    }
    kept
}
