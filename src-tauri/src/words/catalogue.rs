//! One language's messages, read from the embedded catalogue (Fluent).

use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};

use super::language::Language;

static LOCALES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/ui/locales");

/// The files this program speaks from; the others are the page's own.
const AREAS: [&str; 3] = ["states", "tray", "notify"];

/// The messages of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// Reads the messages of a language.
    #[must_use]
    pub fn of(language: Language) -> Self {
        let tag = language.tag().parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![tag]);
        // Marks for mixed directions show as boxes in some trays; what is filled in is made plain before.
        bundle.set_use_isolating(false);
        for area in AREAS {
            let path = format!("{}/{area}.ftl", language.tag());
            let text = LOCALES
                .get_file(&path)
                .and_then(|file| file.contents_utf8());
            // What cannot be parsed is left out; the tests know every message.
            let resource = FluentResource::try_new(text.unwrap_or_default().to_owned())
                .unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
        }
        Self { language, bundle }
    }

    /// Which language this is.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// A message without anything to fill in.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.fill(id, &[])
    }

    /// A message with its arguments; the id itself when there is none, which the tests rule out.
    #[must_use]
    pub fn fill(&self, id: &str, arguments: &[(&str, FluentValue<'_>)]) -> String {
        let pattern = self.bundle.get_message(id).and_then(|found| found.value());
        let Some(pattern) = pattern else {
            tracing::error!(id, language = self.language.tag(), "a message is missing");
            return id.to_owned();
        };
        let arguments: FluentArgs = arguments.iter().cloned().collect();
        let mut problems = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&arguments), &mut problems);
        if !problems.is_empty() {
            tracing::error!(id, ?problems, "a message lacks what it names");
        }
        text.into_owned()
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Words")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use fluent_syntax::ast::Entry;

    use super::*;

    /// The ids of one file; it must be whole.
    fn ids(language: Language, area: &str) -> BTreeSet<String> {
        let path = format!("{}/{area}.ftl", language.tag());
        let Some(file) = LOCALES.get_file(&path) else {
            return BTreeSet::new();
        };
        let parsed = fluent_syntax::parser::parse(file.contents_utf8().unwrap())
            .unwrap_or_else(|(_, errors)| panic!("{path}: {errors:?}"));
        let messages = parsed.body.into_iter().filter_map(|entry| match entry {
            Entry::Message(message) => Some(message.id.name.to_owned()),
            _ => None,
        });
        messages.collect()
    }

    /// Every Rust source of this program.
    fn sources(folder: &Path, text: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, text);
            } else {
                text.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    #[test]
    fn every_language_has_every_message() {
        for area in AREAS {
            let english = ids(Language::En, area);
            for language in Language::ALL {
                assert_eq!(ids(language, area), english, "{area} in {}", language.tag());
            }
        }
    }

    #[test]
    fn every_message_of_tray_and_notifications_is_said_somewhere_and_every_one_said_exists() {
        let mut text = String::new();
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src-tauri/src"),
            &mut text,
        );
        let is_key = |word: &&str| {
            word.bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let quoted: BTreeSet<&str> = text.split('"').filter(is_key).collect();
        for area in AREAS {
            let prefix = format!("{area}-");
            let known = ids(Language::En, area);
            let said = quoted.iter().filter(|word| word.starts_with(&prefix));
            for word in said {
                assert!(known.contains(*word), "{word} is said and does not exist");
            }
            // The page shares the states, so only the others must all be said here.
            for id in known.iter().filter(|_| area != "states") {
                assert!(quoted.contains(id.as_str()), "{id} is never said");
            }
        }
    }

    #[test]
    fn plural_and_arguments_are_filled_in() {
        let english = Words::of(Language::En);
        let one = english.fill("states-glance-questions", &[("n", 1.into())]);
        assert_eq!(one, "1 question waiting");
        let two = english.fill("states-glance-questions", &[("n", 2.into())]);
        assert_eq!(two, "2 questions waiting");
        let chinese = Words::of(Language::ZhHans);
        let running = chinese.fill("states-glance-running", &[("n", 3.into()), ("q", 5.into())]);
        assert_eq!(running, "3 个运行中，5 个排队");
    }
}
