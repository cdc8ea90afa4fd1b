//! `doctor`: the cause and remedy of each thing that commonly breaks (O2).

mod machine;
mod worker;

use super::{block_on, daemon::host_program, home};
use crate::out::{Colour, Out, plain};
use ripieno_api::{ApiError, error::Code};
use ripieno_daemon::{owner::OwnerLock, update::settle, version};
use serde::Serialize;
use serde_json::json;

/// How it stands with one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// As it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// It keeps tasks from running.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
struct Finding {
    /// What it is.
    name: String,
    verdict: Verdict,
    /// What was found.
    text: String,
    /// What to do, where something is to be done.
    remedy: Option<String>,
}

impl Finding {
    fn ok(name: impl Into<String>, text: impl Into<String>) -> Self {
        Finding {
            name: name.into(),
            verdict: Verdict::Ok,
            text: text.into(),
            remedy: None,
        }
    }

    fn note(name: impl Into<String>, text: impl Into<String>, remedy: &str) -> Self {
        Finding {
            name: name.into(),
            verdict: Verdict::Note,
            text: text.into(),
            remedy: Some(remedy.to_owned()),
        }
    }

    fn bad(name: impl Into<String>, text: impl Into<String>, remedy: &str) -> Self {
        Finding {
            name: name.into(),
            verdict: Verdict::Bad,
            text: text.into(),
            remedy: Some(remedy.to_owned()),
        }
    }
}

/// Looks at everything; exit 1 when something keeps tasks from running.
pub(super) fn run(out: &Out) -> Result<u8, ApiError> {
    let home = home()?;
    let mut findings = machine::look(&home);
    block_on(async {
        findings.extend(worker::look(&home).await);
        Ok(0)
    })?;
    let good = findings
        .iter()
        .all(|finding| finding.verdict != Verdict::Bad);
    out.show(&json!({ "ok": good, "checks": findings }), || {
        findings.iter().map(|finding| shown(finding, out)).collect()
    });
    Ok(u8::from(!good))
}

/// Puts the version before the last update back, by hand.
pub(super) fn undo_update(out: &Out) -> Result<u8, ApiError> {
    let home = home()?;
    let host = host_program()?;
    let refused = |error: String| ApiError::new(Code::NotPossibleNow, error);
    // Held while it happens, so that no worker begins in between.
    let _owner = OwnerLock::acquire(&home.worker_lock(), &home.socket_to_connect(), version())
        .map_err(|error| ApiError::new(Code::Conflict, error.to_string()))?;
    let done = settle::undo_by_hand(&home, &host).map_err(|error| refused(error.to_string()))?;
    out.show(&json!({ "undone": done }), || done.clone());
    Ok(0)
}

fn shown(finding: &Finding, out: &Out) -> String {
    let word = match finding.verdict {
        Verdict::Ok => out.paint(Colour::Green, "ok  "),
        Verdict::Note => out.paint(Colour::Yellow, "note"),
        Verdict::Bad => out.paint(Colour::Red, "BAD "),
    };
    let remedy = finding.remedy.as_ref().map_or_else(String::new, |remedy| {
        format!("\n               -> {}", plain(remedy))
    });
    format!(
        "{word} {:<9} {}{remedy}\n",
        finding.name,
        plain(&finding.text)
    )
}
