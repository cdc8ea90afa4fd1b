//! The view of a task.

use super::{
    Ask, ChangesSum, Worktree,
    hold::{hold, sentence},
    time,
};
use ripieno_core::{budget::Caps, hold::LaneChoice, notes::ChecklistStep, receipt, state::Wish};
use ripieno_daemon::handle::{Detail, UsageSum};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A piece by name and digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Piece {
    /// Its name.
    pub name: String,
    /// SHA-256 of what was pinned.
    pub digest: String,
}

/// Why a task, or its last attempt, failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Failure {
    /// The class by name (architecture 1.5).
    pub class: String,
    /// What was said.
    pub text: String,
}

/// What the performer reported (T14).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "TaskResult"))]
pub struct Result {
    /// At most eight lines.
    pub summary: String,
    /// What it delivered.
    #[cfg_attr(test, ts(type = "Array<Artifact>"))]
    pub artifacts: Vec<receipt::Artifact>,
    /// What can be checked.
    #[cfg_attr(test, ts(type = "Array<Check>"))]
    pub verification: Vec<receipt::Check>,
}

/// Tokens and money of one model (R5).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Usage {
    /// The model.
    pub model: String,
    /// Tokens read, caches apart.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens read from a cache.
    pub cache_read: u64,
    /// Tokens written to a cache.
    pub cache_write: u64,
    /// US dollars; none where nobody said.
    pub cost_usd: Option<f64>,
}

/// What a task may use before a person is asked (T17).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Budget {
    /// The cap on tokens, those read from a cache apart; none where there is no cap.
    pub tokens: Option<u64>,
    /// The cap on money, in US dollars.
    pub usd: Option<f64>,
}

/// What a live attempt does now (O4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Activity {
    /// Its last tool call, in one line.
    pub line: Option<String>,
    /// Its last sign of life.
    pub at: Option<String>,
}

/// The folder and files of what a task delivered (T25).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Outputs {
    /// The folder.
    pub folder: String,
    /// Paths below it, sorted.
    pub files: Vec<String>,
}

/// A task.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Task {
    /// Its UUID.
    pub id: String,
    /// `T-` and a number.
    pub short_id: String,
    /// What people see.
    pub title: String,
    /// What is to be done; in lists its first 4,000 characters.
    pub prompt: String,
    /// Free labels.
    pub labels: Vec<String>,
    /// The shown state (cli.md, Views).
    #[cfg_attr(test, ts(type = "TaskState"))]
    pub state: String,
    /// The state in a sentence.
    pub state_text: String,
    /// Why it waits (S2).
    #[cfg_attr(test, ts(type = "Hold | null"))]
    pub hold: Option<Value>,
    /// The workflow.
    pub piece: Piece,
    /// The movement under way, or the last one.
    pub movement: Option<String>,
    /// The agent asked for.
    pub agent: Option<String>,
    /// The model, as used where that is known, else as asked for.
    pub model: Option<String>,
    /// The lane it runs or ran in; else the one it is bound to.
    pub lane: Option<String>,
    /// The folder it was given.
    pub dir: Option<String>,
    /// `in_place` or `worktree`.
    #[cfg_attr(test, ts(type = "\"in_place\" | \"worktree\""))]
    pub mode: String,
    /// Where it works.
    pub workdir: String,
    /// Its branch, where it works in a worktree.
    pub branch: Option<String>,
    /// What is known of its worktree, once there is one.
    pub worktree: Option<Worktree>,
    /// The approval level (A5).
    pub approvals: String,
    /// How urgent.
    #[cfg_attr(test, ts(type = "Priority"))]
    pub priority: String,
    /// The first task of its thread.
    pub thread: String,
    /// The task that spawned it.
    pub parent: Option<String>,
    /// The tasks it spawned.
    pub children: Vec<String>,
    /// The tasks it depends on.
    pub depends_on: Vec<String>,
    /// The person's mark (T12).
    pub paused: bool,
    /// Whether it is being stopped for good (T11).
    pub cancelling: bool,
    /// The key that makes two submissions one (T3).
    pub key: Option<String>,
    /// How often it was leased.
    pub attempt: u32,
    /// Tries that count (T8).
    pub tries_used: u32,
    /// Tries in all.
    pub max_tries: u32,
    /// Why it, or its last attempt, failed.
    pub failure: Option<Failure>,
    /// Its open asks.
    pub asks: Vec<Ask>,
    /// What the performer reported.
    pub result: Option<Result>,
    /// The folder of what it delivers.
    pub outputs: String,
    /// How much it changed in its folder, once it has ended; none where that is not known.
    pub changes: Option<ChangesSum>,
    /// What it used, per model.
    pub usage: Vec<Usage>,
    /// What it may use, as raised since; none without a cap.
    pub budget: Option<Budget>,
    /// What it is about, as its performers put it (T20).
    pub brief: Option<String>,
    /// The performer's list of steps (L10).
    #[cfg_attr(test, ts(type = "Array<ChecklistStep>"))]
    pub checklist: Vec<ChecklistStep>,
    /// What it does now.
    pub activity: Option<Activity>,
    /// When it was submitted.
    pub created_at: String,
    /// When it first ran.
    pub started_at: Option<String>,
    /// When it ended.
    pub ended_at: Option<String>,
    /// When a person saw its end.
    pub seen_at: Option<String>,
}

/// How much of a prompt a list shows, in characters.
const LISTED_PROMPT: usize = 4_000;

impl Task {
    /// The view for lists: a long prompt is cut.
    #[must_use]
    pub fn listed(detail: &Detail) -> Self {
        let mut task = Task::from(detail);
        if let Some((at, _)) = task.prompt.char_indices().nth(LISTED_PROMPT) {
            task.prompt.truncate(at);
            task.prompt.push('…');
        }
        task
    }
}

impl From<&Detail> for Task {
    fn from(detail: &Detail) -> Self {
        let row = &detail.row;
        let spec = &row.spec;
        let lane = match &row.lane {
            LaneChoice::Fixed(lane) => Some(lane.to_string()),
            LaneChoice::Any => None,
        };
        Task {
            id: row.id.to_string(),
            short_id: row.no.to_string(),
            title: spec.title.clone(),
            prompt: spec.prompt.clone(),
            labels: spec.labels.clone(),
            state: row.task.shown().to_owned(),
            state_text: state_text(detail),
            hold: detail.hold.as_ref().map(|held| hold(held, row.task.paused)),
            piece: Piece {
                name: spec.piece.name.clone(),
                digest: spec.piece.digest.clone(),
            },
            movement: movement(detail),
            agent: spec.agent.clone(),
            model: detail
                .attempts
                .last()
                .and_then(|a| a.model.clone())
                .or_else(|| spec.model.clone()),
            lane: row.ran_in.as_ref().map(ToString::to_string).or(lane),
            dir: spec.dir.clone(),
            mode: match spec.mode {
                ripieno_core::spec::FolderMode::InPlace => "in_place".to_owned(),
                ripieno_core::spec::FolderMode::Worktree => "worktree".to_owned(),
            },
            workdir: detail.workdir.display().to_string(),
            branch: detail.tree.as_ref().map(|tree| tree.branch.clone()),
            worktree: detail.tree.as_ref().map(Worktree::from),
            approvals: spec.approvals.clone(),
            priority: row.task.priority.name().to_owned(),
            thread: detail.thread.to_string(),
            parent: detail.parent.map(|id| id.to_string()),
            children: detail.children.iter().map(ToString::to_string).collect(),
            depends_on: detail.depends_on.iter().map(ToString::to_string).collect(),
            paused: row.task.paused,
            cancelling: row.task.wish == Some(Wish::Cancel),
            key: row.spawn_key.clone(),
            attempt: row.task.attempt,
            tries_used: row.task.tries_used,
            max_tries: spec.max_tries,
            failure: row.failure.as_ref().map(|f| Failure {
                class: f.class.clone(),
                text: f.text.clone(),
            }),
            asks: detail.asks.iter().map(Ask::from).collect(),
            result: detail.receipt.as_ref().map(|receipt| Result {
                summary: receipt.summary.clone(),
                artifacts: receipt.artifacts.clone(),
                verification: receipt.checks.clone(),
            }),
            outputs: detail.outputs.display().to_string(),
            changes: detail.changes.map(ChangesSum::from),
            usage: detail.usage.iter().map(Usage::from).collect(),
            budget: budget(detail.budget),
            brief: detail.notes.brief.clone(),
            checklist: detail.notes.checklist.clone(),
            activity: detail.pulse.as_ref().map(|p| Activity {
                line: p.line.clone(),
                at: p.at.map(time),
            }),
            created_at: time(row.created_at),
            started_at: row.started_at.map(time),
            ended_at: row.task.finished_at.map(time),
            seen_at: row.seen_at.map(time),
        }
    }
}

fn movement(detail: &Detail) -> Option<String> {
    let live = detail
        .pulse
        .as_ref()
        .and_then(|pulse| pulse.movement.clone());
    live.or_else(|| {
        detail
            .movements
            .last()
            .map(|movement| movement.name.clone())
    })
}

impl From<&UsageSum> for Usage {
    fn from(sum: &UsageSum) -> Self {
        Usage {
            model: sum.model.clone(),
            input: sum.input,
            output: sum.output,
            cache_read: sum.cache_read,
            cache_write: sum.cache_write,
            cost_usd: sum.cost_micros.map(dollars),
        }
    }
}

fn budget(caps: Caps) -> Option<Budget> {
    let budget = Budget {
        tokens: caps.tokens,
        usd: caps.micros.map(dollars),
    };
    (!caps.is_empty()).then_some(budget)
}

/// Millionths as dollars: exact to the millionth for any sum a task can reach.
#[allow(clippy::cast_precision_loss)]
fn dollars(micros: u64) -> f64 {
    micros as f64 / 1e6
}

/// The state in a sentence: why it waits, what it does, how it ended.
fn state_text(detail: &Detail) -> String {
    use ripieno_core::state::StateKind;
    let row = &detail.row;
    if row.task.wish == Some(Wish::Cancel) {
        return "It is being cancelled.".to_owned();
    }
    if let Some(held) = &detail.hold {
        return sentence(held, row.task.paused);
    }
    if row.task.wish == Some(Wish::Pause) {
        return "It is being stopped; it goes on when resumed.".to_owned();
    }
    let failure = || {
        row.failure
            .as_ref()
            .map_or_else(String::new, |f| format!(": {}", first_line(&f.text)))
    };
    match row.task.state.kind() {
        StateKind::Queued => "It starts next.".to_owned(),
        StateKind::Waiting => "It waits for other tasks.".to_owned(),
        StateKind::Leased => "It is being prepared.".to_owned(),
        StateKind::Running => match (
            movement(detail),
            detail.pulse.as_ref().and_then(|p| p.line.as_ref()),
        ) {
            (Some(movement), Some(line)) => format!("{movement}: {line}"),
            (Some(movement), None) => format!("It is at movement {movement}."),
            (None, _) => "It is running.".to_owned(),
        },
        StateKind::NeedsInput => "It waits for your answer.".to_owned(),
        StateKind::NeedsVerification => "Its work is being checked.".to_owned(),
        StateKind::Done => "It is done.".to_owned(),
        StateKind::Failed => format!("It failed{}", failure()),
        StateKind::Dead => format!("Its {} tries are used up{}", row.spec.max_tries, failure()),
        StateKind::Cancelled => "It was cancelled.".to_owned(),
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
