//! The piece, step by step: each movement is a turn or several, its end goes to the stepper, the stepper says what is next.

use super::{
    Attempt, End,
    ends::{aborted, accepted, answer, cut},
    prepare::wait_at_hold_point,
    record::Look,
    turn::TurnEnd,
};
use crate::{ctx::Finish, performers::Performer, runtimes};
use ripieno_agents::{Limits, RunSpec, Session, Work as TurnWork, tools::TaskTools};
use ripieno_core::{
    ask::{AskOption, AskSpec},
    event::{TaskEvent, YieldReason},
    failure::{Class, Disposition, Failure},
    receipt::Receipt,
    state::Wish,
};
use ripieno_pieces::{
    Piece, Stepper, report,
    schema::{AgentPart, Movement, OnInterrupt, Session as SessionWish, Work},
    step::{MovementEnd, PerformerEnd, Position, Question, Run, Step},
};
use ripieno_store::{Extra, NewMovement, StoreError};
use std::sync::Arc;

/// What a movement's turn came to.
struct Done {
    end: PerformerEnd,
    receipt: Receipt,
}

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
        let Some(mut step) = stepper.current() else {
            return Ok(End::Completed(Box::new(receipt)));
        };
        loop {
            self.look_between(&step, stepper.position()).await?;
            self.entries = stepper.position().history().len();
            let end = match step {
                Step::Run(run) => {
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

    async fn movement(&mut self, piece: &Piece, run: &Run, resumed: bool) -> Result<Done, End> {
        let Some(movement) = piece.movement(&run.movement) else {
            let text = format!("the piece has no movement {}", run.movement);
            return Err(End::Failed(Failure::new(Class::PieceInvalid, text)));
        };
        let checkpoint = self.keep_checkpoint(movement.name().as_str()).await;
        self.enter(movement, checkpoint).await;
        match movement.work() {
            Work::Shell { script, .. } => {
                let text = script.text(&self.row.spec.prompt).to_owned();
                self.script(movement, text).await
            }
            Work::Agent { part, .. } => self.agent(movement, part, run, resumed).await,
            Work::Parallel { .. } => {
                let text = "parallel movements are not possible in this version";
                Err(End::Failed(Failure::new(Class::PieceInvalid, text)))
            }
        }
    }

    async fn enter(&mut self, movement: &Movement, checkpoint: Option<String>) {
        let name = movement.name().to_string();
        self.entered = self.ctx.now();
        self.pulse_movement(&name);
        self.movement_name.clone_from(&name);
        let new = NewMovement {
            name,
            on_interrupt: match movement.on_interrupt() {
                OnInterrupt::Resume => ripieno_core::task::OnInterrupt::Resume,
                OnInterrupt::Restart => ripieno_core::task::OnInterrupt::Restart,
                OnInterrupt::Ask => ripieno_core::task::OnInterrupt::Ask,
                OnInterrupt::Fail => ripieno_core::task::OnInterrupt::Fail,
            },
            checkpoint,
        };
        let (no, fence) = (self.no, self.fence);
        match self
            .ctx
            .store
            .write(move |tx| tx.movement_started(no, fence, &new))
            .await
        {
            Ok(number) => self.movement = Some(number),
            Err(error) => tracing::warn!(%error, "the movement is not on record"),
        }
    }

    async fn leave(&mut self, outcome: &str, summary: &str) {
        let Some(number) = self.movement.take() else {
            return;
        };
        let (no, fence) = (self.no, self.fence);
        let (outcome, summary) = (outcome.to_owned(), summary.to_owned());
        let write = self
            .ctx
            .store
            .write(move |tx| tx.movement_ended(no, fence, number, &outcome, &summary, None));
        self.noted("the movement's end", write.await);
    }

    async fn script(&mut self, movement: &Movement, text: String) -> Result<Done, End> {
        let Some(shell) = self.ctx.performer("shell") else {
            let text = "this system has no `sh`: install a POSIX shell";
            return Err(End::Failed(Failure::new(Class::ExecutableMissing, text)));
        };
        let file = self.dirs.attempt.join(format!("{}.sh", movement.name()));
        let mut spec = self.run_spec(&shell, TurnWork::Script { text, file }, movement);
        spec.session = Session::New(self.ctx.random.uuid(self.ctx.now()));
        match self.turn(&shell, spec).await {
            TurnEnd::Completed {
                text,
                receipt,
                exit,
                finish,
                ..
            } => {
                let outcome = finish.map(|finish| finish.outcome);
                let success = exit.is_none_or(|code| code == 0);
                let word = outcome
                    .clone()
                    .unwrap_or_else(|| if success { "ok" } else { "failed" }.to_owned());
                self.leave(&word, &text).await;
                let receipt = self
                    .reported()
                    .await
                    .or(receipt)
                    .unwrap_or_else(|| Receipt::completed(&text));
                accepted(&receipt)?;
                Ok(Done {
                    end: PerformerEnd::Exited { success, outcome },
                    receipt,
                })
            }
            other => Err(cut(other)),
        }
    }

    async fn agent(
        &mut self,
        movement: &Movement,
        part: &AgentPart,
        run: &Run,
        resumed: bool,
    ) -> Result<Done, End> {
        let kind = self.lane.kind().to_owned();
        let Some(performer) = runtimes::performer(&self.ctx, &kind).await else {
            let text = format!("the agent {kind} is not installed any more, or cannot be used");
            return Err(End::Failed(Failure::new(Class::ExecutableMissing, text)));
        };
        let mut session = self.session_to_resume(&performer, part, run, resumed);
        let mut resumed = resumed;
        loop {
            self.check_budget(performer.capabilities()).await?;
            let knows_session = session.is_some();
            let message = self
                .prompt(movement, part, run, resumed, session.as_deref())
                .await;
            let mut spec = self.run_spec(&performer, TurnWork::Prompt(message), movement);
            spec.access = access(part);
            spec.model = self.model(part);
            spec.effort = self.effort(spec.model.as_deref()).await;
            spec.most_micros = self.most_micros();
            spec.session = match session.take() {
                Some(id) => Session::Resume(id),
                None => Session::New(self.ctx.random.uuid(self.ctx.now())),
            };
            spec.tools = Some(self.task_tools());
            match self.turn(&performer, spec).await {
                TurnEnd::Completed {
                    undelivered: true, ..
                } if self.row.resume.session.is_some() => {
                    // A comment that came with the last word gets a turn of its own (T13).
                    session = self.row.resume.session.as_ref().map(|s| s.id.clone());
                    resumed = true;
                }
                // An answer too: an agent without sessions is told it with everything else (T24).
                TurnEnd::Completed {
                    undelivered: true, ..
                } if !performer.capabilities().resume => resumed = true,
                TurnEnd::Completed {
                    text,
                    receipt,
                    finish,
                    ..
                } => {
                    return self.agent_done(text, receipt, finish).await;
                }
                TurnEnd::ResumeRejected if knows_session => {
                    let notice = "The earlier conversation could not be continued: this is a fresh one. What was done \
                                  before is in the folder and in the text above; go on from there.";
                    self.status(notice).await;
                    self.notice = Some(notice.to_owned());
                    self.drop_session().await;
                }
                // What was used is on record now: the look before the next turn asks.
                TurnEnd::OverBudget => {
                    session = self.row.resume.session.as_ref().map(|s| s.id.clone());
                    resumed = true;
                }
                TurnEnd::Failed(failure)
                    if failure.class == Class::BudgetSpent && self.most_micros().is_some() =>
                {
                    return Err(self.ended_by_its_budget().await?);
                }
                other => return Err(cut(other)),
            }
        }
    }

    async fn agent_done(
        &mut self,
        text: String,
        receipt: Option<Receipt>,
        finish: Option<Finish>,
    ) -> Result<Done, End> {
        let names = [self.no.to_string(), self.row.id.to_string()];
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let receipt = self
            .reported()
            .await
            .or(receipt)
            .or_else(|| report::report(&text, &names));
        let (outcome, said) = finish.map_or((None, None), |f| (Some(f.outcome), f.summary));
        let receipt =
            receipt.unwrap_or_else(|| Receipt::completed(said.as_deref().unwrap_or(&text)));
        let outcome = outcome.or_else(|| report::tagged(&text));
        self.leave(outcome.as_deref().unwrap_or(""), &receipt.summary)
            .await;
        accepted(&receipt)?;
        Ok(Done {
            end: PerformerEnd::Completed { outcome },
            receipt,
        })
    }

    /// What the performer reported by `ripieno task result` in this movement.
    async fn reported(&self) -> Option<Receipt> {
        let no = self.no;
        let row = self
            .ctx
            .store
            .read(move |r| r.receipt(no))
            .await
            .ok()
            .flatten()?;
        (row.attempt == self.n && row.at >= self.entered).then_some(row.receipt)
    }

    fn session_to_resume(
        &self,
        performer: &Performer,
        part: &AgentPart,
        run: &Run,
        resumed: bool,
    ) -> Option<String> {
        let wanted = run.again || resumed || part.session == SessionWish::Continue;
        let session = self
            .row
            .resume
            .session
            .as_ref()
            .filter(|_| wanted && performer.capabilities().resume)?;
        let same = session.agent == performer.kind()
            && session.folder == self.dirs.work.display().to_string();
        same.then(|| session.id.clone())
    }

    /// What every turn has in common.
    pub(super) fn run_spec(
        &self,
        performer: &Performer,
        work: TurnWork,
        movement: &Movement,
    ) -> RunSpec {
        let working = movement.timeout().or(self
            .row
            .spec
            .timeout_ms
            .map(std::time::Duration::from_millis));
        RunSpec {
            work,
            folder: self.dirs.work.clone(),
            env: self.environment(performer),
            session: Session::New(uuid::Uuid::nil()),
            model: None,
            effort: None,
            approvals: approvals(&self.row.spec.approvals),
            access: ripieno_agents::Access::Full,
            limits: Limits {
                idle: limit(self.settings.watchdog_idle),
                tool: limit(self.settings.watchdog_tool),
                working,
                grace: self.settings.stop_grace,
            },
            raw_log: self.dirs.attempt.join("raw.log"),
            spill: self.dirs.spill.clone(),
            title: self.row.spec.title.clone(),
            most_micros: None,
            tools: None,
        }
    }

    /// The tools an agent is given beside its own (A6).
    fn task_tools(&self) -> TaskTools {
        TaskTools {
            command: self.ctx.command.clone(),
            socket: self.ctx.socket.clone(),
            window: self.settings.ask_window,
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
        if self.questions_asked().await >= super::record::QUESTION_LIMIT {
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
            None => Err(End::Stopped),
        }
    }
}

fn access(part: &AgentPart) -> ripieno_agents::Access {
    match part.access {
        ripieno_pieces::schema::Access::Read => ripieno_agents::Access::Read,
        ripieno_pieces::schema::Access::Edit => ripieno_agents::Access::Edit,
        ripieno_pieces::schema::Access::Full => ripieno_agents::Access::Full,
    }
}

fn approvals(word: &str) -> ripieno_agents::Approvals {
    match word {
        "ask_all" => ripieno_agents::Approvals::AskAll,
        "trusted" => ripieno_agents::Approvals::Trusted,
        _ => ripieno_agents::Approvals::AskRisky,
    }
}

/// Zero switches a watchdog off.
pub(super) fn limit(span: std::time::Duration) -> Option<std::time::Duration> {
    (!span.is_zero()).then_some(span)
}
