//! The part both systems share: a file that we verified is given to the plugin, which verifies it again and installs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use ripieno_daemon::update::parts::{
    Refusal,
    download::Staging,
    journal::Journal,
    keys::{Keys, Signed},
    manifest::{Artefact, Part},
};
use serde_json::json;
use tauri_plugin_updater::UpdaterExt;

static APP: OnceLock<tauri::AppHandle> = OnceLock::new();
/// What was staged, beside it.
const RECORD: &str = "artefact.json";
/// The plugin wants an address to ask, and is never told to ask it.
const UNASKED: &str = "https://localhost.invalid/";

pub(super) fn attend(app: &tauri::AppHandle) -> tauri::Result<()> {
    app.plugin(tauri_plugin_updater::Builder::new().build())?;
    APP.get_or_init(|| app.clone());
    Ok(())
}

/// The file that the plugin installs; the manifest names it first.
pub(super) fn package<'a>(artefact: &'a Artefact) -> Result<&'a Part, Refusal> {
    let none = || Refusal::Malformed(format!("{} has no files", artefact.target));
    artefact.files.first().ok_or_else(none)
}

/// Writes down what `install` will need.
pub(super) fn record(from: &Staging, artefact: &Artefact) -> Result<(), Refusal> {
    let file = from.folder().join(RECORD);
    let bytes = serde_json::to_vec(artefact).map_err(|bad| Refusal::disk(&file, bad))?;
    fs::write(&file, bytes).map_err(|error| Refusal::disk(&file, error))
}

/// Has the plugin put the new version into its place. On Windows this process ends in here.
pub(super) fn install(journal: &Journal) -> Result<(), Refusal> {
    let (folder, artefact) = recorded(&journal.staged)?;
    let part = package(&artefact)?;
    let signed = Signed::parse(&part.name, &part.signature)?;
    let keys = Keys::built_in()?;
    let key = keys.public_of(&part.name, &signed)?;
    let failed = |why: String| Refusal::NotGranted(format!("it was not installed: {why}"));
    let app = APP
        .get()
        .ok_or_else(|| failed("the application is not up".to_owned()))?;
    let unasked = UNASKED.parse().map_err(|_| failed(UNASKED.to_owned()))?;
    let updater = app
        .updater_builder()
        .pubkey(STANDARD.encode(format!("untrusted comment: ripieno\n{key}\n")))
        .target(&artefact.target)
        .endpoints(vec![unasked])
        .and_then(tauri_plugin_updater::UpdaterBuilder::build);
    let offer = json!({
        "version": journal.version.to_string(),
        "platforms": { &artefact.target: {
            "url": UNASKED,
            "signature": STANDARD.encode(&part.signature),
        } },
    });
    let update = updater
        .and_then(|updater| updater.restore_update(offer))
        .map_err(|error| failed(error.to_string()))?
        .ok_or_else(|| failed("it is not newer".to_owned()))?;
    let file = folder.join(&part.name);
    let bytes = fs::read(&file).map_err(|error| Refusal::disk(&file, error))?;
    update
        .install(bytes)
        .map_err(|error| failed(error.to_string()))
}

/// The folder of the download, and what was fetched into it.
fn recorded(staged: &Path) -> Result<(PathBuf, Artefact), Refusal> {
    let found = staged.ancestors().find(|at| at.join(RECORD).is_file());
    let folder =
        found.ok_or_else(|| Refusal::disk(staged, "the download is not there any more"))?;
    let file = folder.join(RECORD);
    let bytes = fs::read(&file).map_err(|error| Refusal::disk(&file, error))?;
    let artefact = serde_json::from_slice(&bytes).map_err(|bad| Refusal::disk(&file, bad))?;
    Ok((folder.to_owned(), artefact))
}
