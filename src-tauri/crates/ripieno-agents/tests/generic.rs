//! Programs of a person's own as agents, started for real: how they get their prompt, what their lines become, and what no
//! program should print (A3, R7, R12).

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::supervisor;
use ripieno_agents::{
    Access, Agent, Approvals, Control, Limits, RunSpec, Session, Work,
    generic::{Generic, Profile, PromptBy},
    process::Launcher,
    stream::{Item, Outcome, RunEvent, Verdict},
    tools::TaskTools,
};
use ripieno_core::failure::Class;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// A folder with a program in it.
struct Bench {
    folder: TempDir,
    program: PathBuf,
    profile: Profile,
    env: BTreeMap<String, String>,
}

/// What came of a run.
struct Told {
    items: Vec<Item>,
    outcome: Outcome,
    arguments: Vec<String>,
}

impl Told {
    fn text(&self) -> &str {
        match &self.outcome.verdict {
            Verdict::Completed { text, .. } => text,
            other => panic!("completed: {other:?}"),
        }
    }

    fn class(&self) -> &Class {
        match &self.outcome.verdict {
            Verdict::Failed(failure) => &failure.class,
            other => panic!("failed: {other:?}"),
        }
    }

    fn words(&self) -> Vec<&str> {
        let texts = self.items.iter().filter_map(|item| match item {
            Item::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }
}

impl Bench {
    fn new(script: &str, prompt: PromptBy, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("agent");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        Bench {
            folder,
            program,
            profile: Profile {
                kind: "mine".to_owned(),
                name: "My agent".to_owned(),
                arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
                env_names: Vec::new(),
                prompt,
                model_arguments: Vec::new(),
                effort_arguments: Vec::new(),
            },
            env: BTreeMap::from([("PATH".to_owned(), "/usr/bin:/bin".to_owned())]),
        }
    }

    fn spec(&self, prompt: &str) -> RunSpec {
        let attempt = self.folder.path().join("attempt");
        fs::create_dir_all(&attempt).unwrap();
        RunSpec {
            work: Work::Prompt(prompt.to_owned()),
            folder: self.folder.path().to_owned(),
            env: self.env.clone(),
            session: Session::New(uuid::Uuid::nil()),
            model: None,
            effort: None,
            approvals: Approvals::Trusted,
            access: Access::default(),
            limits: Limits {
                idle: None,
                tool: None,
                working: None,
                grace: Duration::from_secs(2),
            },
            raw_log: attempt.join("raw.log"),
            spill: attempt,
            title: String::new(),
            most_micros: None,
            tools: Some(TaskTools {
                command: PathBuf::from("/opt/ripieno"),
                socket: PathBuf::from("/run/user/1/ripieno.sock"),
                window: Duration::from_secs(60),
            }),
        }
    }

    async fn start(&self, spec: RunSpec) -> ripieno_agents::Run {
        let agent = Generic::new(
            self.profile.clone(),
            self.program.clone(),
            Launcher::new(supervisor()),
        );
        agent.start(spec).await.unwrap()
    }

    async fn run(&self, prompt: &str) -> Told {
        self.run_spec(self.spec(prompt)).await
    }

    async fn run_spec(&self, spec: RunSpec) -> Told {
        let mut run = self.start(spec).await;
        let arguments = run
            .arguments
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let mut items = Vec::new();
        loop {
            match run
                .events
                .recv()
                .await
                .expect("the end comes before the channel's")
            {
                RunEvent::Item(item) if items.len() < 1000 => items.push(item),
                RunEvent::Ended(outcome) => {
                    return Told {
                        items,
                        outcome,
                        arguments,
                    };
                }
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn prompt_comes_on_stdin_which_ends_after_it() {
    let bench = Bench::new(
        "printf 'got: '; cat; echo; echo \"$#\"",
        PromptBy::Stdin,
        &[],
    );
    let told = bench.run("say hello\nand more").await;
    assert_eq!(told.text(), "got: say hello\nand more\n0");
}

#[tokio::test]
async fn prompt_is_the_last_argument_and_stands_in_no_record() {
    let bench = Bench::new(
        "cat; printf '%s|' \"$@\"; echo",
        PromptBy::Argument,
        &["run", "--"],
    );
    let told = bench.run("say 'hello' $(id) \"x\"\nand more").await;
    assert_eq!(told.text(), "run|--|say 'hello' $(id) \"x\"\nand more|");
    assert_eq!(told.arguments, ["run", "--", "{prompt}"]);
}

#[tokio::test]
async fn prompt_is_put_where_the_arguments_say() {
    let bench = Bench::new(
        "printf '%s|' \"$@\"; echo",
        PromptBy::Argument,
        &["--message={prompt}", "last"],
    );
    assert_eq!(bench.run("hi").await.text(), "--message=hi|last|");
}

#[tokio::test]
async fn prompt_in_a_file_is_for_the_person_only() {
    let script = "stat -c %a \"$2\"; cat \"$2\"; echo";
    let bench = Bench::new(script, PromptBy::File, &["--message-file", "{prompt}"]);
    let prompt = "x".repeat(300_000);
    let told = bench.run(&prompt).await;
    let (mode, rest) = told.text().split_once('\n').unwrap_or(("", told.text()));
    // Of a text this long only the end is kept.
    assert!(mode == "600" || rest.ends_with('x'), "{mode}");
    let file = bench.folder.path().join("attempt/prompt.md");
    assert_eq!(fs::read_to_string(&file).unwrap(), prompt);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(
        told.arguments,
        ["--message-file".to_owned(), file.display().to_string()]
    );
}

#[tokio::test]
async fn prompt_too_long_for_an_argument_is_refused_and_nothing_is_started() {
    let bench = Bench::new("touch started", PromptBy::Argument, &[]);
    let agent = Generic::new(
        bench.profile.clone(),
        bench.program.clone(),
        Launcher::new(supervisor()),
    );
    let refused = agent
        .start(bench.spec(&"x".repeat(200_000)))
        .await
        .unwrap_err();
    assert_eq!(refused.class, Class::InvalidRequest);
    assert!(
        refused.text.contains("prompt = \"stdin\""),
        "{}",
        refused.text
    );
    assert!(!bench.folder.path().join("started").exists());
}

#[tokio::test]
async fn model_and_level_go_where_its_entry_says_and_nowhere_else() {
    let mut bench = Bench::new("printf '%s|' \"$@\"; echo", PromptBy::Argument, &["run"]);
    let wanted = |bench: &Bench| RunSpec {
        model: Some("big one".to_owned()),
        effort: Some("high".to_owned()),
        ..bench.spec("hi")
    };
    bench.profile.model_arguments = vec!["--model".to_owned(), "{model}".to_owned()];
    let told = bench.run_spec(wanted(&bench)).await;
    assert_eq!(told.text(), "run|--model|big one|hi|");
    let left_out =
        |item: &Item| matches!(item, Item::Status { text } if text.contains("high is left out"));
    assert!(told.items.iter().any(left_out), "{:?}", told.items);
    bench.profile.effort_arguments = vec!["--effort={effort}".to_owned()];
    let told = bench.run_spec(wanted(&bench)).await;
    assert_eq!(told.text(), "run|--model|big one|--effort=high|hi|");
    assert!(!told.items.iter().any(left_out));
    assert_eq!(
        bench.run("hi").await.text(),
        "run|hi|",
        "nothing is passed that was not asked for"
    );
}

#[tokio::test]
async fn model_is_refused_where_the_program_takes_none() {
    let bench = Bench::new("touch started", PromptBy::Stdin, &[]);
    let agent = Generic::new(
        bench.profile.clone(),
        bench.program.clone(),
        Launcher::new(supervisor()),
    );
    let spec = RunSpec {
        model: Some("big".to_owned()),
        ..bench.spec("hi")
    };
    let refused = agent.start(spec).await.unwrap_err();
    assert_eq!(refused.class, Class::InvalidRequest);
    assert!(refused.text.contains("model_args"), "{}", refused.text);
    assert!(!bench.folder.path().join("started").exists());
}

#[tokio::test]
async fn our_server_is_told_of_in_a_file_without_a_secret() {
    let mut bench = Bench::new("cat \"$2\"", PromptBy::Stdin, &["--mcp-config", "{mcp}"]);
    bench
        .env
        .insert("RIPIENO_TASK_TOKEN".to_owned(), "very-secret".to_owned());
    let told = bench.run("hi").await;
    let servers: serde_json::Value = serde_json::from_str(told.text()).unwrap();
    let server = &servers["mcpServers"]["ripieno"];
    assert_eq!(server["command"], "/opt/ripieno", "{servers}");
    assert_eq!(server["args"][0], "mcp");
    assert!(!told.text().contains("very-secret"));
}

#[tokio::test]
async fn lines_become_entries_while_it_works_and_their_counts_are_recorded() {
    let script = r#"echo '{"type":"text","text":"one"}'; echo '{"type":"tool_use","name":"sh","id":"1","input":{"command":"ls"}}'
        echo '{"type":"usage","model":"m-1","usage":{"input_tokens":7,"output_tokens":3},"cost_usd":0.5}'
        echo 'plain words'; echo '{"type":"result","result":"two"}'"#;
    let told = Bench::new(script, PromptBy::Stdin, &[]).run("hi").await;
    assert_eq!(told.words(), ["one", "plain words", "two"]);
    assert_eq!(told.text(), "two");
    let used = &told.outcome.usage[0];
    assert_eq!(
        (
            used.model.as_str(),
            used.input,
            used.output,
            used.cost_micros
        ),
        ("m-1", 7, 3, Some(500_000))
    );
    assert!(
        told.items
            .iter()
            .any(|item| matches!(item, Item::ToolCall { line, .. } if line == "sh: ls"))
    );
}

#[tokio::test]
async fn plain_words_are_an_entry_while_the_program_goes_on() {
    let bench = Bench::new(
        "echo first; echo second; exec sleep 600",
        PromptBy::Stdin,
        &[],
    );
    let mut run = bench.start(bench.spec("hi")).await;
    loop {
        if let RunEvent::Item(Item::Text { text, .. }) =
            run.events.recv().await.expect("it goes on")
        {
            assert_eq!(text, "first\nsecond");
            break;
        }
    }
    run.control.send(Control::Stop).await.unwrap();
    let outcome = loop {
        if let RunEvent::Ended(outcome) = run.events.recv().await.expect("it ends") {
            break outcome;
        }
    };
    assert_eq!(outcome.verdict, Verdict::Stopped);
}

#[tokio::test]
async fn status_other_than_0_is_a_failure_with_its_class() {
    let class = |script| async move {
        Bench::new(script, PromptBy::Stdin, &[])
            .run("hi")
            .await
            .class()
            .clone()
    };
    assert_eq!(class("echo done; exit 3").await, Class::ProcessCrashed);
    assert_eq!(
        class("echo 'Error code: 401 - Incorrect API key' >&2; exit 1").await,
        Class::AuthRejected
    );
    let limited = class(
        "echo '{\"type\":\"error\",\"message\":\"rate limit, try again in 30 seconds\"}'; exit 1",
    )
    .await;
    assert!(
        matches!(limited, Class::RateLimited { until: Some(_) }),
        "{limited:?}"
    );
    assert_eq!(class("kill -9 $$").await, Class::ProcessCrashed);
}

#[tokio::test]
async fn person_who_wants_to_be_asked_is_told_that_it_does_not_ask() {
    let bench = Bench::new("echo done", PromptBy::Stdin, &[]);
    let asks = |told: &Told| {
        let says = |item: &Item| matches!(item, Item::Status { text } if text.contains("without asking for leave"));
        told.items.iter().any(says)
    };
    assert!(!asks(&bench.run("hi").await));
    let careful = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("hi")
    };
    assert!(asks(&bench.run_spec(careful).await));
}

#[tokio::test]
async fn noise_half_lines_and_bytes_that_are_no_text_hide_nothing() {
    let script = r#"printf '\377\376\000\n{"type":"assistant","mess\n[1,2]\nnull\n{"type":"never_seen","x":1}\n\033]52;c;aGk=\007seen\n'
        printf '{"type":"text","text":"a"}\n{"type":"te\n\r\n{"type":"text","text":"b\\u0000"}'"#;
    let told = Bench::new(script, PromptBy::Stdin, &[]).run("hi").await;
    assert_eq!(told.text(), "b\0");
    let all = told.words().join("\n");
    assert!(
        all.contains("seen") && !all.contains('\u{1b}') && !all.contains("aGk="),
        "{all:?}"
    );
    let noted = told
        .items
        .iter()
        .filter(|item| matches!(item, Item::Error { .. }))
        .count();
    assert_eq!(noted, 1, "{:?}", told.items);
}

/// The program that prints bytes again and again; built beside this test by the same cargo call.
fn replayer() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test
        .parent()
        .and_then(Path::parent)
        .unwrap()
        .join("ripieno-replay");
    assert!(
        program.exists(),
        "{} is missing: run `cargo build -p ripieno-testkit` first",
        program.display()
    );
    program
}

/// Runs the replayer with `told` up to so many bytes, and then `end`.
async fn replayed(told: &[u8], bytes: usize, end: &[u8]) -> Told {
    let mut bench = Bench::new("", PromptBy::Stdin, &[]);
    let (first, last) = (
        bench.folder.path().join("told"),
        bench.folder.path().join("end"),
    );
    fs::write(&first, told).unwrap();
    fs::write(&last, end).unwrap();
    for (name, value) in [
        ("RIPIENO_REPLAY", first.display().to_string()),
        ("RIPIENO_REPLAY_BYTES", bytes.to_string()),
        ("RIPIENO_REPLAY_END", last.display().to_string()),
    ] {
        bench.env.insert(name.to_owned(), value);
    }
    bench.program = replayer();
    bench.run("hi").await
}

#[tokio::test]
async fn flood_of_any_bytes_is_read_in_bounded_memory_and_the_answer_after_it_counts() {
    const FLOOD: usize = 6_000_000;
    let before = peak();
    let result = b"\n{\"type\":\"result\",\"result\":\"done\"}\n";
    let text = replayed(b"some words of a program that talks a lot\n", FLOOD, result).await;
    assert_eq!(text.text(), "done");
    let noise = replayed(b"\xff\0{\"type\":\"te\n{}\n{\"a\":[", FLOOD, result).await;
    assert_eq!(noise.text(), "done");
    let line = replayed(b"{\"type\":\"text\",\"text\":\"", 10 * FLOOD, result).await;
    assert_eq!(line.text(), "done");
    let grown = peak() - before;
    assert!(grown < 100_000, "{grown} kB more");
}

/// The most memory this process has used so far, in kB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn recording_of_a_real_agent_is_read_through_a_process() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/generic/codex-ok-danger.jsonl");
    let recorded = fs::read(file).unwrap();
    let told = replayed(&recorded, recorded.len(), b"").await;
    assert_eq!(told.text(), "All done: the file was written.");
    assert_eq!(told.outcome.usage[0].output, 40);
    let cut = recorded.len() / 2;
    let told = replayed(&recorded, cut, b"").await;
    assert_eq!(told.class(), &Class::EmptyOutput);
}
