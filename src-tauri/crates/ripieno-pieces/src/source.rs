//! Where pieces come from: the project, the user, the program itself (P1).
//!
//! The only module that reads files. A project's folder is searched only when the caller says
//! that the folder is trusted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::facets::{FacetKind, Facets};
use crate::load::{LONGEST_FILE, Loaded, load_named};
use crate::name::{Name, shortened};
use crate::problem::Problems;
use crate::suggest::did_you_mean;
use include_dir::{Dir, include_dir};

static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../../pieces");

/// The endings of piece files, in the order they are tried.
const ENDINGS: [&str; 2] = ["yaml", "yml"];

/// Where a piece was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the project's `.ripieno/pieces`.
    Project,
    /// In the user's folder.
    User,
    /// In the program.
    BuiltIn,
}

/// Says why a piece cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum PieceError {
    /// No folder has it.
    #[error("there is no piece \"{}\" (searched: {searched}); {help}", shortened(.name))]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The folders searched.
        searched: String,
        /// The nearest name, or how to see them all.
        help: String,
    },
    /// The file cannot be read.
    #[error("the piece {path} cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why, with the remedy where one is known.
        reason: String,
    },
    /// The file has mistakes.
    #[error(transparent)]
    Malformed(#[from] Problems),
}

/// One piece of a listing.
#[derive(Debug)]
pub struct Listed {
    /// The name, as the file is called.
    pub name: String,
    /// Where it was found.
    pub origin: Origin,
    /// Its file.
    pub file: String,
    /// The piece, or why it cannot be used.
    pub loaded: Result<Loaded, PieceError>,
}

/// The folders that are searched, in order, and the built-in pieces after them.
#[derive(Debug, Clone, Default)]
pub struct Library {
    folders: Vec<(Origin, PathBuf)>,
}

impl Origin {
    /// The word of views.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Origin::Project => "project",
            Origin::User => "user",
            Origin::BuiltIn => "built_in",
        }
    }
}

impl PieceError {
    /// Every mistake as a sentence of its own.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        match self {
            PieceError::Malformed(problems) => problems.iter().map(ToString::to_string).collect(),
            other => vec![other.to_string()],
        }
    }
}

impl Library {
    /// Searches the built-in pieces only.
    #[must_use]
    pub fn built_in() -> Self {
        Library::default()
    }

    /// Searches a project's `.ripieno/pieces`, then the user's folder, then the built-in pieces.
    ///
    /// Give `trusted_project` only for a folder the person trusts (D1): what lies there decides
    /// what is run. `user` is `<config>/pieces`.
    #[must_use]
    pub fn new(trusted_project: Option<&Path>, user: Option<&Path>) -> Self {
        let project = trusted_project.map(|dir| (Origin::Project, dir.join(".ripieno/pieces")));
        let user = user.map(|dir| (Origin::User, dir.to_owned()));
        Library {
            folders: project.into_iter().chain(user).collect(),
        }
    }

    /// Finds and loads a piece by name.
    ///
    /// # Errors
    /// [`PieceError::Unknown`] names the folders searched and the nearest name; the other kinds
    /// name the file and what is wrong with it.
    pub fn load(&self, name: &str) -> Result<(Origin, Loaded), PieceError> {
        let found = match Name::new(name) {
            Ok(name) => self.find(&name)?,
            Err(_) => None,
        };
        let (origin, file, text) = found.ok_or_else(|| self.unknown(name))?;
        Ok((
            origin,
            load_named(&file, &text, &self.facets(None), Some(name))?,
        ))
    }

    /// Loads a piece from a file the person names (`piece validate`, `piece test`). A folder
    /// `facets` beside the file is searched before the others.
    ///
    /// # Errors
    /// [`PieceError::Unreadable`] or [`PieceError::Malformed`].
    pub fn load_file(&self, path: &Path) -> Result<Loaded, PieceError> {
        let file = path.display().to_string();
        let text = read(path).map_err(|reason| PieceError::Unreadable {
            path: file.clone(),
            reason,
        })?;
        Ok(load_named(&file, &text, &self.facets(path.parent()), None)?)
    }

    /// Lists every piece once, by name; one that is hidden by another of the same name in an
    /// earlier folder is left out, and a broken one says why.
    #[must_use]
    pub fn list(&self) -> Vec<Listed> {
        let mut listed = BTreeMap::new();
        for name in self.names() {
            let Ok(valid) = Name::new(&name) else {
                continue;
            };
            let Ok(Some((origin, file, _))) = self.find(&valid) else {
                continue;
            };
            let loaded = self.load(&name).map(|(_, loaded)| loaded);
            listed.insert(
                name.clone(),
                Listed {
                    name,
                    origin,
                    file,
                    loaded,
                },
            );
        }
        listed.into_values().collect()
    }

    /// The folders searched, in order, for messages.
    #[must_use]
    pub fn searched(&self) -> String {
        let folders = self
            .folders
            .iter()
            .map(|(_, folder)| folder.display().to_string());
        folders
            .chain(["built-in".to_owned()])
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn find(&self, name: &Name) -> Result<Option<(Origin, String, String)>, PieceError> {
        for (origin, folder) in &self.folders {
            for ending in ENDINGS {
                let path = folder.join(format!("{name}.{ending}"));
                if path.symlink_metadata().is_err() {
                    continue;
                }
                let file = path.display().to_string();
                let text = read(&path).map_err(|reason| PieceError::Unreadable {
                    path: file.clone(),
                    reason,
                })?;
                return Ok(Some((*origin, file, text)));
            }
        }
        let file = format!("{name}.yaml");
        let built_in = BUILT_IN
            .get_file(&file)
            .and_then(|file| file.contents_utf8());
        Ok(built_in.map(|text| (Origin::BuiltIn, format!("built-in/{file}"), text.to_owned())))
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .folders
            .iter()
            .flat_map(|(_, folder)| stems(folder, &ENDINGS))
            .collect();
        let built_in = BUILT_IN.files().map(|file| file.path());
        names.extend(built_in.filter_map(|path| stem(path, &ENDINGS)));
        names.sort();
        names.dedup();
        names
    }

    fn unknown(&self, name: &str) -> PieceError {
        let names = self.names();
        let help = did_you_mean(name, names.iter().map(String::as_str))
            .unwrap_or_else(|| format!("there are: {}", names.join(", ")));
        PieceError::Unknown {
            name: name.to_owned(),
            searched: self.searched(),
            help,
        }
    }

    fn facets(&self, beside: Option<&Path>) -> FacetFolders {
        let folders = beside
            .into_iter()
            .chain(self.folders.iter().map(|(_, dir)| dir.as_path()));
        FacetFolders {
            folders: folders.map(|dir| dir.join("facets")).collect(),
        }
    }
}

/// Facets in folders, and the built-in ones after them.
struct FacetFolders {
    folders: Vec<PathBuf>,
}

impl Facets for FacetFolders {
    fn find(&self, kind: FacetKind, name: &Name) -> Result<Option<String>, String> {
        let file = format!("{}/{name}.md", kind.folder());
        for folder in &self.folders {
            let path = folder.join(&file);
            if path.symlink_metadata().is_ok() {
                let text = read(&path).map_err(|reason| format!("{}: {reason}", path.display()))?;
                return Ok(Some(text));
            }
        }
        let built_in = BUILT_IN.get_file(format!("facets/{file}"));
        Ok(built_in
            .and_then(|file| file.contents_utf8())
            .map(str::to_owned))
    }

    fn names(&self, kind: FacetKind) -> Vec<String> {
        let folders = self.folders.iter().map(|folder| folder.join(kind.folder()));
        let mut names: Vec<String> = folders.flat_map(|folder| stems(&folder, &["md"])).collect();
        let built_in = BUILT_IN.get_dir(format!("facets/{}", kind.folder()));
        let files = built_in.into_iter().flat_map(|dir| dir.files());
        names.extend(files.filter_map(|file| stem(file.path(), &["md"])));
        names
    }

    fn searched(&self) -> String {
        let folders = self
            .folders
            .iter()
            .map(|folder| folder.display().to_string());
        folders
            .chain(["built-in".to_owned()])
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// Names of the files in a folder that end as wanted and are called like a piece.
fn stems(folder: &Path, endings: &[&str]) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| stem(&entry.path(), endings))
        .collect()
}

fn stem(path: &Path, endings: &[&str]) -> Option<String> {
    let ending = path.extension()?.to_str()?;
    let stem = path.file_stem()?.to_str()?;
    (endings.contains(&ending) && Name::fits(stem)).then(|| stem.to_owned())
}

/// Reads a text file of bounded size; a pipe or device would block or never end.
fn read(path: &Path) -> Result<String, String> {
    let meta = path.metadata().map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is not a regular file".to_owned());
    }
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let most = LONGEST_FILE as u64 + 1;
    file.take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    if bytes.len() > LONGEST_FILE {
        return Err(format!("it is longer than {LONGEST_FILE} bytes"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..at]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        format!("it is not UTF-8 (line {line}); save it as UTF-8")
    })
}
