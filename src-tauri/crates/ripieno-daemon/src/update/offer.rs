//! Looking what a server offers, and fetching it: all of it while tasks run.

use super::{Installation, Phase, Ready, UpdatePaths, version};
use crate::ctx::Ctx;
use ripieno_update::{
    Refusal,
    checker::{Offer, weigh},
    download::{self, Staging},
    installer::{self, Native},
    keys::Keys,
    manifest::Manifest,
    source::{WebSource, offered},
    trust::Trust,
};
use semver::Version;
use std::{collections::BTreeSet, fs};

/// The running version.
pub(super) fn running() -> Result<Version, Refusal> {
    version().parse().map_err(|_| {
        Refusal::Malformed(format!("the running version {:?} is no version", version()))
    })
}

/// Asks the server and fetches what is newer; `None` when there is nothing to install.
///
/// # Errors
/// Why nothing can be installed, in words for the person.
pub(super) async fn look(ctx: &Ctx, insists: bool) -> Result<Option<Ready>, Refusal> {
    let host = ctx.updates.host.clone().ok_or(Refusal::NoSource)?;
    let settings = ctx.settings().update.clone();
    let paths = UpdatePaths::of(&ctx.home);
    let address = match settings.source.as_str() {
        "" => option_env!("RIPIENO_UPDATE_SOURCE").unwrap_or_default(),
        given => given,
    };
    let source = WebSource::new(address)?;
    let keys = Keys::built_in()?;
    let mut trust = Trust::load(&paths.trust)?;
    let now = jiff::Timestamp::from_millisecond(ctx.now().0).unwrap_or_default();
    let manifest = offered(&source, settings.channel, &keys, now, &mut trust).await?;
    trust.save(&paths.trust)?;
    let keys = keys.without(trust.revoked);
    if !wanted(ctx, &paths, &manifest, insists)? {
        return Ok(None);
    }
    let native = host.native.clone();
    let detected =
        tokio::task::spawn_blocking(move || Installation::detect(&host.program, host.product));
    let installation = detected
        .await
        .map_err(|broken| Refusal::NotOurs(broken.to_string()))?;
    ctx.updates.change(|status| {
        status.version = Some(manifest.version.clone());
        status.notes.clone_from(&manifest.notes);
    });
    installation
        .replaceable()
        .map_err(|told| Refusal::NotOurs(format!("{} is out; {told}", manifest.version)))?;
    fetch(ctx, &source, &keys, &manifest, &installation).await?;
    prepare(ctx, keys, manifest, installation, native)
        .await
        .map(Some)
}

/// Whether the offer is to be fetched.
fn wanted(
    ctx: &Ctx,
    paths: &UpdatePaths,
    manifest: &Manifest,
    insists: bool,
) -> Result<bool, Refusal> {
    let skipped = fs::read_to_string(&paths.skipped).ok();
    let skipped = skipped.and_then(|text| text.trim().parse::<Version>().ok());
    let mut failed = BTreeSet::new();
    if let Some(last) = ctx
        .updates
        .status()
        .last
        .filter(|last| last.undone.is_some())
    {
        failed.insert(last.version);
    }
    let offer = weigh(manifest, &running()?, skipped.as_ref(), &failed)?;
    Ok(match offer {
        Offer::Take => true,
        Offer::Current => false,
        // Whoever asks for it by hand wants it all the same.
        Offer::Skipped | Offer::Failed => insists,
    })
}

async fn fetch(
    ctx: &Ctx,
    source: &WebSource,
    keys: &Keys,
    manifest: &Manifest,
    installation: &Installation,
) -> Result<(), Refusal> {
    let paths = UpdatePaths::of(&ctx.home);
    let artefact = manifest.artefact(&installation.target())?;
    let total: u64 = artefact.files.iter().map(|part| part.length).sum();
    ctx.updates.change(|status| {
        status.phase = Phase::Downloading;
        status.progress = Some((0, total));
    });
    download::tidy(&paths.downloads, Some(&manifest.version));
    let staging = Staging::new(&paths.downloads, &manifest.version);
    let told = |got| {
        ctx.updates
            .change(|status| status.progress = Some((got, total)))
    };
    staging
        .fetch(
            source,
            &manifest.version,
            artefact,
            keys,
            &ripieno_store::crash::point,
            &told,
        )
        .await
}

/// Copies the new version to where it can be tried, and the running one to where it is kept.
async fn prepare(
    ctx: &Ctx,
    keys: Keys,
    manifest: Manifest,
    installation: Installation,
    native: Option<Native>,
) -> Result<Ready, Refusal> {
    let paths = UpdatePaths::of(&ctx.home);
    let previous = running()?;
    let work = move || {
        let artefact = manifest.artefact(&installation.target())?;
        let staging = Staging::new(&paths.downloads, &manifest.version);
        staging.verify(&manifest.version, artefact, &keys)?;
        let installer = installer::of(&installation, native.as_ref())?;
        let staged = installer.stage(&staging, artefact, &ripieno_store::crash::point)?;
        installer.keep(&paths.kept, &previous)?;
        Ok(Ready {
            version: manifest.version,
            previous,
            installation,
            staged,
        })
    };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|broken| Refusal::NotOurs(broken.to_string()))?
}
