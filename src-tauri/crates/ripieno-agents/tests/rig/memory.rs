//! How much memory this process has used at most, as the kernel counts it.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::future::Future;
use tokio::sync::Mutex;

/// The rise that a gigabyte of output may cost, in KiB (perf-7, R12).
const MOST: u64 = 64 * 1024;

/// One count at a time: every test of a binary that counts has to count.
static ALONE: Mutex<()> = Mutex::const_new(());

/// What the work gives; it must not use much more memory than was used before it.
pub async fn bounded<T>(work: impl Future<Output = T>) -> T {
    let _alone = ALONE.lock().await;
    // What was used before and given back does not hide a rise. Where the kernel refuses, the peak of before stands;
    // whoever runs these tests alone loses nothing.
    std::fs::write("/proc/self/clear_refs", "5").ok();
    let before = high();
    let given = work.await;
    let rise = high().saturating_sub(before);
    println!("memory rose by {rise} KiB");
    assert!(rise < MOST, "memory rose by {rise} KiB");
    given
}

/// The highest this process's memory has been, in KiB.
fn high() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let figure = line.unwrap().split_ascii_whitespace().nth(1);
    figure.unwrap().parse().unwrap()
}
