//! Every method with who may ask for it (cli.md, "Transport and authority"; W6).

use crate::error::{ApiError, Code};
use ripieno_daemon::handle::Authority;

/// Who may ask.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Everybody who reaches the socket, a leftover process of an ended task included.
    Anyone,
    /// The person, and a task as far as its own family goes.
    Family,
    /// A task about itself.
    Task,
    /// The person alone.
    Person,
}

/// One method.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// Who may ask.
    pub level: Level,
    /// What an asker from a task is told it may not do.
    what: &'static str,
}

const fn method(name: &'static str, level: Level, what: &'static str) -> Method {
    Method { name, level, what }
}

/// Every method this version serves; `events.subscribe` only where a stream can follow.
pub const METHODS: &[Method] = &[
    method("health", Level::Anyone, ""),
    method("status", Level::Person, "see the whole queue"),
    method("task.list", Level::Family, "list tasks"),
    method("task.show", Level::Family, "see tasks"),
    method("task.why", Level::Family, "see tasks"),
    method("task.outputs", Level::Family, "see tasks"),
    method("task.logs", Level::Family, "read logs"),
    method("task.raw_logs", Level::Family, "read logs"),
    method("task.timeline", Level::Family, "see tasks"),
    method("task.changes", Level::Person, "see changes"),
    method("task.diff", Level::Person, "see changes"),
    method("task.patch", Level::Person, "see changes"),
    method("task.checkpoints", Level::Person, "see checkpoints"),
    method("task.rewind", Level::Person, "take tasks back"),
    method("task.merge", Level::Person, "merge branches"),
    method("task.discard", Level::Person, "discard branches"),
    method("task.run", Level::Person, "see runs"),
    method("task.wait", Level::Family, "wait for tasks"),
    method("task.add", Level::Person, "submit tasks"),
    method("task.cancel", Level::Person, "cancel tasks"),
    method("task.pause", Level::Person, "pause tasks"),
    method("task.resume", Level::Person, "resume tasks"),
    method("task.retry", Level::Person, "retry tasks"),
    method("task.seen", Level::Person, "mark tasks as seen"),
    method("task.comment", Level::Person, "comment on tasks"),
    method("task.finish", Level::Task, ""),
    method("task.result", Level::Task, ""),
    method("task.progress", Level::Task, ""),
    method("task.checklist", Level::Task, ""),
    method("task.brief", Level::Task, ""),
    method("ask.create", Level::Task, ""),
    method("ask.list", Level::Person, "see asks"),
    method("ask.answer", Level::Person, "answer asks"),
    method("ask.snooze", Level::Person, "put asks off"),
    method("notice.claim", Level::Person, "claim notices"),
    method("notice.forget", Level::Person, "forget notices"),
    method("worker.pause", Level::Person, "pause the worker"),
    method("worker.resume", Level::Person, "resume the worker"),
    method("lane.release", Level::Person, "release lanes"),
    method("runtime.list", Level::Person, "see runtimes"),
    method("lock.list", Level::Person, "see locks"),
    method("lock.release", Level::Person, "let others into folders"),
    method("storage.show", Level::Person, "see what takes space"),
    method("storage.clean", Level::Person, "clean up"),
    method("project.add", Level::Person, "add projects"),
    method("project.set", Level::Person, "change projects"),
    method("project.list", Level::Person, "see projects"),
    method("project.show", Level::Person, "see projects"),
    method("project.trust", Level::Person, "trust folders"),
    method("project.untrust", Level::Person, "trust folders"),
    method("project.remove", Level::Person, "remove projects"),
    method("repo.add", Level::Person, "add repositories"),
    method("repo.list", Level::Person, "see repositories"),
    method("repo.remove", Level::Person, "remove repositories"),
    method("repo.checkout", Level::Task, ""),
    method("grant.list", Level::Person, "see standing grants"),
    method("grant.revoke", Level::Person, "take standing grants back"),
    method("piece.list", Level::Person, "see pieces"),
    method("piece.show", Level::Person, "see pieces"),
    method("folder.check", Level::Person, "look at folders"),
    method("folder.complete", Level::Person, "look at folders"),
    method("folder.recent", Level::Person, "look at folders"),
    method("input.stage", Level::Person, "stage files"),
    method("llm.discover", Level::Person, "look for model servers"),
    method("config.show", Level::Person, "see settings"),
    method("config.get", Level::Person, "see settings"),
    method("config.set", Level::Person, "change settings"),
    method("config.reset", Level::Person, "change settings"),
    method("events.since", Level::Person, "follow events"),
    method("events.subscribe", Level::Person, "follow events"),
    method("update.status", Level::Person, "see updates"),
    method("update.check", Level::Person, "look for updates"),
    method("update.now", Level::Person, "install updates"),
    method("update.when_idle", Level::Person, "put updates off"),
    method("update.skip", Level::Person, "skip updates"),
    method("backup", Level::Person, "make backups"),
    method("integrity", Level::Person, "check the database"),
];

/// Shorter names that the same methods go by.
const ALIASES: [(&str, &str); 2] = [("pause", "worker.pause"), ("resume", "worker.resume")];

/// Methods of the contract that this version does not serve yet.
const LATER: [&str; 5] = [
    "task.accept",
    "task.reject",
    "task.spawn",
    "export",
    "import",
];

/// Finds a method by name.
pub(super) fn find(name: &str) -> Result<&'static Method, ApiError> {
    let name = ALIASES
        .iter()
        .find(|(short, _)| *short == name)
        .map_or(name, |(_, whole)| whole);
    if let Some(method) = METHODS.iter().find(|method| method.name == name) {
        return Ok(method);
    }
    let sentence = if LATER.contains(&name) {
        format!(
            "{name} is not possible in this version ({})",
            ripieno_daemon::version()
        )
    } else {
        let known: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
        let shown: String = name.chars().take(60).collect();
        let near = crate::fields::suggestion(name, &known);
        let near = if near.starts_with("; did") {
            near
        } else {
            "; is the worker older than the command?".to_owned()
        };
        format!(
            "this worker ({}) knows no method `{shown}`{near}",
            ripieno_daemon::version()
        )
    };
    Err(ApiError::new(Code::Incompatible, sentence))
}

impl Method {
    /// The part of the name before the dot.
    pub(super) fn family(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

impl Level {
    /// Refuses an authority that is not enough.
    pub(super) fn check(self, by: &Authority, name: &'static str) -> Result<(), ApiError> {
        let what = METHODS
            .iter()
            .find(|method| method.name == name)
            .map_or("", |method| method.what);
        match (self, by) {
            (Level::Anyone, _)
            | (Level::Family, Authority::Person { .. } | Authority::Task { .. })
            | (Level::Task, Authority::Task { .. }) => Ok(()),
            (Level::Person, by) => Ok(by.person(what).map(drop)?),
            (Level::Task, Authority::Person { .. }) => Err(ApiError::forbidden(format!(
                "{name} works only inside a running task: its processes are given RIPIENO_TASK_TOKEN"
            ))),
            (Level::Family | Level::Task, Authority::Stale) => Err(ApiError::forbidden(
                "a process left over from an ended task may do nothing here",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ripieno_core::id::TaskNo;

    fn allowed(by: &Authority) -> Vec<&'static str> {
        METHODS
            .iter()
            .filter(|m| m.level.check(by, m.name).is_ok())
            .map(|m| m.name)
            .collect()
    }

    #[test]
    fn person_may_ask_for_everything_but_what_a_task_says_of_itself() {
        let person = Authority::Person {
            surface: "cli".into(),
        };
        let refused: Vec<_> = METHODS
            .iter()
            .map(|m| m.name)
            .filter(|n| !allowed(&person).contains(n))
            .collect();
        assert_eq!(
            refused,
            [
                "task.finish",
                "task.result",
                "task.progress",
                "task.checklist",
                "task.brief",
                "ask.create",
                "repo.checkout"
            ]
        );
    }

    #[test]
    fn task_may_speak_of_itself_and_read_its_family_only() {
        let task = Authority::Task {
            no: TaskNo(7),
            attempt: 1,
        };
        assert_eq!(
            allowed(&task),
            [
                "health",
                "task.list",
                "task.show",
                "task.why",
                "task.outputs",
                "task.logs",
                "task.raw_logs",
                "task.timeline",
                "task.wait",
                "task.finish",
                "task.result",
                "task.progress",
                "task.checklist",
                "task.brief",
                "ask.create",
                "repo.checkout",
            ]
        );
    }

    #[test]
    fn leftover_of_an_ended_task_may_do_nothing() {
        assert_eq!(allowed(&Authority::Stale), ["health"]);
    }

    #[test]
    fn every_refusal_is_forbidden_and_says_what() {
        for by in [
            Authority::Task {
                no: TaskNo(7),
                attempt: 1,
            },
            Authority::Stale,
        ] {
            for method in METHODS {
                if let Err(refused) = method.level.check(&by, method.name) {
                    assert_eq!(refused.exit_code(), 8, "{}", method.name);
                    assert!(
                        refused.message.len() > 20,
                        "{}: {}",
                        method.name,
                        refused.message
                    );
                }
            }
        }
    }

    #[test]
    fn unknown_method_is_incompatible_with_a_suggestion() {
        let refused = find("task.ad").unwrap_err();
        assert_eq!(refused.exit_code(), 4);
        assert!(
            refused.message.contains("did you mean `task.add`?"),
            "{}",
            refused.message
        );
        for later in LATER {
            assert_eq!(find(later).unwrap_err().exit_code(), 4, "{later}");
        }
        assert_eq!(find("pause").unwrap().name, "worker.pause");
    }
}
