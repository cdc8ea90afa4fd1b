//! Which outcome a performer's end stands for.

use crate::name::Name;
use crate::step::PerformerEnd;

/// The outcome of a script that exits with 0.
pub const OK: &str = "ok";
/// The outcome of a script that exits with anything else.
pub const FAILED: &str = "failed";

/// What an end says about the outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// This one.
    Outcome(&'a Name),
    /// A script failed, and `failed` is none of the outcomes.
    ScriptFailed,
    /// It cannot be told. A script cannot be asked again.
    Unclear {
        said: Option<String>,
        repairable: bool,
    },
}

/// Tells the outcome of an end among the choices there are.
///
/// An agent with one outcome takes it whatever it named: only a choice needs a word.
pub(crate) fn told<'a>(end: &PerformerEnd, choices: &[&'a Name]) -> Said<'a> {
    let (said, repairable) = match end {
        PerformerEnd::Completed { outcome } => {
            if let [only] = choices {
                return Said::Outcome(only);
            }
            (outcome.clone(), true)
        }
        PerformerEnd::Exited {
            outcome: Some(named),
            ..
        } => (Some(named.clone()), false),
        PerformerEnd::Exited {
            success: true,
            outcome: None,
        } => (Some(OK.to_owned()), false),
        PerformerEnd::Exited {
            success: false,
            outcome: None,
        } => {
            return choices
                .iter()
                .find(|choice| ***choice == FAILED)
                .map_or(Said::ScriptFailed, |failed| Said::Outcome(failed));
        }
    };
    match said.as_deref().and_then(|said| pick(said, choices)) {
        Some(choice) => Said::Outcome(choice),
        None => Said::Unclear { said, repairable },
    }
}

/// Finds the choice a word means: exactly, else without regard to case, quotes, `-` and `_`.
pub(crate) fn pick<'a>(said: &str, choices: &[&'a Name]) -> Option<&'a Name> {
    let exact = choices.iter().find(|choice| ***choice == *said);
    let wanted = folded(said);
    exact
        .or_else(|| {
            choices
                .iter()
                .find(|choice| folded(choice.as_str()) == wanted)
        })
        .copied()
}

fn folded(word: &str) -> String {
    let edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '*' | '.' | '<' | '>');
    word.trim_matches(edge)
        .to_lowercase()
        .replace(['_', ' '], "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(words: &[&str]) -> Vec<Name> {
        words.iter().map(|word| Name::new(word).unwrap()).collect()
    }

    fn agent(said: Option<&str>) -> PerformerEnd {
        PerformerEnd::Completed {
            outcome: said.map(str::to_owned),
        }
    }

    fn script(success: bool, said: Option<&str>) -> PerformerEnd {
        PerformerEnd::Exited {
            success,
            outcome: said.map(str::to_owned),
        }
    }

    fn outcome(end: &PerformerEnd, choices: &[&str]) -> Option<String> {
        let names = names(choices);
        match told(end, &names.iter().collect::<Vec<_>>()) {
            Said::Outcome(name) => Some(name.to_string()),
            Said::ScriptFailed | Said::Unclear { .. } => None,
        }
    }

    #[test]
    fn agent_with_one_outcome_takes_it_and_a_choice_needs_a_word() {
        assert_eq!(
            outcome(&agent(None), &["finished"]).as_deref(),
            Some("finished")
        );
        assert_eq!(outcome(&agent(None), &["ready", "unclear"]), None);
        assert_eq!(
            outcome(&agent(Some("ready")), &["ready", "unclear"]).as_deref(),
            Some("ready")
        );
        assert_eq!(outcome(&agent(Some("maybe")), &["ready", "unclear"]), None);
    }

    #[test]
    fn loosely_written_outcome_is_understood() {
        let choices = ["needs-work", "approved"];
        for said in [
            "Needs Work",
            "needs_work",
            "`needs-work`",
            " **NEEDS-WORK**. ",
        ] {
            assert_eq!(
                outcome(&agent(Some(said)), &choices).as_deref(),
                Some("needs-work"),
                "{said}"
            );
        }
    }

    #[test]
    fn exit_code_decides_unless_the_script_named_an_outcome() {
        let choices = ["ok", "failed", "skipped"];
        assert_eq!(
            outcome(&script(true, None), &choices).as_deref(),
            Some("ok")
        );
        assert_eq!(
            outcome(&script(false, None), &choices).as_deref(),
            Some("failed")
        );
        assert_eq!(
            outcome(&script(false, Some("skipped")), &choices).as_deref(),
            Some("skipped")
        );
        let names = names(&["ok"]);
        let names: Vec<_> = names.iter().collect();
        assert_eq!(told(&script(false, None), &names), Said::ScriptFailed);
        let unclear = Said::Unclear {
            said: Some("later".into()),
            repairable: false,
        };
        assert_eq!(told(&script(true, Some("later")), &names), unclear);
    }
}
