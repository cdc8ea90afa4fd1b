//! Folders that tasks work in: which are refused (D3), which folder a path really is, and the locks
//! that keep two tasks out of one folder, across processes and homes (D1, D2).

mod identity;
mod lock;
mod record;
mod refuse;

#[cfg_attr(target_os = "macos", path = "macos.rs")]
#[cfg_attr(windows, path = "windows.rs")]
#[cfg_attr(not(any(target_os = "macos", windows)), path = "linux.rs")]
mod system;

#[cfg(test)]
mod lock_hammer;
#[cfg(test)]
mod lock_tests;
#[cfg(test)]
mod refuse_tests;

pub use identity::{FolderIdentity, RealFolder};
pub use lock::{Busy, DirectoryLock, DirectoryLocks, LockError};
pub use record::Holder;
pub use refuse::{FolderRules, Refused, RefusedBecause};
