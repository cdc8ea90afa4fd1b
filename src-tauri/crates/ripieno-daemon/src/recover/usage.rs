//! What an attempt used that ended with its worker: told in its transcript, and not on record yet (R5, T17).

use super::Live;
use crate::{ctx::Ctx, task};
use ripieno_agents::{
    stream::{Item, Usage},
    transcript::{Entry, Query, Reader},
};
use ripieno_store::{NewUsage, StoreError, UsageSum};
use std::{collections::BTreeMap, path::PathBuf};

/// What is to be added, per model.
///
/// # Errors
/// When the store refuses.
pub(super) async fn unrecorded(ctx: &Ctx, live: &Live) -> Result<Vec<NewUsage>, StoreError> {
    let (no, attempt) = (live.no, live.attempt);
    let stored = ctx.store.read(move |r| r.usage_by_attempt(no)).await?;
    let stored: BTreeMap<String, UsageSum> = stored
        .into_iter()
        .filter(|(n, _)| *n == attempt)
        .map(|(_, sum)| (sum.model.clone(), sum))
        .collect();
    let folder = task::attempts_dir(&ctx.home, &live.id.to_string());
    let told = tokio::task::spawn_blocking(move || told(folder, attempt));
    // A transcript that cannot be read tells nothing.
    let told = told.await.unwrap_or_default();
    let rest = told.into_values().filter_map(|told| {
        let rest = rest(&told, stored.get(&told.model));
        let counts = [rest.input, rest.output, rest.cache_read, rest.cache_write];
        counts.iter().any(|count| *count > 0).then_some(rest)
    });
    Ok(rest.collect())
}

/// Everything the attempt told of, per model: each report is what came since the last one.
fn told(folder: PathBuf, attempt: u32) -> BTreeMap<String, Usage> {
    let mut sums: BTreeMap<String, Usage> = BTreeMap::new();
    let reader = Reader::new(folder);
    let mut from = 1;
    loop {
        let query = Query {
            attempt: Some(attempt),
            ..Query::from(from)
        };
        let Ok(page) = reader.page(query) else {
            return sums;
        };
        if page.entries.is_empty() || page.next <= from {
            return sums;
        }
        from = page.next;
        let entries = page
            .entries
            .iter()
            .filter(|raw| raw.get().contains(r#""kind":"usage""#))
            .filter_map(|raw| serde_json::from_str::<Entry>(raw.get()).ok());
        for entry in entries {
            if let Item::Usage(usage) = entry.item {
                add(sums.entry(usage.model.clone()).or_default(), usage);
            }
        }
    }
}

fn add(sum: &mut Usage, more: Usage) {
    let costs = [sum.cost_micros, more.cost_micros];
    *sum = Usage {
        input: sum.input.saturating_add(more.input),
        output: sum.output.saturating_add(more.output),
        cache_read: sum.cache_read.saturating_add(more.cache_read),
        cache_write: sum.cache_write.saturating_add(more.cache_write),
        cost_micros: costs.into_iter().flatten().reduce(u64::saturating_add),
        model: more.model,
    };
}

fn rest(told: &Usage, stored: Option<&UsageSum>) -> NewUsage {
    let known = |of: fn(&UsageSum) -> u64| stored.map_or(0, of);
    let cost = stored.and_then(|sum| sum.cost_micros).unwrap_or_default();
    NewUsage {
        model: told.model.clone(),
        input: told.input.saturating_sub(known(|sum| sum.input)),
        output: told.output.saturating_sub(known(|sum| sum.output)),
        cache_read: told.cache_read.saturating_sub(known(|sum| sum.cache_read)),
        cache_write: told
            .cache_write
            .saturating_sub(known(|sum| sum.cache_write)),
        cost_micros: told.cost_micros.map(|told| told.saturating_sub(cost)),
    }
}
