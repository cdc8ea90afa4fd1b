//! Printing: one JSON object, or short text for people. Messages go to stderr.

use ripieno_api::{ApiError, view::SCHEMA};
use serde_json::{Map, Value, json};
use std::{
    io::{self, IsTerminal, Write},
    process::ExitCode,
};

/// How to print.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Out {
    /// One JSON object and nothing else on stdout.
    pub(crate) json: bool,
    quiet: bool,
    colour: bool,
}

/// A colour of the terminal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Colour {
    Red,
    Green,
    Yellow,
    Dim,
}

impl Out {
    pub(crate) fn new(json: bool, quiet: bool, no_color: bool) -> Self {
        let wished = !no_color && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Out {
            json,
            quiet,
            colour: wished && !json && io::stdout().is_terminal(),
        }
    }

    /// Prints lines; a reader that has gone away ends the program in silence, as with any filter.
    pub(crate) fn text(&self, text: &str) {
        let mut out = io::stdout().lock();
        let end = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        if write!(out, "{text}{end}")
            .and_then(|()| out.flush())
            .is_err()
        {
            std::process::exit(0);
        }
    }

    /// Prints one object with the number of its form.
    pub(crate) fn object(&self, value: &Value) {
        let mut object = Map::new();
        object.insert("schema".to_owned(), SCHEMA.into());
        match value {
            Value::Object(members) => object.extend(members.clone()),
            other => {
                object.insert("value".to_owned(), other.clone());
            }
        }
        self.text(&Value::Object(object).to_string());
    }

    /// Prints the object with `--json`, else the text made of it.
    pub(crate) fn show(&self, value: &Value, text: impl FnOnce() -> String) {
        if self.json {
            self.object(value)
        } else {
            self.text(&text())
        }
    }

    /// Says something beside the result.
    pub(crate) fn say(&self, text: &str) {
        if !self.quiet {
            // Nowhere to say it: then nobody listens.
            drop(writeln!(io::stderr(), "{text}"));
        }
    }

    /// Whether messages are wanted.
    pub(crate) fn speaks(&self) -> bool {
        !self.quiet
    }

    /// Reports a refusal and gives its exit code.
    pub(crate) fn refuse(&self, error: &ApiError) -> ExitCode {
        if self.json {
            self.object(&json!({ "error": error }));
        } else {
            // Even when quiet: a failure without a word helps nobody.
            drop(writeln!(io::stderr(), "error: {}", plain(&error.message)));
        }
        ExitCode::from(error.exit_code())
    }

    /// Paints a word where the terminal is for people.
    pub(crate) fn paint(&self, colour: Colour, text: &str) -> String {
        if !self.colour {
            return text.to_owned();
        }
        let code = match colour {
            Colour::Red => 31,
            Colour::Green => 32,
            Colour::Yellow => 33,
            Colour::Dim => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A table with two spaces between its columns; the last one is not padded.
    pub(crate) fn table(&self, head: &[&str], rows: &[Vec<String>]) -> String {
        let mut widths: Vec<usize> = head.iter().map(|title| title.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(visible(cell));
            }
        }
        let titles: Vec<String> = head
            .iter()
            .map(|title| self.paint(Colour::Dim, title))
            .collect();
        let mut text = String::new();
        for row in std::iter::once(&titles).chain(rows) {
            let last = row.len().saturating_sub(1);
            for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
                text.push_str(cell);
                if at < last {
                    text.extend(std::iter::repeat_n(' ', width + 2 - visible(cell)));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// How many characters of a painted text are seen.
fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut hidden = false;
    for c in text.chars() {
        match (hidden, c) {
            (false, '\x1b') => hidden = true,
            (true, 'm') => hidden = false,
            (true, _) => {}
            (false, _) => count += 1,
        }
    }
    count
}

/// Text from elsewhere without what steers a terminal.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' && c != '\t' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// The first line of a text from elsewhere, cut to so many characters.
pub(crate) fn line(text: &str, most: usize) -> String {
    let first = plain(text.lines().next().unwrap_or_default());
    if first.chars().count() <= most {
        return first;
    }
    first
        .chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_elsewhere_steers_no_terminal() {
        assert_eq!(plain("a\x1b[31mb\r\nc"), "a\u{fffd}[31mb\u{fffd}\nc");
        assert_eq!(line("one two\nthree", 5), "one …");
    }

    #[test]
    fn table_pads_all_but_the_last_column() {
        let out = Out::new(true, false, true);
        let table = out.table(
            &["ID", "TITLE"],
            &[
                vec!["T-1".into(), "a".into()],
                vec!["T-100".into(), "b".into()],
            ],
        );
        assert_eq!(table, "ID     TITLE\nT-1    a\nT-100  b\n");
    }
}
