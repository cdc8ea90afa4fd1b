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

/// What a program is asked.
pub(super) struct Ask<'a> {
    pub(super) program: &'a Path,
    pub(super) args: &'a [OsString],
    pub(super) env: &'a BTreeMap<String, String>,
    pub(super) limit: Duration,
    /// Whether it is in no terminal's foreground and cannot be stopped by one: a shell would try to take that.
    pub(super) apart: bool,
    /// Tells from what was printed that all is said, where the end of the output is not waited for.
    pub(super) enough: Option<fn(&[u8]) -> bool>,
}

/// Runs a program and takes what it prints; kills its group when it takes too long, has said enough, or nobody waits any
/// more.
pub(super) async fn ask(ask: Ask<'_>) -> Result<Said, Silent> {
    let limit = ask.limit;
    let mut command = match Path::new("/usr/bin/setsid") {
        setsid if ask.apart && setsid.exists() => {
            let mut command = Command::new(setsid);
            command.arg(ask.program);
            command
        }
        _ => {
            let mut command = Command::new(ask.program);
            #[cfg(unix)]
            command.process_group(0);
            command
        }
    };
    command
        .args(ask.args)
        .env_clear()
        .envs(ask.env)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(Silent::NotStarted)?;
    let group = Group(child.id());
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let answer = async {
        let Some(enough) = ask.enough else {
            let (stdout, stderr, status) = tokio::join!(head(stdout), head(stderr), child.wait());
            return Ok(Said {
                success: status.map_err(Silent::NotStarted)?.success(),
                stdout,
                stderr,
            });
        };
        let printed = tail(stdout, enough);
        let drained = head(stderr);
        tokio::pin!(printed, drained);
        let (stdout, stderr) = tokio::select! {
            stdout = &mut printed => (stdout, Vec::new()),
            stderr = &mut drained => (printed.await, stderr),
        };
        Ok(Said {
            success: true,
            stdout,
            stderr,
        })
    };
    let answer = tokio::time::timeout(limit, answer).await;
    drop(group);
    answer.unwrap_or(Err(Silent::TooSlow(limit)))
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

/// Reads until there is enough; of what is longer than is kept the end counts.
async fn tail(stream: Option<impl AsyncRead + Unpin>, enough: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let (mut kept, mut buffer) = (Vec::new(), vec![0; 8 * 1024]);
    let Some(mut stream) = stream else {
        return kept;
    };
    while let Ok(got @ 1..) = stream.read(&mut buffer).await {
        kept.extend_from_slice(&buffer[..got]);
        if enough(&kept) {
            break;
        }
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
    kept
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
