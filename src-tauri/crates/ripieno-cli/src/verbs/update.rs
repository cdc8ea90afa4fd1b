//! `update`: what is offered, and when it goes into its place (U1-U4).

use super::{ask, read};
use crate::{args::UpdateVerb, out::Out};
use ripieno_api::{ApiError, view};
use serde_json::json;

pub(super) async fn run(verb: UpdateVerb, out: &Out) -> Result<u8, ApiError> {
    let method = match verb {
        UpdateVerb::Check => "update.check",
        UpdateVerb::Status => "update.status",
        UpdateVerb::Now => "update.now",
        UpdateVerb::WhenIdle => "update.when_idle",
        UpdateVerb::Skip => "update.skip",
    };
    let value = ask(method, json!({})).await?;
    let update: view::Update = read(value.clone())?;
    out.show(&value, || text(&update));
    Ok(0)
}

fn text(update: &view::Update) -> String {
    let mut lines = vec![format!("Ripieno {}: {}", update.current, standing(update))];
    if let Some(trouble) = &update.trouble {
        lines.push(trouble.clone());
    }
    if let Some(skipped) = &update.skipped {
        lines.push(format!("{skipped} is skipped"));
    }
    if let Some(notes) = &update.notes {
        lines.push(format!("What is new: {notes}"));
    }
    if let Some(last) = &update.last {
        let at = view::local(&last.at);
        lines.push(match &last.undone {
            None => format!("Updated from {} to {} {at}", last.previous, last.version),
            Some(why) => format!("The update to {} was undone {at}: {why}", last.version),
        });
    }
    if let Some(at) = &update.looked_at {
        lines.push(format!("Last looked for {}", view::local(at)));
    }
    lines.join("\n")
}

fn standing(update: &view::Update) -> String {
    let version = update.version.as_deref().unwrap_or("a new version");
    match update.phase.as_str() {
        "checking" => "asking the server".to_owned(),
        "downloading" => match (update.received, update.total) {
            (Some(received), Some(total)) if total > 0 => {
                format!("{version} is {} % here", received * 100 / total)
            }
            _ => format!("{version} is being fetched"),
        },
        "ready" => format!("{version} is ready{}", waiting(update.waits_for)),
        "installing" => format!("{version} is being installed"),
        _ if update.trouble.is_some() => "nothing is installed".to_owned(),
        _ if update.looked_at.is_some() => "up to date".to_owned(),
        _ => "not looked for yet".to_owned(),
    }
}

/// What an update that is ready waits for.
pub(super) fn waiting(tasks: u64) -> String {
    match tasks {
        0 => String::new(),
        1 => ", waits for 1 task".to_owned(),
        n => format!(", waits for {n} tasks"),
    }
}
