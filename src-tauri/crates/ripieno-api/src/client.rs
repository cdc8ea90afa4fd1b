//! The client: a connection to the worker's socket, request by request, or its events.

use crate::error::{ApiError, Code};
use crate::socket::Surface;
use ripieno_daemon::paths::{Home, PathError};
use serde::Serialize;
use serde_json::{Value, json};
use std::{io, path::Path};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// A connection to a worker. Requests go one after the other; for several at once, connect several times.
#[derive(Debug)]
pub struct Client {
    from: BufReader<OwnedReadHalf>,
    to: OwnedWriteHalf,
    next: u64,
    token: Option<String>,
    surface: Surface,
    line: Vec<u8>,
}

impl Client {
    /// Connects to the worker of a home.
    ///
    /// # Errors
    /// Offline, with the remedy, when none answers.
    pub async fn connect(home: &Home) -> Result<Self, ApiError> {
        Self::connect_to(&home.socket_to_connect()).await
    }

    /// Connects to the socket at a path.
    ///
    /// # Errors
    /// Offline, with the remedy, when nobody listens there.
    pub async fn connect_to(socket: &Path) -> Result<Self, ApiError> {
        let stream = UnixStream::connect(socket)
            .await
            .map_err(|error| refused(socket, &error))?;
        let (from, to) = stream.into_split();
        Ok(Client {
            from: BufReader::new(from),
            to,
            next: 1,
            token: None,
            surface: Surface::default(),
            line: Vec::new(),
        })
    }

    /// Speaks with a task's token from now on (`RIPIENO_TASK_TOKEN`).
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        self.token = token;
        self
    }

    /// Speaks for the person at a surface of the application from now on.
    #[must_use]
    pub fn with_surface(mut self, surface: Surface) -> Self {
        self.surface = surface;
        self
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// What the worker refuses with; Offline when it ends meanwhile.
    pub async fn request(
        &mut self,
        method: &str,
        params: impl Serialize,
    ) -> Result<Value, ApiError> {
        let id = self.next;
        self.next += 1;
        let mut request = json!({ "id": id, "method": method, "params": params });
        if let Some(token) = &self.token {
            request["token"] = token.as_str().into();
        }
        if self.surface != Surface::default() {
            request["surface"] = self.surface.name().into();
        }
        let mut line = request.to_string().into_bytes();
        line.push(b'\n');
        // A worker that refuses the line may close before it has read it all: its sentence counts more than the broken pipe.
        let sent = self.to.write_all(&line).await;
        loop {
            let Some(mut reply) = self.read().await? else {
                drop(sent);
                return Err(gone());
            };
            if reply["id"] == id || reply["id"].is_null() && reply.get("error").is_some() {
                return match reply.get_mut("error").map(Value::take) {
                    Some(error) => Err(serde_json::from_value(error).map_err(unreadable)?),
                    None => Ok(reply["result"].take()),
                };
            }
        }
    }

    /// The next event after `events.subscribe`; `None` when the worker has ended.
    ///
    /// # Errors
    /// When the worker says why it sends no more.
    pub async fn next_event(&mut self) -> Result<Option<Value>, ApiError> {
        loop {
            let Some(mut message) = self.read().await? else {
                return Ok(None);
            };
            if let Some(event) = message.get_mut("event") {
                return Ok(Some(event.take()));
            }
            if let Some(error) = message.get_mut("error") {
                return Err(serde_json::from_value(error.take()).map_err(unreadable)?);
            }
        }
    }

    /// The next message; `None` at the end. What was read of a message is kept when this is dropped.
    async fn read(&mut self) -> Result<Option<Value>, ApiError> {
        let read = self.from.read_until(b'\n', &mut self.line).await;
        if !read.is_ok_and(|count| count > 0) || self.line.last() != Some(&b'\n') {
            return Ok(None);
        }
        let line = std::mem::take(&mut self.line);
        serde_json::from_slice(&line).map(Some).map_err(unreadable)
    }
}

fn refused(socket: &Path, error: &io::Error) -> ApiError {
    match error.kind() {
        io::ErrorKind::NotADirectory => no_folder(socket),
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => ApiError::offline(),
        _ => ApiError::new(
            Code::Offline,
            format!(
                "the worker cannot be reached at {}: {error}; `ripieno doctor` looks for the cause",
                socket.display()
            ),
        ),
    }
}

/// Names what stands where a folder of the home must be.
fn no_folder(socket: &Path) -> ApiError {
    let in_the_way = socket
        .ancestors()
        .skip(1)
        .find(|path| path.exists())
        .unwrap_or(socket);
    let path = in_the_way.to_owned();
    ApiError::new(Code::Offline, PathError::NotADirectory { path }.to_string())
}

fn gone() -> ApiError {
    ApiError::new(
        Code::Offline,
        "the worker has ended; tasks go on at its next start",
    )
}

fn unreadable(bad: serde_json::Error) -> ApiError {
    ApiError::new(
        Code::Incompatible,
        format!("the worker's answer cannot be read ({bad}): are both of one version?"),
    )
}
