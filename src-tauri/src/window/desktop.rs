//! The desktop verbs of the page.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ripieno_api::socket::Surface;
use ripieno_api::{ApiError, error::Code};
use serde::Deserialize;
use serde_json::{Value, json};
use tauri::{Manager, Url};

use crate::notify::Notifier;
use crate::shell::Shell;
use crate::tray::menu::Action;
use crate::{autostart, dialog};

/// The longest address that is handed to the system.
const LONGEST: usize = 8 * 1024;
/// Tasks per page while looking for a folder's task.
const PAGE: u32 = 500;

/// One action with what it needs.
#[derive(Debug, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub(super) enum Wish {
    Facts,
    SetAutostart { on: bool },
    OpenLink { url: String },
    Reveal { path: PathBuf },
    PickFolder,
    StartWorker,
    TakeRoute,
    Shown { route: String, focused: bool },
    TestNotification,
    Left,
    Quit,
}

impl Wish {
    pub(super) async fn carry_out(self, shell: &Arc<Shell>) -> Result<Value, ApiError> {
        match self {
            Self::Facts => facts(shell),
            Self::SetAutostart { on } => {
                autostart::set(on).map_err(|error| not_now(&error))?;
                Ok(Value::Null)
            }
            Self::OpenLink { url } => open(link(&url)?.as_str()),
            Self::Reveal { path } => open(folder(shell, &path).await?),
            Self::PickFolder => Ok(json!(dialog::pick_folder(shell).await)),
            Self::StartWorker => {
                shell
                    .link
                    .start_worker()
                    .await
                    .map_err(|error| not_now(&error))?;
                Ok(Value::Null)
            }
            Self::TakeRoute => Ok(json!(shell.window.take_route())),
            Self::Shown { route, focused } => {
                shell.screen.tell(&route, focused);
                Ok(Value::Null)
            }
            Self::TestNotification => {
                shell.app.state::<Notifier>().trial();
                Ok(Value::Null)
            }
            Self::Left => {
                shell.window.left();
                Ok(Value::Null)
            }
            Self::Quit => {
                shell.act(Action::Quit);
                Ok(Value::Null)
            }
        }
    }
}

fn facts(shell: &Shell) -> Result<Value, ApiError> {
    Ok(json!({
        "version": ripieno_daemon::version(),
        "role": shell.link.role(),
        "tray": shell.has_tray(),
        "autostart": autostart::is_set().map_err(|error| not_now(&error))?,
        "notifications": shell.app.state::<Notifier>().ability(),
        "hosts": "this computer",
        "platform": std::env::consts::OS,
        "language": shell.speech.words().language().tag(),
    }))
}

/// An address that a browser or a mail program may be given.
fn link(address: &str) -> Result<Url, ApiError> {
    let url = Url::parse(address)
        .ok()
        .filter(|_| address.len() <= LONGEST)
        .ok_or_else(|| ApiError::invalid("this is no address that can be opened"))?;
    let fit = match url.scheme() {
        "https" | "http" => url.has_host(),
        "mailto" => true,
        _ => false,
    };
    if fit {
        Ok(url)
    } else {
        Err(ApiError::invalid(
            "only web and mail addresses (https, http, mailto) are opened",
        ))
    }
}

/// The folder to show for a path: only one of a task, and never a file, which the system might run.
async fn folder(shell: &Shell, path: &Path) -> Result<PathBuf, ApiError> {
    let gone = |error| ApiError::invalid(format!("{} cannot be shown: {error}", path.display()));
    let real = path.canonicalize().map_err(gone)?;
    let folder = if real.is_dir() {
        real
    } else {
        real.parent().unwrap_or(Path::new("/")).to_owned()
    };
    let home = shell.link.home();
    let own = [home.tasks_dir(), home.data_dir().join("worktrees")];
    let is_own = own
        .iter()
        .filter_map(|root| root.canonicalize().ok())
        .any(|root| folder.starts_with(root));
    if is_own || is_a_tasks(shell, &folder).await? {
        return Ok(folder);
    }
    Err(ApiError::forbidden(format!(
        "{} is no folder of a task: open it with your file manager",
        folder.display()
    )))
}

/// Whether some task works or worked there, or below it.
async fn is_a_tasks(shell: &Shell, folder: &Path) -> Result<bool, ApiError> {
    let mut client = shell.link.client(Surface::Window).await?;
    let mut after = Value::Null;
    loop {
        let mut listing = json!({"limit": PAGE});
        if !after.is_null() {
            listing["after"] = after;
        }
        let mut page = client.request("task.list", listing).await?;
        let tasks = page["tasks"].as_array().map_or(&[][..], Vec::as_slice);
        let holds = |root: &str| {
            Path::new(root)
                .canonicalize()
                .is_ok_and(|root| folder.starts_with(root))
        };
        let named = tasks.iter().flat_map(|task| {
            ["dir", "workdir", "outputs"]
                .into_iter()
                .filter_map(|field| task[field].as_str())
        });
        if named.into_iter().any(holds) {
            return Ok(true);
        }
        after = page["next"].take();
        if after.is_null() {
            return Ok(false);
        }
    }
}

/// Hands something to the system's own program for it, and does not wait for it.
fn open(what: impl AsRef<std::ffi::OsStr>) -> Result<Value, ApiError> {
    open::that_detached(what).map_err(|error| not_now(&error))?;
    Ok(Value::Null)
}

fn not_now(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new(Code::NotPossibleNow, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_and_mail_addresses_are_opened() {
        for fit in [
            "https://example.org/a?b#c",
            "http://127.0.0.1:8080/",
            "mailto:a@example.org",
        ] {
            assert_eq!(link(fit).unwrap().as_str(), fit);
        }
        let long = format!("https://example.org/{}", "a".repeat(LONGEST));
        for unfit in [
            "",
            "example.org",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "data:text/html,x",
            "ripieno://task/1",
            "smb://host/share",
            "vscode://x",
            "https://",
            "-x",
            long.as_str(),
        ] {
            assert!(link(unfit).is_err(), "{unfit}");
        }
    }

    #[test]
    fn actions_are_read_by_name_and_others_refused() {
        let read = |text: &str| serde_json::from_str::<Wish>(text);
        assert!(matches!(read(r#"{"action": "facts"}"#), Ok(Wish::Facts)));
        assert!(matches!(
            read(r#"{"action": "set_autostart", "on": true}"#),
            Ok(Wish::SetAutostart { on: true })
        ));
        assert!(read(r#"{"action": "set_autostart"}"#).is_err());
        assert!(read(r#"{"action": "run", "command": "sh"}"#).is_err());
    }
}
