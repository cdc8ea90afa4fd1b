//! Prepares what the Tauri macros expect at compile time.

use std::path::Path;

/// What the page may ask for, beside the sources (0001): the Tauri macros look elsewhere by themselves.
const CAPABILITIES: &str = "./src-tauri/capabilities/**/*";
const PERMISSIONS: &str = "./src-tauri/permissions/**/*";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    page_or_placeholder(Path::new("ui/dist"))?;
    println!("cargo:rerun-if-changed=tauri.conf.json");
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=ui/locales");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern(PERMISSIONS);
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern(CAPABILITIES)
        .app_manifest(manifest);
    tauri_build::try_build(attributes)?;
    Ok(())
}

/// Puts a sentence where the built page is missing, so that a fresh clone compiles without Node.
fn page_or_placeholder(dist: &Path) -> std::io::Result<()> {
    let index = dist.join("index.html");
    if index.exists() {
        return Ok(());
    }
    std::fs::create_dir_all(dist)?;
    std::fs::write(
        index,
        "<!doctype html><title>Ripieno</title><p>The page was not built: run <code>make ui</code>.",
    )
}
