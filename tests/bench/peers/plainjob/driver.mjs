// Benchmark driver for plainjob on better-sqlite3. plainjob sets
// synchronous = NORMAL on the handle it is given; the handle is ours, so the
// asked durability is set on it afterwards. Each worker is a thread of Node with
// a connection of its own, which is as parallel as a process and cheaper to
// start. The queue's own calls are driven directly: its worker loop adds a
// transaction for scheduled jobs to every task.

import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import Database from "better-sqlite3";
import { better, defineQueue } from "plainjob";

const SINGLE_ENQUEUES = 300;
const TYPE = "bench";
const silent = { error() {}, warn() {}, info() {}, debug() {} };

function parse(words) {
  const args = { db: "", tasks: 2000, backlog: 5000, workers: 8, payload: 512, mode: "workers", sync: "full" };
  for (let i = 0; i < words.length; i += 2) {
    const name = words[i].replace(/^--/, "");
    if (!(name in args) || words[i + 1] === undefined) throw new Error(`unknown option ${words[i]}`);
    args[name] = typeof args[name] === "number" ? Number(words[i + 1]) : words[i + 1];
  }
  if (!args.db) throw new Error("--db is missing");
  if (args.tasks > args.backlog) throw new Error("--tasks must not exceed --backlog");
  if (args.mode === "serial") args.workers = 1;
  return args;
}

function open(args) {
  const database = new Database(args.db);
  const queue = defineQueue({ connection: better(database), logger: silent });
  database.pragma(`synchronous = ${args.sync.toUpperCase()}`);
  database.pragma("busy_timeout = 60000");
  return { database, queue };
}

/** Claims, reads and completes one task after the other until the count is used up. */
function work(queue, taken, tasks) {
  const samples = [];
  while (Atomics.add(taken, 0, 1) < tasks) {
    const start = process.hrtime.bigint();
    const claimed = queue.getAndMarkJobAsProcessing(TYPE);
    const job = queue.getJobById(claimed.id);
    queue.markJobAsDone(job.id);
    samples.push(Number(process.hrtime.bigint() - start) / 1e3);
  }
  return samples;
}

function percentile(samples, percent) {
  if (!samples.length) return null;
  const sorted = Float64Array.from(samples).sort();
  return Math.round(sorted[Math.round(((sorted.length - 1) * percent) / 100)] * 10) / 10;
}

async function inThreads(args) {
  const taken = new Int32Array(new SharedArrayBuffer(4));
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const threads = Array.from({ length: args.workers }, () =>
    new Worker(new URL(import.meta.url), { workerData: { args, taken, gate } }));
  await Promise.all(threads.map((t) => new Promise((ok, no) => { t.once("message", ok); t.once("error", no); })));
  const results = threads.map((t) => new Promise((ok, no) => { t.once("message", ok); t.once("error", no); }));
  const start = process.hrtime.bigint();
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
  const samples = (await Promise.all(results)).flat();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, samples };
}

async function main() {
  const args = parse(process.argv.slice(2));
  const { database, queue } = open(args);
  const body = "x".repeat(args.payload);
  queue.addMany(TYPE, Array.from({ length: args.backlog }, () => body));
  const enqueues = [];
  let run;
  if (args.mode === "serial") {
    for (let i = 0; i < SINGLE_ENQUEUES; i++) {
      const start = process.hrtime.bigint();
      queue.add(TYPE, body);
      enqueues.push(Number(process.hrtime.bigint() - start) / 1e3);
    }
    const start = process.hrtime.bigint();
    const samples = work(queue, new Int32Array(1), args.tasks);
    run = { seconds: Number(process.hrtime.bigint() - start) / 1e9, samples };
  } else {
    run = await inThreads(args);
  }
  console.log(JSON.stringify({
    peer: "plainjob", version: "0.0.14", mode: args.mode, workers: args.workers, n: args.tasks,
    backlog: args.backlog, sync: args.sync, finished: args.tasks, elapsed_s: run.seconds,
    cycles_per_s: args.tasks ? args.tasks / run.seconds : 0,
    p50_us: percentile(run.samples, 50), p99_us: percentile(run.samples, 99),
    enqueue_n: enqueues.length, enqueue_p50_us: percentile(enqueues, 50), enqueue_p99_us: percentile(enqueues, 99),
    journal_mode: database.pragma("journal_mode", { simple: true }),
    synchronous: database.pragma("synchronous", { simple: true }),
    note: `better-sqlite3 11.10.0, Node ${process.versions.node}`,
  }));
  queue.close();
}

function thread() {
  const { args, taken, gate } = workerData;
  const { queue } = open(args);
  parentPort.postMessage("ready");
  Atomics.wait(gate, 0, 0);
  parentPort.postMessage(work(queue, taken, args.tasks));
  queue.close();
}

if (isMainThread) {
  main().catch((error) => {
    console.error(`bench-peer-plainjob: ${error.stack}`);
    process.exit(1);
  });
} else {
  thread();
}
