//! The figures as a section of docs/benchmarks.md.

use std::path::Path;
use std::process::Command;

use crate::runs::Figures;
use crate::session::processes::{Activity, Memory};

const BEGIN: &str =
    "<!-- bench-desktop:begin (written by `make bench-desktop`; edits are lost) -->";
const END: &str = "<!-- bench-desktop:end -->";

/// Puts the section between its marks.
pub fn write(file: &Path, section: &str) {
    let text = std::fs::read_to_string(file).expect("the document can be read");
    let (before, rest) = text
        .split_once(BEGIN)
        .expect("the document has the mark of the beginning");
    let (_, after) = rest
        .split_once(END)
        .expect("the document has the mark of the end");
    std::fs::write(file, format!("{before}{BEGIN}\n{section}{END}{after}"))
        .expect("the document can be written");
}

pub fn section(figures: &Figures) -> String {
    let (ours, bare) = (&figures.ours, &figures.bare);
    let rows = [
        goal(
            "start of the process to icon in the tray",
            &median_range(&ours.start, "ms"),
            "300 ms",
            median(&ours.start) < 300.0,
        ),
        plain(
            "the same, bare Tauri tray",
            &median_range(&bare.start, "ms"),
        ),
        goal(
            "the same, after another GTK program",
            &median_range(&ours.start_later, "ms"),
            "300 ms",
            median(&ours.start_later) < 300.0,
        ),
        plain(
            "the same, bare Tauri tray, after another GTK program",
            &median_range(&bare.start_later, "ms"),
        ),
        goal(
            "click in the tray menu to rows on the screen, first window",
            &median_range(&figures.window, "ms"),
            "500 ms",
            median(&figures.window) < 500.0,
        ),
        plain(
            "the same, window opened again",
            &median_range(&figures.reopened, "ms"),
        ),
        goal(
            "PSS, tray only",
            &memory(&ours.idle),
            "100 MB",
            ours.idle.pss < 100.0,
        ),
        plain("PSS, bare Tauri tray", &memory(&bare.idle)),
        above("PSS above the bare tray", &ours.idle, &bare.idle),
        goal(
            "PSS, tray only, after another GTK program",
            &memory(&ours.idle_later),
            "100 MB",
            ours.idle_later.pss < 100.0,
        ),
        plain(
            "PSS, bare Tauri tray, after another GTK program",
            &memory(&bare.idle_later),
        ),
        above(
            "PSS above the bare tray, both after another GTK program",
            &ours.idle_later,
            &bare.idle_later,
        ),
        plain("PSS, window open", &memory(&figures.open)),
        plain("PSS, window closed again", &memory(&figures.closed_once)),
        goal(
            "PSS after ten open and close cycles, above once closed",
            &format!(
                "{} ({:+.1} MB)",
                memory(&figures.closed_often),
                figures.closed_often.pss - figures.closed_once.pss
            ),
            "5 MB more",
            figures.closed_often.pss - figures.closed_once.pss < 5.0,
        ),
        plain("wakeups a second, tray only", &activity(&ours.activity)),
        plain("wakeups a second, bare tray", &activity(&bare.activity)),
        plain(
            "wakeups a second, window open, nothing to do",
            &activity(&figures.open_activity),
        ),
        goal(
            "processes of WebKit before the first window",
            "none in any round",
            "0",
            true,
        ),
        goal(
            "scripts of the page, gzip -9",
            &format!("{:.1} kB", figures.page_kb),
            "120 kB",
            figures.page_kb < 120.0,
        ),
    ];
    format!(
        "{}\n\n| figure | measured | goal |\n|---|---|---|\n{}",
        machine(),
        rows.concat()
    )
}

fn goal(what: &str, measured: &str, wanted: &str, met: bool) -> String {
    let verdict = if met { "met" } else { "**missed**" };
    format!("| {what} | {measured} | under {wanted}: {verdict} |\n")
}

fn above(what: &str, ours: &Memory, bare: &Memory) -> String {
    let more = ours.pss - bare.pss;
    goal(what, &format!("{more:.1} MB"), "15 MB", more <= 15.0)
}

fn plain(what: &str, measured: &str) -> String {
    format!("| {what} | {measured} | |\n")
}

fn memory(memory: &Memory) -> String {
    let mut names = memory.names.clone();
    names.sort();
    format!(
        "{:.1} MB (RSS {:.0} MB; {})",
        memory.pss,
        memory.rss,
        names.join(", ")
    )
}

fn activity(activity: &Activity) -> String {
    format!(
        "{:.2} ({:.2} ms/s of processor)",
        activity.wakeups, activity.busy_ms
    )
}

fn median(samples: &[f64]) -> f64 {
    let mut ordered = samples.to_vec();
    ordered.sort_by(f64::total_cmp);
    ordered[ordered.len() / 2]
}

fn median_range(samples: &[f64], unit: &str) -> String {
    let least = samples.iter().copied().fold(f64::INFINITY, f64::min);
    let most = samples.iter().copied().fold(0.0, f64::max);
    format!("{:.0} {unit} [{least:.0}-{most:.0}]", median(samples))
}

/// Where and when the figures were taken.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpus = read("/proc/cpuinfo");
    let cpu = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("")
        .trim_start_matches(['\t', ':', ' ']);
    let cores = cpus.matches("model name").count();
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let said = |program: &str, arguments: &[&str]| {
        let output = Command::new(program)
            .args(arguments)
            .output()
            .map(|output| output.stdout)
            .unwrap_or_default();
        String::from_utf8_lossy(&output).trim().to_owned()
    };
    let (date, kernel) = (
        said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]),
        said("uname", &["-sr"]),
    );
    let webkit = said(
        "dpkg-query",
        &["--show", "--showformat=${Version}", "libwebkit2gtk-4.1-0"],
    );
    format!(
        "Taken {date} on {cpu}, {cores} cores, {kernel}, WebKitGTK {webkit}, Xvfb and openbox; load of the machine {load}."
    )
}
