//! How much memory this process has used at most, as the kernel counts it. One count at a time: it is the process's.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

/// The rise that a gigabyte of output may cost, in KiB (perf-7, R12).
pub const MOST: u64 = 64 * 1024;

/// A count that has begun.
pub struct Peak {
    before: u64,
}

impl Peak {
    /// Counts from now on: what was used before and given back does not hide a rise.
    pub fn begin() -> Self {
        // Where the kernel refuses, the peak of before stands; whoever runs these tests alone loses nothing.
        std::fs::write("/proc/self/clear_refs", "5").ok();
        Peak { before: high() }
    }

    /// How much more was used at most since then, in KiB.
    pub fn rise(&self) -> u64 {
        high().saturating_sub(self.before)
    }
}

/// The highest this process's memory has been, in KiB.
fn high() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let figure = line.unwrap().split_ascii_whitespace().nth(1);
    figure.unwrap().parse().unwrap()
}
