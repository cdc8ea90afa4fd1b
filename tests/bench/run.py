#!/usr/bin/env python3
"""`make bench`: ours and every peer in interleaved rounds on one disk at one
durability. Writes the tables between the markers of docs/benchmarks.md and the
raw figures to target/bench/results.json. The method stands in that document."""

import argparse
import json
import shutil
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import idle  # noqa: E402
import latency  # noqa: E402
import measure  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402

# Rounds on a disk slower than this say more about the disk than about us.
SLOW_DISK_US = 1000
# Nor are rounds worth keeping in which other programs took this much of the machine.
BUSY_MACHINE = 0.25


def say(text):
    print(text, file=sys.stderr, flush=True)


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="rounds to keep")
    parser.add_argument("--max-rounds", type=int, help="rounds to try (default twice as many)")
    parser.add_argument("--tasks", type=int, default=2000, help="claimed and completed a run")
    parser.add_argument("--backlog", type=int, default=5000, help="queued before the clock starts")
    parser.add_argument("--only", action="append", default=[], metavar="PEER")
    parser.add_argument("--no-setup", action="store_true", help="use what is built already")
    parser.add_argument("--setup-only", action="store_true")
    parser.add_argument("--peers-only", action="store_true", help="do not build or run ours")
    parser.add_argument("--no-fsyncs", action="store_true")
    parser.add_argument("--no-daemon", action="store_true", help="skip idle cost and latency")
    parser.add_argument("--data", default=str(peers.ROOT / "target" / "bench-data"),
                        help="folder of the databases: the disk that is measured")
    parser.add_argument("--built", help="folder of the built peers (default target/bench-peers)")
    parser.add_argument("--ours", help="our driver (default target/release/examples/bench_driver)")
    parser.add_argument("--document", default=str(peers.ROOT / "docs" / "benchmarks.md"))
    parser.add_argument("--results", default=str(peers.ROOT / "target" / "bench" / "results.json"))
    parser.add_argument("--render", metavar="RESULTS",
                        help="measure nothing: write the document from earlier raw figures")
    args = parser.parse_args()
    if args.tasks > args.backlog:
        parser.error("--tasks must not exceed --backlog")
    return args


def one_round(runs, args, number, failed):
    """Every run once, each round starting at another one, so that none always
    follows the same neighbour. A run that failed twice is left out."""
    turn = number * 7 % len(runs)
    foreign = measure.Foreign()
    results = {}
    for run in runs[turn:] + runs[:turn]:
        driver = peers.command(run.peer)
        if driver is None or len(failed.get(run.key, [])) > 1:
            continue
        try:
            result = measure.timed(driver, run, args.data, args.backlog)
            if run.sync == "normal" and result["synchronous"] != 1:
                raise measure.DriverFailed("it has no synchronous NORMAL")
            results[run.key] = result
        except measure.DriverFailed as error:
            failed.setdefault(run.key, []).append(str(error))
            say("  %s: %s" % (run.key, error))
            continue
        say("  %-48s %9.0f cycles/s   fdatasync p50 %4.0f us" % (
            run.key, results[run.key]["cycles_per_s"], results[run.key]["probe_p50_us"]))
    probes = [r["probe_p50_us"] for r in results.values()]
    tails = [r["probe_p99_us"] for r in results.values()]
    return {"runs": results, "probe_p50_us": measure.median(probes),
            "probe_p99_us": measure.median(tails), "foreign": foreign.share()}


def good(one):
    return one["probe_p50_us"] <= SLOW_DISK_US and one["foreign"] <= BUSY_MACHINE


def count_fsyncs(runs, args, missing):
    counts = {}
    for run in runs:
        driver = peers.command(run.peer)
        if driver is None or run.sync != "full":
            continue
        try:
            counts[run.key] = measure.fsyncs_per_task(driver, run, args.data, args.backlog)
        except measure.DriverFailed as error:
            missing[run.key + " under strace"] = str(error)
        say("  %-48s %s fsyncs a task" % (run.key, counts.get(run.key)))
    return counts


def claim_cost(args):
    """perf-5, measured by our own driver; the reason where it cannot be."""
    driver = peers.command("ripieno")
    if driver is None:
        return {"skipped": "our driver is not built"}
    try:
        db = str(Path(args.data) / "claim-cost.db")
        return {"lines": measure.call(driver + ["--probe", "claim", "--db", db], 1800)}
    except measure.DriverFailed as error:
        return {"skipped": str(error)}
    finally:
        for path in Path(args.data).glob("claim-cost.db*"):
            path.unlink()


def measure_all(args):
    failures = {} if args.no_setup else peers.setup(ours=not args.peers_only)
    for name, text in failures.items():
        say("not built: %s: %s" % (name, text))
    if args.setup_only:
        return None, 1 if failures else 0
    Path(args.data).mkdir(parents=True, exist_ok=True)
    # What an interrupted bench left behind.
    for folder in Path(args.data).glob("run-*"):
        shutil.rmtree(folder, ignore_errors=True)
    runs = [r for r in peers.plan(args.tasks)
            if (not args.only or r.peer in args.only)
            and not (args.peers_only and r.peer == "ripieno")]
    missing = dict(failures)
    for peer in {run.peer for run in runs}:
        if peers.command(peer) is None:
            missing.setdefault(peer, "its driver is not built")
    rounds, kept, failed = [], [], {}
    while len(kept) < args.rounds and len(rounds) < (args.max_rounds or 2 * args.rounds):
        say("round %d, %d of %d kept" % (len(rounds) + 1, len(kept), args.rounds))
        rounds.append(one_round(runs, args, len(rounds), failed))
        kept = [r for r in rounds if good(r)]
        say("  fdatasync p50 %.0f us, others used %.0f %% of the machine: %s" % (
            rounds[-1]["probe_p50_us"], rounds[-1]["foreign"] * 100,
            "kept" if good(rounds[-1]) else "thrown away"))
    for key, texts in failed.items():
        missing[key] = "%s (%d of %d rounds)" % (texts[-1], len(texts), len(rounds))
    results = {
        "machine": measure.machine(args.data),
        "tasks": args.tasks, "backlog": args.backlog,
        "rounds": kept or rounds, "missing": missing,
        "slow_disk": sum(r["probe_p50_us"] > SLOW_DISK_US for r in rounds),
        "busy": sum(r["foreign"] > BUSY_MACHINE for r in rounds), "none_good": not kept,
        "fsyncs": {} if args.no_fsyncs else count_fsyncs(runs, args, missing),
    }
    if not args.peers_only:
        results["claim_cost"] = claim_cost(args)
        if not args.no_daemon:
            results["idle"] = idle.measure()
            results["latency"] = latency.measure(args.data)
    return results, 0


def main():
    args = options()
    if args.built:
        peers.BUILT = Path(args.built)
    if args.ours:
        peers.OURS = Path(args.ours)
    if args.render:
        results, code = json.loads(Path(args.render).read_text()), 0
    else:
        results, code = measure_all(args)
    if results is None:
        return code
    Path(args.results).parent.mkdir(parents=True, exist_ok=True)
    Path(args.results).write_text(json.dumps(results, indent=1) + "\n")
    text = report.render(results, peers.plan(results["tasks"]))
    report.write(Path(args.document), text)
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
