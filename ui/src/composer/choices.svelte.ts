import type { Host } from '../host';
import type { PieceRow, Runtime } from '../host/types';

/** Each name once, in the order of the first. */
function once(names: string[]): string[] {
  return names.filter((name, at) => names.indexOf(name) === at);
}

/** What a new task can choose from: workflows and agents as the worker finds them. */
export class Choices {
  pieces = $state.raw<PieceRow[]>([]);
  runtimes = $state.raw<Runtime[]>([]);
  /** Whether the agents were read. */
  known = $state(false);
  #asked = 0;

  constructor(private readonly host: Host) {}

  /** Reads the agents there are. */
  async readRuntimes(): Promise<void> {
    const read = await this.host.call('runtime.list', {}).catch(() => null);
    if (!read) return;
    this.runtimes = read.runtimes.filter(({ kind }) => kind !== 'shell');
    this.known = true;
  }

  /** Reads the workflows as a folder sees them: it may have some of its own. */
  async readPieces(dir: string): Promise<void> {
    const asked = ++this.#asked;
    const everywhere = (): Promise<{ pieces: PieceRow[] }> => this.host.call('piece.list', {});
    const there = dir.startsWith('/') ? this.host.call('piece.list', { dir }) : everywhere();
    // A folder that is not there has none: what every folder has is still offered.
    const read = await there.catch(everywhere).catch(() => null);
    if (read && asked === this.#asked) this.pieces = read.pieces;
  }

  piece(name: string): PieceRow | undefined {
    return this.pieces.find((piece) => piece.name === name);
  }

  /** The models an agent offers; of all agents when none is chosen. */
  models(agent: string): string[] {
    return once(this.#fitting(agent).flatMap(({ models }) => models));
  }

  /** The reasoning levels that go with a model; all there are when it is not one of those offered. */
  levels(agent: string, model: string): string[] {
    const fitting = this.#fitting(agent);
    const known = fitting.filter(({ levels }) => levels[model]);
    const all = known.flatMap(({ levels }) => levels[model] ?? []);
    if (known.length > 0) return once(all);
    return once(fitting.flatMap(({ levels }) => Object.values(levels).flat()));
  }

  #fitting(agent: string): Runtime[] {
    return this.runtimes.filter(({ kind, lane }) => !agent || kind === agent || lane === agent);
  }
}
