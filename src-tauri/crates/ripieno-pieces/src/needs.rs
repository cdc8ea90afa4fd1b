//! What a piece needs of the program that runs it.

use std::fmt;

use crate::name::Name;
use crate::schema::{Piece, Review, Route, Verify, Work};

/// Something a piece uses that the program running it must be able to do.
///
/// The caller filters out what it can do; what is left refuses the submit with its sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// A parallel movement.
    Parallel(Name),
    /// Waiting for subtasks (T6).
    WaitSubtasks(Name),
    /// MCP servers (P5).
    RequiredMcp(Vec<String>),
    /// A browser profile (P5).
    BrowserProfile(String),
    /// Checks of the result (T15).
    Verify,
    /// A review by the person (T16).
    Review,
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::Parallel(name) => {
                write!(f, "the movement \"{name}\" runs performers in parallel")
            }
            Need::WaitSubtasks(name) => write!(f, "the movement \"{name}\" waits for subtasks"),
            Need::RequiredMcp(names) => write!(f, "it requires MCP servers ({})", names.join(", ")),
            Need::BrowserProfile(name) => write!(f, "it uses the browser profile \"{name}\""),
            Need::Verify => f.write_str("it says verify: required"),
            Need::Review => f.write_str("it says review: always"),
        }
    }
}

impl Piece {
    /// Lists what the piece needs beyond agents, scripts, gates and questions, in a fixed
    /// order and each once.
    ///
    /// The gate named `check` is not among them: [`Piece::needs_check`] tells of it.
    #[must_use]
    pub fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        for movement in self.movements() {
            if let Work::Parallel { .. } = movement.work() {
                needs.push(Need::Parallel(movement.name().clone()));
            }
            if movement
                .routes()
                .any(|route| matches!(route, Route::WaitSubtasks(_)))
            {
                needs.push(Need::WaitSubtasks(movement.name().clone()));
            }
        }
        if !self.required_mcp().is_empty() {
            needs.push(Need::RequiredMcp(self.required_mcp().to_vec()));
        }
        if let Some(profile) = self.browser_profile() {
            needs.push(Need::BrowserProfile(profile.to_owned()));
        }
        if self.verify() == Verify::Required {
            needs.push(Need::Verify);
        }
        if self.review() == Review::Always {
            needs.push(Need::Review);
        }
        needs
    }
}

/// Words the refusal of a piece that needs more than this version can do.
///
/// `None` when nothing is missing.
#[must_use]
pub fn refusal(piece: &Piece, missing: &[Need]) -> Option<String> {
    if missing.is_empty() {
        return None;
    }
    let reasons: Vec<String> = missing.iter().map(Need::to_string).collect();
    Some(format!(
        "the piece \"{}\" needs what this version cannot do yet: {}; choose another piece",
        piece.name(),
        reasons.join("; ")
    ))
}
