"""The drivers that `run.py` compares: where they are, how they are built, and the
runs each of them makes in a round."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "tests" / "bench" / "peers"
BUILT = ROOT / "target" / "bench-peers"
OURS = ROOT / "target" / "release" / "examples" / "bench_driver"
CRATES = ["apalis-sqlite", "honker", "effectum"]
PYTHON_PEERS = ["huey", "litequeue"]


@dataclass
class Run:
    """One timed run of a round. `row` names the line of the report it belongs to;
    of several runs of a peer in one row the faster one (by its median) counts."""

    peer: str
    row: str
    workers: int
    label: str
    sets: tuple = ()
    sync: str = "full"
    tasks: int = 0
    note: str = ""
    key: str = field(init=False)

    def __post_init__(self):
        self.key = "%s / %s / %s" % (self.peer, self.row, self.label)

    @property
    def mode(self):
        return "serial" if self.row.startswith("serial") else "workers"


def plan(tasks):
    """Every run of one round. In flight are tasks claimed and not yet stored as done."""
    quick = 300
    runs = [
        Run("ripieno", "serial", 1, "1 worker"),
        Run("ripieno", "8", 8, "8 workers"),
        Run("ripieno", "64", 64, "64 workers"),
        Run("ripieno", "64 off", 64, "64 workers", sync="off"),
        Run("ripieno", "serial normal", 1, "1 worker", sync="normal", tasks=quick),
    ]
    for peer in ("plainjob", "huey", "litequeue"):
        unit = "8 threads" if peer == "plainjob" else "8 processes"
        runs += [
            Run(peer, "serial", 1, "1 worker"),
            Run(peer, "8", 8, unit),
            Run(peer, "serial normal", 1, "1 worker", sync="normal", tasks=quick),
        ]
    runs += [
        Run("honker", "serial", 1, "1 worker"),
        Run("honker", "8", 8, "8 threads, one connection"),
        Run("honker", "8", 8, "8 threads, own connections", ("connections=own",)),
        Run("honker", "serial normal", 1, "1 worker", sync="normal", tasks=quick),
        Run("honker", "batches", 8, "batches of 8", ("batch=1",)),
        Run("honker", "batches", 64, "batches of 64", ("batch=1",)),
        Run("apalis-sqlite", "serial", 1, "1 worker", ("pool=2",), note="up to 10 claimed ahead"),
        Run("apalis-sqlite", "8", 8, "8 workers", ("workers=many", "pool=2"),
            note="up to 80 claimed ahead"),
        Run("apalis-sqlite", "64", 64, "64 workers", ("workers=many", "pool=2"),
            note="up to 640 claimed ahead"),
        Run("apalis-sqlite (strict)", "8", 8, "8 concurrent, fetches 8", ("batch=8", "pool=2")),
        Run("apalis-sqlite (strict)", "64", 8, "8 workers, fetch 8 each",
            ("workers=many", "batch=8", "pool=2")),
        Run("apalis-sqlite (strict)", "64", 64, "64 concurrent, fetches 64", ("batch=64", "pool=2")),
        Run("apalis-sqlite", "batches", 8, "8 workers, fetch 100 each",
            ("workers=many", "batch=100", "pool=2"), note="up to 800 claimed ahead"),
        Run("effectum", "serial", 1, "1 worker, as shipped", ("pragmas=own",),
            note="rollback journal, synchronous NORMAL"),
        Run("effectum", "8", 8, "8 concurrent, as shipped", ("pragmas=own",),
            note="rollback journal, synchronous NORMAL"),
        Run("effectum", "64", 64, "64 concurrent, as shipped", ("pragmas=own",),
            note="rollback journal, synchronous NORMAL"),
    ]
    forced = "WAL and FULL forced on it from outside; it has no option for either"
    runs += [
        Run("effectum (forced)", "serial", 1, "1 worker", note=forced),
        Run("effectum (forced)", "8", 8, "8 concurrent", note=forced),
        Run("effectum (forced)", "64", 64, "64 concurrent", note=forced),
    ]
    for run in runs:
        run.tasks = run.tasks or tasks
    return runs


def command(peer):
    """The driver's argument vector, or None when it is not there."""
    name = peer.split(" ")[0]
    if name == "ripieno":
        return [str(OURS)] if OURS.exists() else None
    if name in CRATES:
        binary = BUILT / "cargo" / "release" / ("bench-peer-" + name)
        return [str(binary)] if binary.exists() else None
    if name == "plainjob":
        driver = BUILT / "plainjob" / "driver.mjs"
        return ["node", str(driver)] if driver.exists() else None
    python = BUILT / "venv" / "bin" / "python"
    return [str(python), str(PEERS / name / "driver.py")] if python.exists() else None


def _call(args, cwd=None, env=None):
    print("+ " + " ".join(str(a) for a in args), file=sys.stderr, flush=True)
    # The output of builds is not the benchmark's: it goes to standard error.
    result = subprocess.run([str(a) for a in args], cwd=cwd, env={**os.environ, **(env or {})},
                            stdout=sys.stderr)
    if result.returncode != 0:
        raise OSError("%s ended with %d" % (args[0], result.returncode))


def _build_crate(name):
    _call(["cargo", "build", "--release", "--locked"], cwd=PEERS / name,
          env={"CARGO_TARGET_DIR": str(BUILT / "cargo")})


def _install_python():
    venv = BUILT / "venv"
    if not (venv / "bin" / "pip").exists():
        _call([sys.executable, "-m", "venv", venv])
    wanted = []
    for name in PYTHON_PEERS:
        wanted += ["-r", PEERS / name / "requirements.txt"]
    _call([venv / "bin" / "pip", "install", "-q", "--disable-pip-version-check",
           "--require-hashes", *wanted])


def _install_plainjob():
    folder = BUILT / "plainjob"
    folder.mkdir(parents=True, exist_ok=True)
    lock = folder / "package-lock.json"
    fresh = lock.exists() and lock.read_bytes() == (PEERS / "plainjob" / lock.name).read_bytes()
    for name in ("package.json", "package-lock.json", "driver.mjs"):
        shutil.copy2(PEERS / "plainjob" / name, folder / name)
    if fresh and (folder / "node_modules" / "better-sqlite3" / "build" / "Release").exists():
        return
    env = {}
    # better-sqlite3 is compiled when its ready-made binary cannot be fetched;
    # node-gyp then downloads Node's headers unless it is told where they are.
    node = shutil.which("node")
    prefix = Path(os.path.realpath(node)).parents[1] if node else Path("/usr")
    if (prefix / "include" / "node" / "node.h").exists():
        env["npm_config_nodedir"] = str(prefix)
    _call(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, env=env)


def setup(ours=True):
    """Builds and installs everything; gives the failures by name, never raises."""
    failures = {}

    def attempt(names, action):
        try:
            action()
        except (OSError, subprocess.SubprocessError) as error:
            for name in names:
                failures[name] = str(error)

    BUILT.mkdir(parents=True, exist_ok=True)
    for crate in CRATES:
        attempt([crate], lambda crate=crate: _build_crate(crate))
    attempt(PYTHON_PEERS, _install_python)
    attempt(["plainjob"], _install_plainjob)
    if ours:
        cargo = ["cargo", "build", "--release", "--locked", "-p"]
        attempt(["ripieno"], lambda: _call(
            cargo + ["ripieno-store", "--example", "bench_driver"], cwd=ROOT))
        attempt(["ripieno daemon"], lambda: _call(cargo + ["ripieno-cli"], cwd=ROOT))
    return failures
