//! Where the window was, so that the next one is there again.

use std::path::Path;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, WebviewWindow};

/// The smallest inner size, in logical pixels.
pub const SMALLEST: (f64, f64) = (360.0, 480.0);
/// The size of the first window.
const FIRST: (f64, f64) = (1100.0, 760.0);
/// So much of the window's top must be on a screen to be dragged by.
const GRIP: f64 = 80.0;

/// A rectangle in logical pixels: `(x, y, width, height)`.
pub(super) type Screen = (f64, f64, f64, f64);

/// Size and position in logical pixels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    pub(super) width: f64,
    pub(super) height: f64,
    /// `None` lets the system choose.
    pub(super) position: Option<(f64, f64)>,
    pub(super) maximised: bool,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            width: FIRST.0,
            height: FIRST.1,
            position: None,
            maximised: false,
        }
    }
}

impl Place {
    /// Where a window is now; `None` while it is minimised or cannot say.
    pub(super) fn of(window: &WebviewWindow) -> Option<Self> {
        if window.is_minimized().ok()? || !window.is_visible().ok()? {
            return None;
        }
        let scale = window.scale_factor().ok()?;
        let size = window.inner_size().ok()?.to_logical::<f64>(scale);
        let at = window.outer_position().ok()?.to_logical::<f64>(scale);
        Some(Self {
            width: size.width,
            height: size.height,
            position: Some((at.x, at.y)),
            maximised: window.is_maximized().ok()?,
        })
    }

    /// A maximised window goes back to what it was before.
    pub(super) fn after(self, before: Option<Self>) -> Self {
        match before {
            Some(before) if self.maximised => Self {
                maximised: true,
                ..before
            },
            _ if self.maximised => Self {
                maximised: true,
                ..Self::default()
            },
            _ => self,
        }
    }

    /// Fitted to the screens there are now: never larger than one, never out of reach.
    pub(super) fn within(self, screens: &[Screen]) -> Self {
        let reachable = |(x, y): (f64, f64)| {
            screens.iter().find(|(left, top, width, height)| {
                x + self.width >= left + GRIP
                    && x + GRIP <= left + width
                    && y >= *top
                    && y + GRIP <= top + height
            })
        };
        let screen = self.position.and_then(reachable);
        let position = self.position.filter(|_| screen.is_some());
        let (width, height) = screen
            .or(screens.first())
            .map_or((self.width, self.height), |(_, _, width, height)| {
                (self.width.min(*width), self.height.min(*height))
            });
        Self {
            width: width.max(SMALLEST.0),
            height: height.max(SMALLEST.1),
            position,
            maximised: self.maximised,
        }
    }
}

/// The screens there are.
pub(super) fn monitors(app: &AppHandle) -> Vec<Screen> {
    let monitors = app.available_monitors().unwrap_or_default();
    let screen = |monitor: &tauri::Monitor| {
        let scale = monitor.scale_factor();
        let at = monitor.position().to_logical::<f64>(scale);
        let size = monitor.size().to_logical::<f64>(scale);
        (at.x, at.y, size.width, size.height)
    };
    monitors.iter().map(screen).collect()
}

/// What is kept of the window in the folder of states.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Memory {
    /// Where it was last.
    pub(super) place: Option<Place>,
    /// The person was told what closing does.
    pub(super) told: bool,
}

impl Memory {
    /// What was written last; what cannot be read is as good as nothing.
    pub(super) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    /// Writes it whole or not at all; a failure costs the place only.
    pub(super) fn write(&self, file: &Path) {
        let written = serde_json::to_vec(self)
            .map_err(std::io::Error::from)
            .and_then(|text| {
                let part = file.with_extension("part");
                std::fs::write(&part, text)?;
                std::fs::rename(&part, file)
            });
        if let Err(error) = written {
            tracing::warn!(%error, file = %file.display(), "the window's place is not remembered");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCREENS: [Screen; 2] = [(0.0, 0.0, 1920.0, 1080.0), (1920.0, 0.0, 1280.0, 800.0)];

    fn place(x: f64, y: f64, width: f64, height: f64) -> Place {
        Place {
            width,
            height,
            position: Some((x, y)),
            maximised: false,
        }
    }

    #[test]
    fn place_on_a_screen_is_kept() {
        for kept in [
            place(10.0, 20.0, 800.0, 600.0),
            place(2000.0, 5.0, 900.0, 700.0),
        ] {
            assert_eq!(kept.clone().within(&SCREENS), kept);
        }
    }

    #[test]
    fn place_out_of_reach_is_given_up_and_a_large_window_shrinks() {
        for lost in [
            place(4000.0, 10.0, 800.0, 600.0),
            place(-900.0, 10.0, 800.0, 600.0),
            place(10.0, -40.0, 800.0, 600.0),
            place(10.0, 1060.0, 800.0, 600.0),
        ] {
            assert_eq!(lost.clone().within(&SCREENS).position, None, "{lost:?}");
        }
        let fitted = place(1950.0, 10.0, 1900.0, 1000.0).within(&SCREENS);
        assert_eq!((fitted.width, fitted.height), (1280.0, 800.0));
        let smallest = place(0.0, 0.0, 1.0, 1.0).within(&SCREENS);
        assert_eq!((smallest.width, smallest.height), SMALLEST);
    }

    #[test]
    fn maximised_window_remembers_the_size_before() {
        let before = place(10.0, 20.0, 800.0, 600.0);
        let mut now = place(0.0, 0.0, 1920.0, 1080.0);
        now.maximised = true;
        let kept = now.after(Some(before.clone()));
        let expected = Place {
            maximised: true,
            ..before
        };
        assert_eq!(kept, expected);
    }

    #[test]
    fn memory_survives_and_nonsense_is_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("window.json");
        assert_eq!(Memory::read(&file), Memory::default());
        let memory = Memory {
            place: Some(place(1.0, 2.0, 800.0, 600.0)),
            told: true,
        };
        memory.write(&file);
        assert_eq!(Memory::read(&file), memory);
        std::fs::write(&file, "{\"place\": 7}").unwrap();
        assert_eq!(Memory::read(&file), Memory::default());
    }
}
