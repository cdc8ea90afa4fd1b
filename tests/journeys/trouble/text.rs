//! Text that is no text.

use crate::{inventory, refused_submission, rig::Home};
use std::{
    ffi::OsStr,
    io::Write,
    os::unix::ffi::OsStrExt,
    process::{Output, Stdio},
};

const BROKEN: &[u8] = b"echo caf\xe9";

fn one_sentence(done: &Output, json: bool, names: &[&str]) {
    let (out, err) = (
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr),
    );
    assert_eq!(done.status.code(), Some(2), "{out}\n{err}");
    let (said, silent) = if json { (out, err) } else { (err, out) };
    assert_eq!(silent, "");
    assert_eq!(said.lines().count(), 1, "one sentence: {said}");
    for name in names {
        assert!(said.contains(name), "`{name}` is missing in: {said}");
    }
}

#[test]
fn invalid_utf_8_on_the_command_line_is_refused_in_one_sentence() {
    let home = Home::new();
    let _daemon = home.daemon();
    let before = inventory(&home);
    for json in [false, true] {
        let mut command = home.command(&["task", "add", "--piece", "script"]);
        command
            .args(json.then_some("--json"))
            .arg(OsStr::from_bytes(BROKEN));
        let done = command
            .stdin(Stdio::null())
            .output()
            .expect("the command starts");
        one_sentence(&done, json, &["UTF-8", "--input"]);
    }
    assert_eq!(inventory(&home), before);
}

#[test]
fn invalid_utf_8_in_a_file_or_on_the_input_is_refused_in_one_sentence() {
    let home = Home::new();
    let _daemon = home.daemon();
    let file = home.folder("files").join("latin1.sh");
    std::fs::write(&file, BROKEN).expect("the file is written");
    let path = file.display().to_string();
    let said = refused_submission(&home, &["--piece", "script", "--file", &path]);
    said.names(&["latin1.sh", "UTF-8", "byte 9", "--input"]);
    let before = inventory(&home);
    let mut child = home
        .command(&["task", "add", "--piece", "script", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut input = child.stdin.take().expect("a piped input");
    input.write_all(BROKEN).expect("it reads its input");
    drop(input);
    one_sentence(
        &child.wait_with_output().expect("it ends"),
        false,
        &["the input", "UTF-8"],
    );
    assert_eq!(inventory(&home), before);
}

#[test]
fn file_that_is_missing_or_a_folder_is_refused_by_its_name() {
    let home = Home::new();
    let _daemon = home.daemon();
    refused_submission(
        &home,
        &["--piece", "script", "--file", "/nowhere/prompt.md"],
    )
    .names(&["/nowhere/prompt.md"]);
    let folder = home.folder("files").display().to_string();
    refused_submission(&home, &["--piece", "script", "--file", &folder]).names(&[&folder]);
}

#[test]
fn what_a_script_prints_is_in_its_log_once_and_steers_no_terminal() {
    let home = Home::new();
    let daemon = home.daemon();
    let mut client = daemon.client();
    let script =
        "printf 'a\\033]52;c;eA==\\007b\\n'; printf '\\000\\377half\\n' >&2; printf '{\"half\": '";
    let id = client.script(script, serde_json::json!({}));
    client.wait_done(&id);
    let (code, out, err) = home.run(&["task", "logs", &id]);
    assert_eq!(code, 0, "{err}");
    for said in ["ab\n", "half\n", "{\"half\": "] {
        assert_eq!(out.matches(said).count(), 1, "`{said}` in:\n{out}");
    }
    assert!(
        !out.contains(['\u{1b}', '\u{7}', '\0']),
        "control characters in {out:?}"
    );
}
