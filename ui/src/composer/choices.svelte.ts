import type { Host } from '../host';
import type { PieceRow, Runtime } from '../host/types';

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
    const fitting = this.runtimes.filter(({ kind, lane }) => !agent || kind === agent || lane === agent);
    const all = fitting.flatMap(({ models }) => models);
    return all.filter((model, at) => all.indexOf(model) === at);
  }
}
