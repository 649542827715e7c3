import { limits } from '../../protocol/limits.js';
import { RespError, wrongArity } from '../../protocol/resp/respError.js';
import { requireBatchBytes } from './args.js';
import type { Args, Command, ConnectionCommand, Read, Reply, Write } from './command.js';
import { commandTable, takes } from './commandTable.js';
import { executeRead, executeWrite } from './execute.js';
import { OwnWrites } from './ownWrites.js';
import type { RespClient, Transaction } from './respClient.js';
import type { QueuedCommand } from './transaction.js';

/**
 * Has the commands of one connection done in their order. Writes do not wait for each other: what is accepted is ordered. What
 * looks at a key waits for the connection's own writes of that key, and what comes behind it waits, too.
 */
export class CommandRunner {
  readonly #client: RespClient;
  readonly #own = new OwnWrites();
  #isBlocked = false;

  constructor(client: RespClient) {
    this.#client = client;
  }

  /** Nothing further may be begun now. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** @throws RespError, KvcError */
  run([word, ...args]: Args): Reply | Promise<Reply> {
    const command = this.#commandOf(word, args);
    const { transaction } = this.#client;
    if (transaction !== undefined && !isImmediate(command)) return this.#queue(transaction, command, args);
    if (command.kind === 'connection') return this.#alone(command, args);
    if (command.kind === 'read') return this.#read(command.parse(args));
    return this.#write(command.parse(args));
  }

  /** @throws RespError; what is wrong with one command of a transaction stops all of it */
  #commandOf(word: Buffer | undefined, args: Args): Command {
    this.#client.state.counts.commands += 1;
    const name = this.#client.lastCommand;
    const command = commandTable.get(name);
    if (command !== undefined && takes(command, args.length + 1)) return command;
    if (this.#client.transaction !== undefined) this.#client.transaction.isBroken = true;
    throw command === undefined ? unknownCommand(word, args) : wrongArity(name);
  }

  #queue(transaction: Transaction, command: Command, args: Args): Reply {
    try {
      if (transaction.queued.length >= limits.batchOperationsMax) {
        throw new RespError(`a transaction has at most ${limits.batchOperationsMax} commands`);
      }
      transaction.bytes = args.reduce((sum, { length }) => sum + length, transaction.bytes);
      requireBatchBytes(transaction.bytes);
      transaction.queued.push(this.#parsed(command, args));
    } catch (error) {
      transaction.isBroken = true;
      throw error;
    }
    return (writer) => writer.simple('QUEUED');
  }

  #parsed(command: Command, args: Args): QueuedCommand {
    if (command.kind === 'read') return { kind: 'read', read: command.parse(args) };
    if (command.kind === 'write') return { kind: 'write', write: command.parse(args) };
    // What was received is not kept as long as a transaction may wait.
    const kept = args.map((arg) => Buffer.from(arg));
    return { kind: 'connection', run: () => command.run(this.#client, kept) };
  }

  /** After all that came before; and what comes behind waits for it, if it takes time. */
  #alone(command: ConnectionCommand, args: Args): Reply | Promise<Reply> {
    const earlier = this.#own.settled();
    if (earlier !== undefined) return this.#blocking(earlier.then(() => command.run(this.#client, args)));
    const outcome = command.run(this.#client, args);
    return typeof outcome === 'function' ? outcome : this.#blocking(outcome);
  }

  #read(read: Read): Reply | Promise<Reply> {
    const earlier = this.#own.settledAt(read.keys);
    if (earlier === undefined) return executeRead(this.#client, read);
    return this.#blocking(earlier.then(() => executeRead(this.#client, read)));
  }

  #write(write: Write): Promise<Reply> {
    if (!write.looks) return this.#own.track(write, executeWrite(this.#client, write));
    const earlier = this.#own.settledAt(write.keys, write.family);
    if (earlier !== undefined) return this.#blocking(earlier.then(() => executeWrite(this.#client, write)));
    const done = this.#own.track(write, executeWrite(this.#client, write));
    // Planned by what is there, it may have to be planned again: not after what comes behind it.
    return write.family === undefined ? this.#blocking(done) : done;
  }

  #blocking<T>(work: Promise<T>): Promise<T> {
    this.#isBlocked = true;
    return work.finally(() => (this.#isBlocked = false));
  }
}

/** What ends a transaction is not part of it, and some commands cannot be. */
function isImmediate(command: Command): boolean {
  if (command.kind !== 'connection' || command.isForTransactions !== false) return false;
  if (command.name === 'multi') throw new RespError('MULTI calls can not be nested');
  return true;
}

function unknownCommand(word: Buffer | undefined, args: Args): RespError {
  const text = (each: Buffer | undefined): string => (each?.toString('latin1') ?? '').slice(0, 128);
  const shown = args.slice(0, 8).map((arg) => `'${text(arg)}' `);
  return new RespError(`unknown command '${text(word)}', with args beginning with: ${shown.join('')}`);
}
