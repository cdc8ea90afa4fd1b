//! What is written stays. A collection of garbage takes what no ref reached when it looked, so a ref of ours that was
//! pointed at something new is looked at once more: it ends whole, or as it was before.

use super::{
    git::GitError,
    repository::{Repository, id},
};

/// How much git may say here.
const ANSWER: u64 = 64 * 1024;
/// How large a pack of what one commit brought may be.
const PACK: u64 = 512 * 1024 * 1024;

/// A ref and what it stood at before.
#[derive(Debug)]
struct Pointed {
    name: String,
    before: Option<String>,
}

impl Repository {
    /// Points a ref of ours at a commit, whatever it stood at. Whether all that is not in the history of `but` is there
    /// and stays; when it is not, the ref is gone again, and the commit is to be written anew.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn point(
        &self,
        name: &str,
        commit: &str,
        but: Option<&str>,
    ) -> Result<bool, GitError> {
        let (name, commit, but) = (name.to_owned(), commit.to_owned(), but.map(str::to_owned));
        let repository = self.clone();
        to_its_end(async move {
            repository.quiet(&["update-ref", &name, &commit]).await?;
            let pointed = Pointed { name, before: None };
            repository.settle(&pointed, &commit, but.as_deref()).await
        })
        .await
    }

    /// The same for a ref that stands at `before`. One that belongs to somebody else is left, and the same with `mark` is
    /// pointed.
    ///
    /// # Errors
    /// [`GitError`].
    pub async fn keep(
        &self,
        (name, mark): (&str, &str),
        commit: &str,
        before: Option<&str>,
        but: Option<&str>,
    ) -> Result<bool, GitError> {
        let own = format!("{name}-{mark}");
        let (name, commit, but) = (name.to_owned(), commit.to_owned(), but.map(str::to_owned));
        let (repository, before) = (self.clone(), before.map(str::to_owned));
        to_its_end(async move {
            let none = "0".repeat(commit.len());
            let stands = before.as_deref().unwrap_or(&none);
            let mut pointed = Pointed {
                name,
                before: before.clone(),
            };
            let args = ["update-ref", &pointed.name, &commit, stands];
            if repository.quiet(&args).await.is_err() {
                repository.quiet(&["update-ref", &own, &commit]).await?;
                pointed = Pointed {
                    name: own,
                    before: None,
                };
            }
            repository.settle(&pointed, &commit, but.as_deref()).await
        })
        .await
    }

    async fn settle(
        &self,
        pointed: &Pointed,
        commit: &str,
        but: Option<&str>,
    ) -> Result<bool, GitError> {
        if self.lasts(commit, but).await? {
            return Ok(true);
        }
        self.take_back(pointed, commit).await?;
        Ok(false)
    }

    async fn take_back(&self, pointed: &Pointed, commit: &str) -> Result<(), GitError> {
        match &pointed.before {
            Some(before) => {
                self.quiet(&["update-ref", &pointed.name, before, commit])
                    .await
            }
            None => {
                self.quiet(&["update-ref", "-d", &pointed.name, commit])
                    .await
            }
        }
    }

    /// Whether everything that a ref reaches by now, and the history of `but` does not, is there and stays. `but` is
    /// something that is reachable anyhow.
    ///
    /// # Errors
    /// [`GitError`] when git cannot be asked.
    pub async fn lasts(&self, commit: &str, but: Option<&str>) -> Result<bool, GitError> {
        let but = match but {
            Some(but) if but == commit => return Ok(true),
            but => but,
        };
        // A collection that begins from here on sees the ref. One that has begun may not have seen it, and may take what
        // is there still.
        if self.is_being_collected() {
            return Ok(self.shield(commit, but).await.is_ok());
        }
        let mut args = vec!["rev-list", "--objects", "--quiet", commit];
        args.extend(but.iter().flat_map(|but| ["--not", but]));
        let git = self.git();
        let printed = git.print(&self.folder, &args, b"", ANSWER).await?;
        Ok(printed.code == Some(0))
    }

    /// Whether `git gc` runs, or was killed: then its file is left, and more than needed is done.
    fn is_being_collected(&self) -> bool {
        self.common.join("gc.pid").exists()
    }

    /// Puts it into a pack, out of reach of whoever takes loose objects. A pack is put away by a repacking only that knew
    /// of it when it began, and none does so while the pack is marked as kept; by then the ref is seen.
    async fn shield(&self, commit: &str, but: Option<&str>) -> Result<(), GitError> {
        let mut wanted = format!("{commit}\n");
        if let Some(but) = but {
            wanted.push_str(&format!("^{but}\n"));
        }
        let (git, folder) = (self.git(), &self.folder);
        let args = ["pack-objects", "--revs", "--stdout", "-q"];
        let pack = git.read(folder, &args, wanted.as_bytes(), PACK).await?;
        let args = ["index-pack", "--stdin", "--keep=Ripieno"];
        let said = id(&git.read(folder, &args, &pack, ANSWER).await?);
        // Another pack of the same content is somebody else's to release.
        if let Some(name) = said.strip_prefix("keep\t") {
            let mark = self.objects.join(format!("pack/pack-{name}.keep"));
            std::fs::remove_file(&mark).map_err(|error| GitError::Io(error.to_string()))?;
        }
        Ok(())
    }

    async fn quiet(&self, args: &[&str]) -> Result<(), GitError> {
        let git = self.git();
        git.read(&self.folder, args, b"", ANSWER).await.map(drop)
    }
}

/// Goes on when nobody waits any more: a ref that is pointed is looked at too.
async fn to_its_end(
    work: impl Future<Output = Result<bool, GitError>> + Send + 'static,
) -> Result<bool, GitError> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|broken| Err(GitError::Io(broken.to_string())))
}
