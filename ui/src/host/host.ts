import type { Status, TaskRow } from './types';

/** Every method this page calls, with its parameters and its result. */
export interface Methods {
  status: { params: Record<string, never>; result: Status };
  'task.list': { params: { limit: number }; result: { tasks: TaskRow[] } };
  pause: { params: Record<string, never>; result: unknown };
  resume: { params: Record<string, never>; result: unknown };
}

export type Method = keyof Methods;

/** A refusal by the worker, or the worker out of reach (`offline`). */
export class HostError extends Error {
  override readonly name = 'HostError';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The one door to the worker: the same requests whatever carries them. */
export interface Host {
  /** Sends one request; rejects with a {@link HostError}. */
  call<M extends Method>(method: M, params: Methods[M]['params']): Promise<Methods[M]['result']>;
}
