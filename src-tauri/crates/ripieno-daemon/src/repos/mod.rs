//! Clones that tasks share (D6): a person says which repositories there are, each is fetched once, and an agent gets a
//! checkout of its own that borrows the objects.
//!
//! `data/repos/NAME/address` makes a repository known; `clone.git` beside it may go and come back.

mod address;
mod checkout;
mod clone;
mod error;
mod list;

pub use address::{Address, AddressError};
pub use checkout::CheckedOut;
pub(crate) use checkout::checkout;
pub use error::RepoError;
pub use list::{Borrower, Known};
pub(crate) use list::{borrowers, known, last_used};

use crate::{ctx::Ctx, paths::Home};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{sync::RwLock, time::Instant};

/// Who fetches a clone or takes it away holds it alone; who borrows from it holds it with others. Inside is when the last
/// fetch began that came to its end.
#[derive(Debug, Default)]
pub struct Clones {
    of: Mutex<HashMap<String, Arc<RwLock<Option<Instant>>>>>,
}

impl Clones {
    /// The lock of a clone.
    pub(crate) fn of(&self, name: &str) -> Arc<RwLock<Option<Instant>>> {
        let mut of = self.of.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(of.entry(name.to_owned()).or_default())
    }
}

/// The folder of a repository.
fn folder(home: &Home, address: &Address) -> PathBuf {
    home.repos_dir().join(address.folder())
}

/// Makes a repository known, and fetches it.
///
/// # Errors
/// [`RepoError`]; one that cannot be fetched now is known all the same.
pub(crate) async fn add(ctx: &Ctx, address: &Address) -> Result<(), RepoError> {
    let folder = folder(&ctx.home, address);
    crate::paths::make_private_folder(&folder)
        .map_err(|error| RepoError::io(&folder)(std::io::Error::other(error)))?;
    let file = folder.join("address");
    let line = format!("{}\n", address.as_str());
    crate::paths::write_atomically(&file, line.as_bytes()).map_err(RepoError::io(&file))?;
    clone::fetch(ctx, address).await
}

/// Takes the clone in a folder away, unless something borrows from it by now; the repository stays known.
pub(crate) async fn give_up(ctx: &Ctx, folder: &Path) -> bool {
    let Some(name) = folder.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let lock = ctx.clones.of(name);
    let mut last = lock.write().await;
    let (home, folder) = (ctx.home.clone(), folder.to_owned());
    let gone = tokio::task::spawn_blocking(move || {
        let inside = folder.parent() == Some(home.repos_dir().as_path());
        inside
            && borrowers(&home, &folder).is_empty()
            && std::fs::remove_dir_all(folder.join("clone.git")).is_ok()
    });
    let gone = gone.await.unwrap_or(false);
    if gone {
        *last = None;
    }
    gone
}

/// Forgets a repository, and its clone.
///
/// # Errors
/// [`RepoError::Unknown`], [`RepoError::Borrowed`].
pub(crate) async fn remove(ctx: &Ctx, address: &Address) -> Result<(), RepoError> {
    let folder = folder(&ctx.home, address);
    if !folder.join("address").exists() {
        return Err(RepoError::Unknown(address.as_str().to_owned()));
    }
    let lock = ctx.clones.of(&address.folder());
    let _alone = lock.write().await;
    let borrowed = borrowers(&ctx.home, &folder);
    if !borrowed.is_empty() {
        let places = borrowed.into_iter().map(|borrower| borrower.at).collect();
        return Err(RepoError::Borrowed { places });
    }
    tokio::task::spawn_blocking(move || {
        // Without its address it is unknown, whatever else is left of it.
        std::fs::remove_file(folder.join("address"))
            .and_then(|()| std::fs::remove_dir_all(&folder))
            .map_err(RepoError::io(&folder))
    })
    .await
    .unwrap_or_else(|broken| Err(RepoError::Broken(broken.to_string())))
}
