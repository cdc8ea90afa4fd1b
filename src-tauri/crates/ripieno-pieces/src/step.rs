//! What the stepper says and is told: steps, ends of movements, questions, positions.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use ripieno_core::failure::Class;
use serde::{Deserialize, Serialize};

use crate::gate::Gate;
use crate::name::Name;

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Carry out a movement.
    Run(Run),
    /// Run the gates of a movement whose performer has reported an outcome.
    CheckGates {
        /// The movement they belong to.
        movement: Name,
        /// The gates, in order; [`crate::gate::resolve`] makes commands of them.
        gates: Vec<Gate>,
    },
    /// Ask the person; the answer goes in as [`MovementEnd::Answered`].
    Ask(Question),
    /// Wait until every subtask has ended, then tell [`MovementEnd::SubtasksSettled`].
    WaitSubtasks {
        /// The movement that goes on.
        then: Name,
    },
    /// The piece is done.
    Complete,
    /// The piece gives up.
    Abort(AbortReason),
    /// `max_movements` is used up.
    IterationLimit {
        /// The limit.
        limit: u32,
    },
    /// No outcome could be told, also after the repair prompt: the attempt fails as
    /// `OutcomeUnclear`. The position stays at the movement, so that a retry runs it again.
    Unclear {
        /// The movement.
        movement: Name,
        /// What was wrong, as a sentence without full stop.
        reason: String,
    },
}

/// A movement to carry out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The movement.
    pub movement: Name,
    /// The performers of a parallel movement that have not ended yet; empty for any other.
    pub performers: Vec<Name>,
    /// The number of this entry, counted from 1 over the whole run.
    pub entry: u32,
    /// True when the performer goes on with an entry it has begun: its own session is used
    /// whatever the movement says.
    pub again: bool,
    /// What the performer must be told beyond its instruction.
    pub news: Option<News>,
}

/// What a performer is told when it is called once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    /// The gates did not pass.
    GatesFailed {
        /// Which try this was, from 1.
        round: u32,
        /// How many tries there are.
        rounds: u32,
        /// The end of what the commands printed.
        output: String,
    },
    /// Its outcome could not be told; this is the one repair.
    Repair {
        /// What it gave instead of an outcome, when it gave something.
        said: Option<String>,
    },
    /// The person answered.
    Answer {
        /// The question.
        question: String,
        /// The answer.
        answer: String,
    },
    /// The question was not put to the person: the limit of questions is reached (P4).
    NoMoreQuestions {
        /// The question.
        question: String,
    },
    /// All subtasks have ended.
    SubtasksSettled,
}

/// How a movement, its gates, a question or a wait ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovementEnd {
    /// The one performer of a movement ended its turn.
    Performed(PerformerEnd),
    /// Performers of a parallel movement ended; those not named are still to end.
    PerformedTogether(BTreeMap<Name, PerformerEnd>),
    /// All gates passed.
    GatesPassed,
    /// A gate failed; `output` is what it printed.
    GatesFailed {
        /// Standard output and error of the failing command, with the command itself.
        output: String,
    },
    /// The person answered an ask.
    Answered(Answer),
    /// The limit of questions was reached, so nobody was asked (P4).
    NoMoreQuestions,
    /// Every subtask has ended.
    SubtasksSettled,
}

/// How one performer ended its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PerformerEnd {
    /// An agent ended with a completed verdict.
    Completed {
        /// The outcome it named, if any.
        outcome: Option<String>,
    },
    /// A script ended.
    Exited {
        /// Whether its exit code was 0.
        success: bool,
        /// The outcome it named with `ripieno task finish`, if any.
        outcome: Option<String>,
    },
}

/// What the person said to a [`Question`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Answer {
    /// The id of the chosen option.
    pub option: Option<String>,
    /// Free text.
    pub text: Option<String>,
}

/// A question the piece puts to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Why it is asked.
    pub why: Why,
    /// What the person reads.
    pub text: String,
    /// What the person may choose; empty when only text makes sense.
    pub options: Vec<QuestionOption>,
    /// Whether free text is taken.
    pub allows_text: bool,
    /// The movement whose end led to the question.
    pub movement: Name,
    /// The movement that gets the answer.
    pub then: Name,
}

/// Why a piece asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// An outcome says so.
    Outcome,
    /// The gates failed in every round.
    GatesFailed,
    /// A monitored loop ran out of rounds.
    Stuck,
}

/// One thing the person may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuestionOption {
    /// Its id.
    pub id: String,
    /// What the person reads.
    pub label: String,
}

/// Why a piece gave up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AbortReason {
    /// An outcome leads to `ABORT`: class `PieceAborted`.
    Outcome {
        /// The movement.
        movement: Name,
        /// Its outcome.
        outcome: String,
    },
    /// A script failed and nothing takes it up: class `ReportedFailed`.
    ScriptFailed {
        /// The movement.
        movement: Name,
    },
    /// A monitored loop ran out of rounds and its monitor says `stuck: abort`: `PieceAborted`.
    Stuck {
        /// The movements of one round.
        cycle: Vec<Name>,
        /// The rounds that passed.
        limit: u32,
    },
    /// The person chose to stop.
    Stopped {
        /// The movement.
        movement: Name,
    },
}

impl AbortReason {
    /// The failure class of the attempt; `None` when the person stopped it, which is no failure.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        match self {
            AbortReason::Outcome { .. } | AbortReason::Stuck { .. } => Some(Class::PieceAborted),
            AbortReason::ScriptFailed { .. } => Some(Class::ReportedFailed),
            AbortReason::Stopped { .. } => None,
        }
    }
}

impl fmt::Display for AbortReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AbortReason::Outcome { movement, outcome } => {
                write!(
                    f,
                    "\"{movement}\" ended as \"{outcome}\", and there the piece gives up"
                )
            }
            AbortReason::ScriptFailed { movement } => {
                write!(f, "the script of \"{movement}\" failed")
            }
            AbortReason::Stuck { cycle, limit } => {
                let round: Vec<&str> = cycle.iter().map(Name::as_str).collect();
                write!(f, "{limit} rounds of {} led nowhere", round.join(", "))
            }
            AbortReason::Stopped { movement } => {
                write!(f, "stopped by the person at \"{movement}\"")
            }
        }
    }
}

/// Where a run stands; stored so that a resume starts at the movement that was interrupted
/// or asked (P4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    pub(crate) stage: Stage,
    /// Every movement entered so far, oldest first.
    pub(crate) history: Vec<Name>,
    /// Monitors look at the history from here on; a person who says "go on" moves it.
    pub(crate) watched_from: usize,
}

/// What the run is doing at its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    Working(Working),
    Gates { working: Working, outcome: Name },
    Asking(Question),
    WaitingSubtasks { then: Name },
    Ended,
}

/// A movement under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Working {
    pub(crate) movement: Name,
    /// Which try at the gates, from 1.
    pub(crate) round: u32,
    /// Performers that have had their one repair prompt.
    pub(crate) repaired: BTreeSet<Name>,
    /// What performers of a parallel movement have reported.
    pub(crate) reported: BTreeMap<Name, Name>,
    pub(crate) news: Option<News>,
    pub(crate) again: bool,
}

impl Position {
    /// The movement the run stands at: under way, asking, or to go on after the wait.
    /// `None` when the piece has ended.
    #[must_use]
    pub fn movement(&self) -> Option<&Name> {
        match &self.stage {
            Stage::Working(working) | Stage::Gates { working, .. } => Some(&working.movement),
            Stage::Asking(question) => Some(&question.movement),
            Stage::WaitingSubtasks { then } => Some(then),
            Stage::Ended => None,
        }
    }

    /// Every movement entered so far, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Name] {
        &self.history
    }

    /// A position at the beginning of a movement, for a rewind; nothing else is kept.
    #[must_use]
    pub fn entering(movement: Name) -> Self {
        Position {
            stage: Stage::Working(Working::entered(movement.clone(), None)),
            history: vec![movement],
            watched_from: 0,
        }
    }

    /// Every movement the stage speaks about.
    pub(crate) fn named(&self) -> Vec<&Name> {
        match &self.stage {
            Stage::Asking(question) => vec![&question.movement, &question.then],
            _ => self.movement().into_iter().collect(),
        }
    }
}

impl Working {
    pub(crate) fn entered(movement: Name, news: Option<News>) -> Self {
        Working {
            movement,
            round: 1,
            repaired: BTreeSet::new(),
            reported: BTreeMap::new(),
            news,
            again: false,
        }
    }
}
