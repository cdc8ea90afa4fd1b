//! Windows: the system offers this to unsafe code only, which this program has none of.

use std::collections::BTreeMap;

/// Says why the system cannot be kept awake.
#[derive(Debug, thiserror::Error)]
#[error(
    "this version cannot keep Windows awake: choose a longer time before sleep in its power settings"
)]
pub(super) struct Trouble;

/// Keeps the system awake until it is dropped; there is none.
#[derive(Debug)]
pub(super) enum Held {}

/// Whoever decides about sleep; there is none.
#[derive(Debug)]
pub(super) enum Power {}

impl Power {
    /// Finds it.
    pub(super) async fn find(_env: &BTreeMap<String, String>) -> Result<Self, Trouble> {
        Err(Trouble)
    }

    /// Whether the machine is not on battery.
    pub(super) async fn on_ac(&self) -> Result<bool, Trouble> {
        match *self {}
    }

    /// Keeps the system awake.
    pub(super) async fn hold(&self) -> Result<Held, Trouble> {
        match *self {}
    }
}
