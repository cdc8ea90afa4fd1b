//! The worktree of an attempt: ready before its first movement, committed when the work is done (D5, R14).

use super::{Attempt, End};
use crate::{
    changes::{InPlace, Place, Start, filtered, is_in_repository},
    worktree::{self, Conflicts, TreeError, Unjoined},
};
use ripieno_core::{
    ask::{AskOption, AskSpec, STOP},
    failure::{Class, Failure},
    id::TaskNo,
    spec::FolderMode,
};
use std::time::Duration;

/// How long a commit in the person's checkout may take.
const COMMIT: Duration = Duration::from_secs(60);

/// How the key of an ask about the beginning starts; the tasks left out follow.
const BEGIN: &str = "begin:";

/// What the performer is told of branches that are not in its folder.
fn to_be_merged(unjoined: &[Unjoined]) -> String {
    let merges: Vec<String> = unjoined
        .iter()
        .map(|left| {
            let (task, branch, files) = (left.task, &left.branch, left.files.join(", "));
            format!("`git merge {branch}` ({task}; it conflicts in {files})")
        })
        .collect();
    format!(
        "This task depends on work that is not in its folder, because it conflicts with what is. Merge it first and resolve \
         the conflicts: {}",
        merges.join("; ")
    )
}

impl Attempt {
    /// Makes the worktree ready, where the task works in one; whether it was made just now.
    pub(super) async fn open_worktree(&mut self) -> Result<bool, End> {
        if self.row.spec.mode != FolderMode::Worktree {
            return Ok(false);
        }
        let (ctx, row) = (self.ctx.clone(), self.row.clone());
        let conflicts = self.conflicts().await?;
        // Whoever is interrupted does not wait for it, but it is finished: half a worktree is nobody's.
        let opening = ctx
            .tracker
            .clone()
            .spawn(async move { worktree::open(&ctx, &row, conflicts).await });
        let opened = tokio::select! {
            opened = opening => opened,
            end = self.interrupted() => return Err(end),
        };
        let opened = opened
            .map_err(|broken| End::Failed(Failure::new(Class::Unknown, broken.to_string())))?;
        let opened = match opened {
            Ok(opened) => opened,
            Err(TreeError::Unjoined { with, unjoined }) => {
                return Err(self.ask_to_begin(&with, &unjoined).await);
            }
            Err(error) => return Err(End::Failed(error.into_failure())),
        };
        self.dirs.work = opened.work;
        if !opened.unjoined.is_empty() {
            self.notice = Some(to_be_merged(&opened.unjoined));
        }
        for note in opened.notes {
            self.status(note).await;
        }
        let Some(base) = opened.base else {
            return Ok(false);
        };
        self.fresh = Some(base.clone());
        let start = Start::At {
            base,
            includes_earlier: false,
            apart: Vec::new(),
            warning: None,
        };
        self.store_start(start).await;
        Ok(true)
    }

    /// What a person said about branches that conflict.
    async fn conflicts(&self) -> Result<Conflicts, End> {
        let asks = self.asks().await;
        let said = asks
            .iter()
            .rev()
            .filter(|ask| {
                ask.spec
                    .key
                    .as_deref()
                    .is_some_and(|key| key.starts_with(BEGIN))
            })
            .find_map(|ask| ask.answered.as_ref());
        match said.map(|answered| answered.value.line()) {
            None => Ok(Conflicts::Refuse),
            Some(option) if option == STOP => {
                let text = "a person stopped it: the branches it depends on conflict";
                Err(End::Failed(Failure::new(Class::PieceAborted, text)))
            }
            Some(_) => Ok(Conflicts::Leave),
        }
    }

    /// Asks how to begin where branches conflict (T5); nothing was made.
    async fn ask_to_begin(&mut self, with: &[TaskNo], unjoined: &[Unjoined]) -> End {
        let left: Vec<String> = unjoined.iter().map(|left| left.task.to_string()).collect();
        let mut spec = AskSpec::question(format!(
            "{} depends on branches that conflict: {}. How is it to begin?",
            self.no,
            worktree::said(with, unjoined)
        ));
        let begin = format!(
            "Begin without {}: it is merged by whoever works",
            left.join(", ")
        );
        spec.options = vec![
            AskOption::new("begin", begin),
            AskOption::new(STOP, "Do not begin"),
        ];
        spec.allows_text = false;
        spec.key = Some(format!("{BEGIN}{}", left.join(",")));
        match self.open_ask(&spec, false).await {
            Some(_) => End::Waiting,
            None => End::Stopped,
        }
    }

    /// Commits what a successful attempt left; without the commit it has not succeeded. In the person's own checkout only
    /// where their project says so, and a refusal there is a warning: the work stays where it is.
    pub(super) async fn commit_work(&mut self, end: End) -> End {
        let End::Completed(receipt) = &end else {
            return end;
        };
        let policy = self.policy();
        let co_author = policy.co_author.as_deref();
        if self.row.spec.mode != FolderMode::Worktree {
            if policy.commit {
                let message = worktree::message(&self.row, &receipt.summary, co_author);
                self.commit_in_place(&message).await;
            }
            return end;
        }
        match worktree::commit_work(&self.ctx, &self.row, &receipt.summary, co_author).await {
            Ok(left) => {
                if !left.is_empty() {
                    let text = format!(
                        "{}, and Ripieno runs none: commit that yourself in {}",
                        filtered::said(&left),
                        self.dirs.work.display()
                    );
                    self.warn(text).await;
                }
                end
            }
            Err(error) => {
                let folder = self.dirs.work.display();
                let text = format!(
                    "the work is done and stays in {folder}, but it could not be committed: {error}"
                );
                End::Failed(Failure::new(Class::WorkspaceFailed, text))
            }
        }
    }

    async fn commit_in_place(&mut self, message: &str) {
        if !is_in_repository(&self.dirs.work, self.row.spec.dir.is_none()) {
            return;
        }
        let no = self.no;
        let kept = self.ctx.store.read(move |r| r.changes(no)).await;
        let start = match kept {
            Ok(Some(kept)) if kept.includes_earlier => {
                Err("what was there before is not known".to_owned())
            }
            Ok(Some(kept)) => kept.base,
            Ok(None) => Err("the state it started from is not known".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        let done = match start {
            Ok(start) => match Place::of(&self.ctx, &self.row, self.dirs.work.clone()).await {
                Ok(place) => place
                    .commit_in_place(&start, message, COMMIT)
                    .await
                    .map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            },
            Err(why) => Err(why),
        };
        match done {
            Ok(InPlace::Committed(commit)) => {
                self.status(format!("committed as {commit:.12}")).await;
            }
            Ok(InPlace::Nothing) => {}
            Ok(InPlace::Left(why)) | Err(why) => {
                let text =
                    format!("what it changed is not committed, as its project asks for: {why}");
                self.warn(text).await;
            }
        }
    }
}
