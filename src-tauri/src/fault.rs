//! Why the application could not start, and with which exit code.

use std::process::ExitCode;

use ripieno_daemon::StartError;
use ripieno_daemon::logs::LogError;
use ripieno_daemon::paths::PathError;

use crate::arguments::BadArguments;
use crate::automation::Refused;
use crate::display::NoDisplay;
use crate::instance::ClaimError;

/// One clear sentence for each way a start can fail.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The command line is wrong.
    #[error(transparent)]
    Arguments(#[from] BadArguments),
    /// Somebody wants to drive the window of a release.
    #[error(transparent)]
    Automation(#[from] Refused),
    /// There is no screen to live on.
    #[error(transparent)]
    NoDisplay(#[from] NoDisplay),
    /// A folder of ours cannot be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// Whether this is the only one cannot be told, or the other does not answer.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The log cannot be written.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The worker did not start.
    #[error(transparent)]
    Worker(#[from] StartError),
    /// The program cannot find itself, or the command beside it.
    #[error("the command `ripieno` is not beside this program in {folder}: install both together")]
    NoCommand {
        /// Where it was looked for.
        folder: std::path::PathBuf,
    },
    /// No thread could be started.
    #[error("the system gives no more threads: {0}; close other programs and start again")]
    Runtime(std::io::Error),
    /// The new version is in its place and cannot be started by this one.
    #[error("the program cannot be started again: {0}; start it by hand")]
    Restart(std::io::Error),
    /// An update was undone but for what only a person can do.
    #[error("{0}")]
    Update(String),
    /// The toolkit refused tray or window.
    #[error("the tray cannot be shown: {0}; run the worker without it by `ripieno daemon run`")]
    Tray(tauri::Error),
}

impl Fault {
    /// The exit code of the contract: 8 is `not_possible_now`.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Arguments(_) | Self::Automation(_) => ExitCode::from(2),
            Self::NoDisplay(_) | Self::Update(_) => ExitCode::from(8),
            _ => ExitCode::FAILURE,
        }
    }
}
