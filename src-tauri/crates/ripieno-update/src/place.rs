//! How this copy was installed: whose it is to replace, and by which kind of artefact.

use crate::Refusal;
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What a person runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// The command with the headless daemon: one program.
    Command,
    /// The desktop application and the command beside it.
    Desktop,
}

impl Product {
    /// Its programs; the one that is started by itself last, so that it is never newer than what it needs.
    #[must_use]
    pub const fn programs(self) -> &'static [&'static str] {
        match self {
            Product::Command => &["ripieno"],
            Product::Desktop => &["ripieno", "ripieno-desktop"],
        }
    }

    /// The program that hosts the worker.
    #[must_use]
    pub const fn host(self) -> &'static str {
        match self {
            Product::Command => "ripieno",
            Product::Desktop => "ripieno-desktop",
        }
    }
}

/// A kind of package that can be replaced by a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackageKind {
    /// Debian's.
    Deb,
    /// Fedora's and openSUSE's.
    Rpm,
}

/// The packaging of a system whose own means replace it; the application brings them along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeKind {
    /// The folder `Ripieno.app` of macOS.
    App,
    /// What the setup program of Windows installed.
    Setup,
}

/// How a copy came to be where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Files of the person's own.
    Files {
        /// Their folder.
        folder: PathBuf,
    },
    /// One file that holds everything.
    AppImage {
        /// The file.
        file: PathBuf,
    },
    /// A package that somebody installed from a file: replaced through a privileged step.
    Package(PackageKind),
    /// The packaging of macOS or Windows.
    Native(NativeKind),
    /// Something else updates it; we only tell.
    Managed {
        /// Who.
        by: String,
        /// What a person does about it.
        remedy: String,
    },
}

/// A running copy of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installation {
    /// The program file that was started.
    pub program: PathBuf,
    /// What it is.
    pub product: Product,
    /// How it came there.
    pub place: Place,
}

impl Installation {
    /// Finds out how the running program was installed. Asks the package managers there are, so it takes a moment.
    #[must_use]
    pub fn detect(program: &Path, product: Product) -> Self {
        Installation {
            program: program.to_owned(),
            product,
            place: place(program),
        }
    }

    /// Its name in manifests: `linux-x86_64-command`, `-desktop`, `-appimage`, `-deb`, `-rpm`, `-app`, `-setup`.
    #[must_use]
    pub fn target(&self) -> String {
        let kind = match (&self.place, self.product) {
            (Place::AppImage { .. }, _) => "appimage",
            (Place::Package(PackageKind::Deb), _) => "deb",
            (Place::Package(PackageKind::Rpm), _) => "rpm",
            (Place::Native(NativeKind::App), _) => "app",
            (Place::Native(NativeKind::Setup), _) => "setup",
            (_, Product::Command) => "command",
            (_, Product::Desktop) => "desktop",
        };
        format!("{}-{}-{kind}", std::env::consts::OS, std::env::consts::ARCH)
    }

    /// Whether an update may be tried at all, before anything is fetched.
    ///
    /// # Errors
    /// [`Refusal::NotOurs`] with what to do instead.
    pub fn replaceable(&self) -> Result<(), Refusal> {
        match &self.place {
            Place::Managed { by, remedy } => Err(Refusal::NotOurs(format!(
                "this copy is updated by {by}: {remedy}"
            ))),
            Place::Files { folder } => writable(folder),
            Place::AppImage { file } => writable(file.parent().unwrap_or(Path::new("/"))),
            Place::Package(_) | Place::Native(_) => Ok(()),
        }
    }
}

fn writable(folder: &Path) -> Result<(), Refusal> {
    #[cfg(unix)]
    let allowed = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok();
    #[cfg(not(unix))]
    let allowed = true;
    if allowed {
        return Ok(());
    }
    Err(Refusal::NotOurs(format!(
        "{} cannot be written: whoever installed this copy has to update it",
        folder.display()
    )))
}

fn place(program: &Path) -> Place {
    let managed = |by: &str, remedy: &str| Place::Managed {
        by: by.to_owned(),
        remedy: remedy.to_owned(),
    };
    if Path::new("/.flatpak-info").exists() {
        return managed("flatpak", "run flatpak update");
    }
    if std::env::var_os("SNAP").is_some_and(|snap| program.starts_with(snap)) {
        return managed("snap", "run snap refresh");
    }
    let text = program.to_string_lossy();
    if text.contains("/Cellar/") || text.contains("/homebrew/") || text.contains("/linuxbrew/") {
        return managed("Homebrew", "run brew upgrade ripieno");
    }
    if text.starts_with("/nix/store/") || text.starts_with("/gnu/store/") {
        return managed("the store it lies in", "update your profile");
    }
    if text.contains("/.cargo/bin/") {
        return managed("cargo", "run cargo install again");
    }
    if let Some(file) = std::env::var_os("APPIMAGE").map(PathBuf::from)
        && file.is_file()
    {
        return Place::AppImage { file };
    }
    let native = native(program).map(Place::Native);
    native
        .or_else(|| package(&text))
        .unwrap_or_else(|| Place::Files {
            folder: program.parent().unwrap_or(Path::new("/")).to_owned(),
        })
}

fn native(program: &Path) -> Option<NativeKind> {
    if cfg!(target_os = "macos") {
        return bundle(program).map(|_| NativeKind::App);
    }
    // The setup program leaves its counterpart beside what it installed.
    let beside = program.with_file_name("uninstall.exe");
    (cfg!(windows) && beside.is_file()).then_some(NativeKind::Setup)
}

/// The `.app` that a program lies in, as macOS lays it out.
#[must_use]
pub fn bundle(program: &Path) -> Option<&Path> {
    let folder = program
        .parent()
        .filter(|folder| folder.ends_with("Contents/MacOS"))?;
    let app = folder.ancestors().nth(2)?;
    app.extension()
        .is_some_and(|end| end == "app")
        .then_some(app)
}

/// The package a file belongs to, when a package manager knows one.
fn package(program: &str) -> Option<Place> {
    let managed = |by: &str, remedy: &str| Place::Managed {
        by: by.to_owned(),
        remedy: remedy.to_owned(),
    };
    if says("dpkg-query", &["--search", program]).is_some() {
        // Only what a repository offers is listed here; what was installed from a file is not.
        let offered = says("apt-cache", &["madison", "ripieno"]);
        return Some(match offered {
            Some(lines) if !lines.trim().is_empty() => {
                managed("apt", "run sudo apt upgrade ripieno")
            }
            _ => Place::Package(PackageKind::Deb),
        });
    }
    if says("rpm", &["-qf", program]).is_some() {
        let repository = Path::new("/etc/yum.repos.d/ripieno.repo").exists();
        return Some(if repository {
            managed("dnf", "run sudo dnf upgrade ripieno")
        } else {
            Place::Package(PackageKind::Rpm)
        });
    }
    says("pacman", &["-Qo", program]).map(|_| managed("pacman", "run sudo pacman -Syu"))
}

/// What a command prints when it succeeds.
fn says(command: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(command)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let succeeded = output.status.success();
    succeeded.then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn program_of_a_bundle_knows_its_app() {
        let app = |program| bundle(Path::new(program));
        assert_eq!(
            app("/Applications/Ripieno.app/Contents/MacOS/ripieno-desktop"),
            Some(Path::new("/Applications/Ripieno.app"))
        );
        for other in [
            "/usr/bin/ripieno",
            "/x/Contents/MacOS/ripieno",
            "/x.app/ripieno",
        ] {
            assert_eq!(app(other), None);
        }
    }
}
