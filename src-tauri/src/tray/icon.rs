//! Which picture stands for which mark.

use crate::glance::Mark;

macro_rules! picture {
    ($name:literal) => {{
        if cfg!(target_os = "macos") {
            include_bytes!(concat!("../../../icons/tray/", $name, "-template.png")).as_slice()
        } else {
            include_bytes!(concat!("../../../icons/tray/", $name, ".png")).as_slice()
        }
    }};
}

/// The PNG for a mark; black only on macOS, which colours it by itself.
#[must_use]
pub fn png(mark: Mark) -> &'static [u8] {
    match mark {
        Mark::Stopped => picture!("stopped"),
        Mark::NeedsYou => picture!("needs-you"),
        Mark::Failed => picture!("failed"),
        Mark::Running => picture!("running"),
        Mark::Paused => picture!("paused"),
        Mark::Holding => picture!("holding"),
        Mark::UpdateReady => picture!("update-ready"),
        Mark::Idle => picture!("idle"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_has_a_picture_of_its_own() {
        let mut seen: Vec<&[u8]> = Vec::new();
        for mark in Mark::ALL {
            let picture = png(mark);
            let image = tauri::image::Image::from_bytes(picture).unwrap();
            assert_eq!((image.width(), image.height()), (64, 64), "{mark:?}");
            assert!(!seen.contains(&picture), "{mark:?} looks like another mark");
            seen.push(picture);
        }
    }
}
