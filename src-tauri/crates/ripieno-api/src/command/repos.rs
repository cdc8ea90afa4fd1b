//! Requests about repositories that tasks share.

use serde::{Deserialize, Serialize};

/// `repo.add` and `repo.remove`: one repository.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct RepoNamed {
    /// Its address.
    pub url: String,
}

/// `repo.checkout`: a checkout for the task that asks.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct RepoCheckout {
    /// The address of the repository.
    pub url: String,
    /// A branch, tag or commit; what the repository itself begins with when left out.
    #[serde(default, rename = "ref", skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
}
