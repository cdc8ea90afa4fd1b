//! An agent's side of a conversation: the handshake, the session, its turns. Pure: the time is given.

mod setup;

use super::{
    call::Call,
    control::{self, Request},
    desk::Desk,
    options::Options,
    profile::Profile,
    spoken::{Spoken, Voice},
    usage::Tally,
};
use crate::{
    RunSpec, Session,
    dialogue::{
        Background, Dialogue, Ending, Step, Underway, Unreadable,
        policy::Policy,
        rpc::{Incoming, RpcError, TOO_LONG, parse, request_in},
    },
    stream::{Item, Outcome, Usage},
    tools::TaskTools,
};
use agent_client_protocol_schema::{
    ProtocolVersion,
    v1::{
        AgentCapabilities, InitializeResponse, PromptResponse, RequestPermissionRequest,
        SessionUpdate, StopReason, ToolCallStatus, ToolCallUpdate,
    },
};
use ripieno_core::{ask::Answer, time::Timestamp};
use serde_json::{Value, value::RawValue};

/// How a turn ended, or why none began.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// As the agent says.
    Turn(StopReason),
    /// In a way this version does not know.
    Unclear(String),
    /// A request of ours was refused.
    Refused(Request, RpcError),
}

/// One conversation with an agent.
pub(super) struct Conversation {
    pub(super) profile: Profile,
    folder: String,
    tools: Option<TaskTools>,
    model: Option<String>,
    effort: Option<String>,
    resume: Option<String>,
    /// What it is told first, until the session is there.
    prompt: Option<String>,
    desk: Desk,
    can: AgentCapabilities,
    pub(super) session: Option<String>,
    /// What is still to be set before the first turn.
    setup: Vec<Request>,
    /// What the session can be set to.
    options: Options,
    turns: u64,
    in_turn: bool,
    /// Whether the agent has shown that it took the turn up.
    taken: bool,
    pub(super) end: Option<End>,
    pub(super) spoken: Spoken,
    live: Underway<Call>,
    pub(super) tally: Tally,
    /// What a person said with a refusal: it begins the next turn.
    told: Vec<String>,
    pub(super) had_output: bool,
    pub(super) tool_ran: bool,
    pub(super) denials: u32,
    pub(super) unreadable: Unreadable,
}

impl Conversation {
    pub(super) fn new(profile: &Profile, spec: &RunSpec, prompt: &str, policy: Policy) -> Self {
        let resume = match &spec.session {
            Session::New(_) => None,
            Session::Resume(id) => Some(id.clone()),
        };
        let model = spec.model.clone().filter(|_| profile.model_flag.is_none());
        let mut tally = Tally::default();
        tally.model = spec.model.clone().unwrap_or_else(|| profile.name.clone());
        if resume.is_none() {
            tally.begins();
        }
        Conversation {
            profile: profile.clone(),
            folder: spec.folder.display().to_string(),
            tools: spec.tools.clone(),
            model,
            effort: spec.effort.clone(),
            resume,
            prompt: Some(prompt.to_owned()),
            desk: Desk::new(profile, policy),
            can: AgentCapabilities::new(),
            session: None,
            setup: Vec::new(),
            options: Options::default(),
            turns: 0,
            in_turn: false,
            taken: false,
            end: None,
            spoken: Spoken::default(),
            live: Underway::default(),
            tally,
            told: Vec::new(),
            had_output: false,
            tool_ran: false,
            denials: 0,
            unreadable: Unreadable::default(),
        }
    }

    /// Whether a session was to be taken up again.
    pub(super) fn resumes(&self) -> bool {
        self.resume.is_some()
    }

    /// The end of the last turn, when nothing began after it.
    pub(super) fn final_end(&self) -> Option<&End> {
        self.end.as_ref().filter(|_| !self.in_turn)
    }

    fn replied(&mut self, request: Request, result: Option<&RawValue>) -> Vec<Step> {
        match request {
            Request::Initialize => self.greeted(result),
            Request::Session => self.session_begun(result),
            Request::Model => self.model_set(result),
            Request::Mode | Request::Effort => self.set_up(),
            Request::Prompt(turn) if turn + 1 == self.turns => self.turn_over(result),
            Request::Prompt(_) => Vec::new(),
        }
    }

    fn greeted(&mut self, result: Option<&RawValue>) -> Vec<Step> {
        let hello: Option<InitializeResponse> = result.and_then(parse);
        let Some(hello) = hello.filter(|hello| hello.protocol_version == ProtocolVersion::V1)
        else {
            let message = "it speaks another version of the protocol than 1".to_owned();
            return self.refused(
                Request::Initialize,
                RpcError {
                    message,
                    ..RpcError::default()
                },
            );
        };
        self.can = hello.agent_capabilities;
        let line = match &self.resume {
            None => Some(control::new_session(&self.folder, self.tools.as_ref())),
            Some(id) => control::old_session(&self.can, id, &self.folder, self.tools.as_ref()),
        };
        match line {
            Some(line) => vec![Step::Write(line)],
            None => {
                let message = "session not found: it takes no session up again".to_owned();
                self.refused(
                    Request::Session,
                    RpcError {
                        message,
                        ..RpcError::default()
                    },
                )
            }
        }
    }

    fn refused(&mut self, request: Request, error: RpcError) -> Vec<Step> {
        if let (Request::Effort, Some(wanted)) = (request, &self.effort) {
            let mut steps = vec![setup::not_taken(wanted, &[])];
            steps.extend(self.set_up());
            return steps;
        }
        let mut steps = self.settle();
        steps.push(Step::Item(Item::Error {
            text: error.message.clone(),
        }));
        self.end = Some(End::Refused(request, error));
        self.in_turn = false;
        steps.push(Step::TurnEnded);
        steps
    }

    fn turn_over(&mut self, result: Option<&RawValue>) -> Vec<Step> {
        let mut steps = self.taken_up();
        steps.extend(self.settle());
        self.in_turn = false;
        self.end = Some(match result.and_then(parse::<PromptResponse>) {
            Some(response) => {
                self.tally.turn(&response);
                End::Turn(response.stop_reason)
            }
            None => End::Unclear(result.map_or("", RawValue::get).chars().take(300).collect()),
        });
        steps.extend(self.tally.steps());
        let told = std::mem::take(&mut self.told);
        // A refusal may be the turn's end: its reason is said all the same.
        if !told.is_empty() && !matches!(self.end, Some(End::Unclear(_))) {
            steps.push(Step::Write(self.prompt(&told.join("\n\n"))));
        } else {
            steps.push(Step::TurnEnded);
        }
        steps
    }

    /// What was under way is over.
    fn settle(&mut self) -> Vec<Step> {
        let steps = self.spoken.end();
        self.live.clear();
        steps
    }

    fn taken_up(&mut self) -> Vec<Step> {
        let first = self.in_turn && !std::mem::replace(&mut self.taken, true);
        first.then_some(Step::TurnStarted).into_iter().collect()
    }

    fn updated(&mut self, params: &RawValue) -> Vec<Step> {
        let told = parse::<Value>(params).unwrap_or_default();
        // Sub-agents may have sessions of their own; their words are not ours.
        let ours = self.session.is_none() || told["sessionId"].as_str() == self.session.as_deref();
        let Ok(update) = serde_json::from_value::<SessionUpdate>(told["update"].clone()) else {
            // Newer versions say things this one does not know; the raw log keeps them.
            return Vec::new();
        };
        if let (SessionUpdate::UsageUpdate(usage), true) = (&update, ours)
            && let Some(cost) = &usage.cost
        {
            self.tally.session_cost(cost, self.in_turn);
        }
        // Before the first turn a session that is taken up again tells its history.
        if !ours || !self.in_turn {
            return Vec::new();
        }
        let heard = match update {
            SessionUpdate::UsageUpdate(_) => return self.tally.steps(),
            SessionUpdate::AgentMessageChunk(chunk) => {
                self.had_output = true;
                self.spoken.piece(Voice::Said, chunk)
            }
            SessionUpdate::AgentThoughtChunk(chunk) => self.spoken.piece(Voice::Thought, chunk),
            SessionUpdate::ToolCall(call) => {
                let id = call.tool_call_id.0.to_string();
                self.live.insert(id.clone(), Call::new(call));
                self.call_moved(&id)
            }
            SessionUpdate::ToolCallUpdate(update) => self.call_updated(update),
            SessionUpdate::Plan(plan) => match serde_json::to_value(plan.entries) {
                Ok(items) => vec![Step::Item(Item::Plan { items })],
                Err(_) => Vec::new(),
            },
            _ => return Vec::new(),
        };
        let mut steps = self.taken_up();
        steps.extend(heard);
        steps
    }

    fn call_updated(&mut self, update: ToolCallUpdate) -> Vec<Step> {
        let id = update.tool_call_id.0.to_string();
        match self.live.get_mut(&id) {
            Some(known) => known.call.update(update.fields),
            None => self.live.insert(id.clone(), Call::heard_late(update)),
        }
        self.call_moved(&id)
    }

    /// Tells the transcript what is new about a call.
    fn call_moved(&mut self, id: &str) -> Vec<Step> {
        self.had_output = true;
        let Some(call) = self.live.get_mut(id) else {
            return Vec::new();
        };
        let mut steps = self.spoken.end();
        steps.extend(call.begun(false).map(Step::Item));
        if let Some(result) = call.ended() {
            self.tool_ran |= call.call.status == ToolCallStatus::Completed;
            self.live.remove(id);
            steps.push(Step::Item(result));
        }
        steps
    }

    fn asked(&mut self, id: &Value, method: &str, params: Option<&RawValue>) -> Vec<Step> {
        match method {
            "session/request_permission" => {
                match params.and_then(parse::<RequestPermissionRequest>) {
                    Some(request) => self.leave_asked(id, request),
                    None => refuse(id, "the request cannot be read"),
                }
            }
            "elicitation/create" => {
                let params = params.and_then(parse::<Value>).unwrap_or_default();
                self.desk.form(id, &params)
            }
            other => refuse(id, &format!("`{other}` is not supported")),
        }
    }

    fn leave_asked(&mut self, id: &Value, request: RequestPermissionRequest) -> Vec<Step> {
        let name = request.tool_call.tool_call_id.0.to_string();
        let mut steps = self.taken_up();
        steps.extend(self.call_updated(request.tool_call));
        let Some(call) = self.live.get_mut(&name) else {
            // A call that is over needs no leave any more.
            steps.push(Step::Write(control::answer(id, &control::outcome(None))));
            return steps;
        };
        steps.extend(call.begun(true).map(Step::Item));
        let (more, denied) = self.desk.leave(id, call, request.options);
        self.denials = self.denials.saturating_add(u32::from(denied));
        steps.extend(more);
        steps
    }

    fn unreadable(&mut self, text: &str, bytes: u64) -> Vec<Step> {
        let noted = self.unreadable.note(text, bytes);
        noted.map(Step::Item).into_iter().collect()
    }
}

fn refuse(id: &Value, why: &str) -> Vec<Step> {
    vec![Step::Write(control::refuse(id, why))]
}

impl Dialogue for Conversation {
    fn open(&mut self) -> Vec<Vec<u8>> {
        vec![control::initialize()]
    }

    fn line(&mut self, line: &[u8], _now: Timestamp) -> Vec<Step> {
        match Incoming::read(&String::from_utf8_lossy(line)) {
            Incoming::Blank => Vec::new(),
            Incoming::Request { id, method, params } => self.asked(&id, &method, params),
            Incoming::Notification { method, params } => match (&*method, params) {
                ("session/update", Some(params)) => self.updated(params),
                ("$/cancel_request", Some(params)) => {
                    let params = parse::<Value>(params).unwrap_or_default();
                    self.desk.withdraw(&params["requestId"])
                }
                _ => Vec::new(),
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
        let answered = self.desk.answer(key, answer);
        self.denials = self.denials.saturating_add(u32::from(answered.denied));
        self.told.extend(answered.told);
        answered.steps
    }

    fn prompt(&mut self, text: &str) -> Vec<u8> {
        let turn = self.turns;
        self.turns = self.turns.saturating_add(1);
        (self.in_turn, self.taken) = (true, false);
        control::prompt(self.session.as_deref().unwrap_or_default(), turn, text)
    }

    fn cancel(&mut self) -> Vec<Vec<u8>> {
        match &self.session {
            Some(session) if self.in_turn => {
                let mut lines = vec![control::cancel(session)];
                lines.extend(self.desk.cancelled());
                lines
            }
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
            Some(End::Turn(reason)) => *reason != StopReason::EndTurn,
            Some(End::Unclear(_) | End::Refused(..)) => true,
            None => false,
        }
    }

    fn background(&self) -> Background {
        Background::None
    }

    fn late_usage(&mut self) -> Vec<Usage> {
        self.tally.late()
    }

    fn conclude(&self, ending: &Ending) -> Outcome {
        super::verdict::conclude(self, ending)
    }
}
