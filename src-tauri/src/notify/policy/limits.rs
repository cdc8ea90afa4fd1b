//! Limits of lanes: one that is only put off, again and again, is one thing to tell.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::notify::facts::{LaneHold, World};

/// The limits that have not ended, by their lane.
#[derive(Debug, Default)]
pub(super) struct Limits {
    lanes: BTreeMap<String, Limit>,
}

#[derive(Debug)]
struct Limit {
    /// The end that was named first: it stands for the whole.
    first: Timestamp,
    /// The end that was told last.
    told: Option<Timestamp>,
}

impl Limits {
    /// Takes the lanes as they are; a lane that was free in between begins anew.
    pub(super) fn take(&mut self, world: &World) {
        self.lanes.retain(|lane, _| {
            world.limited.contains(lane) || world.holds.iter().any(|hold| hold.lane == *lane)
        });
        for hold in &world.holds {
            let first = hold.until;
            let limit = Limit { first, told: None };
            self.lanes.entry(hold.lane.clone()).or_insert(limit);
        }
    }

    /// The key a hold is told by.
    pub(super) fn key(&self, hold: &LaneHold) -> String {
        let limit = self.lanes.get(&hold.lane);
        let first = limit.map_or(hold.until, |limit| limit.first);
        format!("held:{}:{first}", hold.lane)
    }

    /// Remembers what was told.
    pub(super) fn told(&mut self, hold: &LaneHold) {
        if let Some(limit) = self.lanes.get_mut(&hold.lane) {
            limit.told = Some(hold.until);
        }
    }

    /// Whether a hold lasts until another time than was told.
    pub(super) fn has_moved(&self, hold: &LaneHold) -> bool {
        let told = self.lanes.get(&hold.lane).and_then(|limit| limit.told);
        told.is_some_and(|told| told != hold.until)
    }
}
