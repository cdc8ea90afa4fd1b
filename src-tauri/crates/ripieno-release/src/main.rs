//! The tool of the release workflow (docs/updates.md).
//!
//! ```text
//! ripieno-release keys FOLDER
//! ripieno-release publish FOLDER CHANNEL VERSION SEQUENCE BASE-URL TARGET=FILE[,FILE] ...
//! ripieno-release check ADDRESS CHANNEL VERSION
//! ```
//!
//! `publish` signs with the key file that `RIPIENO_UPDATE_KEY` names (`RIPIENO_UPDATE_KEY_PASSWORD` opens it, where it
//! has a password). `RIPIENO_UPDATE_REVOKE` names keys that are believed no longer, `RIPIENO_UPDATE_NOTES` the page with
//! what is new. `check` believes the keys in `RIPIENO_UPDATE_KEYS`, and downloads as the updater does.

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use ripieno_release::{NewPart, Signer, artefact, channel, manifest, publish};
use ripieno_update::{
    download::Staging,
    keys::Keys,
    manifest::Artefact,
    source::{WebSource, offered},
    trust::Trust,
};
use semver::Version;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["keys", folder] => keys(Path::new(folder)),
        ["publish", folder, of, version, sequence, base, targets @ ..] if !targets.is_empty() => {
            let release = Release {
                folder: Path::new(folder),
                version: version.parse().context("VERSION")?,
                sequence: sequence.parse().context("SEQUENCE")?,
                base,
            };
            release.publish(of, targets)
        }
        ["check", address, of, version] => check(address, of, version),
        _ => bail!("see the top of src-tauri/crates/ripieno-release/src/main.rs for what to write"),
    }
}

/// Makes the two keys of a project, and prints what builds are given.
fn keys(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut public = Vec::new();
    for name in ["primary", "standby"] {
        let file = folder.join(format!("{name}.key"));
        if file.exists() {
            bail!("{} exists: keys are never overwritten", file.display());
        }
        let signer = Signer::generate()?;
        fs::write(&file, signer.secret_text()?)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        }
        eprintln!("{name}: {} in {}", signer.id(), file.display());
        public.push(signer.public().to_owned());
    }
    println!("RIPIENO_UPDATE_KEYS={}", public.join(","));
    Ok(())
}

struct Release<'a> {
    folder: &'a Path,
    version: Version,
    sequence: u64,
    /// Where the files will be; the manifest itself lies elsewhere.
    base: &'a str,
}

impl Release<'_> {
    fn publish(&self, of: &str, targets: &[&str]) -> Result<()> {
        let file =
            env::var("RIPIENO_UPDATE_KEY").context("RIPIENO_UPDATE_KEY names the key file")?;
        let password = env::var("RIPIENO_UPDATE_KEY_PASSWORD").ok();
        let signer = Signer::read(Path::new(&file), password.filter(|word| !word.is_empty()))?;
        let artefacts = targets
            .iter()
            .map(|target| self.artefact(&signer, target))
            .collect::<Result<Vec<_>>>()?;
        let mut made = manifest(channel(of)?, self.version.clone(), self.sequence, artefacts)?;
        made.notes = env::var("RIPIENO_UPDATE_NOTES").ok();
        let revoked = env::var("RIPIENO_UPDATE_REVOKE").unwrap_or_default();
        let revoked = revoked.split(',').filter(|id| !id.is_empty());
        made.revoked = revoked.map(str::to_owned).collect();
        publish(&signer, &made, self.folder)?;
        println!(
            "{} {} number {}, signed by {}, valid until {}",
            made.channel.as_str(),
            made.version,
            made.sequence,
            signer.id(),
            made.expires
        );
        Ok(())
    }

    /// Reads `TARGET=FILE[,FILE]`.
    fn artefact(&self, signer: &Signer, words: &str) -> Result<Artefact> {
        let (target, files) = words.split_once('=').context("write TARGET=FILE[,FILE]")?;
        let files: Vec<PathBuf> = files.split(',').map(PathBuf::from).collect();
        let parts = files.iter().map(|file| {
            let name = file.file_name().context("a file has a name")?;
            let name = name.to_string_lossy();
            // Where all files lie side by side, each begins with its target.
            let name = name
                .strip_prefix(&format!("{target}-"))
                .unwrap_or(&name)
                .to_owned();
            Ok(NewPart {
                file,
                url: format!("{}{target}-{name}", self.base),
                name,
            })
        });
        artefact(
            signer,
            &self.version,
            target,
            &parts.collect::<Result<Vec<_>>>()?,
        )
    }
}

/// Takes everything a server offers, as the updater would, and throws it away: what is published is what is checked.
fn check(address: &str, of: &str, version: &str) -> Result<()> {
    let keys = Keys::parse(&env::var("RIPIENO_UPDATE_KEYS").unwrap_or_default())?;
    let folder = env::temp_dir().join(format!("ripieno-release-check-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let checked = runtime.block_on(async {
        let source = WebSource::new(address)?;
        let mut trust = Trust::default();
        let made = offered(&source, channel(of)?, &keys, Timestamp::now(), &mut trust).await?;
        if made.version != version.parse()? {
            bail!("{} is offered, not {version}", made.version);
        }
        for one in &made.artefacts {
            let staging = Staging::new(&folder.join(&one.target), &made.version);
            staging
                .fetch(&source, &made.version, one, &keys, &|_| {}, &|_| {})
                .await
                .with_context(|| one.target.clone())?;
            println!("{}: {} files, as signed", one.target, one.files.len());
        }
        Ok(())
    });
    drop(fs::remove_dir_all(&folder));
    checked
}
