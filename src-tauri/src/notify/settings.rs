//! What the person wants to be told (`notify.*` of the settings).

use serde_json::Value;

use super::quiet::Quiet;

/// The settings in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Whether asks are told.
    pub asks: bool,
    /// Whether final failures are told.
    pub failures: bool,
    /// Whether success is told.
    pub done: bool,
    /// Whether a provider's limit is told.
    pub holds: bool,
    /// Whether an approval may be given from a banner, once.
    pub allow_once: bool,
    /// Whether banners name nothing.
    pub private: bool,
    /// When nothing is shown.
    pub quiet: Option<Quiet>,
    /// Whether unanswered asks are told again.
    pub reminders: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            asks: true,
            failures: true,
            done: false,
            holds: true,
            allow_once: false,
            private: false,
            quiet: None,
            reminders: true,
        }
    }
}

impl Settings {
    /// Reads the view of `config.show`; what it does not name has its default.
    #[must_use]
    pub fn from_view(view: &Value) -> Self {
        let mut settings = Self::default();
        for setting in view["settings"].as_array().into_iter().flatten() {
            let (Some(key), value) = (setting["key"].as_str(), &setting["value"]) else {
                continue;
            };
            settings.take(key, value);
        }
        settings
    }

    fn take(&mut self, key: &str, value: &Value) {
        let switch = match key {
            "notify.asks" => &mut self.asks,
            "notify.failures" => &mut self.failures,
            "notify.done" => &mut self.done,
            "notify.holds" => &mut self.holds,
            "notify.allow_once" => &mut self.allow_once,
            "notify.private" => &mut self.private,
            "notify.reminders" => &mut self.reminders,
            "notify.quiet" => {
                // A view may carry a text with its quotes, as the file has it.
                let text = value.as_str().map(|text| text.trim_matches('"'));
                self.quiet = text.and_then(Quiet::from_setting);
                return;
            }
            _ => return,
        };
        // A view may carry a switch as itself or as its word.
        *switch = match value {
            Value::Bool(on) => *on,
            Value::String(word) => word == "true",
            _ => *switch,
        };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn view_sets_what_it_names_and_leaves_the_rest() {
        let view = json!({"settings": [
            {"key": "slots", "value": "4"},
            {"key": "notify.done", "value": "true"},
            {"key": "notify.asks", "value": false},
            {"key": "notify.quiet", "value": "\"22:00-07:00\""},
        ]});
        let expected = Settings {
            done: true,
            asks: false,
            quiet: Quiet::from_setting("22:00-07:00"),
            ..Settings::default()
        };
        assert_eq!(Settings::from_view(&view), expected);
    }

    #[test]
    fn worker_that_knows_none_of_them_leaves_the_defaults() {
        assert_eq!(
            Settings::from_view(&json!({"settings": []})),
            Settings::default()
        );
    }
}
