//! The stepper: a pure state machine that says what comes next in a piece.
//!
//! It enters at most `max_movements` movements, sends failing gates back at most
//! [`GATE_ROUNDS`] times, repairs an unclear outcome once, and so always comes to an end.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::cycle;
use crate::gate::GATE_ROUNDS;
use crate::name::Name;
use crate::outcome::{self, Said};
use crate::schema::{Movement, OnStuck, Outcome, Piece, Route, Rule, Work};
use crate::step::{
    AbortReason, Answer, MovementEnd, News, PerformerEnd, Position, Question, Run, Stage, Step,
    Why, Working,
};
use crate::text::tail_bytes;

/// How much of a gate's output a performer is given, in bytes; the end is kept.
const MOST_OUTPUT: usize = 8 * 1024;

/// Steps through one run of a piece.
#[derive(Debug, Clone)]
pub struct Stepper {
    piece: Arc<Piece>,
    position: Position,
}

/// A stored position that does not fit the piece.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the run stood at the movement \"{movement}\", which the piece \"{piece}\" does not have; start it again from the beginning"
)]
pub struct LostPosition {
    /// The piece.
    pub piece: Name,
    /// The movement that is not there.
    pub movement: Name,
}

/// An end that does not answer the step that was given.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the piece \"{piece}\" is {doing}, which {got} does not end")]
pub struct OutOfTurn {
    /// The piece.
    pub piece: Name,
    /// What it is doing.
    pub doing: &'static str,
    /// What it was told.
    pub got: &'static str,
}

impl Stepper {
    /// Begins a run, or goes on at a stored position (P4).
    ///
    /// A position of a run that had ended begins anew: that is how an ended task is reopened.
    ///
    /// # Errors
    /// [`LostPosition`] when the position names a movement the piece does not have.
    pub fn start(piece: Arc<Piece>, resume: Option<Position>) -> Result<Self, LostPosition> {
        let position = match resume {
            Some(position) if position.stage != Stage::Ended => position,
            _ => Position::entering(piece.start().clone()),
        };
        if let Some(lost) = position
            .named()
            .into_iter()
            .find(|name| piece.movement(name).is_none())
        {
            return Err(LostPosition {
                piece: piece.name().clone(),
                movement: lost.clone(),
            });
        }
        Ok(Stepper { piece, position })
    }

    /// The piece.
    #[must_use]
    pub fn piece(&self) -> &Arc<Piece> {
        &self.piece
    }

    /// What to store, so that a later run goes on here.
    #[must_use]
    pub fn position(&self) -> &Position {
        &self.position
    }

    /// The movement the run stands at; `None` when it has ended.
    #[must_use]
    pub fn movement(&self) -> Option<&Movement> {
        self.piece.movement(self.position.movement()?)
    }

    /// What is to be done now: the first step of a run, and of a resumed one. `None` when the
    /// run has ended.
    #[must_use]
    pub fn current(&self) -> Option<Step> {
        match &self.position.stage {
            Stage::Working(working) => Some(self.run(working)),
            Stage::Gates { working, .. } => Some(self.check_gates(working)),
            Stage::Asking(question) => Some(Step::Ask(question.clone())),
            Stage::WaitingSubtasks { then } => Some(Step::WaitSubtasks { then: then.clone() }),
            Stage::Ended => None,
        }
    }

    /// Takes how the last step ended and says what comes next.
    ///
    /// # Errors
    /// [`OutOfTurn`] when the end does not answer the last step; nothing changes then.
    pub fn next(&mut self, end: MovementEnd) -> Result<Step, OutOfTurn> {
        match (self.position.stage.clone(), end) {
            (Stage::Working(working), MovementEnd::Performed(end)) => self.performed(working, &end),
            (Stage::Working(working), MovementEnd::PerformedTogether(ends)) => {
                self.performed_together(working, &ends)
            }
            (Stage::Gates { working, outcome }, MovementEnd::GatesPassed) => {
                Ok(self.take(&working.movement, outcome.as_str()))
            }
            (Stage::Gates { working, .. }, MovementEnd::GatesFailed { output }) => {
                Ok(self.gates_failed(working, &output))
            }
            (Stage::Asking(question), MovementEnd::Answered(answer)) => {
                Ok(self.answered(question, answer))
            }
            (Stage::Asking(question), MovementEnd::NoMoreQuestions) => {
                self.watch_from_here(question.why);
                let news = News::NoMoreQuestions {
                    question: question.text,
                };
                Ok(self.enter(question.then, Some(news)))
            }
            (Stage::WaitingSubtasks { then }, MovementEnd::SubtasksSettled) => {
                Ok(self.enter(then, Some(News::SubtasksSettled)))
            }
            (stage, end) => Err(self.out_of_turn(&stage, &end)),
        }
    }

    fn performed(&mut self, working: Working, end: &PerformerEnd) -> Result<Step, OutOfTurn> {
        let piece = Arc::clone(&self.piece);
        let Some(movement) = piece.movement(&working.movement) else {
            return Ok(self.end(Step::Complete));
        };
        let (Work::Agent { outcomes, .. } | Work::Shell { outcomes, .. }) = &movement.work else {
            return Err(self.refuse("at work with several performers", "the end of a single one"));
        };
        let choices: Vec<&Name> = outcomes.iter().map(|outcome| &outcome.when).collect();
        match outcome::told(end, &choices) {
            Said::Outcome(outcome) => Ok(self.reported(working, movement, outcome)),
            Said::ScriptFailed => {
                let movement = working.movement;
                Ok(self.end(Step::Abort(AbortReason::ScriptFailed { movement })))
            }
            Said::Unclear { said, repairable } => {
                Ok(self.repair(working.movement.clone(), working, said, repairable))
            }
        }
    }

    fn performed_together(
        &mut self,
        mut working: Working,
        ends: &BTreeMap<Name, PerformerEnd>,
    ) -> Result<Step, OutOfTurn> {
        let piece = Arc::clone(&self.piece);
        let work = piece
            .movement(&working.movement)
            .map(|movement| &movement.work);
        let Some(Work::Parallel { children, rules }) = work else {
            return Err(self.refuse("at work with one performer", "the end of several"));
        };
        let mut unclear = None;
        for child in children {
            let Some(end) = ends.get(&child.name) else {
                continue;
            };
            match outcome::told(end, &child.outcomes.iter().collect::<Vec<_>>()) {
                Said::Outcome(outcome) => {
                    working.reported.insert(child.name.clone(), outcome.clone());
                }
                Said::ScriptFailed => {
                    let movement = working.movement;
                    return Ok(self.end(Step::Abort(AbortReason::ScriptFailed { movement })));
                }
                Said::Unclear { said, repairable } => {
                    unclear = Some((&child.name, said, repairable))
                }
            }
        }
        if let Some((child, said, repairable)) = unclear {
            return Ok(self.repair(child.clone(), working, said, repairable));
        }
        if working.reported.len() < children.len() {
            working.again = true;
            return Ok(self.work(working));
        }
        Ok(self.judge(working, rules))
    }

    fn judge(&mut self, working: Working, rules: &[Rule]) -> Step {
        let rule = rules
            .iter()
            .find(|rule| rule.when.holds(working.reported.values()));
        let Some(rule) = rule else {
            let reason = "none of its rules covers what the performers reported".to_owned();
            return self.unclear(working.movement, reason);
        };
        self.follow(&working.movement, &rule.route, &rule.when.to_string())
    }

    /// An outcome counts once the gates have passed. Giving up, asking and waiting claim no
    /// success, so nothing has to pass for them.
    fn reported(&mut self, working: Working, movement: &Movement, outcome: &Name) -> Step {
        let route = route_of(movement, outcome.as_str()).map(|outcome| &outcome.route);
        let leads_on = matches!(route, Some(Route::Enter(_) | Route::Complete));
        if !leads_on || movement.gates().is_empty() {
            return self.take(&working.movement, outcome.as_str());
        }
        let step = self.check_gates(&working);
        self.position.stage = Stage::Gates {
            working,
            outcome: outcome.clone(),
        };
        step
    }

    fn take(&mut self, movement: &Name, outcome: &str) -> Step {
        let piece = Arc::clone(&self.piece);
        let hit = piece
            .movement(movement)
            .and_then(|movement| route_of(movement, outcome));
        match hit {
            Some(hit) => self.follow(movement, &hit.route, outcome),
            None => self.unclear(movement.clone(), format!("it has no outcome \"{outcome}\"")),
        }
    }

    fn follow(&mut self, movement: &Name, route: &Route, outcome: &str) -> Step {
        match route {
            Route::Complete => self.end(Step::Complete),
            Route::Abort => self.end(Step::Abort(self.abort_reason(movement, outcome))),
            Route::Enter(next) => self.enter_watched(movement, next),
            Route::WaitSubtasks(then) => {
                self.position.stage = Stage::WaitingSubtasks { then: then.clone() };
                Step::WaitSubtasks { then: then.clone() }
            }
            Route::Ask { text, then } => self.ask(Question::of_outcome(text, movement, then)),
        }
    }

    /// ABORT after the outcome `failed` of a script ends as ReportedFailed.
    fn abort_reason(&self, movement: &Name, outcome: &str) -> AbortReason {
        let work = self.piece.movement(movement).map(|movement| &movement.work);
        let movement = movement.clone();
        if outcome == outcome::FAILED && matches!(work, Some(Work::Shell { .. })) {
            return AbortReason::ScriptFailed { movement };
        }
        AbortReason::Outcome {
            movement,
            outcome: outcome.to_owned(),
        }
    }

    fn enter_watched(&mut self, movement: &Name, next: &Name) -> Step {
        let watched = self
            .position
            .history
            .get(self.position.watched_from..)
            .unwrap_or_default();
        let Some(monitor) = cycle::stuck(self.piece.monitors(), watched, next) else {
            return self.enter(next.clone(), None);
        };
        let (cycle, limit) = (monitor.cycle.clone(), monitor.limit);
        if monitor.stuck == OnStuck::Abort {
            return self.end(Step::Abort(AbortReason::Stuck { cycle, limit }));
        }
        self.ask(Question::stuck(&cycle, limit, movement, next))
    }

    fn gates_failed(&mut self, mut working: Working, output: &str) -> Step {
        let output = tail_bytes(output, MOST_OUTPUT).to_owned();
        if working.round >= GATE_ROUNDS {
            return self.ask(Question::gates_failed(&working.movement, &output));
        }
        working.news = Some(News::GatesFailed {
            round: working.round,
            rounds: GATE_ROUNDS,
            output,
        });
        working.round += 1;
        working.repaired.clear();
        working.again = true;
        self.work(working)
    }

    fn answered(&mut self, question: Question, answer: Answer) -> Step {
        if question.is_stopped_by(&answer) {
            let movement = question.movement;
            return self.end(Step::Abort(AbortReason::Stopped { movement }));
        }
        self.watch_from_here(question.why);
        let answer = question.read_answer(answer);
        let news = News::Answer {
            question: question.text,
            answer,
        };
        self.enter(question.then, Some(news))
    }

    fn watch_from_here(&mut self, why: Why) {
        if why == Why::Stuck {
            self.position.watched_from = self.position.history.len();
        }
    }

    fn repair(
        &mut self,
        performer: Name,
        mut working: Working,
        said: Option<String>,
        repairable: bool,
    ) -> Step {
        if !repairable || !working.repaired.insert(performer.clone()) {
            let reason = match said {
                Some(said) => format!(
                    "\"{performer}\" reported \"{}\", which is none of its outcomes",
                    crate::name::shortened(&said)
                ),
                None => format!("\"{performer}\" named none of its outcomes"),
            };
            return self.unclear(working.movement, reason);
        }
        working.news = Some(News::Repair { said });
        working.again = true;
        self.work(working)
    }

    fn enter(&mut self, movement: Name, news: Option<News>) -> Step {
        let limit = self.piece.max_movements();
        if self.position.history.len() >= limit as usize {
            return self.end(Step::IterationLimit { limit });
        }
        self.position.history.push(movement.clone());
        self.work(Working::entered(movement, news))
    }

    fn work(&mut self, working: Working) -> Step {
        let step = self.run(&working);
        self.position.stage = Stage::Working(working);
        step
    }

    fn ask(&mut self, question: Question) -> Step {
        self.position.stage = Stage::Asking(question.clone());
        Step::Ask(question)
    }

    fn end(&mut self, step: Step) -> Step {
        self.position.stage = Stage::Ended;
        step
    }

    fn unclear(&mut self, movement: Name, reason: String) -> Step {
        self.position.stage = Stage::Working(Working::entered(movement.clone(), None));
        Step::Unclear { movement, reason }
    }

    fn run(&self, working: &Working) -> Step {
        let work = self
            .piece
            .movement(&working.movement)
            .map(|movement| &movement.work);
        let performers = match work {
            Some(Work::Parallel { children, .. }) => children
                .iter()
                .map(|child| child.name.clone())
                .filter(|name| !working.reported.contains_key(name))
                .collect(),
            _ => Vec::new(),
        };
        Step::Run(Run {
            movement: working.movement.clone(),
            performers,
            entry: u32::try_from(self.position.history.len()).unwrap_or(u32::MAX),
            again: working.again,
            news: working.news.clone(),
        })
    }

    fn check_gates(&self, working: &Working) -> Step {
        let gates = self
            .piece
            .movement(&working.movement)
            .map(Movement::gates)
            .unwrap_or_default();
        Step::CheckGates {
            movement: working.movement.clone(),
            gates: gates.to_vec(),
        }
    }

    fn out_of_turn(&self, stage: &Stage, end: &MovementEnd) -> OutOfTurn {
        let doing = match stage {
            Stage::Working(_) => "at work",
            Stage::Gates { .. } => "waiting for its gates",
            Stage::Asking(_) => "waiting for an answer",
            Stage::WaitingSubtasks { .. } => "waiting for its subtasks",
            Stage::Ended => "at its end",
        };
        let got = match end {
            MovementEnd::Performed(_) => "the end of a performer",
            MovementEnd::PerformedTogether(_) => "the end of several performers",
            MovementEnd::GatesPassed | MovementEnd::GatesFailed { .. } => "a result of gates",
            MovementEnd::Answered(_) => "an answer",
            MovementEnd::NoMoreQuestions => "a refused question",
            MovementEnd::SubtasksSettled => "the end of the subtasks",
        };
        self.refuse(doing, got)
    }

    fn refuse(&self, doing: &'static str, got: &'static str) -> OutOfTurn {
        OutOfTurn {
            piece: self.piece.name().clone(),
            doing,
            got,
        }
    }
}

fn route_of<'a>(movement: &'a Movement, outcome: &str) -> Option<&'a Outcome> {
    match &movement.work {
        Work::Agent { outcomes, .. } | Work::Shell { outcomes, .. } => {
            outcomes.iter().find(|candidate| candidate.when == *outcome)
        }
        Work::Parallel { .. } => None,
    }
}
