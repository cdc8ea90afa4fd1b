//! Who is at the other end: the same user or nobody, and a task when it descends from one.

use super::surface::Surface;
use crate::error::ApiError;
use ripieno_daemon::{Handle, handle::Authority, owner::ProcessIdentity};
use std::io;
use tokio::net::UnixStream;

/// The other end of a connection.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Its authority by descent: what it sends can only lessen it.
    descent: Authority,
}

impl Peer {
    /// Looks at a new connection.
    ///
    /// # Errors
    /// When it belongs to another user, or the system does not say.
    pub(super) async fn of(handle: &Handle, stream: &UnixStream) -> io::Result<Peer> {
        let cred = stream.peer_cred()?;
        if cred.uid() != rustix::process::geteuid().as_raw() {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("user {} is not ours", cred.uid()),
            ));
        }
        let pid = cred.pid();
        let before = identity(pid);
        let descent = handle.authority_of(pid, Surface::default().name()).await;
        // A process that is gone shows no descent: one that connects and ends at once gains nothing by it.
        let whole = pid.is_none() || (before.is_some() && before == identity(pid));
        Ok(Peer {
            descent: if whole { descent } else { Authority::Stale },
        })
    }

    /// The authority of a request that presents `token`, or none.
    ///
    /// # Errors
    /// Forbidden for a token that is not in force, or another task's.
    pub(super) fn authority(
        &self,
        handle: &Handle,
        token: Option<&str>,
        surface: Surface,
    ) -> Result<Authority, ApiError> {
        let Some(token) = token else {
            return Ok(match &self.descent {
                Authority::Person { .. } => Authority::Person {
                    surface: surface.name().to_owned(),
                },
                lesser => lesser.clone(),
            });
        };
        let Some(bearer) = handle.bearer(token) else {
            return Err(ApiError::forbidden(
                "this task token is not in force: the attempt it was given to is over",
            ));
        };
        at_most(&self.descent, bearer)
    }
}

fn at_most(descent: &Authority, bearer: Authority) -> Result<Authority, ApiError> {
    match descent {
        Authority::Person { .. } => Ok(bearer),
        own @ Authority::Task { .. } if *own == bearer => Ok(bearer),
        Authority::Task { no, .. } => Err(ApiError::forbidden(format!(
            "{no} has shown the token of another task or attempt"
        ))),
        Authority::Stale => Ok(Authority::Stale),
    }
}

fn identity(pid: Option<i32>) -> Option<ProcessIdentity> {
    ProcessIdentity::of(u32::try_from(pid?).ok()?)
        .ok()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ripieno_core::id::TaskNo;

    #[test]
    fn token_lessens_authority_and_never_adds_to_it() {
        let task = |no, attempt| Authority::Task {
            no: TaskNo(no),
            attempt,
        };
        let person = Authority::Person {
            surface: "cli".into(),
        };
        assert_eq!(at_most(&person, task(7, 1)).unwrap(), task(7, 1));
        assert_eq!(at_most(&task(7, 1), task(7, 1)).unwrap(), task(7, 1));
        assert_eq!(at_most(&task(7, 1), task(8, 1)).unwrap_err().exit_code(), 8);
        assert_eq!(at_most(&task(7, 1), task(7, 2)).unwrap_err().exit_code(), 8);
        assert_eq!(
            at_most(&Authority::Stale, task(7, 1)).unwrap(),
            Authority::Stale
        );
    }
}
