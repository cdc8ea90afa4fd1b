//! The swap: whatever step is the last one, every program is whole, and the journal finishes or undoes the rest.

use crate::believed::version;
use ripieno_release::{NewPart, Signer, artefact};
use ripieno_update::{
    download::{Staging, digest_of},
    installer::{Found, Installer, ProgramInstaller, found, is_to_be_finished},
    journal::{Journal, Progress},
};
use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Mutex,
};

const NAMES: [&str; 2] = ["ripieno", "ripieno-desktop"];

struct Rig {
    dir: tempfile::TempDir,
    installer: ProgramInstaller,
    journal: Journal,
}

impl Rig {
    /// Two programs of 0.1.0, and 0.2.0 staged beside them.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("bin");
        let staging = Staging::new(&dir.path().join("downloads"), &version("0.2.0"));
        fs::create_dir_all(&folder).unwrap();
        fs::create_dir_all(staging.folder()).unwrap();
        for name in NAMES {
            fs::write(folder.join(name), format!("old {name}")).unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
            fs::write(staging.folder().join(name), format!("new {name}")).unwrap();
        }
        let files: Vec<PathBuf> = NAMES.map(|name| staging.folder().join(name)).to_vec();
        let parts: Vec<NewPart<'_>> = files
            .iter()
            .zip(NAMES)
            .map(|(file, name)| NewPart {
                file,
                name: name.into(),
                url: name.into(),
            })
            .collect();
        let signer = Signer::generate().unwrap();
        let made = artefact(&signer, &version("0.2.0"), "linux-x86_64-desktop", &parts).unwrap();
        let programs = NAMES.map(|name| folder.join(name)).to_vec();
        let installer = ProgramInstaller::new(programs, &folder);
        let staged = installer.stage(&staging, &made, &|_| {}).unwrap();
        let kept = dir.path().join("kept");
        installer.keep(&kept, &version("0.1.0")).unwrap();
        let journal = Journal {
            version: version("0.2.0"),
            previous: version("0.1.0"),
            progress: Progress::Installing,
            programs: staged.programs,
            package: staged.package,
            staged: staged.folder,
            kept,
            backup: dir.path().join("backup.db"),
            privileged: false,
        };
        Rig {
            dir,
            installer,
            journal,
        }
    }

    fn programs(&self) -> BTreeMap<&'static str, String> {
        let read = |name| fs::read_to_string(self.dir.path().join("bin").join(name)).unwrap();
        NAMES.into_iter().map(|name| (name, read(name))).collect()
    }

    /// Every program can be started: it is there, whole, and executable.
    fn assert_startable(&self) {
        for (name, text) in self.programs() {
            assert!(
                text == format!("old {name}") || text == format!("new {name}"),
                "{name}: {text}"
            );
            let file = self.dir.path().join("bin").join(name);
            let mode = fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o111, 0o111, "{name} cannot be started");
        }
    }

    fn all(&self, word: &str) -> bool {
        self.programs()
            .iter()
            .all(|(name, text)| *text == format!("{word} {name}"))
    }
}

/// Runs until the `last`th step, and no further.
fn until(last: u32, run: impl Fn(&(dyn Fn(&str) + Send + Sync))) -> bool {
    let passed = Mutex::new(Cell::new(0));
    let steps = |_: &str| {
        let passed = passed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        passed.set(passed.get() + 1);
        assert!(passed.get() < last, "the computer stops here");
    };
    catch_unwind(AssertUnwindSafe(|| run(&steps))).is_err()
}

#[test]
fn swap_that_stops_at_any_step_leaves_whole_programs_and_can_be_finished_or_undone() {
    for last in 1.. {
        let rig = Rig::new();
        let stopped = until(last, |steps| {
            rig.installer.install(&rig.journal, steps).unwrap()
        });
        rig.assert_startable();
        if !stopped {
            assert!(rig.all("new"));
            assert!(last > 6, "there are fewer steps than thought");
            break;
        }
        if is_to_be_finished(&rig.journal) {
            rig.installer.install(&rig.journal, &|_| {}).unwrap();
            assert!(rig.all("new"), "step {last}: {:?}", rig.programs());
        } else {
            assert!(rig.all("old"), "step {last}: {:?}", rig.programs());
        }
        rig.installer.put_back(&rig.journal, &|_| {}).unwrap();
        assert!(rig.all("old"), "step {last}: {:?}", rig.programs());
    }
}

#[test]
fn return_that_stops_at_any_step_leaves_whole_programs_and_can_be_repeated() {
    for last in 1.. {
        let rig = Rig::new();
        rig.installer.install(&rig.journal, &|_| {}).unwrap();
        let stopped = until(last, |steps| {
            rig.installer.put_back(&rig.journal, steps).unwrap()
        });
        rig.assert_startable();
        rig.installer.put_back(&rig.journal, &|_| {}).unwrap();
        assert!(rig.all("old"), "step {last}: {:?}", rig.programs());
        if !stopped {
            break;
        }
    }
}

#[test]
fn journal_says_what_is_in_place() {
    let rig = Rig::new();
    assert_eq!(found(&rig.journal), Found::Old);
    let new = Path::new(&rig.journal.staged).join("ripieno");
    let place = &rig.journal.programs[0].program;
    assert_eq!(digest_of(&new).unwrap(), rig.journal.programs[0].sha256);
    fs::copy(new, place).unwrap();
    assert_eq!(found(&rig.journal), Found::Mixed);
    rig.installer.install(&rig.journal, &|_| {}).unwrap();
    assert_eq!(found(&rig.journal), Found::New);
}
