//! Several told in one banner: who is in it, and how many that are.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::items::Item;
use crate::notify::notice::{Matter, Subject, Tally};

/// What one member counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Ask,
    Failure,
    Done,
}

/// The members of the banner for several.
#[derive(Debug)]
pub(super) struct Bundle {
    members: BTreeMap<Subject, (Part, String)>,
    grown: Timestamp,
}

impl Bundle {
    /// One without members yet.
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            members: BTreeMap::new(),
            grown: now,
        }
    }

    /// When the last member came.
    pub(super) fn grown(&self) -> Timestamp {
        self.grown
    }

    /// Takes one in; whether it is of a kind that counts.
    pub(super) fn add(&mut self, now: Timestamp, item: &Item) -> bool {
        let part = match item.matter {
            Matter::Asked { .. } => Part::Ask,
            Matter::Failed(_) => Part::Failure,
            Matter::Done(_) => Part::Done,
            Matter::Held(_) | Matter::Many(_) | Matter::NotTaken { .. } | Matter::Trial => {
                return false;
            }
        };
        let member = (part, item.key.clone());
        self.members.insert(item.subject.clone(), member);
        self.grown = now;
        true
    }

    /// Keeps those that still stand; whether any left.
    pub(super) fn keep(&mut self, stands: impl Fn(&Subject) -> bool) -> bool {
        let before = self.members.len();
        self.members.retain(|subject, _| stands(subject));
        self.members.len() != before
    }

    /// How many of what.
    pub(super) fn tally(&self) -> Tally {
        let count = |part| {
            let of_it = self.members.values().filter(|(own, _)| *own == part);
            u32::try_from(of_it.count()).unwrap_or(u32::MAX)
        };
        Tally {
            asks: count(Part::Ask),
            failures: count(Part::Failure),
            done: count(Part::Done),
        }
    }

    /// The keys of all members.
    pub(super) fn into_keys(self) -> Vec<String> {
        self.members.into_values().map(|(_, key)| key).collect()
    }
}
