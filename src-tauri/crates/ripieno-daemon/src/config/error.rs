//! What can be wrong with settings, each with its place and remedy.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Says which setting cannot be taken, where it stands, and what is allowed.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the settings file {path}: {source}; check its permissions")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no TOML.
    #[error("{path} line {line} is not valid TOML: {message}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What the parser said, on one line.
        message: String,
    },
    /// A value is of the wrong type or out of range.
    #[error("{place}: {key} is {given}; allowed is {allowed}")]
    Value {
        /// Where it stands: the file with its line, the variable, the option.
        place: String,
        /// The setting.
        key: String,
        /// What was given.
        given: String,
        /// What is allowed.
        allowed: String,
    },
    /// There is no such setting.
    #[error("there is no setting \"{key}\": `ripieno config show` lists them all{}", hint(suggestion.as_ref()))]
    Unknown {
        /// What was asked for.
        key: String,
        /// The nearest setting there is.
        suggestion: Option<String>,
    },
    /// The file cannot be written; it is unchanged.
    #[error(
        "cannot write the settings file {path}: {source}; check its folder's permissions and space"
    )]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A key in the file that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The file.
    pub path: PathBuf,
    /// The line, counted from 1.
    pub line: usize,
    /// The key.
    pub key: String,
    /// The nearest setting there is.
    pub suggestion: Option<String>,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            key,
            suggestion,
        } = self;
        let hint = hint(suggestion.as_ref());
        write!(
            f,
            "{} line {line}: unknown setting \"{key}\" is ignored{hint}",
            path.display()
        )
    }
}

fn hint(suggestion: Option<&String>) -> String {
    suggestion.map_or_else(String::new, |key| format!("; did you mean \"{key}\"?"))
}
