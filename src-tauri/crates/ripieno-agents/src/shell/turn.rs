//! One script under way: its streams, its limits, its end.

use super::merge::{Merge, Source};
use crate::{
    Control, Limits,
    process::{Exit, Handle, Launched, StderrPipe, StdoutPipe, signal_name},
    raw_log::RawLog,
    stream::{Item, Outcome, RunEvent, Verdict},
    text::{LastLines, Plain},
    watchdog::Watchdog,
};
use ripieno_core::{
    failure::{Class, Failure},
    receipt::SUMMARY_LINES,
};
use std::{collections::VecDeque, future::Future, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// How much is read at once: the size of a pipe.
const CHUNK: usize = 64 * 1024;

/// How long a pipe that nobody of the run holds any more may stay silent before it is given up.
const DRAIN: Duration = Duration::from_secs(2);

/// How many events must be free for live text to be sent ahead of its entry: watchers that are slow get the entry.
const SPARE: usize = super::EVENTS / 2;

/// One of the script's two streams.
struct Stream<R> {
    pipe: Option<R>,
    buffer: Vec<u8>,
    plain: Plain,
    last: LastLines,
}

impl<R: AsyncRead + Unpin> Stream<R> {
    fn new(pipe: R) -> Self {
        let (plain, last) = (Plain::default(), LastLines::default());
        Stream {
            pipe: Some(pipe),
            buffer: vec![0; CHUNK],
            plain,
            last,
        }
    }

    /// Reads what is there: how much, 0 at the end. Pending for ever after that.
    async fn read(&mut self) -> usize {
        match &mut self.pipe {
            // A pipe that cannot be read is at its end.
            Some(pipe) => pipe.read(&mut self.buffer).await.unwrap_or_default(),
            None => std::future::pending().await,
        }
    }

    /// The text of the bytes just read.
    fn text(&mut self, got: usize) -> String {
        let mut text = String::with_capacity(got);
        if got == 0 {
            self.pipe = None;
            self.plain.finish(&mut text);
        } else {
            self.plain.push(&self.buffer[..got], &mut text);
        }
        self.last.push(&text);
        text
    }
}

/// A script under way.
pub(super) struct Turn {
    handle: Handle,
    stdout: Stream<StdoutPipe>,
    stderr: Stream<StderrPipe>,
    log: RawLog,
    merge: Merge,
    watchdog: Watchdog,
    grace: Duration,
    events: mpsc::Sender<RunEvent>,
    /// What the worker has not taken yet; nothing is read while there is any.
    outbox: VecDeque<RunEvent>,
    had_output: bool,
    /// What the run was ended for, when it was not left to end by itself.
    ended_for: Option<Verdict>,
}

/// A stop under way.
type Stopping = Option<Pin<Box<dyn Future<Output = Exit> + Send>>>;

/// What happened next.
enum Next {
    Control(Option<Control>),
    Room,
    Abandoned,
    Stdout(usize),
    Stderr(usize),
    Due,
    Limit,
    Exited(Exit),
    Gone(usize),
    Stopped,
    Drained,
}

impl Turn {
    pub(super) fn new(
        run: Launched,
        log: RawLog,
        limits: Limits,
        events: mpsc::Sender<RunEvent>,
    ) -> Self {
        let spawned = RunEvent::Spawned {
            pid: run.pid,
            started: run.started,
        };
        let status = RunEvent::Item(Item::Status {
            text: "started".to_owned(),
        });
        Turn {
            handle: run.handle,
            stdout: Stream::new(run.stdout),
            stderr: Stream::new(run.stderr),
            log,
            merge: Merge::default(),
            watchdog: Watchdog::new(limits, Instant::now()),
            grace: limits.grace,
            events,
            outbox: VecDeque::from([spawned, status]),
            had_output: false,
            ended_for: None,
        }
    }

    /// Serves the run to its end and reports that.
    pub(super) async fn run(mut self, mut controls: mpsc::Receiver<Control>) {
        let (mut exit, mut left, mut listening) = (None, None, true);
        let mut stopping: Stopping = None;
        let mut quiet_since = Instant::now();
        let handle = self.handle.clone();
        let (exited, gone) = (handle.exited(), handle.gone());
        tokio::pin!(exited, gone);
        while left.is_none() || self.is_open() || !self.outbox.is_empty() {
            let blocked = !self.outbox.is_empty();
            let limit = self.watchdog.deadline(blocked);
            let due = self.merge.due();
            let draining = left.is_some() && !blocked;
            let next = tokio::select! {
                biased;
                control = controls.recv(), if listening => Next::Control(control),
                permit = self.events.reserve(), if blocked => match permit {
                    Ok(permit) => {
                        if let Some(event) = self.outbox.pop_front() {
                            permit.send(event);
                        }
                        Next::Room
                    }
                    Err(_) => Next::Abandoned,
                },
                () = self.events.closed(), if !blocked => Next::Abandoned,
                () = at(limit), if limit.is_some() && exit.is_none() && self.ended_for.is_none() => Next::Limit,
                () = at(due), if due.is_some() => Next::Due,
                got = self.stdout.read(), if !blocked => Next::Stdout(got),
                got = self.stderr.read(), if !blocked => Next::Stderr(got),
                status = &mut exited, if exit.is_none() => Next::Exited(status),
                count = &mut gone, if left.is_none() => Next::Gone(count),
                _ = stop(&mut stopping) => Next::Stopped,
                () = sleep_until(quiet_since + DRAIN), if draining => Next::Drained,
            };
            quiet_since = Instant::now();
            match next {
                Next::Control(Some(Control::Stop)) => {
                    self.end_for(Verdict::Stopped, exit, &mut stopping);
                }
                Next::Control(Some(Control::Waits(waits))) => {
                    self.watchdog.waits(waits, quiet_since);
                }
                // A script takes neither answers nor comments: its capabilities say so.
                Next::Control(Some(_)) => {}
                Next::Control(None) => listening = false,
                // Our own side held the script up until now: that was no silence of its own.
                Next::Room => self.watchdog.heard(quiet_since),
                Next::Abandoned => return handle.kill(),
                Next::Limit => {
                    if let Some(failure) = self.watchdog.tripped(quiet_since, blocked) {
                        self.say(Item::Error {
                            text: failure.text.clone(),
                        });
                        self.end_for(Verdict::Failed(failure), exit, &mut stopping);
                    }
                }
                Next::Due => self.flush(),
                Next::Stdout(got) => {
                    let text = self.stdout.text(got);
                    self.take(Source::Stdout, got, &text).await;
                }
                Next::Stderr(got) => {
                    let text = self.stderr.text(got);
                    self.take(Source::Stderr, got, &text).await;
                }
                Next::Exited(status) => exit = Some(status),
                Next::Gone(count) => left = Some(count),
                Next::Stopped => stopping = None,
                Next::Drained => (self.stdout.pipe, self.stderr.pipe) = (None, None),
            }
        }
        // Both may have become known between the look at the one and the look at the other.
        let exit = match exit {
            Some(exit) => exit,
            None => handle.exited().await,
        };
        self.close(exit, left.unwrap_or_default()).await;
    }

    fn is_open(&self) -> bool {
        self.stdout.pipe.is_some() || self.stderr.pipe.is_some()
    }

    /// Logs what was read and puts its text on the way.
    async fn take(&mut self, source: Source, got: usize, text: &str) {
        let now = Instant::now();
        let bytes = match source {
            Source::Stdout => &self.stdout.buffer[..got],
            Source::Stderr => &self.stderr.buffer[..got],
        };
        if got > 0 {
            self.had_output = true;
            self.watchdog.heard(now);
            if let Err(problem) = self.log.write(bytes).await {
                self.say(Item::Error { text: problem });
            }
        }
        if !text.is_empty() && self.events.capacity() >= SPARE {
            self.outbox.push_back(RunEvent::Delta {
                text: text.to_owned(),
                thinking: false,
            });
        }
        let items = self.merge.push(source, text, now);
        self.outbox.extend(items.into_iter().map(RunEvent::Item));
    }

    /// Puts an entry of our own on the way, after what was printed before it.
    fn say(&mut self, item: Item) {
        self.flush();
        self.outbox.push_back(RunEvent::Item(item));
    }

    fn flush(&mut self) {
        self.outbox.extend(self.merge.flush().map(RunEvent::Item));
    }

    /// Ends the run for a reason of ours. One that has ended by itself keeps its own end (T12); asked for again, the
    /// grace is over (C7).
    fn end_for(&mut self, verdict: Verdict, exit: Option<Exit>, stopping: &mut Stopping) {
        if self.ended_for.is_some() {
            self.handle.kill();
        } else if exit.is_none() {
            self.ended_for = Some(verdict);
            let (handle, grace) = (self.handle.clone(), self.grace);
            *stopping = Some(Box::pin(async move { handle.stop(grace).await }));
        }
    }

    /// Reports the end: no process is left, everything printed is on its way.
    async fn close(mut self, exit: Exit, left: usize) {
        if let Err(problem) = self.log.finish().await {
            self.say(Item::Error { text: problem });
        }
        if left > 0 {
            let text = format!("{left} processes of another user could not be ended");
            self.say(Item::Error { text });
        }
        self.flush();
        let outcome = Outcome {
            verdict: self.verdict(exit),
            receipt: None,
            resumable: false,
            resume_rejected: false,
            had_output: self.had_output,
            usage: Vec::new(),
            denials: 0,
        };
        self.outbox.push_back(RunEvent::Ended(outcome));
        for event in self.outbox {
            // A worker that is gone is told nothing.
            if self.events.send(event).await.is_err() {
                return;
            }
        }
    }

    fn verdict(&mut self, exit: Exit) -> Verdict {
        if let Some(verdict) = self.ended_for.take() {
            return verdict;
        }
        let (text, exit) = match exit {
            Exit::Code(0) => (self.stdout.last.last(SUMMARY_LINES), 0),
            Exit::Code(code) => (self.complaint(SUMMARY_LINES), code),
            Exit::Signal(signal) => {
                let said = self.complaint(SUMMARY_LINES - 1);
                let text = format!("ended by {}\n{said}", signal_name(signal));
                (text.trim_end().to_owned(), 128 + signal)
            }
            Exit::Lost => {
                let text = "the supervisor of the script was killed, so its exit status is unknown";
                return Verdict::Failed(Failure::new(Class::Unknown, text));
            }
        };
        Verdict::Completed {
            text,
            exit: Some(exit),
        }
    }

    /// The last lines of what a failed script said.
    fn complaint(&self, count: usize) -> String {
        let said = self.stderr.last.last(count);
        if said.is_empty() {
            self.stdout.last.last(count)
        } else {
            said
        }
    }
}

/// Waits for a moment; for ever when there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Waits for a stop under way; for ever when there is none.
async fn stop(stopping: &mut Stopping) -> Exit {
    match stopping {
        Some(stopping) => stopping.await,
        None => std::future::pending().await,
    }
}
