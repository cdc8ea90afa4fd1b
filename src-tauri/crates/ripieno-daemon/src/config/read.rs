//! Reads the settings file into keys, values and lines.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use toml_edit::{Document, Item, TableLike};

use super::agents::{self, OwnAgent, Place};
use super::error::{ConfigError, Warning};
use super::rows::{ROWS, Row};
use super::settings;
use super::value::Value;

/// No settings file a person writes is larger.
const LARGEST: u64 = 1 << 20;

/// One setting of the file.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) line: usize,
}

/// What the file says.
#[derive(Default)]
pub(super) struct FileSettings {
    pub(super) entries: Vec<Entry>,
    pub(super) warnings: Vec<Warning>,
    pub(super) agents: Vec<OwnAgent>,
}

/// Reads the text of `file`; `None` when there is no such file.
pub(super) fn read_text(file: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |source| ConfigError::Read {
        path: file.to_owned(),
        source,
    };
    let opened = match File::open(file) {
        Ok(opened) => opened,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(failed(source)),
    };
    let mut text = String::new();
    opened
        .take(LARGEST + 1)
        .read_to_string(&mut text)
        .map_err(failed)?;
    if text.len() as u64 > LARGEST {
        return Err(failed(io::Error::new(
            io::ErrorKind::InvalidData,
            "it is larger than 1 MiB",
        )));
    }
    Ok(Some(text))
}

pub(super) fn read_file(file: &Path) -> Result<FileSettings, ConfigError> {
    match read_text(file)? {
        Some(text) => read(file, &text),
        None => Ok(FileSettings::default()),
    }
}

pub(super) fn read(file: &Path, text: &str) -> Result<FileSettings, ConfigError> {
    let document = parse(file, text)?;
    let mut reader = Reader {
        file,
        text,
        found: FileSettings::default(),
    };
    reader.table("", document.as_table())?;
    Ok(reader.found)
}

/// Parses the text; an error names its line.
pub(super) fn parse<'t>(file: &Path, text: &'t str) -> Result<Document<&'t str>, ConfigError> {
    Document::parse(text).map_err(|error| ConfigError::Syntax {
        path: file.to_owned(),
        line: line_at(text, error.span().map_or(0, |span| span.start)),
        message: error
            .message()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" "),
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

struct Reader<'a> {
    file: &'a Path,
    text: &'a str,
    found: FileSettings,
}

impl Reader<'_> {
    fn table(&mut self, prefix: &str, table: &dyn TableLike) -> Result<(), ConfigError> {
        for (name, item) in table.iter() {
            let key = if prefix.is_empty() {
                name.to_owned()
            } else {
                format!("{prefix}.{name}")
            };
            let span = table
                .get_key_value(name)
                .and_then(|(key, item)| key.span().or_else(|| item.span()))
                .map_or(0, |span| span.start);
            if key == "agents" {
                let line = |offset| line_at(self.text, offset);
                let place = Place {
                    file: self.file,
                    line: &line,
                };
                self.found.agents = agents::read(item, &place, &mut self.found.warnings)?;
                continue;
            }
            self.item(key, item, line_at(self.text, span))?;
        }
        Ok(())
    }

    fn item(&mut self, key: String, item: &Item, line: usize) -> Result<(), ConfigError> {
        let kind = settings::kind_of(&key);
        match (
            kind,
            item.as_value().filter(|value| !value.is_inline_table()),
            item.as_table_like(),
        ) {
            (Ok(kind), Some(value), _) => {
                let value = kind.read_toml(value).map_err(|allowed| {
                    self.wrong(&key, line, value.to_string().trim().to_owned(), allowed)
                })?;
                self.found.entries.push(Entry { key, value, line });
            }
            (Ok(kind), None, _) => {
                return Err(self.wrong(&key, line, "a section".to_owned(), kind.allowed()));
            }
            (Err(_), _, Some(table)) => self.table(&key, table)?,
            (Err(_), _, None) if is_section(&key) => {
                let given = item.to_string().trim().to_owned();
                return Err(self.wrong(&key, line, given, format!("a section: [{key}]")));
            }
            (Err(_), _, None) => {
                let suggestion = settings::suggest(&key);
                self.found.warnings.push(Warning {
                    path: self.file.to_owned(),
                    line,
                    key,
                    suggestion,
                });
            }
        }
        Ok(())
    }

    fn wrong(&self, key: &str, line: usize, given: String, allowed: String) -> ConfigError {
        let place = format!("{} line {line}", self.file.display());
        ConfigError::Value {
            place,
            key: key.to_owned(),
            given,
            allowed,
        }
    }
}

/// Tells whether settings live under `key`.
fn is_section(key: &str) -> bool {
    let under = |row: &Row| {
        row.key
            .strip_prefix(key)
            .is_some_and(|r| r.starts_with('.'))
    };
    key == "lanes" || ROWS.iter().any(under)
}
