//! Facets: the texts a prompt is made of, kept in files of their own.

use serde::{Deserialize, Serialize};

use crate::name::Name;

/// The five concerns of a prompt; each has a folder of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FacetKind {
    /// Who the performer is.
    Persona,
    /// Rules it keeps.
    Policy,
    /// What to do.
    Instruction,
    /// What it should know.
    Knowledge,
    /// The shape of its answer.
    Contract,
}

impl FacetKind {
    /// Every kind, in the order prompts use them.
    pub const ALL: [FacetKind; 5] = [
        FacetKind::Persona,
        FacetKind::Policy,
        FacetKind::Instruction,
        FacetKind::Knowledge,
        FacetKind::Contract,
    ];

    /// The folder under `facets/` that holds them.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            FacetKind::Persona => "personas",
            FacetKind::Policy => "policies",
            FacetKind::Instruction => "instructions",
            FacetKind::Knowledge => "knowledge",
            FacetKind::Contract => "contracts",
        }
    }

    /// The word for one of them.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FacetKind::Persona => "persona",
            FacetKind::Policy => "policy",
            FacetKind::Instruction => "instruction",
            FacetKind::Knowledge => "knowledge",
            FacetKind::Contract => "contract",
        }
    }
}

/// Finds facets by kind and name for the loader.
pub trait Facets {
    /// The text of a facet, or `None` when there is none.
    ///
    /// # Errors
    /// A sentence when there is one that cannot be used (unreadable, too long, not UTF-8).
    fn find(&self, kind: FacetKind, name: &Name) -> Result<Option<String>, String>;

    /// The names there are, for suggestions; in no particular order.
    fn names(&self, kind: FacetKind) -> Vec<String>;

    /// The places that were searched, for the error message.
    fn searched(&self) -> String;
}

/// A facet that a piece pulled in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PulledFacet {
    /// Its kind.
    pub kind: FacetKind,
    /// Its name.
    pub name: Name,
    /// Its text.
    pub text: String,
}

/// Facets given as a list: those pinned with a task, or none at all.
#[derive(Debug, Clone, Copy)]
pub struct ListedFacets<'a>(pub &'a [PulledFacet]);

impl Facets for ListedFacets<'_> {
    fn find(&self, kind: FacetKind, name: &Name) -> Result<Option<String>, String> {
        let hit = self
            .0
            .iter()
            .find(|facet| facet.kind == kind && facet.name == *name);
        Ok(hit.map(|facet| facet.text.clone()))
    }

    fn names(&self, kind: FacetKind) -> Vec<String> {
        self.0
            .iter()
            .filter(|f| f.kind == kind)
            .map(|f| f.name.to_string())
            .collect()
    }

    fn searched(&self) -> String {
        "the facets given with the piece".to_owned()
    }
}
