//! Cleaning up the data folder (D7).

use super::{ask, read};
use crate::out::Out;
use ripieno_api::{ApiError, view};
use serde_json::json;

pub(super) async fn run(dry_run: bool, out: &Out) -> Result<u8, ApiError> {
    let method = if dry_run {
        "storage.show"
    } else {
        "storage.clean"
    };
    let page = ask(method, json!({})).await?;
    let storage: view::Storage = read(page.clone())?;
    out.show(&page, || described(&storage, out));
    Ok(0)
}

fn described(storage: &view::Storage, out: &Out) -> String {
    let of = storage
        .limit
        .map_or_else(String::new, |limit| format!(" of {}", size(limit)));
    let mut text = format!("{}{of} in use", size(storage.used));
    let rows: Vec<Vec<String>> = storage
        .spaces
        .iter()
        .map(|space| vec![space.what.replace('_', " "), size(space.bytes)])
        .collect();
    text.push('\n');
    text.push_str(&out.table(&["WHAT", "SIZE"], &rows));
    let verb = if storage.dry_run {
        "would be removed"
    } else {
        "removed"
    };
    text.push_str(&format!(
        "\n{} parts {verb}, {}",
        storage.removed.len(),
        size(storage.freed)
    ));
    for removed in &storage.removed {
        text.push_str(&format!(
            "\n  {} {} ({}): {}",
            removed.task.as_deref().unwrap_or("nobody's"),
            removed.part.replace('_', " "),
            size(removed.bytes),
            removed.why
        ));
    }
    text
}

/// A size as people read it.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    for (unit, one) in UNITS {
        if bytes >= one {
            let tenths = bytes / (one / 10).max(1);
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}
