//! Skills: what an agent can be given beside its task (A7).

use ripieno_daemon::skills::ListedSkill;
use serde::{Deserialize, Serialize};

/// A skill of a listing; a broken one says what is wrong and nothing else of itself.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SkillRow {
    /// What it is called by.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// `user` or `project`.
    pub origin: String,
    /// Its folder.
    pub path: String,
    /// SHA-256 over its files.
    pub digest: Option<String>,
    /// How many files it has.
    pub files: usize,
    /// How many bytes they have.
    pub bytes: u64,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl From<&ListedSkill> for SkillRow {
    fn from(listed: &ListedSkill) -> Self {
        let skill = listed.read.as_ref();
        SkillRow {
            name: listed.name.clone(),
            description: skill
                .map_or_else(|_| String::new(), |skill| skill.head.description.clone()),
            origin: listed.origin.name().to_owned(),
            path: listed.folder.display().to_string(),
            digest: skill.ok().map(|skill| skill.digest.clone()),
            files: skill.map_or(0, |skill| skill.files),
            bytes: skill.map_or(0, |skill| skill.bytes),
            problem: skill.err().map(ToString::to_string),
        }
    }
}
