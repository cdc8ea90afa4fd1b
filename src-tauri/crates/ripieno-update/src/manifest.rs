//! The signed manifest: which version a channel offers, and exactly which bytes it is.

use crate::{
    Refusal,
    keys::{Keys, Signed},
    trust::Trust,
};
use jiff::{Timestamp, ToSpan};
use semver::Version;
use serde::{Deserialize, Serialize};

/// The form of the manifest this version reads.
pub const FORMAT: u32 = 1;
/// A manifest is refused beyond this.
pub const LONGEST_MANIFEST: u64 = 256 * 1024;
/// A signature is refused beyond this.
pub const LONGEST_SIGNATURE: u64 = 4 * 1024;
/// No file of a release is longer.
pub const LONGEST_FILE: u64 = 512 << 20;
/// How far a clock may be behind the one that issued a manifest.
const CLOCK_TOLERANCE_HOURS: i64 = 24;
/// No manifest is valid for longer.
const VALID_DAYS: i64 = 30;

/// How daring a person is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Releases.
    #[default]
    Stable,
    /// Also what is tried before a release.
    Beta,
}

impl Channel {
    /// Its name in settings and addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stable => "stable",
            Self::Beta => "beta",
        }
    }
}

/// What a channel offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of this text ([`FORMAT`]).
    pub format: u32,
    /// For whom.
    pub channel: Channel,
    /// Which version.
    pub version: Version,
    /// Grows with every manifest of a channel, so that an old one is recognised.
    pub sequence: u64,
    /// From when.
    pub issued: Timestamp,
    /// Until when; at most 30 days.
    pub expires: Timestamp,
    /// Where a person reads what is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Keys that are believed no longer; honoured when another key signed this.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<String>,
    /// The release per target.
    pub artefacts: Vec<Artefact>,
}

/// The files of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artefact {
    /// System, processor and kind of installation: `linux-x86_64-command`.
    pub target: String,
    /// What belongs together: one package, or each program.
    pub files: Vec<Part>,
}

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name on the disk, without folders.
    pub name: String,
    /// Where it is; relative to the manifest, or whole.
    pub url: String,
    /// How long it is, in bytes.
    pub length: u64,
    /// Its SHA-256, in hexadecimal.
    pub sha256: String,
    /// Its own minisign signature, which names version and target ([`Part::signed_words`]).
    pub signature: String,
}

impl Part {
    /// What the signature of a file must say, so that no file stands in for another. The last field is the one that Tauri's
    /// plugin reads.
    #[must_use]
    pub fn signed_words(version: &Version, target: &str, name: &str) -> String {
        format!("ripieno {version} {target} {name}\tversion:{version}")
    }
}

impl Manifest {
    /// What the signature of a manifest must say.
    #[must_use]
    pub fn signed_words(channel: Channel) -> String {
        format!("ripieno-manifest {}", channel.as_str())
    }

    /// Reads what a server sent, and remembers it in `trust` once all of it is believed.
    ///
    /// # Errors
    /// The first reason not to believe it; `trust` is unchanged then.
    pub fn accept(
        bytes: &[u8],
        signature: &str,
        keys: &Keys,
        wanted: Channel,
        now: Timestamp,
        trust: &mut Trust,
    ) -> Result<Self, Refusal> {
        const NAME: &str = "the manifest";
        let signed = Signed::parse(NAME, signature)?;
        let keys = keys.clone().without(trust.revoked.iter().cloned());
        keys.verify(NAME, bytes, &signed)
            .map_err(|refusal| cut_off(refusal, NAME, bytes))?;
        signed.speaks_for(NAME, &Self::signed_words(wanted))?;
        let manifest: Manifest =
            serde_json::from_slice(bytes).map_err(|bad| Refusal::Malformed(bad.to_string()))?;
        manifest.check(wanted, now)?;
        trust.admit(&manifest, bytes, signed.key())?;
        Ok(manifest)
    }

    fn check(&self, wanted: Channel, now: Timestamp) -> Result<(), Refusal> {
        if self.format != FORMAT {
            return Err(Refusal::Malformed(format!(
                "its form is {}, and this version reads {FORMAT}",
                self.format
            )));
        }
        if self.channel != wanted {
            return Err(Refusal::WrongChannel {
                found: self.channel.as_str().to_owned(),
                wanted: wanted.as_str().to_owned(),
            });
        }
        let overflow = |_| Refusal::Malformed("its times are out of range".to_owned());
        let tolerated = now + CLOCK_TOLERANCE_HOURS.hours();
        if self.issued > tolerated {
            return Err(Refusal::NotYet(self.issued.to_string()));
        }
        if self.expires <= now {
            return Err(Refusal::Expired(self.expires.to_string()));
        }
        let longest = self
            .issued
            .checked_add((VALID_DAYS * 24).hours())
            .map_err(overflow)?;
        if self.expires > longest {
            return Err(Refusal::ValidTooLong(self.expires.to_string()));
        }
        self.artefacts.iter().try_for_each(Artefact::check)
    }

    /// The files for a target.
    ///
    /// # Errors
    /// [`Refusal::WrongTarget`].
    pub fn artefact(&self, target: &str) -> Result<&Artefact, Refusal> {
        let found = self.artefacts.iter().find(|one| one.target == target);
        found.ok_or_else(|| Refusal::WrongTarget {
            version: self.version.to_string(),
            target: target.to_owned(),
        })
    }
}

/// A signature fails on what came only in part as well: its form tells the two apart, which is not believed further.
fn cut_off(refusal: Refusal, name: &str, bytes: &[u8]) -> Refusal {
    let read = serde_json::from_slice::<serde::de::IgnoredAny>(bytes);
    match refusal {
        Refusal::Tampered(_) if read.is_err_and(|bad| bad.is_eof()) => {
            Refusal::CutOff(name.to_owned())
        }
        refusal => refusal,
    }
}

impl Artefact {
    /// Names become paths of ours, and lengths limits.
    fn check(&self) -> Result<(), Refusal> {
        if self.files.is_empty() {
            return Err(Refusal::Malformed(format!("{} has no files", self.target)));
        }
        for part in &self.files {
            let plain = |c: char| c.is_ascii_alphanumeric() || "._-+~".contains(c);
            let name = &part.name;
            if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
                return Err(Refusal::Malformed(format!(
                    "{name:?} is no name for a file"
                )));
            }
            if part.length == 0 || part.length > LONGEST_FILE {
                return Err(Refusal::Malformed(format!(
                    "{name} would be {} bytes long",
                    part.length
                )));
            }
        }
        Ok(())
    }
}
