//! One movement: a script's turn, or the turns of an agent, until it has an outcome.

use super::{
    Attempt, End,
    ends::{accepted, cut},
    turn::TurnEnd,
};
use crate::{ctx::Finish, performers::Performer, runtimes};
use ripieno_agents::{Limits, RunSpec, Session, Work as TurnWork, tools::TaskTools};
use ripieno_core::{
    failure::{Class, Failure},
    receipt::Receipt,
};
use ripieno_pieces::{
    Piece, report,
    schema::{AgentPart, Movement, OnInterrupt, Session as SessionWish, Work},
    step::{PerformerEnd, Run},
};
use ripieno_store::NewMovement;
use std::time::Duration;

/// What a movement's turn came to.
pub(super) struct Done {
    pub(super) end: PerformerEnd,
    pub(super) receipt: Receipt,
}

impl Attempt {
    /// Carries one movement out.
    pub(super) async fn movement(
        &mut self,
        piece: &Piece,
        run: &Run,
        resumed: bool,
    ) -> Result<Done, End> {
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
            spec.effort = self.effort(part, spec.model.as_deref()).await;
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
        let persons = self.row.spec.timeout_ms.map(Duration::from_millis);
        let working = narrower(movement.timeout(), persons);
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
pub(super) fn limit(span: Duration) -> Option<Duration> {
    (!span.is_zero()).then_some(span)
}

/// Of the limits that a piece and a person set, the one that is reached first.
fn narrower(piece: Option<Duration>, person: Option<Duration>) -> Option<Duration> {
    piece.into_iter().chain(person).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_limits_on_working_time_the_narrower_counts() {
        let minutes = |n: u64| Some(Duration::from_secs(60 * n));
        for (piece, person, want) in [
            (None, None, None),
            (minutes(120), None, minutes(120)),
            (None, minutes(30), minutes(30)),
            (minutes(120), minutes(30), minutes(30)),
            (minutes(30), minutes(120), minutes(30)),
        ] {
            assert_eq!(narrower(piece, person), want, "{piece:?} {person:?}");
        }
    }
}
