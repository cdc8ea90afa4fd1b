//! The socket of the worker: one JSON object per line, many requests at once (cli.md, "Transport and authority").

mod connection;
mod feed;
mod line;
mod peer;
mod surface;

pub(crate) use feed::Feed;
pub use line::LONGEST_LINE;
pub use surface::Surface;

use crate::error::ApiError;
use connection::Connection;
use peer::Peer;
use ripieno_daemon::{Handle, paths::PathError};
use serde_json::json;
use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    sync::Semaphore,
};

/// How many connections are served at once; the next ones wait in the system's queue.
const CONNECTIONS: usize = 256;

/// The bound socket. The worker's lock must be held by this process for as long as this value lives.
#[derive(Debug)]
pub struct Socket {
    listener: UnixListener,
    path: PathBuf,
    handle: Handle,
}

impl Socket {
    /// Binds the worker's socket: 0600 in a folder of the user's. One left by a dead worker is removed: holding a handle
    /// means holding the worker's lock, so it can be nobody else's.
    ///
    /// # Errors
    /// When something else lies at the path, or it cannot be made.
    pub fn bind(handle: &Handle) -> Result<Self, PathError> {
        let path = handle.socket().to_owned();
        let failed = |source| PathError::from_io(&path, source);
        if let Some(folder) = path.parent().filter(|folder| !folder.exists()) {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(failed)?;
        }
        remove_stale(&path).map_err(failed)?;
        let listener = UnixListener::bind(&path).map_err(failed)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(Socket {
            listener,
            path,
            handle: handle.clone(),
        })
    }

    /// Serves until the worker has stopped, then removes the socket. To be run by [`Handle::host`].
    pub async fn serve(self) {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                () = self.handle.stopped() => break,
                accepted = self.accept(&room) => accepted,
            };
            let (stream, permit) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Out of file descriptors, most likely: some are given back before long.
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                    continue;
                }
            };
            let handle = self.handle.clone();
            tokio::spawn(async move {
                serve_one(handle, stream).await;
                drop(permit);
            });
        }
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the socket could not be removed");
        }
    }

    async fn accept(
        &self,
        room: &Arc<Semaphore>,
    ) -> io::Result<(UnixStream, tokio::sync::OwnedSemaphorePermit)> {
        let permit = Arc::clone(room)
            .acquire_owned()
            .await
            .map_err(io::Error::other)?;
        let (stream, _) = self.listener.accept().await?;
        Ok((stream, permit))
    }
}

async fn serve_one(handle: Handle, mut stream: UnixStream) {
    match Peer::of(&handle, &stream).await {
        Ok(peer) => Connection::new(handle, peer).serve(stream).await,
        Err(error) => {
            tracing::warn!(%error, "a connection was refused");
            let refused = ApiError::forbidden("this worker belongs to another user");
            let line = format!("{}\n", json!({ "id": null, "error": refused }));
            // Whether it is read is not our concern.
            drop(stream.write_all(line.as_bytes()).await);
        }
    }
}

fn remove_stale(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_socket() => fs::remove_file(path),
        Ok(_) => Err(io::Error::other(
            "something that is no socket lies there: move it away",
        )),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
