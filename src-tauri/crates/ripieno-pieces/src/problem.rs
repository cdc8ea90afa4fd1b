//! What is wrong with a piece, and where.

use std::fmt;

use serde::Serialize;

/// Marks a place in a file; both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct At {
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
}

impl At {
    /// The first character of a file.
    pub const START: At = At { line: 1, column: 1 };

    /// Makes a place; zero, which the parser uses for "unknown", becomes 1.
    pub(crate) fn new(line: u64, column: u64) -> Self {
        At {
            line: line.max(1),
            column: column.max(1),
        }
    }
}

/// Reports one mistake in a piece with its place and, where there is one, the remedy (P1).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Problem {
    /// The file as it was named by the caller or found by the lookup.
    pub file: String,
    /// Where in that file.
    pub at: At,
    /// What is wrong, without a full stop.
    pub message: String,
    /// What to do about it, when something can be said.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let At { line, column } = self.at;
        write!(f, "{}:{line}:{column}: {}", self.file, self.message)?;
        match &self.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

/// Lists every mistake found in one piece, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(transparent)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The mistakes, in the order of the file.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// Wraps one mistake.
    pub(crate) fn one(problem: Problem) -> Self {
        Problems(vec![problem])
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

/// Collects mistakes while a file is read, so that all are told at once.
#[derive(Debug)]
pub(crate) struct Findings {
    file: String,
    found: Vec<Problem>,
}

impl Findings {
    pub(crate) fn new(file: &str) -> Self {
        Findings {
            file: file.to_owned(),
            found: Vec::new(),
        }
    }

    /// Adds a mistake without a remedy.
    pub(crate) fn add(&mut self, at: At, message: impl Into<String>) {
        self.push(at, message.into(), None);
    }

    /// Adds a mistake with its remedy.
    pub(crate) fn add_help(&mut self, at: At, message: impl Into<String>, help: impl Into<String>) {
        self.push(at, message.into(), Some(help.into()));
    }

    fn push(&mut self, at: At, message: String, help: Option<String>) {
        self.found.push(Problem {
            file: self.file.clone(),
            at,
            message,
            help,
        });
    }

    /// Ends the reading: the mistakes in the order of the file, each once.
    pub(crate) fn into_problems(mut self) -> Option<Problems> {
        self.found.sort_by_key(|problem| problem.at);
        self.found.dedup();
        if self.found.is_empty() {
            None
        } else {
            Some(Problems(self.found))
        }
    }
}
