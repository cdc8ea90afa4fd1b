//! The rules of pieces, from the outside.

// Helpers of tests fail loudly, as tests do.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corpus;
mod dry_run;
mod library;
mod loading;
mod malformed;
mod prompts;
mod schema;
mod stepping;

use std::sync::Arc;

use ripieno_pieces::{FacetKind, Library, ListedFacets, Name, Piece, PulledFacet};

/// A piece that uses everything the format has: the example of the documentation.
const EXAMPLE: &str = include_str!("../example.yaml");

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

fn built_in(name: &str) -> Arc<Piece> {
    Arc::new(Library::built_in().load(name).unwrap().1.piece)
}

/// The facets the example pulls in.
fn example_facets() -> Vec<PulledFacet> {
    use FacetKind::{Contract, Instruction, Knowledge, Persona, Policy};
    [
        (Persona, "planner"),
        (Persona, "coder"),
        (Persona, "architect"),
        (Persona, "tester"),
        (Policy, "coding"),
        (Instruction, "plan"),
        (Instruction, "review"),
        (Knowledge, "architecture"),
        (Contract, "change-summary"),
    ]
    .into_iter()
    .map(|(kind, text)| PulledFacet {
        kind,
        name: name(text),
        text: format!("The {} \"{text}\".", kind.word()),
    })
    .collect()
}

fn example() -> Arc<Piece> {
    load(EXAMPLE)
}

/// Loads a piece that must be good.
fn load(text: &str) -> Arc<Piece> {
    let mut facets = example_facets();
    facets.push(PulledFacet {
        kind: FacetKind::Instruction,
        name: name("task"),
        text: "Do the task.".to_owned(),
    });
    match ripieno_pieces::load("test.yaml", text, &ListedFacets(&facets)) {
        Ok(loaded) => Arc::new(loaded.piece),
        Err(problems) => panic!("{problems}"),
    }
}
