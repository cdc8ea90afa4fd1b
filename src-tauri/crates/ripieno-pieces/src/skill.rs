//! The head of a skill: what `SKILL.md` says of itself before its instructions (A7).

use crate::yaml::{self, Value};

/// The longest name, in bytes.
const NAME: usize = 64;
/// The longest description, in characters.
const DESCRIPTION: usize = 1024;

/// What a skill says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkillHead {
    /// Its name, which its folder has too.
    pub name: String,
    /// What it is for: agents choose by it.
    pub description: String,
}

/// What is wrong with the head of a skill.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSkill {
    /// There is no head, or it does not end.
    #[error(
        "SKILL.md begins with no head: write `name` and `description` between two lines of `---`"
    )]
    NoHead,
    /// It is no YAML.
    #[error("the head of SKILL.md is not readable as YAML: {0}")]
    Yaml(String),
    /// A key is missing, or is no text.
    #[error("the head of SKILL.md has no `{0}` that is a text")]
    Missing(&'static str),
    /// The name cannot be the name of a folder everywhere.
    #[error(
        "`{0}` is no name of a skill: small letters, digits and single hyphens between them, at most {NAME}"
    )]
    Name(String),
    /// The description is too long.
    #[error("its description is longer than {DESCRIPTION} characters")]
    Long,
}

impl SkillHead {
    /// Reads the head of a `SKILL.md`.
    ///
    /// # Errors
    /// [`BadSkill`].
    pub fn parse(text: &str) -> Result<Self, BadSkill> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut lines = text.split_inclusive('\n');
        if lines.next().is_none_or(|line| line.trim_end() != "---") {
            return Err(BadSkill::NoHead);
        }
        let mut head = String::new();
        loop {
            match lines.next() {
                Some(line) if line.trim_end() == "---" => break,
                Some(line) => head.push_str(line),
                None => return Err(BadSkill::NoHead),
            }
        }
        let tree = yaml::parse(&head).map_err(|error| BadSkill::Yaml(error.message))?;
        let text_of = |key: &'static str| {
            let Value::Map(entries) = &tree.value else {
                return Err(BadSkill::Missing(key));
            };
            let found = entries.iter().find(|entry| entry.key == key);
            match found.map(|entry| &entry.value.value) {
                Some(Value::Text(text)) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
                _ => Err(BadSkill::Missing(key)),
            }
        };
        let (name, description) = (text_of("name")?, text_of("description")?);
        if !is_skill_name(&name) {
            return Err(BadSkill::Name(name.chars().take(NAME).collect()));
        }
        if description.chars().count() > DESCRIPTION {
            return Err(BadSkill::Long);
        }
        Ok(SkillHead { name, description })
    }
}

/// Whether every agent takes it for the name of a skill, and every system for that of a folder.
#[must_use]
pub fn is_skill_name(name: &str) -> bool {
    (1..=NAME).contains(&name.len())
        && name.split('-').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn head_is_read_and_the_instructions_are_left() {
        let text = "---\r\nname: pdf-forms\ndescription: |\n  Fills forms.\nlicense: MIT\n---\n# How\n---\n";
        let head = SkillHead::parse(text).unwrap();
        assert_eq!(
            (head.name.as_str(), head.description.as_str()),
            ("pdf-forms", "Fills forms.")
        );
    }

    #[test]
    fn what_is_no_head_is_refused_with_a_sentence() {
        for (text, expected) in [
            ("", BadSkill::NoHead),
            ("# How\n", BadSkill::NoHead),
            ("---\nname: a\n", BadSkill::NoHead),
            ("---\n- a\n---\n", BadSkill::Missing("name")),
            ("---\nname: a\n---\n", BadSkill::Missing("description")),
            (
                "---\nname: 7\ndescription: x\n---\n",
                BadSkill::Missing("name"),
            ),
            (
                "---\nname: ../up\ndescription: x\n---\n",
                BadSkill::Name("../up".into()),
            ),
            (
                "---\nname: Loud\ndescription: x\n---\n",
                BadSkill::Name("Loud".into()),
            ),
        ] {
            assert_eq!(SkillHead::parse(text).unwrap_err(), expected, "{text:?}");
        }
        let long = format!("---\nname: a\ndescription: {}\n---\n", "x".repeat(1025));
        assert_eq!(SkillHead::parse(&long).unwrap_err(), BadSkill::Long);
        assert!(!is_skill_name("a--b") && !is_skill_name("-a") && is_skill_name("a-1"));
    }
}
