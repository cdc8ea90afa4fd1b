//! The way onto the disk: never more than announced, continued where it broke off, and nothing kept that is not whole,
//! of the right digest and signed for exactly this.

use crate::{
    Refusal,
    keys::{Keys, Signed, refused},
    manifest::{Artefact, Part},
    source::{Body, UpdateSource},
    trust::hex,
};
use semver::Version;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// After so many bytes a piece of news about the download is due, and its crash point is passed.
const NEWS: u64 = 64 * 1024;

/// Hears of each step, by name; tests die at them.
pub type Steps<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// The files of a version on this disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staging {
    folder: PathBuf,
}

impl Staging {
    /// The files of `version` below the folder of downloads.
    #[must_use]
    pub fn new(downloads: &Path, version: &Version) -> Self {
        Staging {
            folder: downloads.join(version.to_string()),
        }
    }

    /// Where they lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A verified file.
    #[must_use]
    pub fn file(&self, part: &Part) -> PathBuf {
        self.folder.join(&part.name)
    }

    /// Fetches every file that is not there yet, and verifies all of them; `told` hears how many bytes are there.
    ///
    /// # Errors
    /// Why a file is not taken. What came of it stays only when a next try may go on with it.
    pub async fn fetch(
        &self,
        source: &impl UpdateSource,
        version: &Version,
        artefact: &Artefact,
        keys: &Keys,
        steps: Steps<'_>,
        told: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), Refusal> {
        fs::create_dir_all(&self.folder).map_err(|e| Refusal::disk(&self.folder, e))?;
        let mut before = 0;
        for part in &artefact.files {
            let whole = self.file(part);
            if !whole.exists() {
                let partial = self.partial(part);
                receive(source, part, &partial, steps, &|bytes| told(before + bytes)).await?;
                let (part, version, keys) = (part.clone(), version.clone(), keys.clone());
                let (target, at) = (artefact.target.clone(), partial.clone());
                let verified = tokio::task::spawn_blocking(move || {
                    verify(&at, &part, &version, &target, &keys)
                });
                let verified = verified.await.map_err(|e| Refusal::disk(&partial, e))?;
                if let Err(refusal) = verified {
                    // Nothing can be gone on with: it was whole and wrong.
                    drop(fs::remove_file(&partial));
                    return Err(refusal);
                }
                steps("update.download.verified");
                fs::rename(&partial, &whole).map_err(|e| Refusal::disk(&whole, e))?;
                sync_folder(&self.folder).map_err(|e| Refusal::disk(&self.folder, e))?;
            }
            before += part.length;
            told(before);
        }
        Ok(())
    }

    /// Verifies again what lies here: time has passed since it was fetched.
    ///
    /// # Errors
    /// Why a file is no longer what was fetched; it is removed.
    pub fn verify(
        &self,
        version: &Version,
        artefact: &Artefact,
        keys: &Keys,
    ) -> Result<(), Refusal> {
        for part in &artefact.files {
            let file = self.file(part);
            if let Err(refusal) = verify(&file, part, version, &artefact.target, keys) {
                drop(fs::remove_file(&file));
                return Err(refusal);
            }
        }
        Ok(())
    }

    fn partial(&self, part: &Part) -> PathBuf {
        self.folder.join(format!("{}.part", part.name))
    }
}

/// Removes the downloads of every other version.
pub fn tidy(downloads: &Path, keep: Option<&Version>) {
    let keep = keep.map(Version::to_string);
    for entry in fs::read_dir(downloads).into_iter().flatten().flatten() {
        if entry.file_name().to_str() != keep.as_deref() {
            drop(fs::remove_dir_all(entry.path()));
        }
    }
}

async fn receive(
    source: &impl UpdateSource,
    part: &Part,
    partial: &Path,
    steps: Steps<'_>,
    told: &(dyn Fn(u64) + Send + Sync),
) -> Result<(), Refusal> {
    let disk = |error: io::Error| Refusal::disk(partial, error);
    let there = fs::metadata(partial).map_or(0, |file| file.len());
    // A file as long as announced is only checked; a longer one is not ours.
    if there == part.length {
        return Ok(());
    }
    let wanted = if there > part.length { 0 } else { there };
    let (begins, mut body) = source.open(&part.url, wanted).await?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(begins == 0);
    let mut file = options.append(begins > 0).open(partial).map_err(disk)?;
    let mut got = begins;
    let mut news = got / NEWS;
    while let Some(piece) = body.next().await? {
        got += piece.len() as u64;
        if got > part.length {
            drop(fs::remove_file(partial));
            return Err(Refusal::Oversized {
                name: part.name.clone(),
                limit: part.length,
            });
        }
        file.write_all(&piece).map_err(disk)?;
        while got / NEWS > news {
            news += 1;
            steps("update.download.received");
            told(got);
        }
    }
    file.sync_all().map_err(disk)?;
    if got < part.length {
        return Err(Refusal::Truncated {
            name: part.name.clone(),
            got,
            length: part.length,
        });
    }
    Ok(())
}

/// Length, digest, signature, and what the signature speaks for.
fn verify(
    path: &Path,
    part: &Part,
    version: &Version,
    target: &str,
    keys: &Keys,
) -> Result<(), Refusal> {
    let name = &part.name;
    let signed = Signed::parse(name, &part.signature)?;
    let mut verifier = keys.verifier(name, &signed)?;
    let mut digest = Sha256::new();
    let length = each_block(path, |block| {
        verifier.update(block);
        digest.update(block);
    })
    .map_err(|error| Refusal::disk(path, error))?;
    if length != part.length {
        return Err(Refusal::Truncated {
            name: name.clone(),
            got: length,
            length: part.length,
        });
    }
    if hex(&digest.finalize()) != part.sha256.to_ascii_lowercase() {
        return Err(Refusal::WrongDigest(name.clone()));
    }
    verifier.finalize().map_err(|error| refused(name, &error))?;
    signed.speaks_for(name, &Part::signed_words(version, target, name))
}

/// Reads a file block by block; gives its length.
pub(crate) fn each_block(path: &Path, mut each: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut file = File::open(path)?;
    let mut block = vec![0; 256 * 1024];
    let mut length = 0;
    loop {
        let count = file.read(&mut block)?;
        if count == 0 {
            return Ok(length);
        }
        length += count as u64;
        each(&block[..count]);
    }
}

/// The SHA-256 of a file, in hexadecimal.
///
/// # Errors
/// When it cannot be read.
pub fn digest_of(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    each_block(path, |block| digest.update(block))?;
    Ok(hex(&digest.finalize()))
}

/// Makes a new name in a folder durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}
