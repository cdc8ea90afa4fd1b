//! Submitting: everything is checked before anything is written, and the piece is pinned (architecture 3.1).

use super::{
    Authority, Handle, Submit,
    attach::input_names,
    skills::{self, Chosen},
};
use crate::{
    error::{self, DaemonError},
    lanes,
    reason::Reason,
    recover,
    workspace::FolderRules,
};
use ripieno_core::{
    budget::Caps,
    hold::LaneChoice,
    id::{TaskId, TaskNo},
    lane::LaneId,
    spec::{FolderMode, PieceRef, TaskSpec},
};
use ripieno_pieces::{
    Loaded, Piece, gate, refusal,
    schema::{AgentChoice, OnInterrupt, Work},
};
use ripieno_store::{NewTask, StoreError, Submitted};
use std::{
    path::{Path, PathBuf},
    sync::PoisonError,
};

/// What a submission led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubmitOutcome {
    /// The task's number.
    pub no: TaskNo,
    /// Its id.
    pub id: TaskId,
    /// Whether an open task with the same key was given back instead (T3).
    pub existing: bool,
}

/// What a task begins with beside its own text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Start {
    /// Nothing.
    Anew,
    /// The session of an earlier task, where that is safe (R4).
    Session(TaskNo),
    /// The files of a checkpoint of an earlier task (R13).
    Checkpoint {
        /// The task.
        of: TaskNo,
        /// The checkpoint.
        n: u32,
    },
}

/// Whether the person named the folder of a submission (D1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Consent {
    /// On the command line or in the composer: that is the consent.
    Named,
    /// It comes from elsewhere; what was decided before counts.
    Inherited,
}

/// The longest title made from a prompt, in characters.
const TITLE_CHARS: usize = 80;
/// The longest prompt, in bytes.
const PROMPT_BYTES: usize = 8 * 1024 * 1024;

impl Handle {
    /// Adds a task. The person naming a folder is the consent to work in it (D1).
    ///
    /// # Errors
    /// Invalid for what cannot be; nothing is half-done then.
    pub async fn submit(
        &self,
        by: &Authority,
        request: Submit,
    ) -> Result<SubmitOutcome, DaemonError> {
        by.person("submit tasks")?;
        self.submit_checked(request, Start::Anew, Consent::Named)
            .await
    }

    pub(crate) async fn submit_checked(
        &self,
        request: Submit,
        start: Start,
        consent: Consent,
    ) -> Result<SubmitOutcome, DaemonError> {
        check_request(&request)?;
        self.room()?;
        let dir = self.checked_folder(request.dir.clone()).await?;
        let (loaded, spec, skills) = self.spec(&request, dir, consent).await?;
        let lane = self.lane_for(&request, &loaded).await?;
        let id = TaskId(self.ctx.random.uuid(self.ctx.now()));
        let new = NewTask {
            id: Some(id),
            spawn_key: request.key.clone(),
            on_interrupt: on_interrupt(&loaded),
            ..NewTask::new(spec, lane.clone())
        };
        self.write_folder(id, &loaded, &request, skills).await?;
        let projects = self.ctx.floor.projects().clone();
        let stored = self.ctx.store.write(move |tx| {
            let submitted = tx.submit(&new)?;
            if let (Consent::Named, Some(dir)) = (consent, &new.spec.dir) {
                projects.consent(tx, dir)?;
            }
            match start {
                Start::Session(earlier) if !submitted.existing => {
                    tx.inherit_session(submitted.no, earlier)?;
                }
                Start::Checkpoint { of, n } if !submitted.existing => {
                    tx.put_rewind(submitted.no, of, n, None)?;
                }
                Start::Anew | Start::Session(_) | Start::Checkpoint { .. } => {}
            }
            Ok(submitted)
        });
        let stored = stored.await;
        if !stored.as_ref().is_ok_and(|s| !s.existing) {
            let folder = self.ctx.home.task_dir(id.to_string());
            drop(tokio::fs::remove_dir_all(folder).await);
        }
        let Submitted {
            no, id, existing, ..
        } = stored.map_err(|error| {
            lanes::disk_trouble(&self.ctx, &error);
            submit_error(error)
        })?;
        if let LaneChoice::Fixed(lane) = &lane {
            recover::know_lane(&self.ctx, lane);
        }
        self.ctx.wake.notify_one();
        Ok(SubmitOutcome { no, id, existing })
    }

    /// Refuses while only the reserve is left: it is for what is under way (C6).
    pub(super) fn room(&self) -> Result<(), DaemonError> {
        let low = *self
            .ctx
            .low_disk
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match low {
            Some(free) if free < self.ctx.settings().disk_reserve => Err(
                DaemonError::NotPossibleNow(format!("nothing was added: {}", error::DISK_FULL)),
            ),
            _ => Ok(()),
        }
    }

    /// The real path of a folder that a task may work in (D3).
    pub(super) async fn checked_folder(
        &self,
        dir: Option<PathBuf>,
    ) -> Result<Option<PathBuf>, DaemonError> {
        let Some(dir) = dir else { return Ok(None) };
        let home = self.ctx.home.clone();
        let checked =
            tokio::task::spawn_blocking(move || FolderRules::new(&home).check(&dir)).await;
        match checked {
            Ok(Ok(real)) => Ok(Some(real)),
            Ok(Err(refused)) => Err(Reason::from(refused).into()),
            Err(broken) => Err(DaemonError::Internal(broken.to_string())),
        }
    }

    async fn spec(
        &self,
        request: &Submit,
        dir: Option<PathBuf>,
        consent: Consent,
    ) -> Result<(Loaded, TaskSpec, Vec<Chosen>), DaemonError> {
        let name = request.piece.clone().unwrap_or_else(|| "solo".to_owned());
        let projects = self.ctx.floor.projects();
        let trusted = |dir: &&Path| consent == Consent::Named || projects.trusts(dir);
        let from = dir.as_deref().filter(trusted);
        let (_, loaded) = self.load_piece_from(name, from).await?;
        let policy = dir
            .as_deref()
            .map(|dir| projects.policy_of(dir))
            .unwrap_or_default();
        let piece = &loaded.piece;
        if let Some(sentence) = refusal(piece, &piece.needs()) {
            return Err(DaemonError::Invalid(sentence));
        }
        if piece.needs_check() {
            gate::resolve(
                piece.name().as_str(),
                &[gate::Gate::Check],
                &request.checks,
                &policy.checks,
            )
            .map_err(|error| DaemonError::Invalid(error.to_string()))?;
        }
        let skills = self.chosen_skills(request, piece, from).await?;
        let settings = self.ctx.settings();
        let mut depends_on = Vec::new();
        for reference in &request.depends_on {
            depends_on.push(
                self.find(reference)
                    .await
                    .map_err(|error| DaemonError::Invalid(error.to_string()))?,
            );
        }
        let continues = match &request.continues {
            Some(reference) => Some(self.find(reference).await?),
            None => None,
        };
        let approvals = request
            .approvals
            .clone()
            .unwrap_or_else(|| settings.approvals.clone());
        let asked = Caps::new(request.budget_tokens, request.budget_micros);
        let budget = asked.narrowest(of_the_piece(piece));
        let spec = TaskSpec {
            title: request
                .title
                .clone()
                .filter(|title| !title.trim().is_empty())
                .unwrap_or_else(|| title(&request.prompt)),
            prompt: request.prompt.clone(),
            labels: request.labels.clone(),
            piece: PieceRef {
                name: piece.name().to_string(),
                digest: loaded.digest.clone(),
            },
            agent: request.agent.clone(),
            model: request
                .model
                .clone()
                .or_else(|| piece.model().map(str::to_owned)),
            effort: request
                .effort
                .clone()
                .or_else(|| piece.effort().map(str::to_owned)),
            mode: self
                .mode(
                    request.mode.or_else(|| projects.mode_of(dir.as_deref()?)),
                    dir.as_deref(),
                )
                .await?,
            dir: dir.map(|dir| dir.display().to_string()),
            approvals: narrower(
                &policy.approvals.as_deref().map_or_else(
                    || approvals.clone(),
                    |level| narrower(&approvals, Some(level)),
                ),
                piece
                    .approvals()
                    .map(ripieno_pieces::schema::Approvals::word),
            ),
            checks: if request.checks.is_empty() {
                policy.checks.clone()
            } else {
                request.checks.clone()
            },
            priority: request.priority,
            depends_on,
            continues,
            inputs: input_names(request)?,
            not_before: request.not_before,
            max_tries: request.max_tries.unwrap_or(settings.retry_tries),
            timeout_ms: request.timeout_ms,
            budget_tokens: budget.tokens,
            budget_micros: budget.micros,
            env_names: joined(&request.env_names, &policy.env_names),
            skills: skills::refs(&skills),
        };
        Ok((loaded, spec, skills))
    }

    /// The lane a task will run in (S7, S9): an agent nobody ever had is refused here.
    async fn lane_for(&self, request: &Submit, loaded: &Loaded) -> Result<LaneChoice, DaemonError> {
        if !loaded.piece.needs_agent() {
            return Ok(LaneChoice::Fixed(LaneId::shell()));
        }
        let wanted = match (&request.agent, loaded.piece.agent()) {
            (Some(agent), _) => Some(agent.clone()),
            (None, AgentChoice::Named(agent)) => Some(agent.clone()),
            (None, AgentChoice::Role(role)) => Some(format!("llm:{role}")),
            (None, AgentChoice::Any) => None,
        };
        match wanted {
            Some(agent) => self.lane_of_agent(&agent).await.map(LaneChoice::Fixed),
            None if self.automatic_lanes().await.is_empty() => Err(Reason::NoAgent.into()),
            None => Ok(LaneChoice::Any),
        }
    }
}

/// What a piece lets a task use (T17).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn of_the_piece(piece: &Piece) -> Caps {
    let budget = piece.budget();
    // Saturates far above any bill; the loader lets no negative amount in.
    let micros = |usd: f64| (usd * 1e6).round() as u64;
    Caps::new(
        budget.and_then(|budget| budget.tokens),
        budget.and_then(|budget| budget.usd).map(micros),
    )
}

fn check_request(request: &Submit) -> Result<(), DaemonError> {
    let invalid = |text: String| Err(DaemonError::Invalid(text));
    if request.prompt.trim().is_empty() {
        return invalid("the prompt is empty: say what is to be done".to_owned());
    }
    if request.prompt.len() > PROMPT_BYTES {
        return invalid(format!(
            "the prompt has {} bytes, at most 8 MiB are taken: attach it with --input",
            request.prompt.len()
        ));
    }
    if request.prompt.contains('\0') {
        return invalid(
            "the prompt contains a NUL character: attach binary data with --input".to_owned(),
        );
    }
    if request.mode == Some(FolderMode::Worktree) && request.dir.is_none() {
        return invalid(
            "a worktree needs a folder to come from: name one with --dir, or leave --mode out"
                .to_owned(),
        );
    }
    if request.max_tries == Some(0) {
        return invalid("--max-tries 0 would never run it: say at least 1".to_owned());
    }
    if let Some(word) = &request.approvals {
        check_approvals(word)?;
    }
    if let Some(level) = &request.effort {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if level.is_empty() || level.len() > 64 || !level.chars().all(plain) {
            let text =
                format!("{level:?} is no reasoning level: name one, such as low, medium or high");
            return invalid(text);
        }
    }
    check_env_names(&request.env_names)
}

pub(super) fn check_approvals(word: &str) -> Result<(), DaemonError> {
    if ["ask_all", "ask_risky", "trusted"].contains(&word) {
        return Ok(());
    }
    Err(DaemonError::Invalid(format!(
        "`{word}` is no approval level: choose ask_all, ask_risky or trusted"
    )))
}

pub(super) fn check_env_names(names: &[String]) -> Result<(), DaemonError> {
    for name in names {
        ripieno_agents::env::check_name(name).map_err(|refused| {
            DaemonError::Invalid(format!("{name} cannot be passed to a task: {refused}"))
        })?;
    }
    Ok(())
}

/// The names of both lists, each once.
fn joined(own: &[String], more: &[String]) -> Vec<String> {
    let mut names = own.to_vec();
    names.extend(more.iter().filter(|name| !own.contains(name)).cloned());
    names
}

/// The first line that says something.
fn title(prompt: &str) -> String {
    let line = prompt
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with("#!"))
        .unwrap_or_default();
    let mut title: String = line.chars().take(TITLE_CHARS).collect();
    if line.chars().count() > TITLE_CHARS {
        title.push('…');
    }
    title
}

/// Of two approval levels the one that asks more (A5).
fn narrower(task: &str, piece: Option<&str>) -> String {
    let order = ["ask_all", "ask_risky", "trusted"];
    let at = |word: &str| order.iter().position(|w| *w == word).unwrap_or(0);
    let least = piece.map_or(at(task), |piece| at(task).min(at(piece)));
    order[least].to_owned()
}

fn on_interrupt(loaded: &Loaded) -> ripieno_core::task::OnInterrupt {
    use ripieno_core::task::OnInterrupt as Rule;
    let piece = &loaded.piece;
    match piece
        .movement(piece.start())
        .map(|m| (m.on_interrupt(), m.work()))
    {
        Some((OnInterrupt::Resume, Work::Agent { .. })) => Rule::Resume,
        Some((OnInterrupt::Ask, _)) => Rule::Ask,
        Some((OnInterrupt::Fail, _)) => Rule::Fail,
        Some((OnInterrupt::Resume | OnInterrupt::Restart, _)) | None => Rule::Restart,
    }
}

fn submit_error(error: StoreError) -> DaemonError {
    match error {
        StoreError::UnknownDependency { .. } | StoreError::ParentEnded { .. } => {
            DaemonError::Invalid(error.to_string())
        }
        other => other.into(),
    }
}
