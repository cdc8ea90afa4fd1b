//! The state a task starts from and the one it leaves, under refs of ours.

use super::{
    Apart, ChangesError, Finish, GitError, NoRepository, Place, Start,
    capture::{self, Capture},
    compare::{self, Between},
    count,
    git::WRITES,
    repository::Repository,
    scratch::Objects,
    within,
};
use std::time::Duration;

impl Place {
    /// Remembers the state a task starts from, in `limit`. Without `snapshot` what is committed has to do, and where there is
    /// no repository nothing is remembered.
    pub async fn start(&self, snapshot: bool, limit: Duration) -> Start {
        let found = within(limit, async {
            Ok(match snapshot {
                true => self.repository_to_keep_in().await?,
                false => Repository::find(&self.git, &self.folder, self.alone).await?,
            })
        });
        let found = found.await;
        let repository = match found {
            Ok(repository) => repository,
            Err(ChangesError::Repository(NoRepository::None)) => return Start::Nowhere,
            Err(error) => {
                let reason = error.to_string();
                return Start::Unknown { reason };
            }
        };
        match (
            within(limit, self.record_start(&repository, snapshot)).await,
            &repository.head,
        ) {
            (Ok(start), _) => start,
            (Err(error), Some(head)) => Start::At {
                base: head.clone(),
                includes_earlier: true,
                apart: Vec::new(),
                warning: Some(error.to_string()),
            },
            (Err(error), None) => Start::Unknown {
                reason: error.to_string(),
            },
        }
    }

    async fn record_start(
        &self,
        repository: &Repository,
        snapshot: bool,
    ) -> Result<Start, ChangesError> {
        for write in 0..WRITES {
            match self.write_start(repository, snapshot, write).await {
                Ok(Some(start)) => return Ok(start),
                Ok(None) => {}
                Err(error) if error.is_failure_of_git() && write + 1 < WRITES => {}
                Err(error) => return Err(error),
            }
        }
        Err(GitError::Collected.into())
    }

    /// One try; none when a collection of garbage took what was written.
    async fn write_start(
        &self,
        repository: &Repository,
        snapshot: bool,
        write: u32,
    ) -> Result<Option<Start>, ChangesError> {
        let objects = if snapshot || repository.head.is_none() {
            Objects::Kept
        } else {
            Objects::Passing
        };
        let at = self.passing_in("start", write);
        let capture = Capture::take_again(repository, &at, objects, write).await?;
        let head = repository.head.as_deref();
        let base = match (head, capture.dirty && snapshot) {
            (_, true) => {
                capture
                    .commit(head, "What was there when the task started")
                    .await?
            }
            (Some(head), false) => head.to_owned(),
            (None, false) => {
                let empty = capture.scratch.empty_tree().await?;
                capture::commit(&capture.scratch, &empty, None, "Before the first commit").await?
            }
        };
        if !self.keep(repository, "start", &base, None).await? {
            return Ok(None);
        }
        Ok(Some(Start::At {
            base,
            includes_earlier: capture.dirty && !snapshot,
            apart: capture.apart,
            warning: None,
        }))
    }

    /// Keeps the state a task left, in `limit`, and says how much it changed; `kept` is the state it left before.
    ///
    /// # Errors
    /// [`ChangesError`].
    pub async fn finish(
        &self,
        base: &str,
        before: &[Apart],
        kept: Option<&str>,
        limit: Duration,
    ) -> Result<Finish, ChangesError> {
        within(limit, async {
            let repository = self.repository(base).await?;
            let (head, capture) = self.record_end(&repository, kept).await?;
            let between = Between { base, head: &head };
            let scratch = &capture.scratch;
            let compared = compare::list(&repository, scratch, between, &capture.untracked).await?;
            let all = compare::with_apart(compared, before, &capture.apart);
            Ok(Finish {
                files: count(all.len()),
                insertions: all.iter().map(|entry| entry.shown.insertions).sum(),
                deletions: all.iter().map(|entry| entry.shown.deletions).sum(),
                apart: capture.apart,
                checked_out: repository.head.clone(),
                head,
            })
        })
        .await
    }

    async fn record_end(
        &self,
        repository: &Repository,
        kept: Option<&str>,
    ) -> Result<(String, Capture), ChangesError> {
        for write in 0..WRITES {
            match self.write_end(repository, kept, write).await {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => {}
                Err(error) if error.is_failure_of_git() && write + 1 < WRITES => {}
                Err(error) => return Err(error),
            }
        }
        Err(GitError::Collected.into())
    }

    /// One try; none when a collection of garbage took what was written.
    async fn write_end(
        &self,
        repository: &Repository,
        kept: Option<&str>,
        write: u32,
    ) -> Result<Option<(String, Capture)>, ChangesError> {
        let at = self.passing_in("end", write);
        let capture = Capture::take_again(repository, &at, Objects::Kept, write).await?;
        let parent = repository.head.as_deref();
        let head = match parent {
            Some(head) if !capture.dirty => head.to_owned(),
            _ => capture.commit(parent, "What the task left").await?,
        };
        let lasts = self.keep(repository, "end", &head, kept).await?;
        Ok(lasts.then_some((head, capture)))
    }

    async fn keep(
        &self,
        repository: &Repository,
        name: &str,
        commit: &str,
        before: Option<&str>,
    ) -> Result<bool, GitError> {
        let name = format!("{}/{name}", self.refs);
        let but = repository.head.as_deref();
        repository
            .keep((&name, &self.mark), commit, before, but)
            .await
    }
}
