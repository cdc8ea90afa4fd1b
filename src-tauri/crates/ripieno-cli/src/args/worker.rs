//! Verbs about the worker, pieces and settings.

use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum DaemonVerb {
    /// Run the worker in the foreground, without a window
    Run {
        /// Also serve the status page on this loopback address, such as 127.0.0.1:0
        #[arg(long, value_name = "ADDR")]
        web: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, Subcommand)]
pub(crate) enum UpdateVerb {
    /// Ask the server, and fetch what is newer
    Check,
    /// What is ready, and what it waits for
    Status,
    /// Install it now: what runs is suspended, and goes on in the new version
    Now,
    /// Install it as soon as nothing runs (the default)
    WhenIdle,
    /// Leave this version out
    Skip,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SkillVerb {
    /// Every skill that can be named
    List {
        /// Also those of a folder
        #[arg(long)]
        dir: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PieceVerb {
    /// Every piece that can be named
    List {
        /// Also those of a folder
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Show a piece
    Show {
        /// Its name
        name: String,
        /// Also those of a folder
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Check a file
    Validate {
        /// The file
        file: PathBuf,
    },
    /// Try a file with recorded answers: nothing is run
    Test {
        /// The file
        file: PathBuf,
        /// The recording, as YAML or JSON; else FILE with the ending `.test.yaml` where there is one
        #[arg(long, value_name = "FILE")]
        recording: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Print a setting
    Get {
        /// Its key
        key: String,
    },
    /// Change a setting; it takes effect at once
    Set {
        /// Its key
        key: String,
        /// Its new value
        value: String,
    },
    /// Go back to the default of a setting; it takes effect at once
    Reset {
        /// Its key
        key: String,
    },
    /// Print every setting
    Show {
        /// With where each comes from
        #[arg(long)]
        origin: bool,
    },
    /// Print the path of the settings file
    Path,
}
