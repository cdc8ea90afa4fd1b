//! Standing grants: leave for exactly one call, given for every further time in a project (A5, sec-12).

use crate::{id::AskNo, time::Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Numbers a grant within its home; shown as `G-3`, never reused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GrantNo(pub i64);

impl fmt::Display for GrantNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "G-{}", self.0)
    }
}

/// A standing grant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// Its number.
    pub no: GrantNo,
    /// The folder it was given for.
    pub project: String,
    /// What was shown when it was given.
    pub shown: String,
    /// The hash of what was shown and of what ran then: nothing else passes by it.
    pub binding: String,
    /// The ask it was given with.
    pub ask: AskNo,
    /// The surface it was given at.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// How often a call has passed by it.
    pub fired: u64,
    /// When one last did.
    pub fired_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}
