//! A worker in this process, with its doors.

use ripieno_api::{Client, http::Web, socket::Socket};
use ripieno_daemon::{Handle, Worker, WorkerOptions, outbox::LogNotifier, paths::Home};
use serde_json::{Value, json};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

pub(crate) struct Rig {
    pub(crate) handle: Handle,
    pub(crate) url: String,
    worker: Option<Worker>,
    home: TempDir,
    person: TempDir,
}

impl Rig {
    /// Starts a worker that can claim. No performer can be started: there is no command.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("rip")
            .tempdir_in("/tmp")
            .unwrap();
        let person = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
        let options = WorkerOptions {
            home: Home::under(folder.path()),
            command: folder.path().join("no-command"),
            flags: vec![("login_shell".to_owned(), "never".to_owned())],
            base_env: BTreeMap::from([
                ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
                ("HOME".to_owned(), person.path().display().to_string()),
            ]),
            program: None,
        };
        let worker = Worker::start(options, Arc::new(LogNotifier)).await.unwrap();
        let handle = worker.handle();
        handle.host(Socket::bind(&handle).unwrap().serve());
        let web = Web::bind(&handle, "127.0.0.1:0").await.unwrap();
        let url = web.url();
        handle.host(web.serve());
        Rig {
            handle,
            url,
            worker: Some(worker),
            home: folder,
            person,
        }
    }

    /// The folder of everything the worker keeps.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// The home of the person, `~`.
    pub(crate) fn person(&self) -> &Path {
        self.person.path()
    }

    pub(crate) async fn client(&self) -> Client {
        Client::connect_to(self.handle.socket()).await.unwrap()
    }

    /// Adds a task that waits for a moment far away, and gives its view.
    pub(crate) async fn add(&self, title: &str) -> Value {
        let params = json!({ "prompt": "true", "piece": "script", "title": title, "not_before": "2099-01-01T00:00:00Z" });
        self.client()
            .await
            .request("task.add", params)
            .await
            .unwrap()
    }

    pub(crate) async fn stop(mut self) {
        self.worker
            .take()
            .unwrap()
            .stop(CancellationToken::new())
            .await;
    }
}
