import type { Host } from '../host';
import type { Runtime } from '../host/types';
import { known, t } from '../words';

/** What an agent is called: in the reader's language where its name has words in it, else as the worker says. */
export function agentName({ kind, name }: Pick<Runtime, 'kind' | 'name'>): string {
  return known(`agents-name-${kind}`, name);
}

class Agents {
  #found = $state.raw<Runtime[]>([]);

  /** Learns what the worker found; without an answer lanes are called as the worker calls them. */
  async read(host: Host): Promise<void> {
    const read = await host.call('runtime.list', {}).catch(() => null);
    if (read) this.know(read.runtimes);
  }

  know(found: Runtime[]): void {
    this.#found = found;
  }

  /** The words for a lane: the agent's name where it is known, with its account where that tells something. */
  lane(lane: string): string {
    if (lane === 'shell') return t('agents-lane-scripts');
    const [kind, account] = lane.split(':');
    const agent = this.#found.find((runtime) => runtime.kind === kind);
    if (!agent) return lane;
    return account && account !== 'default' ? `${agentName(agent)} · ${account}` : agentName(agent);
  }
}

/** The agents of this computer by name; shared by every component, since there is one computer. */
export const agents = new Agents();
