//! The piece, step by step: the end of each movement goes to the stepper, and the stepper says what is next.

use super::{
    Attempt, End,
    ends::{aborted, answer},
    prepare::wait_at_hold_point,
    record::Look,
};
use ripieno_core::{
    ask::{AskOption, AskSpec},
    event::{TaskEvent, YieldReason},
    failure::{Class, Disposition, Failure},
    receipt::Receipt,
    state::Wish,
};
use ripieno_pieces::{
    Piece, Stepper,
    schema::Work,
    step::{MovementEnd, Position, Question, Run, Step},
};
use ripieno_store::{Extra, StoreError};
use std::sync::Arc;

impl Attempt {
    /// Carries the piece on from where it stands to where it ends, asks or is cut.
    pub(super) async fn work(&mut self) -> End {
        let end = match self.steps().await {
            Ok(end) | Err(end) => end,
        };
        match end {
            End::Failed(failure)
                if failure.class.disposition() == Disposition::Fail
                    && failure.class != Class::SetupFailed
                    // Before its first movement its folder may not even be its own yet.
                    && !self.movement_name.is_empty() =>
            {
                // It failed already: what its teardown says is on record, and changes nothing.
                match self.tear_down().await {
                    Ok(()) | Err(End::Failed(_)) => End::Failed(failure),
                    Err(other) => other,
                }
            }
            End::Stopped => {
                if self.was_set_up && self.is_cancelled().await {
                    self.cleaning = true;
                    // What it says is on record, and changes nothing.
                    drop(self.tear_down().await);
                }
                End::Stopped
            }
            other => other,
        }
    }

    async fn is_cancelled(&mut self) -> bool {
        matches!(self.look().await, Look::Ours(row) if row.task.wish == Some(Wish::Cancel))
    }

    async fn steps(&mut self) -> Result<End, End> {
        let loaded = self.piece().await.map_err(End::Failed)?;
        let piece = Arc::new(loaded.piece);
        let mut stepper = Stepper::start(Arc::clone(&piece), self.stored_position())
            .map_err(|lost| End::Failed(Failure::new(Class::PieceInvalid, lost.to_string())))?;
        self.keeps_checkpoints = self.wants_checkpoints(&piece);
        let beats = self.handle.clone();
        beats.beating(self.make_folder_ready(&piece)).await?;
        self.report_started().await?;
        self.set_up().await?;
        let mut receipt = Receipt::completed("");
        let mut resumed = self.row.resume.position.is_some();
        // Where an agent began to work, as long as nothing but its checks came after it: what is said meanwhile is for it.
        let mut last: Option<Stepper> = None;
        let Some(mut step) = stepper.current() else {
            return Ok(End::Completed(Box::new(receipt)));
        };
        loop {
            self.look_between(&step, stepper.position()).await?;
            self.entries = stepper.position().history().len();
            let end = match step {
                Step::Run(run) => {
                    last = is_agent(&piece, &run).then(|| stepper.clone());
                    let done = self.movement(&piece, &run, resumed).await?;
                    receipt = done.receipt;
                    MovementEnd::Performed(done.end)
                }
                Step::CheckGates { movement, gates } => {
                    self.check_gates(&piece, &movement, &gates).await?
                }
                Step::Ask(question) => self.ask_person(&question).await?,
                Step::WaitSubtasks { .. } => {
                    let text = "waiting for subtasks is not possible in this version";
                    return Err(End::Failed(Failure::new(Class::PieceInvalid, text)));
                }
                Step::Complete => {
                    if let Some(again) = last.clone()
                        && self.has_news().await
                        && let Some(run) = again.current()
                    {
                        (stepper, step, resumed) = (again, run, true);
                        continue;
                    }
                    self.finishing = true;
                    return match self.tear_down().await {
                        // Cut by a stop it is not run again (0122), and neither is the work before it.
                        Ok(()) | Err(End::Stopped | End::Yielded(_)) => {
                            Ok(End::Completed(Box::new(receipt)))
                        }
                        Err(other) => Err(other),
                    };
                }
                Step::Abort(reason) => return Err(aborted(&reason, &receipt)),
                Step::IterationLimit { limit } => {
                    let text = format!("the piece entered {limit} movements without an end");
                    return Err(End::Failed(Failure::new(Class::IterationLimit, text)));
                }
                Step::Unclear { movement, reason } => {
                    let text = format!("movement {movement}: {reason}");
                    return Err(End::Failed(Failure::new(Class::OutcomeUnclear, text)));
                }
            };
            resumed = false;
            step = stepper
                .next(end)
                .map_err(|error| End::Failed(Failure::new(Class::Unknown, error.to_string())))?;
            wait_at_hold_point("RIPIENO_HOLD_BETWEEN").await;
        }
    }

    async fn make_folder_ready(&mut self, piece: &Piece) -> Result<(), End> {
        let made = self.open_worktree().await?;
        self.carry_out_rewind().await?;
        if !made {
            self.remember_start(piece).await?;
        }
        self.place_skills().await
    }

    /// Before each step: where it goes on is on record, and what a person, or a stop, wants is looked at. What was done
    /// stands, also when that came in the very moment it ended (T12).
    async fn look_between(&mut self, step: &Step, position: &Position) -> Result<(), End> {
        match step {
            Step::Run(_) | Step::CheckGates { .. } | Step::Ask(_) | Step::WaitSubtasks { .. } => {
                self.save_position(position).await;
                self.check_wishes().await
            }
            // An ended position would begin the piece anew: the end is on record with the report, or not at all.
            Step::Complete => Ok(()),
            Step::Abort(_) | Step::IterationLimit { .. } | Step::Unclear { .. } => {
                self.check_wishes().await?;
                self.save_position(position).await;
                Ok(())
            }
        }
    }

    fn stored_position(&self) -> Option<Position> {
        let value = self.row.resume.position.clone()?;
        serde_json::from_value(value).ok()
    }

    async fn report_started(&self) -> Result<(), End> {
        let (no, fence) = (self.no, self.fence);
        let started = self
            .ctx
            .store
            .write(move |tx| tx.transition(no, &TaskEvent::Started, Some(fence), Extra::default()));
        match started.await {
            Ok(_) => Ok(()),
            Err(StoreError::Refused { .. }) => Err(End::Stale),
            Err(error) => Err(End::Failed(Failure::new(
                Class::DiskFull,
                error.to_string(),
            ))),
        }
    }

    /// A wish or a stop that came between two turns needs no process to be started first.
    pub(super) async fn check_wishes(&mut self) -> Result<(), End> {
        if self.handle.suspend.is_cancelled() {
            let reason = match self.movement {
                Some(_) => YieldReason::Interrupted,
                None => YieldReason::BetweenMovements,
            };
            return Err(End::Yielded(reason));
        }
        match self.look().await {
            Look::Ours(row) if row.task.wish.is_some() => Err(End::Stopped),
            Look::Ours(_) | Look::Unknown => Ok(()),
            Look::Over => Err(End::Stale),
        }
    }

    /// A question of the piece: asked, or answered since; at the limit nobody is asked (P4).
    async fn ask_person(&mut self, question: &Question) -> Result<MovementEnd, End> {
        // The same question of a later round is another question; the one a resume finds is this one.
        let key = format!(
            "piece:{}:{}:{}",
            self.entries, question.movement, question.text
        );
        let mine = self
            .asks()
            .await
            .into_iter()
            .rev()
            .find(|ask| ask.spec.key.as_ref() == Some(&key));
        if let Some(answered) = mine.and_then(|ask| ask.answered) {
            return Ok(MovementEnd::Answered(answer(&answered.value)));
        }
        if self.has_asked_enough().await {
            return Ok(MovementEnd::NoMoreQuestions);
        }
        let mut spec = AskSpec::question(question.text.clone());
        spec.options = question
            .options
            .iter()
            .map(|o| AskOption::new(o.id.clone(), o.label.clone()))
            .collect();
        spec.allows_text = question.allows_text;
        spec.key = Some(key);
        match self.open_ask(&spec, true).await {
            Some(ask) => match ask.answered {
                Some(answered) => Ok(MovementEnd::Answered(answer(&answered.value))),
                None => Err(End::Waiting),
            },
            // A script of the task was quicker with the last one.
            None if self.has_asked_enough().await => Ok(MovementEnd::NoMoreQuestions),
            None => Err(End::Stopped),
        }
    }
}

/// Whether an agent carries the movement out, that can be told something more.
fn is_agent(piece: &Piece, run: &Run) -> bool {
    let movement = piece.movement(&run.movement);
    movement.is_some_and(|movement| matches!(movement.work(), Work::Agent { .. }))
}
