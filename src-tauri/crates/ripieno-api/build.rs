//! Puts the built page where it can be embedded; without one, a page that says how to build it.

use std::{env, fs, io, path::Path};

const PLACEHOLDER: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Ripieno</title>\
    <p>The worker runs. Its status page was not built into this program: \
    run <code>make ui</code> and build again, or use the <code>ripieno</code> command.</p></html>\n";

fn main() -> io::Result<()> {
    let built = Path::new("../../../ui/dist");
    println!("cargo:rerun-if-changed={}", built.display());
    let Some(out) = env::var_os("OUT_DIR") else {
        return Err(io::Error::other("OUT_DIR is not set: build with cargo"));
    };
    let page = Path::new(&out).join("ui");
    if page.exists() {
        fs::remove_dir_all(&page)?;
    }
    if built.join("index.html").is_file() {
        return copy(built, &page);
    }
    fs::create_dir_all(&page)?;
    fs::write(page.join("index.html"), PLACEHOLDER)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
