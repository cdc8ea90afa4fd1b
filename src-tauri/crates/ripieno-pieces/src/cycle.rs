//! Finds a loop that goes round without getting anywhere (P3).

use crate::name::Name;
use crate::schema::Monitor;

/// Finds the monitor whose loop has gone round `limit` times and is about to begin again.
///
/// It looks at the tail of `history` only, and fires only when `next`, the natural next
/// movement, would enter the cycle once more: a loop that leaves by itself is left alone.
pub(crate) fn stuck<'a>(
    monitors: &'a [Monitor],
    history: &[Name],
    next: &Name,
) -> Option<&'a Monitor> {
    monitors.iter().find(|monitor| {
        monitor.cycle.first() == Some(next) && rounds(&monitor.cycle, history) >= monitor.limit
    })
}

/// Counts how many times in a row the history ends with the whole cycle.
fn rounds(cycle: &[Name], history: &[Name]) -> u32 {
    let tail = history.rchunks(cycle.len().max(1));
    let whole = tail.take_while(|round| *round == cycle).count();
    u32::try_from(whole).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::OnStuck;

    fn names(text: &str) -> Vec<Name> {
        text.split_whitespace()
            .map(|word| Name::new(word).unwrap())
            .collect()
    }

    fn fires(history: &str, next: &str) -> bool {
        let monitor = Monitor {
            cycle: names("build test"),
            limit: 2,
            stuck: OnStuck::Ask,
        };
        stuck(&[monitor], &names(history), &Name::new(next).unwrap()).is_some()
    }

    #[test]
    fn loop_is_stuck_only_when_it_would_be_entered_again() {
        assert!(fires("plan build test build test", "build"));
        assert!(
            !fires("plan build test build test", "review"),
            "it leaves by itself"
        );
        assert!(!fires("plan build test", "build"), "one round only");
        assert!(
            !fires("build test plan build test", "build"),
            "not in a row"
        );
        assert!(
            !fires("build test build", "test"),
            "in the middle of a round"
        );
    }

    #[test]
    fn loop_entered_in_the_middle_is_counted_by_whole_rounds() {
        assert!(fires("test build test build test", "build"));
        assert!(!fires("test build test", "build"));
    }
}
