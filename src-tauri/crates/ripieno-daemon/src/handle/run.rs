//! The facts of a run: what was started where, with which variables, and how a person could go on in it.

use super::{Authority, Handle};
use crate::{error::DaemonError, performers};
use ripieno_agents::process::Sandbox;
use ripieno_core::{id::TaskNo, spec::SkillRef, time::Timestamp};
use ripieno_store::{AttemptRow, NewRun, Owner, Reader, StoreError, TaskRow};
use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

/// The log of an attempt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TranscriptFile {
    /// Where it is.
    pub path: PathBuf,
    /// How long it is.
    pub bytes: u64,
    /// How many entries it has.
    pub entries: u64,
}

/// A skill of a run.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunSkill {
    /// Which, and which content.
    pub skill: SkillRef,
    /// Where it was placed, below the folder of the run.
    pub path: PathBuf,
}

/// What is known of a run; nothing before the first attempt.
#[derive(Clone, Debug, Default)]
pub struct RunFacts {
    /// The attempt.
    pub attempt: Option<AttemptRow>,
    /// What was started last in it.
    pub run: Option<NewRun>,
    /// How far its processes are kept apart, once something was started (sec-10).
    pub sandbox: Option<Sandbox>,
    /// The process that holds the lease, while the attempt is live.
    pub owner: Option<Owner>,
    /// Its log.
    pub transcript: Option<TranscriptFile>,
    /// The skills it was given, and where.
    pub skills: Vec<RunSkill>,
    /// With what a person goes on in its session.
    pub resume_command: Option<String>,
    /// What went wrong and stopped nothing (R16).
    pub warnings: Vec<(Timestamp, String)>,
}

/// What rows say of a run.
struct Known {
    row: TaskRow,
    attempt: Option<AttemptRow>,
    run: Option<NewRun>,
    warnings: Vec<(Timestamp, String)>,
}

impl Handle {
    /// The facts of one attempt of a task, or of its last.
    ///
    /// # Errors
    /// Forbidden; NotFound for a task or attempt that is not there.
    pub async fn run_facts(
        &self,
        by: &Authority,
        reference: &str,
        attempt: Option<u32>,
    ) -> Result<RunFacts, DaemonError> {
        by.person("see runs")?;
        let no = self.find(reference).await?;
        let known = self.ctx.store.read(move |r| known(r, no, attempt)).await?;
        let Some(row) = known.attempt else {
            return match attempt {
                Some(n) => Err(DaemonError::NotFound(format!("{no} has no attempt {n}"))),
                None => Ok(RunFacts::default()),
            };
        };
        let live = row.end.is_none();
        Ok(RunFacts {
            transcript: self.transcript(&known.row, row.n).await?,
            skills: self.skills_of(&known.row, &row),
            resume_command: self.resume_command(&row, known.run.as_ref()),
            owner: known.row.owner.filter(|_| live),
            sandbox: known.run.as_ref().map(|_| Sandbox::applied()),
            run: known.run,
            warnings: known.warnings,
            attempt: Some(row),
        })
    }

    async fn transcript(
        &self,
        row: &TaskRow,
        n: u32,
    ) -> Result<Option<TranscriptFile>, DaemonError> {
        let folder = self.ctx.home.attempt_dir(row.id.to_string(), n);
        let path = folder.join("transcript.jsonl");
        let measure = tokio::task::spawn_blocking(move || measured(&path).ok());
        measure
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))
    }

    fn skills_of(&self, task: &TaskRow, attempt: &AttemptRow) -> Vec<RunSkill> {
        let performer = self.ctx.performer(attempt.lane.kind());
        let Some(around) = performer.as_ref().and_then(|agent| agent.skills_folder()) else {
            return Vec::new();
        };
        let placed = |skill: &SkillRef| RunSkill {
            path: Path::new(around).join(&skill.name),
            skill: skill.clone(),
        };
        task.spec.skills.iter().map(placed).collect()
    }

    fn resume_command(&self, attempt: &AttemptRow, run: Option<&NewRun>) -> Option<String> {
        let session = attempt.session.as_ref()?;
        let performer = self.ctx.performer(attempt.lane.kind())?;
        let command = performer.resume_command(session)?;
        Some(match run {
            Some(run) => format!("cd {} && {command}", performers::quoted(&run.cwd)),
            None => command,
        })
    }
}

fn known(r: &Reader<'_>, no: TaskNo, wanted: Option<u32>) -> Result<Known, StoreError> {
    let row = r.task(no)?;
    let n = wanted.unwrap_or(row.task.attempt);
    Ok(Known {
        row,
        attempt: r.attempts(no)?.into_iter().find(|attempt| attempt.n == n),
        run: r.run(no, n)?,
        warnings: r.warnings(no, n)?,
    })
}

/// A log with the number of its lines.
fn measured(path: &Path) -> io::Result<TranscriptFile> {
    let mut file = File::open(path)?;
    let mut block = vec![0; 64 * 1024];
    let (mut bytes, mut entries) = (0, 0);
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            break;
        }
        bytes += count as u64;
        entries += block[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
    }
    Ok(TranscriptFile {
        path: path.to_owned(),
        bytes,
        entries,
    })
}
