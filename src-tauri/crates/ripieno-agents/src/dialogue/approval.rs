//! How leave is asked for and what an answer to that means, the same for every agent (A5).

use ripieno_core::ask::{ALLOW, Answer, AskKind, AskOption, AskPurpose, AskScope, AskSpec};

const DENY: &str = "deny";

/// What a person said to a request for leave.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Leave {
    /// It may, this once or as long as the run lives.
    Allowed {
        /// Also every further time it wants exactly this.
        again: bool,
    },
    /// One of the agent's own options, by the id it was given.
    Own(String),
    /// It may not, perhaps with what the agent is to be told.
    Denied(Option<String>),
}

/// Asks for leave; `own` are the agent's own options, between allow and deny.
pub(crate) fn ask(text: String, own: Vec<AskOption>, binding: Option<String>) -> AskSpec {
    let mut options = vec![AskOption {
        detail: Some(
            "with scope task or project: also every further time it wants exactly this".to_owned(),
        ),
        ..AskOption::new(ALLOW, "Allow")
    }];
    options.extend(own);
    options.push(AskOption {
        detail: Some("a text in place of an option is told to the agent as the reason".to_owned()),
        ..AskOption::new(DENY, "Deny")
    });
    AskSpec {
        kind: AskKind::Approval,
        text,
        options,
        allows_text: true,
        // What cannot be shown whole is asked for each time.
        scopes: match binding {
            Some(_) => vec![AskScope::Once, AskScope::Task, AskScope::Project],
            None => vec![AskScope::Once, AskScope::Task],
        },
        default: None,
        expires_at: None,
        key: None,
        purpose: AskPurpose::Performer,
        binding,
    }
}

/// Reads the answer.
pub(crate) fn leave(answer: &Answer) -> Leave {
    match answer {
        Answer::Option { id, scope } if id == ALLOW => Leave::Allowed {
            // Leave for a folder is by the hash of what would run, and kept by the worker: whatever differs is asked for.
            again: matches!(scope, Some(AskScope::Task | AskScope::Always)),
        },
        Answer::Option { id, .. } if id == DENY => Leave::Denied(None),
        Answer::Option { id, .. } => Leave::Own(id.clone()),
        Answer::Text(text) => Leave::Denied(Some(text.clone())),
    }
}
