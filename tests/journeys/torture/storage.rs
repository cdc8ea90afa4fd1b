//! D7: output of five times the limit; 10 GB and 2 GB in `make torture`.

use crate::rig::{Home, volume};

#[test]
fn output_of_five_times_the_limit_stays_within_it() {
    if std::env::var_os("RIPIENO_TORTURE").is_none() {
        // The short run is a journey of its own (engine, storage).
        return;
    }
    let home = Home::new();
    let (tasks, each, limit) = (200, 50, 2_000);
    let volume = volume::under_limit(&home, tasks, each, limit);
    let allowed = (limit << 20) * 105 / 100;
    println!(
        "{} MiB printed, limit {limit} MiB, at the most {} MiB, {} records",
        tasks * each,
        volume.highest >> 20,
        volume.records
    );
    assert!(volume.highest < allowed);
    assert_eq!(volume.records, tasks);
}
