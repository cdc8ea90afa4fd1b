//! Makes releases that the updater believes: keys, signatures and manifests. For the release workflow and for tests.
//!
//! Owns the writing side of the formats that `ripieno-update` reads. Refuses to be part of the product: signing never
//! happens on a person's computer.

use anyhow::{Context, Result, bail};
use jiff::{Timestamp, ToSpan};
use minisign::{KeyPair, SecretKey, SecretKeyBox};
use ripieno_update::{
    download::digest_of,
    manifest::{Artefact, Channel, FORMAT, Manifest, Part},
};
use semver::Version;
use std::{fs, io::Cursor, path::Path};

/// How long a manifest is valid, in days: the most the updater accepts.
pub const VALID_DAYS: i64 = 30;

/// A key that signs.
#[derive(Clone)]
pub struct Signer {
    secret: SecretKey,
    public: String,
    id: String,
}

impl Signer {
    /// Makes a new key.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn generate() -> Result<Self> {
        let KeyPair { sk, .. } = KeyPair::generate_unencrypted_keypair()?;
        Self::of(sk)
    }

    /// Reads a key file of minisign's; `password` where it has one.
    ///
    /// # Errors
    /// When it is no key, or the password is wrong.
    pub fn read(file: &Path, password: Option<String>) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
        let boxed = SecretKeyBox::from_string(&text)?;
        let secret = match password {
            Some(password) => boxed.into_secret_key(Some(password))?,
            None => boxed.into_unencrypted_secret_key()?,
        };
        Self::of(secret)
    }

    fn of(secret: SecretKey) -> Result<Self> {
        let public = minisign::PublicKey::from_secret_key(&secret)?;
        let id = public
            .keynum()
            .iter()
            .rev()
            .map(|byte| format!("{byte:02X}"));
        Ok(Signer {
            id: id.collect(),
            public: public.to_base64(),
            secret,
        })
    }

    /// The public key, as builds take it (`RIPIENO_UPDATE_KEYS`).
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The name of the key, as minisign prints it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The secret key, as minisign keeps it, without a password.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn secret_text(&self) -> Result<String> {
        Ok(self.secret.to_box(Some("ripieno update key"))?.to_string())
    }

    /// Signs bytes, and what they are.
    ///
    /// # Errors
    /// When minisign refuses.
    pub fn sign(&self, bytes: &[u8], speaks_for: &str) -> Result<String> {
        let signed = minisign::sign(
            None,
            &self.secret,
            Cursor::new(bytes),
            Some(speaks_for),
            Some("signature of a ripieno release"),
        )?;
        Ok(signed.into_string())
    }
}

/// A file to be released: the target it is for, and where it will be fetched from.
#[derive(Clone, Debug)]
pub struct NewPart<'a> {
    /// The file.
    pub file: &'a Path,
    /// Its name on the disk of a person.
    pub name: String,
    /// Its address; relative to the manifest, or whole.
    pub url: String,
}

/// Signs the files of a target.
///
/// # Errors
/// When a file cannot be read.
pub fn artefact(
    signer: &Signer,
    version: &Version,
    target: &str,
    parts: &[NewPart<'_>],
) -> Result<Artefact> {
    let files = parts.iter().map(|new| {
        let bytes = fs::read(new.file).with_context(|| format!("{}", new.file.display()))?;
        let words = Part::signed_words(version, target, &new.name);
        Ok(Part {
            name: new.name.clone(),
            url: new.url.clone(),
            length: bytes.len() as u64,
            sha256: digest_of(new.file)?,
            signature: signer.sign(&bytes, &words)?,
        })
    });
    Ok(Artefact {
        target: target.to_owned(),
        files: files.collect::<Result<_>>()?,
    })
}

/// A manifest that is valid from now on.
///
/// # Errors
/// When the clock is beyond all calendars.
pub fn manifest(
    channel: Channel,
    version: Version,
    sequence: u64,
    artefacts: Vec<Artefact>,
) -> Result<Manifest> {
    let issued = Timestamp::now();
    Ok(Manifest {
        format: FORMAT,
        channel,
        version,
        sequence,
        issued,
        expires: issued.checked_add((VALID_DAYS * 24).hours())?,
        notes: None,
        revoked: Vec::new(),
        artefacts,
    })
}

/// Writes a manifest and its signature into the folder of a server.
///
/// # Errors
/// When the disk refuses.
pub fn publish(signer: &Signer, manifest: &Manifest, folder: &Path) -> Result<()> {
    let bytes = serde_json::to_vec_pretty(manifest)?;
    let signature = signer.sign(&bytes, &Manifest::signed_words(manifest.channel))?;
    let name = format!("{}.json", manifest.channel.as_str());
    fs::create_dir_all(folder)?;
    fs::write(folder.join(format!("{name}.minisig")), signature)?;
    fs::write(folder.join(name), bytes)?;
    Ok(())
}

/// Reads a channel by name.
///
/// # Errors
/// When there is none of that name.
pub fn channel(name: &str) -> Result<Channel> {
    match name {
        "stable" => Ok(Channel::Stable),
        "beta" => Ok(Channel::Beta),
        other => bail!("there is no channel {other:?}: name stable or beta"),
    }
}
