//! Whom updates are believed from: two keys, so that one can be lost or stolen without locking anybody out.

use crate::Refusal;
use base64::{Engine, engine::general_purpose::STANDARD};
use minisign_verify::{Error, PublicKey, Signature, StreamVerifier};
use std::collections::BTreeSet;

/// A key with the name it goes by.
#[derive(Clone, Debug)]
struct Key {
    id: String,
    text: String,
    key: PublicKey,
}

/// The keys of a build, without those that were revoked since.
#[derive(Clone, Debug)]
pub struct Keys {
    keys: Vec<Key>,
    revoked: BTreeSet<String>,
}

impl Keys {
    /// The keys this program was built with (`RIPIENO_UPDATE_KEYS`: base64, comma between). Builds with debug
    /// assertions honour the variable at run time too, for tests.
    ///
    /// # Errors
    /// [`Refusal::NoKeys`], [`Refusal::BadKey`].
    pub fn built_in() -> Result<Self, Refusal> {
        let given = if cfg!(debug_assertions) {
            std::env::var("RIPIENO_UPDATE_KEYS").ok()
        } else {
            None
        };
        let given = given.or_else(|| option_env!("RIPIENO_UPDATE_KEYS").map(str::to_owned));
        Self::parse(given.as_deref().unwrap_or_default())
    }

    /// Reads keys in base64 with commas between them.
    ///
    /// # Errors
    /// [`Refusal::NoKeys`], [`Refusal::BadKey`].
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        let parts = text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let keys = parts
            .map(|part| {
                let bad = || Refusal::BadKey(part.to_owned());
                let bytes = STANDARD.decode(part).map_err(|_| bad())?;
                Ok(Key {
                    id: name(bytes.get(2..10).ok_or_else(bad)?),
                    text: part.to_owned(),
                    key: PublicKey::from_base64(part).map_err(|_| bad())?,
                })
            })
            .collect::<Result<Vec<_>, Refusal>>()?;
        if keys.is_empty() {
            return Err(Refusal::NoKeys);
        }
        Ok(Keys {
            keys,
            revoked: BTreeSet::new(),
        })
    }

    /// Believes these keys no longer.
    #[must_use]
    pub fn without(mut self, revoked: impl IntoIterator<Item = String>) -> Self {
        self.revoked.extend(revoked);
        self
    }

    /// Checks what fits into memory.
    ///
    /// # Errors
    /// Why it is not believed.
    pub fn verify(&self, name: &str, bytes: &[u8], signed: &Signed) -> Result<(), Refusal> {
        let key = self.key_of(name, signed)?;
        key.key
            .verify(bytes, &signed.signature, false)
            .map_err(|error| refused(name, &error))
    }

    /// Begins to check a file piece by piece.
    ///
    /// # Errors
    /// When its key is not one of ours.
    pub fn verifier<'a>(
        &'a self,
        name: &str,
        signed: &'a Signed,
    ) -> Result<StreamVerifier<'a>, Refusal> {
        let key = self.key_of(name, signed)?;
        key.key
            .verify_stream(&signed.signature)
            .map_err(|error| refused(name, &error))
    }

    /// The public half, in base64, of the key that signed something.
    ///
    /// # Errors
    /// When it is not one of ours.
    pub fn public_of(&self, name: &str, signed: &Signed) -> Result<&str, Refusal> {
        self.key_of(name, signed).map(|key| key.text.as_str())
    }

    fn key_of(&self, name: &str, signed: &Signed) -> Result<&Key, Refusal> {
        let key = signed.key.clone();
        if self.revoked.contains(&key) {
            return Err(Refusal::RevokedKey {
                name: name.to_owned(),
                key,
            });
        }
        let found = self.keys.iter().find(|known| known.id == key);
        found.ok_or_else(|| Refusal::UnknownKey {
            name: name.to_owned(),
            key,
        })
    }
}

/// What the check of a signature came to.
pub(crate) fn refused(name: &str, error: &Error) -> Refusal {
    match error {
        Error::InvalidSignature => Refusal::Tampered(name.to_owned()),
        _ => Refusal::SignatureMalformed(name.to_owned()),
    }
}

/// A signature, and by which key it claims to be.
#[derive(Clone)]
pub struct Signed {
    signature: Signature,
    key: String,
}

impl Signed {
    /// Reads a minisign signature.
    ///
    /// # Errors
    /// [`Refusal::SignatureMalformed`], naming what it should have signed.
    pub fn parse(name: &str, text: &str) -> Result<Self, Refusal> {
        let bad = || Refusal::SignatureMalformed(name.to_owned());
        let signature = Signature::decode(text).map_err(|_| bad())?;
        let line = text.lines().nth(1).ok_or_else(bad)?;
        let bytes = STANDARD.decode(line.trim()).map_err(|_| bad())?;
        Ok(Signed {
            signature,
            key: self::name(bytes.get(2..10).ok_or_else(bad)?),
        })
    }

    /// The key it claims to be by.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it says of the signed bytes; believed only once they are verified, as it is signed along with them.
    ///
    /// # Errors
    /// [`Refusal::WrongSignature`] when it speaks for something else.
    pub fn speaks_for(&self, name: &str, wanted: &str) -> Result<(), Refusal> {
        let signed = self.signature.trusted_comment();
        if signed == wanted {
            return Ok(());
        }
        Err(Refusal::WrongSignature {
            name: name.to_owned(),
            signed: signed.to_owned(),
            wanted: wanted.to_owned(),
        })
    }
}

/// The name of a key as minisign prints it.
fn name(id: &[u8]) -> String {
    id.iter().rev().map(|byte| format!("{byte:02X}")).collect()
}
