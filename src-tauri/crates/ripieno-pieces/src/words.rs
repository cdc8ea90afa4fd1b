//! The closed sets of words a piece may write, narrow before wide where that has a meaning.

use serde::Serialize;

/// Declares an enum whose words are written in pieces, so that reader, errors and JSON agree.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every word a piece may write here, in order.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// Finds the value a word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            /// The word a piece writes.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
    };
}

words! {
    /// What a performer may touch; ordered from narrow to wide (A5).
    Access {
        /// Look, change nothing, run nothing.
        Read = "read",
        /// Change files of the workspace; commands are asked for.
        Edit = "edit",
        /// As the task's approval level says.
        Full = "full",
    }
}
words! {
    /// How readily permissions are granted; ordered from narrow to wide (A5).
    Approvals {
        /// Everything is asked for.
        AskAll = "ask_all",
        /// Commands, network and the outside are asked for.
        AskRisky = "ask_risky",
        /// What the sandbox allows passes.
        Trusted = "trusted",
    }
}
words! {
    /// Which session a movement that is entered anew works in.
    Session {
        /// The one the task's last movement with the same agent left, where that is safe (R4).
        Continue = "continue",
        /// A new one. A movement that is resumed keeps its own all the same.
        Fresh = "fresh",
    }
}
words! {
    /// What happens to a movement that was interrupted (P9).
    OnInterrupt {
        /// Go on in its session where the performer can, else start it again.
        Resume = "resume",
        /// Start it again.
        Restart = "restart",
        /// Ask the person first: for work that must not run twice.
        Ask = "ask",
        /// End the task as failed.
        Fail = "fail",
    }
}
words! {
    /// Whether a claim of success is checked (T15).
    Verify {
        /// Never.
        None = "none",
        /// When the performer named something to check.
        IfClaimed = "if-claimed",
        /// Always; a claim with nothing to check waits for the person.
        Required = "required",
    }
}
words! {
    /// Whether a person reviews the result (T16).
    Review {
        /// Never.
        Never = "never",
        /// Always.
        Always = "always",
        /// As the project says.
        Project = "project",
    }
}
words! {
    /// What happens when a monitored loop runs out of rounds (P3).
    OnStuck {
        /// Ask the person whether to go on.
        Ask = "ask",
        /// Give up.
        Abort = "abort",
    }
}
