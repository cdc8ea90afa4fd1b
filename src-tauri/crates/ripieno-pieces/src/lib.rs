//! Pieces: YAML workflows loaded, checked, stepped and turned into prompts.
//!
//! Owns the piece format: reading it with every mistake named at its line and column, the
//! lookup of pieces and facets, the pure stepper that says what comes next, the prompts, and
//! the reading of outcomes and results from what performers say. It refuses to do anything
//! else: no clock, no process, no database, no async, and no file access outside of `source`.

mod check;
mod condition;
mod cycle;
mod digest;
pub mod duration;
mod facets;
mod fields;
pub mod gate;
pub mod handoff;
mod json_schema;
mod load;
mod name;
mod needs;
pub mod outcome;
mod problem;
pub mod prompt;
mod question;
mod read;
mod read_agent;
mod read_route;
pub mod report;
pub mod schema;
pub mod simulate;
pub mod skill;
pub mod source;
pub mod step;
mod stepper;
mod suggest;
mod text;
pub mod thread;
mod words;
mod yaml;

pub use digest::digest;
pub use facets::{FacetKind, Facets, ListedFacets, PulledFacet};
pub use json_schema::json_schema;
pub use load::{LONGEST_FILE, Loaded, Pinned, load};
pub use name::{Name, NotAName};
pub use needs::{Need, refusal};
pub use problem::{At, Problem, Problems};
pub use question::{GO_ON, STOP};
pub use schema::Piece;
pub use source::{Library, PieceError};
pub use step::{MovementEnd, PerformerEnd, Position, Step};
pub use stepper::{LostPosition, OutOfTurn, Stepper};
