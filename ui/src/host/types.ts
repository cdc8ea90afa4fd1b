/** The views of the control protocol, with the names they have in Rust. Times are RFC 3339 in UTC. */

export type WorkerState = 'starting' | 'running' | 'paused' | 'updating' | 'stopping';

/** One lane of performers, for example `claude:default`. */
export interface Lane {
  lane: string;
  active: number;
  limit: number | null;
  held_until?: string | null;
  hold_reason?: string | null;
  signed_out?: boolean;
  drained?: boolean;
  missing?: string | null;
}

/** What the method `status` returns. */
export interface Status {
  state: WorkerState;
  paused_until?: string | null;
  counts: Record<string, number>;
  slots: { used: number; total: number };
  lanes: Lane[];
  asks: number;
  unseen_failures: number;
  low_disk?: number | null;
  version: string;
  update?: string | null;
}

export type TaskState =
  | 'queued'
  | 'waiting'
  | 'leased'
  | 'running'
  | 'paused'
  | 'needs_input'
  | 'needs_verification'
  | 'done'
  | 'failed'
  | 'dead'
  | 'cancelled';

/** Why a task waits: its kind with what the kind carries. `text` is the English sentence of the command. */
export interface Hold {
  kind: string;
  text: string;
  [value: string]: unknown;
}

export interface Usage {
  model: string;
  input: number;
  output: number;
  cache_read: number;
  cache_write: number;
  cost_usd: number | null;
}

export interface Failure {
  class: string;
  text: string;
}

export interface Artifact {
  kind: string;
  ref: string;
  text: string;
}

export interface Check {
  kind: 'command' | 'file' | 'url';
  value: string;
  expected: string;
}

/** What the performer reported (`Result` in Rust, which is taken here). */
export interface TaskResult {
  summary: string;
  artifacts: Artifact[];
  verification: Check[];
}

export interface Activity {
  line: string | null;
  at: string | null;
}

export interface ChangeCounts {
  files: number;
  insertions: number;
  deletions: number;
}

export interface Task {
  id: string;
  short_id: string;
  title: string;
  prompt: string;
  labels: string[];
  state: TaskState;
  state_text: string;
  hold: Hold | null;
  piece: { name: string; digest: string };
  movement: string | null;
  agent: string | null;
  model: string | null;
  lane: string | null;
  dir: string | null;
  mode: 'in_place' | 'worktree';
  workdir: string;
  branch: string | null;
  approvals: string;
  priority: 'low' | 'normal' | 'high' | 'urgent';
  thread: string;
  parent: string | null;
  children: string[];
  depends_on: string[];
  paused: boolean;
  cancelling: boolean;
  key: string | null;
  attempt: number;
  tries_used: number;
  max_tries: number;
  failure: Failure | null;
  asks: Ask[];
  result: TaskResult | null;
  outputs: string;
  changes: ChangeCounts | null;
  usage: Usage[];
  activity: Activity | null;
  created_at: string;
  started_at: string | null;
  ended_at: string | null;
  seen_at: string | null;
}

export type AskKind = 'question' | 'approval' | 'sign_in' | 'budget' | 'review' | 'drain';
export type AskScope = 'once' | 'task' | 'project' | 'always';

export interface AskOption {
  id: string;
  label: string;
  detail: string | null;
}

export interface Answered {
  by: string;
  value: string;
  at: string;
}

export interface Ask {
  id: string;
  short_id: string;
  subject: 'task' | 'lane' | 'worker';
  task: string | null;
  lane: string | null;
  kind: AskKind;
  text: string;
  options: AskOption[];
  allows_text: boolean;
  scopes: AskScope[];
  default: string | null;
  expires_at: string | null;
  snoozed_until?: string | null;
  revision: number;
  created_at: string;
  answered: Answered | null;
  closed_at: string | null;
}

/** One row of the event log. */
export interface Event {
  seq: number;
  at: string;
  task: string | null;
  attempt: number | null;
  kind: string;
  data: Record<string, unknown>;
}

/** What a subscriber gets before the first event. */
export interface Snapshot {
  seq: number;
  status: Status;
  tasks: Task[];
  asks: Ask[];
}

/** One entry of a task's log; what else it holds depends on `kind` (R2). */
export interface LogEntry {
  n: number;
  at: string;
  attempt: number;
  movement: string | null;
  kind: string;
  [value: string]: unknown;
}

export interface Logs {
  entries: LogEntry[];
  next: number;
  ended: boolean;
}

export interface Outputs {
  folder: string;
  files: string[];
}

export interface TimelineAttempt {
  n: number;
  lane: string | null;
  model: string | null;
  session: string | null;
  state: 'preparing' | 'working' | 'judging' | 'settling' | 'ended';
  end: string | null;
  class: string | null;
  text: string | null;
  started_at: string;
  ended_at: string | null;
  usage: Usage[];
}

export interface TimelineMovement {
  attempt: number;
  n: number;
  name: string;
  status: string;
  outcome: string | null;
  summary: string | null;
  started_at: string;
  ended_at: string | null;
}

export interface TimelineComment {
  text: string;
  quiet: boolean;
  at: string;
  delivered_at: string | null;
  movement: string | null;
}

export interface Timeline {
  attempts: TimelineAttempt[];
  movements: TimelineMovement[];
  asks: Ask[];
  comments: TimelineComment[];
}

export interface ChangedFile {
  path: string;
  from: string | null;
  status: 'added' | 'modified' | 'deleted' | 'renamed' | 'mode' | 'submodule' | 'untracked';
  binary: boolean;
  insertions: number;
  deletions: number;
}

export interface Changes {
  base: string | null;
  reason: string | null;
  includes_earlier: boolean;
  files: ChangedFile[];
  insertions: number;
  deletions: number;
}

export interface Diff {
  patch: string;
  truncated: boolean;
}

/** Facts of a run; null where something is not known. */
export interface Run {
  attempt: number;
  program: string | null;
  arguments: string[] | null;
  cwd: string | null;
  pid: number | null;
  env: { passed: string[]; withheld: string[] } | null;
  lease: { owner_pid: number; since: string } | null;
  transcript: { path: string; bytes: number; entries: number } | null;
  session: string | null;
  resume_command: string | null;
  slot: number | null;
}

export interface Runtime {
  id: string;
  kind: string;
  name: string;
  path: string | null;
  version: string | null;
  usable: boolean;
  reason: string | null;
  signed_in: boolean | null;
  protocol: string | null;
  models: string[];
  lane: string | null;
}

/** A folder that a task holds. */
export interface Lock {
  path: string;
  identity: string;
  holder: string;
  pid: number;
  acquired_at: string;
}

export interface PieceRow {
  name: string;
  summary: string;
  origin: 'built_in' | 'user' | 'project';
  path: string | null;
  agent: string | null;
  /** Whether any movement is carried out by an agent. */
  needs_agent?: boolean;
  movements: string[];
  problems: string[];
}

export interface PieceText {
  name: string;
  text: string;
  path: string | null;
  origin: string;
}

export interface FolderCheck {
  path: string;
  exists: boolean;
  repository: boolean;
  branch: string | null;
  dirty: boolean;
  refused: string | null;
  holder: string | null;
}

export interface RecentFolder {
  path: string;
  repository: boolean;
  last_used: string;
}

export interface LocalServer {
  kind: 'ollama' | 'lm-studio' | 'llama.cpp' | 'vllm';
  url: string;
  reachable: boolean;
  models: string[];
  reason: string | null;
}

export interface SettingKind {
  type: 'count' | 'span' | 'size' | 'word' | 'text' | 'bool' | 'clock_range' | 'lanes' | 'filter';
  min?: number | null;
  max?: number | null;
  words?: string[] | null;
}

export interface Setting {
  key: string;
  value: string;
  origin: string;
  default?: string | null;
  kind?: SettingKind;
  about?: string;
  section?: string;
  changed?: boolean;
}
