#!/usr/bin/env python3
"""From submitting a shell task to its first instruction: a request over the
worker's socket, an idle worker, a folder without git. The task's first act is to
store the time; the same command started by hand, in the same round, is what a
process costs anyway. Goal: the difference stays under 10 ms and three times the
round's median fdatasync."""

import argparse
import json
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import idle  # noqa: E402
import measure as disk  # noqa: E402

ROUNDS = 40
WARM_UP = 3
ENDED = {"done", "failed", "dead", "cancelled"}


class Refused(OSError):
    """The worker answered with an error."""


class Connection:
    """One JSON object a line in each direction."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.reader = self.socket.makefile("rb")
        self.id = 0

    def request(self, method, params):
        """Encodes first: the clock of a caller starts when bytes leave."""
        self.id += 1
        line = json.dumps({"id": self.id, "method": method, "params": params}).encode() + b"\n"
        sent = time.time_ns()
        self.socket.sendall(line)
        while True:
            answer = self.reader.readline()
            if not answer:
                raise OSError("the worker closed the connection")
            message = json.loads(answer)
            if message.get("id") == self.id:
                if "error" in message:
                    raise Refused("%s: %s" % (method, json.dumps(message["error"])[:300]))
                return message["result"], sent


def stamp(path, timeout=20):
    """The nanoseconds the command wrote, once they are whole."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            text = path.read_text()
        except OSError:
            text = ""
        if text.endswith("\n"):
            return int(text)
        time.sleep(0.001)
    raise OSError("the command wrote no time to %s within %d s" % (path, timeout))


def by_hand(script, path):
    start = time.time_ns()
    pid = os.posix_spawn("/bin/sh", ["/bin/sh", "-c", script], os.environ)
    os.waitpid(pid, 0)
    return (stamp(path) - start) / 1e6


def wait_until_ended(connection, task, timeout=20):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        view, _ = connection.request("task.show", {"id": task})
        view = view.get("task", view)
        if view["state"] in ENDED:
            if view["state"] != "done":
                raise OSError("a latency task ended %s: %s" % (view["state"], view.get("failure")))
            return
        time.sleep(0.02)
    raise OSError("a latency task did not end within %d s" % timeout)


def submitted(connection, script, folder, path):
    result, sent = connection.request(
        "task.add", {"prompt": script, "piece": "script", "dir": str(folder)})
    started = stamp(path)
    wait_until_ended(connection, result.get("task", result)["id"])
    return (started - sent) / 1e6


def rounds(daemon, folder, count):
    connection = Connection(daemon.ready()["socket"])
    samples = []
    for number in range(WARM_UP + count):
        # Idle means idle: nothing of the last round is left to do.
        time.sleep(0.1)
        ours, hand = folder / ("ours-%d" % number), folder / ("hand-%d" % number)
        fsync_ms = disk.median(disk.probe_disk(daemon.home.name, 20)) / 1e3
        through = submitted(connection, "date +%%s%%N > %s" % ours, folder, ours)
        direct = by_hand("date +%%s%%N > %s" % hand, hand)
        if number >= WARM_UP:
            samples.append((through, direct, fsync_ms))
    return samples


def measure(parent=None, binary=idle.BINARY, count=ROUNDS):
    """The rows of the report, or why there are none."""
    if not Path(binary).exists():
        return {"skipped": "%s is not built (cargo build --release -p ripieno-cli)" % binary}
    try:
        # Never below `parent`: that may lie in a repository.
        with tempfile.TemporaryDirectory(prefix="ripieno-latency-") as folder:
            with idle.Daemon(binary, parent) as daemon:
                samples = rounds(daemon, Path(folder), count)
    except (OSError, KeyError, ValueError) as error:
        return {"skipped": str(error) or repr(error)}
    through = disk.median([s[0] for s in samples])
    direct = disk.median([s[1] for s in samples])
    fsync = disk.median([s[2] for s in samples])
    above = disk.median([s[0] - s[1] for s in samples])
    allowed = disk.median([10 + 3 * s[2] for s in samples])
    rows = [
        ["submitted to the worker, median of %d rounds" % len(samples), "%.2f ms" % through],
        ["the same command by hand", "%.2f ms" % direct],
        ["fdatasync in the same rounds", "%.2f ms" % fsync],
        ["above by hand", "%.2f ms (p90 %.2f), goal under %.2f ms: %s" % (
            above, disk.percentile([s[0] - s[1] for s in samples], 90), allowed,
            idle.verdict(above, allowed))],
    ]
    return {"rows": rows, "samples_ms": samples}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default=str(idle.BINARY))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--data", help="folder of the worker's home (the disk that counts)")
    args = parser.parse_args()
    result = measure(args.data, args.binary, args.rounds)
    result.pop("samples_ms", None)
    print(json.dumps(result))
    return 1 if "skipped" in result else 0


if __name__ == "__main__":
    sys.exit(main())
