//! The settings file as it is first written, and the table of the reference.

use super::rows::{ROWS, Row};
use super::settings::Settings;

const HEAD: &str = "\
# Settings of Ripieno. Every line is optional; those commented out show the default.
# Durations: \"45s\", \"10m\", \"1h30m\". Sizes: \"16 MiB\". The full reference is docs/settings.md.
";

const LANES: &str = "
# How many tasks run at once in one lane: one section per lane. Without it agents have 2, an LLM
# endpoint 1, and scripts no limit but `slots`.
# [lanes.\"claude:default\"]
# slots = 2
";

const AGENTS: &str = "
# Agents of your own; `ripieno task add --agent my-agent` then uses it. They speak the Agent Client Protocol
# (\"acp\"), or take a prompt and print what they do (\"lines\").
# [[agents]]
# name = \"my-agent\"
# protocol = \"acp\"
# command = \"my-agent\"
# args = [\"--acp\"]
# env = [\"MY_AGENT_KEY\"]
";

/// Returns a file with every setting explained and commented out.
pub(super) fn commented_file() -> String {
    let defaults = Settings::default();
    let mut out = HEAD.to_owned();
    let mut section = "";
    for row in ROWS {
        let (group, leaf) = split(row.key);
        if group != section {
            out.push_str(&format!("\n[{group}]\n"));
            section = group;
        } else {
            out.push('\n');
        }
        out.push_str(&comment(row));
        out.push_str(&format!("# {leaf} = {}\n", (row.get)(&defaults).to_toml()));
    }
    out.push_str(LANES);
    out.push_str(AGENTS);
    out
}

/// Splits a key into its section, empty for none, and its name there.
pub(super) fn split(key: &str) -> (&str, &str) {
    key.rsplit_once('.').unwrap_or(("", key))
}

/// Wraps the explanation to lines of a readable width.
fn comment(row: &Row) -> String {
    let mut out = String::new();
    let mut line = String::from("#");
    let text = format!("{} Allowed: {}.", row.about, row.kind.allowed());
    for word in text.split_whitespace() {
        if line.len() + word.len() >= 98 {
            out.push_str(&line);
            out.push('\n');
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
    out
}

/// Returns the table of `docs/settings.md`.
#[cfg(test)]
pub(super) fn reference_table() -> String {
    let defaults = Settings::default();
    let mut out = String::from(
        "| setting | default | allowed | variable | what it does |\n|---|---|---|---|---|\n",
    );
    for row in ROWS {
        out.push_str(&format!(
            "| `{}` | `{}` | {} | `{}` | {} |\n",
            row.key,
            (row.get)(&defaults).to_toml(),
            row.kind.allowed(),
            super::variable_of(row),
            row.about
        ));
    }
    out
}
