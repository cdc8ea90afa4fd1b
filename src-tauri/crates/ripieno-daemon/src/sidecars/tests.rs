//! Sidecars on a real disk: nothing is placed over anything, and nothing of ours stays.

use super::{
    Sidecar, SidecarError, SidecarFile,
    folder::{Found, Label, make, plan, take_away},
};
use cap_std::{ambient_authority, fs::Dir};
use ripieno_core::id::TaskNo;
use ripieno_store::SidecarRow;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

const MARK: &str = "0123456789abcdef";

fn sidecar(at: &str) -> Sidecar {
    let file = |path: &str, runs| SidecarFile {
        path: path.to_owned(),
        bytes: format!("{path}\n").into_bytes(),
        runs,
    };
    Sidecar {
        at: PathBuf::from(at),
        files: vec![file("SKILL.md", false), file("scripts/run.sh", true)],
    }
}

/// Everything below a folder with its content; folders end with a slash.
fn everything(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn look(at: &Path, top: &Path, all: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap().flatten() {
            let path = entry.path();
            let name = path.strip_prefix(top).unwrap().display().to_string();
            if entry.file_type().unwrap().is_dir() {
                all.insert(format!("{name}/"), Vec::new());
                look(&path, top, all);
            } else {
                all.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    let mut all = BTreeMap::new();
    look(folder, folder, &mut all);
    all
}

struct Places {
    _all: tempfile::TempDir,
    work: PathBuf,
    kept: PathBuf,
}

impl Places {
    fn new() -> Self {
        let all = tempfile::TempDir::new().unwrap();
        let (work, kept) = (all.path().join("work"), all.path().join("kept"));
        for folder in [&work, &kept] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(work.join("a.txt"), "mine\n").unwrap();
        Places {
            _all: all,
            work,
            kept,
        }
    }

    fn dir(&self) -> Dir {
        Dir::open_ambient_dir(&self.work, ambient_authority()).unwrap()
    }

    fn plan(&self, wanted: &[Sidecar]) -> Result<Vec<(SidecarRow, Option<Sidecar>)>, SidecarError> {
        let folder = self.work.display().to_string();
        let label = Label {
            task: TaskNo(41),
            folder: &folder,
            mark: MARK,
        };
        let plan = plan(&self.dir(), wanted, &label)?;
        Ok(plan
            .into_iter()
            .map(|(row, sidecar)| (row, sidecar.cloned()))
            .collect())
    }

    /// Makes the first `steps` of a plan, all of them as placed.
    fn make(&self, wanted: &[Sidecar], steps: usize) -> Vec<SidecarRow> {
        let plan = self.plan(wanted).unwrap();
        for (row, sidecar) in plan.iter().take(steps) {
            make(&self.dir(), row, sidecar.as_ref()).unwrap();
        }
        let whole = steps >= plan.len();
        let rows = plan.into_iter().map(|(row, _)| row);
        rows.map(|row| SidecarRow {
            placed: whole,
            ..row
        })
        .collect()
    }

    /// What is kept; nothing is left behind.
    fn take_away(&self, rows: &[SidecarRow]) -> Vec<PathBuf> {
        let found = self.find(rows);
        assert_eq!(found.left, Vec::<PathBuf>::new());
        found.kept
    }

    fn find(&self, rows: &[SidecarRow]) -> Found {
        let keep = Dir::open_ambient_dir(&self.kept, ambient_authority()).unwrap();
        take_away(&self.dir(), rows, &keep).unwrap()
    }
}

#[test]
fn placed_and_taken_away_at_every_step_leaves_the_folder_byte_for_byte() {
    let wanted = [sidecar(".claude/skills/a"), sidecar(".claude/skills/b")];
    for steps in 0..=4 {
        let places = Places::new();
        let before = everything(&places.work);
        let rows = places.make(&wanted, steps);
        assert_eq!(rows.len(), 4);
        if steps == 4 {
            let there = everything(&places.work);
            assert_eq!(
                there[".claude/skills/b/scripts/run.sh"],
                b"scripts/run.sh\n"
            );
            let hides = String::from_utf8(there[".claude/skills/a/.gitignore"].clone()).unwrap();
            assert!(
                hides.ends_with("\n*\n") && hides.contains("T-41"),
                "{hides}"
            );
        }
        assert_eq!(places.take_away(&rows), Vec::<PathBuf>::new());
        assert_eq!(everything(&places.work), before, "after {steps} steps");
        places.take_away(&rows);
        assert_eq!(everything(&places.work), before, "twice");
    }
}

#[test]
fn what_was_cut_off_while_it_was_written_goes_and_what_somebody_put_there_since_stays() {
    let places = Places::new();
    let wanted = [sidecar(".claude/skills/a")];
    let rows = places.make(&wanted, 2);
    let before = everything(&places.work);
    // Half a file in the folder it is made in.
    let half = places.work.join(format!(".claude/skills/.ripieno-{MARK}"));
    fs::create_dir(&half).unwrap();
    fs::write(half.join("SKILL.md"), "SKI").unwrap();
    // The place is taken by a person while nobody works.
    let own = places.work.join(".claude/skills/a");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("SKILL.md"), "SKILL.md\n").unwrap();
    places.take_away(&rows);
    assert!(!half.exists());
    let mut expected = before;
    expected.insert(".claude/skills/a/".into(), Vec::new());
    expected.insert(".claude/skills/a/SKILL.md".into(), b"SKILL.md\n".to_vec());
    assert_eq!(everything(&places.work), expected);
}

#[test]
fn nothing_is_placed_over_anything_and_no_link_is_followed_out() {
    let wanted = [sidecar(".claude/skills/a")];
    type Prepare = fn(&Path);
    let cases: [(&str, Prepare); 4] = [
        ("an empty folder", |at| {
            fs::create_dir_all(at.join(".claude/skills/a")).unwrap()
        }),
        ("a file", |at| fs::write(at.join(".claude"), "x").unwrap()),
        ("another skill", |at| {
            fs::create_dir_all(at.join(".claude/skills/a")).unwrap();
            fs::write(at.join(".claude/skills/a/SKILL.md"), "theirs").unwrap();
        }),
        ("a link that leads out", |at| {
            std::os::unix::fs::symlink("/tmp", at.join(".claude")).unwrap();
        }),
    ];
    for (what, prepare) in cases {
        let places = Places::new();
        prepare(&places.work);
        let before = places
            .work
            .join(".claude")
            .symlink_metadata()
            .unwrap()
            .is_dir();
        let refused = places.plan(&wanted).unwrap_err();
        assert!(
            matches!(refused, SidecarError::Taken(_) | SidecarError::Io { .. }),
            "{what}: {refused}"
        );
        let after = places
            .work
            .join(".claude")
            .symlink_metadata()
            .unwrap()
            .is_dir();
        assert_eq!(before, after, "{what}");
    }
    // The same in the same place is there already.
    let places = Places::new();
    places.make(&wanted, 3);
    fs::remove_file(places.work.join(".claude/skills/a/.gitignore")).unwrap();
    assert_eq!(places.plan(&wanted).unwrap(), []);
    // One that came between the look and the move.
    let places = Places::new();
    let plan = places.plan(&wanted).unwrap();
    fs::create_dir_all(places.work.join(".claude/skills/a")).unwrap();
    let (row, own) = plan.last().unwrap();
    let error = make(&places.dir(), row, own.as_ref()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AlreadyExists);
}

#[test]
fn what_an_agent_wrote_into_it_is_kept_and_its_own_work_around_it_stays() {
    use std::os::unix::fs::PermissionsExt;
    let places = Places::new();
    let wanted = [sidecar(".claude/skills/a")];
    let rows = places.make(&wanted, 3);
    let own = places.work.join(".claude/skills/a");
    fs::write(own.join("SKILL.md"), "changed").unwrap();
    fs::create_dir(own.join("new")).unwrap();
    fs::write(own.join("new/notes"), "mine").unwrap();
    fs::set_permissions(own.join("new/notes"), fs::Permissions::from_mode(0o0)).unwrap();
    fs::set_permissions(own.join("new"), fs::Permissions::from_mode(0o0)).unwrap();
    std::os::unix::fs::symlink("/etc", own.join("out")).unwrap();
    fs::write(places.work.join(".claude/settings.json"), "{}").unwrap();
    let kept = places.take_away(&rows);
    let mut kept: Vec<String> = kept.iter().map(|path| path.display().to_string()).collect();
    kept.sort();
    assert_eq!(
        kept,
        [".claude/skills/a/SKILL.md", ".claude/skills/a/new/notes"]
    );
    assert_eq!(fs::read(places.kept.join(&kept[0])).unwrap(), b"changed");
    let left: Vec<String> = everything(&places.work).into_keys().collect();
    assert_eq!(left, [".claude/", ".claude/settings.json", "a.txt"]);
}

#[test]
fn what_is_too_large_to_keep_is_not_read_and_stays_behind_by_name() {
    let places = Places::new();
    let rows = places.make(&[sidecar(".claude/skills/a")], 3);
    let own = places.work.join(".claude/skills/a");
    let sparse = |name: &str| {
        let file = fs::File::create(own.join(name)).unwrap();
        file.set_len(1 << 40).unwrap();
    };
    sparse("SKILL.md");
    sparse("disk.img");
    fs::write(own.join("notes"), "mine").unwrap();
    fs::remove_file(own.join(".gitignore")).unwrap();
    let found = places.find(&rows);
    assert_eq!(found.kept, [PathBuf::from(".claude/skills/a/notes")]);
    let aside = format!(".claude/skills/.left-a-{MARK}");
    assert_eq!(found.left, [PathBuf::from(&aside)]);
    let mut there: Vec<_> = fs::read_dir(places.work.join(&aside)).unwrap().collect();
    there.sort_by_key(|entry| entry.as_ref().unwrap().file_name());
    let there = there.into_iter().map(|entry| entry.unwrap().file_name());
    // Nothing but that, and git does not see it.
    assert_eq!(
        there.collect::<Vec<_>>(),
        [".gitignore", "SKILL.md", "disk.img"]
    );
    assert_eq!(places.take_away(&rows), Vec::<PathBuf>::new(), "once");
    // The next attempt finds its place free.
    places.make(&[sidecar(".claude/skills/a")], 3);
}

#[test]
fn more_files_than_are_kept_stay_behind() {
    let places = Places::new();
    let rows = places.make(&[sidecar(".claude/skills/a")], 3);
    let many = places.work.join(".claude/skills/a/many");
    fs::create_dir(&many).unwrap();
    for n in 0..1005 {
        fs::write(many.join(n.to_string()), "x").unwrap();
    }
    let found = places.find(&rows);
    assert_eq!((found.kept.len(), found.left.len()), (1000, 1));
    let rest = places.work.join(&found.left[0]).join("many");
    assert_eq!(fs::read_dir(rest).unwrap().count(), 5);
}

#[test]
fn what_stands_in_the_place_is_not_read_when_it_cannot_be_the_same() {
    let places = Places::new();
    let own = places.work.join(".claude/skills/a");
    fs::create_dir_all(&own).unwrap();
    let file = fs::File::create(own.join("SKILL.md")).unwrap();
    file.set_len(1 << 40).unwrap();
    let refused = places.plan(&[sidecar(".claude/skills/a")]).unwrap_err();
    assert!(matches!(refused, SidecarError::Taken(_)), "{refused}");
}
