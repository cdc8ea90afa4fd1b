//! A validated piece: what a loaded YAML file means, with nothing left to doubt.
//!
//! Only the loader makes these values. Every movement named by a route exists, every facet is
//! present as text, every movement can be reached and can reach an end.

use std::time::Duration;

use serde::Serialize;

use crate::gate::Gate;
use crate::name::Name;
pub use crate::words::{Access, Approvals, OnInterrupt, OnStuck, Review, Session, Verify};

/// How many movements a piece may enter when it does not say.
pub const DEFAULT_MAX_MOVEMENTS: u32 = 24;
/// The most `max_movements` a piece may ask for.
pub const MOST_MOVEMENTS: u32 = 1_000;

/// A workflow that passed every check of the loader (format version 1).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Piece {
    pub(crate) name: Name,
    pub(crate) summary: String,
    pub(crate) start: Name,
    pub(crate) max_movements: u32,
    pub(crate) agent: AgentChoice,
    pub(crate) model: Option<String>,
    pub(crate) effort: Option<String>,
    pub(crate) approvals: Option<Approvals>,
    pub(crate) verify: Verify,
    pub(crate) review: Review,
    pub(crate) budget: Option<Budget>,
    pub(crate) required_mcp: Vec<String>,
    pub(crate) skills: Vec<String>,
    pub(crate) browser_profile: Option<String>,
    pub(crate) movements: Vec<Movement>,
    pub(crate) monitors: Vec<Monitor>,
}

impl Piece {
    /// The name it is called by.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What it is for, in one line; may be empty.
    #[must_use]
    pub fn summary(&self) -> &str {
        &self.summary
    }

    /// The movement a fresh run begins with.
    #[must_use]
    pub fn start(&self) -> &Name {
        &self.start
    }

    /// How many movements one run may enter before it fails with `IterationLimit`.
    #[must_use]
    pub fn max_movements(&self) -> u32 {
        self.max_movements
    }

    /// Who carries out movements that name no agent of their own.
    #[must_use]
    pub fn agent(&self) -> &AgentChoice {
        &self.agent
    }

    /// The model for movements that name none (P5).
    #[must_use]
    pub fn model(&self) -> Option<&str> {
        self.model.as_deref()
    }

    /// The reasoning level for movements that name none (A4).
    #[must_use]
    pub fn effort(&self) -> Option<&str> {
        self.effort.as_deref()
    }

    /// The widest approval level this piece accepts (A5); the narrowest of piece, task and
    /// project counts.
    #[must_use]
    pub fn approvals(&self) -> Option<Approvals> {
        self.approvals
    }

    /// Whether a claim of success must be checked (T15).
    #[must_use]
    pub fn verify(&self) -> Verify {
        self.verify
    }

    /// Whether a person reviews the result (T16).
    #[must_use]
    pub fn review(&self) -> Review {
        self.review
    }

    /// The cap on tokens and money, when the piece sets one (T17).
    #[must_use]
    pub fn budget(&self) -> Option<Budget> {
        self.budget
    }

    /// MCP servers that must be usable before the piece starts (P5).
    #[must_use]
    pub fn required_mcp(&self) -> &[String] {
        &self.required_mcp
    }

    /// The skills its agents are given, beside those the task names (A7).
    #[must_use]
    pub fn skills(&self) -> &[String] {
        &self.skills
    }

    /// The browser profile its browser is given (P5).
    #[must_use]
    pub fn browser_profile(&self) -> Option<&str> {
        self.browser_profile.as_deref()
    }

    /// Its movements in the order of the file; never empty.
    #[must_use]
    pub fn movements(&self) -> &[Movement] {
        &self.movements
    }

    /// Finds a movement by name.
    #[must_use]
    pub fn movement(&self, name: &Name) -> Option<&Movement> {
        self.movements
            .iter()
            .find(|movement| movement.name == *name)
    }

    /// Its loop monitors (P3).
    #[must_use]
    pub fn monitors(&self) -> &[Monitor] {
        &self.monitors
    }

    /// Tells whether any performer is an agent, so that a lane for one is needed.
    #[must_use]
    pub fn needs_agent(&self) -> bool {
        self.movements.iter().any(|movement| match &movement.work {
            Work::Agent { .. } => true,
            Work::Shell { .. } => false,
            Work::Parallel { children, .. } => children
                .iter()
                .any(|child| matches!(child.work, ChildWork::Agent(_))),
        })
    }

    /// Tells whether a gate named `check` needs the task's `--check` or the project's.
    #[must_use]
    pub fn needs_check(&self) -> bool {
        self.movements
            .iter()
            .flat_map(Movement::gates)
            .any(|gate| *gate == Gate::Check)
    }
}

/// One step of a piece.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Movement {
    pub(crate) name: Name,
    pub(crate) work: Work,
    pub(crate) on_interrupt: OnInterrupt,
    #[serde(serialize_with = "crate::duration::serialize_option")]
    pub(crate) timeout: Option<Duration>,
}

impl Movement {
    /// The name routes use.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What is done and how its outcome leads on.
    #[must_use]
    pub fn work(&self) -> &Work {
        &self.work
    }

    /// What happens when it is interrupted by a restart, a crash or a quit (P9).
    #[must_use]
    pub fn on_interrupt(&self) -> OnInterrupt {
        self.on_interrupt
    }

    /// The limit on working time (T10); none by default.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// Commands that must pass before an outcome counts; only agents have them.
    #[must_use]
    pub fn gates(&self) -> &[Gate] {
        match &self.work {
            Work::Agent { gates, .. } => gates,
            Work::Shell { .. } | Work::Parallel { .. } => &[],
        }
    }

    /// Names of the outcomes its performer may choose from; empty for a parallel movement,
    /// whose performers have their own.
    #[must_use]
    pub fn choices(&self) -> Vec<&Name> {
        match &self.work {
            Work::Agent { outcomes, .. } | Work::Shell { outcomes, .. } => {
                outcomes.iter().map(|outcome| &outcome.when).collect()
            }
            Work::Parallel { .. } => Vec::new(),
        }
    }

    /// Every route out of the movement, in the order of the file.
    pub fn routes(&self) -> impl Iterator<Item = &Route> {
        let (outcomes, rules): (&[Outcome], &[Rule]) = match &self.work {
            Work::Agent { outcomes, .. } | Work::Shell { outcomes, .. } => (outcomes, &[]),
            Work::Parallel { rules, .. } => (&[], rules),
        };
        outcomes
            .iter()
            .map(|o| &o.route)
            .chain(rules.iter().map(|r| &r.route))
    }
}

/// What a movement does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// One agent (a CLI or an LLM worker) works and reports one outcome.
    Agent {
        /// Who, and what it is told.
        part: Box<AgentPart>,
        /// Commands that must pass before an outcome that leads on counts.
        gates: Vec<Gate>,
        /// What it may report; never empty.
        outcomes: Vec<Outcome>,
    },
    /// A POSIX shell script; exit 0 is `ok`, any other `failed`, unless it named an outcome.
    Shell {
        /// Where the script comes from.
        script: Script,
        /// What its end leads to; never empty.
        outcomes: Vec<Outcome>,
    },
    /// Several performers at once, whose outcomes are judged together.
    Parallel {
        /// The performers; at least two, each with a name of its own.
        children: Vec<Child>,
        /// Tried in order; the first that holds counts. Never empty.
        rules: Vec<Rule>,
    },
}

/// Who carries out agent work and what it is told.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentPart {
    /// Its own choice of agent; `None` takes the piece's.
    pub agent: Option<AgentChoice>,
    /// Its own model; `None` takes the piece's.
    pub model: Option<String>,
    /// Its own reasoning level (A4); `None` takes the piece's.
    pub effort: Option<String>,
    /// Who it is; goes to the system prompt.
    pub persona: Option<Facet>,
    /// Rules it keeps.
    pub policies: Vec<Facet>,
    /// What to do; a persona alone may say it.
    pub instruction: Option<Facet>,
    /// What it should know.
    pub knowledge: Vec<Facet>,
    /// The shape of its answer.
    pub contract: Option<Contract>,
    /// The bound on what it may touch (A5).
    pub access: Access,
    /// Whether a new entry goes on in the session of the task.
    pub session: Session,
    /// Bounds of one turn.
    pub limits: Limits,
}

/// One performer of a parallel movement. It does not route: the parent judges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Child {
    pub(crate) name: Name,
    pub(crate) work: ChildWork,
    pub(crate) outcomes: Vec<Name>,
    #[serde(serialize_with = "crate::duration::serialize_option")]
    pub(crate) timeout: Option<Duration>,
}

impl Child {
    /// Its name, unique inside the movement.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What it does.
    #[must_use]
    pub fn work(&self) -> &ChildWork {
        &self.work
    }

    /// What it may report; never empty.
    #[must_use]
    pub fn outcomes(&self) -> &[Name] {
        &self.outcomes
    }

    /// The limit on its working time.
    #[must_use]
    pub fn timeout(&self) -> Option<Duration> {
        self.timeout
    }
}

/// What one performer of a parallel movement does.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChildWork {
    /// Agent work.
    Agent(Box<AgentPart>),
    /// A shell script.
    Shell(Script),
}

/// One thing a performer may report, and where it leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// The name the performer gives.
    pub when: Name,
    /// What follows.
    pub route: Route,
}

/// One way to judge the outcomes of a parallel movement, and where it leads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// What must hold.
    pub when: Aggregate,
    /// What follows.
    pub route: Route,
}

/// A statement about all performers of a parallel movement; never evaluated as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Every performer reported this outcome.
    All(Name),
    /// At least one performer reported this outcome.
    Any(Name),
}

/// Where an outcome leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// Enter this movement.
    Enter(Name),
    /// The piece is done (`COMPLETE`).
    Complete,
    /// The piece gives up (`ABORT`).
    Abort,
    /// Wait until all subtasks have ended (`WAIT_SUBTASKS`), then enter this movement.
    WaitSubtasks(Name),
    /// Ask the person, then enter a movement with the answer.
    Ask {
        /// The question as the person reads it.
        text: String,
        /// The movement that gets the answer.
        then: Name,
    },
}

impl Route {
    /// The movement that is entered sooner or later, when there is one.
    #[must_use]
    pub fn leads_to(&self) -> Option<&Name> {
        match self {
            Route::Enter(name) | Route::WaitSubtasks(name) | Route::Ask { then: name, .. } => {
                Some(name)
            }
            Route::Complete | Route::Abort => None,
        }
    }
}

/// A text pulled in by name, or written in the piece itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facet {
    /// Its name; `None` when the piece holds the text itself.
    pub name: Option<Name>,
    /// The text.
    pub text: String,
}

/// The shape of an answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// Described in words.
    Text(Facet),
    /// A JSON Schema.
    Schema(serde_json::Value),
}

/// Where the text of a shell movement comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Script {
    /// Written in the piece.
    Text(String),
    /// The task's prompt is the script (`run: { prompt: true }`).
    Prompt,
}

impl Script {
    /// The text to write to the script file; `prompt` is the task's.
    #[must_use]
    pub fn text<'a>(&'a self, prompt: &'a str) -> &'a str {
        match self {
            Script::Text(text) => text,
            Script::Prompt => prompt,
        }
    }
}

/// Who carries out agent work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentChoice {
    /// Whatever the task or the user's order of lanes says (S7).
    Any,
    /// A runtime kind (`claude`) or a runtime profile, by name.
    Named(String),
    /// An LLM worker with this role (`llm:quality`).
    Role(String),
}

/// A loop that is watched (P3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Monitor {
    /// The movements of one round, in order; never empty.
    pub cycle: Vec<Name>,
    /// How many whole rounds may pass; at least 1.
    pub limit: u32,
    /// What happens instead of one more round.
    pub stuck: OnStuck,
}

/// Bounds of one turn of an agent; `None` is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Limits {
    /// Model turns.
    pub turns: Option<u32>,
    /// Tokens, input and output together.
    pub tokens: Option<u64>,
}

/// A cap on what the whole task may use (T17); at least one of the two is set.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Budget {
    /// Tokens, input and output together.
    pub tokens: Option<u64>,
    /// Money in US dollars.
    pub usd: Option<f64>,
}
