//! A dry run of a piece with recorded answers: no agent, no command, no network (P7).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::name::Name;
use crate::question::GO_ON;
use crate::schema::{ChildWork, Piece, Work};
use crate::step::{Answer, MovementEnd, PerformerEnd, Question, Run, Step};
use crate::stepper::Stepper;

/// Recorded answers, used in their order; what is not recorded gets the first outcome, passing
/// gates, and `go on`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recording {
    /// For each movement, or `movement/performer`, the outcomes it reports, one per entry.
    pub outcomes: BTreeMap<String, Vec<String>>,
    /// For each movement, whether its gates pass, one per check.
    pub gates: BTreeMap<String, Vec<bool>>,
    /// Answers to questions: an option's id, or text.
    pub answers: Vec<String>,
    /// How the run should end; not judged when missing.
    pub expect: Option<TraceEnd>,
}

impl Recording {
    /// Reads a recording from YAML or JSON.
    ///
    /// # Errors
    /// A sentence with line and column.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(Recording::default());
        }
        serde_saphyr::from_str_with_options(text, crate::yaml::options())
            .map_err(|error| error.to_string())
    }
}

/// What a dry run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// Every step, in order.
    pub lines: Vec<TraceLine>,
    /// How it ended.
    pub end: TraceEnd,
    /// Movements that were never entered.
    pub untouched: Vec<Name>,
    /// Recorded answers that were never used, as `outcomes.NAME`, `gates.NAME` or `answers`.
    pub unused: Vec<String>,
}

/// One step of a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TraceLine {
    /// What was done: `run`, `gates`, `ask` or `wait`.
    pub step: &'static str,
    /// The movement.
    pub movement: Name,
    /// What came of it.
    pub result: String,
}

/// How a dry run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceEnd {
    /// `COMPLETE`.
    Complete,
    /// `ABORT`, a failed script, a stuck loop or the person's stop.
    Abort,
    /// `max_movements` was used up.
    IterationLimit,
    /// A recorded outcome was none of the movement's.
    Unclear,
}

impl TraceEnd {
    /// The word a recording and a trace use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            TraceEnd::Complete => "complete",
            TraceEnd::Abort => "abort",
            TraceEnd::IterationLimit => "iteration_limit",
            TraceEnd::Unclear => "unclear",
        }
    }
}

impl Trace {
    /// One line for each step and one for the end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&format!(
                "{:<5} {}: {}\n",
                line.step, line.movement, line.result
            ));
        }
        text.push_str(&format!("end   {}\n", self.end.word()));
        text
    }

    /// Tells what did not go as recorded; empty when the test passes.
    ///
    /// It fails on another end than expected, on an unclear outcome, and on recorded answers
    /// that were never used: they test nothing.
    #[must_use]
    pub fn failures(&self, recording: &Recording) -> Vec<String> {
        let mut failures = Vec::new();
        let unclear = self.end == TraceEnd::Unclear;
        match recording.expect {
            Some(wanted) if wanted != self.end => {
                let (wanted, end) = (wanted.word(), self.end.word());
                failures.push(format!(
                    "the run was expected to end as {wanted}, but ended as {end}"
                ));
            }
            None if unclear => failures.push("the run ended with an unclear outcome".to_owned()),
            Some(_) | None => {}
        }
        let unused = self.unused.iter();
        failures.extend(unused.map(|what| format!("recorded answers were never used: {what}")));
        failures
    }
}

/// Runs a piece with recorded answers.
///
/// It always ends: the stepper enters at most `max_movements` movements.
#[must_use]
pub fn simulate(piece: &Arc<Piece>, recording: &Recording) -> Trace {
    let mut run = DryRun {
        left: recording.clone(),
        lines: Vec::new(),
    };
    let mut entered: BTreeSet<Name> = BTreeSet::new();
    let mut end = TraceEnd::Unclear;
    if let Ok(mut stepper) = Stepper::start(Arc::clone(piece), None) {
        let mut step = stepper.current();
        while let Some(now) = step {
            if let Step::Run(run) = &now {
                entered.insert(run.movement.clone());
            }
            match run.carry_out(piece, &now) {
                Ok(ended) => step = stepper.next(ended).ok(),
                Err(how) => {
                    end = how;
                    break;
                }
            }
        }
    }
    let untouched = piece.movements().iter().map(|movement| movement.name());
    Trace {
        untouched: untouched
            .filter(|name| !entered.contains(*name))
            .cloned()
            .collect(),
        unused: run.unused(),
        lines: run.lines,
        end,
    }
}

struct DryRun {
    left: Recording,
    lines: Vec<TraceLine>,
}

impl DryRun {
    /// Answers a step, or says how the run ended.
    fn carry_out(&mut self, piece: &Piece, step: &Step) -> Result<MovementEnd, TraceEnd> {
        match step {
            Step::Run(run) => Ok(self.run(piece, run)),
            Step::CheckGates { movement, .. } => Ok(self.gates(movement)),
            Step::Ask(question) => Ok(self.answer(question)),
            Step::WaitSubtasks { then } => {
                self.note("wait", then, "subtasks settled");
                Ok(MovementEnd::SubtasksSettled)
            }
            Step::Complete => Err(TraceEnd::Complete),
            Step::Abort(_) => Err(TraceEnd::Abort),
            Step::IterationLimit { .. } => Err(TraceEnd::IterationLimit),
            Step::Unclear { movement, reason } => {
                self.note("run", movement, reason);
                Err(TraceEnd::Unclear)
            }
        }
    }

    fn run(&mut self, piece: &Piece, run: &Run) -> MovementEnd {
        let Some(movement) = piece.movement(&run.movement) else {
            return MovementEnd::SubtasksSettled;
        };
        let name = movement.name();
        match movement.work() {
            Work::Agent { outcomes, .. } | Work::Shell { outcomes, .. } => {
                let first = outcomes.first().map(|outcome| outcome.when.as_str());
                let said = self.outcome(name.as_str(), first.unwrap_or_default());
                self.note("run", name, &said);
                MovementEnd::Performed(end(matches!(movement.work(), Work::Shell { .. }), said))
            }
            Work::Parallel { children, .. } => {
                let mut ends = BTreeMap::new();
                let mut told = Vec::new();
                for child in children
                    .iter()
                    .filter(|c| run.performers.contains(c.name()))
                {
                    let first = child.outcomes().first().map_or("", Name::as_str);
                    let said = self.outcome(&format!("{name}/{}", child.name()), first);
                    told.push(format!("{} {said}", child.name()));
                    let shell = matches!(child.work(), ChildWork::Shell(_));
                    ends.insert(child.name().clone(), end(shell, said));
                }
                self.note("run", name, &told.join(", "));
                MovementEnd::PerformedTogether(ends)
            }
        }
    }

    fn gates(&mut self, movement: &Name) -> MovementEnd {
        let pass = take(self.left.gates.get_mut(movement.as_str())).unwrap_or(true);
        self.note("gates", movement, if pass { "passed" } else { "failed" });
        if pass {
            return MovementEnd::GatesPassed;
        }
        MovementEnd::GatesFailed {
            output: "recorded as failed".to_owned(),
        }
    }

    fn answer(&mut self, question: &Question) -> MovementEnd {
        let answer = take(Some(&mut self.left.answers)).unwrap_or_else(|| GO_ON.to_owned());
        let text: String = question.text.lines().next().unwrap_or_default().to_owned();
        self.note("ask", &question.movement, &format!("{text} -> {answer}"));
        let option = question.options.iter().any(|option| option.id == answer);
        MovementEnd::Answered(if option {
            Answer {
                option: Some(answer),
                text: None,
            }
        } else {
            Answer {
                option: None,
                text: Some(answer),
            }
        })
    }

    fn outcome(&mut self, key: &str, first: &str) -> String {
        take(self.left.outcomes.get_mut(key)).unwrap_or_else(|| first.to_owned())
    }

    fn note(&mut self, step: &'static str, movement: &Name, result: &str) {
        self.lines.push(TraceLine {
            step,
            movement: movement.clone(),
            result: result.to_owned(),
        });
    }

    fn unused(&self) -> Vec<String> {
        let outcomes = self
            .left
            .outcomes
            .iter()
            .filter(|(_, left)| !left.is_empty());
        let gates = self.left.gates.iter().filter(|(_, left)| !left.is_empty());
        let answers = (!self.left.answers.is_empty()).then(|| "answers".to_owned());
        outcomes
            .map(|(name, _)| format!("outcomes.{name}"))
            .chain(gates.map(|(name, _)| format!("gates.{name}")))
            .chain(answers)
            .collect()
    }
}

/// A script's recorded outcome stands for its exit code where it is one of the two.
fn end(shell: bool, said: String) -> PerformerEnd {
    match (shell, said.as_str()) {
        (true, crate::outcome::OK) => PerformerEnd::Exited {
            success: true,
            outcome: None,
        },
        (true, crate::outcome::FAILED) => PerformerEnd::Exited {
            success: false,
            outcome: None,
        },
        (true, _) => PerformerEnd::Exited {
            success: true,
            outcome: Some(said),
        },
        (false, _) => PerformerEnd::Completed {
            outcome: Some(said),
        },
    }
}

fn take<T>(queue: Option<&mut Vec<T>>) -> Option<T> {
    let queue = queue?;
    (!queue.is_empty()).then(|| queue.remove(0))
}
