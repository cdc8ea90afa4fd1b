//! Standing grants.

use super::time;
use ripieno_core::grant;
use serde::{Deserialize, Serialize};

/// Leave for exactly one call, given for every further time in a project (A5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Grant {
    /// `G-` and a number.
    pub id: String,
    /// The folder it was given for.
    pub project: String,
    /// What was shown when it was given; nothing else passes by it.
    pub text: String,
    /// The ask it was given with.
    pub ask: String,
    /// The surface it was given at.
    pub by: String,
    /// When.
    pub at: String,
    /// How often a call has passed by it.
    pub fired: u64,
    /// When one last did.
    pub fired_at: Option<String>,
    /// When it was taken back.
    pub revoked_at: Option<String>,
}

impl From<&grant::Grant> for Grant {
    fn from(grant: &grant::Grant) -> Self {
        Grant {
            id: grant.no.to_string(),
            project: grant.project.clone(),
            text: grant.shown.clone(),
            ask: grant.ask.to_string(),
            by: grant.by.clone(),
            at: time(grant.at),
            fired: grant.fired,
            fired_at: grant.fired_at.map(time),
            revoked_at: grant.revoked_at.map(time),
        }
    }
}
