//! Pieces a task can name: those of a folder, the user's, the built-in ones (P1).

use super::Handle;
use crate::error::DaemonError;
use ripieno_pieces::Library;
pub use ripieno_pieces::{
    Loaded, PieceError,
    schema::AgentChoice,
    source::{Listed, Origin},
};
use std::path::{Path, PathBuf};

impl Handle {
    /// The pieces that can be named: those of the folder unless the person does not trust it, the user's, the built-in
    /// ones. Whoever names a folder nobody was asked about consents to read them (D1).
    #[must_use]
    pub fn library(&self, dir: Option<&Path>) -> Library {
        let projects = self.ctx.floor.projects();
        let dir = dir.filter(|dir| !projects.distrusts(dir));
        Library::new(dir, Some(&self.ctx.home.pieces_dir()))
    }

    /// Every piece that a task in `dir` could name, broken ones with what is wrong.
    ///
    /// # Errors
    /// Invalid for a folder no task may work in.
    pub async fn pieces(&self, dir: Option<PathBuf>) -> Result<Vec<Listed>, DaemonError> {
        let dir = self.checked_folder(dir).await?;
        let library = self.library(dir.as_deref());
        tokio::task::spawn_blocking(move || library.list())
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))
    }

    /// One piece, as a task in `dir` would get it.
    ///
    /// # Errors
    /// Invalid for one that does not exist or is broken, and for a folder no task may work in.
    pub async fn piece(
        &self,
        name: &str,
        dir: Option<PathBuf>,
    ) -> Result<(Origin, Loaded), DaemonError> {
        let dir = self.checked_folder(dir).await?;
        self.load_piece(name.to_owned(), dir.as_deref()).await
    }

    /// As [`Handle::piece`], with a folder that was checked already.
    pub(super) async fn load_piece(
        &self,
        name: String,
        dir: Option<&Path>,
    ) -> Result<(Origin, Loaded), DaemonError> {
        let library = self.library(dir);
        self.load_from(library, name).await
    }

    /// As [`Handle::load_piece`], with a folder that is trusted or named for this very task.
    pub(super) async fn load_piece_from(
        &self,
        name: String,
        dir: Option<&Path>,
    ) -> Result<(Origin, Loaded), DaemonError> {
        let library = Library::new(dir, Some(&self.ctx.home.pieces_dir()));
        self.load_from(library, name).await
    }

    async fn load_from(
        &self,
        library: Library,
        name: String,
    ) -> Result<(Origin, Loaded), DaemonError> {
        tokio::task::spawn_blocking(move || library.load(&name))
            .await
            .map_err(|broken| DaemonError::Internal(broken.to_string()))?
            .map_err(|error| DaemonError::Invalid(error.to_string()))
    }
}
