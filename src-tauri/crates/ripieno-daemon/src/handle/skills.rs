//! The skills a submission chooses, with their files as they are at that moment (A7).

use super::{Handle, Submit};
use crate::{
    error::DaemonError,
    sidecars::SidecarFile,
    skills::{Skill, SkillLibrary},
};
use ripieno_core::spec::SkillRef;
use ripieno_pieces::Piece;
use std::path::Path;

/// How many skills a task may be given.
const MOST: usize = 20;

/// A skill with its files.
#[derive(Debug)]
pub(super) struct Chosen {
    pub(super) skill: Skill,
    pub(super) files: Vec<SidecarFile>,
}

/// What the task's row says of them.
pub(super) fn refs(chosen: &[Chosen]) -> Vec<SkillRef> {
    let one = |chosen: &Chosen| SkillRef {
        name: chosen.skill.head.name.clone(),
        digest: chosen.skill.digest.clone(),
    };
    chosen.iter().map(one).collect()
}

impl Handle {
    /// Reads the skills that piece and request name; those of `project`, a folder that is trusted, come first.
    ///
    /// # Errors
    /// Invalid for one that is not there or cannot be used, and where no agent would be given it.
    pub(super) async fn chosen_skills(
        &self,
        request: &Submit,
        piece: &Piece,
        project: Option<&Path>,
    ) -> Result<Vec<Chosen>, DaemonError> {
        let mut names: Vec<String> = Vec::new();
        if !request.no_skills {
            names.extend(piece.skills().iter().cloned());
        }
        for name in &request.skills {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let invalid = |text: String| Err(DaemonError::Invalid(text));
        if !piece.needs_agent() {
            return invalid(format!(
                "the piece {} has no agent that could be given skills: leave --skill out",
                piece.name()
            ));
        }
        if names.len() > MOST {
            return invalid(format!(
                "{} skills are named, at most {MOST} are placed",
                names.len()
            ));
        }
        let environment = self.ctx.resolved_environment().await;
        let home = environment.vars.get("HOME").map(Path::new);
        let library = SkillLibrary::new(project, &self.ctx.home.skills_dir(), home);
        let read = tokio::task::spawn_blocking(move || {
            let chosen = names.iter().map(|name| {
                let (skill, files) = library.read(name)?;
                Ok(Chosen { skill, files })
            });
            chosen.collect::<Result<Vec<_>, crate::skills::SkillError>>()
        });
        read.await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))?
            .map_err(|error| DaemonError::Invalid(error.to_string()))
    }
}
