//! The worker itself: one per home, reachable, orderly at its end.

use crate::rig::Rig;

#[test]
fn every_client_verb_is_offline_with_the_remedy_when_no_worker_runs() {
    let rig = Rig::offline();
    for arguments in [
        &["status"][..],
        &["task", "list"],
        &["task", "add", "x"],
        &["ask", "list"],
        &["events"],
        &["pause"],
        &["backup"],
    ] {
        let said = rig.run(arguments).exits(3);
        assert!(
            said.stderr.contains("start `ripieno daemon run`"),
            "{arguments:?}: {}",
            said.stderr
        );
    }
    let error = rig.run(&["status", "--json"]).exits(3).json();
    assert_eq!(
        (error["schema"].clone(), error["error"]["code"].clone()),
        (1.into(), "offline".into())
    );
}

#[test]
fn second_worker_on_a_home_exits_7_and_names_the_owner() {
    let rig = Rig::start();
    let second = rig.run(&["daemon", "run", "--json"]).exits(7).json();
    assert_eq!(second["error"]["code"], "conflict");
    assert!(
        second["error"]["message"]
            .as_str()
            .unwrap()
            .contains("process "),
        "{second}"
    );
    rig.run(&["status"]).exits(0);
}

#[test]
fn quit_suspends_what_runs_and_the_next_start_goes_on() {
    let mut rig = Rig::start();
    let id =
        rig.script("test -e second && exit 0; touch second; ripieno task progress up; sleep 60");
    rig.wait_until(&id, |view| {
        std::path::Path::new(view["workdir"].as_str().unwrap())
            .join("second")
            .exists()
    });
    assert_eq!(rig.stop_worker(), 0);
    assert!(!rig.home().join("run/ripieno.sock").exists());
    rig.start_worker(&[]);
    let view = rig.wait_state(&id, "done");
    assert_eq!(
        (view["attempt"].clone(), view["tries_used"].clone()),
        (2.into(), 0.into())
    );
}

#[test]
fn socket_left_by_a_killed_worker_is_replaced() {
    let mut rig = Rig::offline();
    std::fs::create_dir_all(rig.home().join("run")).unwrap();
    drop(std::os::unix::net::UnixListener::bind(rig.home().join("run/ripieno.sock")).unwrap());
    rig.run(&["status"]).exits(3);
    let ready = rig.start_worker(&[]);
    assert_eq!(ready["event"], "ready");
    assert_eq!(
        ready["socket"],
        rig.home().join("run/ripieno.sock").to_str().unwrap()
    );
    rig.run(&["status"]).exits(0);
}

#[test]
fn socket_and_its_folder_are_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let rig = Rig::start();
    let mode = |path: &str| {
        std::fs::metadata(rig.home().join(path))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!((mode("run"), mode("run/ripieno.sock")), (0o700, 0o600));
}

#[test]
fn long_home_moves_the_socket_and_clients_find_it() {
    let rig = Rig::offline();
    let deep = rig.home().join("d".repeat(120));
    std::fs::create_dir(&deep).unwrap();
    let start = |arguments: &[&str]| {
        let mut command = rig.command();
        command.env("RIPIENO_HOME", &deep).args(arguments);
        command
    };
    let mut daemon = start(&["daemon", "run", "--json", "-q"]);
    let mut daemon = daemon.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(
        &mut std::io::BufReader::new(daemon.stdout.take().unwrap()),
        &mut line,
    )
    .unwrap();
    let status = start(&["status", "--json"]).output().unwrap();
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    assert_eq!(status.status.code(), Some(0), "{line}");
}

#[test]
fn worker_pause_holds_new_tasks_until_resume() {
    let rig = Rig::start();
    let status = rig.run(&["pause", "--for", "1h", "--json"]).exits(0).json();
    assert_eq!(status["state"], "paused");
    assert!(status["paused_until"].is_string());
    let id = rig.script("true");
    assert_eq!(
        rig.run(&["task", "why", &id, "--json"]).exits(0).json()["hold"]["kind"],
        "paused"
    );
    rig.run(&["pause", "--until", "2001-01-01T00:00:00Z"])
        .exits(2);
    assert_eq!(
        rig.run(&["resume", "--json"]).exits(0).json()["state"],
        "running"
    );
    rig.wait_state(&id, "done");
}

#[test]
fn web_page_is_off_by_default_and_only_on_loopback() {
    let mut rig = Rig::offline();
    let refused = rig.run(&["daemon", "run", "--web", "0.0.0.0:0"]).exits(2);
    assert!(
        refused.stderr.contains("only this machine's own addresses"),
        "{}",
        refused.stderr
    );
    assert_eq!(rig.start_worker(&[])["web"], serde_json::Value::Null);
    rig.stop_worker();
    let web = rig.start_worker(&["--web", "127.0.0.1:0"])["web"].clone();
    assert!(
        web.as_str().unwrap().starts_with("http://127.0.0.1:"),
        "{web}"
    );
}

#[test]
fn doctor_finds_nothing_wrong_with_and_without_a_worker() {
    let mut rig = Rig::offline();
    assert_eq!(rig.run(&["doctor", "--json"]).exits(0).json()["ok"], true);
    rig.start_worker(&[]);
    let found = rig.run(&["doctor", "--json"]).exits(0).json();
    let names: Vec<&str> = found["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    for name in [
        "folders",
        "settings",
        "disk",
        "database",
        "git",
        "sandbox",
        "worker",
        "socket",
        "integrity",
        "agents",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
}

#[test]
fn doctor_names_a_damaged_database_and_a_wrong_setting() {
    let rig = Rig::offline();
    std::fs::create_dir_all(rig.home().join("data")).unwrap();
    std::fs::create_dir_all(rig.home().join("config")).unwrap();
    std::fs::write(
        rig.home().join("data/ripieno.db"),
        "this is not a database at all",
    )
    .unwrap();
    std::fs::write(rig.home().join("config/config.toml"), "slots = \"many\"\n").unwrap();
    let found = rig.run(&["doctor", "--json"]).exits(1).json();
    let bad = |name: &str| {
        found["checks"]
            .as_array()
            .unwrap()
            .iter()
            .any(|c| c["name"] == name && c["verdict"] == "bad" && c["remedy"].is_string())
    };
    assert!(bad("database") && bad("settings"), "{found}");
}

#[test]
fn backup_is_a_database_and_never_overwrites() {
    let rig = Rig::start();
    let file = rig.home().join("copy.db");
    rig.run(&["backup", file.to_str().unwrap()]).exits(0);
    assert!(
        std::fs::read(&file)
            .unwrap()
            .starts_with(b"SQLite format 3")
    );
    rig.run(&["backup", file.to_str().unwrap()]).exits(2);
    let turn = rig.run(&["backup", "--json"]).exits(0).json();
    assert!(
        turn["file"].as_str().unwrap().contains("/backups/"),
        "{turn}"
    );
}

#[test]
fn another_user_is_refused_even_where_the_socket_is_open_to_all() {
    use std::os::unix::{fs::PermissionsExt, process::CommandExt};
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can start a process of another user");
        return;
    }
    let rig = Rig::start();
    let open = |path: &std::path::Path| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap()
    };
    for path in ["", "run", "run/ripieno.sock"] {
        open(&rig.home().join(path));
    }
    // A client of its own: the command may lie where that user cannot reach it.
    let socket = rig.home().join("run/ripieno.sock");
    let script = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n\
        print(s.makefile().readline())";
    let mut python = std::process::Command::new("python3");
    let output = python
        .args(["-c", script])
        .arg(&socket)
        .uid(65_534)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        said.contains("belongs to another user"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
