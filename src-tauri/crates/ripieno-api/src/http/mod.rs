//! The loopback web host: the same methods at `POST /rpc`, events at `/events`, and the window's own page (cli.md,
//! "Transport and authority"). Off by default; when on, for one browser of this user and nobody else.

mod guard;
mod page;
mod rpc;
mod session;

use crate::{error::ApiError, socket::LONGEST_LINE};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use guard::Guard;
use ripieno_daemon::Handle;
use session::Session;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::Semaphore};

/// How many browsers follow the events at once.
const FOLLOWERS: usize = 16;
/// How long open answers may take when the worker stops.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// What every request is answered from.
#[derive(Clone, Debug)]
struct Host {
    handle: Handle,
    session: Arc<Session>,
    followers: Arc<Semaphore>,
}

/// The bound host.
#[derive(Debug)]
pub struct Web {
    listener: TcpListener,
    address: SocketAddr,
    host: Host,
}

impl Web {
    /// Binds an address of this machine, such as `127.0.0.1:0` for a free port.
    ///
    /// # Errors
    /// Invalid for any other address, and for a port that is taken.
    pub async fn bind(handle: &Handle, address: &str) -> Result<Self, ApiError> {
        let wrong =
            |why: &str| ApiError::invalid(format!("the page cannot be served at {address}: {why}"));
        let parsed: SocketAddr = address
            .parse()
            .map_err(|_| wrong("write it as 127.0.0.1:0, with 0 for any free port"))?;
        if !parsed.ip().is_loopback() {
            return Err(wrong(
                "only this machine's own addresses are allowed: 127.0.0.1 or [::1]",
            ));
        }
        let listener = TcpListener::bind(parsed).await.map_err(|error| {
            wrong(&format!(
                "{error}; choose another port, or 0 for any free one"
            ))
        })?;
        let address = listener
            .local_addr()
            .map_err(|error| wrong(&error.to_string()))?;
        let session = Session::new()
            .map_err(|error| wrong(&format!("the system gives no randomness: {error}")))?;
        let host = Host {
            handle: handle.clone(),
            session: Arc::new(session),
            followers: Arc::new(Semaphore::new(FOLLOWERS)),
        };
        Ok(Web {
            listener,
            address,
            host,
        })
    }

    /// The address to open, with a token that works once.
    #[must_use]
    pub fn url(&self) -> String {
        format!(
            "http://{}/?token={}",
            self.address,
            self.host.session.one_time()
        )
    }

    /// Serves until the worker has stopped. To be run by [`Handle::host`].
    pub async fn serve(self) {
        let handle = self.host.handle.clone();
        let stopping = handle.clone();
        let server = axum::serve(self.listener, router(self.host, self.address))
            .with_graceful_shutdown(async move { stopping.stopped().await });
        let last = async {
            handle.stopped().await;
            tokio::time::sleep(LAST_ANSWERS).await;
        };
        tokio::select! {
            ended = async { server.await } => {
                if let Err(error) = ended {
                    tracing::error!(%error, "the page is no longer served");
                }
            }
            () = last => {}
        }
    }
}

fn router(host: Host, address: SocketAddr) -> Router {
    let guard = Guard::new(address, Arc::clone(&host.session));
    Router::new()
        .route("/rpc", post(rpc::call))
        .route("/events", get(rpc::events))
        .fallback_service(get(page::serve).with_state(host.clone()))
        .layer(DefaultBodyLimit::max(LONGEST_LINE))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(host)
}
