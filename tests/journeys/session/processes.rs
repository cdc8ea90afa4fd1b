//! What a program and everything it started cost, read from /proc.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A process and all its descendants.
pub struct Tree(pub Vec<u32>);

/// Memory of a tree in MB (10^6 bytes), the programs in it, and its threads.
pub struct Memory {
    pub pss: f64,
    pub rss: f64,
    pub names: Vec<String>,
}

impl Tree {
    pub fn of(root: u32) -> Self {
        let parents = parents();
        let mut found = vec![root];
        let mut at = 0;
        while at < found.len() {
            let parent = found[at];
            let children = parents.iter().filter(|(_, of)| **of == parent);
            found.extend(children.map(|(pid, _)| *pid));
            at += 1;
        }
        Tree(found)
    }

    pub fn memory(&self) -> Memory {
        let rollups: Vec<String> = self
            .0
            .iter()
            .filter_map(|pid| read(&format!("/proc/{pid}/smaps_rollup")))
            .collect();
        Memory {
            pss: rollups
                .iter()
                .map(|text| field_kib(text, "Pss:"))
                .sum::<f64>()
                * 1024.0
                / 1e6,
            rss: rollups
                .iter()
                .map(|text| field_kib(text, "Rss:"))
                .sum::<f64>()
                * 1024.0
                / 1e6,
            names: self.names(),
        }
    }

    pub fn names(&self) -> Vec<String> {
        let name = |pid: &u32| Some(read(&format!("/proc/{pid}/comm"))?.trim().to_owned());
        self.0.iter().filter_map(name).collect()
    }

    /// Context switches and time on a processor of every thread, by thread.
    fn threads(&self) -> HashMap<(u32, String), (u64, u64)> {
        let mut threads = HashMap::new();
        for pid in &self.0 {
            for entry in std::fs::read_dir(format!("/proc/{pid}/task"))
                .into_iter()
                .flatten()
                .flatten()
            {
                let base = entry.path();
                let file = |name: &str| read(&base.join(name).display().to_string());
                let (Some(status), Some(times)) = (file("status"), file("schedstat")) else {
                    continue;
                };
                let switches = status
                    .lines()
                    .filter(|line| line.contains("ctxt_switches"))
                    .filter_map(last_number)
                    .sum();
                let ran = times
                    .split(' ')
                    .next()
                    .and_then(|ns| ns.parse().ok())
                    .unwrap_or(0);
                threads.insert(
                    (*pid, entry.file_name().to_string_lossy().into_owned()),
                    (switches, ran),
                );
            }
        }
        threads
    }
}

/// Context switches a second, and milliseconds on a processor a second, of a whole tree.
pub struct Activity {
    pub wakeups: f64,
    pub busy_ms: f64,
}

/// Watches a tree that should be idle. Nothing happens then, so there is no event to wait for.
pub fn watch(root: u32, span: Duration) -> Activity {
    let (before, begin) = (Tree::of(root).threads(), Instant::now());
    std::thread::sleep(span);
    let (after, seconds) = (Tree::of(root).threads(), begin.elapsed().as_secs_f64());
    let mut totals = (0_u64, 0_u64);
    for (thread, (switches, ran)) in after {
        let (earlier, ran_earlier) = before.get(&thread).copied().unwrap_or_default();
        totals.0 += switches - earlier;
        totals.1 += ran - ran_earlier;
    }
    #[allow(clippy::cast_precision_loss, reason = "counts of some seconds")]
    Activity {
        wakeups: totals.0 as f64 / seconds,
        busy_ms: totals.1 as f64 / 1e6 / seconds,
    }
}

fn parents() -> HashMap<u32, u32> {
    let entries = std::fs::read_dir("/proc").expect("/proc can be read");
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    pids.filter_map(|pid| {
        let stat = read(&format!("/proc/{pid}/stat"))?;
        // The name before the last bracket may hold anything.
        let parent = stat
            .rsplit_once(')')?
            .1
            .split_whitespace()
            .nth(1)?
            .parse()
            .ok()?;
        Some((pid, parent))
    })
    .collect()
}

fn field_kib(text: &str, field: &str) -> f64 {
    let line = text.lines().find(|line| line.starts_with(field));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0.0)
}

fn last_number(line: &str) -> Option<u64> {
    line.split_whitespace().last()?.parse().ok()
}

fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}
