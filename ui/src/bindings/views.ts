// Written by `make bindings` from the types of src-tauri/crates/ripieno-api: not by hand.

/** The state of a task as people see it. */
export type TaskState = "queued" | "waiting" | "leased" | "running" | "needs_input" | "needs_verification" | "done" | "failed" | "dead" | "cancelled" | "paused";

/** What the worker does. */
export type WorkerState = "starting" | "running" | "paused" | "updating" | "stopping";

/** What the updater does. */
export type UpdatePhase = "idle" | "checking" | "downloading" | "ready" | "installing";

/** How urgent a task is. */
export type Priority = "low" | "normal" | "high" | "urgent";

/** What kind of thing a person is asked for. */
export type AskKind = "question" | "approval" | "sign_in" | "budget" | "review" | "drain";

/** How far an approval reaches. */
export type AskScope = "once" | "task" | "project" | "always";

/** How a check is run. */
export type CheckKind = "command" | "file" | "url";

/** Something delivered. */
export type Artifact = { kind: string, ref: string, text: string, };

/** One thing that can be checked. */
export type Check = { kind: CheckKind, value: string, expected: string, };

/** Where a step of a checklist stands. */
export type StepState = "open" | "doing" | "done";

/** One step of a checklist. */
export type ChecklistStep = { text: string, state: StepState, };

/** Why a task waits: its kind with what the kind carries. */
export type Hold = { kind: string, text: string, [value: string]: unknown };

/** One entry of a task's log; what else it holds depends on `kind`. */
export type LogEntry = { n: number, at: string, attempt: number, movement: string | null, kind: string, [value: string]: unknown };

/**
 * How much a task changed.
 */
export type ChangesSum = { 
/**
 * Files.
 */
files: number, 
/**
 * Lines more.
 */
insertions: number, 
/**
 * Lines less.
 */
deletions: number, };

/**
 * One changed file.
 */
export type ChangedFile = { 
/**
 * Below the folder of the task; bytes that are no text as `\xNN`.
 */
path: string, 
/**
 * Its name before, when it was renamed.
 */
from: string | null, 
/**
 * `added`, `modified`, `deleted`, `renamed`, `mode`, `submodule` or `untracked`.
 */
status: string, 
/**
 * Whether its content is no text.
 */
binary: boolean, 
/**
 * Whether it is too large, or cannot be read, and so was not compared.
 */
unread: boolean, 
/**
 * Lines more.
 */
insertions: number, 
/**
 * Lines less.
 */
deletions: number, };

/**
 * What a task changed.
 */
export type Changes = { 
/**
 * The commit it is measured from; none where `reason` says why.
 */
base: string | null, 
/**
 * Why nothing is shown.
 */
reason: string | null, 
/**
 * Whether changes from before the task are among them.
 */
includes_earlier: boolean, 
/**
 * The changed files, in the order of their paths.
 */
files: Array<ChangedFile>, 
/**
 * Lines more, in all.
 */
insertions: number, 
/**
 * Lines less, in all.
 */
deletions: number, 
/**
 * Whether there are more files than are named.
 */
truncated: boolean, };

/**
 * A patch.
 */
export type Diff = { 
/**
 * A unified diff.
 */
patch: string, 
/**
 * Whether there is more than fits.
 */
truncated: boolean, 
/**
 * Why there is none.
 */
reason: string | null, };

/**
 * A whole patch in a file.
 */
export type Patch = { 
/**
 * The file.
 */
path: string, 
/**
 * How long it is.
 */
bytes: number, 
/**
 * Changed files that are not in it: over 16 MiB, or not readable.
 */
left_out: Array<string>, };

/**
 * The variables of a process, by name.
 */
export type RunEnv = { 
/**
 * Those it was given.
 */
passed: Array<string>, 
/**
 * Those of the worker it was not (R10).
 */
withheld: Array<string>, };

/**
 * A skill it was given (A7).
 */
export type RunSkill = { 
/**
 * Its name.
 */
name: string, 
/**
 * SHA-256 over its files.
 */
digest: string, 
/**
 * Where it lies while the run works, below its folder.
 */
path: string, };

/**
 * A skill of a listing; a broken one says what is wrong and nothing else of itself.
 */
export type SkillRow = { 
/**
 * What it is called by.
 */
name: string, 
/**
 * What it is for.
 */
description: string, 
/**
 * `user` or `project`.
 */
origin: string, 
/**
 * Its folder.
 */
path: string, 
/**
 * SHA-256 over its files.
 */
digest: string | null, 
/**
 * How many files it has.
 */
files: number, 
/**
 * How many bytes they have.
 */
bytes: number, 
/**
 * What is wrong with it.
 */
problem: string | null, };

/**
 * The process that holds the lease.
 */
export type Lease = { 
/**
 * The worker's process id.
 */
owner_pid: number, 
/**
 * Since when.
 */
since: string, };

/**
 * The log of an attempt.
 */
export type TranscriptFile = { 
/**
 * Where it is.
 */
path: string, 
/**
 * How long it is.
 */
bytes: number, 
/**
 * How many entries it has.
 */
entries: number, };

/**
 * Something that went wrong and stopped nothing (R16).
 */
export type Warning = { 
/**
 * When.
 */
at: string, 
/**
 * What.
 */
text: string, };

/**
 * What is known of a run; null where nothing is.
 */
export type Run = { 
/**
 * The attempt; none before the first.
 */
attempt: number | null, 
/**
 * The program that was started last.
 */
program: string | null, 
/**
 * Its arguments.
 */
arguments: Array<string> | null, 
/**
 * Where it was started.
 */
cwd: string | null, 
/**
 * The process id of its supervisor.
 */
pid: number | null, 
/**
 * Its variables.
 */
env: RunEnv | null, 
/**
 * Who holds the lease, while it is live.
 */
lease: Lease | null, 
/**
 * Its log.
 */
transcript: TranscriptFile | null, 
/**
 * The agent's session.
 */
session: string | null, 
/**
 * With what a person goes on in the session.
 */
resume_command: string | null, 
/**
 * The index of its slot.
 */
slot: number | null, 
/**
 * How far its processes are kept from the rest of the machine: `none`, they run with your rights (sec-10).
 */
sandbox: string | null, 
/**
 * The skills it was given.
 */
skills: Array<RunSkill>, 
/**
 * What went wrong and stopped nothing.
 */
warnings: Array<Warning>, };

/**
 * One answer to choose from.
 */
export type AskOption = { 
/**
 * What is sent back.
 */
id: string, 
/**
 * What is shown.
 */
label: string, 
/**
 * What choosing it does.
 */
detail: string | null, };

/**
 * Who answered, what and when.
 */
export type Answered = { 
/**
 * The surface or person.
 */
by: string, 
/**
 * The option's id, or the text.
 */
value: string, 
/**
 * When.
 */
at: string, };

/**
 * Something that waits, or waited, for a person.
 */
export type Ask = { 
/**
 * Its UUID.
 */
id: string, 
/**
 * `A-` and a number.
 */
short_id: string, 
/**
 * `task`, `lane` or `worker`.
 */
subject: "task" | "lane" | "worker", 
/**
 * The task, by UUID, when it is one's.
 */
task: string | null, 
/**
 * The lane, when it is one's.
 */
lane: string | null, 
/**
 * `question`, `approval`, `sign_in`, `budget`, `review` or `drain`.
 */
kind: AskKind, 
/**
 * Who takes the answer: `performer`, `run_again`, `budget`, `review`, `lane`, `trust` or `storage`. The question and the options of all but the first
 * are Ripieno's own words.
 */
purpose: "performer" | "run_again" | "budget" | "review" | "lane" | "trust" | "storage", 
/**
 * The question.
 */
text: string, 
/**
 * The answers to choose from.
 */
options: Array<AskOption>, 
/**
 * Whether free text is an answer.
 */
allows_text: boolean, 
/**
 * How far an approval may reach.
 */
scopes: Array<AskScope>, 
/**
 * The option that counts when it expires.
 */
default: string | null, 
/**
 * When it expires.
 */
expires_at: string | null, 
/**
 * Counts changes; an answer may name the one it saw (H2).
 */
revision: number, 
/**
 * When it was opened.
 */
created_at: string, 
/**
 * The answer, once there is one.
 */
answered: Answered | null, 
/**
 * When it was closed without an answer.
 */
closed_at: string | null, 
/**
 * Until then nobody is reminded of it, and it does not press.
 */
snoozed_until: string | null, };

/**
 * One event, in the order of the log.
 */
export type Event = { 
/**
 * Its place in the log, from 1.
 */
seq: number, 
/**
 * When.
 */
at: string, 
/**
 * The task, by UUID; none for facts about lanes or the worker.
 */
task: string | null, 
/**
 * The attempt; none before the first.
 */
attempt: number | null, 
/**
 * The event in snake case, or a fact.
 */
kind: string, 
/**
 * `from`, `to`, and what else is worth telling.
 */
data: Record<string, unknown>, };

/**
 * A folder as a task would find it.
 */
export type FolderFacts = { 
/**
 * The folder, absolute, links resolved.
 */
path: string, 
/**
 * Whether something is there.
 */
exists: boolean, 
/**
 * Whether it lies in a checkout of git.
 */
repository: boolean, 
/**
 * The branch that is checked out.
 */
branch: string | null, 
/**
 * Whether tracked files differ from the last commit; none where that cannot be told.
 */
dirty: boolean | null, 
/**
 * Why no task may work in it (D3).
 */
refused: string | null, 
/**
 * The same by name, for words of the surface's own.
 */
refused_because: string | null, 
/**
 * The task that holds it, by short id.
 */
holder: string | null, 
/**
 * Who holds it, in words: also somebody outside this worker.
 */
holder_text: string | null, };

/**
 * A folder that a task named before.
 */
export type RecentFolder = { 
/**
 * The folder.
 */
path: string, 
/**
 * Whether it lies in a checkout of git.
 */
repository: boolean, 
/**
 * When the newest of its tasks was added.
 */
last_used: string, };

/**
 * A model server of this machine (L5).
 */
export type LocalServer = { 
/**
 * `ollama`, `lm-studio`, `llama.cpp` or `vllm`.
 */
kind: "ollama" | "lm-studio" | "llama.cpp" | "vllm", 
/**
 * Where it is looked for.
 */
url: string, 
/**
 * Whether it answers there.
 */
reachable: boolean, 
/**
 * The models it offers.
 */
models: Array<string>, 
/**
 * Why it cannot be used, or what is noteworthy about it.
 */
reason: string | null, };

/**
 * Entries in order (R2), as they were written.
 */
export type Logs = { 
/**
 * `{n, at, attempt, movement, kind, ...}`.
 */
entries: Array<LogEntry>, 
/**
 * Where the next page begins.
 */
next: number, 
/**
 * Whether the task has ended and nothing follows these entries.
 */
ended: boolean, };

/**
 * A piece of a listing; a broken one says what is wrong and nothing else of itself.
 */
export type PieceRow = { 
/**
 * What it is called by.
 */
name: string, 
/**
 * What it is for.
 */
summary: string, 
/**
 * `built_in`, `user` or `project`.
 */
origin: "built_in" | "user" | "project", 
/**
 * Its file.
 */
path: string, 
/**
 * The agent it names; none where the task or the person chooses, or none is needed.
 */
agent: string | null, 
/**
 * Whether any movement is carried out by an agent.
 */
needs_agent: boolean, 
/**
 * Its movements in the order of the file.
 */
movements: Array<string>, 
/**
 * What is wrong with it.
 */
problems: Array<string>, };

/**
 * A piece with its text.
 */
export type PieceText = { 
/**
 * What it is called by.
 */
name: string, 
/**
 * What it is for.
 */
summary: string, 
/**
 * `built_in`, `user` or `project`.
 */
origin: "built_in" | "user" | "project", 
/**
 * Its file.
 */
path: string, 
/**
 * The agent it names.
 */
agent: string | null, 
/**
 * SHA-256 over its text and every facet.
 */
digest: string, 
/**
 * Its movements in the order of the file.
 */
movements: Array<string>, 
/**
 * Its text.
 */
text: string, };

/**
 * What tasks can be run with (A1).
 */
export type Runtime = { 
/**
 * `kind:account`.
 */
id: string, 
/**
 * `claude`, ...
 */
kind: string, 
/**
 * What people call it.
 */
name: string, 
/**
 * What it is called on the search path.
 */
program: string, 
/**
 * Where it was found.
 */
path: string | null, 
/**
 * What it says of itself.
 */
version: string | null, 
/**
 * Whether tasks can use it.
 */
usable: boolean, 
/**
 * Why not, or what is noteworthy.
 */
reason: string | null, 
/**
 * Whether a login is there; none where that cannot be told.
 */
signed_in: boolean | null, 
/**
 * How it is talked to.
 */
protocol: string | null, 
/**
 * The models it offers, as it told when it last ran; empty until then.
 */
models: Array<string>, 
/**
 * The reasoning levels that go with each model, where it told; those without a model under an empty name.
 */
levels: { [key in string]: Array<string> }, 
/**
 * The lane of its tasks.
 */
lane: string | null, };

/**
 * The environment that agents are looked for with (R11).
 */
export type Environment = { 
/**
 * The login shell that was asked; none where the worker's own environment is used.
 */
shell: string | null, 
/**
 * How long it took, in milliseconds.
 */
took_ms: number | null, 
/**
 * Why the worker's own environment is used.
 */
reason: string | null, };

/**
 * A folder in use (D2, D9).
 */
export type Lock = { 
/**
 * The folder.
 */
path: string, 
/**
 * Device and file number, or what names it here; none for one of another home.
 */
identity: string | null, 
/**
 * The task that holds it, by short id.
 */
holder: string, 
/**
 * The other home whose worker has that task; none for this one.
 */
home: string | null, 
/**
 * The process that holds the system's lock.
 */
pid: number, 
/**
 * Since when.
 */
acquired_at: string, 
/**
 * Why it is held now: `work`, `answer`, `pause`, `subtasks` or `next_attempt`; none where another home knows.
 */
kept_for: "work" | "answer" | "pause" | "subtasks" | "next_attempt" | null, 
/**
 * How many files the task changed there so far; none where nobody can tell.
 */
changed: number | null, 
/**
 * Whether others can be let in now (`lock.release`).
 */
can_release: boolean, };

/**
 * A folder of the person with what is decided about it (D1).
 */
export type Project = { 
/**
 * The folder, absolute, links resolved.
 */
path: string, 
/**
 * Whether it is still there.
 */
exists: boolean, 
/**
 * Whether it lies in a checkout of git.
 */
repository: boolean, 
/**
 * How tasks work there: `auto` leaves it to what the folder is.
 */
mode: "auto" | "in_place" | "worktree", 
/**
 * Whether agents may work there; `unasked` asks when the first task wants it.
 */
trust: "trusted" | "unasked" | "refused", 
/**
 * When it was trusted.
 */
trusted_at: string | null, 
/**
 * The script before a task's first turn.
 */
setup: string | null, 
/**
 * The script after a task's work.
 */
teardown: string | null, 
/**
 * Commands of the gate `check`.
 */
checks: Array<string>, 
/**
 * The highest approval level.
 */
approvals: string | null, 
/**
 * Names of variables that performers may see.
 */
env_names: Array<string>, 
/**
 * Whether what a task changed in the folder itself is committed when it is done.
 */
commit: boolean, 
/**
 * Who commits name as co-author.
 */
co_author: string | null, 
/**
 * How many tasks of it may be under way at a time; none for as many as there are slots.
 */
slots: number | null, 
/**
 * Since when it is known.
 */
added_at: string, };

/**
 * A repository that agents may check out.
 */
export type Repository = { 
/**
 * Its address.
 */
url: string, 
/**
 * How many bytes its clone takes.
 */
bytes: number, 
/**
 * When it was fetched last, RFC 3339; none when it is not here.
 */
fetched_at: string | null, 
/**
 * When it was fetched or checked out last, RFC 3339; none when it is not here.
 */
used_at: string | null, 
/**
 * The checkouts that borrow from it.
 */
checkouts: Array<string>, };

/**
 * A checkout of a task.
 */
export type CheckedOut = { 
/**
 * Where it is.
 */
path: string, 
/**
 * The branch that is checked out.
 */
branch: string, 
/**
 * The commit it stands at.
 */
commit: string, 
/**
 * Whether it was there already.
 */
existing: boolean, 
/**
 * Why it is as it was fetched earlier; none when it was fetched now.
 */
stale: string | null, };

/**
 * Leave for exactly one call, given for every further time in a project (A5).
 */
export type Grant = { 
/**
 * `G-` and a number.
 */
id: string, 
/**
 * The folder it was given for.
 */
project: string, 
/**
 * What was shown when it was given; nothing else passes by it.
 */
text: string, 
/**
 * The ask it was given with.
 */
ask: string, 
/**
 * The surface it was given at.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * How often a call has passed by it.
 */
fired: number, 
/**
 * When one last did.
 */
fired_at: string | null, 
/**
 * When it was taken back.
 */
revoked_at: string | null, };

/**
 * Bytes under a name.
 */
export type Space = { 
/**
 * What it is: `database`, `backups`, `worktrees`, `repositories`, `snapshots`, `other`, or a part of tasks: `inputs`, `outputs`,
 * `workspace`, `artefacts`, `transcript`, `raw_log`, `spill`, `temp`, `record`.
 */
what: string, 
/**
 * How many bytes.
 */
bytes: number, };

/**
 * What one task has.
 */
export type TaskSpace = { 
/**
 * The task, by short id; none where no task has that folder.
 */
task: string | null, 
/**
 * The name of its folder.
 */
folder: string, 
/**
 * How many bytes.
 */
bytes: number, };

/**
 * A part that was removed, or would be.
 */
export type Removed = { 
/**
 * The task, by short id; none where no task has that folder.
 */
task: string | null, 
/**
 * What it is: `workspace`, `artefacts`, `transcript`, `raw_log`, `spill`, `temp`, `record` or `repository`.
 */
part: string, 
/**
 * Where.
 */
path: string, 
/**
 * How many bytes that frees.
 */
bytes: number, 
/**
 * Why, in words.
 */
why: string, };

/**
 * The data folder: what takes space, what goes, and why the rest stays.
 */
export type Storage = { 
/**
 * Whether nothing was touched.
 */
dry_run: boolean, 
/**
 * How much may be used, in bytes; none for no limit.
 */
limit: number | null, 
/**
 * How much is used; snapshots are counted apart.
 */
used: number, 
/**
 * By what it is, the largest first.
 */
spaces: Array<Space>, 
/**
 * The tasks that have most, the largest first.
 */
largest: Array<TaskSpace>, 
/**
 * What goes.
 */
removed: Array<Removed>, 
/**
 * How many bytes that frees.
 */
freed: number, 
/**
 * What stays, by reason: `delivered`, `in_use`, `open`, `only_copy`, `record`, `young`.
 */
kept: Array<Space>, };

/**
 * One setting with the layer it comes from.
 */
export type Setting = { 
/**
 * Its key.
 */
key: string, 
/**
 * Its value as it is written.
 */
value: string, 
/**
 * `default`, `FILE:LINE`, `environment NAME` or `command line`.
 */
origin: string, 
/**
 * What it is where nobody says anything.
 */
default: string, 
/**
 * What is allowed.
 */
kind: SettingKind, 
/**
 * What it does, in English.
 */
about: string, 
/**
 * The section of the file it stands in; `general` for those that stand in none.
 */
section: string, 
/**
 * Whether it is something else than the default.
 */
changed: boolean, };

/**
 * What a setting allows. Durations and sizes are written as in the file.
 */
export type SettingKind = { "type": "count", 
/**
 * The least.
 */
min: number, 
/**
 * The most.
 */
max: number, } | { "type": "span", 
/**
 * The shortest.
 */
min: string, 
/**
 * The longest.
 */
max: string, } | { "type": "size", 
/**
 * The largest.
 */
max: string, } | { "type": "word", 
/**
 * The words.
 */
words: Array<string>, } | { "type": "text" } | { "type": "bool" } | { "type": "clock_range" } | { "type": "lanes" } | { "type": "filter" };

/**
 * Slots of the worker.
 */
export type Slots = { 
/**
 * In use.
 */
used: number, 
/**
 * In all.
 */
total: number, };

/**
 * A lane.
 */
export type Lane = { 
/**
 * Which.
 */
lane: string, 
/**
 * Slots in use.
 */
active: number, 
/**
 * Slots there are; none where only the worker's own count.
 */
limit: number | null, 
/**
 * Held until then.
 */
held_until: string | null, 
/**
 * Why.
 */
hold_reason: string | null, 
/**
 * Its login was rejected.
 */
signed_out: boolean, 
/**
 * It is drained after failures.
 */
drained: boolean, 
/**
 * What it lacks.
 */
missing: string | null, };

/**
 * The worker at a glance.
 */
export type Status = { 
/**
 * `starting`, `running`, `paused`, `updating` or `stopping`.
 */
state: WorkerState, 
/**
 * When the pause ends.
 */
paused_until: string | null, 
/**
 * Tasks by shown state.
 */
counts: Record<string, number>, 
/**
 * Slots.
 */
slots: Slots, 
/**
 * Lanes.
 */
lanes: Array<Lane>, 
/**
 * Open asks.
 */
asks: number, 
/**
 * Failures nobody has looked at.
 */
unseen_failures: number, 
/**
 * Bytes free, where that is too little to start anything (C6).
 */
low_disk: number | null, 
/**
 * The worker's version.
 */
version: string, 
/**
 * The version of an update that is ready.
 */
update: string | null, 
/**
 * Tasks that have to end before it is installed.
 */
update_waits_for: number, };

/**
 * What became of the last update.
 */
export type LastUpdate = { 
/**
 * The version it was about.
 */
version: string, 
/**
 * The version before.
 */
previous: string, 
/**
 * When.
 */
at: string, 
/**
 * Why the previous version was put back; none when the new one stayed.
 */
undone: string | null, };

/**
 * The updater.
 */
export type Update = { 
/**
 * `idle`, `checking`, `downloading`, `ready` or `installing`.
 */
phase: UpdatePhase, 
/**
 * The running version.
 */
current: string, 
/**
 * The version that is offered, fetched or ready.
 */
version: string | null, 
/**
 * Bytes here.
 */
received: number | null, 
/**
 * Bytes in all.
 */
total: number | null, 
/**
 * Tasks that have to end before it may be installed.
 */
waits_for: number, 
/**
 * Whether running tasks are suspended for it.
 */
now: boolean, 
/**
 * The version the person does not want.
 */
skipped: string | null, 
/**
 * What was wrong last, or what a person has to do.
 */
trouble: string | null, 
/**
 * When the server was last asked.
 */
looked_at: string | null, 
/**
 * When it will be asked by itself.
 */
next_look: string | null, 
/**
 * Where a person reads what is new.
 */
notes: string | null, 
/**
 * What became of the last update.
 */
last: LastUpdate | null, };

/**
 * What a subscriber gets before the first event (W1).
 */
export type Snapshot = { 
/**
 * The last event that is part of it: the next one that is sent has a higher number.
 */
seq: number, 
/**
 * The worker.
 */
status: Status, 
/**
 * Tasks that have not ended, newest first; at most 200.
 */
tasks: Array<Task>, 
/**
 * Open asks.
 */
asks: Array<Ask>, };

/**
 * A piece by name and digest.
 */
export type Piece = { 
/**
 * Its name.
 */
name: string, 
/**
 * SHA-256 of what was pinned.
 */
digest: string, };

/**
 * Why a task, or its last attempt, failed.
 */
export type Failure = { 
/**
 * The class by name (architecture 1.5).
 */
class: string, 
/**
 * What was said.
 */
text: string, };

/**
 * What the performer reported (T14).
 */
export type TaskResult = { 
/**
 * At most eight lines.
 */
summary: string, 
/**
 * What it delivered.
 */
artifacts: Array<Artifact>, 
/**
 * What can be checked.
 */
verification: Array<Check>, };

/**
 * Tokens and money of one model (R5).
 */
export type Usage = { 
/**
 * The model.
 */
model: string, 
/**
 * Tokens read, caches apart.
 */
input: number, 
/**
 * Tokens written.
 */
output: number, 
/**
 * Tokens read from a cache.
 */
cache_read: number, 
/**
 * Tokens written to a cache.
 */
cache_write: number, 
/**
 * US dollars; none where nobody said.
 */
cost_usd: number | null, };

/**
 * What a task may use before a person is asked (T17).
 */
export type Budget = { 
/**
 * The cap on tokens, those read from a cache apart; none where there is no cap.
 */
tokens: number | null, 
/**
 * The cap on money, in US dollars.
 */
usd: number | null, };

/**
 * What a live attempt does now (O4).
 */
export type Activity = { 
/**
 * Its last tool call, in one line.
 */
line: string | null, 
/**
 * Its last sign of life.
 */
at: string | null, };

/**
 * The folder and files of what a task delivered (T25).
 */
export type Outputs = { 
/**
 * The folder.
 */
folder: string, 
/**
 * Paths below it, sorted.
 */
files: Array<string>, };

/**
 * The worktree of a task.
 */
export type Worktree = { 
/**
 * `open` while its folder is there, `kept` when the branch alone is, or what a person did with that: `merged`,
 * `discarded`.
 */
state: "open" | "kept" | "merged" | "discarded", 
/**
 * The branch it was started from, which a merge goes to.
 */
onto: string | null, 
/**
 * The commit the work began at.
 */
base: string | null, 
/**
 * Why the folder of an ended task is still there.
 */
stays: string | null, };

/**
 * A task.
 */
export type Task = { 
/**
 * Its UUID.
 */
id: string, 
/**
 * `T-` and a number.
 */
short_id: string, 
/**
 * What people see.
 */
title: string, 
/**
 * What is to be done; in lists its first 4,000 characters.
 */
prompt: string, 
/**
 * Free labels.
 */
labels: Array<string>, 
/**
 * The shown state (cli.md, Views).
 */
state: TaskState, 
/**
 * The state in a sentence.
 */
state_text: string, 
/**
 * Why it waits (S2).
 */
hold: Hold | null, 
/**
 * The workflow.
 */
piece: Piece, 
/**
 * The movement under way, or the last one.
 */
movement: string | null, 
/**
 * The agent asked for.
 */
agent: string | null, 
/**
 * The model, as used where that is known, else as asked for.
 */
model: string | null, 
/**
 * The lane it runs or ran in; else the one it is bound to.
 */
lane: string | null, 
/**
 * The folder it was given.
 */
dir: string | null, 
/**
 * `in_place` or `worktree`.
 */
mode: "in_place" | "worktree", 
/**
 * Where it works.
 */
workdir: string, 
/**
 * Its branch, where it works in a worktree.
 */
branch: string | null, 
/**
 * What is known of its worktree, once there is one.
 */
worktree: Worktree | null, 
/**
 * The approval level (A5).
 */
approvals: string, 
/**
 * How urgent.
 */
priority: Priority, 
/**
 * The first task of its thread.
 */
thread: string, 
/**
 * The task that spawned it.
 */
parent: string | null, 
/**
 * The tasks it spawned.
 */
children: Array<string>, 
/**
 * The tasks it depends on.
 */
depends_on: Array<string>, 
/**
 * The person's mark (T12).
 */
paused: boolean, 
/**
 * Whether it is being stopped for good (T11).
 */
cancelling: boolean, 
/**
 * The key that makes two submissions one (T3).
 */
key: string | null, 
/**
 * How often it was leased.
 */
attempt: number, 
/**
 * Tries that count (T8).
 */
tries_used: number, 
/**
 * Tries in all.
 */
max_tries: number, 
/**
 * Why it, or its last attempt, failed.
 */
failure: Failure | null, 
/**
 * Its open asks.
 */
asks: Array<Ask>, 
/**
 * What the performer reported.
 */
result: TaskResult | null, 
/**
 * The folder of what it delivers.
 */
outputs: string, 
/**
 * How much it changed in its folder, once it has ended; none where that is not known.
 */
changes: ChangesSum | null, 
/**
 * What it used, per model.
 */
usage: Array<Usage>, 
/**
 * What it may use, as raised since; none without a cap.
 */
budget: Budget | null, 
/**
 * What it is about, as its performers put it (T20).
 */
brief: string | null, 
/**
 * The performer's list of steps (L10).
 */
checklist: Array<ChecklistStep>, 
/**
 * What it does now.
 */
activity: Activity | null, 
/**
 * When it was submitted.
 */
created_at: string, 
/**
 * When it first ran.
 */
started_at: string | null, 
/**
 * When it ended.
 */
ended_at: string | null, 
/**
 * When a person saw its end.
 */
seen_at: string | null, };

/**
 * What a merge led to.
 */
export type Merged = { 
/**
 * The task, as it is now.
 */
task: Task, 
/**
 * The branch it went to.
 */
onto: string, 
/**
 * The commit that stands at; none when it held the work already.
 */
commit: string | null, };

/**
 * What discarding a branch, or taking it back, led to.
 */
export type Discarded = { 
/**
 * The task, as it is now.
 */
task: Task, 
/**
 * The branch.
 */
branch: string, 
/**
 * The commit it stood at.
 */
commit: string, };

/**
 * A point a task can be taken back to.
 */
export type Checkpoint = { 
/**
 * Its number within the task, from 1.
 */
n: number, 
/**
 * When it was taken.
 */
at: string, 
/**
 * In which attempt.
 */
attempt: number, 
/**
 * `movement`: before one; `end`: what an attempt left; `cleanup`: before the folder went; `abandoned`: what a rewind left
 * behind.
 */
reason: "movement" | "end" | "cleanup" | "abandoned", 
/**
 * The movement it was taken before, or after.
 */
movement: string | null, 
/**
 * The commit with its files; none when there is no way back to it.
 */
commit: string | null, 
/**
 * Why there is no way back.
 */
why: string | null, };

/**
 * The points of a task, oldest first.
 */
export type Checkpoints = { 
/**
 * The number of the task's last event: a rewind that names it is refused when there are later ones.
 */
seq: number, 
/**
 * The points.
 */
points: Array<Checkpoint>, 
/**
 * What the task was asked for, to be edited.
 */
input: string, };

/**
 * What a rewind led to.
 */
export type Rewound = { 
/**
 * The task, as it is now.
 */
task: Task, 
/**
 * Of a task that was done: the one that goes on from the checkpoint.
 */
follow_up: Task | null, };

/**
 * One leased execution.
 */
export type Attempt = { 
/**
 * From 1.
 */
n: number, 
/**
 * The lane it ran in.
 */
lane: string, 
/**
 * The model, once known.
 */
model: string | null, 
/**
 * The agent's session, once known.
 */
session: string | null, 
/**
 * `preparing`, `working`, `judging`, `settling` or `ended`.
 */
state: string, 
/**
 * `completed`, `failed`, `yielded`, `suspended`, `stopped` or `lost`.
 */
end: string | null, 
/**
 * The class, when it failed.
 */
class: string | null, 
/**
 * What was said of the failure.
 */
text: string | null, 
/**
 * When it was claimed.
 */
claimed_at: string, 
/**
 * When its performer began.
 */
started_at: string | null, 
/**
 * When it ended.
 */
ended_at: string | null, 
/**
 * What it used, per model.
 */
usage: Array<Usage>, };

/**
 * One step of the piece.
 */
export type Movement = { 
/**
 * The attempt it belongs to.
 */
attempt: number, 
/**
 * From 1 within the attempt.
 */
n: number, 
/**
 * Its name.
 */
name: string, 
/**
 * `running`, `waiting` (for an answer), `ended`, `failed` or `interrupted`.
 */
status: string, 
/**
 * The outcome it ended with.
 */
outcome: string | null, 
/**
 * What it says it did.
 */
summary: string, 
/**
 * When it began.
 */
started_at: string, 
/**
 * When it ended.
 */
ended_at: string | null, };

/**
 * An interjection (T13).
 */
export type Comment = { 
/**
 * Who said it.
 */
by: string, 
/**
 * What was said.
 */
text: string, 
/**
 * Delivered with the next turn, starting none.
 */
quiet: boolean, 
/**
 * When it was said.
 */
at: string, 
/**
 * When it was given to a performer.
 */
delivered_at: string | null, 
/**
 * The movement it landed in.
 */
movement: string | null, };

/**
 * Everything that happened to a task, oldest first.
 */
export type Timeline = { 
/**
 * Its attempts.
 */
attempts: Array<Attempt>, 
/**
 * Its movements.
 */
movements: Array<Movement>, 
/**
 * Its asks, settled ones too.
 */
asks: Array<Ask>, 
/**
 * What people said to it.
 */
comments: Array<Comment>, };
