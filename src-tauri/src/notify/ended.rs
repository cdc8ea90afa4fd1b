//! The tasks that ended and may still be told: those of a day, and no more than somebody wants to hear of.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::facts::Task;

/// What ended longer ago is no news; the list shows it.
const NEWS: Duration = Duration::from_secs(24 * 60 * 60);

/// Tasks by their id.
#[derive(Debug, Default)]
pub(super) struct Ended {
    tasks: BTreeMap<String, Task>,
    /// Whether success is told, too.
    tells_success: bool,
}

impl Ended {
    /// Takes the setting; what was not wanted is not told later.
    pub(super) fn tell_success(&mut self, on: bool) {
        self.tells_success = on;
        if !on {
            self.tasks.retain(|_, task| task.is_news_of_failure());
        }
    }

    /// Keeps a task as it is now while it is news.
    pub(super) fn take(&mut self, task: Task) {
        if task.is_news_of_failure() || self.tells_success && task.is_news_of_success() {
            self.tasks.insert(task.id.clone(), task);
        } else {
            self.remove(&task.id);
        }
    }

    /// Leaves one that is gone.
    pub(super) fn remove(&mut self, id: &str) {
        self.tasks.remove(id);
    }

    /// Whether one is kept.
    pub(super) fn contains(&self, id: &str) -> bool {
        self.tasks.contains_key(id)
    }

    /// What is news now; the rest is left for good.
    pub(super) fn at(&mut self, now: Timestamp) -> Vec<Task> {
        self.tasks.retain(|_, task| is_fresh(task, now));
        self.tasks.values().cloned().collect()
    }
}

/// Whether a task ended lately.
pub(super) fn is_fresh(task: &Task, now: Timestamp) -> bool {
    let old = |at: Timestamp| at.checked_add(NEWS).is_ok_and(|end| end <= now);
    task.ended_at.is_some_and(|at| !old(at))
}

#[cfg(test)]
mod tests {
    use jiff::Span;
    use serde_json::json;

    use super::*;

    fn task(id: &str, state: &str, ended: Timestamp) -> Task {
        let view = json!({
            "id": id, "short_id": id, "title": "x", "state": state, "ended_at": ended,
        });
        serde_json::from_value(view).unwrap()
    }

    fn ids(tasks: &[Task]) -> Vec<&str> {
        tasks.iter().map(|task| task.id.as_str()).collect()
    }

    #[test]
    fn task_that_ended_a_day_ago_is_kept_no_longer() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut ended = Ended::default();
        ended.take(task("old", "failed", now - Span::new().hours(24)));
        ended.take(task("new", "failed", now - Span::new().hours(23)));
        assert_eq!(ids(&ended.at(now)), ["new"]);
        assert!(!ended.contains("old"));
        assert_eq!(ids(&ended.at(now + Span::new().hours(1))), [""; 0]);
    }

    #[test]
    fn success_is_kept_only_while_it_is_told() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut ended = Ended::default();
        ended.take(task("first", "done", now));
        ended.tell_success(true);
        ended.take(task("second", "done", now));
        ended.take(task("third", "failed", now));
        assert_eq!(ids(&ended.at(now)), ["second", "third"]);
        ended.tell_success(false);
        assert_eq!(ids(&ended.at(now)), ["third"]);
    }

    #[test]
    fn task_that_was_seen_or_runs_again_is_left() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let mut ended = Ended::default();
        ended.take(task("again", "failed", now));
        ended.take(task("gone", "failed", now));
        ended.take(task("again", "running", now));
        ended.remove("gone");
        assert_eq!(ids(&ended.at(now)), [""; 0]);
    }
}
