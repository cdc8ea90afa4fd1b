//! What a task is given before its row exists: its inputs and its pinned piece (T25). A row never names what is not there.

use super::{Handle, Submit, skills::Chosen};
use crate::{
    error::{self, DaemonError},
    lanes,
    skills::write_pinned,
    task::pinned_file,
    unpack::{self, Caps, UnpackError},
};
use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use ripieno_core::id::TaskId;
use ripieno_pieces::Loaded;
use std::{
    fs::{self, File},
    io,
    path::Path,
};

impl Handle {
    /// Writes inputs, skills and the pinned piece.
    pub(super) async fn write_folder(
        &self,
        id: TaskId,
        loaded: &Loaded,
        request: &Submit,
        skills: Vec<Chosen>,
    ) -> Result<(), DaemonError> {
        let id = id.to_string();
        let folder = self.ctx.home.task_inputs(&id);
        let (inputs, archives) = (request.inputs.clone(), request.unpack.clone());
        let pinned =
            serde_json::to_vec(&loaded.pinned).map_err(|e| DaemonError::Internal(e.to_string()))?;
        let file = pinned_file(&self.ctx, &id);
        let task_dir = self.ctx.home.task_dir(&id);
        let outputs = self.ctx.home.task_outputs(&id);
        let pinned_skills = self.ctx.home.task_skills(&id);
        let written = tokio::task::spawn_blocking(move || -> Result<(), DaemonError> {
            for path in [&folder, &outputs] {
                fs::create_dir_all(path).map_err(|e| failed(path, &e))?;
            }
            let into = Dir::open_ambient_dir(&folder, ambient_authority())
                .map_err(|e| failed(&folder, &e))?;
            for input in &inputs {
                copy(input, &into).map_err(|e| failed(input, &e))?;
            }
            for archive in &archives {
                let name = unpack::folder_name(archive).unwrap_or_default();
                let target = folder.join(name);
                unpack::unpack(archive, &target, &Caps::ATTACHED).map_err(unpack_error)?;
                protect(&target).map_err(|e| failed(&target, &e))?;
            }
            for chosen in &skills {
                write_pinned(&chosen.skill, &chosen.files, &pinned_skills)
                    .map_err(|error| DaemonError::Invalid(error.to_string()))?;
            }
            fs::write(&file, pinned).map_err(|e| failed(&file, &e))
        });
        let result = match written.await {
            Ok(result) => result,
            Err(broken) => Err(DaemonError::Internal(broken.to_string())),
        };
        if let Err(error) = &result {
            drop(tokio::fs::remove_dir_all(task_dir).await);
            if matches!(error, DaemonError::NotPossibleNow(_)) {
                lanes::disk_full(&self.ctx);
            }
        }
        result
    }
}

/// Copies a file into the folder under its own name, read-only; never over another, never through a link there.
fn copy(input: &Path, into: &Dir) -> io::Result<()> {
    let name = input.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut from = File::open(input)?;
    // Looked at once more when it is open: a pipe in its place would never end.
    let metadata = from.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    let mut to = into.open_with(name, &options)?.into_std();
    io::copy(&mut from, &mut to)?;
    to.set_permissions(read_only(&metadata))
}

/// Makes all files below read-only (T25).
fn protect(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = fs::symlink_metadata(&path)?;
        if metadata.is_dir() {
            protect(&path)?;
        } else {
            fs::set_permissions(&path, read_only(&metadata))?;
        }
    }
    Ok(())
}

/// The rights of a file without those to write, and without set-id bits.
fn read_only(metadata: &fs::Metadata) -> fs::Permissions {
    let mut rights = metadata.permissions();
    rights.set_readonly(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        rights.set_mode(rights.mode() & 0o555);
    }
    rights
}

fn unpack_error(error: UnpackError) -> DaemonError {
    let full = matches!(
        &error,
        UnpackError::Io { source, .. }
            if matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    );
    if full {
        return DaemonError::NotPossibleNow(format!("nothing was added: {}", error::DISK_FULL));
    }
    DaemonError::Invalid(error.to_string())
}

pub(super) fn failed(path: &Path, error: &io::Error) -> DaemonError {
    use io::ErrorKind;
    let remedy = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            return DaemonError::NotPossibleNow(format!("nothing was added: {}", error::DISK_FULL));
        }
        ErrorKind::NotFound => "give the path of a file that exists",
        _ => "check its permissions",
    };
    DaemonError::Invalid(format!(
        "{} cannot be used: {error}; {remedy}",
        path.display()
    ))
}

/// What the inputs are called, archives by the folder they are unpacked into; each once.
pub(super) fn input_names(request: &Submit) -> Result<Vec<String>, DaemonError> {
    let mut names: Vec<String> = Vec::new();
    for input in &request.inputs {
        let name = input.file_name().and_then(|name| name.to_str());
        let name = name.filter(|_| input.is_file()).map(str::to_owned);
        add(
            &mut names,
            input,
            name,
            "is no file that can be read: give a file",
        )?;
    }
    for archive in &request.unpack {
        let name = unpack::folder_name(archive).filter(|_| archive.is_file());
        let what = "is no archive: give a .tar, .tar.gz, .tgz or .zip";
        add(&mut names, archive, name, what)?;
    }
    Ok(names)
}

fn add(
    names: &mut Vec<String>,
    input: &Path,
    name: Option<String>,
    what: &str,
) -> Result<(), DaemonError> {
    let Some(name) = name else {
        return Err(DaemonError::Invalid(format!("{} {what}", input.display())));
    };
    if names.contains(&name) {
        return Err(DaemonError::Invalid(format!(
            "two inputs are called {name}: rename one"
        )));
    }
    names.push(name);
    Ok(())
}
