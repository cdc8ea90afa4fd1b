//! Requests about what people are told.

use serde::{Deserialize, Serialize};

/// `ask.snooze`: puts an ask off; without a moment that is taken back.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Snooze {
    /// Which ask.
    pub id: String,
    /// For so long.
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    pub span: Option<String>,
    /// Until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// `notice.claim`: who gets `first` shows the notice (H5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct NoticeClaim {
    /// The same for the same notice, on every surface.
    pub key: String,
}

/// `notice.forget`: for keys of things that are gone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct NoticeForget {
    /// What they begin with.
    pub prefix: String,
}
