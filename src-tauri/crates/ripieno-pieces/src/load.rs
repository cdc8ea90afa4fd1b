//! From YAML text to a validated [`Piece`], with every mistake named at its line and column.

use serde::{Deserialize, Serialize};

use crate::check;
use crate::digest::digest;
use crate::facets::{Facets, ListedFacets, PulledFacet};
use crate::fields::Fields;
use crate::name::{Name, shortened};
use crate::problem::{At, Findings, Problem, Problems};
use crate::read::{Draft, Reader};
use crate::schema::{
    Access, AgentChoice, Approvals, Budget, DEFAULT_MAX_MOVEMENTS, MOST_MOVEMENTS, Monitor,
    OnStuck, Piece, Review, Verify,
};
use crate::skill::is_skill_name;
use crate::yaml::{self, Node, Value};

/// The longest piece or facet file, in bytes.
pub const LONGEST_FILE: usize = 256 * 1024;

/// The keys of a piece.
pub(crate) const PIECE_KEYS: &[&str] = &[
    "version",
    "name",
    "summary",
    "start",
    "max_movements",
    "agent",
    "model",
    "effort",
    "access",
    "approvals",
    "verify",
    "review",
    "budget",
    "required_mcp",
    "skills",
    "browser_profile",
    "movements",
    "monitors",
];
pub(crate) const BUDGET_KEYS: &[&str] = &["tokens", "usd"];
pub(crate) const MONITOR_KEYS: &[&str] = &["cycle", "limit", "stuck"];

/// A piece with the texts it was made from, so that a task can pin it.
///
/// Stored with a task it loads again to the same piece with the same digest, whatever
/// happened to the files meanwhile; [`Pinned::load`] does that.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The validated piece.
    pub piece: Piece,
    /// SHA-256 in hex over the text and every facet.
    pub digest: String,
    /// What to store to load it again.
    pub pinned: Pinned,
}

/// The texts of a piece as they were when a task was submitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The file, for messages.
    pub file: String,
    /// The text of the piece.
    pub text: String,
    /// Every facet it pulled in, sorted.
    pub facets: Vec<PulledFacet>,
}

impl Pinned {
    /// Loads the piece from the pinned texts alone.
    ///
    /// # Errors
    /// The mistakes found; there are none unless the stored texts were changed.
    pub fn load(&self) -> Result<Loaded, Problems> {
        load(&self.file, &self.text, &ListedFacets(&self.facets))
    }
}

/// Loads a piece from text (P1, format version 1).
///
/// `file` is only used in messages.
///
/// # Errors
/// Every mistake found, each with file, line and column.
pub fn load(file: &str, text: &str, facets: &dyn Facets) -> Result<Loaded, Problems> {
    load_named(file, text, facets, None)
}

/// Loads a piece that must have a certain name, because its file has it.
pub(crate) fn load_named(
    file: &str,
    text: &str,
    facets: &dyn Facets,
    name: Option<&str>,
) -> Result<Loaded, Problems> {
    if text.len() > LONGEST_FILE {
        let size = text.len();
        return Err(only(
            file,
            At::START,
            format!("the piece has {size} bytes; {LONGEST_FILE} is the most"),
        ));
    }
    let text_read = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = yaml::parse(text_read).map_err(|error| {
        only(
            file,
            error.at,
            format!("not readable as YAML: {}", error.message),
        )
    })?;
    let mut reader = Reader::new(file, facets);
    let piece = read_piece(&tree, name, &mut reader);
    let (found, mut pulled) = reader.finish();
    if let Some(problems) = found.into_problems() {
        return Err(problems);
    }
    let Some(piece) = piece else {
        return Err(only(
            file,
            At::START,
            "the piece could not be read".to_owned(),
        ));
    };
    pulled.sort();
    pulled.dedup();
    Ok(Loaded {
        digest: digest(text, &pulled),
        pinned: Pinned {
            file: file.to_owned(),
            text: text.to_owned(),
            facets: pulled,
        },
        piece,
    })
}

fn only(file: &str, at: At, message: String) -> Problems {
    Problems::one(Problem {
        file: file.to_owned(),
        at,
        message,
        help: None,
    })
}

fn read_piece(tree: &Node, wanted: Option<&str>, reader: &mut Reader<'_>) -> Option<Piece> {
    let found = &mut reader.found;
    let top = Fields::open(tree, "a piece", found)?;
    // Another version may know other keys: to list those as unknown would mislead.
    if !version_fits(&top, found) {
        return None;
    }
    top.only(PIECE_KEYS, &[], "a piece", found);
    let name = top.name("name", found);
    if !top.has("name") {
        found.add(top.at(), "a piece needs a \"name\"");
    }
    if let (Some((name, at)), Some(wanted)) = (&name, wanted)
        && *name != wanted
    {
        let message =
            format!("the file is called \"{wanted}\", but the piece names itself \"{name}\"");
        found.add_help(*at, message, "give both the same name");
    }
    let max = top.whole("max_movements", 1, MOST_MOVEMENTS.into(), found);
    let agent = read_agent(&top, found).unwrap_or(AgentChoice::Any);
    let ceiling = top.word("access", Access::WORDS, Access::from_word, found);
    let drafts = reader.movements(&top, ceiling.unwrap_or(Access::Full));
    let found = &mut reader.found;
    let start = read_start(&top, &drafts, found);
    let monitors = read_monitors(&top, &drafts, found);
    check::routes(&drafts, start.as_ref(), &monitors, found);
    Some(Piece {
        name: name?.0,
        summary: top
            .text("summary", found)
            .unwrap_or_default()
            .trim()
            .to_owned(),
        start: start?,
        max_movements: max
            .and_then(|max| u32::try_from(max).ok())
            .unwrap_or(DEFAULT_MAX_MOVEMENTS),
        agent,
        model: top.text("model", found).map(str::to_owned),
        effort: top.text("effort", found).map(str::to_owned),
        approvals: top.word("approvals", Approvals::WORDS, Approvals::from_word, found),
        verify: top
            .word("verify", Verify::WORDS, Verify::from_word, found)
            .unwrap_or(Verify::IfClaimed),
        review: top
            .word("review", Review::WORDS, Review::from_word, found)
            .unwrap_or(Review::Project),
        budget: read_budget(&top, found),
        required_mcp: top
            .texts("required_mcp", found)
            .into_iter()
            .map(|(t, _)| t.to_owned())
            .collect(),
        skills: read_skills(&top, found),
        browser_profile: top.text("browser_profile", found).map(str::to_owned),
        movements: drafts.into_iter().map(|draft| draft.movement).collect(),
        monitors: monitors.into_iter().map(|(monitor, _)| monitor).collect(),
    })
}

fn read_skills(top: &Fields<'_>, found: &mut Findings) -> Vec<String> {
    let mut skills: Vec<String> = Vec::new();
    for (name, at) in top.texts("skills", found) {
        if !is_skill_name(name) {
            let message = format!("\"{}\" is no name of a skill", shortened(name));
            let help = "small letters, digits and single hyphens between them";
            found.add_help(at, message, help);
        } else if !skills.iter().any(|other| other == name) {
            skills.push(name.to_owned());
        }
    }
    skills
}

fn version_fits(top: &Fields<'_>, found: &mut Findings) -> bool {
    let Some(node) = top.get("version") else {
        found.add_help(
            top.at(),
            "a piece needs a \"version\"",
            "write version: 1 at the top",
        );
        return true;
    };
    match node.value {
        Value::Int(1) => true,
        Value::Int(other) => {
            found.add(
                node.at,
                format!(
                    "version {other} of the piece format is not known; this program reads version 1"
                ),
            );
            false
        }
        _ => {
            found.add(node.at, "\"version\" must be the number 1");
            true
        }
    }
}

/// Reads `agent`: `any`, a kind or profile, or `llm:<role>`.
pub(crate) fn read_agent(fields: &Fields<'_>, found: &mut Findings) -> Option<AgentChoice> {
    let text = fields.text("agent", found)?;
    let at = fields.get("agent").map_or(fields.at(), |node| node.at);
    let plain = text.len() <= 100 && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
    if text == "any" {
        return Some(AgentChoice::Any);
    }
    if let Some(role) = text.strip_prefix("llm:") {
        if plain && !role.is_empty() {
            return Some(AgentChoice::Role(role.to_owned()));
        }
        found.add_help(at, "\"llm:\" needs a role", "write it like llm:quality");
        return None;
    }
    if text == "shell" {
        found.add_help(
            at,
            "\"shell\" is no agent",
            "a script is a movement with \"run\"",
        );
        return None;
    }
    if !plain {
        found.add_help(
            at,
            format!("\"{}\" is no agent", shortened(text)),
            "write any, a kind such as claude, the name of a profile, or llm:ROLE",
        );
        return None;
    }
    Some(AgentChoice::Named(text.to_owned()))
}

fn read_start(top: &Fields<'_>, drafts: &[Draft], found: &mut Findings) -> Option<Name> {
    let Some(node) = top.get("start") else {
        return drafts.first().map(|draft| draft.movement.name.clone());
    };
    let text = top.text("start", found)?;
    let hit = drafts
        .iter()
        .map(|draft| &draft.movement.name)
        .find(|name| **name == text);
    if hit.is_none() && !drafts.is_empty() {
        check::unknown_movement(node.at, text, "\"start\"", drafts, &[], found);
    }
    hit.cloned()
}

fn read_budget(top: &Fields<'_>, found: &mut Findings) -> Option<Budget> {
    let fields = Fields::open(top.get("budget")?, "\"budget\"", found)?;
    fields.only(BUDGET_KEYS, &[], "a budget", found);
    // T17: 0 is no cap.
    let tokens = fields
        .whole("tokens", 0, u64::MAX, found)
        .filter(|tokens| *tokens > 0);
    let usd = fields.money("usd", found).filter(|usd| *usd > 0.0);
    (tokens.is_some() || usd.is_some()).then_some(Budget { tokens, usd })
}

fn read_monitors(top: &Fields<'_>, drafts: &[Draft], found: &mut Findings) -> Vec<(Monitor, At)> {
    let mut monitors = Vec::new();
    for node in top.list("monitors", found) {
        let Some(fields) = Fields::open(node, "a monitor", found) else {
            continue;
        };
        fields.only(MONITOR_KEYS, &[], "a monitor", found);
        let mut cycle = Vec::new();
        for (text, at) in fields.texts("cycle", found) {
            match drafts
                .iter()
                .map(|draft| &draft.movement.name)
                .find(|name| **name == text)
            {
                Some(name) => cycle.push(name.clone()),
                None => check::unknown_movement(at, text, "\"cycle\"", drafts, &[], found),
            }
        }
        if !fields.has("cycle") {
            found.add(
                fields.at(),
                "a monitor needs a \"cycle\": the movements of one round",
            );
        }
        if !fields.has("limit") {
            found.add(
                fields.at(),
                "a monitor needs a \"limit\": how many rounds may pass",
            );
        }
        let limit = fields.whole("limit", 1, MOST_MOVEMENTS.into(), found);
        let stuck = fields.word("stuck", OnStuck::WORDS, OnStuck::from_word, found);
        if let (false, Some(limit)) = (cycle.is_empty(), limit.and_then(|l| u32::try_from(l).ok()))
        {
            let stuck = stuck.unwrap_or(OnStuck::Ask);
            monitors.push((
                Monitor {
                    cycle,
                    limit,
                    stuck,
                },
                fields.at(),
            ));
        }
    }
    monitors
}
