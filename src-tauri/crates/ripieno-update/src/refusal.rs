//! Every reason not to take what a server offers. Each names the thing and what to do, where there is something.

use std::path::PathBuf;

/// Why a manifest, an artefact or a place is refused. Nothing of it was used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The build has no keys: it was not made by a release workflow.
    #[error(
        "this build has no update keys, so it can believe no update: install a release, or build with RIPIENO_UPDATE_KEYS"
    )]
    NoKeys,
    /// A key given at build time is none.
    #[error("update key {0:?} is no minisign public key")]
    BadKey(String),
    /// Nobody says where updates come from.
    #[error("this build names no update server: set update.source")]
    NoSource,
    /// The server's address is not one to fetch programs from.
    #[error("{0} is not fetched: updates come over https (plain http only from this machine)")]
    Insecure(String),
    /// The server did not answer, or not with success.
    #[error("{url} cannot be fetched: {what}")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What came instead.
        what: String,
    },
    /// More came than may.
    #[error("{name} is longer than the {limit} bytes it may have")]
    Oversized {
        /// Which file.
        name: String,
        /// How long it may be.
        limit: u64,
    },
    /// Less came than was announced.
    #[error("{name} ended after {got} of {length} bytes; the rest is fetched at the next try")]
    Truncated {
        /// Which file.
        name: String,
        /// How much came.
        got: u64,
        /// How long it is.
        length: u64,
    },
    /// A signature that is none.
    #[error("the signature of {0} cannot be read")]
    SignatureMalformed(String),
    /// Signed, but by nobody we know.
    #[error("{name} is signed with the key {key}, which this build does not trust")]
    UnknownKey {
        /// What was signed.
        name: String,
        /// By which key.
        key: String,
    },
    /// Signed by a key that was called back.
    #[error("{name} is signed with the key {key}, which has been revoked")]
    RevokedKey {
        /// What was signed.
        name: String,
        /// By which key.
        key: String,
    },
    /// The bytes are not those that were signed.
    #[error("{0} was changed after it was signed")]
    Tampered(String),
    /// Not all of a manifest came; without a length nothing else tells that from a change.
    #[error("{0} ends in its middle: it was cut off on its way, or where it is served")]
    CutOff(String),
    /// A valid signature of something else.
    #[error("the signature of {name} speaks for {signed:?}, not for {wanted:?}")]
    WrongSignature {
        /// What was wanted.
        name: String,
        /// What the signature says.
        signed: String,
        /// What it would have to say.
        wanted: String,
    },
    /// Signed, and still nonsense.
    #[error("the manifest cannot be read: {0}")]
    Malformed(String),
    /// Its time is over: somebody may be holding newer ones back.
    #[error(
        "the manifest expired at {0}: the server shows an old one, or this computer's clock is wrong"
    )]
    Expired(String),
    /// Valid for longer than anything should be.
    #[error("the manifest claims to be valid for more than 30 days, until {0}")]
    ValidTooLong(String),
    /// Issued after now.
    #[error("the manifest was issued in the future, at {0}: is this computer's clock wrong?")]
    NotYet(String),
    /// For another channel.
    #[error("the manifest is of channel {found}, not of {wanted}")]
    WrongChannel {
        /// Of which it is.
        found: String,
        /// Which was asked for.
        wanted: String,
    },
    /// An earlier manifest, played again.
    #[error(
        "the manifest has number {found}, and number {seen} was seen already: an old one is played again"
    )]
    Replayed {
        /// Its number.
        found: u64,
        /// The number seen before.
        seen: u64,
    },
    /// Two manifests of one number.
    #[error("there are two different manifests with number {0}")]
    Forked(u64),
    /// An older version than the running one.
    #[error(
        "the server offers {offered}, older than the running {running}: an update never goes back"
    )]
    Older {
        /// What is offered.
        offered: String,
        /// What runs.
        running: String,
    },
    /// Nothing for this machine.
    #[error("version {version} is not offered for {target}")]
    WrongTarget {
        /// Which version.
        version: String,
        /// This machine, and how the program is installed.
        target: String,
    },
    /// Bytes that do not add up to what was announced.
    #[error("{0} does not have the SHA-256 of the manifest")]
    WrongDigest(String),
    /// The disk.
    #[error("{path}: {what}")]
    Disk {
        /// Where.
        path: PathBuf,
        /// What the system said.
        what: String,
    },
    /// The installation belongs to somebody else.
    #[error("{0}")]
    NotOurs(String),
    /// The privileged step did not happen.
    #[error("{0}")]
    NotGranted(String),
}

impl Refusal {
    /// A failed operation on a file.
    pub fn disk(path: impl Into<PathBuf>, error: impl std::fmt::Display) -> Self {
        Refusal::Disk {
            path: path.into(),
            what: error.to_string(),
        }
    }

    /// Whether the next try may go on with what is there.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Refusal::Unreachable { .. }
                | Refusal::Truncated { .. }
                | Refusal::CutOff(_)
                | Refusal::Disk { .. }
        )
    }
}
