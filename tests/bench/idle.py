#!/usr/bin/env python3
"""What an idle worker costs (perf-9): starts `ripieno daemon run --json` on an
empty home, waits four seconds after it is ready and then watches its whole
process tree for fifteen: context switches, processor time and memory."""

import argparse
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

BINARY = Path(__file__).resolve().parents[2] / "target" / "release" / "ripieno"
SETTLE_S = 4
WATCH_S = 15


class Daemon:
    """A worker on a home of its own; ends with the `with` block."""

    def __init__(self, binary, parent=None):
        self.home = tempfile.TemporaryDirectory(prefix="ripieno-bench-", dir=parent)
        # Tasks are run as a user would run them, not with the harness's own marks.
        env = {k: v for k, v in os.environ.items() if not k.startswith("RIPIENO_")}
        env["RIPIENO_HOME"] = self.home.name
        self.process = subprocess.Popen([str(binary), "daemon", "run", "--json"], env=env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)

    def ready(self, timeout=30):
        """The `ready` line it prints when it can claim."""
        end = time.monotonic() + timeout
        seen = b""
        while time.monotonic() < end:
            readable, _, _ = select.select([self.process.stdout], [], [], 0.2)
            if readable:
                part = os.read(self.process.stdout.fileno(), 65536)
                if not part:
                    raise OSError("the daemon ended before it was ready")
                seen += part
                for line in seen.splitlines(keepends=True):
                    if line.endswith(b"\n") and line.startswith(b"{"):
                        event = json.loads(line)
                        if event.get("event") == "ready":
                            return event
        raise OSError("the daemon was not ready after %d s" % timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.home.cleanup()


def tree(root):
    """The process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                text = Path("/proc/%s/stat" % entry).read_text()
            except OSError:
                continue
            parents[int(entry)] = int(text.rsplit(")", 1)[1].split()[1])
    found, grown = {root}, True
    while grown:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
        grown = bool(more)
    return found


def threads(pids):
    """Context switches and nanoseconds on a processor of every thread."""
    counts = {}
    for pid in pids:
        try:
            names = os.listdir("/proc/%d/task" % pid)
        except OSError:
            continue
        for name in names:
            base = "/proc/%d/task/%s/" % (pid, name)
            try:
                status = Path(base + "status").read_text()
                ran = int(Path(base + "schedstat").read_text().split()[0])
            except OSError:
                continue
            switches = sum(int(line.split()[1]) for line in status.splitlines()
                           if "ctxt_switches" in line)
            counts[(pid, name)] = (switches, ran)
    return counts


def memory_kib(pids, field):
    total = 0
    for pid in pids:
        try:
            text = Path("/proc/%d/smaps_rollup" % pid).read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in text.splitlines()
                     if line.startswith(field + ":"))
    return total


def watch(pid, seconds=WATCH_S):
    before = threads(tree(pid))
    start = time.monotonic()
    time.sleep(seconds)
    pids = tree(pid)
    after = threads(pids)
    took = time.monotonic() - start
    switches = sum(s - before.get(k, (0, 0))[0] for k, (s, _) in after.items())
    ran = sum(r - before.get(k, (0, 0))[1] for k, (_, r) in after.items())
    return {"wakeups_per_s": switches / took, "cpu_ms_per_s": ran / 1e6 / took,
            "pss_mib": memory_kib(pids, "Pss") / 1024, "rss_mib": memory_kib(pids, "Rss") / 1024,
            "processes": len(pids), "threads": len(after)}


def verdict(value, limit):
    return "met" if value <= limit else "**missed**"


def measure(binary=BINARY):
    """The rows of the report, or why there are none."""
    if not Path(binary).exists():
        return {"skipped": "%s is not built (cargo build --release -p ripieno-cli)" % binary}
    try:
        with Daemon(binary) as daemon:
            daemon.ready()
            time.sleep(SETTLE_S)
            seen = watch(daemon.process.pid)
    except OSError as error:
        return {"skipped": str(error)}
    rows = [
        ["context switches a second, all threads", "%.2f (goal at most 1: %s)" % (
            seen["wakeups_per_s"], verdict(seen["wakeups_per_s"], 1))],
        ["processor time", "%.3f ms/s (goal under 0.5: %s)" % (
            seen["cpu_ms_per_s"], verdict(seen["cpu_ms_per_s"], 0.5))],
        ["PSS of the whole tree", "%.1f MiB (goal at most 15: %s)" % (
            seen["pss_mib"], verdict(seen["pss_mib"], 15))],
        ["RSS, processes, threads", "%.1f MiB, %d, %d" % (
            seen["rss_mib"], seen["processes"], seen["threads"])],
    ]
    return {"rows": rows, **seen}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(BINARY))
    result = measure(parser.parse_args().binary)
    print(json.dumps(result))
    return 1 if "skipped" in result else 0


if __name__ == "__main__":
    sys.exit(main())
