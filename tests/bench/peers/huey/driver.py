"""Benchmark driver for huey's SQLite storage, driven directly: its consumer adds
(de)serialising and signals to every task. A cycle is `dequeue`, which deletes
the task, and storing its result; huey has no lease, so a worker that dies
in between loses the task. `fsync=True` is huey's own option for FULL."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))

import bench  # noqa: E402
import huey  # noqa: E402
from huey.storage import SqliteStorage  # noqa: E402


class Queue:
    def __init__(self, args):
        self.args = args
        self.body = b"x" * args.payload
        self.n = 0
        self.storage = self.open(args.sync)

    def open(self, sync):
        fsync = {"full": True, "normal": None, "off": False}[sync]
        storage = SqliteStorage(name="bench", filename=self.args.db, fsync=fsync, timeout=60)
        if sync == "normal":
            storage.conn.execute("pragma synchronous=1")
        return storage

    def bulk(self, count):
        # There is no call for many: without fsync until the backlog stands.
        loader = self.open("off")
        for _ in range(count):
            loader.enqueue(self.body)
        loader.close()

    def put(self):
        self.storage.enqueue(self.body)

    def cycle(self):
        if self.storage.dequeue() is None:
            raise RuntimeError("the queue ran dry")
        self.n += 1
        self.storage.put_data("%d-%d" % (os.getpid(), self.n), b"ok", is_result=True)

    def pragmas(self):
        connection = self.storage.conn
        return (connection.execute("pragma journal_mode").fetchone()[0],
                connection.execute("pragma synchronous").fetchone()[0])


if __name__ == "__main__":
    bench.drive("huey", huey.__version__, Queue, "storage calls, no lease")
