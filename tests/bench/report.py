"""Turns the raw figures of `run.py` into the tables of docs/benchmarks.md."""

import measure

BEGIN = "<!-- bench:begin (written by `make bench`; edits are lost) -->"
END = "<!-- bench:end -->"
# Which runs may stand for a peer in a row: what does best with fewer workers is
# its best configuration there too.
ROWS = {"serial": ["serial"], "8": ["8", "serial"], "64": ["64", "8", "serial"]}
TITLES = {"serial": "Serial: one worker", "8": "8 in flight", "64": "64 in flight"}
PLAIN = ["plainjob", "huey", "litequeue"]
OTHERS = ["honker", "apalis-sqlite", "effectum"]
# Shown beside the others, but no yardstick: what no user of the crate gets, and
# a library kept to the tasks it was told to have in flight.
BESIDE = ["effectum (forced)", "apalis-sqlite (strict)"]
# Said below the goals where one of these peers keeps a ratio under its goal.
WHY = {
    "effectum": "effectum commits the steps of many workers in one transaction, as we do, so "
                "neither is limited by the disk and what is left is statements a task. It "
                "writes fewer: no event row, no attempt row, no version to check.",
    "apalis-sqlite": "apalis-sqlite claims ahead and stores results after the handler has "
                     "returned, many in one commit: a worker that dies in between runs those "
                     "tasks again, though they had ended.",
}


class Figures:
    """The kept rounds, looked up by run."""

    def __init__(self, results, runs):
        self.rounds = results["rounds"]
        self.fsyncs = results.get("fsyncs", {})
        self.runs = {run.key: run for run in runs}
        self.reasons = {}

    def values(self, key, name):
        """One value a round; None where the round has no such run."""
        return [(r["runs"].get(key) or {}).get(name) for r in self.rounds]

    def median(self, key, name):
        found = [v for v in self.values(key, name) if v is not None]
        return measure.median(found) if found else None

    def best(self, peer, row):
        """The key of the peer's fastest configuration for this row; ours has one."""
        rows = ROWS.get(row, [row]) if peer != "ripieno" else [row]
        keys = [k for k, run in self.runs.items()
                if run.peer == peer and run.row in rows
                and self.median(k, "cycles_per_s") is not None]
        return max(keys, key=lambda k: self.median(k, "cycles_per_s"), default=None)

    def ratio(self, ours, theirs, name="cycles_per_s"):
        """Median over the rounds of ours divided by theirs."""
        pairs = zip(self.values(ours, name), self.values(theirs, name)) if ours and theirs else []
        found = [a / b for a, b in pairs if a is not None and b]
        return measure.median(found) if found else None

    def against_disk(self, key, name, probe):
        """Median over the rounds of a figure divided by the round's raw disk."""
        found = [v / r[probe] for v, r in zip(self.values(key, name), self.rounds)
                 if v is not None]
        return measure.median(found) if found else None


def number(value, pattern="%.0f"):
    return "-" if value is None else pattern % value


def times(value):
    return "-" if value is None else "%.2fx" % value


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(c) for c in row) + " |" for row in rows] + [""]


def header(results):
    at = results["machine"]
    rounds = len(results["rounds"])
    probes = [r["probe_p50_us"] for r in results["rounds"]]
    lines = []
    if not results.get("claim_cost"):
        lines += ["**Preliminary: peers only, our own figures are not in it yet.**", ""]
    lines += [
        "Taken %s on %s, %d cores, %s GiB, %s, disk %s." % (
            at["date"], at["cpu"], at["cores"], at["memory_gib"], at["kernel"], at["disk"]),
        "%d interleaved rounds kept; of all rounds %d had a raw fdatasync p50 over 1 ms and in %d "
        "other programs took over a quarter of the machine. %d tasks claimed and completed a run "
        "from a backlog of %d, 512 bytes each." % (
            rounds, results["slow_disk"], results["busy"], results["tasks"], results["backlog"]),
        "Raw append of 4 KiB + fdatasync in the kept rounds: p50 %.0f us [%.0f-%.0f], p99 %.0f us." % (
            measure.median(probes), min(probes), max(probes),
            measure.median([r["probe_p99_us"] for r in results["rounds"]])),
    ]
    if results["none_good"]:
        lines.append("**No round was good, so all are kept: read ratios only, and those with care.**")
    return lines + [""]


def throughput_row(figures, ours, key, fsyncs):
    run = figures.runs[key]
    rates = [v for v in figures.values(key, "cycles_per_s") if v is not None]
    p50, p99 = figures.median(key, "p50_us"), figures.median(key, "p99_us")
    name = "**%s**" % run.peer if run.peer == "ripieno" else run.peer
    what = run.label + (" (%s)" % run.note if run.note else "")
    return [name, what, "%.0f [%.0f-%.0f]" % (measure.median(rates), min(rates), max(rates)),
            "%s / %s" % (number(p50 and p50 / 1e3, "%.2f"), number(p99 and p99 / 1e3, "%.2f")),
            times(figures.against_disk(key, "p99_us", "probe_p99_us")),
            number(fsyncs.get(key), "%.2f"),
            "" if key == ours else times(figures.ratio(ours, key))]


def throughput(figures):
    head = ["system", "configuration", "cycles/s, median [range]", "cycle p50 / p99 ms",
            "p99 ÷ raw fdatasync p99", "fsyncs a task", "ours ÷ this"]
    lines = []
    for row, title in TITLES.items():
        keys = [figures.best(p, row) for p in ["ripieno"] + PLAIN + OTHERS + BESIDE]
        keys = sorted((k for k in keys if k),
                      key=lambda k: -figures.median(k, "cycles_per_s"))
        ours = figures.best("ripieno", row)
        lines += ["### " + title, ""]
        lines += table(head, [throughput_row(figures, ours, k, figures.fsyncs) for k in keys])
    keys = [k for k, run in figures.runs.items()
            if run.row == "batches" and figures.median(k, "cycles_per_s")]
    if keys:
        lines += ["### Batches: another promise", "",
                  "Many tasks claimed and acknowledged together by one worker. No task of a "
                  "batch counts as done before its last one does, so this is no queue of "
                  "independent tasks and no row of the goals.", ""]
        lines += table(head[:-1], [throughput_row(figures, None, k, figures.fsyncs)[:-1]
                                   for k in keys])
    return lines


def enqueue(figures):
    head = ["system", "p50 us", "p99 us", "p50 ÷ raw", "p99 ÷ raw"]
    rows = []
    for peer in ["ripieno"] + PLAIN + OTHERS + BESIDE:
        key = figures.best(peer, "serial")
        if key and figures.median(key, "enqueue_p50_us") is not None:
            rows.append([peer, number(figures.median(key, "enqueue_p50_us")),
                         number(figures.median(key, "enqueue_p99_us")),
                         times(figures.against_disk(key, "enqueue_p50_us", "probe_p50_us")),
                         times(figures.against_disk(key, "enqueue_p99_us", "probe_p99_us"))])
    lines = ["### One enqueue, stored before it returns", "",
             "Divided by append of 4 KiB + fdatasync in the same round.", ""]
    return lines + table(head, rows)


def verdict(value, goal, at_least=True, floor=None):
    if value is None:
        return "not measured"
    if (value >= goal) if at_least else (value <= goal):
        return "met"
    if floor is not None and value < floor:
        return "**below the floor of %gx**" % floor
    return "**missed**"


def best_of(figures, names, row):
    keys = [k for k in (figures.best(p, row) for p in names) if k]
    return max(keys, key=lambda k: figures.median(k, "cycles_per_s"), default=None)


def goal_ratio(figures, goal, names, row, wanted, floor=None):
    ours, theirs = figures.best("ripieno", row), best_of(figures, names, row)
    value = figures.ratio(ours, theirs)
    peer = figures.runs[theirs].peer if theirs else "-"
    if value is not None and value < wanted and peer in WHY:
        figures.reasons[peer] = WHY[peer]
    return [goal, "%gx" % wanted, "%s (%s)" % (times(value), peer),
            verdict(value, wanted, floor=floor)]


def goals(figures):
    key = {row: figures.best("ripieno", row) for row in ("serial", "8", "64", "64 off")}
    rows = [
        goal_ratio(figures, "perf-1: 8 in flight, best of plainjob, huey, litequeue", PLAIN, "8", 3, 2),
        goal_ratio(figures, "perf-1: 8 in flight, best of all peers as shipped", PLAIN + OTHERS, "8", 3, 2),
        goal_ratio(figures, "perf-1: 8 in flight, honker", ["honker"], "8", 5),
        goal_ratio(figures, "perf-1: 8 in flight, apalis-sqlite fetching ahead", ["apalis-sqlite"], "8", 5),
        goal_ratio(figures, "perf-1: 8 in flight, apalis-sqlite with 8 claimed",
                   ["apalis-sqlite (strict)"], "8", 5),
        goal_ratio(figures, "perf-2: 64 in flight, best of plainjob, huey, litequeue", PLAIN, "64", 6, 4),
        goal_ratio(figures, "perf-2: 64 in flight, best of all peers as shipped", PLAIN + OTHERS, "64", 6, 4),
    ]
    value = figures.ratio(key["64"], key["64 off"])
    rows.append(["perf-2: FULL ÷ our own rate without sync, 64 in flight", "0.7x", times(value),
                 verdict(value, 0.7)])
    for row, limit in (("serial", 2.05), ("8", 0.4), ("64", 0.1)):
        value = figures.fsyncs.get(key[row])
        rows.append(["perf-3: fsyncs a task, %s" % TITLES[row].lower(), "at most %g" % limit,
                     number(value, "%.3f"), verdict(value, limit, at_least=False)])
    for name, limit in (("p50", 1.3), ("p99", 2.0)):
        value = key["serial"] and figures.against_disk(
            key["serial"], "enqueue_%s_us" % name, "probe_%s_us" % name)
        rows.append(["perf-4: enqueue %s ÷ append + fdatasync" % name, "at most %gx" % limit,
                     times(value), verdict(value, limit, at_least=False)])
    rows.append(normal_enqueue(figures))
    lines = ["### Goals", ""] + table(["goal", "wanted", "measured", "verdict"], rows)
    for reason in figures.reasons.values():
        lines += ["Why: " + reason, ""]
    return lines


def normal_enqueue(figures):
    """perf-4's second half: the fastest peer at synchronous NORMAL."""
    ours = figures.best("ripieno", "serial normal")
    found = {k: figures.median(k, "enqueue_p50_us") for k, run in figures.runs.items()
             if run.row == "serial normal" and run.peer != "ripieno"}
    found = {k: v for k, v in found.items() if v}
    fastest = min(found, key=found.get, default=None)
    value = figures.ratio(fastest, ours, "enqueue_p50_us")
    peer = figures.runs[fastest].peer if fastest else "-"
    return ["perf-4: enqueue rate at NORMAL ÷ the fastest peer's", "0.8x",
            "%s (%s)" % (times(value), peer), verdict(value, 0.8)]


def claim_cost(results):
    found = results.get("claim_cost")
    if not found:
        return []
    lines = ["### Cost of one claim (perf-5)", ""]
    if "skipped" in found:
        return lines + ["Not measured: %s." % found["skipped"], ""]
    hidden = {"peer", "version", "mode", "sync", "note"}
    head = [k for k in found["lines"][0] if k not in hidden]
    rows = [[line.get(k, "") for k in head] for line in found["lines"]]
    lines += table(head, rows)
    steps = [line.get("vm_steps") for line in found["lines"]]
    if steps and all(steps):
        lines += ["Most ÷ fewest virtual-machine steps: %.2fx (goal: at most 1.2x)."
                  % (max(steps) / min(steps)), ""]
    return lines


def daemon(results):
    lines = []
    for name, title in (("idle", "Idle daemon (perf-9)"),
                        ("latency", "Submit to process start of a shell task")):
        found = results.get(name)
        if not found:
            continue
        lines += ["### " + title, ""]
        if "skipped" in found:
            lines += ["Not measured: %s." % found["skipped"], ""]
        else:
            lines += table(["figure", "value"], found["rows"])
    return lines


def render(results, runs):
    figures = Figures(results, runs)
    lines = header(results) + throughput(figures) + enqueue(figures)
    if results.get("claim_cost"):
        lines += goals(figures)
    lines += claim_cost(results) + daemon(results)
    if results["missing"]:
        lines += ["### Did not run", ""]
        lines += ["- %s: %s" % item for item in sorted(results["missing"].items())] + [""]
    return "\n".join(lines)


def write(path, text):
    """Puts the text between the markers; everything else of the file stays."""
    old = path.read_text()
    if BEGIN not in old or END not in old:
        raise SystemExit("%s has no markers to write between" % path)
    before, rest = old.split(BEGIN, 1)
    path.write_text(before + BEGIN + "\n" + text + END + rest.split(END, 1)[1])
