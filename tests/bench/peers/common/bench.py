"""The command line, worker processes and the one line of output that the Python
peer drivers share (docs/benchmarks.md, "Drivers")."""

import argparse
import json
import multiprocessing
import threading
import time

SINGLE_ENQUEUES = 300


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--db", required=True)
    parser.add_argument("--tasks", type=int, default=2000)
    parser.add_argument("--backlog", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--payload", type=int, default=512)
    parser.add_argument("--mode", choices=["serial", "workers"], default="workers")
    parser.add_argument("--sync", choices=["full", "normal", "off"], default="full")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="shape=threads or shape=processes (default)")
    args = parser.parse_args()
    if args.tasks > args.backlog:
        parser.error("--tasks must not exceed --backlog")
    if args.mode == "serial":
        args.workers = 1
    args.set = dict(item.split("=", 1) for item in args.set)
    return args


def cycles(one, take, tasks):
    """Runs `one` until the shared count is used up; seconds of each."""
    samples = []
    while take() < tasks:
        start = time.perf_counter()
        one()
        samples.append(time.perf_counter() - start)
    return samples


def _taker(counter):
    def take():
        with counter.get_lock():
            counter.value += 1
            return counter.value - 1
    return take


def _worker(args, open_queue, counter, barrier, results):
    try:
        one = open_queue(args).cycle
        barrier.wait()
        samples = cycles(one, _taker(counter), args.tasks)
        results.put((time.monotonic(), samples, None))
    except Exception as error:
        results.put((time.monotonic(), [], repr(error)))


def run_workers(args, open_queue):
    """`--workers` processes (or threads), each with a connection of its own."""
    context = multiprocessing.get_context("spawn")
    unit = threading.Thread if args.set.get("shape") == "threads" else context.Process
    counter = context.Value("l", 0)
    barrier = context.Barrier(args.workers + 1)
    results = context.Queue()
    workers = [unit(target=_worker, args=(args, open_queue, counter, barrier, results))
               for _ in range(args.workers)]
    for worker in workers:
        worker.start()
    barrier.wait()
    start = time.monotonic()
    ends = [results.get() for _ in workers]
    for worker in workers:
        worker.join()
    errors = [error for _, _, error in ends if error]
    if errors:
        raise SystemExit("a worker failed: " + errors[0])
    return max(end for end, _, _ in ends) - start, [s for _, samples, _ in ends for s in samples]


def percentile_us(samples, percent):
    if not samples:
        return None
    ordered = sorted(samples)
    return round(ordered[round((len(ordered) - 1) * percent / 100)] * 1e6, 1)


def drive(peer, version, open_queue, note):
    """Runs what the arguments ask for. `open_queue(args)` gives an object with
    `bulk(n)`, `put()`, `cycle()` and `pragmas()`."""
    args = arguments()
    queue = open_queue(args)
    queue.bulk(args.backlog)
    enqueues = []
    if args.mode == "serial":
        for _ in range(SINGLE_ENQUEUES):
            start = time.perf_counter()
            queue.put()
            enqueues.append(time.perf_counter() - start)
        taken = iter(range(args.tasks + 1))
        start = time.perf_counter()
        samples = cycles(queue.cycle, lambda: next(taken), args.tasks)
        elapsed = time.perf_counter() - start
    else:
        elapsed, samples = run_workers(args, open_queue)
    journal_mode, synchronous = queue.pragmas()
    print(json.dumps({
        "peer": peer, "version": version, "mode": args.mode, "workers": args.workers,
        "n": args.tasks, "backlog": args.backlog, "sync": args.sync, "finished": args.tasks,
        "elapsed_s": elapsed,
        "cycles_per_s": args.tasks / elapsed if args.tasks else 0,
        "p50_us": percentile_us(samples, 50), "p99_us": percentile_us(samples, 99),
        "enqueue_n": len(enqueues), "enqueue_p50_us": percentile_us(enqueues, 50),
        "enqueue_p99_us": percentile_us(enqueues, 99),
        "journal_mode": journal_mode, "synchronous": synchronous, "note": note,
    }))
