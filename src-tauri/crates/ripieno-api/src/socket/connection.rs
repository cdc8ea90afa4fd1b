//! One connection: requests are carried out side by side, replies carry the id of theirs.

use super::{
    feed::Feed,
    line::{self, LONGEST_LINE, Line},
    peer::Peer,
    surface::Surface,
};
use crate::{
    command::Subscribe,
    dispatch::dispatch,
    error::{ApiError, Code},
    fields,
};
use ripieno_daemon::{Handle, handle::Authority};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{
    io::{AsyncWriteExt, BufReader, Interest},
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

/// How many requests of one connection are under way; the next ones are not read before.
const AT_ONCE: usize = 64;
/// How many replies wait for a slow reader before its requests do.
const REPLIES: usize = 64;

/// A request as it is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// Comes back with the reply.
    #[serde(default)]
    id: Value,
    method: String,
    #[serde(default)]
    params: Value,
    /// A task token, for this request.
    #[serde(default)]
    token: Option<String>,
    /// Where the person gave it; the command when left out.
    #[serde(default)]
    surface: Surface,
}

/// A connection of a known peer.
#[derive(Debug)]
pub(super) struct Connection {
    handle: Handle,
    peer: Peer,
    /// The token given with `auth`, for every request that brings none.
    token: Option<String>,
    room: Arc<Semaphore>,
    /// Requests that only look and wait: they end with the connection.
    watchers: JoinSet<()>,
    /// The other end is gone: nothing more can be handed over.
    gone: CancellationToken,
}

impl Connection {
    pub(super) fn new(handle: Handle, peer: Peer) -> Self {
        Connection {
            handle,
            peer,
            token: None,
            room: Arc::new(Semaphore::new(AT_ONCE)),
            watchers: JoinSet::new(),
            gone: CancellationToken::new(),
        }
    }

    /// Serves until the other end closes or the worker has stopped.
    pub(super) async fn serve(mut self, stream: UnixStream) {
        let (from, to) = stream.into_split();
        let (replies, outgoing) = mpsc::channel(REPLIES);
        let writer = tokio::spawn(write(to, outgoing));
        let handle = self.handle.clone();
        let mut from = BufReader::new(from);
        let requests = async {
            self.requests(&mut from, &replies).await;
            if is_gone(from.get_ref()).await {
                self.gone.cancel();
            }
        };
        tokio::select! {
            () = requests => {}
            () = handle.stopped() => {}
        }
        self.watchers.shutdown().await;
        drop(replies);
        // The writer ends when the last request under way has sent its reply, or the other end is gone.
        drop(writer);
    }

    async fn requests(
        &mut self,
        from: &mut BufReader<OwnedReadHalf>,
        replies: &mpsc::Sender<Vec<u8>>,
    ) {
        loop {
            while self.watchers.try_join_next().is_some() {}
            let sent = match line::read(from, LONGEST_LINE).await {
                Ok(Line::Whole(line)) if line.iter().all(u8::is_ascii_whitespace) => continue,
                Ok(Line::Whole(line)) => line,
                Ok(Line::TooLong) => {
                    let refused = ApiError::usage(format!(
                        "the request is longer than {} MiB: attach what is large as a file with --input",
                        LONGEST_LINE >> 20
                    ));
                    if replies
                        .send(reply(&Value::Null, Err(refused)))
                        .await
                        .is_err()
                    {
                        return;
                    }
                    continue;
                }
                Ok(Line::End) | Err(_) => return,
            };
            let Ok(permit) = Arc::clone(&self.room).acquire_owned().await else {
                return;
            };
            match parse(&sent) {
                Err(refused) => {
                    if replies
                        .send(reply(&Value::Null, Err(refused)))
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
                Ok(request) if request.method == "auth" => {
                    let result = self.auth(request.params);
                    if replies.send(reply(&request.id, result)).await.is_err() {
                        return;
                    }
                }
                Ok(request) => self.start(request, replies.clone(), permit),
            }
        }
    }

    /// Takes a token for the requests that follow.
    fn auth(&mut self, params: Value) -> Result<Value, ApiError> {
        #[derive(Deserialize)]
        struct Auth {
            token: String,
        }
        let auth: Auth = fields::read("auth", params)?;
        let surface = Surface::default();
        self.peer
            .authority(&self.handle, Some(&auth.token), surface)?;
        self.token = Some(auth.token);
        Ok(json!({}))
    }

    /// Carries a request out beside the others. What changes something runs to its end even when the asker is gone.
    fn start(
        &mut self,
        request: Request,
        replies: mpsc::Sender<Vec<u8>>,
        permit: tokio::sync::OwnedSemaphorePermit,
    ) {
        let handle = self.handle.clone();
        let gone = self.gone.clone();
        let token = request.token.as_deref().or(self.token.as_deref());
        let authority = self.peer.authority(&handle, token, request.surface);
        let watches = matches!(
            request.method.as_str(),
            "task.wait" | "task.logs" | "events.subscribe"
        );
        let work = async move {
            let _permit = permit;
            match authority {
                Err(refused) => drop(replies.send(reply(&request.id, Err(refused))).await),
                Ok(by) if request.method == "events.subscribe" => {
                    subscribe(handle, by, request, replies).await
                }
                Ok(by) => {
                    let (method, params) = (&request.method, request.params);
                    let result = dispatch(&handle, &by, method, params, &gone).await;
                    drop(replies.send(reply(&request.id, result)).await);
                }
            }
        };
        if watches {
            self.watchers.spawn(work);
        } else {
            tokio::spawn(work);
        }
    }
}

/// Whether the other end has closed altogether; one that only sends nothing more may still read.
async fn is_gone(from: &OwnedReadHalf) -> bool {
    let ready = from.ready(Interest::WRITABLE).await;
    ready.map_or(true, |ready| ready.is_write_closed())
}

/// The snapshot, then every event until the connection or the worker ends.
async fn subscribe(
    handle: Handle,
    by: Authority,
    request: Request,
    replies: mpsc::Sender<Vec<u8>>,
) {
    let since = fields::read::<Subscribe>("events.subscribe", request.params.clone())
        .map(|params| params.since);
    let here = CancellationToken::new();
    let result = dispatch(&handle, &by, &request.method, request.params, &here).await;
    let first = result
        .as_ref()
        .ok()
        .and_then(|snapshot| snapshot["seq"].as_i64());
    if replies.send(reply(&request.id, result)).await.is_err() {
        return;
    }
    let (Some(first), Ok(since)) = (first, since) else {
        return;
    };
    let mut feed = Feed::after(&handle, since.unwrap_or(first));
    loop {
        match feed.next().await {
            Ok(Some(events)) => {
                for event in events {
                    if replies
                        .send(line_of(&json!({ "event": event })))
                        .await
                        .is_err()
                    {
                        return;
                    }
                }
            }
            Ok(None) => return,
            Err(error) => {
                drop(replies.send(reply(&request.id, Err(error))).await);
                return;
            }
        }
    }
}

fn parse(line: &[u8]) -> Result<Request, ApiError> {
    let text = std::str::from_utf8(line).map_err(|bad| {
        ApiError::usage(format!(
            "the request is not UTF-8 (byte {})",
            bad.valid_up_to() + 1
        ))
    })?;
    serde_json::from_str(text).map_err(|bad| {
        ApiError::usage(format!(
            "the line is no request: {bad}; send {{\"id\":1,\"method\":\"status\",\"params\":{{}}}}"
        ))
    })
}

fn reply(id: &Value, result: Result<Value, ApiError>) -> Vec<u8> {
    match result {
        Ok(result) => line_of(&json!({ "id": id, "result": result })),
        Err(error) => {
            if error.code == Code::Internal {
                tracing::error!(%error, "a request failed");
            }
            line_of(&json!({ "id": id, "error": error }))
        }
    }
}

fn line_of(value: &Value) -> Vec<u8> {
    let mut line = value.to_string().into_bytes();
    line.push(b'\n');
    line
}

async fn write(mut to: OwnedWriteHalf, mut lines: mpsc::Receiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        if to.write_all(&line).await.is_err() {
            return;
        }
    }
}
