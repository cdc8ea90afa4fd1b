//! Requests and events over HTTP.

use super::Host;
use crate::{dispatch::dispatch, error::ApiError, socket::Feed};
use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use ripieno_daemon::handle::Authority;
use serde::Deserialize;
use serde_json::{Value, json};
use std::{convert::Infallible, time::Duration};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

/// A request as it is posted.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Posted {
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Value,
}

/// `POST /rpc`: one request, answered as over the socket.
pub(super) async fn call(State(host): State<Host>, body: Bytes) -> Response {
    let (id, result) = match serde_json::from_slice::<Posted>(&body) {
        Ok(posted) => {
            let by = Authority::Person {
                surface: "web".to_owned(),
            };
            // What asks of inside a task comes by the socket only.
            let here = CancellationToken::new();
            let done = dispatch(&host.handle, &by, &posted.method, posted.params, &here);
            (posted.id, done.await)
        }
        Err(bad) => (
            Value::Null,
            Err(ApiError::usage(format!("the body is no request: {bad}"))),
        ),
    };
    let answer = match result {
        Ok(result) => json!({ "id": id, "result": result }),
        Err(error) => json!({ "id": id, "error": error }),
    };
    (
        [(header::CONTENT_TYPE, "application/json")],
        answer.to_string(),
    )
        .into_response()
}

/// Where to begin.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Since {
    since: Option<i64>,
}

/// `GET /events?since=SEQ`: every later event, in order; a browser that comes back says where it was.
pub(super) async fn events(
    State(host): State<Host>,
    Query(since): Query<Since>,
    headers: HeaderMap,
) -> Response {
    let Ok(permit) = host.followers.clone().try_acquire_owned() else {
        return (
            StatusCode::TOO_MANY_REQUESTS,
            "too many pages follow the events: close some",
        )
            .into_response();
    };
    let seen = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| id.parse().ok());
    let cursor = seen
        .or(since.since)
        .unwrap_or_else(|| host.handle.last_seq());
    let following = Following {
        feed: Feed::after(&host.handle, cursor),
        page: Vec::new().into_iter(),
        _permit: permit,
    };
    let events = stream::unfold(following, |mut following| async move {
        let event = following.next().await?;
        Some((Ok::<_, Infallible>(event), following))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(30)))
        .into_response()
}

/// One browser's place in the log.
struct Following {
    feed: Feed,
    page: std::vec::IntoIter<crate::view::Event>,
    _permit: OwnedSemaphorePermit,
}

impl Following {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.page.next() {
                let data = serde_json::to_string(&event).ok()?;
                return Some(Event::default().id(event.seq.to_string()).data(data));
            }
            match self.feed.next().await {
                Ok(Some(page)) => self.page = page.into_iter(),
                Ok(None) => return None,
                Err(error) => {
                    tracing::warn!(%error, "a page's events end");
                    return None;
                }
            }
        }
    }
}
