//! One application per user and home: the first is asked by every later start (C4).

mod door;
mod lock;

use std::time::{Duration, Instant};

use ripieno_daemon::paths::Home;

pub use door::{Door, DoorError, Wish};
pub use lock::{Instance, LockError};

use crate::arguments::Start;

/// How long the first has to answer; it may just be starting, or quitting.
const PATIENCE: Duration = Duration::from_secs(10);
const AGAIN: Duration = Duration::from_millis(50);

/// What became of a start.
#[derive(Debug)]
pub enum Claimed {
    /// This is the one; later starts come through the door.
    First(Instance, Door),
    /// Another is, and it has taken over what this start was for.
    Handed,
}

/// Why there is neither.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The lock cannot be asked for.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The door cannot be opened, or the first does not answer.
    #[error(transparent)]
    Door(#[from] DoorError),
}

/// Becomes the one application of a home, or hands the start to the one there is.
///
/// # Errors
/// The lock or the door of the home cannot be used.
pub fn claim(home: &Home, start: &Start) -> Result<Claimed, ClaimError> {
    let begin = Instant::now();
    loop {
        if let Some(instance) = Instance::claim(&home.state_dir().join("desktop.lock"))? {
            let door = Door::open(home)?;
            return Ok(Claimed::First(instance, door));
        }
        match door::knock(home, start) {
            Ok(()) => return Ok(Claimed::Handed),
            Err(_) if begin.elapsed() < PATIENCE => std::thread::sleep(AGAIN),
            Err(error) => return Err(error.into()),
        }
    }
}
