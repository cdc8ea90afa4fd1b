//! Prompts: facets, task, thread, handoff and the rest put together; pure text in, text out.
//!
//! The caller reads clocks, files and rows, and gives texts that are free of secrets already.

use crate::handoff::Handoff;
use crate::name::Name;
use crate::schema::{AgentPart, Contract, Facet};
use crate::step::News;
use crate::thread::{THREAD_BYTES, ThreadEntry, thread_text};

/// Everything a prompt is made of.
#[derive(Debug, Clone)]
pub struct PromptParts<'a> {
    /// Who works, with its facets.
    pub part: &'a AgentPart,
    /// The outcomes it may choose from.
    pub choices: Vec<&'a Name>,
    /// How it tells its choice.
    pub ending: Ending,
    /// What its session knows already.
    pub knows: Knows,
    /// The task.
    pub task: TaskText<'a>,
    /// The thread so far (T24); only told to a session that knows nothing.
    pub thread: &'a [ThreadEntry],
    /// What happened before (T9).
    pub handoff: Option<&'a Handoff>,
    /// Files given and files to deliver (T25).
    pub files: Files<'a>,
    /// The time (P8).
    pub time: TimeContext<'a>,
    /// Comments not yet told, oldest first (T13).
    pub comments: &'a [String],
    /// What the stepper has to say.
    pub news: Option<&'a News>,
    /// Whether and how it may ask the person.
    pub asking: Asking,
}

/// The task a prompt is about.
#[derive(Debug, Clone, Copy, Default)]
pub struct TaskText<'a> {
    /// Its short id, by which a report names it (T14).
    pub id: &'a str,
    /// Its title; left out when it only repeats the prompt.
    pub title: &'a str,
    /// What the person asked for.
    pub prompt: &'a str,
    /// The mission brief (T20).
    pub brief: Option<&'a str>,
}

/// Files of a task (T25).
#[derive(Debug, Clone, Copy, Default)]
pub struct Files<'a> {
    /// The folder of the inputs; read-only.
    pub inputs_dir: &'a str,
    /// Names of the inputs.
    pub inputs: &'a [String],
    /// The folder for what is delivered.
    pub outputs_dir: &'a str,
    /// Names of what is there already.
    pub outputs: &'a [String],
}

/// The time as the caller read it from its clock (P8).
#[derive(Debug, Clone, Copy, Default)]
pub struct TimeContext<'a> {
    /// RFC 3339 in UTC.
    pub utc: &'a str,
    /// Local time with weekday.
    pub local: &'a str,
    /// The local zone's name.
    pub zone: &'a str,
}

/// How an agent tells which outcome it chose; with one outcome nothing is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By `ripieno task finish OUTCOME`.
    Command,
    /// By the tool `finish_movement`.
    Tool,
    /// By a final line, for agents without tools.
    Tag,
}

/// What a session has been told before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knows {
    /// A new session.
    Nothing,
    /// The task, but not this movement.
    Task,
    /// This movement.
    Movement,
}

/// Whether and how a performer may ask the person (T27, P4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// Nothing is said: the agent asks in its own way.
    Unsaid,
    /// By `ripieno ask create`, when it cannot go on.
    WhenStuck,
    /// By `ripieno ask create`, whenever it helps.
    Freely,
    /// Not at all.
    Never,
    /// The limit of questions is reached: it decides itself or reports `blocked`.
    LimitReached,
}

/// A prompt ready to be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// The persona, for the system prompt; empty when there is none.
    pub system: String,
    /// The message.
    pub message: String,
}

/// Puts a prompt together.
///
/// A session that knows the movement is told only what is new; so the same function serves the
/// first turn, a resume, an answer, failed gates and the repair of an unclear outcome.
#[must_use]
pub fn assemble(parts: &PromptParts<'_>) -> Prompt {
    let system = parts
        .part
        .persona
        .as_ref()
        .map(|facet| facet.text.trim().to_owned());
    let mut message = Sections::default();
    if parts.knows != Knows::Movement {
        let instruction = parts.part.instruction.as_ref();
        message.add("Instruction", instruction.map_or("", |facet| &facet.text));
        message.add("Rules", &joined(&parts.part.policies));
        message.add("Knowledge", &joined(&parts.part.knowledge));
    }
    if parts.knows == Knows::Nothing {
        message.add("Task", &task(&parts.task));
        message.add("Brief", parts.task.brief.unwrap_or_default());
        message.add(
            "Earlier in this thread",
            &thread_text(parts.thread, THREAD_BYTES),
        );
    }
    message.add(
        "What happened before",
        &parts.handoff.map(Handoff::text).unwrap_or_default(),
    );
    message.add(
        "News",
        &parts
            .news
            .map(|news| news_text(news, parts))
            .unwrap_or_default(),
    );
    message.add("Comments from the person", &parts.comments.join("\n\n"));
    if message.is_empty() {
        message.add(
            "Go on",
            "Your work was interrupted. Check what is already done, then go on.",
        );
    }
    if parts.knows != Knows::Movement {
        message.add("Your answer", &contract(parts.part.contract.as_ref()));
    }
    message.add("Files", &files(&parts.files));
    message.add("Asking", asking(parts.asking));
    message.add("How to end", &how_to_end(parts));
    message.add("Time", &time(&parts.time));
    Prompt {
        system: system.unwrap_or_default(),
        message: message.text,
    }
}

/// Markdown sections; an empty one is left out.
#[derive(Default)]
struct Sections {
    text: String,
}

impl Sections {
    fn add(&mut self, title: &str, body: &str) {
        let body = body.trim_end();
        if body.trim().is_empty() {
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str("\n\n");
        }
        self.text.push_str(&format!("# {title}\n\n{body}"));
    }

    fn is_empty(&self) -> bool {
        self.text.is_empty()
    }
}

fn joined(facets: &[Facet]) -> String {
    facets
        .iter()
        .map(|facet| facet.text.trim())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn task(task: &TaskText<'_>) -> String {
    let title = task.title.trim();
    if title.is_empty()
        || task
            .prompt
            .trim_start()
            .starts_with(title.trim_end_matches(['.', '…']))
    {
        return task.prompt.to_owned();
    }
    format!("{title}\n\n{}", task.prompt)
}

fn files(files: &Files<'_>) -> String {
    let mut lines = Vec::new();
    if !files.inputs.is_empty() {
        lines.push(format!(
            "Input files, read-only, in {}: {}",
            files.inputs_dir,
            files.inputs.join(", ")
        ));
    }
    if !files.outputs_dir.is_empty() {
        lines.push(format!(
            "Put files that are to be delivered besides the work itself into {}.",
            files.outputs_dir
        ));
    }
    if !files.outputs.is_empty() {
        lines.push(format!("Delivered so far: {}", files.outputs.join(", ")));
    }
    lines.join("\n")
}

fn contract(contract: Option<&Contract>) -> String {
    match contract {
        None => String::new(),
        Some(Contract::Text(facet)) => facet.text.clone(),
        Some(Contract::Schema(schema)) => {
            let schema = serde_json::to_string_pretty(schema).unwrap_or_default();
            format!(
                "Put one JSON object into a fenced block in your last message. It must fit this JSON Schema:\n\n```json\n{schema}\n```"
            )
        }
    }
}

fn time(time: &TimeContext<'_>) -> String {
    if time.utc.is_empty() {
        return String::new();
    }
    format!(
        "It is {} UTC; local time {} ({}).",
        time.utc, time.local, time.zone
    )
}

fn asking(asking: Asking) -> &'static str {
    match asking {
        Asking::Unsaid => "",
        Asking::WhenStuck => {
            "If you cannot go on without the person, ask one clear question: ripieno ask create --text \"...\" (with --option LABEL for each choice). Decide small things yourself."
        }
        Asking::Freely => {
            "Ask the person whenever it helps: ripieno ask create --text \"...\" (with --option LABEL for each choice)."
        }
        Asking::Never => {
            "Do not ask the person anything. Decide yourself and say what you decided."
        }
        Asking::LimitReached => {
            "No more questions can be put to the person for this task. Decide yourself and say what you decided; if that is impossible, report the task as blocked."
        }
    }
}

fn how_to_end(parts: &PromptParts<'_>) -> String {
    let names: Vec<&str> = parts.choices.iter().map(|name| name.as_str()).collect();
    let told = parts.knows == Knows::Movement;
    let summary = "End your turn with a summary of at most 8 lines.";
    let ending = match (names.len() < 2, parts.ending) {
        (true, _) if told => String::new(),
        (true, _) => format!("When the work is done, nothing more is needed. {summary}"),
        (false, Ending::Tag) => format!(
            "Your work must end in exactly one of these outcomes: {}.\n{summary} Its last line names the outcome, written exactly so:\nOUTCOME: name",
            names.join(", ")
        ),
        (false, Ending::Command) => choice(&names, "running: ripieno task finish OUTCOME", summary),
        (false, Ending::Tool) => choice(
            &names,
            "calling the tool finish_movement(outcome, summary)",
            summary,
        ),
    };
    let report = if told {
        String::new()
    } else {
        how_to_report(parts)
    };
    [ending, report]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn choice(names: &[&str], how: &str, summary: &str) -> String {
    format!(
        "Your work must end in exactly one of these outcomes: {}.\nChoose it by {how}. If that does not work, write as the last line of your last message: OUTCOME: name\n{summary}",
        names.join(", ")
    )
}

/// The result contract (T14) in a few lines.
fn how_to_report(parts: &PromptParts<'_>) -> String {
    if parts.task.id.is_empty() {
        return String::new();
    }
    let how = match parts.ending {
        Ending::Command => "run: ripieno task result --file FILE, with this JSON in the file",
        Ending::Tool => "call the tool submit_result with this JSON",
        Ending::Tag => "put this JSON into a fenced block in your last message",
    };
    format!(
        "Only if you cannot finish, or have files or checks to name, {how} (leave out what is empty):\n{{\"task\": \"{}\", \"status\": \"completed, blocked or failed\", \"summary\": \"...\", \"artifacts\": [{{\"kind\": \"file\", \"ref\": \"path\", \"text\": \"what it is\"}}], \"blockers\": [{{\"kind\": \"access\", \"text\": \"what stands in the way\", \"suggestion\": \"what would help\", \"needs_user\": true}}], \"verification\": [{{\"kind\": \"command\", \"value\": \"make test\", \"expected\": \"passes\"}}]}}",
        parts.task.id
    )
}

fn news_text(news: &News, parts: &PromptParts<'_>) -> String {
    match news {
        News::GatesFailed {
            round,
            rounds,
            output,
        } => format!(
            "Your work does not pass its checks yet (round {round} of {rounds}). Find the cause, put it right, and end again. The output was:\n\n{}",
            quoted(output)
        ),
        News::Repair { said } => {
            let names: Vec<&str> = parts.choices.iter().map(|name| name.as_str()).collect();
            let what = match said {
                Some(said) => format!(
                    "You named \"{}\", which is none of the outcomes.",
                    crate::name::shortened(said)
                ),
                None => "You ended without saying which outcome it is.".to_owned(),
            };
            format!(
                "{what} Do no more work now; only choose one of: {}.",
                names.join(", ")
            )
        }
        News::Answer { question, answer } => {
            format!(
                "You asked:\n{}\n\nThe person answered:\n{}",
                question.trim(),
                answer.trim()
            )
        }
        News::NoMoreQuestions { question } => format!(
            "This question could not be put to the person, because the limit of questions is reached:\n{}\n\nDecide yourself and go on, or report the task as blocked.",
            question.trim()
        ),
        News::SubtasksSettled => {
            "All subtasks have ended. Their results are among your files; judge them and go on."
                .to_owned()
        }
    }
}

/// Fences a text with more back quotes than it has itself.
fn quoted(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}\n{}\n{fence}", text.trim_end())
}
