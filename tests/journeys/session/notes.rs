//! The notification server: keeps what programs show, as a person would see it.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};

use zbus::{OwnedVariant, interface};

use super::PATIENCE;

pub const NAME: &str = "org.freedesktop.Notifications";
pub const PATH: &str = "/org/freedesktop/Notifications";
pub const INTERFACE: &str = NAME;

/// A notification as it was shown.
#[derive(Debug, Clone)]
pub struct Note {
    pub id: u32,
    pub summary: String,
    pub body: String,
    /// Id and label of each button.
    pub actions: Vec<(String, String)>,
    /// The desktop file that it says it belongs to.
    pub desktop_entry: Option<String>,
    /// Whether it was taken back.
    pub closed: bool,
}

impl Note {
    /// The id of the button with this label.
    pub fn button(&self, label: &str) -> &str {
        self.actions
            .iter()
            .find(|(_, words)| words == label)
            .map(|(id, _)| id.as_str())
            .unwrap_or_else(|| panic!("no button `{label}`: {self:#?}"))
    }
}

#[derive(Default)]
pub struct Notes {
    all: Mutex<Vec<Note>>,
    changed: Condvar,
}

impl Notes {
    /// The first notification for which `look` says yes.
    pub fn wait_for(&self, what: &str, look: impl Fn(&Note) -> bool) -> Note {
        let mut found = None;
        let all = self.all.lock().expect("the notifications are whole");
        let (all, _) = self
            .changed
            .wait_timeout_while(all, PATIENCE, |all| {
                found = all.iter().find(|note| look(note)).cloned();
                found.is_none()
            })
            .expect("the notifications are whole");
        found.unwrap_or_else(|| panic!("waited {PATIENCE:?} for {what}: {all:#?}"))
    }

    /// Everything shown so far, also what was taken back.
    pub fn all(&self) -> Vec<Note> {
        self.all
            .lock()
            .expect("the notifications are whole")
            .clone()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Vec<Note>) -> T) -> T {
        let result = change(&mut self.all.lock().expect("the notifications are whole"));
        self.changed.notify_all();
        result
    }
}

/// The service itself, able to do what GNOME's and KDE's can.
pub struct Server(pub Arc<Notes>);

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[allow(clippy::too_many_arguments, reason = "the interface's own call")]
    fn notify(
        &self,
        _app_name: &str,
        replaces: u32,
        _icon: &str,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedVariant>,
        _expires: i32,
    ) -> u32 {
        let desktop_entry = hints
            .get("desktop-entry")
            .and_then(|hint| String::try_from(hint.clone()).ok());
        let actions = actions
            .chunks_exact(2)
            .map(|pair| (pair[0].clone(), pair[1].clone()))
            .collect();
        self.0.change(|all| {
            let next = u32::try_from(all.len())
                .unwrap_or(u32::MAX)
                .saturating_add(1);
            let note = Note {
                id: if replaces == 0 { next } else { replaces },
                summary,
                body,
                actions,
                desktop_entry,
                closed: false,
            };
            let id = note.id;
            match all.iter_mut().find(|shown| shown.id == id) {
                Some(shown) => *shown = note,
                None => all.push(note),
            }
            id
        })
    }

    fn close_notification(&self, id: u32) {
        self.0.change(|all| {
            for note in all.iter_mut().filter(|note| note.id == id) {
                note.closed = true;
            }
        });
    }

    #[allow(clippy::unused_self, reason = "the interface's own call")]
    fn get_capabilities(&self) -> Vec<String> {
        ["actions", "body", "persistence"]
            .map(str::to_owned)
            .to_vec()
    }

    #[allow(clippy::unused_self, reason = "the interface's own call")]
    fn get_server_information(&self) -> (String, String, String, String) {
        let words = ["Ripieno's tests", "Ripieno", "1.0", "1.2"];
        let [name, vendor, version, spec] = words.map(str::to_owned);
        (name, vendor, version, spec)
    }
}
