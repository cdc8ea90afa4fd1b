"""What the harness measures itself: the raw disk, a driver's run, its fsyncs."""

import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

ENV = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}


class DriverFailed(Exception):
    """A driver ended badly; the text is its last words."""


def percentile(samples, percent):
    ordered = sorted(samples)
    return ordered[round((len(ordered) - 1) * percent / 100)]


def median(samples):
    return statistics.median(samples)


def probe_disk(folder, count=200):
    """Appends 4 KiB and calls fdatasync, `count` times; microseconds of each."""
    block = os.urandom(4096)
    samples = []
    path = Path(folder) / "probe"
    fd = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_APPEND)
    try:
        for _ in range(count):
            start = time.perf_counter_ns()
            os.write(fd, block)
            os.fdatasync(fd)
            samples.append((time.perf_counter_ns() - start) / 1e3)
    finally:
        os.close(fd)
        path.unlink()
    return samples


class Foreign:
    """How much of the machine other programs took since this was made, 0 to 1."""

    def __init__(self):
        self.start = self._now()

    @staticmethod
    def _now():
        fields = [int(v) for v in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
        tick = os.sysconf("SC_CLK_TCK")
        idle = (fields[3] + fields[4]) / tick
        ours = 0.0
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
            used = resource.getrusage(who)
            ours += used.ru_utime + used.ru_stime
        return sum(fields) / tick, idle, ours

    def share(self):
        total, idle, ours = (b - a for a, b in zip(self.start, self._now()))
        return max(0.0, (total - idle - ours) / total) if total else 0.0


def _arguments(run, db, backlog, tasks):
    words = ["--db", str(db), "--tasks", str(tasks), "--backlog", str(backlog),
             "--workers", str(run.workers), "--payload", "512",
             "--mode", run.mode, "--sync", run.sync]
    for item in run.sets:
        words += ["--set", item]
    return words


def call(command, timeout):
    """Runs a driver; gives its JSON lines."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=ENV)
    except subprocess.TimeoutExpired:
        raise DriverFailed("took longer than %d s" % timeout) from None
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise DriverFailed("exit code %d: %s" % (done.returncode, last[:300]))
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if not lines:
        raise DriverFailed("printed no JSON line")
    return lines


def timed(driver, run, data, backlog, timeout=180):
    """One timed run on a database of its own, right after a probe of the disk."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=data) as folder:
        # What earlier runs left unwritten must not be this run's cost.
        os.sync()
        probe = probe_disk(folder)
        result = call(driver + _arguments(run, Path(folder) / "queue.db", backlog, run.tasks),
                      timeout)[-1]
    result["probe_p50_us"] = median(probe)
    result["probe_p99_us"] = percentile(probe, 99)
    return result


def _count_fsyncs(driver, run, data, backlog, tasks, timeout):
    with tempfile.TemporaryDirectory(prefix="run-", dir=data) as folder:
        log = Path(folder) / "strace.txt"
        tracer = ["strace", "-f", "--seccomp-bpf", "-qq", "-c", "-o", str(log),
                  "-e", "trace=fsync,fdatasync"]
        result = call(tracer + driver + _arguments(run, Path(folder) / "queue.db", backlog, tasks),
                      timeout)[-1]
        calls = 0
        for line in log.read_text().splitlines():
            words = line.split()
            if words and words[-1] in ("fsync", "fdatasync"):
                calls += int(words[3])
    return calls, result.get("finished") or result["n"]


def fsyncs_per_task(driver, run, data, backlog, timeout=300):
    """Fsyncs of claim and completion alone: two untimed runs under strace that
    differ in nothing but the number of tasks, so that opening, the backlog and
    single enqueues cancel out. None without strace."""
    if shutil.which("strace") is None:
        return None
    few, many = backlog // 10, backlog // 2
    calls_few, done_few = _count_fsyncs(driver, run, data, backlog, few, timeout)
    calls_many, done_many = _count_fsyncs(driver, run, data, backlog, many, timeout)
    if done_many <= done_few:
        return None
    return (calls_many - calls_few) / (done_many - done_few)


def machine(data):
    """One line about where the numbers were taken."""
    cpu = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            cpu = line.split(":", 1)[1].strip()
            break
    memory = 0
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemTotal"):
            memory = round(int(line.split()[1]) / 1048576, 1)
    disk = "unknown disk"
    if shutil.which("findmnt"):
        found = subprocess.run(["findmnt", "-no", "SOURCE,FSTYPE", "-T", str(data)],
                               capture_output=True, text=True)
        disk = " ".join(found.stdout.split()) or disk
    release = os.uname()
    return {"cpu": cpu, "cores": os.cpu_count(), "memory_gib": memory, "disk": disk,
            "kernel": "%s %s %s" % (release.sysname, release.release, release.machine),
            "date": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime())}
