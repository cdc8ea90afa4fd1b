//! The project's own scripts: `setup` before a task's first turn, `teardown` when its work is done (D1).

use super::{Attempt, End, turn::TurnEnd};
use ripieno_agents::{Limits, RunSpec, Session, Work};
use ripieno_core::{
    event::YieldReason,
    failure::{Class, Failure},
    project::ProjectPolicy,
};
use ripieno_store::StoreError;
use std::{path::Path, time::Duration};

/// How long the teardown of a task that is cancelled, or has ended, may take.
pub(crate) const CLEAN_UP: Duration = Duration::from_secs(60);

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
    /// Runs the project's setup, unless an earlier attempt got further than that and nothing was torn down since.
    pub(super) async fn set_up(&mut self) -> Result<(), End> {
        self.was_set_up = true;
        let no = self.no;
        let policy = self.policy();
        let before = self.ctx.store.read(move |r| r.teardown(no)).await;
        let before = before.map_err(unrecorded)?;
        let torn_down = before.as_ref().is_some_and(|row| !row.due);
        let is_further = self.row.resume.position.is_some() && !torn_down;
        if before.is_none_or(|row| !row.due)
            && (policy.setup.is_some() || policy.teardown.is_some())
        {
            let folder = self.dirs.work.display().to_string();
            let write = self.ctx.store.write(move |tx| tx.set_up_begun(no, &folder));
            write.await.map_err(unrecorded)?;
        }
        if is_further {
            return Ok(());
        }
        let done = self.project_script(Script::Setup).await;
        if matches!(done, Err(End::Failed(_))) {
            // Nothing is torn down that was never set up.
            self.begin_teardown().await?;
        }
        done
    }

    /// Runs the project's teardown, once for each setup.
    pub(super) async fn tear_down(&mut self) -> Result<(), End> {
        if !self.begin_teardown().await? {
            return Ok(());
        }
        ripieno_store::crash::point("daemon.teardown.begun");
        self.project_script(Script::Teardown).await
    }

    /// Whether the teardown is still to be run; from now on it is not.
    async fn begin_teardown(&mut self) -> Result<bool, End> {
        let no = self.no;
        let begun = self.ctx.store.write(move |tx| tx.teardown_begun(no)).await;
        begun.map_err(unrecorded)
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
                idle: super::movement::limit(self.settings.watchdog_idle),
                tool: super::movement::limit(self.settings.watchdog_tool),
                working: self.cleaning.then_some(CLEAN_UP),
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

fn unrecorded(error: StoreError) -> End {
    let class = match error {
        StoreError::Disk { .. } => Class::DiskFull,
        _ => Class::Unknown,
    };
    End::Failed(Failure::new(class, error.to_string()))
}
