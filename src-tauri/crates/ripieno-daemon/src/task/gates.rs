//! Gates: commands that must pass before an outcome of an agent counts (P2).

use super::{Attempt, End, turn::TurnEnd};
use ripieno_agents::{Session, Work};
use ripieno_core::{
    event::YieldReason,
    failure::{Class, Failure},
};
use ripieno_pieces::{
    Name, Piece,
    gate::{Gate, resolve},
    step::MovementEnd,
};

impl Attempt {
    /// Runs the gates in order, in the task's folder, until one fails.
    pub(super) async fn check_gates(
        &mut self,
        piece: &Piece,
        movement: &Name,
        gates: &[Gate],
    ) -> Result<MovementEnd, End> {
        let fail = |class, text: String| End::Failed(Failure::new(class, text));
        let commands = resolve(piece.name().as_str(), gates, &self.row.spec.checks, &[])
            .map_err(|error| fail(Class::PieceInvalid, error.to_string()))?;
        let Some(movement) = piece.movement(movement) else {
            return Err(fail(
                Class::PieceInvalid,
                format!("the piece has no movement {movement}"),
            ));
        };
        let Some(shell) = self.ctx.performer("shell") else {
            return Err(fail(
                Class::ExecutableMissing,
                "this system has no `sh`: install a POSIX shell".into(),
            ));
        };
        for (number, command) in commands.iter().enumerate() {
            self.status(format!("gate: {command}")).await;
            self.tail.clear();
            let file = self
                .dirs
                .attempt
                .join(format!("{}-gate-{number}.sh", movement.name()));
            let work = Work::Script {
                text: command.clone(),
                file,
            };
            let mut spec = self.run_spec(&shell, work, movement);
            spec.session = Session::New(self.ctx.random.uuid(self.ctx.now()));
            match self.turn(&shell, spec).await {
                TurnEnd::Completed {
                    exit: Some(0) | None,
                    ..
                } => {}
                TurnEnd::Completed {
                    exit: Some(code), ..
                } => {
                    self.status(format!("gate failed with exit code {code}: {command}"))
                        .await;
                    let output =
                        format!("$ {command}\n{}\n(exit code {code})", self.tail.trim_end());
                    return Ok(MovementEnd::GatesFailed { output });
                }
                TurnEnd::Stopped => return Err(End::Stopped),
                TurnEnd::Suspended => return Err(End::Yielded(YieldReason::Interrupted)),
                TurnEnd::Waiting => return Err(End::Waiting),
                TurnEnd::Stale => return Err(End::Stale),
                TurnEnd::Failed(failure) => return Err(End::Failed(failure)),
                TurnEnd::ResumeRejected | TurnEnd::OverBudget => {
                    return Err(fail(
                        Class::Unknown,
                        "a script has neither session nor budget".into(),
                    ));
                }
            }
        }
        self.status("gates passed").await;
        Ok(MovementEnd::GatesPassed)
    }
}
