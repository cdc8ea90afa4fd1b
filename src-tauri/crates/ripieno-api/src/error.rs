//! Refusals as every surface gets them (cli.md, exit codes).

use ripieno_daemon::DaemonError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use ripieno_daemon::error::Code;

/// Says why a request was not carried out, in a sentence that names the thing and the remedy.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// Which of the contract's codes.
    pub code: Code,
    /// The sentence.
    pub message: String,
    /// What a program may want to know beside it.
    #[serde(default)]
    pub detail: Option<Value>,
}

/// What is said when nobody listens.
pub const OFFLINE: &str = "no worker is running: start `ripieno daemon run` or the Ripieno app";

impl ApiError {
    /// A refusal without detail.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError {
            code,
            message: message.into(),
            detail: None,
        }
    }

    /// A malformed request; exit 2.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Code::Usage, message)
    }

    /// A value that cannot be; exit 2.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    /// Not with this authority; exit 8.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(Code::Forbidden, message)
    }

    /// No worker answers; exit 3.
    #[must_use]
    pub fn offline() -> Self {
        Self::new(Code::Offline, OFFLINE)
    }

    /// The exit code of the contract.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.code {
            Code::NotFound | Code::Internal => 1,
            Code::Usage | Code::Invalid => 2,
            Code::Offline => 3,
            Code::Incompatible => 4,
            Code::Timeout => 5,
            Code::Conflict | Code::AlreadyAnswered => 7,
            Code::NotPossibleNow
            | Code::Forbidden
            | Code::KeychainMissing
            | Code::KeychainLocked => 8,
        }
    }
}

impl From<DaemonError> for ApiError {
    fn from(error: DaemonError) -> Self {
        let detail = match &error {
            DaemonError::AlreadyAnswered(answered) => Some(json!({
                "by": answered.by,
                "at": ripieno_daemon::words::rfc3339(answered.at),
                "value": answered.value.line(),
            })),
            // Names and paths alone: that can be written.
            DaemonError::Reason(reason) => serde_json::to_value(reason).ok(),
            _ => None,
        };
        ApiError {
            code: error.code(),
            message: error.to_string(),
            detail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ripieno_daemon::reason::Reason;

    #[test]
    fn refusals_said_in_a_surfaces_own_words_give_their_reason() {
        let given = |reason: Reason| {
            let error = ApiError::from(DaemonError::from(reason));
            (error.code, error.detail.unwrap())
        };
        assert_eq!(
            given(Reason::NoAgent),
            (Code::Invalid, json!({ "reason": "no_agent" }))
        );
        let folder = Reason::Folder {
            folder: "/tmp".into(),
            because: ripieno_daemon::workspace::RefusedBecause::Temp,
        };
        let detail = json!({ "reason": "folder", "folder": "/tmp", "because": "temp" });
        assert_eq!(given(folder), (Code::Invalid, detail));
        let dirty = Reason::TargetDirty {
            folder: "/home/me/shop".into(),
            branch: "main".into(),
        };
        let detail =
            json!({ "reason": "target_dirty", "folder": "/home/me/shop", "branch": "main" });
        assert_eq!(given(dirty), (Code::Conflict, detail));
    }

    #[test]
    fn every_code_has_the_exit_code_of_the_contract() {
        let table = [
            (Code::Usage, 2),
            (Code::Invalid, 2),
            (Code::NotFound, 1),
            (Code::Offline, 3),
            (Code::Incompatible, 4),
            (Code::Timeout, 5),
            (Code::Conflict, 7),
            (Code::AlreadyAnswered, 7),
            (Code::NotPossibleNow, 8),
            (Code::Forbidden, 8),
            (Code::KeychainMissing, 8),
            (Code::KeychainLocked, 8),
            (Code::Internal, 1),
        ];
        for (code, exit) in table {
            assert_eq!(ApiError::new(code, "").exit_code(), exit, "{code:?}");
        }
    }
}
