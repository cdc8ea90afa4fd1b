//! Where the window can be: the page's own addresses, and what a link from outside may ask for.
//!
//! A link comes from anywhere (a mail, a web page), so it is read strictly and only ever shows or prefills something.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The scheme of our links.
pub const SCHEME: &str = "ripieno";
/// The longest link that is read, in bytes.
const LONGEST: usize = 8 * 1024;
/// The longest prefilled value, in characters.
const LONGEST_VALUE: usize = 2000;

/// A place in the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Route {
    /// What needs the person; one of them open.
    Inbox(Option<Number>),
    /// All tasks.
    Tasks,
    /// One task.
    Task(Number),
    /// What a task changed.
    Changes(Number),
    /// A new task, with what is filled in already.
    New(Draft),
    /// Agents and lanes.
    Agents,
    /// Folders and locks.
    Folders,
    /// Settings; one section.
    Settings(Option<Section>),
    /// The first run.
    Welcome,
}

/// The number of a short id: `T-41`, `A-3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number(u64);

/// What a new task begins with; the person reads and sends it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    title: Option<String>,
    folder: Option<String>,
}

/// A section of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section(String);

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRoute {
    /// It is no link of ours.
    #[error(
        "this is no link to Ripieno: links begin with ripieno://task/, ripieno://ask/ or ripieno://new"
    )]
    Foreign,
    /// It names nothing that can be shown.
    #[error("the link names nothing that Ripieno shows: it knows task/ID, ask/ID and new?title=")]
    Unknown,
    /// It is longer than any link we make.
    #[error("the link is too long")]
    TooLong,
}

impl Route {
    /// Reads a deep link such as `ripieno://task/T-41`.
    ///
    /// # Errors
    /// It is not exactly one of the forms we know.
    pub fn from_link(link: &str) -> Result<Self, BadRoute> {
        if link.len() > LONGEST {
            return Err(BadRoute::TooLong);
        }
        let rest = link
            .split_once("://")
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(SCHEME))
            .map(|(_, rest)| rest)
            .ok_or(BadRoute::Foreign)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        match path.trim_end_matches('/').split_once('/') {
            Some(("task", id)) if query.is_empty() => Ok(Self::Task(id.parse()?)),
            Some(("ask", id)) if query.is_empty() => Ok(Self::Inbox(Some(id.parse()?))),
            // A link from outside names no folder: it would choose where an agent works.
            None if path.trim_end_matches('/') == "new" => Ok(Self::New(Draft {
                folder: None,
                ..Draft::from_query(query)?
            })),
            _ => Err(BadRoute::Unknown),
        }
    }

    /// The task of a short id such as `T-41`.
    #[must_use]
    pub fn task(short_id: &str) -> Option<Self> {
        short_id.parse().ok().map(Self::Task)
    }

    /// The ask of a short id such as `A-3`.
    #[must_use]
    pub fn ask(short_id: &str) -> Option<Self> {
        short_id
            .parse()
            .ok()
            .map(|number| Self::Inbox(Some(number)))
    }
}

impl FromStr for Route {
    type Err = BadRoute;

    /// Reads an address of the page, with or without its `#/`.
    fn from_str(text: &str) -> Result<Self, BadRoute> {
        if text.len() > LONGEST {
            return Err(BadRoute::TooLong);
        }
        let text = text.trim_start_matches(['#', '/']);
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        let parts: Vec<&str> = path.split('/').collect();
        if !query.is_empty() && parts != ["new"] {
            return Err(BadRoute::Unknown);
        }
        match parts.as_slice() {
            ["" | "inbox"] => Ok(Self::Inbox(None)),
            ["inbox", id] => Ok(Self::Inbox(Some(id.parse()?))),
            ["tasks"] => Ok(Self::Tasks),
            ["tasks", id] => Ok(Self::Task(id.parse()?)),
            ["tasks", id, "changes"] => Ok(Self::Changes(id.parse()?)),
            ["new"] => Ok(Self::New(Draft::from_query(query)?)),
            ["agents"] => Ok(Self::Agents),
            ["folders"] => Ok(Self::Folders),
            ["settings"] => Ok(Self::Settings(None)),
            ["settings", section] => Ok(Self::Settings(Some(section.parse()?))),
            ["welcome"] => Ok(Self::Welcome),
            _ => Err(BadRoute::Unknown),
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox(None) => f.write_str("/inbox"),
            Self::Inbox(Some(Number(n))) => write!(f, "/inbox/A-{n}"),
            Self::Tasks => f.write_str("/tasks"),
            Self::Task(Number(n)) => write!(f, "/tasks/T-{n}"),
            Self::Changes(Number(n)) => write!(f, "/tasks/T-{n}/changes"),
            Self::New(draft) => write!(f, "/new{}", draft.query()),
            Self::Agents => f.write_str("/agents"),
            Self::Folders => f.write_str("/folders"),
            Self::Settings(None) => f.write_str("/settings"),
            Self::Settings(Some(Section(section))) => write!(f, "/settings/{section}"),
            Self::Welcome => f.write_str("/welcome"),
        }
    }
}

impl From<Route> for String {
    fn from(route: Route) -> Self {
        route.to_string()
    }
}

impl TryFrom<String> for Route {
    type Error = BadRoute;

    fn try_from(text: String) -> Result<Self, BadRoute> {
        text.parse()
    }
}

impl FromStr for Number {
    type Err = BadRoute;

    /// Reads `41`, `T-41` or `A-41`; the place in the address says which is meant.
    fn from_str(id: &str) -> Result<Self, BadRoute> {
        let digits = id
            .strip_prefix("T-")
            .or_else(|| id.strip_prefix("A-"))
            .unwrap_or(id);
        let plain = (1..=18).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !plain {
            return Err(BadRoute::Unknown);
        }
        digits.parse().map(Self).map_err(|_| BadRoute::Unknown)
    }
}

impl FromStr for Section {
    type Err = BadRoute;

    fn from_str(name: &str) -> Result<Self, BadRoute> {
        let plain = (1..=40).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        plain
            .then(|| Self(name.to_owned()))
            .ok_or(BadRoute::Unknown)
    }
}

impl Draft {
    fn from_query(query: &str) -> Result<Self, BadRoute> {
        let mut draft = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value = (!value.is_empty()).then(|| plain(&value));
            match name.as_ref() {
                "title" => draft.title = value,
                "folder" => draft.folder = value,
                _ => return Err(BadRoute::Unknown),
            }
        }
        Ok(draft)
    }

    fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let fields = [("title", &self.title), ("folder", &self.folder)];
        for (name, value) in fields {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        if query.is_empty() {
            query
        } else {
            format!("?{query}")
        }
    }
}

/// Lines and tabs may stay; what steers a terminal or a display may not.
fn plain(value: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    value
        .chars()
        .filter(|c| !steers(*c))
        .take(LONGEST_VALUE)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_of_ours_lead_to_their_place() {
        let table = [
            ("ripieno://task/T-41", "/tasks/T-41"),
            ("ripieno://task/41", "/tasks/T-41"),
            ("RIPIENO://task/41/", "/tasks/T-41"),
            ("ripieno://ask/A-3", "/inbox/A-3"),
            ("ripieno://new", "/new"),
            ("ripieno://new/", "/new"),
            (
                "ripieno://new?title=Fix%20the%20login%20%26%20more",
                "/new?title=Fix+the+login+%26+more",
            ),
            (
                "ripieno://new?title=%E7%9B%B4%E3%81%99",
                "/new?title=%E7%9B%B4%E3%81%99",
            ),
            (
                "ripieno://new?title=a%1b%5b31mb%E2%80%AE",
                "/new?title=a%5B31mb",
            ),
            ("ripieno://new?title=", "/new"),
            // Where an agent works is for the person to choose.
            ("ripieno://new?title=x&folder=%2Fetc", "/new?title=x"),
        ];
        for (link, route) in table {
            let found = Route::from_link(link).map(|route| route.to_string());
            assert_eq!(found.as_deref(), Ok(route), "{link}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("ripieno://new?title={}", "a".repeat(LONGEST));
        let table = [
            ("", BadRoute::Foreign),
            ("https://task/41", BadRoute::Foreign),
            ("ripieno:task/41", BadRoute::Foreign),
            ("ripieno://", BadRoute::Unknown),
            ("ripieno://task", BadRoute::Unknown),
            ("ripieno://task/", BadRoute::Unknown),
            ("ripieno://task/../settings", BadRoute::Unknown),
            ("ripieno://task/41/changes", BadRoute::Unknown),
            ("ripieno://task/41?run=1", BadRoute::Unknown),
            ("ripieno://task/41#x", BadRoute::Unknown),
            ("ripieno://task/-1", BadRoute::Unknown),
            ("ripieno://task/４１", BadRoute::Unknown),
            ("ripieno://task/99999999999999999999", BadRoute::Unknown),
            ("ripieno://user@task/41", BadRoute::Unknown),
            ("ripieno://settings", BadRoute::Unknown),
            ("ripieno://new?run=true", BadRoute::Unknown),
            ("ripieno://new?title=a&approvals=trusted", BadRoute::Unknown),
            (long.as_str(), BadRoute::TooLong),
        ];
        for (link, why) in table {
            assert_eq!(Route::from_link(link), Err(why), "{link}");
        }
    }

    #[test]
    fn every_address_of_the_page_is_read_back_as_it_is_written() {
        let addresses = [
            "/inbox",
            "/inbox/A-3",
            "/tasks",
            "/tasks/T-41",
            "/tasks/T-41/changes",
            "/new",
            "/new?title=a&folder=%2Fhome%2Fme",
            "/agents",
            "/folders",
            "/settings",
            "/settings/notifications",
            "/welcome",
        ];
        for address in addresses {
            let route: Route = address.parse().unwrap();
            assert_eq!(route.to_string(), address);
            assert_eq!(format!("#{address}").parse(), Ok(route));
        }
        for bad in [
            "nowhere",
            "tasks/T-1/x",
            "settings/A",
            "tasks?x=1",
            "inbox/../x",
        ] {
            assert!(bad.parse::<Route>().is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_prefills_only(text in "\\PC{0,60}", scheme in "(ripieno://(new\\?title=|task/|ask/|))?") {
            if let Ok(route) = Route::from_link(&format!("{scheme}{text}")) {
                let harmless = matches!(
                    &route,
                    Route::Task(_) | Route::Inbox(Some(_)) | Route::New(Draft { folder: None, .. })
                );
                prop_assert!(harmless, "{route:?}");
                let address = route.to_string();
                prop_assert!(address.is_ascii() && !address.contains(['<', '>', '"', '\'', ' ', '#']));
                prop_assert_eq!(address.parse(), Ok(route));
            }
        }

        #[test]
        fn a_title_comes_through_whole(title in "[a-zA-Z0-9 &=?#%/+日本語\"'<>]{1,80}") {
            let query: String = form_urlencoded::Serializer::new(String::new()).append_pair("title", &title).finish();
            let route = Route::from_link(&format!("ripieno://new?{query}")).unwrap();
            prop_assert_eq!(route, Route::New(Draft { title: Some(title), folder: None }));
        }
    }
}
