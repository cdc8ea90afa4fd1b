//! What is tried with every agent. Each cell panics, with what it saw, when it does not hold.

use crate::{
    rig::{
        bench::{Bench, Live, option},
        inside::question_by_our_tool,
        marked, until,
    },
    stops::{Moment, cancel},
};
use ripieno_agents::{
    Agent, Approvals, RunSpec, Session,
    stream::{Item, Verdict},
};
use ripieno_core::ask::{Answer, AskKind};
use std::{fs, time::Duration};

/// One thing a task may meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Cell {
    Tool,
    File,
    Usage,
    Resume,
    Killed,
    Question,
    AskHuman,
    Allowed,
    Denied,
    Rejected,
    Limited,
    Quota,
    Overflow,
    Fault,
    Cut,
    Hang,
    Cancel(Moment),
}

impl Cell {
    pub(crate) const ALL: [Cell; 22] = [
        Cell::Tool,
        Cell::File,
        Cell::Usage,
        Cell::Resume,
        Cell::Killed,
        Cell::Question,
        Cell::AskHuman,
        Cell::Allowed,
        Cell::Denied,
        Cell::Rejected,
        Cell::Limited,
        Cell::Quota,
        Cell::Overflow,
        Cell::Fault,
        Cell::Cut,
        Cell::Hang,
        Cell::Cancel(Moment::Starting),
        Cell::Cancel(Moment::Calling),
        Cell::Cancel(Moment::Streaming),
        Cell::Cancel(Moment::Tool),
        Cell::Cancel(Moment::Asking),
        Cell::Cancel(Moment::Retrying),
    ];

    /// Its name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Cell::Tool => "tool",
            Cell::File => "file",
            Cell::Usage => "usage",
            Cell::Resume => "resume",
            Cell::Killed => "killed",
            Cell::Question => "question",
            Cell::AskHuman => "ask_human",
            Cell::Allowed => "allowed",
            Cell::Denied => "denied",
            Cell::Rejected => "401",
            Cell::Limited => "429",
            Cell::Quota => "quota",
            Cell::Overflow => "overflow",
            Cell::Fault => "500",
            Cell::Cut => "cut",
            Cell::Hang => "hang",
            Cell::Cancel(moment) => moment.name(),
        }
    }

    /// Its name in the table.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Cell::Tool => "a tool is called, and the turn finishes",
            Cell::File => "a file is really changed",
            Cell::Usage => "tokens are counted",
            Cell::Resume => "the session is resumed",
            Cell::Killed => "the session is resumed after everything was killed (-9)",
            Cell::Question => "its own question reaches the person, the answer the model",
            Cell::AskHuman => {
                "our `ask_human` reaches the person without leave, the answer the model"
            }
            Cell::Allowed => "a command waits for leave and runs",
            Cell::Denied => "a denied command does not run",
            Cell::Rejected => "401: a rejected login",
            Cell::Limited => "429: a rate limit",
            Cell::Quota => "429: the quota is used up",
            Cell::Overflow => "400: the context is too long",
            Cell::Fault => "500: the provider's fault, tried again later",
            Cell::Cut => "a stream that is cut is no success on the half",
            Cell::Hang => "silence ends at the limit, no process is left",
            Cell::Cancel(moment) => moment.title(),
        }
    }

    /// Whether an agent may try for a minute.
    pub(crate) fn is_slow(self) -> bool {
        matches!(self, Cell::Quota | Cell::Fault | Cell::Limited | Cell::Cut)
    }

    /// Tries it.
    pub(crate) async fn holds<A: Agent>(self, bench: &Bench<A>) {
        match self {
            Cell::Tool => tool(bench).await,
            Cell::File => file(bench).await,
            Cell::Usage => usage(bench).await,
            Cell::Resume => resume(bench).await,
            Cell::Killed => killed(bench).await,
            Cell::Question => question(bench).await,
            Cell::AskHuman => question_by_our_tool(bench.engine).await,
            Cell::Allowed => allowed(bench).await,
            Cell::Denied => denied(bench).await,
            Cell::Rejected => ends(bench, "e401", &["auth_rejected"]).await,
            Cell::Limited => ends(bench, "e429", &["rate_limited"]).await,
            Cell::Quota => ends(bench, "quota", &["quota_exhausted"]).await,
            Cell::Overflow => ends(bench, "e400", &["context_overflow"]).await,
            Cell::Fault => ends(bench, "e500", &["provider_server_error"]).await,
            Cell::Cut => cut(bench).await,
            Cell::Hang => hang(bench).await,
            Cell::Cancel(moment) => cancel(bench, moment).await,
        }
    }
}

async fn tool<A: Agent>(bench: &Bench<A>) {
    let live = bench.told(bench.spec("ok", "Do it.")).await;
    assert!(live.text().contains("All done."), "{:?}", live.items);
    let has = |fits: fn(&Item) -> bool| live.items.iter().any(fits);
    assert!(
        has(|item| matches!(item, Item::ToolCall { .. })),
        "{:?}",
        live.items
    );
    assert!(
        has(|item| matches!(item, Item::ToolResult { error: false, .. })),
        "{:?}",
        live.items
    );
}

async fn file<A: Agent>(bench: &Bench<A>) {
    let live = bench
        .told(bench.spec("write", "write note.txt: hello"))
        .await;
    live.text();
    let written = fs::read_to_string(bench.work().join("note.txt")).expect("the file");
    assert_eq!(written, "hello\n");
    assert!(bench.server.requests().len() > 1, "the real engine called");
}

async fn usage<A: Agent>(bench: &Bench<A>) {
    let live = bench.told(bench.spec("ok", "Do it.")).await;
    let usage = &live.outcome().usage;
    let used: u64 = usage
        .iter()
        .map(|usage| usage.input.min(usage.output))
        .sum();
    assert!(used > 0, "{usage:?}");
}

async fn resume<A: Agent>(bench: &Bench<A>) {
    let live = bench.told(bench.spec("say", "first")).await;
    taken_up(bench, &live).await;
}

async fn killed<A: Agent>(bench: &Bench<A>) {
    let mut live = bench.start(bench.spec("sleep", "first")).await;
    live.until(|item| matches!(item, Item::ToolCall { .. }))
        .await;
    // By then the program has stored its session.
    until("its command runs", || {
        marked(&bench.mark).into_iter().any(waits_for_ever)
    })
    .await;
    // What a killed worker leaves: the supervisor ends everything, nobody is told anything.
    let (session, items) = (live.session.clone(), std::mem::take(&mut live.items));
    drop(live);
    until("nothing is left", || marked(&bench.mark).is_empty()).await;
    let spec = RunSpec {
        session: Session::Resume(session.expect("a session")),
        ..bench.spec("say", "second")
    };
    let live = bench.told(spec).await;
    assert!(live.text().contains("second"), "{items:?} {:?}", live.items);
}

/// Whether this is the command of the scenario `sleep`, or the shell it runs in.
fn waits_for_ever(pid: i32) -> bool {
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&command).contains("/dev/null")
}

async fn taken_up<A: Agent>(bench: &Bench<A>, before: &Live) {
    let id = before.session.clone().expect("a session");
    assert!(before.outcome().resumable);
    let spec = RunSpec {
        session: Session::Resume(id.clone()),
        ..bench.spec("say", "second")
    };
    let live = bench.told(spec).await;
    assert!(live.text().contains("second"), "{:?}", live.items);
    assert_eq!(live.session.as_deref(), Some(id.as_str()));
    let old = |item: &Item| matches!(item, Item::Text { text, .. } if text.contains("first"));
    assert!(
        !live.items.iter().any(old),
        "what is old is not told again: {:?}",
        live.items
    );
}

async fn question<A: Agent>(bench: &Bench<A>) {
    let mut live = bench.start(bench.spec("ask", "Paint it.")).await;
    let ask = live.next_ask().await.expect("a question");
    assert_eq!(ask.spec.kind, AskKind::Question);
    let red = ask
        .spec
        .options
        .iter()
        .find(|option| option.label.contains("Red"));
    let red = red.expect("an option for red");
    live.answer(&ask, option(&red.id)).await;
    while let Some(ask) = live.next_ask().await {
        live.answer(&ask, option(&ask.spec.options[0].id)).await;
    }
    assert!(live.text().contains("Red"), "{:?}", live.text());
}

pub(crate) async fn careful<A: Agent>(
    bench: &Bench<A>,
) -> (Live, ripieno_agents::stream::AskRaised) {
    let spec = RunSpec {
        approvals: Approvals::AskRisky,
        ..bench.spec("run", "$ touch seen.txt")
    };
    let mut live = bench.start(spec).await;
    let ask = live.next_ask().await.expect("an approval");
    assert_eq!(ask.spec.kind, AskKind::Approval);
    assert!(
        ask.spec.text.contains("touch seen.txt"),
        "{}",
        ask.spec.text
    );
    assert!(!bench.work().join("seen.txt").exists());
    (live, ask)
}

async fn allowed<A: Agent>(bench: &Bench<A>) {
    let (mut live, ask) = careful(bench).await;
    live.answer(&ask, option("allow")).await;
    assert!(live.next_ask().await.is_none());
    assert!(bench.work().join("seen.txt").exists());
    assert!(live.text().contains("All done."));
}

async fn denied<A: Agent>(bench: &Bench<A>) {
    let (mut live, ask) = careful(bench).await;
    live.answer(&ask, Answer::Text("not today".to_owned()))
        .await;
    while let Some(ask) = live.next_ask().await {
        live.answer(&ask, option("deny")).await;
    }
    assert!(!bench.work().join("seen.txt").exists());
    assert!(live.outcome().denials >= 1, "{:?}", live.outcome());
}

/// How long an agent may try again without a word.
const SILENCE: Duration = Duration::from_secs(90);

async fn ends<A: Agent>(bench: &Bench<A>, scenario: &str, classes: &[&str]) {
    let mut spec = bench.spec(scenario, "hi");
    spec.limits.idle = Some(SILENCE);
    let live = bench.told(spec).await;
    let class = live.class();
    assert!(classes.contains(&class.name()), "{:?}", live.outcome());
}

async fn cut<A: Agent>(bench: &Bench<A>) {
    let mut spec = bench.spec("cutmid", "hi");
    // Each new try says something again: only working time ends one that never gives up.
    spec.limits.working = Some(Duration::from_secs(20));
    let live = bench.told(spec).await;
    let half = match &live.outcome().verdict {
        Verdict::Completed { text, .. } => text.contains("I will do"),
        Verdict::Failed(_) | Verdict::Stopped => false,
    };
    assert!(!half, "{:?}", live.outcome());
}

async fn hang<A: Agent>(bench: &Bench<A>) {
    let mut spec = bench.spec("hang", "hi");
    spec.limits.idle = Some(Duration::from_secs(8));
    let live = bench.told(spec).await;
    assert_eq!(live.class().name(), "idle_stall");
}
