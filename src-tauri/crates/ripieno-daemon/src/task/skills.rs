//! The skills of an attempt: placed where its agent looks before it starts, gone before its work is looked at (A7, D4).

use super::{Attempt, End};
use crate::{
    runtimes,
    sidecars::{self, Sidecar, SidecarError},
    skills::{SkillError, read_pinned},
};
use ripieno_core::failure::{Class, Failure};
use std::path::Path;

impl Attempt {
    /// Places the skills of the task, and takes away what an earlier attempt left.
    pub(super) async fn place_skills(&mut self) -> Result<(), End> {
        let wanted = self.wanted_skills().await?;
        let placed: Vec<String> = wanted
            .iter()
            .map(|sidecar| sidecar.at.display().to_string())
            .collect();
        let place = sidecars::place(&self.ctx, &self.row, &self.dirs.work, wanted);
        place.await.map_err(refused)?;
        if !placed.is_empty() {
            self.status(format!("skills while it works: {}", placed.join(", ")))
                .await;
        }
        Ok(())
    }

    async fn wanted_skills(&self) -> Result<Vec<Sidecar>, End> {
        let skills = self.row.spec.skills.clone();
        if skills.is_empty() {
            return Ok(Vec::new());
        }
        let kind = self.lane.kind();
        let performer = runtimes::performer(&self.ctx, kind).await;
        let around = performer.as_ref().and_then(|agent| agent.skills_folder());
        let Some(around) = around.map(Path::new).map(Path::to_owned) else {
            return Err(unavailable(format!("{kind} looks for skills nowhere")));
        };
        let pinned = self.ctx.home.task_skills(self.row.id.to_string());
        let read = tokio::task::spawn_blocking(move || {
            let sidecars = skills.iter().map(|skill| {
                Ok(Sidecar {
                    at: around.join(&skill.name),
                    files: read_pinned(&pinned, &skill.name, &skill.digest)?,
                })
            });
            sidecars.collect::<Result<Vec<_>, SkillError>>()
        });
        let read = read
            .await
            .map_err(|broken| unavailable(broken.to_string()))?;
        read.map_err(|error| unavailable(error.to_string()))
    }

    /// Takes the skills away: nothing of the attempt runs any more.
    pub(super) async fn remove_skills(&self) {
        sidecars::settle(&self.ctx, &self.row).await;
    }
}

fn unavailable(text: String) -> End {
    End::Failed(Failure::new(Class::SkillUnavailable, text))
}

fn refused(error: SidecarError) -> End {
    let full = match &error {
        SidecarError::Io { source, .. } => source.kind() == std::io::ErrorKind::StorageFull,
        SidecarError::Store(ripieno_store::StoreError::Disk { .. }) => true,
        _ => false,
    };
    let class = if full {
        Class::DiskFull
    } else {
        Class::SkillUnavailable
    };
    End::Failed(Failure::new(
        class,
        format!("its skills cannot be placed: {error}"),
    ))
}
