//! Where a person speaks from.

use serde::{Deserialize, Serialize};

/// A surface of the same user's programs: it names who answered, and gives no authority.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Surface {
    /// The command.
    #[default]
    Cli,
    /// The menu of the tray.
    Tray,
    /// The window of the application.
    Window,
    /// A notification.
    Notification,
}

impl Surface {
    /// The name in answers and events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Surface::Cli => "cli",
            Surface::Tray => "tray",
            Surface::Window => "window",
            Surface::Notification => "notification",
        }
    }
}
