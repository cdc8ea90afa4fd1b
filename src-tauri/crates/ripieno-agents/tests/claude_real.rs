//! The real Claude Code against the scripted model server: offline, dummy key, loopback only.
//!
//! `npm ci --prefix tests/agents` installs the pinned version, as `make test` does; without it every test here says
//! that it was skipped.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod rig;

use rig::{mark, marked, supervisor, until};
use ripieno_agents::{
    Access, Agent, Approvals, Control, Limits, Run, RunSpec, Session, Work,
    claude::Claude,
    process::{Launcher, TASK_MARKER},
    stream::{AskRaised, Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::{
    ask::{Answer, AskKind, AskScope},
    failure::Class,
};
use ripieno_testkit::{ModelServer, agents};
use std::{fs, path::PathBuf, time::Duration};
use tempfile::TempDir;

/// One home, one folder, one server: what a test needs.
struct Bench {
    claude: Claude,
    server: ModelServer,
    root: TempDir,
    mark: String,
}

impl Bench {
    async fn new() -> Option<Self> {
        let claude = Claude::new(agents::claude()?, Launcher::new(supervisor()));
        let root = tempfile::tempdir().unwrap();
        for name in ["home", "work", "spill"] {
            fs::create_dir(root.path().join(name)).unwrap();
        }
        let server = ModelServer::start().await.unwrap();
        Some(Bench { claude, server, root, mark: mark() })
    }

    fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    fn spec(&self, scenario: &str, prompt: &str) -> RunSpec {
        let text = |value: &str| value.to_owned();
        let home = self.root.path().join("home");
        let mut env = agents::claude_env(&home, &self.server.base_url(scenario));
        env.insert(text(TASK_MARKER), self.mark.clone());
        RunSpec {
            work: Work::Prompt(text(prompt)),
            folder: self.work(),
            env,
            session: Session::New(uuid::Uuid::from_u128(rand())),
            model: None,
            approvals: Approvals::Trusted,
            access: Access::Full,
            limits: Limits { idle: None, tool: None, working: None, grace: Duration::from_secs(5) },
            raw_log: self.root.path().join("raw.log"),
            spill: self.root.path().join("spill"),
            title: text("a test"),
        }
    }

    async fn start(&self, spec: RunSpec) -> Live {
        let run = self.claude.start(spec).await.unwrap();
        Live { run, items: Vec::new(), session: None, delivered: Vec::new(), outcome: None }
    }

    /// Runs to the end; an ask on the way fails the test.
    async fn told(&self, spec: RunSpec) -> Live {
        let mut live = self.start(spec).await;
        if let Some(ask) = live.next_ask().await {
            panic!("nothing should be asked: {ask:?}");
        }
        assert_eq!(marked(&self.mark), [] as [i32; 0], "no process is left");
        live
    }
}

/// A new session id for every run.
fn rand() -> u128 {
    use std::hash::{BuildHasher, RandomState};
    let one = || u128::from(RandomState::new().hash_one(std::time::Instant::now()));
    // A version 4 id, as the program wants it.
    ((one() << 64 | one()) & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62)
}

/// A run with what it has told so far.
struct Live {
    run: Run,
    items: Vec<Item>,
    session: Option<String>,
    delivered: Vec<i64>,
    outcome: Option<Outcome>,
}

impl Live {
    /// Goes on to the next ask; `None` when the run has ended.
    async fn next_ask(&mut self) -> Option<AskRaised> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), self.run.events.recv());
            match next.await.expect("an event within 30 s").expect("the end comes before the channel's") {
                RunEvent::Asked(raised) => return Some(raised),
                RunEvent::Ended(outcome) => {
                    self.outcome = Some(outcome);
                    return None;
                }
                RunEvent::Item(item) => self.items.push(item),
                RunEvent::SessionBound { id } => self.session = Some(id),
                RunEvent::Delivered { comment } => self.delivered.push(comment),
                RunEvent::Spawned { .. } | RunEvent::Delta { .. } | RunEvent::AskWithdrawn { .. } => {}
            }
        }
    }

    /// Goes on to an item that fits.
    async fn until(&mut self, fits: impl Fn(&Item) -> bool) {
        loop {
            if self.items.iter().any(&fits) {
                return;
            }
            let next = tokio::time::timeout(Duration::from_secs(30), self.run.events.recv());
            match next.await.expect("an event within 30 s") {
                Some(RunEvent::Item(item)) => self.items.push(item),
                Some(RunEvent::Ended(outcome)) => panic!("it ended first: {outcome:?} {:?}", self.items),
                _ => {}
            }
        }
    }

    async fn answer(&self, ask: &AskRaised, answer: Answer) {
        let control = Control::Answer { key: ask.key.clone(), answer };
        self.run.control.send(control).await.unwrap();
    }

    fn outcome(&self) -> &Outcome {
        self.outcome.as_ref().expect("it has ended")
    }

    fn text(&self) -> &str {
        match &self.outcome().verdict {
            Verdict::Completed { text, .. } => text,
            other => panic!("completed: {other:?} {:?}", self.items),
        }
    }

    fn class(&self) -> Class {
        match &self.outcome().verdict {
            Verdict::Failed(failure) => failure.class.clone(),
            other => panic!("failed: {other:?} {:?}", self.items),
        }
    }
}

fn option(id: &str) -> Answer {
    Answer::Option { id: id.to_owned(), scope: None }
}

macro_rules! bench {
    () => {
        match Bench::new().await {
            Some(bench) => bench,
            None => return,
        }
    };
}

#[tokio::test]
async fn trusted_run_writes_a_real_file_and_reports_session_tools_and_usage() {
    let bench = bench!();
    let spec = bench.spec("write", "write note.txt: hello");
    let Session::New(id) = spec.session else { panic!() };
    let live = bench.told(spec).await;
    assert_eq!(live.text(), "All done.");
    assert_eq!(fs::read_to_string(bench.work().join("note.txt")).unwrap(), "hello\n");
    assert_eq!(live.session, Some(id.to_string()));
    let outcome = live.outcome();
    assert!(outcome.resumable && outcome.had_output && !outcome.resume_rejected);
    let [usage] = outcome.usage.as_slice() else { panic!("{:?}", outcome.usage) };
    assert_eq!((usage.input, usage.output, usage.cache_read, usage.cache_write), (200, 40, 100, 20));
    assert!(usage.cost_micros.is_some_and(|cost| cost > 0));
    let kinds: Vec<&str> = live
        .items
        .iter()
        .map(|item| match item {
            Item::ToolCall { tool, .. } => tool.as_str(),
            Item::ToolResult { error: false, .. } => "result",
            Item::Text { .. } => "text",
            Item::Usage(_) => "usage",
            Item::Status { .. } => "status",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["status", "text", "Write", "result", "text", "usage"]);
    let requests = bench.server.requests();
    assert!(requests.iter().any(|request| request.user_agent.contains("claude-cli")), "{requests:?}");
    assert!(requests.iter().all(|request| request.prompt.is_empty() || request.prompt.contains("hello")));
}

#[tokio::test]
async fn edit_inside_passes_and_outside_asks_under_the_default_level() {
    let bench = bench!();
    let spec = |scenario| RunSpec { approvals: Approvals::AskRisky, ..bench.spec(scenario, "write a.txt: x") };
    bench.told(spec("write")).await;
    assert!(bench.work().join("a.txt").exists());
    let mut live = bench.start(spec("outside")).await;
    let ask = live.next_ask().await.expect("an approval");
    assert_eq!(ask.spec.kind, AskKind::Approval);
    assert!(ask.spec.text.contains("outside-a.txt") && ask.spec.text.contains("\nx\n"), "{}", ask.spec.text);
    assert!(!bench.root.path().join("outside-a.txt").exists());
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.root.path().join("outside-a.txt").exists());
}

#[tokio::test]
async fn command_asks_runs_what_was_shown_and_a_denial_reaches_the_agent() {
    let bench = bench!();
    let spec = || RunSpec { approvals: Approvals::AskRisky, ..bench.spec("run", "$ ls > seen.txt") };
    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    assert!(ask.spec.text.contains("run this command:\nls > seen.txt"), "{}", ask.spec.text);
    live.answer(&ask, Answer::Text("not today".to_owned())).await;
    assert!(live.next_ask().await.is_none());
    assert!(!bench.work().join("seen.txt").exists());
    assert_eq!((live.text(), live.outcome().denials), ("All done.", 1));
    let told = |item: &Item| matches!(item, Item::ToolResult { output, error: true, .. } if output.contains("not today"));
    assert!(live.items.iter().any(told), "{:?}", live.items);

    let mut live = bench.start(spec()).await;
    let ask = live.next_ask().await.expect("an approval");
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.work().join("seen.txt").exists());
}

#[tokio::test]
async fn even_a_harmless_command_asks_when_the_persons_own_settings_allow_it() {
    let bench = bench!();
    let settings = bench.root.path().join("home/.claude");
    fs::create_dir(&settings).unwrap();
    let lax = r#"{"permissions":{"allow":["Bash","Write","Read"],"defaultMode":"acceptEdits"}}"#;
    fs::write(settings.join("settings.json"), lax).unwrap();
    for (scenario, prompt) in [("run", "$ ls"), ("write", "write b.txt: x"), ("read", "read")] {
        let spec = RunSpec { approvals: Approvals::AskAll, ..bench.spec(scenario, prompt) };
        let mut live = bench.start(spec).await;
        let ask = live.next_ask().await.expect("an approval");
        live.answer(&ask, option("deny")).await;
        assert!(live.next_ask().await.is_none(), "{scenario}");
        assert_eq!(live.outcome().denials, 1, "{scenario}");
    }
    assert!(!bench.work().join("b.txt").exists());
}

#[tokio::test]
async fn leave_for_the_task_is_asked_once_in_a_loop() {
    let bench = bench!();
    let spec = RunSpec { approvals: Approvals::AskRisky, ..bench.spec("loop", "go on") };
    let mut live = bench.start(spec).await;
    let ask = live.next_ask().await.expect("an approval");
    let answer = Answer::Option { id: "allow".to_owned(), scope: Some(AskScope::Task) };
    live.answer(&ask, answer).await;
    bench.server.requested(6).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none(), "the same call passes now");
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn read_access_lets_no_edit_and_no_command_through() {
    let bench = bench!();
    for (scenario, prompt) in [("write", "write a.txt: x"), ("run", "$ touch a.txt")] {
        let spec = RunSpec { access: Access::Read, ..bench.spec(scenario, prompt) };
        let live = bench.told(spec).await;
        assert_eq!((live.text(), live.outcome().denials), ("All done.", 1));
    }
    assert!(!bench.work().join("a.txt").exists());
}

#[tokio::test]
async fn question_is_asked_with_its_options_and_the_answer_is_seen() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("ask2", "ask me")).await;
    let colour = live.next_ask().await.expect("a question");
    let sizes = live.next_ask().await.expect("another");
    assert_eq!((colour.spec.kind, colour.spec.text.as_str()), (AskKind::Question, "Which colour?"));
    let labels: Vec<&str> = colour.spec.options.iter().map(|option| option.label.as_str()).collect();
    assert_eq!(labels, ["Red", "Blue"]);
    live.answer(&colour, option("2")).await;
    live.answer(&sizes, Answer::Text("1,2".to_owned())).await;
    assert!(live.next_ask().await.is_none());
    let text = live.text();
    assert!(text.contains("\"Which colour?\"=\"Blue\""), "{text}");
    assert!(text.contains("\"Which sizes?\"=\"Small, Large\""), "{text}");
}

#[tokio::test]
async fn session_is_resumed_also_after_a_stop_over_an_open_question() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("ask", "ask me")).await;
    live.next_ask().await.expect("a question");
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
    let id = live.session.clone().expect("a session");
    let spec = RunSpec { session: Session::Resume(id.clone()), ..bench.spec("say", "Blue it is") };
    let live = bench.told(spec).await;
    assert_eq!((live.text(), live.session.as_deref()), ("You said: Blue it is", Some(id.as_str())));
}

#[tokio::test]
async fn unknown_session_is_a_rejected_resume() {
    let bench = bench!();
    let id = "99999999-2222-4333-8444-555555555555".to_owned();
    let spec = RunSpec { session: Session::Resume(id), ..bench.spec("say", "hi") };
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::UnresumableHistory);
    let outcome = live.outcome();
    assert!(outcome.resume_rejected && !outcome.resumable && !outcome.had_output);
    assert_eq!(live.session, None);
}

#[tokio::test]
async fn rejected_login_is_cut_short_and_is_one_class() {
    let bench = bench!();
    let mut spec = bench.spec("e401", "hi");
    spec.env.remove("CLAUDE_CODE_MAX_RETRIES");
    let begun = std::time::Instant::now();
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::AuthRejected);
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
}

/// Runs each scenario; it ends in this class, and its session may be resumed or not.
async fn end_in(table: &[(&str, &str, bool)]) {
    let bench = bench!();
    for (scenario, class, resumable) in table {
        let live = bench.told(bench.spec(scenario, "hi")).await;
        assert_eq!(live.class().name(), *class, "{scenario}: {:?}", live.outcome());
        assert_eq!(live.outcome().resumable, *resumable, "{scenario}");
    }
}

#[tokio::test]
async fn rejected_logins_and_unknown_models_get_their_classes() {
    end_in(&[
        ("e401", "auth_rejected", true),
        ("e403", "auth_rejected", true),
        ("e404", "model_unknown", true),
    ])
    .await;
}

#[tokio::test]
async fn refused_requests_are_never_resumed() {
    end_in(&[
        ("e400", "context_overflow", false),
        ("e400bad", "invalid_request", false),
        ("gaveup", "fallback_message", false),
    ])
    .await;
}

#[tokio::test]
async fn limits_get_their_classes() {
    end_in(&[("e429", "rate_limited", true), ("e429unified", "rate_limited", true)]).await;
}

#[tokio::test]
async fn troubles_of_the_server_and_the_network_get_their_classes() {
    end_in(&[
        ("e500", "provider_server_error", true),
        ("e529", "provider_server_error", true),
        ("reset", "provider_network", true),
    ])
    .await;
}

#[tokio::test]
async fn endpoint_that_nobody_serves_is_unreachable() {
    let bench = bench!();
    let mut spec = bench.spec("say", "hi");
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    spec.env.insert("ANTHROPIC_BASE_URL".to_owned(), format!("http://{free}/say"));
    assert_eq!(bench.told(spec).await.class(), Class::ProviderUnreachable);
}

#[tokio::test]
async fn stream_that_is_cut_is_never_a_success_on_the_halves() {
    let bench = bench!();
    // After a whole tool call the program goes on by itself: what is cut there costs nothing.
    let live = bench.told(bench.spec("cut", "hi")).await;
    assert_eq!(live.text(), "All done.");
    for scenario in ["cutmid", "cutlate"] {
        let live = bench.told(bench.spec(scenario, "hi")).await;
        assert!(
            matches!(live.class(), Class::EmptyOutput | Class::ProviderNetwork | Class::ProviderServerError),
            "{scenario}: {:?}",
            live.outcome()
        );
    }
}

#[tokio::test]
async fn empty_answer_with_a_completed_verdict_is_success() {
    let bench = bench!();
    assert_eq!(bench.told(bench.spec("empty", "hi")).await.text(), "");
}

#[tokio::test]
async fn stop_while_the_model_is_silent_leaves_no_process() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("hang", "hi")).await;
    bench.server.requested(1).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(!live.outcome().had_output);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

#[tokio::test]
async fn stop_while_a_tool_runs_leaves_no_process_of_the_tool() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("sleep", "hi")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. })).await;
    let working = || marked(&bench.mark).iter().any(|pid| is_tail(*pid));
    until("the tool runs", working).await;
    live.run.control.send(Control::Stop).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.outcome().verdict, Verdict::Stopped);
    assert!(live.outcome().resumable);
    assert_eq!(live.outcome().usage.iter().map(|usage| usage.input).sum::<u64>(), 100);
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}

fn is_tail(pid: i32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.starts_with(b"tail\0"))
}

#[tokio::test]
async fn run_that_nobody_holds_any_more_is_killed() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("sleep", "hi")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. })).await;
    drop(live);
    until("everything is gone", || marked(&bench.mark).is_empty()).await;
}

#[tokio::test]
async fn silence_trips_the_watchdog_and_names_the_limit() {
    let bench = bench!();
    let mut spec = bench.spec("hang", "hi");
    spec.limits.idle = Some(Duration::from_millis(1500));
    let live = bench.told(spec).await;
    assert_eq!(live.class(), Class::IdleStall);
    assert!(!live.outcome().had_output);
}

#[tokio::test]
async fn comment_is_delivered_at_the_turn_boundary_and_the_run_goes_on() {
    let bench = bench!();
    let mut live = bench.start(bench.spec("slow", "hi")).await;
    bench.server.requested(1).await;
    let comment = Control::Comment { id: 7, text: "and be brief".to_owned() };
    live.run.control.send(comment).await.unwrap();
    assert!(live.next_ask().await.is_none());
    assert_eq!(live.delivered, [7]);
    assert_eq!(live.outcome().usage.iter().map(|usage| usage.input).sum::<u64>(), 200);
    let prompts: Vec<String> = bench.server.requests().into_iter().map(|request| request.prompt).collect();
    assert!(prompts.last().is_some_and(|prompt| prompt.contains("and be brief")), "{prompts:?}");
}

#[tokio::test]
async fn sub_agent_works_to_its_end_before_the_run_is_over() {
    let bench = bench!();
    let live = bench.told(bench.spec("agent", "delegate")).await;
    assert_eq!(live.text(), "All done.");
    let by_agent = |item: &Item| match item {
        Item::Text { stream: Some(stream), .. } => stream.starts_with("agent:"),
        Item::ToolCall { parent, .. } => parent.is_some(),
        _ => false,
    };
    assert!(live.items.iter().any(by_agent), "{:?}", live.items);
}

#[tokio::test]
async fn output_of_three_megabytes_and_a_prompt_of_one_are_taken() {
    let bench = bench!();
    let prompt = "x ".repeat(500_000);
    let live = bench.told(bench.spec("big", &prompt)).await;
    assert_eq!(live.text().len(), 300_000);
    assert!(bench.server.requests().iter().any(|request| request.bytes > 1_000_000));
}

#[tokio::test]
async fn tool_of_a_server_is_approved_and_its_form_is_filled_in_by_the_person() {
    let bench = bench!();
    let home = bench.root.path().join("home");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/claude/mcp-form.js");
    let servers = format!(
        r#"{{"mcpServers":{{"human":{{"type":"stdio","command":"node","args":["{script}"]}}}}}}"#
    );
    fs::write(home.join(".claude.json"), servers).unwrap();
    fs::create_dir(home.join(".claude")).unwrap();
    let lax = r#"{"permissions":{"allow":["mcp__human__ask_human"]}}"#;
    fs::write(home.join(".claude/settings.json"), lax).unwrap();
    let mut spec = RunSpec { approvals: Approvals::AskRisky, ..bench.spec("mcpask", "ask") };
    spec.env.insert("PATH".to_owned(), std::env::var("PATH").unwrap());
    // Tools of servers are offered at once, not after a search.
    spec.env.insert("ENABLE_TOOL_SEARCH".to_owned(), "false".to_owned());
    let mut live = bench.start(spec).await;
    let leave = live.next_ask().await.expect("an approval");
    assert_eq!(leave.spec.kind, AskKind::Approval);
    assert!(leave.spec.text.contains("mcp__human__ask_human"), "{}", leave.spec.text);
    live.answer(&leave, option("allow")).await;
    let form = live.next_ask().await.expect("a form");
    assert_eq!((form.spec.kind, form.spec.text.as_str()), (AskKind::Question, "human asks: Which colour?"));
    live.answer(&form, Answer::Text("Blue".to_owned())).await;
    assert!(live.next_ask().await.is_none());
    assert!(live.text().contains(r#"{"colour":"Blue"}"#), "{}", live.text());
    assert_eq!(marked(&bench.mark), [] as [i32; 0]);
}
