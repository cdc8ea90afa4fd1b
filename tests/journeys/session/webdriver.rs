//! A small WebDriver client for WebKitWebDriver: the window is driven as a person does it, by roles and names.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ureq::Agent;

use super::installed::Programs;
use super::person::Person;
use super::{PATIENCE, Running, Session};
use crate::rig::wait_for;

/// The key under which WebDriver hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Finds an element by role and name, and waits for it inside the page.
const ROLES: &str = include_str!("roles.js");

/// WebKitWebDriver; it starts the application itself, and ends it with the session.
pub struct Driver {
    base: String,
    agent: Agent,
    _process: Running,
}

impl Driver {
    /// Starts the driver as `person`: what it starts inherits this environment.
    pub fn start(session: &Session, person: &Person) -> Self {
        let port = free_port();
        let process = Command::new("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env_clear()
            .envs(person.env())
            .envs(session.env())
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .spawn()
            .expect("WebKitWebDriver starts (Debian: webkit2gtk-driver)");
        let agent = Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .timeout_global(Some(2 * PATIENCE))
            .build()
            .into();
        let driver = Driver {
            base: format!("http://127.0.0.1:{port}"),
            agent,
            _process: Running(process),
        };
        let ready = || driver.send("GET", "/status", None).ok();
        wait_for(PATIENCE, ready).expect("WebKitWebDriver answers");
        driver
    }

    /// Starts the application and waits for its window.
    pub fn open(self, programs: &Programs, arguments: &[&str]) -> Page {
        let program = programs.path("ripieno-desktop");
        let options = json!({ "binary": program, "args": arguments });
        let wanted =
            json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let opened = self
            .send("POST", "/session", Some(wanted))
            .expect("the window opens");
        let id = opened["sessionId"].as_str().expect("a session id");
        let page = Page {
            session: format!("/session/{id}"),
            driver: self,
        };
        let patience = u64::try_from(PATIENCE.as_millis()).expect("a sane time");
        page.post(
            "/timeouts",
            json!({ "script": patience, "pageLoad": patience, "implicit": 0 }),
        );
        page
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let url = format!("{}{path}", self.base);
        let answer = match (method, body) {
            ("POST", body) => self.agent.post(&url).send_json(body.unwrap_or(json!({}))),
            ("DELETE", _) => self.agent.delete(&url).call(),
            _ => self.agent.get(&url).call(),
        };
        let mut answer = answer.map_err(|error| format!("{method} {path}: {error}"))?;
        let body: Value = answer
            .body_mut()
            .read_json()
            .map_err(|error| format!("{method} {path}: {error}"))?;
        if answer.status().is_success() {
            Ok(body["value"].clone())
        } else {
            Err(format!("{method} {path}: {}", body["value"]["message"]))
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    listener.local_addr().expect("its address").port()
}

/// The page in the window.
pub struct Page {
    driver: Driver,
    session: String,
}

/// Something on the page.
pub struct Element<'a> {
    page: &'a Page,
    id: String,
}

impl Page {
    fn post(&self, path: &str, body: Value) -> Value {
        self.try_post(path, body)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    fn try_post(&self, path: &str, body: Value) -> Result<Value, String> {
        self.driver
            .send("POST", &format!("{}{path}", self.session), Some(body))
    }

    fn get(&self, path: &str) -> Value {
        self.driver
            .send("GET", &format!("{}{path}", self.session), None)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// The element with this role and exactly this name, once it is shown.
    pub fn find(&self, role: &str, name: &str) -> Element<'_> {
        self.seek(role, name, false)
    }

    /// The element with this role whose name matches the pattern, once it is shown.
    pub fn find_like(&self, role: &str, pattern: &str) -> Element<'_> {
        self.seek(role, pattern, true)
    }

    fn seek(&self, role: &str, name: &str, pattern: bool) -> Element<'_> {
        let script = json!({ "script": ROLES, "args": [role, name, pattern] });
        let found = self.try_post("/execute/async", script);
        let id = found
            .as_ref()
            .ok()
            .and_then(|value| value[ELEMENT].as_str());
        match id {
            Some(id) => Element {
                page: self,
                id: id.to_owned(),
            },
            None => panic!(
                "no {role} `{name}` on {}: {found:?}\n{}",
                self.route(),
                self.text()
            ),
        }
    }

    /// Everything that can be read on the page.
    pub fn text(&self) -> String {
        self.evaluate("return document.body.innerText")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The route after the `#`.
    pub fn route(&self) -> String {
        self.evaluate("return location.hash")
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Goes to a route, as a link of the page does.
    pub fn go(&self, route: &str) {
        self.post(
            "/execute/sync",
            json!({ "script": "location.hash = arguments[0]", "args": [route] }),
        );
    }

    /// Waits until the words stand somewhere on the page.
    pub fn wait_for_text(&self, words: &str) {
        let script = "const [words, done] = arguments;
            const look = () => { if (document.body.innerText.includes(words)) { observer.disconnect(); done(true); } };
            const observer = new MutationObserver(look);
            observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
            look();";
        let found = self.try_post(
            "/execute/async",
            json!({ "script": script, "args": [words] }),
        );
        assert!(
            found.is_ok(),
            "no `{words}` on {}: {found:?}\n{}",
            self.route(),
            self.text()
        );
    }

    /// The value of a script of ours.
    pub fn evaluate(&self, script: &str) -> Value {
        self.post("/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Presses keys where the focus is; `\u{e007}` is Enter, as WebDriver names the keys without a letter.
    pub fn press(&self, keys: &str) {
        let active = self.get("/element/active");
        let id = active[ELEMENT]
            .as_str()
            .expect("something has the focus")
            .to_owned();
        Element { page: self, id }.write(keys);
    }

    /// Presses a key together with Control.
    pub fn press_control(&self, key: &str) {
        let down = |value: &str| json!({ "type": "keyDown", "value": value });
        let up = |value: &str| json!({ "type": "keyUp", "value": value });
        let control = "\u{e009}";
        let keys = json!([down(control), down(key), up(key), up(control)]);
        self.post(
            "/actions",
            json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": keys }] }),
        );
    }

    /// Makes the window this large, with its frame.
    pub fn resize(&self, width: u32, height: u32) {
        self.post("/window/rect", json!({ "width": width, "height": height }));
    }

    /// A picture of what the window shows.
    pub fn photograph(&self, file: &Path) {
        let picture = self.get("/screenshot");
        let bytes = STANDARD
            .decode(picture.as_str().expect("a picture"))
            .expect("it is base64");
        std::fs::write(file, bytes).expect("a picture can be written");
    }

    /// Lets go of the window, which ends the application.
    pub fn close(self) {
        drop(self.driver.send("DELETE", &self.session, None));
    }
}

impl Element<'_> {
    fn at(&self, what: &str) -> String {
        format!("/element/{}/{what}", self.id)
    }

    pub fn click(&self) {
        self.page.post(&self.at("click"), json!({}));
    }

    /// Types, as on a keyboard: a line ends by the key of that name.
    pub fn write(&self, text: &str) {
        let keys = text.replace('\n', "\u{e007}");
        self.page.post(&self.at("value"), json!({ "text": keys }));
    }

    /// Chooses an option of this list by its value.
    pub fn choose(&self, value: &str) {
        let css = json!({ "using": "css selector", "value": format!("option[value=\"{value}\"]") });
        let option = self.page.post(&self.at("element"), css);
        let id = option[ELEMENT].as_str().expect("an option").to_owned();
        Element {
            page: self.page,
            id,
        }
        .click();
    }

    /// Empties a field.
    pub fn clear(&self) {
        self.page.post(&self.at("clear"), json!({}));
    }

    pub fn text(&self) -> String {
        self.page
            .get(&self.at("text"))
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    pub fn attribute(&self, name: &str) -> Option<String> {
        self.page
            .get(&self.at(&format!("attribute/{name}")))
            .as_str()
            .map(str::to_owned)
    }
}
