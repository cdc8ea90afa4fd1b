//! The command line of the application.

use crate::route::{BadRoute, Route};

/// What is printed for arguments that are not understood.
pub const USAGE: &str =
    "usage: ripieno-desktop [--open [ROUTE or ripieno:// link] | --hidden | --version]";

/// What a start is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// Only the version is wanted.
    Version,
    /// By a program or at login: no window, and a second start changes nothing.
    Hidden,
    /// Without a word: the tray where there is one; a second start shows the window.
    Plain,
    /// The window, at a place when one is named.
    Open(Option<Route>),
}

/// Arguments that are not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadArguments {
    /// An argument that does not exist, or one too many.
    #[error("`{0}` is not understood\n{USAGE}")]
    Unknown(String),
    /// A route or link that leads nowhere.
    #[error("{0}\n{USAGE}")]
    Route(#[from] BadRoute),
}

impl Start {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// Anything but the documented forms.
    pub fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Self, BadArguments> {
        let arguments: Vec<String> = arguments.into_iter().collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        match arguments.as_slice() {
            [] => Ok(Self::Plain),
            ["--version"] => Ok(Self::Version),
            ["--hidden"] => Ok(Self::Hidden),
            // What a desktop entry fills in for no link is nothing, or an empty word.
            ["--open"] | ["--open", ""] => Ok(Self::Open(None)),
            ["--open", place] => Ok(Self::Open(Some(place_of(place)?))),
            [link] if link.contains("://") => Ok(Self::Open(Some(Route::from_link(link)?))),
            [_, extra, ..] if matches!(arguments[0], "--hidden" | "--version") => {
                Err(BadArguments::Unknown((*extra).to_owned()))
            }
            [_, _, extra, ..] => Err(BadArguments::Unknown((*extra).to_owned())),
            [unknown, ..] => Err(BadArguments::Unknown((*unknown).to_owned())),
        }
    }
}

fn place_of(place: &str) -> Result<Route, BadRoute> {
    if place.contains("://") {
        Route::from_link(place)
    } else {
        place.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Start, BadArguments> {
        Start::parse(arguments.iter().map(|word| (*word).to_owned()))
    }

    #[test]
    fn documented_forms_are_understood() {
        let task = || Start::Open(Some("/tasks/T-1".parse().unwrap()));
        let table: [(&[&str], Start); 9] = [
            (&[], Start::Plain),
            (&["--version"], Start::Version),
            (&["--hidden"], Start::Hidden),
            (&["--open"], Start::Open(None)),
            (&["--open", ""], Start::Open(None)),
            (&["--open", "/tasks/T-1"], task()),
            (&["--open", "#/tasks/T-1"], task()),
            (&["--open", "ripieno://task/1"], task()),
            (&["ripieno://task/1"], task()),
        ];
        for (arguments, start) in table {
            assert_eq!(parsed(arguments), Ok(start), "{arguments:?}");
        }
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        let table: [(&[&str], &str); 6] = [
            (&["--opne"], "--opne"),
            (&["tasks"], "tasks"),
            (&["--hidden", "--open"], "--open"),
            (&["--open", "/tasks", "more"], "more"),
            (&["--open", "nowhere"], "nothing that Ripieno shows"),
            (&["https://example.org"], "no link to Ripieno"),
        ];
        for (arguments, named) in table {
            let refused = parsed(arguments).unwrap_err().to_string();
            assert!(
                refused.contains(named) && refused.contains("usage:"),
                "{refused}"
            );
        }
    }
}
