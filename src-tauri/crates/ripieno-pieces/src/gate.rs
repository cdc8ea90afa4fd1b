//! Gates: commands that must pass before an outcome of an agent counts (P2).

use serde::Serialize;

/// How many times failing gates send the work back before the person is asked.
pub const GATE_ROUNDS: u32 = 5;

/// One command that must pass, or the name of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The gate named `check`: the task's `--check`, else the project's.
    Check,
    /// A shell command written in the piece.
    Command(String),
}

/// Says that a piece with the gate `check` was given nothing to check with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the piece \"{piece}\" runs a check until it passes, and none is known: give one with --check COMMAND, or set one for the project"
)]
pub struct NoCheck {
    /// The piece that was to run.
    pub piece: String,
}

/// Resolves gates to the shell commands to run, in order.
///
/// `task_checks` are those of `--check`; only when there is none the project's count.
///
/// # Errors
/// [`NoCheck`] when the gate `check` is used and neither is given.
pub fn resolve(
    piece: &str,
    gates: &[Gate],
    task_checks: &[String],
    project_checks: &[String],
) -> Result<Vec<String>, NoCheck> {
    let checks = if task_checks.is_empty() {
        project_checks
    } else {
        task_checks
    };
    let mut commands = Vec::new();
    for gate in gates {
        match gate {
            Gate::Command(command) => commands.push(command.clone()),
            Gate::Check if checks.is_empty() => {
                return Err(NoCheck {
                    piece: piece.to_owned(),
                });
            }
            Gate::Check => commands.extend(checks.iter().cloned()),
        }
    }
    Ok(commands)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[&str]) -> Vec<String> {
        list.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn check_is_the_tasks_else_the_projects_else_refused() {
        let gates = [Gate::Check, Gate::Command("make lint".into())];
        let (task, project) = (texts(&["a", "b"]), texts(&["p"]));
        assert_eq!(
            resolve("x", &gates, &task, &project),
            Ok(texts(&["a", "b", "make lint"]))
        );
        assert_eq!(
            resolve("x", &gates, &[], &project),
            Ok(texts(&["p", "make lint"]))
        );
        let refused = resolve("fix-until-green", &gates, &[], &[]).unwrap_err();
        insta::assert_snapshot!(refused, @r#"the piece "fix-until-green" runs a check until it passes, and none is known: give one with --check COMMAND, or set one for the project"#);
        assert_eq!(
            resolve("x", &gates[1..], &[], &[]),
            Ok(texts(&["make lint"]))
        );
    }
}
