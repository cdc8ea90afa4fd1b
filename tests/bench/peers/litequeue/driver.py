"""Benchmark driver for litequeue. It sets synchronous = NORMAL on the connection;
the connection can be handed in, so the asked durability is set on it afterwards."""

import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "common"))

import bench  # noqa: E402
import litequeue  # noqa: E402


class Queue:
    def __init__(self, args):
        self.body = "x" * args.payload
        self.connection = sqlite3.connect(args.db, isolation_level=None, timeout=60,
                                          check_same_thread=False)
        self.queue = litequeue.LiteQueue(self.connection)
        self.connection.execute("PRAGMA synchronous = %s" % args.sync.upper())

    def bulk(self, count):
        with self.queue.transaction(mode="IMMEDIATE"):
            for _ in range(count):
                self.queue.put(self.body)

    def put(self):
        self.queue.put(self.body)

    def cycle(self):
        message = self.queue.pop()
        if message is None:
            raise RuntimeError("the queue ran dry")
        self.queue.done(message.message_id)

    def pragmas(self):
        return (self.connection.execute("PRAGMA journal_mode").fetchone()[0],
                self.connection.execute("PRAGMA synchronous").fetchone()[0])


if __name__ == "__main__":
    bench.drive("litequeue", litequeue.__version__, Queue, "")
