//! A worker that no terminal started has what the login shell sets (R11).

use crate::{
    Journey,
    rig::{Daemon, Home},
};
use serde_json::json;
use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

pub fn journeys() -> Vec<Journey> {
    vec![
        (
            "launched_worker_finds_agents_where_the_login_shell_does",
            finds_agents,
        ),
        (
            "agent_that_a_start_up_file_leads_to_since_is_found_without_a_restart",
            asked_again,
        ),
    ]
}

/// A person whose agent lies where only the shell's start-up file says.
struct Person {
    home: PathBuf,
    tools: PathBuf,
}

impl Person {
    fn new(home: &Home) -> Self {
        let person = Person {
            home: home.folder("person"),
            tools: home.folder("tools"),
        };
        let claude = person.tools.join("claude");
        fs::write(&claude, "#!/bin/sh\necho '2.1.329 (Claude Code)'\n").expect("an agent");
        fs::set_permissions(&claude, fs::Permissions::from_mode(0o755)).expect("it can be run");
        person
    }

    fn sets_path(&self) {
        let profile = format!(
            "echo welcome\nexport PATH=\"{}:$PATH\"\n",
            self.tools.display()
        );
        fs::write(self.home.join(".profile"), profile).expect("a start-up file");
    }

    /// As a desktop launcher starts it: no terminal, and a search path of the system's own.
    fn launches(&self, home: &Home) -> Daemon {
        let person = self.home.display().to_string();
        let env = [
            ("HOME", person.as_str()),
            ("SHELL", "/bin/sh"),
            ("PATH", "/usr/bin:/bin"),
            ("RIPIENO_LOGIN_SHELL", "always"),
        ];
        home.try_daemon(&env).expect("the daemon becomes ready")
    }

    fn claude(&self) -> String {
        self.tools.join("claude").display().to_string()
    }
}

fn finds_agents(home: &Home) {
    let person = Person::new(home);
    person.sets_path();
    let daemon = person.launches(home);
    let mut client = daemon.client();
    let found = client.call("runtime.list", json!({}));
    assert_eq!(found["environment"]["shell"], "/bin/sh", "{found:#}");
    assert!(found["environment"]["took_ms"].is_u64(), "{found:#}");
    let runtimes = found["runtimes"].as_array().expect("a list");
    let claude = runtimes.iter().find(|one| one["kind"] == "claude");
    assert_eq!(claude.expect("claude is known")["path"], person.claude());
    let task = client.script("command -v claude", json!({}));
    let view = client.wait_done(&task);
    assert_eq!(view["result"]["summary"], person.claude(), "{view:#}");
}

fn asked_again(home: &Home) {
    let person = Person::new(home);
    let daemon = person.launches(home);
    let mut client = daemon.client();
    let path = |found: &serde_json::Value| {
        let runtimes = found["runtimes"].as_array().expect("a list");
        let claude = runtimes.iter().find(|one| one["kind"] == "claude");
        claude.expect("claude is known")["path"].clone()
    };
    let before = client.call("runtime.list", json!({}));
    assert_ne!(path(&before), person.claude());
    person.sets_path();
    let since = client.call("runtime.list", json!({}));
    assert_eq!(path(&since), person.claude());
    let again = client.call("runtime.list", json!({ "refresh": true }));
    assert_eq!(path(&again), person.claude());
}
