//! The project's own scripts: `setup` before a task's first turn, `teardown` when its work is done (D1).

use super::{Attempt, End, turn::TurnEnd};
use ripieno_agents::{Limits, RunSpec, Session, Work};
use ripieno_core::{
    event::YieldReason,
    failure::{Class, Failure},
    project::ProjectPolicy,
};
use std::{path::Path, time::Duration};

/// How long the teardown of a cancelled task may take.
const AFTER_CANCEL: Duration = Duration::from_secs(60);

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Script {
    Setup,
    Teardown,
}

impl Script {
    fn name(self) -> &'static str {
        match self {
            Script::Setup => "setup",
            Script::Teardown => "teardown",
        }
    }
}

impl Attempt {
    /// Runs the project's setup, unless an earlier attempt got further than that.
    pub(super) async fn set_up(&mut self) -> Result<(), End> {
        self.was_set_up = true;
        if self.row.resume.position.is_some() {
            return Ok(());
        }
        self.project_script(Script::Setup).await
    }

    /// Runs the project's teardown.
    pub(super) async fn tear_down(&mut self) -> Result<(), End> {
        self.project_script(Script::Teardown).await
    }

    /// What the project of the folder decides; nothing without one.
    pub(super) fn policy(&self) -> ProjectPolicy {
        let dir = self.row.spec.dir.as_ref();
        dir.map(|dir| self.ctx.floor.projects().policy_of(Path::new(dir)))
            .unwrap_or_default()
    }

    async fn project_script(&mut self, script: Script) -> Result<(), End> {
        let policy = self.policy();
        let text = match script {
            Script::Setup => policy.setup,
            Script::Teardown => policy.teardown,
        };
        let Some(text) = text else { return Ok(()) };
        let failed = |text: String| End::Failed(Failure::new(Class::SetupFailed, text));
        let Some(shell) = self.ctx.performer("shell") else {
            return Err(failed(
                "this system has no `sh`: install a POSIX shell".to_owned(),
            ));
        };
        let name = script.name();
        self.status(format!("{name}: {text}")).await;
        // What the agent is told of its last output is not what the project's script said.
        let tail = std::mem::take(&mut self.tail);
        let file = self.dirs.attempt.join(format!("project-{name}.sh"));
        let spec = RunSpec {
            work: Work::Script { text, file },
            folder: self.dirs.work.clone(),
            env: self.environment(&shell),
            session: Session::New(self.ctx.random.uuid(self.ctx.now())),
            model: None,
            effort: None,
            approvals: ripieno_agents::Approvals::Trusted,
            access: ripieno_agents::Access::Full,
            limits: Limits {
                idle: super::work::limit(self.settings.watchdog_idle),
                tool: super::work::limit(self.settings.watchdog_tool),
                working: self.cleaning.then_some(AFTER_CANCEL),
                grace: self.settings.stop_grace,
            },
            raw_log: self.dirs.attempt.join("raw.log"),
            spill: self.dirs.spill.clone(),
            title: self.row.spec.title.clone(),
            most_micros: None,
            tools: None,
        };
        let end = self.turn(&shell, spec).await;
        let said = std::mem::replace(&mut self.tail, tail);
        match end {
            TurnEnd::Completed {
                exit: Some(0) | None,
                ..
            } => Ok(()),
            TurnEnd::Completed {
                exit: Some(code), ..
            } => Err(failed(format!(
                "the project's {name} script ended with exit code {code}: {}",
                said.trim_end()
            ))),
            TurnEnd::Failed(failure) => Err(failed(format!(
                "the project's {name} script failed: {}",
                failure.text
            ))),
            TurnEnd::Stopped => Err(End::Stopped),
            TurnEnd::Suspended => Err(End::Yielded(YieldReason::Interrupted)),
            TurnEnd::Waiting => Err(End::Waiting),
            TurnEnd::Stale => Err(End::Stale),
            TurnEnd::ResumeRejected | TurnEnd::OverBudget => {
                Err(failed("a script has neither session nor budget".to_owned()))
            }
        }
    }
}
