//! Calls that have begun and not ended, in bounded memory (R12).

use std::collections::{BTreeMap, VecDeque};

/// So many at most: a program that begins ever more is not waited for with the oldest.
const MOST: usize = 256;

/// Calls by their id.
pub(crate) struct Underway<T> {
    calls: BTreeMap<String, T>,
    /// The ids, oldest first.
    order: VecDeque<String>,
}

impl<T> Default for Underway<T> {
    fn default() -> Self {
        Underway {
            calls: BTreeMap::new(),
            order: VecDeque::new(),
        }
    }
}

impl<T> Underway<T> {
    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&T> {
        self.calls.get(id)
    }

    pub(crate) fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.calls.get_mut(id)
    }

    /// A call begins, or is told anew; where there are too many the oldest is forgotten.
    pub(crate) fn insert(&mut self, id: String, call: T) {
        if self.calls.insert(id.clone(), call).is_some() {
            return;
        }
        self.order.push_back(id);
        if self.order.len() > MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.calls.remove(&oldest);
        }
    }

    /// A call ends.
    pub(crate) fn remove(&mut self, id: &str) -> Option<T> {
        let call = self.calls.remove(id)?;
        self.order.retain(|known| known != id);
        Some(call)
    }

    pub(crate) fn clear(&mut self) {
        self.calls.clear();
        self.order.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn call_is_known_from_its_beginning_to_its_end() {
        let mut calls = Underway::default();
        calls.insert("a".to_owned(), 1);
        calls.insert("b".to_owned(), 2);
        calls.insert("a".to_owned(), 3);
        assert_eq!(calls.get("a"), Some(&3));
        assert_eq!(calls.get_mut("c"), None);
        assert_eq!((calls.remove("a"), calls.remove("a")), (Some(3), None));
        assert!(!calls.is_empty());
        calls.clear();
        assert!(calls.is_empty() && calls.order.is_empty());
    }

    #[test]
    fn calls_that_never_end_take_bounded_memory_and_the_newest_are_known() {
        let mut calls = Underway::default();
        for id in 0..10 * MOST {
            calls.insert(id.to_string(), id);
        }
        assert_eq!((calls.calls.len(), calls.order.len()), (MOST, MOST));
        let newest = 10 * MOST - 1;
        assert_eq!(calls.get(&newest.to_string()), Some(&newest));
        assert_eq!(calls.get("0"), None);
    }
}
