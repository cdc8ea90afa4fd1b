//! One turn: a performer is started, listened to, answered and, when it must be, stopped.

use super::{
    Attempt,
    record::{Look, decide_alone},
};
use crate::{
    ctx::{BEAT, Finish, Signal},
    performers::Performer,
};
use ripieno_agents::{
    Control, Run, RunSpec,
    stream::{AskRaised, Item, Outcome, RunEvent, Verdict},
};
use ripieno_core::{
    ask::AskKind,
    failure::{Class, Failure},
    id::AskNo,
    receipt::Receipt,
    state::{StateKind, Wish},
};
use ripieno_store::NewRun;
use std::collections::HashMap;
use tokio::{sync::mpsc, time::Instant};

/// How a turn ended, with every process of it gone.
#[derive(Debug)]
pub(super) enum TurnEnd {
    /// The performer's own verdict is success (R7), or a script has exited.
    Completed {
        /// Its last text.
        text: String,
        /// What it reported by itself.
        receipt: Option<Receipt>,
        /// The exit status of a script.
        exit: Option<i32>,
        /// The outcome the performer named.
        finish: Option<Finish>,
        /// Whether a comment, or an answer it was sent away without, came too late for this turn: it wants one more (T13, H3).
        undelivered: bool,
    },
    /// A person's wish ended it.
    Stopped,
    /// The worker stops or suspends.
    Suspended,
    /// It waits for a person, and no process of it is left.
    Waiting,
    /// A resume was refused before any tool ran (R4).
    ResumeRejected,
    /// It was stopped because its task has used up its budget (T17).
    OverBudget,
    /// The lease was over before the run was: there is nothing to report.
    Stale,
    /// Everything else.
    Failed(Failure),
}

/// Why a turn is being stopped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Halt {
    Wish,
    Suspend,
    Window,
    Budget,
}

/// The moving parts of a turn.
struct Turn {
    control: mpsc::Sender<Control>,
    events: mpsc::Receiver<RunEvent>,
    halt: Option<Halt>,
    /// Open asks of this run: the ask row, and the key the performer knows it by.
    pending: HashMap<AskNo, String>,
    window: Option<Instant>,
    /// Whether the run was told that the task waits for a person.
    waits: bool,
    finish: Option<Finish>,
    /// Comments sent and not yet acknowledged (T13).
    sent: Vec<i64>,
    /// Whether the performer has a conversation of its own that its end may spoil.
    converses: bool,
    /// What is started, until it is on record.
    facts: Option<NewRun>,
}

/// What happens next in a turn.
enum Next {
    Event(Option<RunEvent>),
    Signal(Option<Signal>),
    WindowOver,
    Suspend,
    Beat,
}

impl Attempt {
    /// Runs one turn to its end.
    pub(super) async fn turn(&mut self, performer: &Performer, spec: RunSpec) -> TurnEnd {
        let capabilities = performer.capabilities();
        let comments = capabilities.comments;
        let mut facts = self.run_facts(performer, &spec);
        let Run {
            events,
            control,
            program,
            arguments,
        } = match performer.start(spec).await {
            Ok(run) => run,
            Err(failure) => return TurnEnd::Failed(failure),
        };
        facts.program = program.display().to_string();
        facts.arguments = arguments
            .iter()
            .map(|a| a.to_string_lossy().into_owned())
            .collect();
        let mut turn = Turn {
            control,
            events,
            halt: None,
            pending: HashMap::new(),
            window: None,
            waits: false,
            finish: None,
            sent: Vec::new(),
            converses: capabilities.resume,
            facts: Some(facts),
        };
        let mut beats = tokio::time::interval(BEAT);
        // A wish or comment that came while the run was being started is in the row, its signal may be gone.
        self.read_news(&mut turn, comments).await;
        loop {
            let window = turn.window;
            let next = tokio::select! {
                biased;
                () = self.handle.suspend.cancelled(), if turn.halt.is_none() => Next::Suspend,
                signal = self.signals.recv() => Next::Signal(signal),
                () = until(window) => Next::WindowOver,
                _ = beats.tick() => Next::Beat,
                event = turn.events.recv() => Next::Event(event),
            };
            match next {
                Next::Event(Some(RunEvent::Ended(outcome))) => {
                    return self.ended(turn, outcome).await;
                }
                Next::Event(Some(event)) => self.take_event(&mut turn, event).await,
                Next::Event(None) => {
                    let text = "the run ended without saying how".to_owned();
                    return TurnEnd::Failed(Failure::new(Class::Unknown, text));
                }
                Next::Signal(Some(signal)) => self.take_signal(&mut turn, signal, comments).await,
                Next::Signal(None) | Next::Suspend => halt(&mut turn, Halt::Suspend).await,
                Next::WindowOver => halt(&mut turn, Halt::Window).await,
                Next::Beat => self.handle.beat(),
            }
        }
    }

    async fn take_signal(&mut self, turn: &mut Turn, signal: Signal, comments: bool) {
        match signal {
            Signal::Finish(finish) => turn.finish = Some(finish),
            Signal::Wrote(item) => self.transcript_item(item).await,
            Signal::Wished | Signal::News => self.read_news(turn, comments).await,
        }
    }

    /// Looks at the row for what a person has said since: a wish, answers, comments.
    async fn read_news(&mut self, turn: &mut Turn, comments: bool) {
        let row = match self.look().await {
            Look::Ours(row) => row,
            // A process whose lease is over may not go on: somebody else may be at its work.
            Look::Over => return halt(turn, Halt::Suspend).await,
            Look::Unknown => return,
        };
        let only_tidies = self.finishing && row.task.wish == Some(Wish::Pause);
        if self.cleaning || only_tidies {
            return;
        }
        if row.task.wish.is_some() {
            halt(turn, Halt::Wish).await;
            return;
        }
        self.deliver_answers(turn).await;
        let waits = row.task.state.kind() == StateKind::NeedsInput;
        if std::mem::replace(&mut turn.waits, waits) != waits {
            // A closed channel means that the run has ended.
            drop(turn.control.send(Control::Waits(waits)).await);
        }
        if waits {
            let limit = self.settings.ask_window;
            turn.window.get_or_insert_with(|| Instant::now() + limit);
        } else {
            turn.window = None;
        }
        if comments && turn.halt.is_none() {
            for comment in self.take_comments().await {
                let message = Control::Comment {
                    id: comment.no,
                    text: comment.body,
                };
                turn.sent.push(comment.no);
                // A closed channel means that the run has ended: what was not delivered is given back then.
                drop(turn.control.send(message).await);
            }
        }
    }

    async fn deliver_answers(&mut self, turn: &mut Turn) {
        if turn.pending.is_empty() {
            return;
        }
        for ask in self.asks().await {
            let Some(answered) = ask.answered else {
                continue;
            };
            let Some(key) = turn.pending.remove(&ask.no) else {
                continue;
            };
            if turn.halt.is_none() {
                self.answer_delivered(ask.no).await;
            }
            drop(
                turn.control
                    .send(Control::Answer {
                        key,
                        answer: answered.value,
                    })
                    .await,
            );
        }
    }

    async fn take_event(&mut self, turn: &mut Turn, event: RunEvent) {
        self.beat();
        match event {
            RunEvent::Spawned { pid, started } => {
                self.record_spawn(pid, started, turn.facts.take()).await;
            }
            RunEvent::SessionBound { id } => self.bind_session(id).await,
            RunEvent::Offers(offer) => {
                crate::offers::take(&self.ctx, self.lane.kind(), offer).await;
            }
            RunEvent::Item(item) => {
                let tells = matches!(item, Item::Usage(_));
                self.take_item(item).await;
                if tells && self.is_over_budget() {
                    halt(turn, Halt::Budget).await;
                }
            }
            // A script's text follows whole, with its stream, within half a second: once is enough.
            RunEvent::Delta { .. } if !turn.converses => {}
            RunEvent::Delta { text, thinking } => self.transcript_delta(text, thinking).await,
            RunEvent::Asked(raised) => self.take_ask(turn, raised).await,
            // What is stopped takes its own asks back; they stay open for the person (H3).
            RunEvent::AskWithdrawn { .. } if turn.halt.is_some() => {}
            RunEvent::AskWithdrawn { key } => {
                let withdrawn: Vec<AskNo> = turn
                    .pending
                    .iter()
                    .filter(|(_, k)| **k == key)
                    .map(|(no, _)| *no)
                    .collect();
                for no in withdrawn {
                    turn.pending.remove(&no);
                    self.withdraw_ask(no).await;
                }
            }
            RunEvent::Delivered { comment } => {
                turn.sent.retain(|no| *no != comment);
                self.comment_delivered(comment).await;
            }
            RunEvent::Ended(_) => {}
        }
    }

    async fn take_item(&mut self, item: Item) {
        if !matches!(item, Item::Status { .. }) {
            self.note_told().await;
        }
        if let Item::ToolCall { line, .. } = &item {
            self.pulse_line(line);
        }
        if let Item::Usage(usage) = &item {
            self.live_usage(usage);
        }
        self.transcript_item(item).await;
    }

    async fn take_ask(&mut self, turn: &mut Turn, mut raised: AskRaised) {
        let window = self.settings.ask_window;
        self.transcript_item(Item::Ask {
            text: raised.spec.text.clone(),
        })
        .await;
        let standing = self.standing_leave(&mut raised).await;
        let known = match standing {
            Some(leave) => Some(leave),
            None => self.known_answer(&raised).await,
        };
        if let Some(answer) = known {
            let key = raised.key;
            drop(turn.control.send(Control::Answer { key, answer }).await);
            return;
        }
        if raised.spec.kind == AskKind::Question {
            // Asked once more it is another question, whatever its words (A5).
            raised.spec.key = match self.open_since_before(&raised, &turn.pending).await {
                Some(same) => same.spec.key,
                None => Some(format!("attempt {}: {}", self.n, raised.key)),
            };
        }
        // The lease is kept until the process is gone, also when there is no window to answer in.
        match self.open_ask(&raised.spec, true).await {
            Some(ask) if ask.answered.is_some() => {
                // The same question was answered before the resume (H7).
                if let Some(answered) = ask.answered {
                    let answer = Control::Answer {
                        key: raised.key,
                        answer: answered.value,
                    };
                    drop(turn.control.send(answer).await);
                }
            }
            Some(ask) => {
                turn.pending.insert(ask.no, raised.key);
                if window.is_zero() {
                    halt(turn, Halt::Window).await;
                } else {
                    turn.window.get_or_insert(Instant::now() + window);
                }
            }
            // A script of the task was quicker with the last one.
            None if raised.spec.is_counted() && self.has_asked_enough().await => {
                let (key, answer) = (raised.key, decide_alone());
                drop(turn.control.send(Control::Answer { key, answer }).await);
            }
            None => halt(turn, Halt::Wish).await,
        }
    }

    /// The run is over and nothing of it lives: what does that mean for the task?
    async fn ended(&mut self, mut turn: Turn, outcome: Outcome) -> TurnEnd {
        self.store_usage(&outcome).await;
        self.had_output |= outcome.had_output;
        if !outcome.resumable && turn.converses {
            self.drop_session().await;
        }
        let undelivered = !turn.sent.is_empty();
        if undelivered {
            self.give_back_comments(std::mem::take(&mut turn.sent))
                .await;
        }
        if self.prompted.is_some() && !matches!(outcome.verdict, Verdict::Completed { .. }) {
            self.give_back_prompt().await;
        }
        let row = match self.look().await {
            Look::Ours(row) => row,
            Look::Over => return TurnEnd::Stale,
            Look::Unknown => Box::new(self.row.clone()),
        };
        if row.task.wish == Some(Wish::Cancel) {
            return TurnEnd::Stopped;
        }
        if row.task.state.kind() == StateKind::NeedsInput {
            // A process that ends while an ask of its task is open has suspended, whatever its exit code.
            return if row.task.wish.is_some() {
                TurnEnd::Stopped
            } else {
                TurnEnd::Waiting
            };
        }
        match outcome.verdict {
            // It left because nobody had answered, and somebody has since: it runs again with the answer (H7).
            Verdict::Completed {
                exit: Some(code), ..
            } if code != 0 && self.was_sent_away() => TurnEnd::Waiting,
            Verdict::Completed { text, exit } => TurnEnd::Completed {
                text,
                receipt: outcome.receipt,
                exit,
                finish: turn.finish,
                undelivered: undelivered || self.owes_an_answer().await,
            },
            Verdict::Stopped => match (turn.halt, row.task.wish) {
                (_, Some(_)) => TurnEnd::Stopped,
                // Answered while it was being stopped: nobody interrupted it, it is taken up again.
                (Some(Halt::Window), None) => TurnEnd::Waiting,
                (Some(Halt::Budget), None) => TurnEnd::OverBudget,
                (Some(Halt::Wish | Halt::Suspend) | None, None) => TurnEnd::Suspended,
            },
            // The same of an agent without a conversation to go on in.
            Verdict::Failed(failure)
                if failure.class == Class::ProcessCrashed
                    && !turn.converses
                    && self.was_sent_away() =>
            {
                TurnEnd::Waiting
            }
            Verdict::Failed(_) if outcome.resume_rejected => TurnEnd::ResumeRejected,
            Verdict::Failed(failure) => TurnEnd::Failed(failure),
        }
    }
}

/// Asks the run to stop, once.
async fn halt(turn: &mut Turn, why: Halt) {
    turn.window = None;
    if turn.halt.is_none() {
        turn.halt = Some(why);
        // A closed channel means that it is ending already.
        drop(turn.control.send(Control::Stop).await);
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
