//! What agents let people choose from (A4): told by themselves when they run, and kept for the next task.
//!
//! Nobody is asked for it: a list costs no process and no call of ours. One that another version told is forgotten.

use crate::{ctx::Ctx, runtimes::Runtime};
use ripieno_agents::offer::Offer;
use serde::{Deserialize, Serialize};
use std::sync::PoisonError;

/// What was told, and by which version.
#[derive(Serialize, Deserialize)]
struct Told {
    version: Option<String>,
    offer: Offer,
}

/// The key of an agent's offer among the durable settings.
fn key(kind: &str) -> String {
    format!("offer:{kind}")
}

/// Takes what an agent told in a run.
pub async fn take(ctx: &Ctx, kind: &str, offer: Offer) {
    let Some(told) = put(ctx, kind, offer) else {
        return;
    };
    let (key, value) = (key(kind), serde_json::to_value(told).ok());
    let write = ctx
        .store
        .write(move |tx| tx.set_setting(&key, value.as_ref()));
    if let Err(error) = write.await {
        tracing::warn!(%error, kind, "what the agent offers is not kept");
    }
}

/// Puts it beside the agent; nothing where it is known, or the agent is not.
fn put(ctx: &Ctx, kind: &str, offer: Offer) -> Option<Told> {
    let mut runtimes = ctx.runtimes.write().unwrap_or_else(PoisonError::into_inner);
    let runtime = runtimes.iter_mut().find(|runtime| runtime.kind == kind)?;
    if runtime.offer.as_ref() == Some(&offer) {
        return None;
    }
    runtime.offer = Some(offer.clone());
    Some(Told {
        version: runtime.version.clone(),
        offer,
    })
}

/// Fills in what these agents told before, where it was the same version of them.
pub async fn remember(ctx: &Ctx, runtimes: &mut [Runtime]) {
    let kinds: Vec<String> = runtimes
        .iter()
        .map(|runtime| runtime.kind.clone())
        .collect();
    let read = ctx.store.read(move |r| {
        let told = kinds.iter().map(|kind| r.setting(&key(kind)));
        told.collect::<Result<Vec<_>, _>>()
    });
    let told = match read.await {
        Ok(told) => told,
        Err(error) => return tracing::warn!(%error, "what agents offered is not known"),
    };
    for (runtime, told) in runtimes.iter_mut().zip(told) {
        let told = told.and_then(|told| serde_json::from_value::<Told>(told).ok());
        let same = told.filter(|told| told.version == runtime.version);
        runtime.offer = same.map(|told| told.offer);
    }
}

/// What an agent offers, as far as it is known.
#[must_use]
pub fn of(ctx: &Ctx, kind: &str) -> Option<Offer> {
    let runtimes = ctx.runtimes.read().unwrap_or_else(PoisonError::into_inner);
    let runtime = runtimes.iter().find(|runtime| runtime.kind == kind)?;
    runtime.offer.clone()
}
