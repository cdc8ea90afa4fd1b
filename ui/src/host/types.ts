/** The views of the control protocol, with the names they have in Rust. Times are RFC 3339 in UTC. */

export type {
  Activity,
  Answered,
  Artifact,
  Ask,
  AskKind,
  AskOption,
  AskScope,
  Attempt as TimelineAttempt,
  Check,
  Comment as TimelineComment,
  Environment,
  Event,
  Failure,
  FolderFacts as FolderCheck,
  Hold,
  Lane,
  LocalServer,
  Lock,
  LogEntry,
  Logs,
  Movement as TimelineMovement,
  Outputs,
  PieceRow,
  PieceText,
  RecentFolder,
  Runtime,
  Setting,
  SettingKind,
  Snapshot,
  Status,
  Task,
  TaskResult,
  TaskState,
  Timeline,
  Usage,
  WorkerState,
} from '../bindings/views';

export interface ChangeCounts {
  files: number;
  insertions: number;
  deletions: number;
}

export interface ChangedFile {
  path: string;
  from: string | null;
  status: 'added' | 'modified' | 'deleted' | 'renamed' | 'mode' | 'submodule' | 'untracked';
  binary: boolean;
  /** Too large, or not to be read, and so not compared. */
  unread: boolean;
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
  /** Whether there are more files than are named. */
  truncated: boolean;
}

export interface Diff {
  patch: string;
  truncated: boolean;
  /** Why there is none. */
  reason: string | null;
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
  /** What went wrong and stopped nothing. */
  warnings: { at: string; text: string }[];
}
