//! Verbs about repositories that tasks share (D6).

use super::{ask, gc::size, read};
use crate::{args::RepoVerb, out::Out};
use ripieno_api::{ApiError, command, view};
use serde_json::json;

pub(super) async fn run(verb: RepoVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        RepoVerb::Add { url } => {
            let known = ask("repo.add", command::RepoNamed { url }).await?;
            out.show(&known, String::new);
        }
        RepoVerb::List => list(out).await?,
        RepoVerb::Remove { url } => {
            let removed = ask("repo.remove", command::RepoNamed { url }).await?;
            out.show(&removed, String::new);
        }
        RepoVerb::Checkout { url, wanted } => {
            let page = ask("repo.checkout", command::RepoCheckout { url, wanted }).await?;
            let made: view::CheckedOut = read(page.clone())?;
            if let Some(why) = &made.stale {
                out.say(&format!("as it was fetched earlier: {why}"));
            }
            out.show(&page, || made.path.clone());
        }
    }
    Ok(0)
}

async fn list(out: &Out) -> Result<(), ApiError> {
    let page = ask("repo.list", json!({})).await?;
    let all: Vec<view::Repository> = read(page["repositories"].clone())?;
    out.show(&page, || {
        let rows: Vec<Vec<String>> = all.iter().map(row).collect();
        if rows.is_empty() {
            "No repository is known yet: `ripieno repo add URL` adds one.".to_owned()
        } else {
            out.table(&["SIZE", "FETCHED", "CHECKOUTS", "REPOSITORY"], &rows)
        }
    });
    Ok(())
}

fn row(known: &view::Repository) -> Vec<String> {
    let fetched = known.fetched_at.as_deref();
    vec![
        size(known.bytes),
        fetched.map_or_else(|| "not yet".to_owned(), view::local),
        known.checkouts.len().to_string(),
        known.url.clone(),
    ]
}
