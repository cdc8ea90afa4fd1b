//! Runtimes: what this machine can run, found at start and on demand (A1), and the lanes they make (S7, S9).

use crate::{
    config::{OwnAgent, Protocol},
    ctx::Ctx,
    error::DaemonError,
    handle::Handle,
    offers,
    performers::Performer,
    reason::Reason,
};
use ripieno_agents::{
    acp::{Acp, Profile},
    claude::Claude,
    codex::Codex,
    discover::{Change, Discovered, Discovery, Own, Trace},
    generic::{self, Generic},
    offer::Offer,
    shell::Shell,
};
use ripieno_core::lane::LaneId;
use std::{collections::BTreeMap, path::PathBuf, sync::PoisonError};
use tokio::sync::MutexGuard;

/// A runtime as surfaces show it (cli.md, Views).
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Runtime {
    /// `kind:account`, as its lane.
    pub id: String,
    /// `claude`, `shell`, ...
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// What it is called on the search path.
    pub program: String,
    /// Where it was found.
    pub path: Option<String>,
    /// What it says of itself.
    pub version: Option<String>,
    /// Whether tasks can use it.
    pub usable: bool,
    /// Why not, or what is noteworthy.
    pub reason: Option<String>,
    /// Whether a login is there, where that can be told without the network.
    pub signed_in: Option<bool>,
    /// How we talk to it.
    pub protocol: Option<String>,
    /// What it lets people choose from, as it told when it last ran (A4).
    pub offer: Option<Offer>,
    /// The lane of its tasks.
    pub lane: Option<LaneId>,
}

impl Runtime {
    /// The models it offers, in its own order.
    #[must_use]
    pub fn models(&self) -> Vec<String> {
        let models = self.offer.iter().flat_map(|offer| &offer.models);
        models.map(|model| model.id.clone()).collect()
    }

    /// The reasoning levels that go with each model, where it told; those without a model under an empty name.
    #[must_use]
    pub fn levels(&self) -> BTreeMap<String, Vec<String>> {
        let Some(offer) = &self.offer else {
            return BTreeMap::new();
        };
        let without = offer.levels.clone().map(|levels| (String::new(), levels));
        let each = offer.models.iter();
        let each = each.filter_map(|model| Some((model.id.clone(), model.levels.clone()?)));
        without.into_iter().chain(each).collect()
    }
}

/// Scripts need no discovery: there is always a lane for them.
pub fn add_shell(ctx: &Ctx) {
    let shell = Performer::Shell(Shell::new(ctx.launcher.clone()));
    put(ctx, "shell", shell);
    crate::recover::know_lane(ctx, &LaneId::shell());
}

/// The last search for agents.
#[derive(Debug, Default)]
pub struct Search {
    /// Remembers versions.
    discovery: Discovery,
    /// What it went by; `None` before the first one.
    trace: Option<Trace>,
}

/// Looks for agents, once for everybody who asks at the same time; again when `refresh` is set, or when what the last search
/// went by has changed (A1).
pub async fn discover(ctx: &Ctx, refresh: bool) {
    search(ctx, ctx.discovery.lock().await, refresh).await;
}

/// Looks again without a cause: of all programs, only those are started that did not tell their version.
pub async fn ask_again(ctx: &Ctx) {
    renew(ctx, ctx.discovery.lock().await, Change::Programs).await;
}

/// As [`discover`], where nobody else looks just now: before a claimed task is begun a search under way is not waited for.
async fn look_again(ctx: &Ctx) {
    if let Ok(held) = ctx.discovery.try_lock() {
        search(ctx, held, false).await;
    }
}

/// What makes a search necessary; `None` when the last one still holds.
async fn cause(ctx: &Ctx, search: &Search, refresh: bool) -> Option<Change> {
    let Some(trace) = search.trace.clone() else {
        return Some(Change::Programs);
    };
    if refresh {
        return Some(Change::Shell);
    }
    let environment = ctx.resolved_environment().await;
    let look = tokio::task::spawn_blocking(move || match trace.change(&environment.vars) {
        // The worker's own environment stays what it is.
        Change::Shell if environment.shell.is_none() => Change::Programs,
        change => change,
    });
    match look.await {
        Ok(Change::Nothing) | Err(_) => None,
        Ok(change) => Some(change),
    }
}

async fn search(ctx: &Ctx, mut held: MutexGuard<'_, Search>, refresh: bool) {
    let Some(cause) = cause(ctx, &held, refresh).await else {
        return;
    };
    if refresh {
        // The file of a shim stays the same while what it leads to changes: who asks gets a fresh answer.
        held.discovery = Discovery::default();
    }
    renew(ctx, held, cause).await;
}

async fn renew(ctx: &Ctx, mut held: MutexGuard<'_, Search>, cause: Change) {
    if cause == Change::Shell {
        ctx.environment.refresh(ctx.settings().login_shell).await;
    }
    let environment = ctx.resolved_environment().await;
    let vars = environment.vars.clone();
    let before = tokio::task::spawn_blocking(move || Trace::before(&vars)).await;
    let own = ctx.settings().agents.clone();
    let looked_for: Vec<Own> = own.iter().map(sought).collect();
    let found = held
        .discovery
        .everything(&environment.vars, &looked_for)
        .await;
    held.trace = before.ok().map(|before| before.with(&found));
    for agent in &found {
        let own = own.iter().find(|own| own.name == agent.kind);
        take(ctx, agent, own);
    }
    allow_automatic(ctx);
    let mut found: Vec<Runtime> = found.iter().map(runtime).collect();
    offers::remember(ctx, &mut found).await;
    let changed = {
        let mut known = ctx.runtimes.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *known, found.clone()) != found
    };
    drop(held);
    if changed {
        ctx.wake.notify_one();
    }
}

/// What is looked for of an agent of the person's own.
fn sought(own: &OwnAgent) -> Own {
    Own {
        kind: own.name.clone(),
        name: own.title.clone(),
        command: own.command.clone(),
        protocol: own.protocol.word().to_owned(),
    }
}

/// An agent of the person's own, with the program found for it.
fn performer_of(ctx: &Ctx, own: &OwnAgent, path: PathBuf) -> Performer {
    let launcher = ctx.launcher.clone();
    match own.protocol {
        Protocol::Acp => {
            let profile = Profile {
                env_names: own.env.clone(),
                ..Profile::custom(&own.name, &own.title, own.args.clone())
            };
            Performer::Acp(Acp::new(profile, path, launcher))
        }
        Protocol::Lines(prompt) => {
            let profile = generic::Profile {
                kind: own.name.clone(),
                name: own.title.clone(),
                arguments: own.args.clone(),
                env_names: own.env.clone(),
                prompt,
                model_arguments: own.model_args.clone(),
                effort_arguments: own.effort_args.clone(),
            };
            Performer::Generic(Generic::new(profile, path, launcher))
        }
    }
}

/// Makes a usable agent a performer with a lane.
fn take(ctx: &Ctx, agent: &Discovered, own: Option<&OwnAgent>) {
    let Some(path) = agent.path.clone().filter(|_| agent.usable) else {
        return;
    };
    let Ok(lane) = LaneId::new(&agent.kind, "default") else {
        return;
    };
    let launcher = ctx.launcher.clone();
    let performer = match (own, agent.kind.as_str()) {
        (Some(own), _) => performer_of(ctx, own, path),
        (None, "claude") => Performer::Claude(Claude::new(path, launcher)),
        (None, "codex") => Performer::Codex(Codex::new(path, launcher)),
        (None, other) => match Profile::known(other) {
            Some(profile) => Performer::Acp(Acp::new(profile, path, launcher)),
            None => return,
        },
    };
    put(ctx, &agent.kind, performer);
    crate::recover::know_lane(ctx, &lane);
}

/// Of the lanes the user allows for automatic choice, those whose agent is here, or was (S7, S9).
pub fn allow_automatic(ctx: &Ctx) {
    let known: Vec<LaneId> = ctx
        .floor
        .lanes()
        .into_iter()
        .map(|view| view.lane.id)
        .collect();
    let mut allowed = ctx.settings().automatic.clone();
    allowed.retain(|lane| known.contains(lane));
    ctx.floor.set_automatic(allowed);
}

fn put(ctx: &Ctx, kind: &str, performer: Performer) {
    ctx.performers
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(kind.to_owned(), performer);
}

fn runtime(agent: &Discovered) -> Runtime {
    let lane = LaneId::new(&agent.kind, "default")
        .ok()
        .filter(|_| agent.usable);
    Runtime {
        id: lane
            .as_ref()
            .map_or_else(|| agent.kind.clone(), ToString::to_string),
        kind: agent.kind.clone(),
        name: agent.name.clone(),
        program: agent.program.clone(),
        path: agent.path.as_ref().map(|path| path.display().to_string()),
        version: agent.version.clone(),
        usable: agent.usable,
        reason: agent.reason.clone(),
        signed_in: agent.signed_in,
        protocol: agent.protocol.clone(),
        offer: None,
        lane,
    }
}

/// The performer of a kind, looked for again when it is not known (a restart, an installation since) or may have changed.
pub async fn performer(ctx: &Ctx, kind: &str) -> Option<Performer> {
    look_again(ctx).await;
    if let Some(performer) = ctx.performer(kind) {
        return Some(performer);
    }
    discover(ctx, false).await;
    ctx.performer(kind)
}

/// Whether the agent of a lane was found when it was last looked for.
#[must_use]
pub fn is_found(ctx: &Ctx, lane: &LaneId) -> bool {
    let runtimes = ctx.runtimes.read().unwrap_or_else(PoisonError::into_inner);
    runtimes
        .iter()
        .any(|runtime| runtime.lane.as_ref() == Some(lane))
}

/// Whether the program of a lane is there and cannot be used: on a busy machine it may not have told its version in time.
#[must_use]
pub fn is_unusable(ctx: &Ctx, lane: &LaneId) -> bool {
    let runtimes = ctx.runtimes.read().unwrap_or_else(PoisonError::into_inner);
    let silent = |one: &Runtime| one.kind == lane.kind() && one.path.is_some() && !one.usable;
    runtimes.iter().any(silent)
}

impl Handle {
    /// The lane of an agent by name; one nobody ever had is refused (S9).
    pub(crate) async fn lane_of_agent(&self, agent: &str) -> Result<LaneId, DaemonError> {
        discover(&self.ctx, false).await;
        if let Some(lane) = self.known_lane(agent) {
            return Ok(lane);
        }
        discover(&self.ctx, true).await;
        if let Some(lane) = self.known_lane(agent) {
            return Ok(lane);
        }
        let runtimes = self
            .ctx
            .runtimes
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let why = runtimes
            .iter()
            .find(|r| r.kind == agent || r.id == agent)
            .and_then(|r| r.reason.clone());
        let ready = runtimes.iter().filter(|r| r.lane.is_some());
        let ready = ready.map(|r| r.kind.clone()).collect();
        let agent = agent.to_owned();
        let reason = match why {
            Some(why) => Reason::AgentUnusable { agent, why, ready },
            None => Reason::AgentUnknown { agent, ready },
        };
        Err(reason.into())
    }

    /// A lane that is there, or was: one whose program has gone missing takes tasks, which then wait (S9).
    fn known_lane(&self, agent: &str) -> Option<LaneId> {
        let lane: LaneId = if agent.contains(':') {
            agent.parse().ok()?
        } else {
            LaneId::new(agent, "default").ok()?
        };
        let found = self.ctx.performer(lane.kind()).is_some();
        let had = self
            .ctx
            .floor
            .lanes()
            .iter()
            .any(|view| view.lane.id == lane);
        (found && lane.account() == "default" || had).then_some(lane)
    }

    /// The lanes a task without a fixed agent may go to.
    pub(crate) async fn automatic_lanes(&self) -> Vec<LaneId> {
        discover(&self.ctx, false).await;
        let view = self
            .ctx
            .floor
            .view(self.ctx.now(), None, crate::floor::RowFacts::default());
        ripieno_core::hold::World::automatic_lanes(&view)
    }
}
