//! Damaged images of a database (rel-6): 40 in the normal run, `RIPIENO_TORTURE` many when it is set.

use crate::rig::{DONE, ManualClock, Rig, new, options, owner, shell, with};
use ripieno_core::event::TaskEvent;
use ripieno_store::{DiskTrouble, OpenError, Store, StoreError, TaskFilter};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempDir;

const PAGE: usize = 4096;
const SIDES: [&str; 3] = ["", "-wal", "-shm"];

/// A database at work: tasks of many states, part of them only in the log.
fn image(folder: &Path) -> [Vec<u8>; 3] {
    let clock = Arc::new(ManualClock::default());
    let path = folder.join("ripieno.db");
    let store = Store::open(&path, &folder.join("backups"), options(&clock)).unwrap();
    let rig = Rig {
        store,
        clock: clock.clone(),
    };
    for n in 0..40 {
        let no = rig.submit(with(|t| {
            t.spec.prompt = "p".repeat(600);
            t.spec.labels = vec![format!("l{n}")];
        }));
        if n % 3 == 0 {
            let lease = rig.run(no);
            rig.event(no, DONE, Some(lease));
        }
    }
    rig.store.backup_in_turn().wait().unwrap();
    drop(rig);
    let store = Store::open(&path, &folder.join("backups"), options(&clock)).unwrap();
    let rig = Rig { store, clock };
    for n in 0..10 {
        let no = rig.submit(new());
        if n % 2 == 0 {
            rig.run(no);
        }
    }
    // Copied while it is open: as a kill -9 would leave it.
    SIDES.map(|side| fs::read(folder.join(format!("ripieno.db{side}"))).unwrap())
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }
}

fn damage(files: &mut [Vec<u8>; 3], dice: &mut Dice) -> String {
    let which = [0, 0, 0, 1, 1, 2][dice.roll(6)];
    let file = &mut files[which];
    let pages = file.len().div_ceil(PAGE);
    let page = dice.roll(pages);
    let (from, to) = (page * PAGE, file.len().min((page + 1) * PAGE));
    let how = dice.roll(4);
    match how {
        0 => {
            for _ in 0..16 {
                let at = from + dice.roll(to - from);
                file[at] ^= 1 << dice.roll(8);
            }
        }
        1 => file[from..to].fill(0),
        2 => file[from..to].iter_mut().for_each(|byte| *byte = !*byte),
        _ => file.truncate(from + dice.roll(to - from)),
    }
    format!(
        "{} page {page} of {pages}, damage {how}",
        ["db", "wal", "shm"][which]
    )
}

fn no_panic<T>(what: &str, result: Result<T, StoreError>) -> Option<StoreError> {
    let error = result.err()?;
    assert!(
        !matches!(error, StoreError::Panicked { .. }),
        "{what}: {error}"
    );
    Some(error)
}

/// Reads and writes all over; the errors met.
fn use_it(what: &str, store: &Store) -> Vec<StoreError> {
    let mut errors = Vec::new();
    let page = store.read_blocking(|r| {
        r.list(&TaskFilter {
            limit: 500,
            ..TaskFilter::default()
        })
    });
    if let Ok(page) = &page {
        assert!(
            page.tasks.len() >= 40,
            "{what}: {} tasks are left",
            page.tasks.len()
        );
    }
    errors.extend(no_panic(what, page));
    errors.extend(no_panic(
        what,
        store.read_blocking(|r| r.events_since(0, 10_000)),
    ));
    errors.extend(no_panic(what, store.read_blocking(|r| r.counts())));
    errors.extend(no_panic(what, store.read_blocking(|r| r.live())));
    let added = store.write_blocking(|tx| {
        let no = tx.submit(&new())?.no;
        let lease = tx.claim(no, &shell(), &owner())?.lease;
        crate::rig::apply(tx, no, TaskEvent::Started, Some(lease))?;
        crate::rig::apply(tx, no, DONE, Some(lease))
    });
    errors.extend(no_panic(what, added));
    errors
}

fn put(folder: &Path, files: &[Vec<u8>; 3]) -> PathBuf {
    for (side, bytes) in SIDES.iter().zip(files) {
        fs::write(folder.join(format!("ripieno.db{side}")), bytes).unwrap();
    }
    folder.join("ripieno.db")
}

fn set_aside_whole(what: &str, error: &OpenError, path: &Path, files: &[Vec<u8>; 3]) {
    match error {
        OpenError::Corrupt {
            set_aside,
            newest_backup,
            ..
        } => {
            assert!(!path.exists(), "{what}: something stands in its place");
            assert_eq!(fs::read(set_aside).unwrap().len(), files[0].len(), "{what}");
            assert!(newest_backup.is_some(), "{what}");
        }
        OpenError::NotADatabase { .. } | OpenError::Newer { .. } | OpenError::Io { .. } => {
            assert_eq!(&fs::read(path).unwrap(), &files[0], "{what}: {error}");
        }
        other => panic!("{what}: {other}"),
    }
}

#[test]
fn damaged_image_is_set_aside_or_works_and_never_begins_anew() {
    let count = std::env::var("RIPIENO_TORTURE")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(40);
    let origin = TempDir::new().unwrap();
    let sound = image(origin.path());
    let backup = fs::read_dir(origin.path().join("backups"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let (mut refused, mut works) = (0, 0);
    for _ in 0..count {
        let mut files = sound.clone();
        let what = damage(&mut files, &mut dice);
        let home = TempDir::new().unwrap();
        let backups = home.path().join("backups");
        fs::create_dir(&backups).unwrap();
        fs::copy(backup.path(), backups.join(backup.file_name())).unwrap();
        let path = put(home.path(), &files);
        let clock = Arc::new(ManualClock::default());
        match Store::open(&path, &backups, options(&clock)) {
            Err(error) => {
                set_aside_whole(&what, &error, &path, &files);
                refused += 1;
            }
            Ok(store) => {
                let errors = use_it(&what, &store);
                drop(store);
                let corrupt = errors.iter().any(|e| {
                    matches!(
                        e,
                        StoreError::Disk {
                            trouble: DiskTrouble::Corrupt,
                            ..
                        }
                    )
                });
                let again = Store::open(&path, &backups, options(&clock));
                if corrupt {
                    assert!(
                        matches!(again, Err(OpenError::Corrupt { .. })),
                        "{what}: {errors:?}"
                    );
                }
                works += 1;
            }
        }
    }
    assert_eq!(refused + works, count);
    assert!(refused > 0 && works > 0, "{refused} refused, {works} work");
}
