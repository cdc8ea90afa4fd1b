//! Verbs about standing grants.

use super::{ask, prompt, read};
use crate::{
    args::GrantVerb,
    out::{Out, line},
};
use ripieno_api::{ApiError, command, view};
use std::path::PathBuf;

pub(super) async fn run(verb: GrantVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        GrantVerb::List { dir, all } => list(dir, all, out).await,
        GrantVerb::Revoke { ids } => {
            for id in ids {
                let revoked = ask("grant.revoke", command::GrantRevoke { id }).await?;
                let grant: view::Grant = read(revoked.clone())?;
                out.show(&revoked, || format!("{} is taken back", grant.id));
            }
            Ok(0)
        }
    }
}

async fn list(dir: Option<PathBuf>, all: bool, out: &Out) -> Result<u8, ApiError> {
    let dir = dir.map(|dir| prompt::absolute(&dir)).transpose()?;
    let page = ask("grant.list", command::GrantList { dir, all }).await?;
    let grants: Vec<view::Grant> = read(page["grants"].clone())?;
    out.show(&page, || {
        let row = |grant: &view::Grant| {
            let used = match &grant.fired_at {
                Some(at) => format!("{}, last {}", grant.fired, view::local(at)),
                None => "never".to_owned(),
            };
            let since = match &grant.revoked_at {
                Some(at) => format!("taken back {}", view::local(at)),
                None => view::local(&grant.at),
            };
            vec![
                grant.id.clone(),
                since,
                used,
                line(&grant.project, 40),
                line(&grant.text.replace('\n', " "), 100),
            ]
        };
        let rows: Vec<Vec<String>> = grants.iter().map(row).collect();
        if rows.is_empty() {
            "Nothing stands: an approval answered with --scope project does.".to_owned()
        } else {
            out.table(&["GRANT", "SINCE", "USED", "FOLDER", "WHAT"], &rows)
        }
    });
    Ok(0)
}
