//! The words people see, from the one catalogue that the page reads as well (`ui/locales`).

mod catalogue;
pub mod language;

use std::sync::Arc;

use tokio::sync::watch;

pub use catalogue::Words;
pub use language::{Choice, Language};

/// The words of the language in force, for everybody who shows some; they change while it runs.
#[derive(Debug)]
pub struct Speech {
    words: watch::Sender<Arc<Words>>,
}

impl Speech {
    /// Begins in the language of a choice.
    #[must_use]
    pub fn new(choice: Choice) -> Self {
        let words = Words::of(choice.language());
        Self {
            words: watch::Sender::new(Arc::new(words)),
        }
    }

    /// The words now.
    #[must_use]
    pub fn words(&self) -> Arc<Words> {
        Arc::clone(&self.words.borrow())
    }

    /// Tells of every change of language.
    #[must_use]
    pub fn follow(&self) -> watch::Receiver<Arc<Words>> {
        self.words.subscribe()
    }

    /// Goes over to the language of a choice; nobody is told when it is the same.
    pub fn choose(&self, choice: Choice) {
        let language = choice.language();
        self.words.send_if_modified(|words| {
            let changes = words.language() != language;
            if changes {
                *words = Arc::new(Words::of(language));
            }
            changes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_choice_of_another_language_is_told_and_the_same_is_not() {
        let speech = Speech::new(Choice::Fixed(Language::En));
        let mut told = speech.follow();
        speech.choose(Choice::Fixed(Language::En));
        assert!(!told.has_changed().unwrap());
        speech.choose(Choice::Fixed(Language::Ja));
        assert!(told.has_changed().unwrap());
        assert_eq!(told.borrow_and_update().language(), Language::Ja);
        assert_eq!(speech.words().say("tray-quit"), "終了");
    }
}
