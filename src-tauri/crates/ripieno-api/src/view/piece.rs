//! Pieces: what a task can be carried out by (P1).

use ripieno_daemon::handle::pieces::{AgentChoice, Listed, Loaded, Origin};
use serde::{Deserialize, Serialize};

/// A piece of a listing; a broken one says what is wrong and nothing else of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PieceRow {
    /// What it is called by.
    pub name: String,
    /// What it is for.
    pub summary: String,
    /// `built_in`, `user` or `project`.
    #[cfg_attr(test, ts(type = "\"built_in\" | \"user\" | \"project\""))]
    pub origin: String,
    /// Its file.
    pub path: String,
    /// The agent it names; none where the task or the person chooses, or none is needed.
    pub agent: Option<String>,
    /// Whether any movement is carried out by an agent.
    pub needs_agent: bool,
    /// Its movements in the order of the file.
    pub movements: Vec<String>,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// A piece with its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PieceText {
    /// What it is called by.
    pub name: String,
    /// What it is for.
    pub summary: String,
    /// `built_in`, `user` or `project`.
    #[cfg_attr(test, ts(type = "\"built_in\" | \"user\" | \"project\""))]
    pub origin: String,
    /// Its file.
    pub path: String,
    /// The agent it names.
    pub agent: Option<String>,
    /// SHA-256 over its text and every facet.
    pub digest: String,
    /// Its movements in the order of the file.
    pub movements: Vec<String>,
    /// Its text.
    pub text: String,
}

impl From<&Listed> for PieceRow {
    fn from(listed: &Listed) -> Self {
        let (piece, problems) = match &listed.loaded {
            Ok(loaded) => (Some(loaded), Vec::new()),
            Err(error) => (None, error.sentences()),
        };
        PieceRow {
            name: listed.name.clone(),
            summary: piece.map_or_else(String::new, |loaded| loaded.piece.summary().to_owned()),
            origin: listed.origin.name().to_owned(),
            path: listed.file.clone(),
            agent: piece.and_then(agent),
            needs_agent: piece.is_some_and(|loaded| loaded.piece.needs_agent()),
            movements: piece.map(movements).unwrap_or_default(),
            problems,
        }
    }
}

impl PieceText {
    /// The view of a piece that was found there.
    #[must_use]
    pub fn new(origin: Origin, loaded: &Loaded) -> Self {
        PieceText {
            name: loaded.piece.name().to_string(),
            summary: loaded.piece.summary().to_owned(),
            origin: origin.name().to_owned(),
            path: loaded.pinned.file.clone(),
            agent: agent(loaded),
            digest: loaded.digest.clone(),
            movements: movements(loaded),
            text: loaded.pinned.text.clone(),
        }
    }
}

fn agent(loaded: &Loaded) -> Option<String> {
    match loaded.piece.agent() {
        AgentChoice::Any => None,
        AgentChoice::Named(name) => Some(name.clone()),
        AgentChoice::Role(role) => Some(format!("llm:{role}")),
    }
}

fn movements(loaded: &Loaded) -> Vec<String> {
    let movements = loaded.piece.movements().iter();
    movements
        .map(|movement| movement.name().to_string())
        .collect()
}
