//! A package that was installed from a file: replaced by the package manager, as root, after the person agreed.

use super::{Installer, Staged};
use crate::{
    Refusal,
    download::{Staging, Steps, digest_of, sync_folder},
    journal::{Journal, Package, Replaced},
    manifest::Artefact,
    place::{Installation, PackageKind},
};
use semver::Version;
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// How long the person has to agree. Then the worker goes on as it was; an answer after that harms nothing.
const CONSENT: Duration = Duration::from_secs(120);
/// How often a started step is looked at.
const LOOK: Duration = Duration::from_millis(50);

/// What root does: copies the file where nobody else can write, checks that copy, and installs it. Between our own
/// check and root's a file of ours could have been exchanged.
const STEP: &str = r#"set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -- "$1" "$folder/ripieno.package"
echo "$2  $folder/ripieno.package" | sha256sum --check --quiet -
shift 2
"$@" "$folder/ripieno.package""#;

/// Replaces a .deb or .rpm.
#[derive(Clone, Debug)]
pub struct PackageInstaller {
    kind: PackageKind,
    programs: Vec<PathBuf>,
}

impl PackageInstaller {
    /// For the package that an installation came from.
    #[must_use]
    pub fn new(kind: PackageKind, installation: &Installation) -> Self {
        let folder = installation
            .program
            .parent()
            .unwrap_or(Path::new("/usr/bin"));
        let names = installation.product.programs().iter();
        PackageInstaller {
            kind,
            programs: names.map(|name| folder.join(name)).collect(),
        }
    }

    fn command(&self) -> &'static [&'static str] {
        match self.kind {
            PackageKind::Deb => &["dpkg", "--install"],
            PackageKind::Rpm => &["rpm", "--upgrade", "--oldpackage"],
        }
    }

    /// Where the package of a version is kept.
    fn kept(&self, folder: &Path, version: &Version) -> PathBuf {
        let ending = match self.kind {
            PackageKind::Deb => "deb",
            PackageKind::Rpm => "rpm",
        };
        folder.join(format!("ripieno-{version}.{ending}"))
    }

    /// Has root install a file.
    fn have_installed(&self, package: &Path, sha256: &str) -> Result<(), Refusal> {
        let mut step = privileged()?;
        step.args(["/bin/sh", "-c", STEP, "ripieno-update"])
            .arg(package)
            .arg(sha256)
            .args(self.command());
        run_privileged(step)
    }
}

impl Installer for PackageInstaller {
    fn stage(
        &self,
        from: &Staging,
        artefact: &Artefact,
        steps: Steps<'_>,
    ) -> Result<Staged, Refusal> {
        let [part] = artefact.files.as_slice() else {
            return Err(Refusal::Malformed(format!(
                "{} is not one package",
                artefact.target
            )));
        };
        let (package, tree) = (from.file(part), from.folder().join("tree"));
        drop(fs::remove_dir_all(&tree));
        fs::create_dir_all(&tree).map_err(|e| Refusal::disk(&tree, e))?;
        unpack(self.kind, &package, &tree)?;
        steps("update.stage.copied");
        let folder = tree.join("usr/bin");
        let programs = self.programs.iter().map(|program| {
            let new = folder.join(program.file_name().unwrap_or_default());
            let sha256 = digest_of(&new).map_err(|e| Refusal::disk(&new, e))?;
            Ok(Replaced {
                program: program.clone(),
                sha256,
            })
        });
        Ok(Staged {
            programs: programs.collect::<Result<_, Refusal>>()?,
            package: Some(Package {
                file: package,
                sha256: part.sha256.to_ascii_lowercase(),
            }),
            folder,
        })
    }

    fn keep(&self, kept: &Path, version: &Version) -> Result<(), Refusal> {
        fs::create_dir_all(kept).map_err(|e| Refusal::disk(kept, e))?;
        let file = self.kept(kept, version);
        for old in packages(kept).filter(|old| *old != file) {
            drop(fs::remove_file(old));
        }
        match self.kind {
            PackageKind::Deb if !file.exists() => repack(kept, &file),
            // Nothing on the system can make an .rpm of installed files: an earlier update may have left it.
            PackageKind::Deb | PackageKind::Rpm => Ok(()),
        }
    }

    fn install(&self, journal: &Journal, steps: Steps<'_>) -> Result<(), Refusal> {
        let none = || Refusal::disk(&journal.staged, "the package is not there any more");
        let Package { file, sha256 } = journal.package.as_ref().ok_or_else(none)?;
        steps("update.package.before");
        self.have_installed(file, sha256)?;
        steps("update.package.after");
        for one in &journal.programs {
            let there = digest_of(&one.program).map_err(|e| Refusal::disk(&one.program, e))?;
            if there != one.sha256 {
                return Err(Refusal::WrongDigest(one.program.display().to_string()));
            }
        }
        if self.kind == PackageKind::Rpm {
            // Without it the next update cannot be put back, which is no reason to undo this one.
            drop(fs::copy(file, self.kept(&journal.kept, &journal.version)));
        }
        Ok(())
    }

    fn put_back(&self, journal: &Journal, _: Steps<'_>) -> Result<(), Refusal> {
        let kept = self.kept(&journal.kept, &journal.previous);
        if !kept.exists() {
            return Err(Refusal::NotGranted(format!(
                "no package of {} is kept: install it by hand",
                journal.previous
            )));
        }
        let sha256 = digest_of(&kept).map_err(|e| Refusal::disk(&kept, e))?;
        self.have_installed(&kept, &sha256)
    }

    fn tidy(&self) {}

    fn is_privileged(&self) -> bool {
        true
    }
}

fn packages(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "deb" || e == "rpm"))
}

/// How root is asked: the desktop's own prompt, or root itself, or sudo where it needs no password.
fn privileged() -> Result<Command, Refusal> {
    if on_path("pkexec") {
        return Ok(Command::new("pkexec"));
    }
    #[cfg(unix)]
    if rustix::process::geteuid().is_root() {
        return Ok(Command::new("/usr/bin/env"));
    }
    if on_path("sudo") {
        let mut sudo = Command::new("sudo");
        sudo.arg("--non-interactive");
        return Ok(sudo);
    }
    Err(Refusal::NotGranted(
        "the package can only be replaced by root, and neither pkexec nor sudo is there".to_owned(),
    ))
}

fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

fn run_privileged(mut step: Command) -> Result<(), Refusal> {
    let failed =
        |what: String| Refusal::NotGranted(format!("the package was not installed: {what}"));
    let child = step
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let Some(output) = ended_within(child, CONSENT) else {
        return Err(failed("nobody agreed in time".to_owned()));
    };
    let output = output.map_err(|error| failed(error.to_string()))?;
    match output.status.code() {
        Some(0) => Ok(()),
        Some(126 | 127) if output.stderr.is_empty() => Err(failed("it was not allowed".to_owned())),
        _ => {
            let text = String::from_utf8_lossy(&output.stderr);
            let last = text.lines().rev().find(|line| !line.trim().is_empty());
            Err(failed(
                last.unwrap_or("it failed without a word").to_owned(),
            ))
        }
    }
}

/// What it left behind; `None` when it goes on: a step of root's cannot be killed by us.
fn ended_within(
    mut child: Child,
    limit: Duration,
) -> Option<std::io::Result<std::process::Output>> {
    let begun = Instant::now();
    while begun.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(_)) => return Some(child.wait_with_output()),
            Ok(None) => std::thread::sleep(LOOK),
            Err(error) => return Some(Err(error)),
        }
    }
    drop(child.kill());
    None
}

fn unpack(kind: PackageKind, package: &Path, tree: &Path) -> Result<(), Refusal> {
    match kind {
        PackageKind::Deb => quiet(
            "dpkg-deb",
            &["--extract".as_ref(), package.as_os_str(), tree.as_os_str()],
        ),
        PackageKind::Rpm => quiet(
            "sh",
            &[
                "-c".as_ref(),
                r#"rpm2cpio "$1" | cpio --extract --make-directories --quiet --directory "$2""#
                    .as_ref(),
                "unpack".as_ref(),
                package.as_os_str(),
                tree.as_os_str(),
            ],
        ),
    }
}

/// Makes a package of what is installed, once for a version: dpkg keeps the list of files and the scripts, the files are on
/// the disk.
fn repack(kept: &Path, file: &Path) -> Result<(), Refusal> {
    let tree = kept.join("tree");
    drop(fs::remove_dir_all(&tree));
    let half = kept.join("package.half");
    let script = r#"set -eu
tree=$1; umask 022
mkdir -p "$tree/DEBIAN"
dpkg-query --showformat '${Package}\n' --show ripieno >/dev/null
dpkg-query --listfiles ripieno | while IFS= read -r path; do
    if [ -L "$path" ] || [ -f "$path" ]; then
        mkdir -p "$tree$(dirname "$path")"
        cp -P -p -- "$path" "$tree$path"
    fi
done
dpkg-query --status ripieno | sed '/^Status:/d; /^Conffiles:/,/^[^ ]/{/^Conffiles:/d; /^ /d}' >"$tree/DEBIAN/control"
for name in preinst postinst prerm postrm triggers; do
    script=$(dpkg-query --control-path ripieno $name 2>/dev/null) || continue
    if [ -n "$script" ]; then cp -p -- "$script" "$tree/DEBIAN/$name"; fi
done
dpkg-deb --root-owner-group -Znone --build "$tree" "$2" >/dev/null"#;
    let made = quiet(
        "sh",
        &[
            "-c".as_ref(),
            script.as_ref(),
            "repack".as_ref(),
            tree.as_os_str(),
            half.as_os_str(),
        ],
    );
    drop(fs::remove_dir_all(&tree));
    made?;
    let durable = fs::File::open(&half).and_then(|package| package.sync_all());
    durable
        .and_then(|()| fs::rename(&half, file))
        .and_then(|()| sync_folder(kept))
        .map_err(|error| Refusal::disk(file, error))
}

fn quiet(program: &str, arguments: &[&OsStr]) -> Result<(), Refusal> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Refusal::disk(program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(Refusal::disk(program, text.trim()))
}
