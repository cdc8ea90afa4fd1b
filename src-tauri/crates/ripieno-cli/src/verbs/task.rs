//! Verbs about tasks.

use super::{ask, branch, connect, diff, history, later, logs, prompt, read, rewind, wait};
use crate::{
    args::{AddArgs, TaskVerb},
    out::{Colour, Out, line, plain},
};
use ripieno_api::{ApiError, command, error::Code, view};
use ripieno_core::{
    notes::{ChecklistStep, StepState},
    receipt::Receipt,
};
use ripieno_daemon::quantity::format_duration;
use serde_json::{Value, json};
use std::path::Path;

pub(super) async fn run(verb: TaskVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        TaskVerb::Add(add) => self::add(*add, out).await,
        TaskVerb::List {
            state,
            label,
            search,
            limit,
            after,
            jsonl,
        } => {
            let list = command::List {
                states: state,
                labels: label,
                search,
                limit: Some(limit),
                after,
            };
            self::list(list, jsonl, out).await
        }
        TaskVerb::Show { id } => show(id, out).await,
        TaskVerb::History { id } => history::show(id, out).await,
        TaskVerb::Outputs { id } => outputs(id, out).await,
        TaskVerb::Why { id } => why(id, out).await,
        TaskVerb::Logs(args) => logs::run(args, out).await,
        TaskVerb::Cancel { ids, no_wait } => {
            changed(
                "task.cancel",
                command::Cancel {
                    ids,
                    wait: Some(!no_wait),
                },
                out,
            )
            .await
        }
        TaskVerb::Pause { ids } => changed("task.pause", command::Several { ids }, out).await,
        TaskVerb::Resume { ids } => changed("task.resume", command::Several { ids }, out).await,
        TaskVerb::Retry { ids, fresh, text } => {
            changed("task.retry", command::Retry { ids, fresh, text }, out).await
        }
        TaskVerb::Seen { ids, all } => {
            let seen = ask("task.seen", command::Seen { ids, all }).await?;
            out.show(&seen, String::new);
            Ok(0)
        }
        TaskVerb::Comment {
            id,
            text,
            with_next_turn,
        } => comment(id, text, with_next_turn, out).await,
        TaskVerb::Finish { outcome } => {
            let finish = command::Finish {
                outcome,
                summary: None,
                lessons: Vec::new(),
            };
            silent("task.finish", finish, out).await
        }
        TaskVerb::Progress { text } => {
            silent("task.progress", command::Progress { text }, out).await
        }
        TaskVerb::Result { file } => {
            let receipt = receipt(&file)?;
            silent("task.result", command::ReportResult { receipt }, out).await
        }
        TaskVerb::Diff(args) => diff::run(args, out).await,
        TaskVerb::Rewind(args) => rewind::run(args, out).await,
        TaskVerb::Accept { .. } | TaskVerb::Reject { .. } => {
            Err(later("review; finished work is done"))
        }
        TaskVerb::Merge { id } => branch::merge(id, out).await,
        TaskVerb::Discard { id, undo } => branch::discard(id, undo, out).await,
        TaskVerb::Spawn { .. } => Err(later("subtasks")),
    }
}

/// The branch of a task, with what became of it.
fn branched(branch: String, task: &view::Task) -> String {
    let Some(tree) = &task.worktree else {
        return branch;
    };
    match (tree.state.as_str(), &tree.onto, &tree.stays) {
        ("merged", Some(onto), _) => format!("{branch} (merged into {onto})"),
        ("discarded", _, _) => format!("{branch} (discarded)"),
        (_, _, Some(stays)) => format!("{branch} (its folder stays: {stays})"),
        _ => branch,
    }
}

async fn add(add: AddArgs, out: &Out) -> Result<u8, ApiError> {
    let limit = add.wait_limit;
    let waits = add.wait;
    let request = submission(add)?;
    let mut client = connect().await?;
    let added = client.request("task.add", request).await?;
    let task: view::Task = read(added.clone())?;
    if added["existing"] == true {
        out.say(&format!(
            "{} has this key and is open: nothing was added",
            task.short_id
        ));
    }
    if !waits {
        out.show(&added, || task.short_id.clone());
        return Ok(0);
    }
    if !out.json {
        out.text(&task.short_id);
        if let Some(why) = task.hold.as_ref().and_then(|hold| hold["text"].as_str()) {
            out.say(&format!("{} waits: {}", task.short_id, plain(why)));
        }
    }
    wait::run(&mut client, task, limit, out).await
}

fn submission(add: AddArgs) -> Result<command::Add, ApiError> {
    Ok(command::Add {
        prompt: prompt::read(&add)?,
        title: add.title,
        piece: add.piece,
        agent: add.agent,
        model: add.model,
        effort: add.effort,
        dir: add.dir.as_deref().map(prompt::absolute).transpose()?,
        mode: add.mode,
        approvals: add.approvals,
        checks: add.check,
        priority: add.priority,
        depends_on: add.depends_on,
        key: add.key,
        continues: add.continues,
        inputs: add
            .input
            .iter()
            .map(|file| prompt::absolute(file))
            .collect::<Result<_, _>>()?,
        unpack: add
            .unpack
            .iter()
            .map(|file| prompt::absolute(file))
            .collect::<Result<_, _>>()?,
        labels: add.label,
        not_before: add.not_before,
        max_tries: add.max_tries,
        timeout: add.timeout.map(format_duration),
        budget_tokens: add.budget_tokens,
        budget_usd: add.budget_usd,
        env_names: add.env_name,
        skills: add.skill,
        no_skills: add.no_skills,
    })
}

async fn list(list: command::List, jsonl: bool, out: &Out) -> Result<u8, ApiError> {
    let page = ask("task.list", list).await?;
    if jsonl {
        for task in page["tasks"].as_array().into_iter().flatten() {
            out.text(&task.to_string());
        }
        return Ok(0);
    }
    let tasks: Vec<view::Task> = read(page["tasks"].clone())?;
    out.show(&page, || {
        let rows: Vec<Vec<String>> = tasks.iter().map(|task| row(task, out)).collect();
        if rows.is_empty() {
            "No tasks.".to_owned()
        } else {
            out.table(&["ID", "STATE", "TITLE", ""], &rows)
        }
    });
    if let Some(next) = page["next"].as_str() {
        out.say(&format!("There are more: --after {next}"));
    }
    Ok(0)
}

fn row(task: &view::Task, out: &Out) -> Vec<String> {
    vec![
        task.short_id.clone(),
        word(&task.state, out),
        line(&task.title, 48),
        match reason(task) {
            "" => String::new(),
            why => out.paint(Colour::Dim, &line(why, 60)),
        },
    ]
}

/// What the state's word leaves open.
pub(super) fn reason(task: &view::Task) -> &str {
    match task.state.as_str() {
        "done" | "cancelled" => "",
        "failed" | "dead" => task.failure.as_ref().map_or("", |failure| &failure.text),
        "paused" if task.paused => "",
        _ => &task.state_text,
    }
}

/// A state's word in its colour.
pub(super) fn word(state: &str, out: &Out) -> String {
    match state {
        "failed" | "dead" => out.paint(Colour::Red, state),
        "needs_input" => out.paint(Colour::Yellow, state),
        "done" => out.paint(Colour::Green, state),
        _ => state.to_owned(),
    }
}

async fn show(id: String, out: &Out) -> Result<u8, ApiError> {
    let shown = ask("task.show", command::Named { id }).await?;
    let task: view::Task = read(shown.clone())?;
    out.show(&shown, || describe(&task, out));
    Ok(0)
}

fn describe(task: &view::Task, out: &Out) -> String {
    let mut text = format!("{}  {}\n", task.short_id, plain(&task.title));
    let mut fact = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            text.push_str(&format!(
                "{name:<11}{}\n",
                plain(&value).replace('\n', "\n           ")
            ));
        }
    };
    fact(
        "state",
        Some(match task.state.as_str() {
            // The failure has a line of its own.
            "failed" | "dead" => task.state.clone(),
            _ => format!("{}  {}", task.state, reason(task))
                .trim_end()
                .to_owned(),
        }),
    );
    fact("brief", task.brief.clone());
    fact("piece", Some(task.piece.name.clone()));
    fact("movement", task.movement.clone());
    fact("lane", task.lane.clone());
    fact("model", task.model.clone());
    fact("folder", Some(task.workdir.clone()));
    fact(
        "branch",
        task.branch.clone().map(|branch| branched(branch, task)),
    );
    fact("labels", Some(task.labels.join(", ")));
    fact(
        "priority",
        (task.priority != "normal").then(|| task.priority.clone()),
    );
    fact(
        "attempts",
        (task.attempt > 1).then(|| {
            format!(
                "{} ({} of {} tries used)",
                task.attempt, task.tries_used, task.max_tries
            )
        }),
    );
    fact(
        "failure",
        task.failure
            .as_ref()
            .map(|f| format!("{}: {}", f.class, f.text)),
    );
    fact("created", Some(view::local(&task.created_at)));
    fact("ended", task.ended_at.as_deref().map(view::local));
    for used in &task.usage {
        let money = used
            .cost_usd
            .map_or_else(String::new, |usd| format!(", ${usd:.4}"));
        fact(
            "usage",
            Some(format!(
                "{}: {} in, {} out{money}",
                used.model, used.input, used.output
            )),
        );
    }
    fact("budget", task.budget.as_ref().map(capped));
    let steps: Vec<String> = task.checklist.iter().map(step).collect();
    fact("checklist", Some(steps.join("\n")));
    for ask in &task.asks {
        fact(&ask.short_id, Some(ask.text.clone()));
    }
    if let Some(result) = &task.result {
        text.push_str(&format!("\n{}\n", plain(&result.summary)));
    }
    text.push_str(&format!(
        "\n{}\n",
        out.paint(Colour::Dim, &plain(&task.prompt))
    ));
    text
}

/// What a task may use before its person is asked.
fn capped(budget: &view::Budget) -> String {
    let tokens = budget.tokens.map(|cap| format!("{cap} tokens"));
    let money = budget.usd.map(|usd| format!("${usd}"));
    tokens
        .into_iter()
        .chain(money)
        .collect::<Vec<_>>()
        .join(", ")
}

fn step(step: &ChecklistStep) -> String {
    let mark = match step.state {
        StepState::Open => "[ ]",
        StepState::Doing => "[>]",
        StepState::Done => "[x]",
    };
    format!("{mark} {}", step.text)
}

async fn outputs(id: String, out: &Out) -> Result<u8, ApiError> {
    let outputs = ask("task.outputs", command::Named { id }).await?;
    let view: view::Outputs = read(outputs.clone())?;
    out.show(&outputs, || {
        let files = view.files.iter().map(|file| format!("  {}\n", plain(file)));
        format!("{}\n{}", view.folder, files.collect::<String>())
    });
    Ok(0)
}

async fn why(id: String, out: &Out) -> Result<u8, ApiError> {
    let why = ask("task.why", command::Named { id }).await?;
    out.show(&why, || {
        why["hold"]["text"]
            .as_str()
            .map_or_else(|| "Nothing holds it.".to_owned(), plain)
    });
    Ok(0)
}

/// A verb that changes tasks and says what they are now.
async fn changed(method: &str, params: impl serde::Serialize, out: &Out) -> Result<u8, ApiError> {
    let result = ask(method, params).await?;
    let tasks: Vec<view::Task> = read(result["tasks"].clone())?;
    out.show(&result, || {
        tasks.iter().map(|task| now(task, out)).collect()
    });
    Ok(0)
}

/// What a task is after a change, or what is being done to it.
fn now(task: &view::Task, out: &Out) -> String {
    let live = matches!(
        task.state.as_str(),
        "leased" | "running" | "needs_verification"
    );
    match (&task.short_id, live) {
        (id, _) if task.cancelling => format!("{id} is being cancelled\n"),
        (id, true) if task.paused => format!("{id} is being stopped; it goes on when resumed\n"),
        (id, _) => format!("{id}  {}\n", word(&task.state, out)),
    }
}

async fn comment(id: String, text: String, quiet: bool, out: &Out) -> Result<u8, ApiError> {
    let said = ask("task.comment", command::Comment { id, text, quiet }).await?;
    out.show(&said, || {
        said["follow_up"]["short_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    });
    Ok(0)
}

/// A verb without a word of its own.
async fn silent(method: &str, params: impl serde::Serialize, out: &Out) -> Result<u8, ApiError> {
    ask(method, params).await?;
    out.show(&json!({}), String::new);
    Ok(0)
}

/// Reads a receipt (T14).
fn receipt(file: &Path) -> Result<Receipt, ApiError> {
    let text = if file == Path::new("-") {
        std::io::read_to_string(std::io::stdin())
            .map_err(|error| ApiError::invalid(format!("the input cannot be read: {error}")))?
    } else {
        prompt::from_file(file)?
    };
    let value: Value = serde_json::from_str(&text).map_err(|bad| {
        ApiError::new(
            Code::Invalid,
            format!("{} is not JSON: {bad}", file.display()),
        )
    })?;
    serde_json::from_value(value).map_err(|bad| {
        ApiError::invalid(format!(
            "{} is no result: {bad}; the least is {{\"status\":\"completed\",\"summary\":\"...\"}}",
            file.display()
        ))
    })
}
