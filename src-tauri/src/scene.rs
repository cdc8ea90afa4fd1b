//! Everything the tray shows, read from the worker in one go.

use jiff::Timestamp;
use ripieno_api::{ApiError, Client};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::status::Status;

/// How many tasks of one kind are asked for: more than a menu shows, so that those already seen can be left out.
const TASKS: u32 = 50;

/// One answer to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AskOption {
    /// What is sent back.
    pub id: String,
    /// What is shown.
    pub label: String,
}

/// Something that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ask {
    /// `A-` and a number.
    pub short_id: String,
    /// `question`, `approval`, `sign_in`, ...
    pub kind: String,
    /// The question, in the asker's words.
    pub text: String,
    /// The answers to choose from.
    pub options: Vec<AskOption>,
    /// Whether free text is an answer.
    pub allows_text: bool,
    /// What an answer must name, so that a changed ask is not answered (H2).
    pub revision: i64,
    /// Until when the person put it off.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
}

/// A task as the menu names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// `T-` and a number.
    pub short_id: String,
    /// Its title, in the words of whoever made it.
    pub title: String,
    /// When the person looked at its failure.
    #[serde(default)]
    pub seen_at: Option<Timestamp>,
}

/// What the worker says, all of about the same moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scene {
    /// The worker at a glance.
    pub status: Status,
    /// Open asks that are not put off, the oldest first.
    pub asks: Vec<Ask>,
    /// Tasks at work.
    pub working: Vec<Task>,
    /// Failed tasks nobody has looked at.
    pub failed: Vec<Task>,
    /// When time alone changes it: a pause or a delay ends.
    pub changes_at: Option<Timestamp>,
}

impl Scene {
    /// Asks the worker; only what there is any of is listed.
    ///
    /// # Errors
    /// The worker does not answer, or in a form of another version.
    pub(crate) async fn read(client: &mut Client, now: Timestamp) -> Result<Self, ApiError> {
        let mut status: Status = parse(client.request("status", json!({})).await?)?;
        let asks: Vec<Ask> = if status.asks > 0 {
            parse(client.request("ask.list", json!({})).await?["asks"].take())?
        } else {
            Vec::new()
        };
        let put_off = |ask: &Ask| ask.snoozed_until.filter(|until| *until > now);
        let changes_at = asks
            .iter()
            .filter_map(put_off)
            .chain(status.paused_until)
            .min();
        let mut asks: Vec<Ask> = asks
            .into_iter()
            .filter(|ask| put_off(ask).is_none())
            .collect();
        asks.sort_by_key(|ask| number(&ask.short_id));
        status.asks = asks.len() as u64;
        let working = if status.busy() > 0 {
            tasks(client, &["leased", "running", "needs_verification"]).await?
        } else {
            Vec::new()
        };
        let mut failed = if status.unseen_failures > 0 {
            tasks(client, &["failed", "dead"]).await?
        } else {
            Vec::new()
        };
        failed.retain(|task| task.seen_at.is_none());
        Ok(Self {
            status,
            asks,
            working,
            failed,
            changes_at,
        })
    }
}

async fn tasks(client: &mut Client, states: &[&str]) -> Result<Vec<Task>, ApiError> {
    let listing = json!({"states": states, "limit": TASKS});
    parse(client.request("task.list", listing).await?["tasks"].take())
}

/// The number of a short id; what has none comes last.
fn number(short_id: &str) -> u64 {
    let digits = short_id.rsplit('-').next().unwrap_or_default();
    digits.parse().unwrap_or(u64::MAX)
}

fn parse<T: DeserializeOwned>(view: Value) -> Result<T, ApiError> {
    serde_json::from_value(view).map_err(|bad| {
        ApiError::new(
            ripieno_api::error::Code::Incompatible,
            format!("the worker's answer cannot be read ({bad}): are both of one version?"),
        )
    })
}
