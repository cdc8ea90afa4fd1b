//! One run under way: the process, its lines, the people it waits for, its limits and its end.

use super::{Background, Cause, Dialogue, Ending, Step, ending::STDERR_KEPT, outbox::Outbox};
use crate::{
    Control, Limits,
    lines::{Piece, Pieces},
    process::{Exit, Handle, Launched, StderrPipe, StdinPipe, StdoutPipe},
    raw_log::RawLog,
    stream::{Item, RunEvent},
    watchdog::Watchdog,
};
use jiff::tz::TimeZone;
use ripieno_core::time::Timestamp;
use std::{collections::VecDeque, future::Future, io, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// The longest line that is read as one: a file or picture in a tool's result. Longer ones are noted and skipped.
const LONGEST: usize = 16 * 1024 * 1024;

/// How much of the head of a longer line is kept.
const HEAD: usize = 4096;

/// How long the program may take to end after its stdin was closed.
const LINGER: Duration = Duration::from_secs(10);

/// How long it may take to begin a turn of its own after its last sub-agent ended.
const AFTERTHOUGHT: Duration = Duration::from_secs(5);

/// How much of the grace the protocol's own cancel may take before TERM.
const POLITE: Duration = Duration::from_secs(2);

/// How long text may wait to be one entry with more (R2).
const JOIN: Duration = Duration::from_millis(500);

/// How long a pipe that nobody of the run holds any more may stay silent before it is given up.
const DRAIN: Duration = Duration::from_secs(2);

/// A stop under way.
type Stopping = Option<Pin<Box<dyn Future<Output = Exit> + Send>>>;

/// A run of the program.
struct Conversation<D> {
    handle: Handle,
    dialogue: D,
    watchdog: Watchdog,
    grace: Duration,
    log: RawLog,
    /// Nothing is read while there is anything in it.
    outbox: Outbox,
    /// To the writer of its stdin; `None` once that is closed.
    lines: Option<mpsc::UnboundedSender<Vec<u8>>>,
    /// Comments for the next turn.
    comments: VecDeque<(i64, String)>,
    /// Comments written, but not taken up yet.
    written: Vec<i64>,
    cause: Cause,
    stderr: Vec<u8>,
    /// The head of a line that is too long to read, and its length so far.
    cut: Option<(Vec<u8>, u64)>,
    /// When what the dialogue keeps back is to be given out.
    join: Option<Instant>,
    /// When a program that has nothing left to do is ended.
    patience: Option<Instant>,
    tool_seen: bool,
    /// Whether the task waits for a person because of an ask that is none of this conversation's.
    waits: bool,
}

/// What happened next.
enum Next<'a> {
    Control(Option<Control>),
    Room,
    Abandoned,
    Line(io::Result<Option<Piece<'a>>>),
    Stderr(usize),
    Limit,
    Patience,
    Joined,
    Exited(Exit),
    Gone(usize),
    Stopped,
    Drained,
    Idle,
}

impl<D: Dialogue> Conversation<D> {
    /// Serves the run to its end and reports that.
    async fn run(
        mut self,
        stdout: StdoutPipe,
        mut stderr: StderrPipe,
        mut controls: mpsc::Receiver<Control>,
    ) {
        let mut stdout = Pieces::new(stdout, LONGEST);
        let (mut out_open, mut err_open, mut listening) = (true, true, true);
        let mut buffer = vec![0; 8 * 1024];
        let (mut exit, mut left) = (None, None);
        let mut stopping: Stopping = None;
        let mut quiet_since = Instant::now();
        let handle = self.handle.clone();
        let (exited, gone) = (handle.exited(), handle.gone());
        tokio::pin!(exited, gone);
        while left.is_none() || out_open || err_open || !self.outbox.is_empty() {
            let blocked = !self.outbox.is_empty();
            let limit = self.watchdog.deadline(blocked);
            let free = exit.is_none() && stopping.is_none();
            let draining = left.is_some() && !blocked;
            let next = tokio::select! {
                biased;
                control = controls.recv(), if listening => Next::Control(control),
                moved = self.outbox.moves() => if moved { Next::Room } else { Next::Abandoned },
                () = at(limit), if free => Next::Limit,
                () = at(self.patience), if free => Next::Patience,
                () = at(self.join), if !blocked => Next::Joined,
                piece = stdout.next(), if out_open && !blocked => Next::Line(piece),
                got = stderr.read(&mut buffer), if err_open && !blocked => {
                    Next::Stderr(got.unwrap_or_default())
                }
                status = &mut exited, if exit.is_none() => Next::Exited(status),
                count = &mut gone, if left.is_none() => Next::Gone(count),
                _ = stopped(&mut stopping) => Next::Stopped,
                () = sleep_until(quiet_since + DRAIN), if draining => Next::Drained,
                // Nothing else is there to do: what was kept back of the log goes to the disk.
                () = std::future::ready(()), if self.log.keeps_back() => Next::Idle,
            };

            if !matches!(next, Next::Idle) {
                quiet_since = Instant::now();
            }
            match next {
                Next::Control(Some(control)) => self.control(control, &mut stopping),
                Next::Control(None) => listening = false,
                // Our own side held the program up until now: that was no silence of its own.
                Next::Room => self.watchdog.heard(quiet_since),
                Next::Abandoned => return handle.kill(),
                Next::Line(Ok(Some(piece))) => {
                    self.piece(piece).await;
                    self.at_hand(&mut stdout).await;
                    if self.cause == Cause::Hopeless {
                        self.end(&mut stopping);
                    }
                }
                Next::Line(Ok(None) | Err(_)) => out_open = false,
                Next::Stderr(0) => err_open = false,
                Next::Stderr(got) => self.complain(&buffer[..got]).await,
                Next::Limit => {
                    if let Some(failure) = self.watchdog.tripped(quiet_since, blocked) {
                        self.note(failure.text.clone());
                        self.cause = Cause::Limit(failure);
                        self.end(&mut stopping);
                    }
                }
                Next::Patience => {
                    self.patience = None;
                    match self.lines.take() {
                        Some(_) => self.patience = Some(quiet_since + LINGER),
                        None => self.end(&mut stopping),
                    }
                }
                Next::Joined => self.give_out(false),
                Next::Exited(status) => exit = Some(status),
                Next::Gone(count) => left = Some(count),
                Next::Stopped => stopping = None,
                Next::Drained => (out_open, err_open) = (false, false),
                Next::Idle => self.hand_over().await,
            }
        }
        // Both may have become known between the look at the one and the look at the other.
        let exit = match exit {
            Some(exit) => exit,
            None => handle.exited().await,
        };
        self.close(exit, left.unwrap_or_default()).await;
    }

    fn control(&mut self, control: Control, stopping: &mut Stopping) {
        match control {
            Control::Answer { key, answer } => {
                let steps = self.dialogue.answer(&key, &answer);
                self.carry_out(steps);
            }
            Control::Comment { id, text } => {
                self.comments.push_back((id, text));
                // Between two turns there is nothing to wait for.
                if self.dialogue.between_turns() {
                    self.turn_over();
                }
            }
            Control::Waits(waits) => {
                self.waits = waits;
                self.watch_wait();
            }
            Control::Stop if self.cause == Cause::Stopped => self.handle.kill(),
            Control::Stop => {
                if self.cause == Cause::Itself {
                    self.cause = Cause::Stopped;
                }
                self.end(stopping);
            }
        }
    }

    /// Ends the run: the protocol's own cancel and the end of its stdin, TERM when that does not do, KILL after
    /// the grace (R9).
    fn end(&mut self, stopping: &mut Stopping) {
        if stopping.is_some() {
            return;
        }
        for line in self.dialogue.cancel() {
            self.write(line);
        }
        self.lines = None;
        self.patience = None;
        let (handle, grace) = (self.handle.clone(), self.grace);
        // A program that is told nothing more needs no time to hear it.
        let polite = if self.dialogue.is_told_once() {
            Duration::ZERO
        } else {
            POLITE.min(grace / 2)
        };
        *stopping = Some(Box::pin(async move {
            match tokio::time::timeout(polite, handle.gone()).await {
                Ok(_) => handle.exited().await,
                Err(_) => handle.stop(grace - polite).await,
            }
        }));
    }

    fn write(&self, line: Vec<u8>) {
        // A program that is gone is told nothing; its end is reported by the supervisor.
        if let Some(lines) = &self.lines {
            lines.send(line).ok();
        }
    }

    fn note(&mut self, text: String) {
        self.outbox.push(RunEvent::Item(Item::Error { text }));
    }

    async fn keep(&mut self, bytes: &[u8]) {
        if let Err(problem) = self.log.take(bytes).await {
            self.note(problem);
        }
    }

    async fn hand_over(&mut self) {
        if let Err(problem) = self.log.hand_over().await {
            self.note(problem);
        }
    }

    async fn complain(&mut self, bytes: &[u8]) {
        self.watchdog.heard(Instant::now());
        self.keep(bytes).await;
        self.stderr.extend_from_slice(bytes);
        let extra = self.stderr.len().saturating_sub(STDERR_KEPT);
        self.stderr.drain(..extra);
    }

    async fn piece(&mut self, piece: Piece<'_>) {
        self.watchdog.heard(Instant::now());
        self.keep(piece.bytes).await;
        if piece.ends {
            self.keep(b"\n").await;
        }
        let steps = if piece.is_whole() {
            self.dialogue.line(piece.bytes, now())
        } else {
            let (head, bytes) = self.cut.get_or_insert_with(|| {
                let end = piece.bytes.len().min(HEAD);
                (piece.bytes[..end].to_vec(), 0)
            });
            *bytes = bytes.saturating_add(piece.bytes.len() as u64);
            if !piece.ends {
                return;
            }
            let steps = self.dialogue.cut(head, *bytes);
            self.cut = None;
            steps
        };
        self.carry_out(steps);
        self.watch();
        if self.dialogue.keeps_back() {
            self.join.get_or_insert_with(|| Instant::now() + JOIN);
        } else {
            self.join = None;
        }
    }

    /// Takes the lines that have been read already, and tells the worker all at once what they lead to: it is woken once.
    async fn at_hand(&mut self, stdout: &mut Pieces<StdoutPipe>) {
        while self.cause != Cause::Hopeless && !self.outbox.is_filled() {
            match stdout.at_hand() {
                Some(piece) => self.piece(piece).await,
                None => break,
            }
        }
        self.outbox.hand_out();
    }

    fn give_out(&mut self, over: bool) {
        self.join = None;
        let steps = self.dialogue.give_out(over);
        self.carry_out(steps);
    }

    /// Tells the watchdog what the silence to come would mean.
    fn watch(&mut self) {
        let (now, tool) = (Instant::now(), self.dialogue.tool_in_flight());
        match (self.tool_seen, tool) {
            (false, true) => self.watchdog.tool_began(now),
            (true, false) => self.watchdog.tool_ended(now),
            (true, true) | (false, false) => {}
        }
        self.tool_seen = tool;
        let ended = self.dialogue.background() == Background::Ended;
        if ended && self.patience.is_none() && self.lines.is_some() {
            self.patience = Some(now + AFTERTHOUGHT);
        }
    }

    fn carry_out(&mut self, steps: Vec<Step>) {
        for step in steps {
            self.step(step);
        }
        self.watch_wait();
    }

    /// Tells the watchdog whether a person is waited for.
    fn watch_wait(&mut self) {
        let waits = self.waits || self.dialogue.open_asks() > 0;
        self.watchdog.waits(waits, Instant::now());
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Write(line) => self.write(line),
            Step::Bound(id) => self.outbox.push(RunEvent::SessionBound { id }),
            Step::Offers(offer) => self.outbox.push(RunEvent::Offers(offer)),
            Step::TurnStarted => {
                self.patience = None;
                let taken = std::mem::take(&mut self.written);
                for comment in taken {
                    self.outbox.push(RunEvent::Delivered { comment });
                }
            }
            Step::Item(item) => self.outbox.push(RunEvent::Item(item)),
            Step::Delta { text, thinking } => {
                // Watchers that are slow get the whole item instead.
                if self.outbox.keeps_up() {
                    self.outbox.push(RunEvent::Delta { text, thinking });
                }
            }
            Step::Withdraw(key) => self.outbox.push(RunEvent::AskWithdrawn { key }),
            Step::Ask(raised) => {
                let text = raised.spec.text.clone();
                self.outbox.push(RunEvent::Item(Item::Ask { text }));
                self.outbox.push(RunEvent::Asked(raised));
            }
            Step::TurnEnded => self.turn_over(),
            Step::Hopeless if self.cause == Cause::Itself => self.cause = Cause::Hopeless,
            Step::Hopeless => {}
        }
    }

    /// A turn is over: comments begin the next one (T13), else there is nothing left to do. Sub-agents still at work
    /// begin a turn of their own when they end, and need us for their requests until then.
    fn turn_over(&mut self) {
        if self.lines.is_none() {
            // It has been told that nothing more comes: a comment now waits for another run.
            return;
        }
        let failed = self.dialogue.turn_failed();
        if self.comments.is_empty() || failed || self.cause != Cause::Itself {
            if self.dialogue.background() != Background::Working {
                self.lines = None;
                self.patience = Some(Instant::now() + LINGER);
            }
            return;
        }
        let comments: Vec<(i64, String)> = self.comments.drain(..).collect();
        let text = comments
            .iter()
            .map(|(_, text)| text.as_str())
            .collect::<Vec<_>>()
            .join("\n\n");
        let line = self.dialogue.prompt(&text);
        self.write(line);
        self.written.extend(comments.into_iter().map(|(id, _)| id));
    }

    /// Reports the end: no process is left, everything printed is on its way.
    async fn close(mut self, exit: Exit, left: usize) {
        self.give_out(true);
        if let Err(problem) = self.log.finish().await {
            self.note(problem);
        }
        if left > 0 {
            self.note(format!(
                "{left} processes of another user could not be ended"
            ));
        }
        for usage in self.dialogue.late_usage() {
            self.outbox.push(RunEvent::Item(Item::Usage(usage)));
        }
        let outcome = self.dialogue.conclude(&Ending {
            cause: self.cause.clone(),
            exit,
            stderr: String::from_utf8_lossy(&self.stderr).into_owned(),
            unanswered: self.dialogue.open_asks(),
            now: now(),
            zone: TimeZone::system(),
        });
        self.outbox.push(RunEvent::Ended(outcome));
        self.outbox.finish().await;
    }
}

/// Writes lines to the program until there are no more, then closes its stdin.
async fn write_lines(mut stdin: StdinPipe, mut lines: mpsc::UnboundedReceiver<Vec<u8>>) {
    while let Some(line) = lines.recv().await {
        // It reads no more: its end is reported by the supervisor.
        if stdin.write_all(&line).await.is_err() {
            return;
        }
    }
}

/// Starts serving a run; `first` is what the worker is told at once.
pub(super) fn serve(
    launched: Launched,
    limits: Limits,
    log: RawLog,
    events: mpsc::Sender<RunEvent>,
    first: Vec<RunEvent>,
    mut dialogue: impl Dialogue,
    controls: mpsc::Receiver<Control>,
) {
    let (lines, written) = mpsc::unbounded_channel();
    for line in dialogue.open() {
        lines.send(line).ok();
    }
    if let Some(stdin) = launched.stdin {
        tokio::spawn(write_lines(stdin, written));
    }
    let more = !dialogue.is_told_once();
    let conversation = Conversation {
        handle: launched.handle,
        dialogue,
        watchdog: Watchdog::new(limits, Instant::now()),
        grace: limits.grace,
        log,
        outbox: Outbox::new(events, first),
        lines: more.then_some(lines),
        comments: VecDeque::new(),
        written: Vec::new(),
        cause: Cause::Itself,
        stderr: Vec::new(),
        cut: None,
        join: None,
        patience: None,
        tool_seen: false,
        waits: false,
    };
    tokio::spawn(conversation.run(launched.stdout, launched.stderr, controls));
}

/// The wall clock, for moments providers name.
fn now() -> Timestamp {
    Timestamp(jiff::Timestamp::now().as_millisecond())
}

/// Waits for a moment; for ever when there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Waits for a stop under way; for ever when there is none.
async fn stopped(stopping: &mut Stopping) -> Exit {
    match stopping {
        Some(stopping) => stopping.await,
        None => std::future::pending().await,
    }
}
