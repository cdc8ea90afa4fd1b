//! Banners on macOS and Windows: shown, and no more.
//!
//! Their notification centres tell of presses only to a thread that blocks for each banner, and macOS takes none back
//! without its newer interface; so there are no buttons here, and the inbox is where answers are given.

use notify_rust::Notification;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::spawn_blocking;

use super::{Ability, Heard, Mark, Unshown};
use crate::notify::notice::{Notice, Subject};

/// The banners of this program.
#[derive(Debug)]
pub(in crate::notify) struct Banners {
    shown: u32,
}

impl Banners {
    /// None yet; nothing comes back from them here.
    pub(in crate::notify) fn new(_heard: UnboundedSender<Heard>) -> Self {
        Self { shown: 0 }
    }

    /// There always is a notification centre.
    pub(in crate::notify) async fn look(&mut self) -> Ability {
        Ability {
            available: true,
            actions: false,
        }
    }

    /// The centre does not go.
    pub(in crate::notify) fn forget(&mut self) {}

    /// The centre is always the same.
    pub(in crate::notify) fn owner(&self) -> Option<&str> {
        None
    }

    /// Nothing comes back that would have to be told apart.
    pub(in crate::notify) fn shows(&self, _subject: &Subject, _mark: Mark) -> bool {
        false
    }

    /// Shows a banner.
    ///
    /// # Errors
    /// The centre refused, for example because the person allows none.
    pub(in crate::notify) async fn show(&mut self, notice: &Notice) -> Result<Mark, Unshown> {
        let mut banner = Notification::new();
        banner
            .appname("Ripieno")
            .summary(&notice.title)
            .body(&notice.body);
        #[cfg(target_os = "windows")]
        banner.app_id("dev.ripieno.desktop");
        // The centre is asked on a thread that may wait for it.
        let sent = spawn_blocking(move || banner.show().map(drop).map_err(|bad| bad.to_string()));
        sent.await
            .map_err(|broken| broken.to_string())
            .and_then(|shown| shown)
            .map_err(Unshown::Refused)?;
        self.shown = self.shown.wrapping_add(1);
        Ok(Mark(self.shown))
    }

    /// Stays in the centre until the person takes it away.
    pub(in crate::notify) async fn withdraw(&mut self, _subject: &Subject) {}
}
