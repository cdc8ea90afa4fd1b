//! Ending runs: nothing survives a stop, a dropped handle, or the death of worker or supervisor (R9, C2, rel-8).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{LIMIT, launch, lines, lives, mark, marked, supervisor, until};
use ripieno_agents::process::{self, Exit, Handle};
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    sync::Mutex,
};

const GRACE: Duration = Duration::from_millis(300);

/// For tests that keep every processor busy, and for those in which git has half a second of a processor's time.
static MACHINE: Mutex<()> = Mutex::const_new(());

/// Starts a script, waits for its first line, stops it, and looks for survivors.
async fn stopped(text: &str) -> (Exit, Duration) {
    let mark = mark();
    let run = launch(text, &mark).await;
    let mut out = lines(run.stdout);
    assert_eq!(out.next_line().await.unwrap().as_deref(), Some("ready"));
    let begun = Instant::now();
    let exit = run.handle.stop(GRACE).await;
    let took = begun.elapsed();
    assert_eq!(marked(&mark), [0; 0], "survivors of {text}");
    assert!(took < LIMIT, "{took:?}");
    (exit, took)
}

fn signal(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

#[tokio::test]
async fn a_process_that_obeys_term_ends_before_the_grace_is_over() {
    let (exit, _) = stopped("trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done").await;
    assert_eq!(exit, Exit::Code(7));
}

#[tokio::test]
async fn a_process_that_ignores_term_is_killed_after_the_grace() {
    let (exit, took) = stopped("trap '' TERM; echo ready; while :; do sleep 1; done").await;
    assert_eq!(exit, Exit::Signal(9));
    assert!(took >= GRACE);
}

#[tokio::test]
async fn processes_that_left_group_session_and_parent_are_killed() {
    let left = "setsid sh -c 'trap \"\" TERM; (setsid sleep 600 &) ; sleep 600' &";
    stopped(&format!(
        "trap '' TERM; {left} (({left}) &); echo ready; wait; sleep 600"
    ))
    .await;
}

#[tokio::test]
async fn processes_that_dropped_the_marker_are_killed() {
    let run = launch(
        "trap '' TERM; env -i setsid /bin/sh -c '(/bin/sleep 600 & echo $!) & sleep 600'; sleep 600",
        &mark(),
    )
    .await;
    let hidden: i32 = lines(run.stdout)
        .next_line()
        .await
        .unwrap()
        .unwrap()
        .parse()
        .unwrap();
    assert!(lives(hidden));
    run.handle.stop(GRACE).await;
    assert!(!lives(hidden));
}

#[tokio::test]
async fn a_stopped_process_is_woken_to_obey() {
    let (exit, took) = stopped("trap 'exit 5' TERM; echo ready; kill -STOP $$; sleep 600").await;
    assert!(matches!(exit, Exit::Code(5) | Exit::Signal(9)), "{exit:?}");
    assert!(took < LIMIT);
}

#[tokio::test]
async fn a_stopped_tree_is_killed() {
    stopped("trap '' TERM; setsid sh -c 'kill -STOP $$' & echo ready; kill -STOP $$").await;
}

#[tokio::test]
async fn five_hundred_processes_that_go_on_forking_are_killed() {
    let _alone = MACHINE.lock().await;
    let storm = "trap '' TERM; i=0; while [ $i -lt 500 ]; do \
                 (trap '' TERM; while :; do sleep 0.05; done) & i=$((i+1)); done; echo ready; wait";
    stopped(storm).await;
}

#[tokio::test]
async fn a_process_that_changes_its_id_all_the_time_is_killed() {
    let _alone = MACHINE.lock().await;
    let hopper = r#"hop() { (trap '' TERM; exec "$0" -c "$HOP" "$0") & }; hop; exit 0"#;
    let text = format!(
        "export HOP='{}'; trap '' TERM; setsid sh -c \"$HOP\" /bin/sh & echo ready; sleep 600",
        hopper.replace('\'', r"'\''")
    );
    stopped(&text).await;
}

/// A program called git that holds a lock, at work in a script that goes on with `after` when it has ended.
struct GitAtWork {
    folder: tempfile::TempDir,
    mark: String,
    handle: Handle,
    /// Nobody is cut off by a stream that is gone.
    _out: Box<dyn std::any::Any>,
}

impl GitAtWork {
    /// `text` is what it does with the lock; `before` comes before it in the script.
    async fn begin(text: &str, before: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let git = folder.path().join("git");
        fs::write(&git, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&git, fs::Permissions::from_mode(0o755)).unwrap();
        let script = format!(
            "cd '{}'; {before}\n./git; touch after",
            folder.path().display()
        );
        let mark = mark();
        let run = launch(&script, &mark).await;
        let mut out = lines(run.stdout);
        assert_eq!(out.next_line().await.unwrap().as_deref(), Some("ready"));
        GitAtWork {
            folder,
            mark,
            handle: run.handle,
            _out: Box::new(out),
        }
    }

    /// Ends it as a worker that goes does; what is left in the folder.
    async fn dropped(self) -> Vec<String> {
        drop(self.handle);
        until("everything is gone", || marked(&self.mark).is_empty()).await;
        names(self.folder.path())
    }
}

/// Holds its lock for a moment, and notes when it is asked to end.
const SLOW: &str =
    "trap 'touch asked' TERM; touch lock; echo ready; sleep 0.2; rm lock; touch finished";
/// Holds its lock until it is asked to end.
const ENDLESS: &str =
    "trap 'rm lock; exit 1' TERM; touch lock; echo ready; while :; do sleep 0.01; done";

#[tokio::test]
async fn git_that_goes_on_and_on_when_the_worker_goes_takes_its_lock_along() {
    let _alone = MACHINE.lock().await;
    let git = GitAtWork::begin(ENDLESS, "").await;
    assert_eq!(git.dropped().await, ["git"]);
}

#[tokio::test]
async fn git_at_work_when_the_worker_goes_finishes_and_nothing_comes_after_it() {
    let _alone = MACHINE.lock().await;
    let git = GitAtWork::begin(SLOW, "").await;
    assert_eq!(git.dropped().await, ["finished", "git"]);
}

#[tokio::test]
async fn git_at_work_in_a_group_that_is_asked_to_end_is_asked_later_than_the_others() {
    let _alone = MACHINE.lock().await;
    let git = GitAtWork::begin(SLOW, "trap 'exit 7' TERM").await;
    assert_eq!(git.handle.stop(LIMIT).await, Exit::Code(7));
    assert_eq!(git.dropped().await, ["finished", "git"]);
}

#[tokio::test]
async fn git_that_goes_on_and_on_is_asked_to_end_with_its_group_still_alive() {
    let _alone = MACHINE.lock().await;
    let git = GitAtWork::begin(ENDLESS, "trap 'touch tidied; exit 7' TERM").await;
    assert_eq!(git.handle.stop(LIMIT).await, Exit::Code(7));
    assert_eq!(git.dropped().await, ["git", "tidied"]);
}

#[tokio::test]
async fn commits_without_end_leave_no_lock_whenever_they_are_cut() {
    let _alone = MACHINE.lock().await;
    let folder = tempfile::tempdir().unwrap();
    let identity =
        "GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b";
    let commits = format!(
        "cd '{}'; git init -q .; export {identity}; echo ready; while :; do git commit -q --allow-empty -m x; done",
        folder.path().display()
    );
    for round in 0..20 {
        let mark = mark();
        let run = launch(&commits, &mark).await;
        let mut out = lines(run.stdout);
        assert_eq!(out.next_line().await.unwrap().as_deref(), Some("ready"));
        let log = folder.path().join(".git/logs/HEAD");
        let before = fs::metadata(&log).map_or(0, |log| log.len());
        until("a commit is made", || {
            fs::metadata(&log).is_ok_and(|log| log.len() > before)
        })
        .await;
        match round % 2 {
            0 => drop(run.handle),
            _ => drop(run.handle.stop(GRACE).await),
        }
        until("everything is gone", || marked(&mark).is_empty()).await;
        let left = locks(&folder.path().join(".git"));
        assert_eq!(left, [""; 0], "in round {round}");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The names of the lock files below a folder.
fn locks(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            found.extend(locks(&path));
        } else if name.ends_with(".lock") {
            found.push(name);
        }
    }
    found
}

#[tokio::test]
async fn what_a_finished_program_left_in_the_background_is_killed() {
    let mark = mark();
    let run = launch(
        "(trap '' TERM; setsid sleep 600) & (sleep 600 &); exit 0",
        &mark,
    )
    .await;
    assert_eq!(run.handle.exited().await, Exit::Code(0));
    assert_eq!(run.handle.gone().await, 0);
    assert_eq!(marked(&mark), [0; 0]);
    let mut rest = Vec::new();
    let mut stdout = run.stdout;
    stdout.read_to_end(&mut rest).await.unwrap();
}

#[tokio::test]
async fn dropping_the_last_handle_kills_everything() {
    let mark = mark();
    let run = launch("trap '' TERM; setsid sleep 600 & echo ready; wait", &mark).await;
    let mut out = lines(run.stdout);
    out.next_line().await.unwrap();
    let second: Handle = run.handle.clone();
    drop(run.handle);
    assert!(!marked(&mark).is_empty());
    drop(second);
    until("the tree is gone", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn killing_the_worker_kills_the_tree() {
    let mark = mark();
    let (mut worker, pid, _) =
        owner("trap '' TERM; setsid sleep 600 & echo ready; wait", &mark).await;
    assert!(!marked(&mark).is_empty());
    worker.start_kill().unwrap();
    worker.wait().await.unwrap();
    until("the tree is gone", || marked(&mark).is_empty()).await;
    until("the supervisor is gone", || !lives(pid)).await;
}

#[tokio::test]
async fn killing_the_supervisor_ends_the_run_as_lost_with_no_survivor() {
    let mark = mark();
    let text = "trap '' TERM; setsid setsid sleep 600 & (sleep 600 &); echo ready; exec sleep 600";
    let run = launch(text, &mark).await;
    lines(run.stdout).next_line().await.unwrap();
    signal(run.pid, Signal::KILL);
    assert_eq!(run.handle.gone().await, 0);
    assert_eq!(run.handle.exited().await, Exit::Lost);
    assert_eq!(marked(&mark), [0; 0]);
}

#[tokio::test]
async fn killing_the_supervisor_saves_nobody_who_left_session_and_environment_behind() {
    let text =
        "(env -i /usr/bin/setsid /bin/sh -c 'echo $$; exec /bin/sleep 600' &); exec sleep 600";
    let run = launch(text, &mark()).await;
    let line = lines(run.stdout).next_line().await.unwrap().unwrap();
    let left: i32 = line.parse().unwrap();
    signal(run.pid, Signal::KILL);
    assert_eq!(run.handle.gone().await, 0);
    assert!(!lives(left));
}

#[tokio::test]
async fn a_stranger_in_a_session_of_the_same_id_is_no_leftover() {
    // Its leader has ended, so that the id can be given to a supervisor, and was one, long ago.
    let mut leader = tokio::process::Command::new("/usr/bin/setsid")
        .args(["/bin/sh", "-c", "sleep 600 >/dev/null & echo $!"])
        .env_clear()
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = leader.id().unwrap().cast_signed();
    let mut said = BufReader::new(leader.stdout.take().unwrap()).lines();
    let stranger: i32 = said.next_line().await.unwrap().unwrap().parse().unwrap();
    leader.wait().await.unwrap();
    let boot = process::boot_id().unwrap();
    let left = blocking(move || process::end_leftovers(id, 1, &boot)).await;
    assert!(left == 0 && lives(stranger));
    signal(stranger, Signal::KILL);
}

#[tokio::test]
async fn a_supervisor_stopped_by_its_own_target_does_not_save_it() {
    let mark = mark();
    let run = launch(
        "trap '' TERM; kill -STOP $PPID; echo ready; sleep 600",
        &mark,
    )
    .await;
    lines(run.stdout).next_line().await.unwrap();
    let begun = Instant::now();
    run.handle.stop(GRACE).await;
    assert_eq!(marked(&mark), [0; 0]);
    assert!(begun.elapsed() < LIMIT);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_supervisor_stopped_before_it_could_report_is_woken() {
    let _alone = MACHINE.lock().await;
    let mark = mark();
    let launches: Vec<_> = (0..40)
        .map(|_| {
            let mark = mark.clone();
            tokio::spawn(async move { launch("kill -STOP $PPID; sleep 600", &mark).await })
        })
        .collect();
    let mut runs = Vec::new();
    for launch in launches {
        runs.push(launch.await.unwrap());
    }
    let stops: Vec<_> = runs
        .into_iter()
        .map(|run| tokio::spawn(async move { run.handle.stop(GRACE).await }))
        .collect();
    for stop in stops {
        stop.await.unwrap();
    }
    assert_eq!(marked(&mark), [0; 0]);
}

#[tokio::test]
async fn leftovers_of_a_killed_worker_are_ended_by_the_next() {
    let mark = mark();
    let text = "trap '' TERM; setsid setsid sleep 600 & (sleep 600 &); echo ready; exec sleep 600";
    let (mut worker, pid, started) = owner(text, &mark).await;
    // A supervisor that cannot act is what recovery is for.
    signal(pid, Signal::STOP);
    worker.start_kill().unwrap();
    worker.wait().await.unwrap();
    assert!(!marked(&mark).is_empty());
    let boot = process::boot_id().unwrap();
    assert_eq!(
        blocking(move || process::end_leftovers(pid, started + 1, &boot)).await,
        0
    );
    assert!(lives(pid), "another process of the same id is left alone");
    assert_eq!(
        blocking(move || process::end_leftovers(pid, started, "another boot")).await,
        0
    );
    assert!(lives(pid), "a record of another boot names nothing");
    let boot = process::boot_id().unwrap();
    assert_eq!(
        blocking(move || process::end_leftovers(pid, started, &boot)).await,
        0
    );
    assert!(!lives(pid));
    assert_eq!(marked(&mark), [0; 0]);
}

#[tokio::test]
async fn a_sweep_ends_what_carries_the_marker_and_nothing_else() {
    let (one, two) = (mark(), mark());
    let first = launch("trap '' TERM; setsid sleep 600 & echo ready; wait", &one).await;
    let second = launch("echo ready; sleep 600", &two).await;
    lines(first.stdout).next_line().await.unwrap();
    lines(second.stdout).next_line().await.unwrap();
    let swept = one.clone();
    assert_eq!(blocking(move || process::sweep_marked(&swept)).await, 0);
    assert_eq!(marked(&one), [0; 0]);
    assert!(!marked(&two).is_empty());
    assert_eq!(first.handle.exited().await, Exit::Signal(9));
}

#[tokio::test]
async fn an_interrupt_reaches_the_program_alone() {
    let mark = mark();
    let run = launch(
        "trap 'echo int; exit 1' INT; echo ready; while :; do sleep 0.01; done",
        &mark,
    )
    .await;
    let mut out = lines(run.stdout);
    out.next_line().await.unwrap();
    run.handle.interrupt();
    assert_eq!(out.next_line().await.unwrap().as_deref(), Some("int"));
    assert_eq!(run.handle.exited().await, Exit::Code(1));
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

/// Starts a worker of its own that owns the run of a script; gives it with the supervisor's id and start.
async fn owner(text: &str, mark: &str) -> (tokio::process::Child, i32, u64) {
    let mut worker = tokio::process::Command::new(supervisor())
        .args(["own", text, mark])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut out = BufReader::new(worker.stdout.take().unwrap()).lines();
    let line = out.next_line().await.unwrap().unwrap();
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(words[2], "ready");
    (worker, words[0].parse().unwrap(), words[1].parse().unwrap())
}
