//! Agents of the person's own: `[[agents]]` in the settings file (A2).

use super::error::{ConfigError, Warning};
use ripieno_agents::generic::{EFFORT, MODEL, PromptBy};
use std::path::Path;
use toml_edit::{ArrayOfTables, Item, Table};

/// How we talk to an agent of the person's own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    /// The Agent Client Protocol.
    Acp,
    /// None we know: it is given a prompt, and its lines are read, JSON objects or plain text.
    Lines(PromptBy),
}

/// How a program that speaks no protocol gets its prompt, by the word in the settings.
const PROMPTS: [(&str, PromptBy); 3] = [
    ("stdin", PromptBy::Stdin),
    ("argument", PromptBy::Argument),
    ("file", PromptBy::File),
];

impl Protocol {
    const ALL: [(&'static str, Protocol); 2] = [
        ("acp", Protocol::Acp),
        ("lines", Protocol::Lines(PromptBy::Stdin)),
    ];

    /// Its word in the settings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Protocol::Acp => "acp",
            Protocol::Lines(_) => "lines",
        }
    }
}

/// An agent of the person's own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OwnAgent {
    /// By which tasks name it; also the kind of its lane.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How we talk to it.
    pub protocol: Protocol,
    /// The program: absolute, or looked for on the search path.
    pub command: String,
    /// Its fixed arguments.
    pub args: Vec<String>,
    /// Names of the variables it reads; values are taken from the worker's environment (R10).
    pub env: Vec<String>,
    /// The arguments that choose a model, with `{model}` in one of them (A4).
    pub model_args: Vec<String>,
    /// The arguments that choose a reasoning level, with `{effort}` in one of them.
    pub effort_args: Vec<String>,
}

/// The fields of an entry.
const FIELDS: [&str; 9] = [
    "name",
    "title",
    "protocol",
    "command",
    "args",
    "env",
    "prompt",
    "model_args",
    "effort_args",
];

/// Names that mean something else already.
const TAKEN: [&str; 14] = [
    "shell",
    "llm",
    "claude",
    "codex",
    "gemini",
    "opencode",
    "qwen",
    "copilot",
    "claude-acp",
    "codex-acp",
    "goose",
    "kimi",
    "git",
    "sh",
];

/// Where the entries stand, for messages.
pub(super) struct Place<'a> {
    pub(super) file: &'a Path,
    /// The line of an offset in the file, counted from 1.
    pub(super) line: &'a dyn Fn(usize) -> usize,
}

/// Reads every entry; an unknown field is a warning.
///
/// # Errors
/// The first value that cannot be taken, with its line and what is allowed.
pub(super) fn read(
    item: &Item,
    place: &Place<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<OwnAgent>, ConfigError> {
    let Some(entries) = item.as_array_of_tables() else {
        let at = item.span().map_or(0, |span| span.start);
        return Err(wrong(
            place,
            at,
            "agents",
            "something else",
            "entries: [[agents]]",
        ));
    };
    entries_of(entries, place, warnings)
}

fn entries_of(
    entries: &ArrayOfTables,
    place: &Place<'_>,
    warnings: &mut Vec<Warning>,
) -> Result<Vec<OwnAgent>, ConfigError> {
    let mut agents: Vec<OwnAgent> = Vec::new();
    for table in entries {
        let at = table.span().map_or(0, |span| span.start);
        warnings.extend(unknown(table, place, at));
        let agent = Entry { table, place, at }.agent()?;
        if agents.iter().any(|known| known.name == agent.name) {
            let allowed = "a name no other entry has";
            return Err(wrong(place, at, "agents.name", &agent.name, allowed));
        }
        agents.push(agent);
    }
    Ok(agents)
}

fn unknown(table: &Table, place: &Place<'_>, at: usize) -> Vec<Warning> {
    let odd = table.iter().filter(|(name, _)| !FIELDS.contains(name));
    odd.map(|(name, _)| Warning {
        path: place.file.to_owned(),
        line: (place.line)(at),
        key: format!("agents.{name}"),
        suggestion: nearest(name),
    })
    .collect()
}

fn nearest(name: &str) -> Option<String> {
    let near = |field: &&str| strsim::jaro_winkler(name, field);
    let best = FIELDS
        .into_iter()
        .max_by(|a, b| near(a).total_cmp(&near(b)))?;
    (near(&best) > 0.8).then(|| format!("agents.{best}"))
}

/// One entry.
struct Entry<'a> {
    table: &'a Table,
    place: &'a Place<'a>,
    at: usize,
}

impl Entry<'_> {
    fn agent(&self) -> Result<OwnAgent, ConfigError> {
        let name = self.needed("name")?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.is_empty() || !name.chars().all(plain) || TAKEN.contains(&name.as_str()) {
            let allowed = format!(
                "small letters, digits and `-`, and none of {}",
                TAKEN.join(", ")
            );
            return Err(self.wrong("name", &name, &allowed));
        }
        let command = self.needed("command")?;
        if command.trim().is_empty() {
            return Err(self.wrong(
                "command",
                "empty",
                "a program: its path, or its name on the search path",
            ));
        }
        Ok(OwnAgent {
            title: self.text("title")?.unwrap_or_else(|| name.clone()),
            name,
            protocol: self.protocol()?,
            command,
            args: self.texts("args")?,
            env: self.variables()?,
            model_args: self.choosing("model_args", MODEL)?,
            effort_args: self.choosing("effort_args", EFFORT)?,
        })
    }

    fn protocol(&self) -> Result<Protocol, ConfigError> {
        let word = self.needed("protocol")?;
        match (
            self.one_of("protocol", &word, &Protocol::ALL)?,
            self.text("prompt")?,
        ) {
            (Protocol::Lines(_), Some(prompt)) => {
                Ok(Protocol::Lines(self.one_of("prompt", &prompt, &PROMPTS)?))
            }
            (Protocol::Acp, Some(prompt)) => {
                let allowed = "nothing with protocol = \"acp\": the prompt goes over the protocol";
                Err(self.wrong("prompt", &prompt, allowed))
            }
            (protocol, None) => Ok(protocol),
        }
    }

    fn one_of<T: Copy>(
        &self,
        field: &str,
        word: &str,
        all: &[(&str, T)],
    ) -> Result<T, ConfigError> {
        let found = all.iter().find(|(known, _)| *known == word);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = all.iter().map(|(word, _)| *word).collect();
            self.wrong(field, word, &words.join(", "))
        })
    }

    fn variables(&self) -> Result<Vec<String>, ConfigError> {
        let names = self.texts("env")?;
        for name in &names {
            if let Err(refused) = ripieno_agents::env::check_name(name) {
                return Err(self.wrong("env", name, &format!("names of variables ({refused})")));
            }
        }
        Ok(names)
    }

    /// Arguments that choose something; they have a place for it.
    fn choosing(&self, field: &str, place: &str) -> Result<Vec<String>, ConfigError> {
        let words = self.texts(field)?;
        if words.is_empty() {
            return Ok(words);
        }
        if self.text("protocol")?.as_deref() != Some("lines") {
            let allowed = "nothing with this protocol: it has words of its own for that";
            return Err(self.wrong(field, &words.join(" "), allowed));
        }
        if words.iter().any(|word| word.contains(place)) {
            return Ok(words);
        }
        Err(self.wrong(
            field,
            &words.join(" "),
            &format!("a list with {place} in it"),
        ))
    }

    fn needed(&self, field: &str) -> Result<String, ConfigError> {
        self.text(field)?
            .ok_or_else(|| self.wrong(field, "missing", "a text"))
    }

    fn text(&self, field: &str) -> Result<Option<String>, ConfigError> {
        let Some(item) = self.table.get(field) else {
            return Ok(None);
        };
        match item.as_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(self.wrong(field, item.to_string().trim(), "a text")),
        }
    }

    fn texts(&self, field: &str) -> Result<Vec<String>, ConfigError> {
        let Some(item) = self.table.get(field) else {
            return Ok(Vec::new());
        };
        let list = item.as_array().and_then(|list| {
            let texts = list.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>()
        });
        list.ok_or_else(|| self.wrong(field, item.to_string().trim(), "a list of texts"))
    }

    fn wrong(&self, field: &str, given: &str, allowed: &str) -> ConfigError {
        wrong(
            self.place,
            self.at,
            &format!("agents.{field}"),
            given,
            allowed,
        )
    }
}

fn wrong(place: &Place<'_>, at: usize, key: &str, given: &str, allowed: &str) -> ConfigError {
    ConfigError::Value {
        place: format!("{} line {}", place.file.display(), (place.line)(at)),
        key: key.to_owned(),
        given: given.to_owned(),
        allowed: allowed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    const MINE: &str = "slots = 2\n\n[[agents]]\nname = \"mine\"\ntitle = \"My agent\"\nprotocol = \"acp\"\n\
                        command = \"my-agent\"\nargs = [\"--acp\"]\nenv = [\"MY_KEY\"]\n";

    fn read_text(text: &str) -> Result<(Vec<OwnAgent>, Vec<Warning>), String> {
        let read = read::read(Path::new("c.toml"), text).map_err(|error| error.to_string())?;
        Ok((read.agents, read.warnings))
    }

    #[test]
    fn entry_is_read_whole_beside_the_settings() {
        let (agents, warnings) = read_text(MINE).unwrap();
        let mine = OwnAgent {
            name: "mine".to_owned(),
            title: "My agent".to_owned(),
            protocol: Protocol::Acp,
            command: "my-agent".to_owned(),
            args: vec!["--acp".to_owned()],
            env: vec!["MY_KEY".to_owned()],
            model_args: Vec::new(),
            effort_args: Vec::new(),
        };
        assert_eq!((agents, warnings), (vec![mine], Vec::new()));
    }

    #[test]
    fn wrong_entry_is_refused_with_its_line_and_what_is_allowed() {
        for (from, to, said) in [
            ("\"mine\"", "\"My Agent\"", "agents.name is My Agent"),
            ("\"mine\"", "\"claude\"", "none of shell, llm, claude"),
            (
                "\"acp\"",
                "\"telnet\"",
                "agents.protocol is telnet; allowed is acp, lines",
            ),
            (
                "\"acp\"",
                "\"lines\"\nprompt = \"mail\"",
                "agents.prompt is mail; allowed is stdin, argument, file",
            ),
            (
                "\"acp\"",
                "\"lines\"\nmodel_args = [\"-m\"]",
                "agents.model_args is -m; allowed is a list with {model} in it",
            ),
            (
                "\"acp\"",
                "\"acp\"\neffort_args = [\"{effort}\"]",
                "allowed is nothing with this protocol",
            ),
            (
                "\"acp\"",
                "\"acp\"\nprompt = \"stdin\"",
                "allowed is nothing with protocol",
            ),
            ("command = \"my-agent\"\n", "", "agents.command is missing"),
            ("\"my-agent\"", "\" \"", "agents.command is empty"),
            ("[\"--acp\"]", "\"--acp\"", "allowed is a list of texts"),
            ("\"MY_KEY\"", "\"LD_PRELOAD\"", "agents.env is LD_PRELOAD"),
            ("[[agents]]", "[agents]", "allowed is entries: [[agents]]"),
        ] {
            let refused = read_text(&MINE.replace(from, to)).unwrap_err();
            assert!(refused.contains(said), "{to}: {refused}");
            assert!(refused.contains("c.toml line 3"), "{to}: {refused}");
        }
        let twice = format!("{MINE}{}", MINE.trim_start_matches("slots = 2\n"));
        assert!(read_text(&twice).unwrap_err().contains("no other entry"));
    }

    #[test]
    fn program_without_a_protocol_says_how_it_gets_its_prompt() {
        for (said, prompt) in [
            ("\"lines\"", PromptBy::Stdin),
            ("\"lines\"\nprompt = \"stdin\"", PromptBy::Stdin),
            ("\"lines\"\nprompt = \"argument\"", PromptBy::Argument),
            ("\"lines\"\nprompt = \"file\"", PromptBy::File),
        ] {
            let (agents, warnings) = read_text(&MINE.replace("\"acp\"", said)).unwrap();
            assert_eq!(agents[0].protocol, Protocol::Lines(prompt), "{said}");
            assert_eq!(warnings, Vec::new());
        }
    }

    #[test]
    fn unknown_field_is_a_warning_with_the_nearest_one() {
        let (agents, warnings) = read_text(&format!("{MINE}arg = 1\n")).unwrap();
        assert_eq!(agents.len(), 1);
        assert_eq!(warnings[0].key, "agents.arg");
        assert_eq!(warnings[0].suggestion.as_deref(), Some("agents.args"));
    }
}
