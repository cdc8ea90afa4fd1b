//! The questions the stepper asks by itself, and reading what the person said.

use crate::gate::GATE_ROUNDS;
use crate::name::Name;
use crate::step::{Answer, Question, QuestionOption, Why};

/// The option that goes on after a question of the stepper itself.
pub const GO_ON: &str = "go_on";
/// The option that ends the run after a question of the stepper itself.
pub const STOP: &str = "stop";

impl Question {
    /// A question that an outcome asks; only text makes sense as its answer.
    pub(crate) fn of_outcome(text: &str, movement: &Name, then: &Name) -> Self {
        Question {
            why: Why::Outcome,
            text: text.to_owned(),
            options: Vec::new(),
            allows_text: true,
            movement: movement.clone(),
            then: then.clone(),
        }
    }

    /// Says that a monitored loop ran out of rounds.
    pub(crate) fn stuck(cycle: &[Name], limit: u32, movement: &Name, next: &Name) -> Self {
        let round: Vec<&str> = cycle.iter().map(Name::as_str).collect();
        let text = format!(
            "The work has gone round {limit} times ({}) without getting further. Go on, or stop?",
            round.join(", ")
        );
        Self::go_on_or_stop(Why::Stuck, text, movement, next)
    }

    /// Says that the gates failed in every round.
    pub(crate) fn gates_failed(movement: &Name, output: &str) -> Self {
        let text = format!(
            "The checks of \"{movement}\" still fail after {GATE_ROUNDS} rounds. Go on, or stop?\n\n{output}"
        );
        Self::go_on_or_stop(Why::GatesFailed, text, movement, movement)
    }

    fn go_on_or_stop(why: Why, text: String, movement: &Name, then: &Name) -> Self {
        let option = |id: &str, label: &str| QuestionOption {
            id: id.to_owned(),
            label: label.to_owned(),
        };
        Question {
            options: vec![option(GO_ON, "Go on"), option(STOP, "Stop")],
            why,
            ..Self::of_outcome(&text, movement, then)
        }
    }

    /// Tells whether the answer ends the run.
    pub(crate) fn is_stopped_by(&self, answer: &Answer) -> bool {
        self.why != Why::Outcome && answer.option.as_deref() == Some(STOP)
    }

    /// The answer as the performer reads it: the label of the chosen option, then the text.
    pub(crate) fn read_answer(&self, answer: Answer) -> String {
        let label = |id: String| {
            let option = self.options.iter().find(|option| option.id == id);
            option.map_or(id, |option| option.label.clone())
        };
        let parts: Vec<String> = answer
            .option
            .map(label)
            .into_iter()
            .chain(answer.text)
            .collect();
        parts.join("\n\n")
    }
}
