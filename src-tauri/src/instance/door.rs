//! The private socket through which a later start hands over what it was for; no session bus is needed.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use ripieno_daemon::paths::{Home, PathError};
use serde::{Deserialize, Serialize};

use crate::arguments::Start;
use crate::route::Route;

/// The longest message, in bytes: a route and a little around it.
const LONGEST: u64 = 16 * 1024;
/// How long either side waits for the other's line.
const PATIENCE: Duration = Duration::from_secs(5);

/// The door cannot be opened, or nobody answers behind it.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// There is no place for it.
    #[error(transparent)]
    Path(#[from] PathError),
    /// It cannot be bound.
    #[error("cannot open {path}: {source}; check that the folder can be written")]
    Bind {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The first start does not answer.
    #[error("Ripieno is running, but does not answer at {path}: {source}; quit it and start again")]
    NoAnswer {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What a later start is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Wish {
    /// Nothing: it was a start at login.
    Nothing,
    /// The window, at a place when one is named.
    Show(Option<Route>),
}

impl From<&Start> for Wish {
    fn from(start: &Start) -> Self {
        match start {
            Start::Version | Start::Hidden => Self::Nothing,
            Start::Plain => Self::Show(None),
            Start::Open(route) => Self::Show(route.clone()),
        }
    }
}

/// The bound door; whoever holds it also holds the lock.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Binds the door of a home. What a crash left there is removed: the lock is ours.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn open(home: &Home) -> Result<Self, DoorError> {
        let path = home.desktop_socket_to_bind()?;
        bind(&path)
            .map(|listener| Self {
                listener,
                path: path.clone(),
            })
            .map_err(|source| DoorError::Bind { path, source })
    }

    /// Lets every later start in, on a thread of its own, as long as this value lives.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn serve(&self, welcome: impl Fn(Wish) + Send + 'static) -> io::Result<()> {
        let listener = self.listener.try_clone()?;
        let listen = move || {
            for guest in listener.incoming() {
                match guest.and_then(|guest| receive(&guest)) {
                    Ok(wish) => welcome(wish),
                    Err(error) => tracing::warn!(%error, "a second start was not understood"),
                }
            }
        };
        std::thread::Builder::new()
            .name("door".into())
            .spawn(listen)
            .map(drop)
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.path));
    }
}

fn bind(path: &Path) -> io::Result<UnixListener> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Reads one wish and says that it will be carried out.
fn receive(mut guest: &UnixStream) -> io::Result<Wish> {
    guest.set_read_timeout(Some(PATIENCE))?;
    guest.set_write_timeout(Some(PATIENCE))?;
    let mut line = String::new();
    BufReader::new(guest.take(LONGEST)).read_line(&mut line)?;
    let wish = serde_json::from_str(&line)?;
    guest.write_all(b"ok\n")?;
    Ok(wish)
}

/// Hands a start to the first, and waits until it has taken it.
pub(super) fn knock(home: &Home, start: &Start) -> Result<(), DoorError> {
    let path = home.desktop_socket_to_connect();
    hand(&path, &Wish::from(start)).map_err(|source| DoorError::NoAnswer { path, source })
}

fn hand(path: &Path, wish: &Wish) -> io::Result<()> {
    let mut stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut line = serde_json::to_string(wish)?;
    line.push('\n');
    stream.write_all(line.as_bytes())?;
    let mut answer = String::new();
    BufReader::new(&stream).read_line(&mut answer)?;
    if answer == "ok\n" {
        Ok(())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn later_start_hands_over_its_route_and_the_first_hears_it() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::under(folder.path());
        home.create().unwrap();
        let (tell, told) = mpsc::channel();
        let door = Door::open(&home).unwrap();
        door.serve(move |wish| tell.send(wish).unwrap()).unwrap();
        let route: Route = "/tasks/T-7".parse().unwrap();
        for start in [
            Start::Open(Some(route.clone())),
            Start::Plain,
            Start::Hidden,
        ] {
            knock(&home, &start).unwrap();
        }
        let heard: Vec<Wish> = told.iter().take(3).collect();
        assert_eq!(
            heard,
            [Wish::Show(Some(route)), Wish::Show(None), Wish::Nothing]
        );
    }

    #[test]
    fn nonsense_is_refused_and_the_door_stays_open() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::under(folder.path());
        home.create().unwrap();
        let (tell, told) = mpsc::channel();
        let door = Door::open(&home).unwrap();
        door.serve(move |wish| tell.send(wish).unwrap()).unwrap();
        for nonsense in ["{}\n", "{\"show\":\"/nowhere\"}\n", "\n"] {
            let mut stream = UnixStream::connect(home.desktop_socket_to_connect()).unwrap();
            stream.write_all(nonsense.as_bytes()).unwrap();
            let mut answer = String::new();
            BufReader::new(&stream).read_line(&mut answer).unwrap();
            assert_eq!(answer, "");
        }
        knock(&home, &Start::Plain).unwrap();
        assert_eq!(told.recv().unwrap(), Wish::Show(None));
    }

    #[test]
    fn door_of_a_crash_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::under(folder.path());
        home.create().unwrap();
        let left = UnixListener::bind(home.desktop_socket_to_bind().unwrap()).unwrap();
        drop(left);
        assert!(knock(&home, &Start::Plain).is_err());
        let door = Door::open(&home).unwrap();
        door.serve(|_| {}).unwrap();
        knock(&home, &Start::Plain).unwrap();
    }
}
