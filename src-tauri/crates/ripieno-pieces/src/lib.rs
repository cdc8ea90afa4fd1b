//! Pieces: YAML workflows loaded, checked, stepped and turned into prompts.

mod check;
mod condition;
mod cycle;
mod digest;
pub mod duration;
mod facets;
mod fields;
pub mod gate;
mod load;
mod name;
mod needs;
pub mod outcome;
mod problem;
mod read;
mod read_route;
pub mod schema;
pub mod source;
pub mod step;
mod stepper;
mod suggest;
mod yaml;

pub use digest::digest;
pub use facets::{FacetKind, Facets, ListedFacets, PulledFacet};
pub use load::{LONGEST_FILE, Loaded, Pinned, load};
pub use name::{Name, NotAName};
pub use needs::{Need, refusal};
pub use problem::{At, Problem, Problems};
pub use schema::Piece;
pub use source::{Library, PieceError};
pub use step::{MovementEnd, PerformerEnd, Position, Step};
pub use stepper::{GO_ON, LostPosition, OutOfTurn, STOP, Stepper};
