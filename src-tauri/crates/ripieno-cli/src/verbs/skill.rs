//! Skills: found and checked without a worker (A7).

use super::home;
use crate::{
    args::SkillVerb,
    out::{Out, line},
};
use ripieno_api::{ApiError, view::SkillRow};
use ripieno_daemon::skills::SkillLibrary;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(verb: &SkillVerb, out: &Out) -> Result<u8, ApiError> {
    match verb {
        SkillVerb::List { dir } => list(dir.as_deref(), out),
    }
}

fn list(dir: Option<&Path>, out: &Out) -> Result<u8, ApiError> {
    let person = std::env::var_os("HOME").map(PathBuf::from);
    let library = SkillLibrary::new(dir, &home()?.skills_dir(), person.as_deref());
    let listed = library.list();
    let skills: Vec<SkillRow> = listed.iter().map(SkillRow::from).collect();
    out.show(&json!({ "skills": skills }), || {
        let row = |skill: &SkillRow| {
            let told = match &skill.problem {
                None => line(&skill.description, 80),
                Some(problem) => format!("broken: {}", line(problem, 100)),
            };
            vec![skill.name.clone(), skill.path.clone(), told]
        };
        let rows: Vec<Vec<String>> = skills.iter().map(row).collect();
        if rows.is_empty() {
            "No skills. A skill is a folder with a SKILL.md, in .ripieno/skills of a project or in config/skills of Ripieno."
                .to_owned()
        } else {
            out.table(&["NAME", "FOLDER", "DESCRIPTION"], &rows)
        }
    });
    Ok(0)
}
