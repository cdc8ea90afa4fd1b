//! Reads what Claude Code prints, line by line, into what a run reports (R2, R3). Pure: the time is given.

use super::{
    tally::Tally,
    wire::{
        self, ApiRetry, BackgroundTasks, Block, Event, Line, Message, RateLimit, Request,
        SYNTHETIC, TurnResult,
    },
};
use crate::{
    dialogue::{Underway, Unreadable},
    offer::Offer,
    stream::Item,
};
use ripieno_core::time::Timestamp;
use serde_json::{Value, value::RawValue};
use std::borrow::Cow;

/// What a line means for the run.
#[derive(Debug, PartialEq)]
pub(super) enum Signal {
    /// The session's id is known.
    Bound(String),
    /// A user turn has begun: the user line before it was taken.
    TurnStarted,
    /// For the transcript.
    Item(Item),
    /// For live watchers.
    Delta { text: String, thinking: bool },
    /// The agent waits for an answer to this.
    Asked { id: String, request: Box<Request> },
    /// The agent no longer waits for that one.
    Withdrawn(String),
    /// An answer to a request of ours, with what it lets people choose from where it tells that.
    Replied(Option<Offer>),
    /// A turn has ended.
    TurnEnded,
    /// Trying again is of no use: the run is to be cut short (S5, S11).
    Hopeless,
}

/// The last thing known about calls to the provider.
#[derive(Default, Clone, Debug)]
pub(super) struct Trouble {
    pub(super) status: Option<u16>,
    pub(super) code: Option<String>,
    /// When it wanted to try again.
    pub(super) retry_at: Option<Timestamp>,
}

/// How many rejected logins in a row end the run: one may be a token that is being renewed.
const AUTH_REJECTIONS: u32 = 2;

/// How many limited calls in a row end the run: the lane is held then, and the slot is free for others (S5).
const LIMITED_CALLS: u32 = 3;

/// A pause before the next try that is longer than this is a hold of the lane, not of a slot (S5).
const LONGEST_PAUSE_MS: f64 = 60_000.0;

/// What is known of one run so far.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) session: Option<String>,
    pub(super) tally: Tally,
    /// The end of the last turn.
    pub(super) result: Option<TurnResult>,
    /// Whether a turn has begun after it.
    pub(super) in_turn: bool,
    /// The error of the last message Claude Code wrote itself.
    pub(super) synthetic: Option<String>,
    /// The provider refuses or limits, as retries and events said last.
    pub(super) trouble: Option<Trouble>,
    rejections: u32,
    limited: u32,
    /// The plan's allowance is used up, until then where known.
    pub(super) spent: Option<Option<Timestamp>>,
    /// The model or a tool has put something out.
    pub(super) had_output: bool,
    pub(super) tool_ran: bool,
    /// Lines that are no JSON object, and the first of them.
    pub(super) unreadable: Unreadable,
    /// The model has spoken in this turn.
    pub(super) spoke: bool,
    /// How many sub-agents work in the background; each begins a turn when it ends.
    pub(super) agents: usize,
    agents_ended: bool,
    /// The message whose end has not been seen, where parts are printed.
    open_message: Option<String>,
    tools: Underway<Timestamp>,
}

impl Reader {
    /// Whether a tool is at work (R6: the longer limit counts).
    pub(super) fn tool_in_flight(&self) -> bool {
        !self.tools.is_empty()
    }

    /// Whether the last turn is over and the sub-agents that worked on after it have ended since.
    pub(super) fn idle_since_agents(&self) -> bool {
        self.agents_ended && self.agents == 0 && !self.in_turn && self.result.is_some()
    }

    /// Whether the last message of the turn was cut off.
    pub(super) fn message_open(&self) -> bool {
        self.open_message.is_some()
    }

    /// Takes one whole line. Bytes that are no UTF-8 are replaced; what is no JSON is counted and kept.
    pub(super) fn read(&mut self, line: &[u8], now: Timestamp) -> Vec<Signal> {
        // The usual case, several times as fast as the lossy one.
        let text =
            str::from_utf8(line).map_or_else(|_| String::from_utf8_lossy(line), Cow::Borrowed);
        let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
        if text.is_empty() {
            return Vec::new();
        }
        let Some(line) = wire::line(text) else {
            return self.unreadable(text, text.len() as u64);
        };
        let mut out = Vec::new();
        // A refused resume names the session that does not exist.
        let fresh = line.session_id.as_deref().filter(|id| !id.is_empty());
        if let Some(id) = fresh.filter(|_| self.session.is_none() && line.kind != "result") {
            self.session = Some(id.to_owned());
            out.push(Signal::Bound(id.to_owned()));
        }
        self.take(line, text, now, &mut out);
        out
    }

    /// Takes a line that was too long to keep: its head, and how long it was. A request in it is
    /// still named, so that it can be refused rather than left waiting.
    pub(super) fn read_cut(&mut self, head: &[u8], bytes: u64) -> Vec<Signal> {
        let head = String::from_utf8_lossy(head);
        if let Some(id) = request_in(&head) {
            let request = Request {
                subtype: TOO_LONG.to_owned(),
                ..empty_request()
            };
            return vec![Signal::Asked {
                id,
                request: Box::new(request),
            }];
        }
        self.unreadable(&head, bytes)
    }

    fn unreadable(&mut self, text: &str, bytes: u64) -> Vec<Signal> {
        let noted = self.unreadable.note(text, bytes);
        noted.map(Signal::Item).into_iter().collect()
    }

    fn take(&mut self, mut line: Line<'_>, text: &str, now: Timestamp, out: &mut Vec<Signal>) {
        let (message, event) = (line.message.take(), line.event.take());
        let parent = line.parent_tool_use_id.as_deref();
        match (&*line.kind, line.subtype.as_deref()) {
            ("system", Some("init")) => {
                (self.in_turn, self.spoke, self.agents_ended) = (true, false, false);
                out.push(Signal::TurnStarted);
            }
            ("system", Some("api_retry")) => self.retry(text, now, out),
            ("system", Some("compact_boundary")) => out.push(status("conversation compacted")),
            ("system", Some("background_tasks_changed")) => self.background(text),
            ("assistant", _) => self.assistant(&line, message, now, out),
            ("user", _) => self.user(message, now, out),
            ("stream_event", _) => self.stream_event(event, parent, out),
            ("rate_limit_event", _) => self.rate_limit(&line, now),
            ("control_request", _) => self.request(&line, out),
            ("control_cancel_request", _) => {
                out.extend(
                    line.request_id
                        .iter()
                        .map(|id| Signal::Withdrawn(id.to_string())),
                );
            }
            ("control_response", _) => {
                out.extend(line.response.map(wire::offer).map(Signal::Replied))
            }
            ("result", _) => self.turn_end(text, out),
            // Newer versions say things this one does not know; the raw log keeps them.
            _ => {}
        }
    }

    fn retry(&mut self, text: &str, now: Timestamp, out: &mut Vec<Signal>) {
        let Ok(retry) = serde_json::from_str::<ApiRetry>(text) else {
            return;
        };
        let code = retry.error.unwrap_or_else(|| "error".to_owned());
        let seconds = retry.retry_delay_ms / 1000.0;
        let what = retry
            .error_status
            .map_or_else(|| "no answer".to_owned(), |s| format!("HTTP {s}"));
        out.push(status(format!(
            "retrying: {} ({what}), try {} of {}, next in {seconds:.1} s",
            code.replace('_', " "),
            retry.attempt,
            retry.max_retries
        )));
        let auth = code == "authentication_failed" || retry.error_status == Some(401);
        self.rejections = if auth {
            self.rejections.saturating_add(1)
        } else {
            0
        };
        let pause = std::time::Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.trouble = Some(Trouble {
            status: retry.error_status,
            code: Some(code),
            retry_at: Some(now.after(pause)),
        });
        self.limited = if retry.error_status == Some(429) {
            self.limited.saturating_add(1)
        } else {
            0
        };
        if self.rejections >= AUTH_REJECTIONS
            || self.limited >= LIMITED_CALLS
            || retry.retry_delay_ms > LONGEST_PAUSE_MS
        {
            out.push(Signal::Hopeless);
        }
    }

    fn background(&mut self, text: &str) {
        let tasks = serde_json::from_str::<BackgroundTasks>(text)
            .unwrap_or_default()
            .tasks;
        // A shell left running in the background may never end: it is not waited for.
        let agents = tasks
            .iter()
            .filter(|task| task["task_type"] == "local_agent")
            .count();
        self.agents_ended |= agents == 0 && self.agents > 0;
        self.agents = agents;
    }

    fn rate_limit(&mut self, line: &Line<'_>, now: Timestamp) {
        let info = line.rate_limit_info.and_then(parse::<RateLimit>);
        let Some(info) = info.filter(|info| info.status == "rejected") else {
            return;
        };
        let until = info
            .resets_at
            .map(|seconds| Timestamp((seconds * 1000.0) as i64));
        self.spent = Some(until.filter(|at| *at > now));
    }

    fn assistant(
        &mut self,
        line: &Line<'_>,
        message: Option<Message>,
        now: Timestamp,
        out: &mut Vec<Signal>,
    ) {
        let Some(message) = message else {
            return;
        };
        let parent = line.parent_tool_use_id.as_deref();
        let model = message.model.as_deref().unwrap_or_default();
        if model == SYNTHETIC {
            self.synthetic = line.error_code().or_else(|| Some("error".to_owned()));
            out.push(Signal::Item(Item::Error {
                text: message.content.into_text(),
            }));
            return;
        }
        (self.had_output, self.spoke) = (true, true);
        self.synthetic = None;
        self.trouble = None;
        (self.rejections, self.limited) = (0, 0);
        if let (Some(id), Some(tokens)) = (&message.id, message.usage) {
            self.tally.message(id, model, tokens);
        }
        for block in message.content.blocks() {
            out.extend(self.block(block, parent, now));
        }
    }

    fn block(&mut self, block: Block, parent: Option<&str>, now: Timestamp) -> Option<Signal> {
        let item = match block.kind.as_str() {
            "text" => Item::Text {
                text: block.text.unwrap_or_default(),
                stream: parent.map(|call| format!("agent:{call}")),
            },
            "thinking" if parent.is_none() => Item::Thinking {
                text: block.thinking.unwrap_or_default(),
            },
            "tool_use" | "server_tool_use" | "mcp_tool_use" => {
                let id = block.id.unwrap_or_default();
                self.tools.insert(id.clone(), now);
                let tool = block.name.unwrap_or_default();
                let input = block.input;
                if tool == "TodoWrite" {
                    return Some(Signal::Item(Item::Plan {
                        items: input["todos"].clone(),
                    }));
                }
                Item::ToolCall {
                    line: crate::dialogue::describe::one_line(&tool, &input),
                    id,
                    tool,
                    input,
                    spilled: None,
                    parent: parent.map(str::to_owned),
                }
            }
            _ => return None,
        };
        match &item {
            Item::Text { text, .. } | Item::Thinking { text } if text.is_empty() => None,
            _ => Some(Signal::Item(item)),
        }
    }

    fn user(&mut self, message: Option<Message>, now: Timestamp, out: &mut Vec<Signal>) {
        let blocks = message.unwrap_or_default().content.blocks();
        for block in blocks
            .into_iter()
            .filter(|block| block.kind == "tool_result")
        {
            let id = block.tool_use_id.unwrap_or_default();
            let error = block.is_error.unwrap_or(false);
            let ms = self
                .tools
                .remove(&id)
                .map(|began| now.since(began).as_millis() as u64);
            self.had_output = true;
            self.tool_ran |= !error;
            let output = block.content.into_text();
            out.push(Signal::Item(Item::ToolResult {
                id,
                output,
                spilled: None,
                error,
                ms,
            }));
        }
        // The next call of the model follows: what was used so far is told before it (T17).
        self.report_usage(out);
    }

    fn report_usage(&mut self, out: &mut Vec<Signal>) {
        let fresh = self.tally.report();
        out.extend(
            fresh
                .into_iter()
                .map(|usage| Signal::Item(Item::Usage(usage))),
        );
    }

    fn stream_event(&mut self, event: Option<Event>, parent: Option<&str>, out: &mut Vec<Signal>) {
        let Some(event) = event else {
            return;
        };
        self.had_output = true;
        match event.kind.as_str() {
            "message_start" => {
                let message = event.message;
                let id = message.id.unwrap_or_default();
                let model = message.model.unwrap_or_default();
                self.tally
                    .message(&id, &model, message.usage.unwrap_or_default());
                if parent.is_none() {
                    self.open_message = Some(id);
                }
            }
            "content_block_delta" if parent.is_none() => {
                let delta = event.delta;
                let (text, thinking) = match delta.kind.as_str() {
                    "text_delta" => (delta.text, false),
                    "thinking_delta" => (delta.thinking, true),
                    _ => return,
                };
                out.push(Signal::Delta { text, thinking });
            }
            "message_delta" => {
                if let (Some(id), None) = (&self.open_message, parent) {
                    self.tally
                        .message(&id.clone(), "", event.usage.unwrap_or_default());
                }
            }
            "message_stop" if parent.is_none() => self.open_message = None,
            _ => {}
        }
    }

    fn request(&mut self, line: &Line<'_>, out: &mut Vec<Signal>) {
        let (Some(id), Some(request)) = (&line.request_id, line.request) else {
            return;
        };
        let request = parse::<Request>(request).unwrap_or_else(empty_request);
        out.push(Signal::Asked {
            id: id.to_string(),
            request: Box::new(request),
        });
    }

    fn turn_end(&mut self, text: &str, out: &mut Vec<Signal>) {
        // A result that cannot be read is no verdict: the run then ends without one (R7).
        let Ok(result) = serde_json::from_str::<TurnResult>(text) else {
            out.extend(self.unreadable(text, text.len() as u64));
            return;
        };
        self.tally.settle(&result);
        self.in_turn = false;
        self.tools.clear();
        self.result = Some(result);
        self.report_usage(out);
        out.push(Signal::TurnEnded);
    }
}

/// The subtype given to requests whose line was too long to read.
pub(super) const TOO_LONG: &str = "too_long";

fn status(text: impl Into<String>) -> Signal {
    Signal::Item(Item::Status { text: text.into() })
}

fn parse<'a, T: serde::Deserialize<'a>>(raw: &'a RawValue) -> Option<T> {
    serde_json::from_str(raw.get()).ok()
}

fn empty_request() -> Request {
    Request {
        subtype: String::new(),
        tool_name: String::new(),
        input: Value::Null,
        permission_suggestions: Vec::new(),
        blocked_path: None,
        decision_reason: None,
        tool_use_id: None,
        mcp_server_name: String::new(),
        message: String::new(),
        url: None,
        requested_schema: Value::Null,
    }
}

/// The id of a control request, from the head of its line.
fn request_in(head: &str) -> Option<String> {
    let head = head.get(..2000).unwrap_or(head);
    if !head.contains("\"control_request\"") {
        return None;
    }
    let (_, rest) = head.split_once("\"request_id\"")?;
    let rest = rest.trim_start_matches([':', ' ']).strip_prefix('"')?;
    rest.split_once('"').map(|(id, _)| id.to_owned())
}
