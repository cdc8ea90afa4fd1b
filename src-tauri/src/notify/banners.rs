//! The banners of the platform: one interface, a small body for each system.

#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod body;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod body;

pub(super) use body::Banners;

/// What can be shown here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Ability {
    /// Whether banners can be shown at all.
    pub available: bool,
    /// Whether they can have buttons.
    pub actions: bool,
}

/// Names a banner that was shown; what comes back from it carries the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mark(pub(super) u32);

/// What comes back from the platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Heard {
    /// A button, or `default` for the banner itself.
    Pressed(Mark, String),
    /// A banner is no longer there.
    Gone(Mark),
    /// The server came, went, or gave its place to another.
    Server {
        /// Who it is now, if anybody.
        owner: Option<String>,
    },
}

/// Why a banner was not shown.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unshown {
    /// Nobody shows banners here.
    #[error("no program shows notifications in this session; the inbox has everything")]
    NoServer,
    /// The one that does refused.
    #[error("the notification could not be shown ({0}); the inbox has it")]
    Refused(String),
}
