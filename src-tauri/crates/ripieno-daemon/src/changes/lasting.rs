//! What is written stays. A collection of garbage takes what no ref reached when it looked, so a ref of ours that was
//! pointed at something new is looked at once more: it ends whole, or as it was before.

use super::{
    git::GitError,
    repository::{Repository, id},
};
use std::{
    ffi::OsStr,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
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

    /// Puts it into a pack, out of reach of whoever takes loose objects. A repacking puts away packs only that it saw before
    /// it looked at the refs: one that sees this pack sees the ref as well.
    async fn shield(&self, commit: &str, but: Option<&str>) -> Result<(), GitError> {
        let mut wanted = format!("{commit}\n");
        if let Some(but) = but {
            wanted.push_str(&format!("^{but}\n"));
        }
        let (git, folder) = (self.git(), &self.folder);
        let args = ["pack-objects", "--revs", "--stdout", "-q"];
        let pack = git.read(folder, &args, wanted.as_bytes(), PACK).await?;
        let new = NewPack::at(&self.objects.join("pack"));
        new.write(&pack).map_err(io)?;
        let (pack, index) = (new.file("pack"), new.file("idx"));
        let args: [&OsStr; 5] = [
            "index-pack".as_ref(),
            "--no-rev-index".as_ref(),
            "-o".as_ref(),
            index.as_os_str(),
            pack.as_os_str(),
        ];
        let name = id(&git.read(folder, &args, b"", ANSWER).await?);
        new.take_place(&name).map_err(io)
    }

    async fn quiet(&self, args: &[&str]) -> Result<(), GitError> {
        let git = self.git();
        git.read(&self.folder, args, b"", ANSWER).await.map(drop)
    }
}

fn io(error: io::Error) -> GitError {
    GitError::Io(error.to_string())
}

/// A pack beside those of the repository, under a name that no collection takes for one of its own; what is left of it goes
/// with the value.
struct NewPack {
    beside: PathBuf,
    folder: PathBuf,
}

impl NewPack {
    fn at(folder: &Path) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        NewPack {
            beside: folder.join(format!(".ripieno-{}-{n}", std::process::id())),
            folder: folder.to_owned(),
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.beside.with_extension(ending)
    }

    fn write(&self, pack: &[u8]) -> io::Result<()> {
        let mut file = fs::File::create_new(self.file("pack"))?;
        file.write_all(pack)?;
        file.sync_all()
    }

    /// Takes its place among the others.
    fn take_place(self, name: &str) -> io::Result<()> {
        let place = |ending: &str| self.folder.join(format!("pack-{name}.{ending}"));
        // One of the same content may have been there before the ref, and be put away by a repacking under way.
        if place("pack").exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        // git looks for indexes, so that comes last.
        fs::rename(self.file("pack"), place("pack"))?;
        fs::rename(self.file("idx"), place("idx"))
    }
}

impl Drop for NewPack {
    fn drop(&mut self) {
        for ending in ["pack", "idx"] {
            drop(fs::remove_file(self.file(ending)));
        }
    }
}

/// Goes on when nobody waits any more: a ref that is pointed is looked at too.
async fn to_its_end(
    work: impl Future<Output = Result<bool, GitError>> + Send + 'static,
) -> Result<bool, GitError> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|broken| Err(GitError::Io(broken.to_string())))
}
