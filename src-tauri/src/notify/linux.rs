//! Banners by the freedesktop notification server of the session (specification 1.3).
//!
//! One connection for all: servers send what was pressed to the connection that showed the banner, and some take a
//! program's banners away when a connection of its ends.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use zbus::Variant;

use super::{Ability, Heard, Mark, Unshown};
use crate::notify::notice::{Notice, Subject, Urgency};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// The name of our desktop entry, by which servers find icon and settings.
const DESKTOP_ENTRY: &str = "Ripieno";
/// The name of our icon in the theme.
const ICON: &str = "ripieno-desktop";

/// The interface as the specification has it.
#[zbus::proxy(
    interface = "org.freedesktop.Notifications",
    default_service = "org.freedesktop.Notifications",
    default_path = "/org/freedesktop/Notifications"
)]
trait Notifications {
    /// What the server can do beyond the least.
    fn get_capabilities(&self) -> zbus::Result<Vec<String>>;

    /// Shows a banner, or puts it in the place of another.
    #[allow(clippy::too_many_arguments)]
    fn notify(
        &self,
        app_name: &str,
        replaces_id: u32,
        app_icon: &str,
        summary: &str,
        body: &str,
        actions: &[&str],
        hints: HashMap<&str, Variant<'_>>,
        expire_timeout: i32,
    ) -> zbus::Result<u32>;

    /// Takes a banner away.
    fn close_notification(&self, id: u32) -> zbus::Result<()>;

    /// A button was pressed, or the banner itself.
    #[zbus(signal)]
    fn action_invoked(&self, id: u32, action_key: &str) -> zbus::Result<()>;

    /// A banner is gone, for whatever reason.
    #[zbus(signal)]
    fn notification_closed(&self, id: u32, reason: u32) -> zbus::Result<()>;
}

/// What the server said it can do.
#[derive(Debug, Clone, Copy, Default)]
struct Skills {
    actions: bool,
    body: bool,
    markup: bool,
}

impl Skills {
    fn of(names: &[String]) -> Self {
        let has = |wanted: &str| names.iter().any(|name| name == wanted);
        Self {
            actions: has("actions"),
            body: has("body"),
            markup: has("body-markup"),
        }
    }
}

/// The way to the server, while the session bus is there.
#[derive(Debug)]
struct Way {
    server: NotificationsProxy<'static>,
    listener: AbortHandle,
}

impl Drop for Way {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

/// The banners of this program.
#[derive(Debug)]
pub(in crate::notify) struct Banners {
    heard: UnboundedSender<Heard>,
    way: Option<Way>,
    skills: Option<Skills>,
    /// Who said so.
    owner: Option<String>,
    shown: BTreeMap<Subject, Mark>,
}

impl Banners {
    /// None yet; what comes back from them is told to `heard`.
    pub(in crate::notify) fn new(heard: UnboundedSender<Heard>) -> Self {
        Self {
            heard,
            way: None,
            skills: None,
            owner: None,
            shown: BTreeMap::new(),
        }
    }

    /// Asks what can be shown; a server that the bus can start is started by it.
    pub(in crate::notify) async fn look(&mut self) -> Ability {
        self.skills = match self.ask().await {
            Ok(skills) => Some(skills),
            Err(error) => {
                tracing::info!(%error, "no notification server");
                self.forget();
                // A bus that answers says when a server comes; one that does not is looked for anew.
                if !matches!(error, zbus::Error::MethodError(..) | zbus::Error::FDO(_)) {
                    self.way = None;
                }
                None
            }
        };
        Ability {
            available: self.skills.is_some(),
            actions: self.skills.is_some_and(|skills| skills.actions),
        }
    }

    /// The banners went with their server; numbers of a new one mean others.
    pub(in crate::notify) fn forget(&mut self) {
        self.shown.clear();
        self.skills = None;
        self.owner = None;
    }

    /// Who shows the banners; `None` while nobody does.
    pub(in crate::notify) fn owner(&self) -> Option<&str> {
        self.owner.as_deref()
    }

    /// Whether this banner is the one about a subject now.
    pub(in crate::notify) fn shows(&self, subject: &Subject, mark: Mark) -> bool {
        self.shown.get(subject) == Some(&mark)
    }

    /// Shows a banner in place of the one about the same subject.
    ///
    /// # Errors
    /// There is no server, or it refused.
    pub(in crate::notify) async fn show(&mut self, notice: &Notice) -> Result<Mark, Unshown> {
        let (Some(way), Some(skills)) = (&self.way, self.skills) else {
            return Err(Unshown::NoServer);
        };
        let replaced = self.shown.get(&notice.subject).map_or(0, |mark| mark.0);
        let body = match (skills.body, skills.markup) {
            (false, _) => String::new(),
            (true, false) => notice.body.clone(),
            (true, true) => escaped(&notice.body),
        };
        let actions = actions(notice, skills);
        let sent = way.server.notify(
            "Ripieno",
            replaced,
            ICON,
            &notice.title,
            &body,
            &actions,
            hints(notice),
            -1,
        );
        let refused = |error: zbus::Error| Unshown::Refused(error.to_string());
        let id = sent.await.map_err(refused)?;
        self.shown.insert(notice.subject.clone(), Mark(id));
        Ok(Mark(id))
    }

    /// Takes a banner away, when it is still there.
    pub(in crate::notify) async fn withdraw(&mut self, subject: &Subject) {
        let (Some(way), Some(mark)) = (&self.way, self.shown.remove(subject)) else {
            return;
        };
        if let Err(error) = way.server.close_notification(mark.0).await {
            tracing::debug!(%subject, %error, "a notification was gone already");
        }
    }

    async fn ask(&mut self) -> zbus::Result<Skills> {
        if self.way.is_none() {
            // A bus that hangs takes the connection and says nothing.
            let connected = timeout(PATIENCE, self.connect()).await;
            self.way = Some(connected.map_err(|_| silent_bus())??);
        }
        let Some(way) = &self.way else {
            return Err(zbus::Error::InvalidReply);
        };
        let skills = Skills::of(&way.server.get_capabilities().await?);
        let bus = zbus::fdo::DBusProxy::new(way.server.inner().connection()).await?;
        let name = way.server.inner().destination().clone();
        self.owner = Some(bus.get_name_owner(name).await?.to_string());
        Ok(skills)
    }

    async fn connect(&self) -> zbus::Result<Way> {
        let bus = zbus::connection::Builder::session()
            .method_timeout(PATIENCE)
            .build()
            .await?;
        let server = NotificationsProxy::new(&bus).await?;
        let listener = listen(&server, self.heard.clone()).await?;
        Ok(Way { server, listener })
    }
}

fn silent_bus() -> zbus::Error {
    zbus::Error::Failure(format!("the session bus did not answer in {PATIENCE:?}"))
}

/// Tells everything that comes back, in order, until the bus is gone.
async fn listen(
    server: &NotificationsProxy<'static>,
    heard: UnboundedSender<Heard>,
) -> zbus::Result<AbortHandle> {
    let mut pressed = server.receive_action_invoked().await?;
    let mut closed = server.receive_notification_closed().await?;
    let mut owners = server.inner().receive_owner_changed().await?;
    let listener = async move {
        loop {
            let news = tokio::select! {
                // What a new server says comes after the news of it.
                biased;
                Some(owner) = owners.next() => Some(Heard::Server {
                    owner: owner.map(|owner| owner.to_string()),
                }),
                Some(signal) = pressed.next() => signal.args().ok().map(|said| {
                    Heard::Pressed(Mark(said.id), said.action_key.to_owned())
                }),
                Some(signal) = closed.next() => {
                    signal.args().ok().map(|said| Heard::Gone(Mark(said.id)))
                }
                else => break,
            };
            if news.is_some_and(|news| heard.send(news).is_err()) {
                return;
            }
        }
        drop(heard.send(Heard::Server { owner: None }));
    };
    Ok(tokio::spawn(listener).abort_handle())
}

/// Pairs of key and label; a click on the banner itself is `default`.
fn actions(notice: &Notice, skills: Skills) -> Vec<&str> {
    if !skills.actions {
        return Vec::new();
    }
    let open = notice
        .buttons
        .last()
        .map(|button| ("default", button.label.as_str()));
    let buttons = notice
        .buttons
        .iter()
        .map(|button| (button.id.as_str(), button.label.as_str()));
    open.into_iter()
        .chain(buttons)
        .flat_map(|(key, label)| [key, label])
        .collect()
}

fn hints(notice: &Notice) -> HashMap<&'static str, Variant<'static>> {
    let urgency: u8 = match notice.urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
    };
    let category = match &notice.subject {
        Subject::Ask(_) | Subject::Answer(_) | Subject::Many => "x-ripieno.ask",
        Subject::Task(_) => "x-ripieno.task",
        Subject::Lane(_) => "x-ripieno.lane",
        Subject::Trial => "x-ripieno.trial",
    };
    HashMap::from([
        ("urgency", Variant::from(urgency)),
        ("category", Variant::from(category)),
        ("desktop-entry", Variant::from(DESKTOP_ENTRY)),
        ("suppress-sound", Variant::from(true)),
    ])
}

/// The text for a server that reads markup: shown as it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
    out
}
