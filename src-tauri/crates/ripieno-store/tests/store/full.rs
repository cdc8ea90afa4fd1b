//! A disk that is really full (rel-4): an 8 MiB tmpfs. It is left out, and says so, where it cannot be mounted.

use crate::rig::{ManualClock, options, with};
use ripieno_store::{Store, TaskFilter};
use std::{fs, path::Path, process::Command, sync::Arc};

struct Mount<'a>(&'a Path);

impl Drop for Mount<'_> {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0).status();
        if !unmounted.is_ok_and(|status| status.success()) {
            eprintln!("{} is still mounted", self.0.display());
        }
    }
}

fn mount(at: &Path) -> Option<Mount<'_>> {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", "size=8m", "tmpfs"])
        .arg(at);
    let mounted = command.output().is_ok_and(|output| output.status.success());
    mounted.then_some(Mount(at))
}

#[test]
fn full_disk_loses_no_answered_task_and_goes_on_when_the_reserve_is_dropped() {
    let folder = tempfile::TempDir::new().unwrap();
    let Some(_mount) = mount(folder.path()) else {
        eprintln!("skipped: a tmpfs cannot be mounted here");
        return;
    };
    let reserve = folder.path().join("reserve");
    fs::write(&reserve, vec![1u8; 1 << 20]).unwrap();
    let clock = Arc::new(ManualClock::default());
    let path = folder.path().join("ripieno.db");
    let store = Store::open(&path, &folder.path().join("backups"), options(&clock)).unwrap();
    let add = |store: &Store| {
        let task = with(|t| t.spec.prompt = "p".repeat(500));
        store.write_blocking(move |tx| tx.submit(&task))
    };
    let count = |store: &Store| {
        let filter = TaskFilter {
            limit: 100_000,
            ..TaskFilter::default()
        };
        store
            .read_blocking(move |r| r.list(&filter))
            .unwrap()
            .tasks
            .len()
    };
    let mut stored = 0;
    let mut refused = 0;
    while refused < 20 {
        match add(&store) {
            Ok(_) => stored += 1,
            Err(error) => {
                assert!(error.is_disk_full(), "{error}");
                refused += 1;
            }
        }
    }
    assert!(stored > 100);
    assert_eq!(count(&store), stored);
    assert!(store.integrity_check().wait().unwrap().is_empty());
    fs::remove_file(&reserve).unwrap();
    add(&store).unwrap();
    assert_eq!(count(&store), stored + 1);
    drop(store);
    let again = Store::open(&path, &folder.path().join("backups"), options(&clock)).unwrap();
    assert_eq!(count(&again), stored + 1);
}
