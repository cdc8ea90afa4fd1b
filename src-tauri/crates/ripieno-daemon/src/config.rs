//! Settings: their values with the layer each comes from, and edits of `config.toml` (O3).
//!
//! Layers, the first that names a setting wins: flag, environment, the user's file, default.
//! An unknown key is a warning, a wrong value an error; neither is ever guessed around.

mod agents;
mod edit;
mod error;
mod read;
mod reset;
#[cfg(test)]
mod reset_tests;
mod rows;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

pub use agents::{OwnAgent, Protocol};
pub use error::{ConfigError, Warning};
pub use settings::{Desktop, KeepAwake, KeepFolder, LogFormat, LoginShell, Notify, Settings};
pub use value::{Kind, Value};

use crate::paths::{Variables, write_atomically};
use rows::{ROWS, Row};

/// Says which layer a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody named it.
    Default,
    /// The settings file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// A variable of the environment.
    Environment {
        /// Its name.
        name: String,
    },
    /// An option of the command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment { name } => write!(f, "environment {name}"),
            Self::Flag => f.write_str("command line"),
        }
    }
}

/// One setting with all there is to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its key, sections separated by dots.
    pub key: String,
    /// Its value as it is written in the file.
    pub value: Value,
    /// The layer it comes from.
    pub origin: Origin,
    /// What it is where nobody says anything.
    pub default: Value,
    /// What is allowed.
    pub kind: Kind,
    /// What it does.
    pub about: &'static str,
}

impl Shown {
    /// The section of the file it stands in; `general` for those that stand in none.
    #[must_use]
    pub fn section(&self) -> &str {
        match self.key.split_once('.') {
            Some((section, _)) => section,
            None => "general",
        }
    }

    /// Whether it is something else than the default.
    #[must_use]
    pub fn changed(&self) -> bool {
        self.value != self.default
    }
}

/// One setting that differs between two states (O3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its key.
    pub key: String,
    /// What it was; `None` when a lane had no limit of its own.
    pub from: Option<Value>,
    /// What it is now.
    pub to: Option<Value>,
}

/// The settings in force with the origin of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The values.
    pub settings: Settings,
    /// What was found odd in the file.
    pub warnings: Vec<Warning>,
    origins: BTreeMap<String, Origin>,
}

impl Config {
    /// Reads every layer. A missing file is an empty one. `flags` are keys with their text.
    ///
    /// # Errors
    /// The first value that cannot be taken, with its place and what is allowed.
    pub fn load(
        file: &Path,
        variables: Variables<'_>,
        flags: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut config = Self {
            settings: Settings::default(),
            warnings: Vec::new(),
            origins: BTreeMap::new(),
        };
        let read = read::read_file(file)?;
        config.warnings = read.warnings;
        config.settings.agents = read.agents;
        for entry in read.entries {
            let origin = Origin::File {
                path: file.to_owned(),
                line: entry.line,
            };
            config.put(&entry.key, entry.value, origin)?;
        }
        config.put_environment(variables)?;
        for (key, text) in flags {
            let value = parse_for(key, text, &format!("the option for {key}"))?;
            config.put(key, value, Origin::Flag)?;
        }
        Ok(config)
    }

    fn put_environment(&mut self, variables: Variables<'_>) -> Result<(), ConfigError> {
        for row in ROWS {
            let name = variable_of(row);
            let Some(raw) = variables(&name).filter(|raw| !raw.is_empty()) else {
                continue;
            };
            let text = raw.to_string_lossy();
            let value = parse_for(row.key, &text, &format!("the environment variable {name}"))?;
            self.put(row.key, value, Origin::Environment { name })?;
        }
        Ok(())
    }

    fn put(&mut self, key: &str, value: Value, origin: Origin) -> Result<(), ConfigError> {
        self.settings.put(key, value)?;
        self.origins.insert(key.to_owned(), origin);
        Ok(())
    }

    /// Returns one setting.
    ///
    /// # Errors
    /// [`ConfigError::Unknown`] with a suggestion.
    pub fn get(&self, key: &str) -> Result<Shown, ConfigError> {
        let value = self.settings.value(key)?;
        let origin = self.origins.get(key).cloned().unwrap_or(Origin::Default);
        Ok(Shown {
            key: key.to_owned(),
            value,
            origin,
            default: self.settings.default_of(key)?,
            kind: settings::kind_of(key)?,
            about: settings::about(key),
        })
    }

    /// Returns every setting, in the order of the reference.
    #[must_use]
    pub fn show(&self) -> Vec<Shown> {
        let keys = self.settings.values().into_iter().map(|(key, _)| key);
        keys.filter_map(|key| self.get(&key).ok()).collect()
    }
}

/// Writes one setting to `file`: comments and order stay, the file is replaced as a whole, and one
/// that does not exist yet is made with a comment for every setting. Returns the value as stored.
///
/// # Errors
/// An unknown key or a value that is not allowed, before anything is written; a file that is no
/// TOML; what kept it from being written.
pub fn set(file: &Path, key: &str, text: &str) -> Result<Value, ConfigError> {
    let value = parse_for(key, text, "nothing was changed")?;
    let old = read::read_text(file)?.unwrap_or_else(template::commented_file);
    let new = edit::with_value(file, &old, key, &value)?;
    write(file, &new)?;
    Ok(value)
}

/// Takes one setting out of `file`, so that its default holds again: its line is commented out and shows the default,
/// everything else stays. Returns whether there was something to take out.
///
/// # Errors
/// An unknown key; a file that is no TOML; what kept it from being written.
pub fn reset(file: &Path, key: &str) -> Result<bool, ConfigError> {
    settings::kind_of(key)?;
    let Some(old) = read::read_text(file)? else {
        return Ok(false);
    };
    let Some(new) = reset::without_value(file, &old, key)? else {
        return Ok(false);
    };
    write(file, &new)?;
    Ok(true)
}

/// Makes the commented file where there is none; returns whether it did.
///
/// # Errors
/// What kept it from being read or written.
pub fn create_if_missing(file: &Path) -> Result<bool, ConfigError> {
    if read::read_text(file)?.is_some() {
        return Ok(false);
    }
    write(file, &template::commented_file())?;
    Ok(true)
}

/// Returns what differs between two states, so that only that is rebuilt (O3).
#[must_use]
pub fn diff(old: &Settings, new: &Settings) -> Vec<Change> {
    let (old, new): (BTreeMap<_, _>, BTreeMap<_, _>) = (
        old.values().into_iter().collect(),
        new.values().into_iter().collect(),
    );
    let mut keys: Vec<&String> = old.keys().chain(new.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| old.get(*key) != new.get(*key))
        .map(|key| Change {
            key: key.clone(),
            from: old.get(key).cloned(),
            to: new.get(key).cloned(),
        })
        .collect()
}

fn write(file: &Path, text: &str) -> Result<(), ConfigError> {
    write_atomically(file, text.as_bytes()).map_err(|source| ConfigError::Write {
        path: file.to_owned(),
        source,
    })
}

fn parse_for(key: &str, text: &str, place: &str) -> Result<Value, ConfigError> {
    settings::kind_of(key)?
        .parse(text)
        .map_err(|allowed| ConfigError::Value {
            place: place.to_owned(),
            key: key.to_owned(),
            given: format!("\"{text}\""),
            allowed,
        })
}

/// Returns the variable that sets `row`: `RIPIENO_` and the key (`RIPIENO_ASK_WINDOW`).
fn variable_of(row: &Row) -> String {
    match row.key {
        // The contract gives the log filter the short name.
        "log.filter" => "RIPIENO_LOG".to_owned(),
        key => format!("RIPIENO_{}", key.replace('.', "_").to_uppercase()),
    }
}
