// Written by `make bindings` from the types of src-tauri/crates/ripieno-api: not by hand.

import type { AskScope, ChecklistStep, Priority, TaskState } from './views';

/**
 * `ask.list`: the open asks, or all.
 */
export type AskList = { 
/**
 * Also those that are settled.
 */
all?: boolean, };

/**
 * `ask.answer`: an option or a text.
 */
export type Answer = { 
/**
 * Which ask.
 */
id: string, 
/**
 * An option's id, its number, or its exact label.
 */
option?: string, 
/**
 * Free text.
 */
text?: string, 
/**
 * How far an approval reaches.
 */
scope?: AskScope, 
/**
 * The revision that was seen; a changed ask is not answered then (H2).
 */
revision?: number, };

/**
 * `ask.create`, inside a task.
 */
export type AskCreate = { 
/**
 * The question.
 */
text: string, 
/**
 * `ID=LABEL` or `LABEL`.
 */
options?: Array<string>, 
/**
 * Whether text is an answer besides the options.
 */
text_ok?: boolean, 
/**
 * The option that counts when it expires.
 */
default?: string, 
/**
 * How long it stays open.
 */
expires?: string, 
/**
 * Makes two questions one (H7).
 */
key?: string, 
/**
 * How long the call waits, at most the window of H3.
 */
wait?: string, };

/**
 * `task.finish`, inside a task: names the outcome of the movement.
 */
export type Finish = { 
/**
 * The outcome.
 */
outcome: string, 
/**
 * What was done; else the performer's last words.
 */
summary?: string, 
/**
 * What the next performer should know after a failure, each in one line.
 */
lessons?: Array<string>, };

/**
 * `task.result`, inside a task (T14).
 */
export type ReportResult = { 
/**
 * What is reported.
 */
receipt: Record<string, unknown>, };

/**
 * `task.progress`, inside a task (O4).
 */
export type Progress = { 
/**
 * One line.
 */
text: string, };

/**
 * `task.checklist`, inside a task: puts the performer's list of steps in place of the one there is (L10).
 */
export type Checklist = { 
/**
 * The steps, in their order.
 */
steps: Array<ChecklistStep>, };

/**
 * `task.brief`, inside a task: puts a brief in place of the one there is (T20).
 */
export type Brief = { 
/**
 * What the task is about; empty to take the brief away.
 */
text: string, };

/**
 * `piece.list`: the pieces that a task can name.
 */
export type PieceList = { 
/**
 * Also those of a folder; absolute.
 */
dir?: string, };

/**
 * `piece.show`: one piece with its text.
 */
export type PieceShow = { 
/**
 * Which.
 */
name: string, 
/**
 * Also those of a folder; absolute.
 */
dir?: string, };

/**
 * `folder.check`: what a folder is like.
 */
export type FolderCheck = { 
/**
 * Which; `~` stands for the person's home.
 */
path: string, };

/**
 * `folder.complete`: how the name of a folder goes on.
 */
export type FolderComplete = { 
/**
 * How it begins; `~` stands for the person's home.
 */
prefix: string, };

/**
 * `input.stage`: a file for a task that is not added yet.
 */
export type InputStage = { 
/**
 * What it is called.
 */
name: string, 
/**
 * Its bytes in base64, at most 4 MiB of them.
 */
data: string, };

/**
 * `project.add` and `project.set`: a folder with what is decided about it. What is left out stays.
 */
export type ProjectSet = { 
/**
 * The folder.
 */
dir: string, 
/**
 * `auto`, `in_place` or `worktree`.
 */
mode?: string, 
/**
 * The script before a task's first turn; empty for none.
 */
setup?: string, 
/**
 * The script after a task's work; empty for none.
 */
teardown?: string, 
/**
 * Commands of the gate `check` for tasks that name none.
 */
checks?: Array<string>, 
/**
 * The highest approval level: `ask_all`, `ask_risky`, `trusted`; empty for none.
 */
approvals?: string, 
/**
 * Names of variables that performers may see.
 */
env_names?: Array<string>, 
/**
 * Whether what a task changed in the folder itself is committed.
 */
commit?: boolean, 
/**
 * Who commits name as co-author, as `Name <address>`; empty for nobody.
 */
co_author?: string, 
/**
 * How many tasks of it may be under way at a time; 0 for no limit of its own.
 */
slots?: number, };

/**
 * `project.show`, `project.trust`, `project.untrust`, `project.remove`: one project.
 */
export type ProjectNamed = { 
/**
 * The folder.
 */
dir: string, };

/**
 * `lock.release`: lets others into the folder that a task keeps while it rests (D9).
 */
export type LockRelease = { 
/**
 * The task.
 */
task: string, };

/**
 * `repo.add` and `repo.remove`: one repository.
 */
export type RepoNamed = { 
/**
 * Its address.
 */
url: string, };

/**
 * `repo.checkout`: a checkout for the task that asks.
 */
export type RepoCheckout = { 
/**
 * The address of the repository.
 */
url: string, 
/**
 * A branch, tag or commit; what the repository itself begins with when left out.
 */
ref?: string, };

/**
 * `grant.list`: the grants in force.
 */
export type GrantList = { 
/**
 * Of this folder only; absolute.
 */
dir?: string, 
/**
 * Also those that were taken back.
 */
all?: boolean, };

/**
 * `grant.revoke`: takes a grant back.
 */
export type GrantRevoke = { 
/**
 * Which.
 */
id: string, };

/**
 * `ask.snooze`: puts an ask off; without a moment that is taken back.
 */
export type Snooze = { 
/**
 * Which ask.
 */
id: string, 
/**
 * For so long.
 */
for?: string, 
/**
 * Until then.
 */
until?: string, };

/**
 * `notice.claim`: who gets `first` shows the notice (H5).
 */
export type NoticeClaim = { 
/**
 * The same for the same notice, on every surface.
 */
key: string, };

/**
 * `notice.forget`: for keys of things that are gone.
 */
export type NoticeForget = { 
/**
 * What they begin with.
 */
prefix: string, };

/**
 * `worker.pause` (S4).
 */
export type WorkerPause = { 
/**
 * Also suspend what runs.
 */
suspend?: boolean, 
/**
 * For so long.
 */
for?: string, 
/**
 * Until then.
 */
until?: string, };

/**
 * `lane.release`: reopens a lane whatever holds it (S6).
 */
export type LaneRelease = { 
/**
 * Which.
 */
lane: string, };

/**
 * `runtime.list` (A1).
 */
export type RuntimeList = { 
/**
 * Look again.
 */
refresh?: boolean, };

/**
 * `config.get`, `config.reset`.
 */
export type ConfigGet = { 
/**
 * Which setting.
 */
key: string, };

/**
 * `config.set` (O3).
 */
export type ConfigSet = { 
/**
 * Which setting.
 */
key: string, 
/**
 * Its new value, as it is written in the file.
 */
value: string, };

/**
 * `events.since`: a page of the log.
 */
export type EventsSince = { 
/**
 * Events after this number.
 */
since?: number, 
/**
 * At most so many, from 1 to 1000; 500 when left out.
 */
limit?: number, };

/**
 * `events.subscribe`: a snapshot, then every event in order (W1).
 */
export type Subscribe = { 
/**
 * Events after this number; after the snapshot when left out.
 */
since?: number, 
/**
 * Whether the reply holds a snapshot; the default.
 */
snapshot?: boolean, };

/**
 * `backup` (C5).
 */
export type Backup = { 
/**
 * A file that does not exist yet, absolute; else one in the folder of backups.
 */
file?: string, };

/**
 * `task.add`: a new task. Paths are absolute.
 */
export type Add = { 
/**
 * What is to be done.
 */
prompt: string, 
/**
 * Else the first line of the prompt.
 */
title?: string, 
/**
 * Else `solo`.
 */
piece?: string, 
/**
 * The agent wanted.
 */
agent?: string, 
/**
 * The model wanted.
 */
model?: string, 
/**
 * The reasoning level wanted (A4).
 */
effort?: string, 
/**
 * The folder.
 */
dir?: string, 
/**
 * `in_place` or `worktree`.
 */
mode?: string, 
/**
 * `ask_all`, `ask_risky`, `trusted`.
 */
approvals?: string, 
/**
 * Commands of the gate `check`.
 */
checks?: Array<string>, 
/**
 * `low`, `normal`, `high`, `urgent`.
 */
priority?: string, 
/**
 * Tasks that must be done first.
 */
depends_on?: Array<string>, 
/**
 * While a task with this key is open, it is returned instead (T3).
 */
key?: string, 
/**
 * The task whose thread it goes on in (T19).
 */
continue?: string, 
/**
 * Files to copy into the inputs (T25).
 */
inputs?: Array<string>, 
/**
 * Archives (.tar, .tar.gz, .tgz, .zip) to unpack into the inputs, each into a folder of its name.
 */
unpack?: Array<string>, 
/**
 * Free labels.
 */
labels?: Array<string>, 
/**
 * Not before this moment.
 */
not_before?: string, 
/**
 * Tries in all.
 */
max_tries?: number, 
/**
 * The limit on working time (T10).
 */
timeout?: string, 
/**
 * The cap on tokens (T17).
 */
budget_tokens?: number, 
/**
 * The cap on money, in US dollars.
 */
budget_usd?: number, 
/**
 * Names of variables the performer may see (R10).
 */
env_names?: Array<string>, 
/**
 * Skills its agent is given beside those of the piece (A7).
 */
skills?: Array<string>, 
/**
 * No skills, whatever the piece names (T26).
 */
no_skills?: boolean, };

/**
 * `task.list`: a page, newest first.
 */
export type List = { 
/**
 * Shown states; all when empty.
 */
states?: Array<string>, 
/**
 * Labels, each of which must be there.
 */
labels?: Array<string>, 
/**
 * In title or prompt.
 */
search?: string, 
/**
 * At most so many, from 1 to 500; 50 when left out.
 */
limit?: number, 
/**
 * `next` of the page before.
 */
after?: string, };

/**
 * One task by short id, number, UUID or its last digits: `task.show`, `task.why`, `task.outputs`,
 * `task.timeline`, `task.changes`, `task.patch`.
 */
export type Named = { 
/**
 * Which.
 */
id: string, };

/**
 * `task.diff`: a patch of what a task changed.
 */
export type Diff = { 
/**
 * Which task.
 */
id: string, 
/**
 * One file, as `task.changes` names it; else all.
 */
path?: string, 
/**
 * Whether changes of white space are shown; the default.
 */
whitespace?: boolean, };

/**
 * `task.discard`: throws the branch of an ended task away.
 */
export type Discard = { 
/**
 * Which.
 */
id: string, 
/**
 * Takes it back instead.
 */
undo?: boolean, };

/**
 * `task.rewind`: goes back to a checkpoint.
 */
export type Rewind = { 
/**
 * Which task.
 */
id: string, 
/**
 * The checkpoint's number.
 */
to: number, 
/**
 * The `seq` that came with the list the choice was made from: refused when the task has moved on since.
 */
as_of?: number, 
/**
 * What is said instead of, or beside, the task's own text.
 */
text?: string, };

/**
 * `task.run`: the facts of an attempt.
 */
export type Run = { 
/**
 * Of which task.
 */
id: string, 
/**
 * Which attempt; else the last.
 */
attempt?: number, };

/**
 * Several tasks: `task.pause`, `task.resume`.
 */
export type Several = { 
/**
 * Which.
 */
ids: Array<string>, };

/**
 * `task.cancel`.
 */
export type Cancel = { 
/**
 * Which.
 */
ids: Array<string>, 
/**
 * Whether to wait until they are cancelled; the default.
 */
wait?: boolean, };

/**
 * `task.retry` (T23).
 */
export type Retry = { 
/**
 * Which.
 */
ids: Array<string>, 
/**
 * In a new session.
 */
fresh?: boolean, 
/**
 * What the performer is told.
 */
text?: string, };

/**
 * `task.seen`: clears the failed mark.
 */
export type Seen = { 
/**
 * Which.
 */
ids?: Array<string>, 
/**
 * All of them.
 */
all?: boolean, };

/**
 * `task.comment` (T13, T23).
 */
export type Comment = { 
/**
 * On which task.
 */
id: string, 
/**
 * What is said.
 */
text: string, 
/**
 * Delivered with the next turn, starting none.
 */
quiet?: boolean, };

/**
 * `task.logs`: a page of the log (R2).
 */
export type Logs = { 
/**
 * Of which task.
 */
id: string, 
/**
 * Of this attempt only.
 */
attempt?: number, 
/**
 * Entries with this number or a later one.
 */
from?: number, 
/**
 * Whether to wait, up to half a minute, for entries that are not there yet.
 */
follow?: boolean, };

/**
 * `task.wait`: until the task has ended or needs a person.
 */
export type Wait = { 
/**
 * For which.
 */
id: string, 
/**
 * At most so long.
 */
limit?: string, };
