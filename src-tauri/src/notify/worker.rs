//! The worker as notifications need it: what there is to tell, whose turn it is to tell it, and what a button asks for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use ripieno_api::error::Code;
use ripieno_api::socket::Surface;
use ripieno_api::{ApiError, Client};
use ripieno_daemon::paths::Home;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::ended::Ended;
use super::facts::{Ask, LaneHold, OpenAsk, Task, World};
use super::notice::{Deed, Refusal};
use super::policy::Input;
use super::settings::Settings;

/// Events within this time are told together.
const SETTLE: Duration = Duration::from_millis(200);
/// How long to wait before a worker that is out of reach is looked for again.
const AGAIN: Duration = Duration::from_secs(2);
/// How long one request may take before the worker counts as out of reach.
const PATIENCE: Duration = Duration::from_secs(20);
/// How many unseen failures are looked at after a start.
const FAILURES: u32 = 200;

/// Tells what there is to tell, as it changes, until nobody listens.
pub(super) async fn follow(home: Home, tell: UnboundedSender<Input>) {
    while !tell.is_closed() {
        if let Err(error) = follow_one(&home, &tell).await {
            tracing::debug!(%error, "the worker is out of reach");
        }
        if tell.send(Input::Offline).is_err() {
            return;
        }
        sleep(AGAIN).await;
    }
}

/// Follows one worker to its end.
async fn follow_one(home: &Home, tell: &UnboundedSender<Input>) -> Result<(), ApiError> {
    let mut events = Client::connect(home).await?;
    let mut known = Known::new(Client::connect(home).await?);
    let subscribe = json!({"snapshot": false});
    events.request("events.subscribe", subscribe).await?;
    let mut news = known.first().await?;
    loop {
        if std::mem::take(&mut news.settings) {
            let view = known.client.request("config.show", json!({})).await?;
            let settings = Settings::from_view(&view);
            known.ended.tell_success(settings.done);
            drop(tell.send(Input::Settings(settings)));
        }
        if std::mem::take(&mut news.world) {
            let world = known.look(&std::mem::take(&mut news.tasks)).await?;
            let open: BTreeSet<String> = world.asks.iter().map(|it| it.ask.id.clone()).collect();
            if tell.send(Input::World(world)).is_err() {
                return Ok(());
            }
            known.forget_closed(open).await;
        }
        let Some(event) = events.next_event().await? else {
            return Ok(());
        };
        known.take(event, &mut news);
        let settled = Instant::now() + SETTLE;
        while let Ok(event) = timeout_at(settled, events.next_event()).await {
            match event? {
                Some(event) => known.take(event, &mut news),
                None => return Ok(()),
            }
        }
    }
}

/// What events have made stale.
#[derive(Debug, Default)]
struct News {
    settings: bool,
    world: bool,
    tasks: BTreeSet<String>,
}

/// The part of an event that says what became stale.
#[derive(Debug, Deserialize)]
struct Event {
    kind: String,
    #[serde(default)]
    task: Option<String>,
    #[serde(default)]
    data: Value,
}

/// What was read of the worker.
#[derive(Debug)]
struct Known {
    client: Client,
    /// The tasks of open asks.
    askers: BTreeMap<String, Task>,
    /// Tasks that ended and may be news.
    ended: Ended,
    /// The asks that were open at the last look.
    open: BTreeSet<String>,
}

impl Known {
    fn new(client: Client) -> Self {
        Self {
            client,
            askers: BTreeMap::new(),
            ended: Ended::default(),
            open: BTreeSet::new(),
        }
    }

    /// Keys of asks that are closed are not needed any more: a closed ask does not open again.
    async fn forget_closed(&mut self, open: BTreeSet<String>) {
        let before = std::mem::replace(&mut self.open, open);
        for closed in before.difference(&self.open) {
            let prefix = json!({"prefix": format!("ask:{closed}:")});
            if let Err(error) = self.client.request("notice.forget", prefix).await {
                tracing::debug!(%error, "keys of a closed ask stay");
            }
        }
    }

    /// Failures from before are looked at once; from then on events name them.
    async fn first(&mut self) -> Result<News, ApiError> {
        let listing = json!({"states": ["failed", "dead"], "limit": FAILURES});
        let mut page = self.client.request("task.list", listing).await?;
        let tasks: Vec<Task> = parse(page["tasks"].take())?;
        for task in tasks {
            self.ended.take(task);
        }
        Ok(News {
            settings: true,
            world: true,
            tasks: BTreeSet::new(),
        })
    }

    /// Notes what an event makes stale.
    fn take(&self, event: Value, news: &mut News) {
        let Ok(event) = serde_json::from_value::<Event>(event) else {
            return;
        };
        let moved = |state: &str| event.data["from"] == state || event.data["to"] == state;
        let ends = ["done", "failed", "dead", "cancelled"]
            .into_iter()
            .any(moved);
        news.settings |= event.kind == "settings_changed";
        news.world |= event.kind.starts_with("ask")
            || event.kind.starts_with("lane_")
            || ends
            || moved("needs_input");
        if let Some(task) = event.task
            && (ends || self.ended.contains(&task))
        {
            news.world = true;
            news.tasks.insert(task);
        }
    }

    /// Reads everything that may be told.
    async fn look(&mut self, changed: &BTreeSet<String>) -> Result<World, ApiError> {
        for id in changed {
            match self.task(id).await? {
                Some(task) => self.ended.take(task),
                None => self.ended.remove(id),
            }
        }
        let mut list = self.client.request("ask.list", json!({})).await?;
        let asks: Vec<Ask> = parse(list["asks"].take())?;
        let mut askers = std::mem::take(&mut self.askers);
        let mut open = Vec::with_capacity(asks.len());
        for ask in asks {
            let task = match ask.task.clone() {
                None => None,
                Some(id) => match askers.remove(&id).or_else(|| self.askers.get(&id).cloned()) {
                    Some(task) => Some(task),
                    None => self.task(&id).await?,
                },
            };
            if let Some(task) = &task {
                self.askers.insert(task.id.clone(), task.clone());
            }
            open.push(OpenAsk { ask, task });
        }
        open.sort_by_key(|open| open.ask.created_at);
        let (holds, limited) = self.limits().await?;
        Ok(World {
            asks: open,
            ended: self.ended.at(Timestamp::now()),
            holds,
            limited,
        })
    }

    async fn task(&mut self, id: &str) -> Result<Option<Task>, ApiError> {
        match self.client.request("task.show", json!({"id": id})).await {
            Ok(view) => parse(view).map(Some),
            Err(gone) if gone.code == Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lanes that a provider's limit holds until a known time, and all whose limit is not known to be over.
    async fn limits(&mut self) -> Result<(Vec<LaneHold>, BTreeSet<String>), ApiError> {
        #[derive(Deserialize)]
        struct Lane {
            lane: String,
            held_until: Option<Timestamp>,
            hold_reason: Option<String>,
        }
        let mut status = self.client.request("status", json!({})).await?;
        let mut lanes: Vec<Lane> = parse(status["lanes"].take())?;
        lanes.retain(|lane| {
            let reason = lane.hold_reason.as_deref();
            matches!(reason, Some("rate_limited" | "quota_exhausted"))
        });
        let holds = lanes.iter().filter_map(|lane| {
            Some(LaneHold {
                lane: lane.lane.clone(),
                until: lane.held_until?,
            })
        });
        let holds = holds.collect();
        Ok((holds, lanes.into_iter().map(|lane| lane.lane).collect()))
    }
}

/// Asks the worker for single things.
#[derive(Debug)]
pub(super) struct Requests {
    home: Home,
    client: Option<Client>,
    /// Claims of a worker too old to keep them: they hold for this run of ours.
    claimed: BTreeSet<String>,
}

impl Requests {
    pub(super) fn new(home: Home) -> Self {
        Self {
            home,
            client: None,
            claimed: BTreeSet::new(),
        }
    }

    /// Claims a key for ever; whether it was the first time. `None` where no worker answered.
    pub(super) async fn claim(&mut self, key: &str) -> Option<bool> {
        match self.request("notice.claim", json!({"key": key})).await {
            Ok(answer) => answer["first"].as_bool(),
            Err(error) if error.code == Code::Incompatible => {
                Some(self.claimed.insert(key.to_owned()))
            }
            Err(error) => {
                tracing::debug!(key, %error, "a claim was not answered");
                None
            }
        }
    }

    /// Carries out what a button asks for.
    ///
    /// # Errors
    /// Why it was not done.
    pub(super) async fn carry_out(home: Home, deed: Deed) -> Result<(), Refusal> {
        let mut own = Self::new(home);
        let (method, params) = match deed {
            Deed::Open => return Ok(()),
            Deed::Retry(task) => ("task.retry", json!({"ids": [task]})),
            Deed::Answer {
                ask,
                option,
                revision,
                once,
            } => {
                let mut answer = json!({"id": ask, "option": option, "revision": revision});
                if once {
                    answer["scope"] = "once".into();
                }
                ("ask.answer", answer)
            }
        };
        match own.request(method, params).await {
            Ok(_) => Ok(()),
            Err(error) => Err(refusal(&error)),
        }
    }

    async fn request(&mut self, method: &str, params: Value) -> Result<Value, ApiError> {
        if let Some(before) = self.client.take() {
            let answer = self.send(before, method, params.clone()).await;
            // The worker of that connection may have ended since; another may be at work now.
            if !is_offline(&answer) {
                return answer;
            }
        }
        let client = Client::connect(&self.home)
            .await?
            .with_surface(Surface::Notification);
        self.send(client, method, params).await
    }

    /// Asks by one connection, and keeps it unless it broke.
    async fn send(
        &mut self,
        mut client: Client,
        method: &str,
        params: Value,
    ) -> Result<Value, ApiError> {
        let late = || ApiError::new(Code::Timeout, "the worker does not answer");
        let answered = timeout(PATIENCE, client.request(method, params)).await;
        let answer = answered.map_err(|_| late())?;
        if !is_offline(&answer) {
            self.client = Some(client);
        }
        answer
    }
}

fn is_offline(answer: &Result<Value, ApiError>) -> bool {
    matches!(answer, Err(error) if error.code == Code::Offline)
}

fn refusal(error: &ApiError) -> Refusal {
    match error.code {
        Code::AlreadyAnswered => {
            let by = error
                .detail
                .as_ref()
                .and_then(|detail| detail["by"].as_str());
            Refusal::Answered {
                by: by.unwrap_or_default().to_owned(),
            }
        }
        Code::NotFound | Code::NotPossibleNow | Code::Conflict => Refusal::Gone,
        _ => Refusal::Other(error.message.clone()),
    }
}

fn parse<T: serde::de::DeserializeOwned>(view: Value) -> Result<T, ApiError> {
    serde_json::from_value(view).map_err(|bad| {
        ApiError::new(
            Code::Incompatible,
            format!("the worker's answer cannot be read ({bad}): are both of one version?"),
        )
    })
}
