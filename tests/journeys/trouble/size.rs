//! Much of everything (rel-9).

use crate::rig::Home;
use serde_json::json;
use std::{io::Write, process::Stdio};

/// A figure of `/proc/PID/status`, in KiB.
fn status_kib(pid: i32, name: &str) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the daemon lives");
    let line = text
        .lines()
        .find(|line| line.starts_with(name))
        .expect("the figure is there");
    line.split_whitespace()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("a number")
}

#[test]
fn line_of_200_mb_costs_the_worker_less_than_64_mib_and_the_task_completes() {
    let home = Home::new();
    let daemon = home.daemon();
    let mut client = daemon.client();
    let first = client.script("echo warm", json!({}));
    client.wait_done(&first);
    let before = status_kib(daemon.pid(), "VmRSS:");
    let id = client.script(
        "head -c 200000000 /dev/zero | tr '\\0' x; echo; echo end",
        json!({}),
    );
    let view = client.wait_done(&id);
    let rise = status_kib(daemon.pid(), "VmHWM:").saturating_sub(before);
    assert!(rise < 64 * 1024, "the worker grew by {rise} KiB");
    let summary = view["result"]["summary"].as_str().expect("a summary");
    assert!(summary.ends_with("end"), "{} bytes", summary.len());
    assert!(
        summary.len() < 64 * 1024,
        "the summary has {} bytes",
        summary.len()
    );
    let (code, out, _) = home.run(&["task", "logs", &id, "--jsonl"]);
    assert_eq!(code, 0);
    assert!(out.len() < 64 << 20, "the log has {} bytes", out.len());
}

#[test]
fn prompt_of_1_mb_arrives_byte_for_byte() {
    let home = Home::new();
    let _daemon = home.daemon();
    let filler = "äöü € 漢字 \\ ' \" $HOME `x` \t end\n".repeat(30_000);
    let prompt =
        format!("cp \"$0\" \"$RIPIENO_OUTPUTS/arrived\"\n: <<'RIPIENO_END'\n{filler}RIPIENO_END\n");
    assert!(prompt.len() > 1_000_000);
    let file = home.folder("files").join("long.sh");
    std::fs::write(&file, &prompt).expect("the prompt is written");
    let path = file.display().to_string();
    let added = home.json(&[
        "--json", "task", "add", "--piece", "script", "--wait", "--file", &path,
    ]);
    assert_eq!(added["state"], "done", "{}", added["state_text"]);
    assert!(
        added["prompt"] == prompt.as_str(),
        "the prompt on record differs"
    );
    let arrived =
        std::path::Path::new(added["outputs"].as_str().expect("a folder")).join("arrived");
    assert!(
        std::fs::read_to_string(arrived).expect("the copy") == prompt,
        "what ran differs"
    );

    let mut child = home
        .command(&["task", "add", "--piece", "script", "--wait", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the command starts");
    child
        .stdin
        .take()
        .expect("an input")
        .write_all(prompt.as_bytes())
        .expect("it reads its input");
    assert_eq!(
        child.wait().expect("it ends").code(),
        Some(0),
        "the same through the input"
    );
}

#[test]
fn prompt_beyond_the_limit_is_refused_with_the_remedy() {
    let home = Home::new();
    let _daemon = home.daemon();
    let file = home.folder("files").join("huge.sh");
    std::fs::write(&file, "x".repeat(8 * 1024 * 1024 + 1)).expect("the prompt is written");
    let path = file.display().to_string();
    crate::refused_submission(&home, &["--piece", "script", "--file", &path])
        .names(&["8 MiB", "--input"]);
}
