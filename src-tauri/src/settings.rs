//! The settings of the worker's file that the application itself goes by (`desktop.*`).

use ripieno_api::{ApiError, Client};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::words::Choice;

/// When the computer is kept from sleeping; the worker does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepAwake {
    /// Never.
    Off,
    /// While tasks run and the computer is not on battery.
    Ac,
    /// While tasks run.
    Always,
}

impl KeepAwake {
    const ALL: [Self; 3] = [Self::Off, Self::Ac, Self::Always];

    /// The setting's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ac => "ac",
            Self::Always => "always",
        }
    }
}

/// The colours of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the desktop has them.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
    /// As the desktop has them, with more contrast.
    Contrast,
}

impl Theme {
    fn from_setting(word: &str) -> Self {
        match word {
            "light" => Self::Light,
            "dark" => Self::Dark,
            "contrast" => Self::Contrast,
            _ => Self::System,
        }
    }
}

/// The settings in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which language is spoken.
    pub language: Choice,
    /// Which colours the page has.
    pub theme: Theme,
    /// Whether closing the window leaves the program in the tray; else it quits.
    pub close_to_tray: bool,
    /// When the computer is kept awake; `None` while no worker has said.
    pub keep_awake: Option<KeepAwake>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: Choice::System,
            theme: Theme::System,
            close_to_tray: true,
            keep_awake: None,
        }
    }
}

impl Settings {
    pub(crate) async fn read(client: &mut Client) -> Result<Self, ApiError> {
        Ok(Self::of(&client.request("config.show", json!({})).await?))
    }

    /// Reads the view of `config.show`; what it does not name has its default.
    fn of(view: &Value) -> Self {
        let mut settings = Self::default();
        for row in view["settings"].as_array().into_iter().flatten() {
            let value = word(&row["value"]);
            match row["key"].as_str().unwrap_or_default() {
                "desktop.language" => settings.language = Choice::from_setting(&value),
                "desktop.theme" => settings.theme = Theme::from_setting(&value),
                "desktop.close_to_tray" => settings.close_to_tray = value != "false",
                "desktop.keep_awake" => {
                    let known = KeepAwake::ALL.into_iter().find(|way| way.word() == value);
                    settings.keep_awake = known;
                }
                _ => {}
            }
        }
        settings
    }
}

/// A value as it is written in the file, quoted or not.
fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_matches('"').to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn view_is_read_and_what_it_leaves_out_has_its_default() {
        let view = json!({"settings": [
            {"key": "slots", "value": "4"},
            {"key": "desktop.language", "value": "ja"},
            {"key": "desktop.theme", "value": "dark"},
            {"key": "desktop.close_to_tray", "value": false},
            {"key": "desktop.keep_awake", "value": "\"always\""},
        ]});
        let expected = Settings {
            language: Choice::Fixed(Language::Ja),
            theme: Theme::Dark,
            close_to_tray: false,
            keep_awake: Some(KeepAwake::Always),
        };
        assert_eq!(Settings::of(&view), expected);
        assert_eq!(Settings::of(&json!({"settings": []})), Settings::default());
    }
}
