//! Tests that mount file systems run in a mount namespace of their own: this binary starts itself again in one.

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

/// Set inside the namespace.
const INSIDE: &str = "RIPIENO_TEST_NAMESPACE";

/// Runs the body of the test of this name in a mount namespace; says plainly when the machine does not permit one.
pub fn within(test: &str, body: fn()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let Some(unshare) = permitted() else {
        // Written directly: what a passing test prints by macro is not shown.
        let line = format!("skipped: {test}: mount namespaces are not permitted here\n");
        std::io::stderr()
            .write_all(line.as_bytes())
            .expect("a line on stderr");
        return;
    };
    let this = std::env::current_exe().expect("the test binary has a path");
    let done = Command::new("unshare")
        .args(unshare)
        .arg(this)
        .args([test, "--exact", "--nocapture"])
        .env(INSIDE, "1")
        .stdin(Stdio::null())
        .output()
        .expect("unshare starts");
    let text = [done.stdout, done.stderr]
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .concat();
    assert!(
        done.status.success(),
        "{test} failed inside its namespace:\n{text}"
    );
    assert!(text.contains("1 passed"), "{test} did not run:\n{text}");
}

fn permitted() -> Option<&'static [&'static str]> {
    let ways: [&[&str]; 2] = [&["--mount"], &["--mount", "--map-root-user"]];
    ways.into_iter().find(|way| {
        let probe = "d=$(mktemp -d) && mount -t tmpfs -o size=64k probe \"$d\"; c=$?; umount \"$d\"; rmdir \"$d\"; exit $c";
        let tried = Command::new("unshare").args(*way).args(["sh", "-c", probe]).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    })
}

/// Calls mount.
pub fn mount(options: &str, folder: &Path) {
    let mut command = Command::new("mount");
    if !options.contains("remount") {
        command.args(["-t", "tmpfs"]);
    }
    let status = command
        .args(["-o", options, "ripieno-test"])
        .arg(folder)
        .status()
        .expect("mount starts");
    assert!(status.success(), "mount -o {options} {}", folder.display());
}
