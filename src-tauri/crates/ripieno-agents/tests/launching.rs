//! Starting programs: what a target gets, how it ends, and what is said when it cannot be started (R9, R10, sec-8).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{all, launch, lines, mark, script, supervisor, until};
use ripieno_agents::process::{
    Descent, Exit, LaunchError, LaunchSpec, Launcher, Stdin, TASK_MARKER, descends_from,
};
use ripieno_core::failure::Class;
use std::path::PathBuf;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_program_that_ends_is_reported_with_its_status() {
    let run = launch("echo out; echo err >&2; exit 3", &mark()).await;
    let (out, err) = tokio::join!(all(run.stdout), all(run.stderr));
    assert_eq!((out.as_str(), err.as_str()), ("out\n", "err\n"));
    assert_eq!(run.handle.exited().await, Exit::Code(3));
    assert_eq!(run.handle.gone().await, 0);
}

#[tokio::test]
async fn a_program_ended_by_a_signal_is_reported_with_it() {
    let run = launch("kill -SEGV $$", &mark()).await;
    let exit = run.handle.exited().await;
    assert_eq!(exit, Exit::Signal(11));
    assert_eq!(exit.status(), Some(139));
}

#[tokio::test]
async fn piped_input_reaches_the_program_until_it_is_closed() {
    let mut spec = script("cat; echo end", &mark());
    spec.stdin = Stdin::Piped;
    let run = Launcher::new(supervisor()).launch(spec).await.unwrap();
    let mut stdin = run.stdin.unwrap();
    stdin.write_all(b"hello\n").await.unwrap();
    drop(stdin);
    assert_eq!(all(run.stdout).await, "hello\nend\n");
}

#[tokio::test]
async fn a_program_gets_the_listed_environment_and_the_marker_of_its_run_only() {
    let mark = mark();
    let mut spec = script("", &mark);
    spec.program = PathBuf::from("/usr/bin/env");
    spec.args.clear();
    let run = Launcher::new(supervisor()).launch(spec).await.unwrap();
    let text = all(run.stdout).await;
    let mut names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split('=').next())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["PATH", "RIPIENO_RUN", "RIPIENO_TASK_ID"]);
    assert!(text.contains(&format!("{TASK_MARKER}={mark}\n")));
}

#[tokio::test]
async fn a_program_inherits_its_three_streams_and_nothing_else() {
    let run = launch("ls /proc/$$/fd", &mark()).await;
    let text = all(run.stdout).await;
    let open: Vec<&str> = text
        .lines()
        .filter(|fd| fd.parse::<u32>().unwrap() < 3)
        .collect();
    assert_eq!(open, ["0", "1", "2"]);
    // A shell keeps its script open at 10 or above, which its own children do not get.
    assert!(
        text.lines()
            .all(|fd| !(3..10).contains(&fd.parse::<u32>().unwrap())),
        "{text}"
    );
}

#[tokio::test]
async fn a_program_leads_its_group_and_has_no_terminal() {
    let run = launch(
        "cut -d' ' -f1,5,6,7 /proc/self/stat; echo $$; exec sleep 600",
        &mark(),
    )
    .await;
    let mut out = lines(run.stdout);
    let stat = out.next_line().await.unwrap().unwrap();
    let shell: i32 = out.next_line().await.unwrap().unwrap().parse().unwrap();
    let fields: Vec<i32> = stat
        .split(' ')
        .map(|field| field.parse().unwrap())
        .collect();
    assert_eq!(run.handle.target(), Some(shell));
    assert_eq!(fields[1], shell, "the group is the target's");
    assert_eq!(fields[2], run.pid, "the session is the supervisor's");
    assert_eq!(fields[3], 0, "there is no controlling terminal");
}

#[tokio::test]
async fn a_missing_program_is_named() {
    let error = refused(|spec| spec.program = "/nowhere/at/all".into()).await;
    assert!(matches!(&error, LaunchError::Program { .. }), "{error}");
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    assert_eq!(error.into_failure().class, Class::ExecutableMissing);
}

#[tokio::test]
async fn a_file_that_is_not_executable_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = refused(|spec| spec.program = file.path().into()).await;
    assert!(
        error.to_string().contains(file.path().to_str().unwrap()),
        "{error}"
    );
    assert_eq!(error.into_failure().class, Class::ConfigMissing);
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let error = refused(|spec| spec.cwd = "/nowhere/folder".into()).await;
    assert!(matches!(&error, LaunchError::Folder { .. }), "{error}");
    assert_eq!(error.into_failure().class, Class::WorkspaceFailed);
}

#[tokio::test]
async fn a_relative_program_is_refused() {
    let error = refused(|spec| spec.program = "sh".into()).await;
    assert!(matches!(error, LaunchError::NotAbsolute { .. }));
}

#[tokio::test]
async fn a_missing_supervisor_is_named() {
    let launcher = Launcher::new("/nowhere/ripieno".into());
    let error = launcher.launch(script("true", &mark())).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/ripieno"), "{error}");
}

#[tokio::test]
async fn a_supervisor_that_says_nothing_is_an_error() {
    let launcher = Launcher::new("/bin/true".into());
    let error = launcher.launch(script("true", &mark())).await.unwrap_err();
    assert!(
        matches!(
            error,
            LaunchError::SupervisorLost | LaunchError::Supervisor { .. }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn arguments_arrive_as_they_were_given_whatever_they_hold() {
    use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
    let strange = proptest::collection::vec(
        prop_oneof![
            "[ -~]{0,24}",
            r#"[$`"'\\;&|<>(){}*?~#!\n\t]{0,24}"#,
            "\\PC{0,8}"
        ],
        4000,
    );
    let mut runner = TestRunner::deterministic();
    for _ in 0..10 {
        let args = strange.new_tree(&mut runner).unwrap().current();
        let mut spec = script("", &mark());
        spec.args = ["-c", "cat /proc/$$/cmdline", "sh"]
            .map(Into::into)
            .to_vec();
        spec.args.extend(args.iter().map(Into::into));
        let run = Launcher::new(supervisor()).launch(spec).await.unwrap();
        let cmdline = all(run.stdout).await;
        let got: Vec<&str> = cmdline
            .strip_suffix('\0')
            .unwrap()
            .split('\0')
            .skip(4)
            .collect();
        assert!(got == args, "an argument was changed on its way");
    }
}

#[tokio::test]
async fn a_process_is_known_by_its_supervisor_and_by_its_marker() {
    let mark = mark();
    let run = launch("(setsid sleep 600 & echo $!; wait)", &mark).await;
    let child: i32 = lines(run.stdout)
        .next_line()
        .await
        .unwrap()
        .unwrap()
        .parse()
        .unwrap();
    let below = descends_from(child, &[1, run.pid]);
    assert_eq!(
        below,
        Descent {
            supervisor: Some(run.pid),
            tasks: vec![mark.clone()],
            suspect: true
        }
    );
    let unknown = descends_from(child, &[]);
    assert_eq!(
        (unknown.supervisor, unknown.tasks.contains(&mark)),
        (None, true)
    );
    let own = descends_from(std::process::id().cast_signed(), &[run.pid]);
    assert_eq!((own.supervisor, own.tasks.contains(&mark)), (None, false));
    assert!(unknown.suspect && !own.suspect);
}

#[tokio::test]
async fn a_process_is_known_however_many_without_a_name_stand_between() {
    let mark = mark();
    let text = r#"cat > deep.sh <<'END'
if [ "$1" -gt 0 ]; then env -i PATH=/usr/bin:/bin sh deep.sh $(($1 - 1)); exit; fi
echo $$
exec sleep 600
END
env -i PATH=/usr/bin:/bin sh deep.sh 300; exit"#;
    let folder = tempfile::tempdir().unwrap();
    let mut spec = script(text, &mark);
    spec.cwd = folder.path().to_owned();
    let run = Launcher::new(supervisor()).launch(spec).await.unwrap();
    let line = lines(run.stdout).next_line().await.unwrap().unwrap();
    let below = descends_from(line.parse().unwrap(), &[run.pid]);
    assert_eq!(below.supervisor, Some(run.pid));
}

#[tokio::test]
async fn a_process_that_left_everything_of_its_run_is_suspect() {
    let mark = mark();
    let text =
        "(env -i /usr/bin/setsid /bin/sh -c 'echo $$; exec /bin/sleep 600' &); exec sleep 600";
    let run = launch(text, &mark).await;
    let line = lines(run.stdout).next_line().await.unwrap().unwrap();
    // Asked of by a worker that knows nothing of this run.
    let left = descends_from(line.parse().unwrap(), &[]);
    assert!(left.suspect, "{left:?}");
}

#[tokio::test]
async fn a_supervisor_keeps_no_folder_busy_and_leaves_when_the_run_is_over() {
    let run = launch("exit 0", &mark()).await;
    let pid = run.pid;
    run.handle.gone().await;
    until("the supervisor is collected", || {
        !PathBuf::from(format!("/proc/{pid}")).exists()
    })
    .await;
}

async fn refused(change: impl FnOnce(&mut LaunchSpec)) -> LaunchError {
    let mark = mark();
    let mut spec = script("true", &mark);
    change(&mut spec);
    let error = Launcher::new(supervisor()).launch(spec).await.unwrap_err();
    assert!(rig::marked(&mark).is_empty());
    error
}
