//! Verbs about projects, and about folders in use.

use super::{ask, prompt, read};
use crate::{
    args::{LockVerb, PolicyArgs, ProjectVerb},
    out::{Out, line},
};
use ripieno_api::{ApiError, command, view};
use serde_json::json;
use std::path::Path;

pub(super) async fn run(verb: ProjectVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        ProjectVerb::Add { dir, policy } => set("project.add", &dir, policy, out).await,
        ProjectVerb::Set { dir, policy } => set("project.set", &dir, policy, out).await,
        ProjectVerb::List => list(out).await,
        ProjectVerb::Show { dir } => one("project.show", &dir, out).await,
        ProjectVerb::Trust { dir } => one("project.trust", &dir, out).await,
        ProjectVerb::Untrust { dir } => one("project.untrust", &dir, out).await,
        ProjectVerb::Remove { dir } => {
            let removed = ask("project.remove", named(&dir)?).await?;
            out.show(&removed, String::new);
            Ok(0)
        }
    }
}

fn named(dir: &Path) -> Result<command::ProjectNamed, ApiError> {
    Ok(command::ProjectNamed {
        dir: prompt::absolute(dir)?,
    })
}

async fn set(method: &str, dir: &Path, policy: PolicyArgs, out: &Out) -> Result<u8, ApiError> {
    let set = command::ProjectSet {
        dir: prompt::absolute(dir)?,
        mode: policy.mode,
        setup: policy.setup,
        teardown: policy.teardown,
        checks: policy.checks,
        approvals: policy.approvals,
        env_names: policy.env_names,
        commit: policy.commit.map(|word| word == "on"),
        co_author: policy.co_author,
        slots: policy.slots,
    };
    show(ask(method, set).await?, out)
}

async fn one(method: &str, dir: &Path, out: &Out) -> Result<u8, ApiError> {
    show(ask(method, named(dir)?).await?, out)
}

fn show(page: serde_json::Value, out: &Out) -> Result<u8, ApiError> {
    let project: view::Project = read(page.clone())?;
    out.show(&page, || described(&project));
    Ok(0)
}

fn described(project: &view::Project) -> String {
    let mut lines = vec![
        project.path.clone(),
        format!("  trust       {}", trust(project)),
        format!("  mode        {}", project.mode),
    ];
    let mut told = |name: &str, text: &str| {
        lines.push(format!("  {name:<10}  {}", line(text, 200)));
    };
    let scripts = [("setup", &project.setup), ("teardown", &project.teardown)];
    for (name, script) in scripts {
        if let Some(script) = script {
            told(name, script);
        }
    }
    for check in &project.checks {
        told("check", check);
    }
    if let Some(level) = &project.approvals {
        told("approvals", level);
    }
    if !project.env_names.is_empty() {
        told("variables", &project.env_names.join(", "));
    }
    if project.commit {
        told("commit", "what a task changes in the folder itself");
    }
    if let Some(co_author) = &project.co_author {
        told("co-author", co_author);
    }
    if let Some(slots) = project.slots {
        told("slots", &slots.to_string());
    }
    if !project.exists {
        told("missing", "the folder is gone");
    }
    lines.join("\n")
}

fn trust(project: &view::Project) -> String {
    match (project.trust.as_str(), &project.trusted_at) {
        ("trusted", Some(at)) => format!("trusted since {}", view::local(at)),
        ("refused", _) => "refused: nobody asks again".to_owned(),
        _ => "not asked yet: the next task that wants it asks".to_owned(),
    }
}

async fn list(out: &Out) -> Result<u8, ApiError> {
    let page = ask("project.list", json!({})).await?;
    let projects: Vec<view::Project> = read(page["projects"].clone())?;
    out.show(&page, || {
        let row = |project: &view::Project| {
            vec![
                project.trust.clone(),
                project.mode.clone(),
                project.path.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = projects.iter().map(row).collect();
        if rows.is_empty() {
            "No folder is known yet: `ripieno project add DIR` adds one.".to_owned()
        } else {
            out.table(&["TRUST", "MODE", "FOLDER"], &rows)
        }
    });
    Ok(0)
}

pub(super) async fn lock(verb: LockVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        LockVerb::List => locks(out).await,
        LockVerb::Release { task } => {
            let answer = ask("lock.release", command::LockRelease { task }).await?;
            out.show(&answer, || match answer["released"].as_str() {
                Some(path) => format!("{path} is free for others."),
                None => format!(
                    "{} keeps no folder.",
                    answer["task"].as_str().unwrap_or("The task")
                ),
            });
            Ok(0)
        }
    }
}

async fn locks(out: &Out) -> Result<u8, ApiError> {
    let page = ask("lock.list", json!({})).await?;
    let locks: Vec<view::Lock> = read(page["locks"].clone())?;
    out.show(&page, || {
        let row = |lock: &view::Lock| {
            vec![
                lock.holder.clone(),
                view::local(&lock.acquired_at),
                why(lock),
                lock.path.clone(),
            ]
        };
        let rows: Vec<Vec<String>> = locks.iter().map(row).collect();
        if rows.is_empty() {
            "No folder is held.".to_owned()
        } else {
            out.table(&["TASK", "SINCE", "WHY", "FOLDER"], &rows)
        }
    });
    Ok(0)
}

/// Why a folder is in use, in a few words.
fn why(lock: &view::Lock) -> String {
    if let Some(home) = &lock.home {
        return format!("worker in {home}");
    }
    let reason = match lock.kept_for.as_deref() {
        Some("answer") => "waits for an answer",
        Some("pause") => "paused",
        Some("subtasks") => "waits for subtasks",
        Some("next_attempt") => "goes on soon",
        _ => return "works".to_owned(),
    };
    match lock.changed {
        Some(1) => format!("{reason}, 1 file changed"),
        Some(files) => format!("{reason}, {files} files changed"),
        None => reason.to_owned(),
    }
}
