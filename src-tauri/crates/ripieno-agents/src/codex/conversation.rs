//! Codex's side of a conversation: the handshake, the thread, its turns and items. Pure: the time is given.

use super::{
    control::{self, Request},
    desk::Desk,
    items,
    wire::{Params, Thread, Tokens, Turn, TurnError, offer},
};
use crate::{
    RunSpec, Session,
    dialogue::{
        Background, Dialogue, Ending, Step, Underway, Unreadable,
        policy::Policy,
        rpc::{Incoming, RpcError, TOO_LONG, parse, request_in},
    },
    stream::{Item, Outcome, Usage},
};
use ripieno_core::{ask::Answer, time::Timestamp};
use serde_json::{Value, value::RawValue};

/// How much of the task's title names the thread (A9), in characters.
const TITLE: usize = 80;

/// How many rejected logins in a row end the run: one may be a token that is being renewed (S11).
const AUTH_REJECTIONS: u32 = 2;

/// How many limited calls in a row end the run: the lane is held then, and the slot is free for others (S5).
const LIMITED_CALLS: u32 = 3;

/// How a turn ended, or why none began.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// As the program says.
    Turn(Turn),
    /// A request of ours was refused.
    Refused(Request, RpcError),
}

/// One conversation with the program.
pub(super) struct Conversation {
    cwd: String,
    model: Option<String>,
    effort: Option<String>,
    resume: Option<String>,
    title: String,
    /// What it is told first, until the thread is there.
    prompt: Option<String>,
    desk: Desk,
    pub(super) thread: Option<String>,
    turn: Option<String>,
    in_turn: bool,
    pub(super) end: Option<End>,
    /// What the model said last.
    pub(super) last_words: String,
    /// Items under way, by id.
    live: Underway<Value>,
    pub(super) usage: Usage,
    reported: Usage,
    /// The last failure of a call that is tried again, or was given up.
    pub(super) trouble: Option<TurnError>,
    /// When the allowance that is used up comes back, in seconds since the epoch.
    pub(super) resets_at: Option<i64>,
    rejections: u32,
    limited: u32,
    pub(super) had_output: bool,
    pub(super) tool_ran: bool,
    pub(super) denials: u32,
    pub(super) unreadable: Unreadable,
}

impl Conversation {
    pub(super) fn new(spec: &RunSpec, prompt: &str, policy: Policy) -> Self {
        let resume = match &spec.session {
            Session::New(_) => None,
            Session::Resume(id) => Some(id.clone()),
        };
        let first = spec.title.lines().next().unwrap_or_default();
        Conversation {
            cwd: spec.folder.display().to_string(),
            model: spec.model.clone(),
            effort: spec.effort.clone(),
            resume,
            title: first.chars().take(TITLE).collect(),
            prompt: Some(prompt.to_owned()),
            desk: Desk::new(policy),
            thread: None,
            turn: None,
            in_turn: false,
            end: None,
            last_words: String::new(),
            live: Underway::default(),
            usage: Usage::default(),
            reported: Usage::default(),
            trouble: None,
            resets_at: None,
            rejections: 0,
            limited: 0,
            had_output: false,
            tool_ran: false,
            denials: 0,
            unreadable: Unreadable::default(),
        }
    }

    /// Whether a thread was to be taken up again.
    pub(super) fn resumes(&self) -> bool {
        self.resume.is_some()
    }

    /// The end of the last turn, when nothing began after it.
    pub(super) fn final_end(&self) -> Option<&End> {
        self.end.as_ref().filter(|_| !self.in_turn)
    }

    fn replied(&mut self, request: Request, result: Option<&RawValue>) -> Vec<Step> {
        match request {
            Request::Initialize => vec![
                Step::Write(control::initialized()),
                Step::Write(control::thread(
                    &self.cwd,
                    self.model.as_deref(),
                    self.resume.as_deref(),
                )),
            ],
            Request::Thread => self.thread_begun(result),
            Request::Models => result
                .and_then(offer)
                .map(Step::Offers)
                .into_iter()
                .collect(),
            Request::Turn | Request::Name | Request::Interrupt | Request::Steer => Vec::new(),
        }
    }

    fn thread_begun(&mut self, result: Option<&RawValue>) -> Vec<Step> {
        let thread: Thread = result.and_then(parse).unwrap_or_default();
        let id = thread.thread.id;
        self.usage.model = thread.model;
        let mut steps = vec![Step::Bound(id.clone())];
        if !self.resumes() && !self.title.is_empty() {
            steps.push(Step::Write(control::name(&id, &self.title)));
        }
        self.thread = Some(id);
        if let Some(prompt) = self.prompt.take() {
            steps.push(Step::Write(self.prompt(&prompt)));
            // For the next task: this one goes on meanwhile.
            steps.push(Step::Write(control::models()));
        }
        steps
    }

    fn refused(&mut self, request: Request, error: RpcError) -> Vec<Step> {
        match request {
            // A name is a courtesy, older versions list no models, and a turn that is over cannot be interrupted.
            Request::Name | Request::Interrupt | Request::Steer | Request::Models => Vec::new(),
            Request::Initialize | Request::Thread | Request::Turn => {
                let text = error.message.clone();
                self.end = Some(End::Refused(request, error));
                self.in_turn = false;
                vec![Step::Item(Item::Error { text }), Step::TurnEnded]
            }
        }
    }

    fn notified(&mut self, method: &str, params: &RawValue) -> Vec<Step> {
        let Some(params) = parse::<Params>(params) else {
            return Vec::new();
        };
        // Sub-agents have threads of their own; their calls are asked for like ours, their turns are not ours.
        let ours = params.thread_id.is_empty() || self.thread.as_ref() == Some(&params.thread_id);
        match method {
            "turn/started" if ours => {
                (self.turn, self.in_turn) = (Some(params.turn.id), true);
                vec![Step::TurnStarted]
            }
            "turn/completed" if ours => self.turn_over(params.turn),
            "item/started" => self.item_started(params.item),
            "item/completed" => self.item_completed(&params.item, ours),
            "item/agentMessage/delta" if ours => delta(params.delta, false),
            "item/reasoning/summaryTextDelta" if ours => delta(params.delta, true),
            "turn/plan/updated" if ours => vec![Step::Item(Item::Plan { items: params.plan })],
            "thread/tokenUsage/updated" => {
                // A thread that is taken up again first tells what its last run used.
                if !ours || self.turn.as_ref() == Some(&params.turn_id) {
                    self.count(params.token_usage.last);
                }
                self.late_usage().into_iter().map(used).collect()
            }
            "account/rateLimits/updated" => {
                let limits = params.rate_limits;
                if let Some(at) = limits.resets_at() {
                    self.resets_at = Some(at);
                } else if limits.rate_limit_reached_type.is_none() {
                    self.resets_at = None;
                }
                Vec::new()
            }
            "error" => params
                .error
                .map(|error| self.failed_call(error, params.will_retry))
                .unwrap_or_default(),
            "warning" | "configWarning" => vec![status(params.message)],
            "serverRequest/resolved" => self.desk.withdraw(&params.request_id),
            // Newer versions say things this one does not know; the raw log keeps them.
            _ => Vec::new(),
        }
    }

    fn turn_over(&mut self, turn: Turn) -> Vec<Step> {
        self.in_turn = false;
        self.live.clear();
        self.end = Some(End::Turn(turn));
        let mut steps: Vec<Step> = self.late_usage().into_iter().map(used).collect();
        steps.push(Step::TurnEnded);
        steps
    }

    fn item_started(&mut self, item: Value) -> Vec<Step> {
        let call = items::call(&item);
        if call.is_some() {
            self.had_output = true;
            self.live.insert(items::id(&item), item);
        }
        call.map(Step::Item).into_iter().collect()
    }

    fn item_completed(&mut self, item: &Value, ours: bool) -> Vec<Step> {
        let began = self.live.remove(&items::id(item)).is_some();
        if let Some(result) = items::result(item) {
            self.had_output = true;
            match item["status"].as_str() {
                Some("declined") => self.denials = self.denials.saturating_add(1),
                _ => self.tool_ran = true,
            }
            let late = (!began).then(|| items::call(item)).flatten();
            return late.into_iter().chain([result]).map(Step::Item).collect();
        }
        let text = items::text(item);
        if text.is_empty() {
            return Vec::new();
        }
        match item["type"].as_str() {
            Some("agentMessage") => {
                self.had_output = true;
                self.recovered();
                if ours {
                    self.last_words.clone_from(&text);
                }
                let stream = (!ours).then(|| "agent".to_owned());
                vec![Step::Item(Item::Text { text, stream })]
            }
            Some("reasoning") => vec![Step::Item(Item::Thinking { text })],
            Some("plan") => vec![Step::Item(Item::Plan {
                items: Value::from(text),
            })],
            _ => Vec::new(),
        }
    }

    fn count(&mut self, last: Tokens) {
        self.recovered();
        let cached = last.cached_input_tokens.min(last.input_tokens);
        let add = |sum: &mut u64, more: u64| *sum = sum.saturating_add(more);
        add(&mut self.usage.input, last.input_tokens - cached);
        add(&mut self.usage.cache_read, cached);
        add(&mut self.usage.cache_write, last.cache_write_input_tokens);
        add(&mut self.usage.output, last.output_tokens);
    }

    /// A call got through: what was refused before says nothing about the end any more.
    fn recovered(&mut self) {
        self.trouble = None;
        (self.rejections, self.limited) = (0, 0);
    }

    fn failed_call(&mut self, error: TurnError, again: bool) -> Vec<Step> {
        let (status_code, code) = (error.status(), error.code());
        let words = error.words();
        self.trouble = Some(error);
        if !again {
            return vec![Step::Item(Item::Error { text: words })];
        }
        let rejected = status_code == Some(401) || code == Some("unauthorized");
        self.rejections = if rejected { self.rejections + 1 } else { 0 };
        let limited = status_code == Some(429);
        self.limited = if limited { self.limited + 1 } else { 0 };
        let mut steps = vec![status(format!("retrying: {words}"))];
        if self.rejections >= AUTH_REJECTIONS || self.limited >= LIMITED_CALLS {
            steps.push(Step::Hopeless);
        }
        steps
    }

    fn asked(&mut self, id: &Value, method: &str, params: Option<&RawValue>) -> Vec<Step> {
        let params = params.and_then(parse::<Value>).unwrap_or(Value::Null);
        let item = params["itemId"].as_str().and_then(|id| self.live.get(id));
        self.desk.request(id, method, &params, item)
    }

    fn unreadable(&mut self, text: &str, bytes: u64) -> Vec<Step> {
        let noted = self.unreadable.note(text, bytes);
        noted.map(Step::Item).into_iter().collect()
    }
}

impl Dialogue for Conversation {
    fn open(&mut self) -> Vec<Vec<u8>> {
        vec![control::initialize()]
    }

    fn line(&mut self, line: &[u8], _now: Timestamp) -> Vec<Step> {
        match Incoming::read(&String::from_utf8_lossy(line)) {
            Incoming::Blank => Vec::new(),
            Incoming::Request { id, method, params } => self.asked(&id, &method, params),
            Incoming::Notification { method, params } => match params {
                Some(params) => self.notified(&method, params),
                None => Vec::new(),
            },
            Incoming::Reply { id, result } => match (Request::of(&id), result) {
                (Some(request), Ok(result)) => self.replied(request, result),
                (Some(request), Err(error)) => self.refused(request, error),
                (None, _) => Vec::new(),
            },
            Incoming::Unreadable(text) => self.unreadable(text, text.len() as u64),
        }
    }

    fn cut(&mut self, head: &[u8], bytes: u64) -> Vec<Step> {
        let head = String::from_utf8_lossy(head).into_owned();
        let mut steps: Vec<Step> = request_in(&head)
            .map(|id| control::refuse(&id, TOO_LONG))
            .map(Step::Write)
            .into_iter()
            .collect();
        steps.extend(self.unreadable(&head, bytes));
        steps
    }

    fn answer(&mut self, key: &str, answer: &Answer) -> Vec<Step> {
        let (mut steps, told) = self.desk.answer(key, answer);
        if let (Some(text), Some(thread), Some(turn)) = (told, &self.thread, &self.turn) {
            steps.push(Step::Write(control::steer(thread, turn, &text)));
        }
        steps
    }

    fn prompt(&mut self, text: &str) -> Vec<u8> {
        self.in_turn = true;
        let thread = self.thread.as_deref().unwrap_or_default();
        control::turn(thread, text, self.effort.as_deref())
    }

    fn cancel(&mut self) -> Vec<Vec<u8>> {
        match (&self.thread, &self.turn) {
            (Some(thread), Some(turn)) if self.in_turn => vec![control::interrupt(thread, turn)],
            _ => Vec::new(),
        }
    }

    fn open_asks(&self) -> usize {
        self.desk.open()
    }

    fn tool_in_flight(&self) -> bool {
        !self.live.is_empty()
    }

    fn between_turns(&self) -> bool {
        self.end.is_some() && !self.in_turn
    }

    fn turn_failed(&self) -> bool {
        match &self.end {
            Some(End::Turn(turn)) => turn.status != "completed",
            Some(End::Refused(..)) => true,
            None => false,
        }
    }

    fn background(&self) -> Background {
        Background::None
    }

    fn late_usage(&mut self) -> Vec<Usage> {
        let (now, before) = (&self.usage, &self.reported);
        let fresh = Usage {
            model: now.model.clone(),
            input: now.input - before.input,
            output: now.output - before.output,
            cache_read: now.cache_read - before.cache_read,
            cache_write: now.cache_write - before.cache_write,
            cost_micros: None,
        };
        self.reported = self.usage.clone();
        let nothing = Usage {
            model: fresh.model.clone(),
            ..Usage::default()
        };
        if fresh == nothing {
            Vec::new()
        } else {
            vec![fresh]
        }
    }

    fn conclude(&self, ending: &Ending) -> Outcome {
        super::verdict::conclude(self, ending)
    }
}

fn used(usage: Usage) -> Step {
    Step::Item(Item::Usage(usage))
}

fn status(text: impl Into<String>) -> Step {
    Step::Item(Item::Status { text: text.into() })
}

fn delta(text: String, thinking: bool) -> Vec<Step> {
    vec![Step::Delta { text, thinking }]
}
