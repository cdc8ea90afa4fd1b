//! `events`: the log as JSON lines, in order, without a gap.

use super::connect;
use crate::out::Out;
use ripieno_api::{ApiError, command};

pub(super) async fn run(since: i64, follow: bool, out: &Out) -> Result<u8, ApiError> {
    let mut client = connect().await?;
    if follow {
        let subscribe = command::Subscribe {
            since: Some(since),
            snapshot: Some(false),
        };
        client.request("events.subscribe", subscribe).await?;
        while let Some(event) = client.next_event().await? {
            out.text(&event.to_string());
        }
        return Err(ApiError::offline());
    }
    let mut since = since;
    loop {
        let page = client
            .request("events.since", command::EventsSince { since, limit: None })
            .await?;
        let events = page["events"].as_array().cloned().unwrap_or_default();
        if events.is_empty() {
            return Ok(0);
        }
        for event in &events {
            out.text(&event.to_string());
        }
        since = page["next"].as_i64().unwrap_or(i64::MAX);
    }
}
