//! Requests about what a new task is put together from.

use serde::{Deserialize, Serialize};

/// `piece.list`: the pieces that a task can name.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PieceList {
    /// Also those of a folder; absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
}

/// `piece.show`: one piece with its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PieceShow {
    /// Which.
    pub name: String,
    /// Also those of a folder; absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
}

/// `folder.check`: what a folder is like.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct FolderCheck {
    /// Which; `~` stands for the person's home.
    pub path: String,
}

/// `folder.complete`: how the name of a folder goes on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct FolderComplete {
    /// How it begins; `~` stands for the person's home.
    pub prefix: String,
}

/// `input.stage`: a file for a task that is not added yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct InputStage {
    /// What it is called.
    pub name: String,
    /// Its bytes in base64, at most 4 MiB of them.
    pub data: String,
}
