//! The server: one loopback listener, one log.

use crate::{
    anthropic, chat, gemini, responses,
    scenario::{Cut, Fault, Reply, Scenario},
    sse::Stream,
};
use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    fs::File,
    io::{self, Write},
    net::SocketAddr,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

/// One request, as logged: enough to prove that the real engine called, nothing secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Logged {
    /// `POST`, `HEAD`, ...
    pub method: String,
    /// The first path segment.
    pub scenario: String,
    /// The rest of the path.
    pub path: String,
    /// Who called.
    pub user_agent: String,
    /// The model asked for.
    pub model: String,
    /// The tools offered.
    pub tools: Vec<String>,
    /// The person's last words.
    pub prompt: String,
    /// The words of the body that begin with `MARK-`: what a test put somewhere to see whether the model is told.
    pub marks: Vec<String>,
    /// The length of the body in bytes.
    pub bytes: usize,
}

struct Shared {
    log: Mutex<Vec<Logged>>,
    file: Option<Mutex<File>>,
    serial: AtomicU64,
    count: watch::Sender<usize>,
}

/// A scripted model server on a loopback port of its own; ends when dropped.
pub struct ModelServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<io::Result<()>>,
}

impl ModelServer {
    /// Starts a server on a free loopback port.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start() -> io::Result<Self> {
        Self::start_on(0, None).await
    }

    /// Starts a server on this loopback port, 0 for any, logging JSON lines to a file too.
    ///
    /// # Errors
    /// When the port is taken or the file cannot be opened.
    pub async fn start_on(port: u16, log: Option<&Path>) -> io::Result<Self> {
        let open = |path| {
            File::options()
                .create(true)
                .append(true)
                .open(path)
                .map(Mutex::new)
        };
        let shared = Arc::new(Shared {
            log: Mutex::default(),
            file: log.map(open).transpose()?,
            serial: AtomicU64::new(1),
            count: watch::channel(0).0,
        });
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let address = listener.local_addr()?;
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&shared));
        let app = app.layer(axum::extract::DefaultBodyLimit::disable());
        let task = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(ModelServer {
            address,
            shared,
            task,
        })
    }

    /// The base URL that plays this scenario.
    #[must_use]
    pub fn base_url(&self, scenario: &str) -> String {
        format!("http://{}/{scenario}", self.address)
    }

    /// Every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Logged> {
        self.shared
            .log
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until so many requests have come.
    pub async fn requested(&self, count: usize) {
        // The sender lives in `shared`, so waiting cannot fail.
        self.shared
            .count
            .subscribe()
            .wait_for(|have| *have >= count)
            .await
            .ok();
    }

    /// Serves until the process ends.
    pub async fn serve(mut self) {
        (&mut self.task).await.ok();
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path().trim_start_matches('/');
    let (scenario, rest) = path.split_once('/').unwrap_or((path, ""));
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let protocol = Protocol::of(rest);
    let seen = match protocol {
        Protocol::Responses => responses::read(&request),
        Protocol::Chat => chat::read(&request),
        Protocol::Gemini => gemini::read(&request),
        Protocol::Messages | Protocol::Other => anthropic::read(&request),
    };
    let model = match protocol {
        Protocol::Gemini => gemini::model(rest),
        _ => request["model"].as_str().unwrap_or_default(),
    };
    let model = model.to_owned();
    let scenario = played(scenario, &seen.prompt);
    let streams = request["stream"] == true || rest.ends_with(":streamGenerateContent");
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    shared.note(Logged {
        method: method.to_string(),
        scenario: scenario.0.clone(),
        path: rest.to_owned(),
        user_agent: agent.unwrap_or_default().to_owned(),
        model: model.clone(),
        tools: seen.tools.clone(),
        prompt: seen.prompt.chars().take(2000).collect(),
        marks: marks(&body),
        bytes: body.len(),
    });
    if method != Method::POST {
        return StatusCode::OK.into_response();
    }
    if rest.ends_with("count_tokens") {
        return axum::Json(json!({"input_tokens": 100})).into_response();
    }
    if protocol == Protocol::Other {
        return (StatusCode::NOT_FOUND, axum::Json(json!({"type": "error"}))).into_response();
    }
    let serial = shared.serial.fetch_add(1, Ordering::Relaxed);
    match scenario.reply(&seen) {
        Reply::Hang => std::future::pending().await,
        Reply::Drop => broken(),
        Reply::Fault(fault) => refuse(&fault, protocol),
        // Agents that want the rest of a cut stream in one piece get none either.
        Reply::Turn { cut, .. } if cut != Cut::Nowhere && !streams => broken(),
        turn @ Reply::Turn { .. } if streams => streamed(match protocol {
            Protocol::Responses => responses::stream(&turn, &model, serial),
            Protocol::Chat => chat::stream(&turn, &model, serial),
            Protocol::Gemini => gemini::stream(&turn, &model),
            Protocol::Messages | Protocol::Other => anthropic::stream(&turn, &model, serial),
        }),
        turn @ Reply::Turn { .. } => axum::Json(match protocol {
            Protocol::Chat => chat::message(&turn, &model, serial),
            Protocol::Gemini => gemini::message(&turn, &model),
            Protocol::Responses | Protocol::Messages | Protocol::Other => {
                anthropic::message(&turn, &model, serial)
            }
        })
        .into_response(),
    }
}

/// The scenario of an address; with `prompted` the one that a line `play NAME` of the prompt names.
fn played(named: &str, prompt: &str) -> Scenario {
    let mut lines = prompt.lines();
    let chosen = lines.find_map(|line| line.trim().strip_prefix("play "));
    Scenario(match named {
        "prompted" => chosen.unwrap_or("ok").trim().to_owned(),
        named => named.to_owned(),
    })
}

impl Shared {
    fn note(&self, logged: Logged) {
        if let Some(file) = &self.file {
            let line = serde_json::to_string(&logged).unwrap_or_default();
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(error) = writeln!(file, "{line}") {
                eprintln!("the log cannot be written: {error}");
            }
        }
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(logged);
        self.count.send_replace(log.len());
    }
}

/// How a model is talked to, as the path tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Messages,
    Responses,
    Chat,
    Gemini,
    Other,
}

impl Protocol {
    fn of(path: &str) -> Self {
        if path.ends_with("v1/messages") {
            Self::Messages
        } else if path.ends_with("v1/responses") {
            Self::Responses
        } else if path.ends_with("chat/completions") {
            Self::Chat
        } else if path.ends_with("enerateContent") {
            Self::Gemini
        } else {
            Self::Other
        }
    }
}

fn refuse(fault: &Fault, protocol: Protocol) -> Response {
    let body = match protocol {
        // The two of OpenAI refuse alike.
        Protocol::Responses | Protocol::Chat => responses::error(fault),
        Protocol::Gemini => gemini::error(fault),
        Protocol::Messages | Protocol::Other => {
            json!({"type": "error", "error": {"type": fault.kind, "message": fault.message}})
        }
    };
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(body)).into_response();
    for (name, value) in &fault.headers {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(*name, value);
        }
    }
    response
}

fn streamed((events, breaks): Stream) -> Response {
    let whole = stream::iter(events).then(|(pause, event)| async move {
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        Ok::<Bytes, io::Error>(event.into())
    });
    let end = stream::iter(breaks.then(|| Err(io::Error::other("cut"))));
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CONNECTION, "close"),
    ];
    (headers, Body::from_stream(whole.chain(end))).into_response()
}

/// A connection that is closed without an answer: the body breaks before its first byte.
fn broken() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CONNECTION, "close"),
    ];
    let body = stream::iter([Err::<Bytes, _>(io::Error::other("dropped"))]);
    (headers, Body::from_stream(body)).into_response()
}

fn marks(body: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(body);
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
    let found = text.match_indices("MARK-");
    let mut marks: Vec<String> = found
        .filter_map(|(at, _)| text[at..].split(ends).next().map(str::to_owned))
        .collect();
    marks.dedup();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenario_is_the_prompts_where_the_address_leaves_it_to_it() {
        for (named, prompt, want) in [
            ("hang", "play ok", "hang"),
            ("prompted", "please\n play hang \n$ true", "hang"),
            ("prompted", "please", "ok"),
        ] {
            assert_eq!(played(named, prompt).0, want, "{named} {prompt}");
        }
    }
}
