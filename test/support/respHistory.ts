import { Redis } from 'ioredis';
import type { HistoryAccess, HistoryLine } from '../../src/check/historyLine.js';

type Outcome = Pick<HistoryLine, 'status'> & Partial<HistoryLine>;

/** Where a session goes: a node's name, and its port of the Redis protocol. */
export interface RespNode {
  readonly name: string;
  readonly respPort: number;
}

/** How long a node may take to have what the session has seen, and to answer, in ms. */
const advanceMs = 1000;
const commandMs = 1500;

/** Errors that say that nothing was done. All others leave it open. */
const definite =
  /^(KVC_E_(DEPS_TIMEOUT|DEPS_LOST|OVERLOADED|DISK_FULL|NOT_READY|REMOVED|CONDITION_FAILED)|LOADING)/;
const neverSent = /Stream isn't writeable|ECONNREFUSED|Connection is closed/;

/** One session over the Redis protocol that takes its token from node to node, and writes down what it did and saw. */
export class RespHistory {
  readonly #name: string;
  readonly #lines: HistoryLine[];
  readonly #connections = new Map<string, Redis>();
  #token = '';

  constructor(name: string, lines: HistoryLine[]) {
    this.#name = name;
    this.#lines = lines;
  }

  get(node: RespNode, key: string): Promise<boolean> {
    return this.#record(node, { type: 'read', key }, async (redis) => {
      const [value, token] = await answers(redis.pipeline().get(key).call('KVC.TOKEN'));
      return { token, outcome: { status: 'ok', value: value as string | null } };
    });
  }

  mget(node: RespNode, keys: readonly string[]): Promise<boolean> {
    const ops = keys.map((key): HistoryAccess => ({ type: 'read', key }));
    return this.#record(node, { type: 'txn', ops }, async (redis) => {
      const [values, token] = await answers(
        redis
          .pipeline()
          .mget(...keys)
          .call('KVC.TOKEN'),
      );
      const read = ops.map((op, index) => ({ ...op, value: (values as (string | null)[])[index] ?? null }));
      return { token, outcome: { status: 'ok', ops: read } };
    });
  }

  set(node: RespNode, key: string, value: string): Promise<boolean> {
    return this.#record(node, { type: 'write', key, value }, async (redis) => {
      const [, token] = await answers(redis.pipeline().set(key, value).call('KVC.TOKEN'));
      return { token, outcome: { status: 'ok' } };
    });
  }

  /** One transaction. */
  setAll(node: RespNode, values: Readonly<Record<string, string>>): Promise<boolean> {
    const ops = Object.entries(values).map(([key, value]): HistoryAccess => ({ type: 'write', key, value }));
    return this.#record(node, { type: 'txn', ops }, async (redis) => {
      const transaction = redis.multi();
      for (const [key, value] of Object.entries(values)) transaction.set(key, value);
      await answers(transaction);
      return { token: await redis.call('KVC.TOKEN'), outcome: { status: 'ok' } };
    });
  }

  close(): void {
    for (const connection of this.#connections.values()) connection.disconnect();
  }

  /** @returns whether it was answered */
  async #record(
    node: RespNode,
    asked: Pick<HistoryLine, 'type'> & Partial<HistoryLine>,
    run: (redis: Redis) => Promise<{ token: unknown; outcome: Outcome }>,
  ): Promise<boolean> {
    const line = { ...asked, session: this.#name, start: performance.now(), replica: node.name };
    let isSent = false;
    try {
      const redis = this.#connectionTo(node);
      if (this.#token !== '') await redis.call('KVC.ADVANCE', this.#token, String(advanceMs));
      isSent = true;
      const { token, outcome } = await run(redis);
      this.#token = String(token);
      this.#lines.push({ ...line, ...outcome, end: performance.now() });
      return true;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const isFail = !isSent || asked.type === 'read' || definite.test(message) || neverSent.test(message);
      const status = isFail ? 'fail' : 'info';
      this.#lines.push({ ...line, status, end: performance.now() });
      return false;
    }
  }

  #connectionTo({ name, respPort }: RespNode): Redis {
    const known = this.#connections.get(name);
    if (known !== undefined) return known;
    const redis = new Redis({
      port: respPort,
      host: '127.0.0.1',
      commandTimeout: commandMs,
      // A command that was sent and not answered may have been done: it is not sent again behind the session's back.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      retryStrategy: () => 50,
    });
    redis.on('error', () => undefined);
    this.#connections.set(name, redis);
    return redis;
  }
}

/** @throws the first error among them */
async function answers(pipeline: { exec(): Promise<[Error | null, unknown][] | null> }): Promise<unknown[]> {
  const all = (await pipeline.exec()) ?? [];
  return all.map(([error, answer]) => {
    if (error !== null) throw error;
    return answer;
  });
}
