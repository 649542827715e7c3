import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { historyLineText } from '../../check/formats/ndjson.js';
import { lineOfOperation } from '../../check/formats/operationLine.js';
import type { History } from '../../check/history.js';
import type { Report } from '../../check/report.js';
import type { Codec } from '../../client/library/codec.js';
import type { KvcClient } from '../../client/library/kvcClient.js';
import { KvcError } from '../../errors.js';
import type { TestCluster } from '../testCluster.js';
import { readOfEntry } from './accesses.js';
import { HistoryLog } from './historyLog.js';
import { RecordedClient } from './recordedClient.js';
import { RecordedSession } from './recordedSession.js';

/** What to read at the end, and how. */
export interface ReadFinallyOptions {
  /** Default: every key that was written to. */
  readonly keys?: readonly string[];
  /** That of the clients, if they have one. */
  readonly codec?: Codec;
  /** How long the nodes may take to converge before, in ms. Default 10,000. */
  readonly timeout?: number;
}

/**
 * What clients did and saw, for `kvc check` (docs/checking.md). Recorded are `get`, `getMany`, `siblings`, `set`, `delete`,
 * `batch` and `resolve` of plain values. Keys that ever hold a counter or a set, or a value that expires, are left out, and so is
 * what `list` and `watch` tell. Every client that writes the keys must be wrapped: what nobody is known to have written
 * is taken for an anomaly.
 */
export interface RecordedHistory {
  /**
   * A client that does the same as this one, and is recorded.
   * @param session - its name in the history, different for each client
   * @throws KvcError KVC_E_USAGE where there is such a session already
   * @example
   * ```ts
   * const alice = history.wrap(await cluster.connect(), 'alice');
   * ```
   */
  wrap(client: KvcClient, session: string): KvcClient;
  /**
   * What was recorded until now, each operation when it had ended.
   * @example
   * ```ts
   * console.log(history.operations().length);
   * ```
   */
  operations(): History;
  /**
   * Awaits that the cluster has converged, and reads at every node what it ended with, so that convergence can be judged.
   * @throws KvcError those of `TestCluster.converged`, and of the reads
   * @example
   * ```ts
   * await history.readFinally(cluster);
   * ```
   */
  readFinally(cluster: TestCluster, options?: ReadFinallyOptions): Promise<void>;
  /**
   * Judges it, for every level of consistency: `verdict` of the report is `consistent`, `violation` or `unknown`.
   * @throws KvcError KVC_E_HISTORY_INVALID
   * @example
   * ```ts
   * expect((await history.verdict()).verdict).toBe('consistent');
   * ```
   */
  verdict(): Promise<Report>;
  /**
   * Writes a file for `kvc check`, which shows what is wrong as text or as a picture.
   * @param path - of the file, which is replaced
   * @example
   * ```ts
   * await history.write('history.ndjson'); // kvc check history.ndjson
   * ```
   */
  write(path: string): Promise<void>;
}

/**
 * Begins to record.
 * @example
 * ```ts
 * const history = recordHistory();
 * const alice = history.wrap(await cluster.connect(), 'alice');
 * await alice.set('photo', 'beach');
 * await history.readFinally(cluster);
 * expect((await history.verdict()).verdict).toBe('consistent');
 * ```
 */
export function recordHistory(): RecordedHistory {
  return new Recording();
}

const keysAtOnce = 100;

class Recording implements RecordedHistory {
  readonly #log = new HistoryLog();
  readonly #sessions = new Set<string>();

  wrap(client: KvcClient, session: string): KvcClient {
    if (typeof session !== 'string' || !namePattern.test(session))
      throw usage('a session is named by 1 to 64 of A-Z, a-z, 0-9, _ and -');
    if (this.#sessions.has(session)) throw usage(`there is a session ${session} already`);
    this.#sessions.add(session);
    return new RecordedClient(client, new RecordedSession(session, this.#log));
  }

  operations(): History {
    return this.#log.operations();
  }

  async readFinally(cluster: TestCluster, options: ReadFinallyOptions = {}): Promise<void> {
    const { keys = this.#log.writtenKeys(), codec, timeout } = options;
    await cluster.converged(timeout === undefined ? {} : { timeout });
    await using client = await cluster.connect(codec === undefined ? {} : { codec });
    for (const { name } of cluster.nodes) await this.#readAt(name, client.session('new').at(name), keys);
  }

  async verdict(): Promise<Report> {
    const { checkHistory } = await import('../../check/checkHistory.js');
    return checkHistory(this.operations());
  }

  async write(path: string): Promise<void> {
    await pipeline(Readable.from(linesOf(this.operations())), createWriteStream(path));
  }

  /** A session of its own, which has seen nothing before: what it gets is what the node ended with. */
  async #readAt(replica: string, client: KvcClient, keys: readonly string[]): Promise<void> {
    const common = {
      session: `final.${replica}`,
      isTxn: false,
      status: 'ok',
      isFinal: true,
      replica,
    } as const;
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      const entries = await client.getMany(keys.slice(from, from + keysAtOnce));
      this.#log.look(entries);
      for (const entry of entries) {
        this.#log.requireRoom();
        this.#log.add({ ...common, accesses: [readOfEntry(entry)] });
      }
    }
  }
}

const namePattern = /^[\w-]{1,64}$/;

function* linesOf(history: History): Generator<string> {
  for (const operation of history) yield `${historyLineText(lineOfOperation(operation))}\n`;
}

function usage(message: string): KvcError {
  return new KvcError('KVC_E_USAGE', message);
}
