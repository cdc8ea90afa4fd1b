//! What a window shows until its page is drawn: the colour of that page, so that nothing flashes.

use tauri::Theme as Desktop;
use tauri::window::Color;

use crate::settings::Theme;

/// `--bg` of the page in its four guises (`ui/src/tokens.css`).
const LIGHT: Color = Color(0xfb, 0xfb, 0xfa, 0xff);
const DARK: Color = Color(0x16, 0x16, 0x16, 0xff);
const WHITE: Color = Color(0xff, 0xff, 0xff, 0xff);
const BLACK: Color = Color(0x00, 0x00, 0x00, 0xff);

/// The colour behind a page with this setting on a desktop with that theme.
pub(super) fn colour(theme: Theme, desktop: Desktop) -> Color {
    let is_dark = desktop == Desktop::Dark;
    match theme {
        Theme::Light => LIGHT,
        Theme::Dark => DARK,
        Theme::System if is_dark => DARK,
        Theme::System => LIGHT,
        Theme::Contrast if is_dark => BLACK,
        Theme::Contrast => WHITE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_the_one_the_page_will_have() {
        let tokens = include_str!("../../../ui/src/tokens.css");
        let pair = |light: Color, dark: Color| {
            let hex = |Color(r, g, b, _)| format!("#{r:02x}{g:02x}{b:02x}");
            format!("--bg: light-dark({}, {});", hex(light), hex(dark))
        };
        for theme in [Theme::System, Theme::Contrast] {
            let [light, dark] = [Desktop::Light, Desktop::Dark].map(|on| colour(theme, on));
            assert!(tokens.contains(&pair(light, dark)), "{theme:?}");
        }
        assert_eq!(colour(Theme::Dark, Desktop::Light), DARK);
        assert_eq!(colour(Theme::Light, Desktop::Dark), LIGHT);
    }
}
