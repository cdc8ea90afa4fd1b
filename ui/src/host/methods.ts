import type {
  Ask,
  AskScope,
  Changes,
  Checkpoints,
  Diff,
  Discarded,
  FolderCheck,
  Grant,
  LocalServer,
  Lock,
  Logs,
  Merged,
  Outputs,
  Patch,
  PieceRow,
  PieceText,
  Project,
  RecentFolder,
  Repository,
  Rewound,
  Run,
  Runtime,
  Setting,
  Snapshot,
  Status,
  Storage,
  Task,
  TaskState,
  Timeline,
  Update,
} from './types';

type None = Record<string, never>;
interface Named {
  id: string;
}
interface Tasks {
  tasks: Task[];
}

/** What a new task may say; paths are absolute. */
export interface Add {
  prompt: string;
  title?: string;
  piece?: string;
  agent?: string;
  model?: string;
  effort?: string;
  dir?: string;
  mode?: 'in_place' | 'worktree';
  approvals?: string;
  checks?: string[];
  priority?: string;
  depends_on?: string[];
  key?: string;
  continue?: string;
  inputs?: string[];
  unpack?: string[];
  labels?: string[];
  not_before?: string;
  max_tries?: number;
  timeout?: string;
  budget_tokens?: number;
  budget_usd?: number;
  env_names?: string[];
}

/** A page of tasks, newest first. */
export interface List {
  states?: TaskState[];
  labels?: string[];
  search?: string;
  limit?: number;
  after?: string;
}

/** An option or a text; `revision` is the one that was seen. */
export interface Answer {
  id: string;
  option?: string;
  text?: string;
  scope?: AskScope;
  revision?: number;
}

/** Durations are texts such as `30m`, moments RFC 3339, `18:30` or `tomorrow 09:00`. */
export interface Pause {
  suspend?: boolean;
  for?: string;
  until?: string;
}

/** Every method a surface may call, with its parameters and its result. */
export interface Methods {
  status: { params: None; result: Status };
  'events.subscribe': { params: { since?: number; snapshot?: boolean }; result: Snapshot };

  'task.list': { params: List; result: Tasks & { next: string | null } };
  'task.show': { params: Named; result: Task };
  'task.why': { params: Named; result: { hold: Task['hold'] } };
  'task.outputs': { params: Named; result: Outputs };
  'task.logs': {
    params: Named & { attempt?: number; from?: number; follow?: boolean };
    result: Logs;
  };
  'task.timeline': { params: Named; result: Timeline };
  'task.changes': { params: Named; result: Changes };
  'task.diff': { params: Named & { path?: string; whitespace?: boolean }; result: Diff };
  'task.patch': { params: Named; result: Patch };
  'task.checkpoints': { params: Named; result: Checkpoints };
  'task.rewind': { params: Named & { to: number; as_of?: number; text?: string }; result: Rewound };
  'task.merge': { params: Named; result: Merged };
  'task.discard': { params: Named & { undo?: boolean }; result: Discarded };
  'task.run': { params: Named & { attempt?: number }; result: Run };
  'task.add': { params: Add; result: Task & { existing: boolean } };
  'task.cancel': { params: { ids: string[]; wait?: boolean }; result: Tasks };
  'task.pause': { params: { ids: string[] }; result: Tasks };
  'task.resume': { params: { ids: string[] }; result: Tasks };
  'task.retry': { params: { ids: string[]; fresh?: boolean; text?: string }; result: Tasks };
  'task.seen': { params: { ids?: string[]; all?: boolean }; result: { seen: number } };
  'task.comment': {
    params: Named & { text: string; quiet?: boolean };
    result: { follow_up: Task | null };
  };

  'ask.list': { params: { all?: boolean }; result: { asks: Ask[] } };
  'ask.answer': { params: Answer; result: Ask };
  'ask.snooze': { params: Named & { for?: string | null; until?: string | null }; result: Ask };

  'worker.pause': { params: Pause; result: Status };
  'worker.resume': { params: None; result: Status };
  'lane.release': { params: { lane: string }; result: Status };

  'runtime.list': { params: { refresh?: boolean }; result: { runtimes: Runtime[] } };
  'lock.list': { params: None; result: { locks: Lock[] } };
  'lock.release': { params: { task: string }; result: { task: string; released: string | null } };
  'storage.show': { params: None; result: Storage };
  'storage.clean': { params: None; result: Storage };
  'repo.list': { params: None; result: { repositories: Repository[] } };
  'repo.remove': { params: { url: string }; result: { removed: string } };
  'project.list': { params: None; result: { projects: Project[] } };
  'project.trust': { params: { dir: string }; result: Project };
  'project.untrust': { params: { dir: string }; result: Project };
  'grant.list': { params: { dir?: string; all?: boolean }; result: { grants: Grant[] } };
  'grant.revoke': { params: { id: string }; result: Grant };
  'piece.list': { params: { dir?: string }; result: { pieces: PieceRow[] } };
  'piece.show': { params: { name: string; dir?: string }; result: PieceText };
  'folder.check': { params: { path: string }; result: FolderCheck };
  'folder.complete': { params: { prefix: string }; result: { folders: string[] } };
  'folder.recent': { params: None; result: { folders: RecentFolder[] } };
  'llm.discover': { params: None; result: { servers: LocalServer[] } };
  'input.stage': { params: { name: string; data: string }; result: { path: string } };

  'update.status': { params: None; result: Update };
  'update.check': { params: None; result: Update };
  'update.now': { params: None; result: Update };
  'update.when_idle': { params: None; result: Update };
  'update.skip': { params: None; result: Update };
  'config.show': { params: None; result: { settings: Setting[] } };
  'config.get': { params: { key: string }; result: Setting };
  'config.set': {
    params: { key: string; value: string };
    result: { setting: Setting; changed: string[] };
  };
  'config.reset': {
    params: { key: string };
    result: { setting: Setting; changed: string[] };
  };
}

export type Method = keyof Methods;
export type Params<M extends Method> = Methods[M]['params'];
export type Reply<M extends Method> = Methods[M]['result'];
