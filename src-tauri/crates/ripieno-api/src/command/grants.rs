//! Requests about standing grants.

use serde::{Deserialize, Serialize};

/// `grant.list`: the grants in force.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct GrantList {
    /// Of this folder only; absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Also those that were taken back.
    #[serde(default)]
    #[cfg_attr(test, ts(as = "Option<_>", optional))]
    pub all: bool,
}

/// `grant.revoke`: takes a grant back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct GrantRevoke {
    /// Which.
    pub id: String,
}
