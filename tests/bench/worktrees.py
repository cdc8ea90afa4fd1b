#!/usr/bin/env python3
"""A worktree of ours against `git worktree add` (perf-10): a repository of 10,000
files, the optimised worker as a person runs it, both in each round. A task without
work is submitted; the worker's own log says how long its worktree took and how long
giving it back did, and the task's first act is to store the time. Goals: ready in at
most 0.9 of what git takes, given back in under 20 ms."""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import idle  # noqa: E402
import latency  # noqa: E402
import measure  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "benchmarks.md"
BEGIN = "<!-- bench-worktrees:begin (written by `make bench`; edits are lost) -->"
END = "<!-- bench-worktrees:end -->"
FILES = 10_000
FOLDERS = 100
WARM_UP = 1

GIT = {**{k: v for k, v in os.environ.items() if not k.startswith("GIT_")},
       "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
       # Nothing is collected beside what is measured.
       "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "gc.auto", "GIT_CONFIG_VALUE_0": "0",
       "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
       "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}


def git(folder, *args):
    subprocess.run(["git", *args], cwd=folder, env=GIT, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def repository(at):
    """10,000 files of 1 to 8 KiB of text in a hundred folders, committed and packed."""
    at.mkdir()
    git(at, "init", "-q", "-b", "main")
    for number in range(FILES):
        folder = at / ("d%02d" % (number % FOLDERS))
        folder.mkdir(exist_ok=True)
        line = "line of file %d: %%d\n" % number
        text = "".join(line % n for n in range(40 + number * 7919 % 280))
        (folder / ("file%05d.txt" % number)).write_text(text)
    git(at, "add", ".")
    git(at, "commit", "-q", "-m", "all of it")
    git(at, "gc", "-q")
    return at


def plain(repo, beside, number):
    """Milliseconds of `git worktree add` and `git worktree remove`."""
    at = beside / ("plain-%d" % number)
    start = time.perf_counter()
    git(repo, "worktree", "add", "-q", "-b", "plain-%d" % number, str(at))
    added = time.perf_counter()
    git(repo, "worktree", "remove", "--force", str(at))
    return (added - start) * 1e3, (time.perf_counter() - added) * 1e3


def logged(home, task, message, timeout=60):
    """The numbers of the line that the worker logged about the task's worktree."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        for path in sorted((home / "state" / "logs").glob("*")):
            for line in path.read_text().splitlines():
                if message in line and re.search(r"\btask=%s\b" % task, line):
                    found = re.findall(r"\b(\w+_us)=(\d+)", line)
                    return {name: int(value) / 1e3 for name, value in found}
        time.sleep(0.05)
    raise OSError("the worker's log says nothing of %s: %s" % (task, message))


def ours(connection, home, repo, beside, number):
    """Milliseconds of one task without work: what the worker logged, and what was seen from outside."""
    stamp = beside / ("stamp-%d" % number)
    result, sent = connection.request(
        "task.add", {"prompt": "date +%%s%%N > %s" % stamp, "piece": "script", "dir": str(repo)})
    task = result.get("task", result)
    began = latency.stamp(stamp)
    latency.wait_until_ended(connection, task["id"])
    ready = logged(home, task["short_id"], "the worktree is ready")
    back = logged(home, task["short_id"], "the worktree is given back")
    return {"ready": ready["took_us"], "first": (began - sent) / 1e6,
            "proved": back["proved_us"], "released": back["released_us"]}


def settle(home, timeout=60):
    """Waits until nothing is deleted in the background any more, and the disk has what there is."""
    removed = home / "data" / "worktrees" / ".removed"
    end = time.monotonic() + timeout
    while removed.exists() and any(removed.iterdir()) and time.monotonic() < end:
        time.sleep(0.05)
    os.sync()


def rounds(args, place):
    repo, beside = repository(place / "repo"), place / "beside"
    beside.mkdir()
    kept, tried = [], 0
    with idle.Daemon(args.binary, place) as daemon:
        home = Path(daemon.home.name)
        connection = latency.Connection(daemon.ready()["socket"])
        while len(kept) < args.rounds:
            one = {}
            for which in (("git", "ours"), ("ours", "git"))[tried % 2]:
                settle(home)
                if which == "git":
                    one["add"], one["remove"] = plain(repo, beside, tried)
                else:
                    one.update(ours(connection, home, repo, beside, tried))
            tried += 1
            print(json.dumps({key: round(value, 2) for key, value in one.items()}), flush=True)
            if tried > WARM_UP:
                kept.append(one)
    return kept


def spread(values, unit="ms"):
    return "%.1f %s [%.1f-%.1f]" % (measure.median(values), unit, min(values), max(values))


def render(kept, machine):
    of = lambda name: [one[name] for one in kept]  # noqa: E731
    ratios = [one["ready"] / one["add"] for one in kept]
    whole = [one["first"] / one["add"] for one in kept]
    ratio, released = measure.median(ratios), measure.median(of("released"))
    rows = [
        ("`git worktree add`", spread(of("add")), ""),
        ("our worktree ready, branch, files and the person's state", spread(of("ready")), ""),
        ("ours ÷ git's, median of the rounds' ratios", "%.2fx [%.2f-%.2f]" % (ratio, min(ratios), max(ratios)),
         "at most 0.9x: " + ("met" if ratio <= 0.9 else "**missed**")),
        ("from submitting to the task's first act ÷ git's", "%.2fx [%.2f-%.2f]" % (
            measure.median(whole), min(whole), max(whole)), ""),
        ("`git worktree remove --force`", spread(of("remove")), ""),
        ("our worktree given back", spread(of("released")),
         "under 20 ms: " + ("met" if released < 20 else "**missed**")),
        ("before it, in the background: proof that nothing in it is lost", spread(of("proved")), ""),
    ]
    lines = ["Taken %s on %s, %s cores, %s GiB, %s, disk %s; %d interleaved rounds." % (
        machine["date"], machine["cpu"], machine["cores"], machine["memory_gib"],
        machine["kernel"], machine["disk"], len(kept)), "",
        "| figure | median [range] | goal |", "|---|---|---|"]
    lines += ["| %s | %s | %s |" % row for row in rows]
    return "\n".join(lines) + "\n"


def write(text):
    old = DOCUMENT.read_text()
    if BEGIN not in old or END not in old:
        raise SystemExit("%s has no markers to write between" % DOCUMENT)
    before, rest = old.split(BEGIN, 1)
    DOCUMENT.write_text(before + BEGIN + "\n" + text + END + rest.split(END, 1)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(idle.BINARY))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--data", default=str(ROOT / "target" / "bench-data"))
    parser.add_argument("--print", action="store_true", help="leave docs/benchmarks.md as it is")
    args = parser.parse_args()
    if not Path(args.binary).exists():
        raise SystemExit("%s is not built (cargo build --release -p ripieno-cli)" % args.binary)
    Path(args.data).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="worktrees-", dir=args.data) as place:
        kept = rounds(args, Path(place))
    text = render(kept, measure.machine(args.data))
    print(text)
    if not args.print:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
