//! A real agent in a home of its own, with a scripted model behind it.

use super::{Client, Daemon, Home, PATIENCE, wait_for};
use ripieno_testkit::{ModelServer, agents::Engine};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

/// The agents that are driven: one of each protocol.
pub const DRIVEN: [Engine; 3] = [Engine::Claude, Engine::Codex, Engine::Opencode];

/// A home with the real program on its PATH and a scripted model behind it.
pub struct Stage {
    pub engine: Engine,
    pub home: Home,
    pub server: ModelServer,
    _runtime: tokio::runtime::Runtime,
    program: PathBuf,
}

impl Stage {
    /// One for each agent of `make test` that is installed.
    pub fn each() -> impl Iterator<Item = Self> {
        Self::each_with("")
    }

    /// The same, with more settings.
    pub fn each_with(settings: &str) -> impl Iterator<Item = Self> {
        DRIVEN
            .into_iter()
            .filter_map(move |engine| Self::set_with(engine, settings))
    }

    /// `None` where the program is not installed.
    pub fn set(engine: Engine) -> Option<Self> {
        Self::set_with(engine, "")
    }

    /// With settings beside the usual ones.
    pub fn set_with(engine: Engine, settings: &str) -> Option<Self> {
        let usual = "[stop]\ngrace = \"3s\"\n\n[quit]\ngrace = \"10s\"\n";
        Self::with_settings(engine, &format!("{usual}{settings}"))
    }

    /// With these settings only.
    pub fn with_settings(engine: Engine, settings: &str) -> Option<Self> {
        let program = engine.program()?;
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let server = runtime
            .block_on(ModelServer::start())
            .expect("a port on loopback");
        let home = Home::with_config(settings);
        Some(Stage {
            engine,
            home,
            server,
            _runtime: runtime,
            program,
        })
    }

    pub fn daemon(&self, scenario: &str) -> Daemon {
        self.daemon_that(scenario, |_, _| {})
    }

    /// With surroundings of the agent that were changed.
    pub fn daemon_that(
        &self,
        scenario: &str,
        change: impl Fn(&Path, &mut BTreeMap<String, String>),
    ) -> Daemon {
        let mut env = self.env(scenario);
        change(&self.home.folder("user"), &mut env);
        let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.home
            .try_daemon(&env)
            .expect("the daemon becomes ready")
    }

    pub fn daemon_with_page(&self, scenario: &str) -> Daemon {
        let env = self.env(scenario);
        let env: Vec<(&str, &str)> = env.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.home.daemon_with_page(&env)
    }

    /// The environment of a worker whose agent is this one.
    pub fn env(&self, scenario: &str) -> BTreeMap<String, String> {
        let user = self.home.folder("user");
        let bin = self.home.folder("bin");
        let link = bin.join(self.engine.command());
        if !link.exists() {
            std::os::unix::fs::symlink(&self.program, &link).expect("the program is on the PATH");
        }
        let url = self.server.base_url(scenario);
        let mut env = self.engine.env(&user, &url).expect("a home of our own");
        env.insert(
            "PATH".to_owned(),
            format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display()),
        );
        env
    }

    /// A git repository with one commit.
    pub fn repository(&self) -> PathBuf {
        let folder = self.home.folder("repo");
        std::fs::write(folder.join("README"), "hello\n").expect("a file");
        for args in [
            &["init", "-q"][..],
            &["add", "."],
            &[
                "-c",
                "user.name=T",
                "-c",
                "user.email=t@example.org",
                "commit",
                "-qm",
                "first",
            ],
        ] {
            let done = Command::new("git")
                .args(args)
                .current_dir(&folder)
                .status()
                .expect("git runs");
            assert!(done.success());
        }
        folder
    }

    pub fn add(&self, client: &mut Client, prompt: &str, dir: &Path, approvals: &str) -> String {
        self.add_with(client, prompt, dir, json!({ "approvals": approvals }))
    }

    pub fn add_with(&self, client: &mut Client, prompt: &str, dir: &Path, more: Value) -> String {
        let mut params = json!({
            "prompt": prompt, "agent": self.engine.kind(), "dir": dir, "mode": "in_place", "approvals": "trusted"
        });
        if let (Some(all), Some(more)) = (params.as_object_mut(), more.as_object()) {
            all.extend(more.clone());
        }
        client.call("task.add", params)["short_id"]
            .as_str()
            .expect("a short id")
            .to_owned()
    }
}

impl Client {
    /// What the agent said in an attempt: a text may come in parts.
    pub fn said(&mut self, id: &str, attempt: u32) -> String {
        let log = self.call("task.logs", json!({ "id": id, "attempt": attempt }));
        let entries = log["entries"].as_array().expect("entries").iter();
        entries
            .filter(|entry| entry["kind"] == "text")
            .filter_map(|entry| entry["text"].as_str())
            .collect()
    }
}

/// The first open ask, once there is one.
pub fn open_ask(client: &mut Client) -> Value {
    wait_for(PATIENCE, || {
        client.call("ask.list", json!({}))["asks"].get(0).cloned()
    })
    .expect("an ask is opened")
}
