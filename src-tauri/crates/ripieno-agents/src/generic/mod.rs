//! Any other program as an agent: it is given a prompt, and what it prints is read line by line (A3, protocol `lines`).
//!
//! Owns how the prompt gets there, and what lines mean that follow no protocol we know: JSON objects with the usual
//! fields, and plain text. Refuses to promise what such a program cannot do: it asks for no leave, takes no session up again, and
//! hears nothing after its prompt. Questions and reports go by our command and our tools.

mod conversation;
mod fields;
mod message;
mod tally;
mod verdict;

#[cfg(test)]
mod recordings;

use crate::{
    Agent, Approvals, Capabilities, Run, RunSpec, Work,
    dialogue::{self, Told},
    offer::level_left_out,
    process::Launcher,
    tools::{SERVER, TaskTools},
};
use conversation::Conversation;
use ripieno_core::failure::{Class, Failure};
use serde_json::json;
use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

/// Stands in an argument for the prompt, or for the path of the file that holds it.
const PROMPT: &str = "{prompt}";

/// Stands in an argument for the path of a file that tells of our MCP server, in the form most agents read.
const TOOLS: &str = "{mcp}";

/// Stands in an argument for the name of the model.
pub const MODEL: &str = "{model}";

/// Stands in an argument for the reasoning level.
pub const EFFORT: &str = "{effort}";

/// The longest single argument Linux takes (`MAX_ARG_STRLEN`), in bytes, the closing NUL included.
const LONGEST_ARGUMENT: usize = 128 * 1024;

/// How the program gets its prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum PromptBy {
    /// On its standard input, which ends after it.
    #[default]
    Stdin,
    /// As an argument: in place of `{prompt}`, else as the last one. Who lists the processes of this computer sees it.
    Argument,
    /// In a file that only the person can read; its path goes in place of `{prompt}`, else as the last argument.
    File,
}

/// How one program is started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Profile {
    /// The runtime kind, by which tasks name it.
    pub kind: String,
    /// What people call it.
    pub name: String,
    /// Its fixed arguments, with `{prompt}` and `{mcp}` where those go.
    pub arguments: Vec<String>,
    /// The variables it reads, taken from the worker's own environment.
    pub env_names: Vec<String>,
    /// How it gets its prompt.
    pub prompt: PromptBy,
    /// The arguments that choose a model, with `{model}` for its name; none where it takes none.
    pub model_arguments: Vec<String>,
    /// The arguments that choose a reasoning level, with `{effort}` for it; none where it takes none.
    pub effort_arguments: Vec<String>,
}

/// Runs a program of the person's own.
#[derive(Clone, Debug)]
pub struct Generic {
    /// Shared by every run of the program.
    profile: Arc<Profile>,
    program: PathBuf,
    launcher: Launcher,
}

impl Generic {
    /// Runs this program below supervisors of this launcher; [`crate::discover`] finds it.
    #[must_use]
    pub fn new(profile: Profile, program: PathBuf, launcher: Launcher) -> Self {
        Generic {
            profile: Arc::new(profile),
            program,
            launcher,
        }
    }
}

/// A conversation that no process holds.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn dialogue_of(spec: &RunSpec) -> impl dialogue::Dialogue {
    Conversation::new("a program", spec, None)
}

impl Agent for Generic {
    fn kind(&self) -> &str {
        &self.profile.kind
    }

    /// None: what such a program tells of its use is recorded, but nothing says that it tells all.
    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn env_names(&self) -> Vec<&str> {
        self.profile.env_names.iter().map(String::as_str).collect()
    }

    fn skills_folder(&self) -> Option<&str> {
        None
    }

    async fn start(&self, spec: RunSpec) -> Result<Run, Failure> {
        let Work::Prompt(prompt) = &spec.work else {
            let text = format!(
                "{} takes prompts: a script needs the shell",
                self.profile.name
            );
            return Err(Failure::new(Class::InvalidRequest, text));
        };
        let said = match self.profile.prompt {
            PromptBy::Stdin => Some(prompt.clone().into_bytes()),
            PromptBy::Argument | PromptBy::File => None,
        };
        let conversation = Conversation::new(&self.profile.name, &spec, said);
        let words = self.words(prompt, &spec).await?;
        let told = Told {
            arguments: words.iter().map(|word| word.given.clone()).collect(),
            // What is said is no argument on record (sec-8).
            shown: words.into_iter().map(|word| word.shown).collect(),
            notices: self.notices(&spec),
        };
        let program = self.program.clone();
        dialogue::start_told(&self.launcher, program, told, &spec, conversation).await
    }
}

/// One argument as it is given, and as it is on record.
struct Word {
    given: OsString,
    shown: OsString,
}

impl Word {
    fn plain(word: impl Into<OsString>) -> Self {
        let given = word.into();
        Word {
            shown: given.clone(),
            given,
        }
    }
}

impl Generic {
    /// The arguments; the files they name are written.
    async fn words(&self, prompt: &str, spec: &RunSpec) -> Result<Vec<Word>, Failure> {
        let profile = &self.profile;
        let mut arguments = profile.arguments.clone();
        arguments.extend(self.chosen(spec)?);
        let placed = arguments.iter().any(|word| word.contains(PROMPT));
        let prompt = match profile.prompt {
            PromptBy::Stdin => None,
            PromptBy::Argument => Some(prompt.to_owned()),
            PromptBy::File => Some(write(beside_log(spec, "prompt.md"), prompt).await?),
        };
        if prompt.is_some() && !placed {
            arguments.push(PROMPT.to_owned());
        }
        let wants_tools = arguments.iter().any(|word| word.contains(TOOLS));
        let tools = match spec.tools.as_ref().filter(|_| wants_tools) {
            Some(tools) => Some(write(beside_log(spec, "mcp.json"), &servers(tools)).await?),
            None => None,
        };
        let hidden = profile.prompt == PromptBy::Argument;
        let mut words = Vec::new();
        for argument in arguments {
            let argument = match &tools {
                Some(path) => argument.replace(TOOLS, path),
                None => argument,
            };
            let word = match prompt.as_deref().filter(|_| argument.contains(PROMPT)) {
                Some(prompt) => placed_in(&argument, prompt, hidden)?,
                None => Word::plain(argument),
            };
            words.push(word);
        }
        Ok(words)
    }

    /// The arguments for what the task asks for (A4).
    fn chosen(&self, spec: &RunSpec) -> Result<Vec<String>, Failure> {
        let profile = &self.profile;
        if let (Some(model), true) = (&spec.model, profile.model_arguments.is_empty()) {
            let text = format!(
                "{} takes no model, and {model} was asked for: leave it out, or add model_args to its entry of [[agents]]",
                profile.name
            );
            return Err(Failure::new(Class::InvalidRequest, text));
        }
        let put = |words: &[String], place: &str, value: &Option<String>| {
            let value = value.iter();
            let words =
                value.flat_map(|value| words.iter().map(move |word| word.replace(place, value)));
            words.collect::<Vec<_>>()
        };
        let mut words = put(&profile.model_arguments, MODEL, &spec.model);
        words.extend(put(&profile.effort_arguments, EFFORT, &spec.effort));
        Ok(words)
    }

    /// What a person should know of a run from its beginning.
    fn notices(&self, spec: &RunSpec) -> Vec<String> {
        let name = &self.profile.name;
        let asks_nobody = (spec.approvals != Approvals::Trusted)
            .then(|| format!("{name} acts without asking for leave: approvals do not hold for it"));
        let effort = spec
            .effort
            .as_ref()
            .filter(|_| self.profile.effort_arguments.is_empty());
        let left_out = effort.map(|effort| level_left_out(effort, &[]));
        asks_nobody.into_iter().chain(left_out).collect()
    }
}

/// An argument with the prompt, or the path of its file, in its place.
fn placed_in(argument: &str, prompt: &str, hidden: bool) -> Result<Word, Failure> {
    let given = argument.replace(PROMPT, prompt);
    if given.len() >= LONGEST_ARGUMENT {
        let text = format!(
            "the prompt has {} bytes, too many for an argument: set prompt = \"stdin\" or \"file\" for this agent",
            prompt.len()
        );
        return Err(Failure::new(Class::InvalidRequest, text));
    }
    if given.contains('\0') {
        let text = "the prompt holds a NUL, which no argument can: set prompt = \"stdin\" or \"file\" for this agent";
        return Err(Failure::new(Class::InvalidRequest, text));
    }
    let shown = if hidden { argument } else { &given };
    Ok(Word {
        shown: shown.into(),
        given: given.into(),
    })
}

/// Our server as most agents read it. Its token is in the environment, never here.
fn servers(tools: &TaskTools) -> String {
    let socket = tools.socket.display().to_string();
    let server = json!({
        "type": "stdio", "command": tools.program(), "args": tools.arguments(None), "env": {"RIPIENO_SOCKET": socket},
    });
    json!({"mcpServers": {SERVER: server}}).to_string()
}

fn beside_log(spec: &RunSpec, name: &str) -> PathBuf {
    spec.raw_log.with_file_name(name)
}

/// Writes a file for the program, and gives its path.
async fn write(path: PathBuf, text: &str) -> Result<String, Failure> {
    let (text, file) = (text.to_owned(), path.clone());
    let written = tokio::task::spawn_blocking(move || private_file(&file, text.as_bytes())).await;
    let written = written.map_err(io::Error::other).and_then(|done| done);
    match written {
        Ok(()) => Ok(path.display().to_string()),
        Err(error) => {
            let class = match error.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Class::DiskFull,
                _ => Class::WorkspaceFailed,
            };
            let text = format!("the file {} cannot be written: {error}", path.display());
            Err(Failure::new(class, text))
        }
    }
}

/// Writes a file readable by the user only. A link in its place is replaced, never followed.
fn private_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prompt_in_an_argument_is_given_and_not_on_record() {
        let word = placed_in("--message={prompt}", "say hello", true).unwrap();
        assert_eq!(word.given, "--message=say hello");
        assert_eq!(word.shown, "--message={prompt}");
        let path = placed_in("{prompt}", "/run/prompt.md", false).unwrap();
        assert_eq!(
            (path.given, path.shown.to_str()),
            ("/run/prompt.md".into(), Some("/run/prompt.md"))
        );
    }

    #[test]
    fn prompt_that_no_argument_can_hold_is_refused_with_the_remedy() {
        for prompt in ["x".repeat(LONGEST_ARGUMENT), "a\0b".to_owned()] {
            let Err(refused) = placed_in("{prompt}", &prompt, true) else {
                panic!("it is refused");
            };
            assert_eq!(refused.class, Class::InvalidRequest);
            assert!(
                refused.text.contains("prompt = \"stdin\""),
                "{}",
                refused.text
            );
        }
    }
}
