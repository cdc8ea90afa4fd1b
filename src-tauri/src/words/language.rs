//! Which language is spoken: the person's setting first, then the locale of the environment.

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// English, also where nothing else fits.
    En,
    /// Japanese.
    Ja,
    /// Simplified Chinese.
    ZhHans,
}

impl Language {
    /// Every language there is.
    pub const ALL: [Self; 3] = [Self::En, Self::Ja, Self::ZhHans];

    /// Its tag by BCP 47, also the name of its folder.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
            Self::ZhHans => "zh-Hans",
        }
    }

    fn from_tag(tag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.tag() == tag)
    }

    /// Reads a POSIX locale such as `ja_JP.UTF-8`. Traditional Chinese is not Simplified Chinese: `None`.
    fn from_locale(locale: &str) -> Option<Self> {
        let name = locale.split(['.', '@']).next().unwrap_or(locale);
        let mut parts = name.split(['_', '-']);
        let language = parts.next()?;
        let rest: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
        match language {
            "en" => Some(Self::En),
            "ja" => Some(Self::Ja),
            "zh" => {
                let traditional = ["tw", "hk", "mo", "hant"];
                let is_traditional = rest.iter().any(|part| traditional.contains(&part.as_str()));
                let is_simplified = rest.iter().any(|part| part == "hans");
                (is_simplified || !is_traditional).then_some(Self::ZhHans)
            }
            _ => None,
        }
    }
}

/// What the setting `desktop.language` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// As the environment says.
    System,
    /// This one, whatever the environment says.
    Fixed(Language),
}

impl Choice {
    /// Reads the setting; what is no language of ours is left to the system.
    #[must_use]
    pub fn from_setting(value: &str) -> Self {
        Language::from_tag(value).map_or(Self::System, Self::Fixed)
    }

    /// The language that is spoken.
    #[must_use]
    pub fn language(self) -> Language {
        match self {
            Self::Fixed(language) => language,
            Self::System => of_environment(|name| std::env::var(name).ok()),
        }
    }
}

/// The locale for messages by POSIX, with the list of `LANGUAGE` before it as GNU has it.
fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = |name| variable(name).filter(|value| !value.is_empty());
    let Some(locale) = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(set) else {
        return Language::En;
    };
    if matches!(locale.as_str(), "C" | "POSIX") || locale.starts_with("C.") {
        return Language::En;
    }
    let list = set("LANGUAGE").unwrap_or_default();
    list.split(':')
        .chain([locale.as_str()])
        .find_map(Language::from_locale)
        .unwrap_or(Language::En)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(variables: &[(&str, &str)]) -> Language {
        of_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn locale_of_the_environment_decides() {
        let table: [(&[(&str, &str)], Language); 12] = [
            (&[], Language::En),
            (&[("LANG", "ja_JP.UTF-8")], Language::Ja),
            (&[("LANG", "zh_CN.UTF-8")], Language::ZhHans),
            (&[("LANG", "zh_SG")], Language::ZhHans),
            (&[("LANG", "zh_TW.UTF-8")], Language::En),
            (&[("LANG", "zh-Hans-HK")], Language::ZhHans),
            (&[("LANG", "de_DE.UTF-8")], Language::En),
            (&[("LANG", "C.UTF-8"), ("LANGUAGE", "ja")], Language::En),
            (
                &[("LANG", "en_GB.UTF-8"), ("LC_MESSAGES", "ja_JP")],
                Language::Ja,
            ),
            (
                &[("LC_MESSAGES", "ja_JP"), ("LC_ALL", "en_US")],
                Language::En,
            ),
            (&[("LC_ALL", ""), ("LANG", "ja_JP")], Language::Ja),
            (
                &[("LANG", "de_DE"), ("LANGUAGE", "de:zh_CN:en")],
                Language::ZhHans,
            ),
        ];
        for (variables, expected) in table {
            assert_eq!(spoken(variables), expected, "{variables:?}");
        }
    }

    #[test]
    fn setting_wins_and_what_it_does_not_know_is_the_systems() {
        for language in Language::ALL {
            assert_eq!(
                Choice::from_setting(language.tag()),
                Choice::Fixed(language)
            );
        }
        assert_eq!(Choice::from_setting("system"), Choice::System);
        assert_eq!(Choice::from_setting("tlh"), Choice::System);
    }
}
