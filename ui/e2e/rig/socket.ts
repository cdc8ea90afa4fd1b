import { connect, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

interface Reply {
  id: number;
  result?: unknown;
  error?: { code: string; message: string };
}

/** A person's connection to the worker: JSON lines over its socket. */
export class Connection {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #next = 1;

  private constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      const reply = JSON.parse(line) as Reply;
      this.#waiting.get(reply.id)?.(reply);
      this.#waiting.delete(reply.id);
    });
  }

  static open(path: string): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect(path, () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  /** Sends one request; rejects with `code: message`. */
  call<T = Record<string, unknown>>(method: string, params: object = {}): Promise<T> {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error ? reject(new Error(`${method}: ${error.code}: ${error.message}`)) : resolve(result as T),
      );
      this.#socket.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }
}
