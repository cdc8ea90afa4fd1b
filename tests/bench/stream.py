#!/usr/bin/env python3
"""`make bench-stream`: runs the built driver and writes what it measured between
its markers of docs/benchmarks.md."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "target" / "release"
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN = "<!-- bench-stream:begin (written by `make bench-stream`; edits are lost) -->"
END = "<!-- bench-stream:end -->"


def measured():
    driver = BUILT / "examples" / "bench_stream"
    programs = [str(BUILT / "ripieno-supervise"), str(BUILT / "ripieno-replay")]
    out = subprocess.run([str(driver), *programs, *sys.argv[1:]], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def median(rounds, name):
    values = sorted(one[name] for one in rounds)
    return values[len(values) // 2]


def document(found, load):
    rounds = found["rounds"]
    rows = [
        ("`serde_json`, envelope only (MB/s)", "envelope_mb_s", ""),
        ("`serde_json`, whole `Value` (MB/s)", "value_mb_s", ""),
        ("ours: pipe, adapter, transcript, raw log (MB/s)", "ours_mb_s", ""),
        ("ours, of the envelope alone", "of_envelope", "at least 0.60"),
        ("ours, of a whole `Value`", "of_value", "at least 1.5"),
        ("rise of memory (KiB)", "memory_rise_kib", "under 65,536"),
    ]
    lines = [
        f"{found['bytes'] / 1e9:g} GB in lines of {found['bytes_a_session'] // found['lines']:,} bytes on average, median of {len(rounds)} rounds, "
        f"{os.cpu_count()} cores, load before {load[0]:.1f} and {load[1]:.1f}.",
        "", "| | median | lowest | highest | goal |", "|---|---:|---:|---:|---|",
    ]
    for title, name, goal in rows:
        values = [one[name] for one in rounds]
        lines.append(f"| {title} | {median(rounds, name):,} | {min(values):,} | {max(values):,} | {goal} |")
    lines += [
        "",
        f"From the program's line to {found['followers']} followers of the log at {found['per_second']:,} lines a second "
        f"({found['told']:,} told): p50 {found['p50_us']:,} µs (goal 250), p99 {found['p99_us']:,} µs (goal 2,000), most {found['most_us']:,} µs.",
    ]
    return "\n".join(lines)


def main():
    load = os.getloadavg()
    text = document(measured(), load)
    print(text)
    page = DOCUMENT.read_text()
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    DOCUMENT.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{tail}")


if __name__ == "__main__":
    main()
