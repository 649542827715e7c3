import type { BatchWrite, RequestOptions } from '../../client/nodeClient.js';
import { requestTimeoutMsDefault } from '../../client/requestJson.js';
import { KvcError } from '../../errors.js';
import { limits } from '../../protocol/limits.js';
import type { RespAnswer } from '../../protocol/resp/replyParser.js';
import { RespError } from '../../protocol/resp/respError.js';
import type { AskedNode, ReadEntry, Seen, Written } from '../clientNodes.js';
import { clockOf, entryOf, errorOf, listOf, textOf, writtenDot } from './answers.js';
import { RespWire } from './respWire.js';

type Commands = readonly (readonly string[])[];
type Options = Pick<RequestOptions, 'session' | 'timeoutMs' | 'requestTimeoutMs'>;

/** What a session has seen, and the node has delivered; asked for behind everything else. */
const seenCommands: Commands = [['KVC.TOKEN'], ['KVC.CLOCK']];

/** One node as one session asks it over the Redis protocol, by a connection that is kept while it works. */
export class RespNode implements AskedNode {
  readonly name: string;
  readonly port: number;
  #wire: RespWire | undefined;
  /** What the connection has seen. */
  #token = 'new';

  constructor({ name, port }: { readonly name: string; readonly port: number }) {
    this.name = name;
    this.port = port;
  }

  /** By GET. What it was is told by what stands beside it; where something came between, both are asked as of one moment. */
  async read(key: string, options: Options): Promise<ReadEntry & Seen> {
    const commands = [
      ['GET', key],
      ['KVC.SIBLINGS', key],
    ];
    const first = await this.#ask(commands, options);
    const { answers, seen } = isOne(first.answers)
      ? first
      : await this.#transact(commands, { ...options, session: first.seen.session });
    if (!isOne(answers)) throw this.#twoStates([key]);
    return { ...entryOf(key, answers[1]), ...seen };
  }

  /** In one transaction. */
  async readMany(
    keys: readonly string[],
    options: Options,
  ): Promise<{ readonly entries: readonly ReadEntry[] } & Seen> {
    const reads = [['MGET', ...keys], ...keys.map((key) => ['KVC.SIBLINGS', key])];
    const { answers, seen } = await this.#transact(reads, options);
    const values = listOf(answers[0]);
    const areOne = keys.every((_, index) => isOne([values[index] ?? null, answers[index + 1] ?? null]));
    if (!areOne) throw this.#twoStates(keys);
    return { entries: keys.map((key, index) => entryOf(key, answers[index + 1])), ...seen };
  }

  async write(key: string, value: string, options: Options): Promise<Written> {
    const { seen } = await this.#ask([['SET', key, value]], options);
    return { dot: writtenDot(this.name, options.session, seen.session), ...seen };
  }

  /** One transaction. A deletion where nothing is changes nothing: what is asked before it says what it saw. */
  async batch(writes: readonly BatchWrite[], options: Options): Promise<Written> {
    const deleted = writes.filter((write) => !('value' in write)).map(({ key }) => key);
    const asked = deleted.map((key) => ['KVC.SIBLINGS', key]);
    const done = writes.map((write) =>
      'value' in write ? ['SET', write.key, String(write.value)] : ['DEL', write.key],
    );
    const { answers, seen } = await this.#transact([...asked, ...done], options);
    const absent = done.flatMap(([name, key = ''], index) =>
      name === 'DEL' && answers[asked.length + index] === 0
        ? [entryOf(key, answers[deleted.indexOf(key)])]
        : [],
    );
    return { dot: writtenDot(this.name, options.session, seen.session), absent, ...seen };
  }

  close(): void {
    this.#wire?.close();
  }

  #twoStates(keys: readonly string[]): KvcError {
    return new KvcError(
      'KVC_E_INTERNAL',
      `${this.name} showed two states of ${keys.join(', ')} in one transaction`,
    );
  }

  async #transact(commands: Commands, options: Options) {
    const { answers, seen } = await this.#ask([['MULTI'], ...commands, ['EXEC']], options);
    const done = listOf(answers.at(-1));
    for (const answer of done) if (answer instanceof RespError) throw errorOf(answer);
    return { answers: done, seen };
  }

  /** @throws KvcError; whatever it was, the connection is given up: what it has seen may not be what the session has */
  async #ask(
    commands: Commands,
    {
      session = 'new',
      timeoutMs = limits.timeoutMsDefault,
      requestTimeoutMs = requestTimeoutMsDefault,
    }: Options,
  ): Promise<{ readonly answers: readonly RespAnswer[]; readonly seen: Seen }> {
    const endMs = performance.now() + requestTimeoutMs;
    const wire = this.#open(session);
    try {
      if (this.#token !== session) await this.#advance(wire, session, timeoutMs, requestTimeoutMs);
      const answers = await wire.ask([...commands, ...seenCommands], Math.max(1, endMs - performance.now()));
      // EXEC says again that a command was wrong, so the first error is the one that explains.
      for (const answer of answers.slice(0, commands.length))
        if (answer instanceof RespError) throw errorOf(answer);
      const seen = seenOf(answers.slice(commands.length), this.name);
      this.#token = seen.session;
      return { answers: answers.slice(0, commands.length), seen };
    } catch (error) {
      wire.close();
      throw error;
    }
  }

  /** A session that has seen nothing needs a connection that has seen nothing. */
  #open(session: string): RespWire {
    if (this.#wire !== undefined && !this.#wire.isOver && (session !== 'new' || this.#token === 'new'))
      return this.#wire;
    this.#wire?.close();
    this.#token = 'new';
    return (this.#wire = new RespWire(this.port, this.name));
  }

  async #advance(
    wire: RespWire,
    session: string,
    timeoutMs: number,
    requestTimeoutMs: number,
  ): Promise<void> {
    const advanced = wire.ask([['KVC.ADVANCE', session, String(timeoutMs)]], requestTimeoutMs);
    const [answer] = await advanced.catch((error: unknown) => {
      throw neverSent(error);
    });
    if (answer instanceof RespError) throw errorOf(answer);
  }
}

/** Whether a value and what KVC.SIBLINGS says are of one moment. */
function isOne([value, siblings]: readonly RespAnswer[]): boolean {
  return entryOf('', siblings).value === (value === null ? null : textOf(value));
}

/** What would have come behind it was not sent: it certainly did not happen. */
function neverSent(error: unknown): unknown {
  if (!(error instanceof KvcError)) return error;
  return new KvcError('KVC_E_NODE_DOWN', error.message, error.facts, { cause: error });
}

/** @throws KvcError KVC_E_NODE_UNREACHABLE if it is not told: what came before has happened, unseen */
function seenOf([token, clock]: readonly RespAnswer[], node: string): Seen {
  if (token instanceof RespError || clock instanceof RespError) {
    throw new KvcError('KVC_E_NODE_UNREACHABLE', `${node} did not tell what the session has seen`, {
      reason: 'UNKNOWN',
    });
  }
  return { session: textOf(token), clock: clockOf(clock) };
}
