//! What was seen of a server before, so that it cannot go back: the highest number, and keys that were called back.

use crate::{
    Refusal,
    manifest::{Channel, Manifest},
    swap::write_whole,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

/// What is remembered of the manifests believed so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trust {
    /// The last one of each channel.
    #[serde(default)]
    seen: BTreeMap<Channel, Seen>,
    /// Keys believed no longer.
    #[serde(default)]
    pub revoked: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    sequence: u64,
    sha256: String,
}

impl Trust {
    /// Reads what was remembered; nothing where there is no file yet.
    ///
    /// # Errors
    /// When the file is there and cannot be read: to forget would let an old manifest pass.
    pub fn load(path: &Path) -> Result<Self, Refusal> {
        match std::fs::read(path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|bad| {
                Refusal::disk(
                    path,
                    format!("cannot be read ({bad}); remove it to begin anew"),
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Trust::default()),
            Err(error) => Err(Refusal::disk(path, error)),
        }
    }

    /// Remembers it durably.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn save(&self, path: &Path) -> Result<(), Refusal> {
        let bytes = serde_json::to_vec_pretty(self).map_err(|bad| Refusal::disk(path, bad))?;
        write_whole(path, &bytes).map_err(|error| Refusal::disk(path, error))
    }

    /// Takes a manifest in, when it is none that was overtaken.
    pub(crate) fn admit(
        &mut self,
        manifest: &Manifest,
        bytes: &[u8],
        signer: &str,
    ) -> Result<(), Refusal> {
        let found = manifest.sequence;
        let sha256 = hex(&Sha256::digest(bytes));
        if let Some(seen) = self.seen.get(&manifest.channel) {
            if found < seen.sequence {
                return Err(Refusal::Replayed {
                    found,
                    seen: seen.sequence,
                });
            }
            if found == seen.sequence && sha256 != seen.sha256 {
                return Err(Refusal::Forked(found));
            }
        }
        let sequence = found;
        self.seen
            .insert(manifest.channel, Seen { sequence, sha256 });
        // A stolen key must not be able to call back the other one's revocation, nor itself be spared.
        let others = manifest.revoked.iter().filter(|key| *key != signer);
        self.revoked.extend(others.cloned());
        Ok(())
    }
}

/// Bytes as people compare them.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
