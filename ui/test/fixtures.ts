import type { Host, Method, Methods } from '../src/host/host';
import type { Status } from '../src/host/types';

/** A status view with nothing to do, changed where `part` says so. */
export function status(part: Partial<Status> = {}): Status {
  return {
    state: 'running',
    paused_until: null,
    counts: {},
    slots: { used: 0, total: 4 },
    lanes: [],
    asks: 0,
    unseen_failures: 0,
    version: '0.1.0',
    ...part,
  };
}

/** A host on the far side of the door: answers from a table and records what was asked. */
export class TableHost implements Host {
  readonly calls: Method[] = [];

  constructor(readonly table: { [M in Method]?: () => Methods[M]['result'] }) {}

  async call<M extends Method>(method: M): Promise<Methods[M]['result']> {
    this.calls.push(method);
    const answer = this.table[method];
    if (!answer) throw new Error(`the table has no answer for ${method}`);
    return answer() as Methods[M]['result'];
  }
}
