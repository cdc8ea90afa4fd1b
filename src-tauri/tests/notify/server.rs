//! A notification server (freedesktop specification 1.3) that records everything and presses what it is told to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use zbus::object_server::SignalEmitter;
use zbus::{OwnedVariant, Variant};

pub const PATIENCE: Duration = Duration::from_secs(60);
const PATH: &str = "/org/freedesktop/Notifications";
/// What the specification calls optional, as a full desktop has it.
pub const ALL: [&str; 5] = ["actions", "body", "body-markup", "persistence", "sound"];

/// A banner as the server was asked to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Banner {
    pub id: u32,
    pub replaces: u32,
    pub title: String,
    pub body: String,
    /// Keys with labels.
    pub actions: Vec<(String, String)>,
    pub urgency: u8,
    pub entry: String,
    pub category: String,
}

impl Banner {
    /// The key of the button that says this.
    pub fn key(&self, label: &str) -> String {
        let found = self
            .actions
            .iter()
            .find(|(key, own)| own == label && key != "default");
        found
            .unwrap_or_else(|| panic!("no button {label} in {self:?}"))
            .0
            .clone()
    }

    pub fn labels(&self) -> Vec<&str> {
        let buttons = self.actions.iter().filter(|(key, _)| key != "default");
        buttons.map(|(_, label)| label.as_str()).collect()
    }
}

/// Everything that was asked of the server.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Every call of `Notify`, in order.
    pub shown: Vec<Banner>,
    /// Every call of `CloseNotification`.
    pub closed: Vec<u32>,
    /// What is on screen.
    pub live: BTreeMap<u32, Banner>,
}

struct Desk {
    capabilities: Vec<String>,
    record: watch::Sender<Record>,
    next: u32,
    frozen: Arc<AtomicBool>,
}

#[zbus::interface(name = "org.freedesktop.Notifications")]
impl Desk {
    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    #[allow(clippy::too_many_arguments)]
    fn notify(
        &mut self,
        _app_name: &str,
        replaces_id: u32,
        _app_icon: &str,
        summary: &str,
        body: &str,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        _expire_timeout: i32,
    ) -> u32 {
        let id = if replaces_id == 0 {
            self.next += 1;
            self.next
        } else {
            replaces_id
        };
        let word = |name: &str| match hints.get(name).map(|value| &**value) {
            Some(Variant::Str(text)) => text.to_string(),
            _ => String::new(),
        };
        let banner = Banner {
            id,
            replaces: replaces_id,
            title: summary.to_owned(),
            body: body.to_owned(),
            actions: actions
                .chunks(2)
                .map(|pair| (pair[0].clone(), pair[1].clone()))
                .collect(),
            urgency: match hints.get("urgency").map(|value| &**value) {
                Some(Variant::U8(urgency)) => *urgency,
                _ => u8::MAX,
            },
            entry: word("desktop-entry"),
            category: word("category"),
        };
        self.record.send_modify(|record| {
            record.shown.push(banner.clone());
            record.live.insert(id, banner);
        });
        id
    }

    async fn close_notification(
        &mut self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        if self.frozen.load(Ordering::Relaxed) {
            return std::future::pending().await;
        }
        let mut was_there = false;
        self.record.send_modify(|record| {
            record.closed.push(id);
            was_there = record.live.remove(&id).is_some();
        });
        if !was_there {
            return Err(zbus::fdo::Error::Failed(String::new()));
        }
        Self::notification_closed(&emitter, id, 3).await?;
        Ok(())
    }

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, key: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn notification_closed(
        emitter: &SignalEmitter<'_>,
        id: u32,
        reason: u32,
    ) -> zbus::Result<()>;
}

pub struct Server {
    bus: zbus::Connection,
    record: watch::Receiver<Record>,
    tell: watch::Sender<Record>,
    frozen: Arc<AtomicBool>,
}

impl Server {
    /// Takes the name on the bus, also from one that has it; the server ends when this is dropped.
    pub async fn start(address: &str, capabilities: &[&str]) -> Self {
        Self::start_after(address, capabilities, 0).await
    }

    /// The same, where so many banners were shown already.
    pub async fn start_after(address: &str, capabilities: &[&str], shown: u32) -> Self {
        let (tell, record) = watch::channel(Record::default());
        let frozen = Arc::new(AtomicBool::new(false));
        let desk = Desk {
            capabilities: capabilities.iter().map(|name| (*name).to_owned()).collect(),
            record: tell.clone(),
            next: shown,
            frozen: Arc::clone(&frozen),
        };
        let bus = zbus::connection::Builder::address(address)
            .name("org.freedesktop.Notifications")
            .allow_name_replacements(true)
            .replace_existing_names(true)
            .serve_at(PATH, desk)
            .build()
            .await
            .unwrap();
        Self {
            bus,
            record,
            tell,
            frozen,
        }
    }

    /// Everything so far.
    pub fn record(&self) -> Record {
        self.record.borrow().clone()
    }

    /// Waits until the record is so.
    pub async fn wait<T>(&self, what: &str, look: impl Fn(&Record) -> Option<T>) -> T {
        let mut record = self.record.clone();
        let seen = record.wait_for(|record| look(record).is_some());
        let waited = tokio::time::timeout(PATIENCE, seen).await;
        let found = waited.is_ok_and(|seen| seen.is_ok());
        let now = self.record();
        assert!(found, "waited {PATIENCE:?} for {what}; so far {now:#?}");
        look(&now).unwrap_or_else(|| panic!("{what} came and went: {now:#?}"))
    }

    /// Waits for a banner on screen whose title has this in it.
    pub async fn banner(&self, title: &str) -> Banner {
        let what = format!("a banner {title:?}");
        self.wait(&what, |record| {
            record
                .live
                .values()
                .find(|it| it.title.contains(title))
                .cloned()
        })
        .await
    }

    /// Waits until a banner is gone from the screen.
    pub async fn gone(&self, id: u32) {
        let what = format!("the end of banner {id}");
        self.wait(&what, |record| {
            (!record.live.contains_key(&id)).then_some(())
        })
        .await;
    }

    /// Presses a button, or `default` for the banner itself; it closes, as most servers have it.
    pub async fn press(&self, id: u32, key: &str) {
        self.say_pressed(id, key).await;
        self.dismiss(id).await;
    }

    /// Tells of a press, whatever is on screen.
    pub async fn say_pressed(&self, id: u32, key: &str) {
        let emitter = self.emitter();
        Desk::action_invoked(&emitter, id, key).await.unwrap();
    }

    /// Closes a banner as a person does.
    pub async fn dismiss(&self, id: u32) {
        self.tell.send_modify(|record| {
            record.live.remove(&id);
        });
        let emitter = self.emitter();
        Desk::notification_closed(&emitter, id, 2).await.unwrap();
    }

    /// Takes no banner away any more, and answers nothing more to whoever asks for it.
    pub fn freeze(&self) {
        self.frozen.store(true, Ordering::Relaxed);
    }

    /// Leaves the bus, as a server that crashed does.
    pub async fn die(self) {
        self.bus.close().await.unwrap();
    }

    fn emitter(&self) -> SignalEmitter<'static> {
        SignalEmitter::new(&self.bus, PATH).unwrap()
    }
}
