import { limits } from '../../protocol/limits.js';
import { RespError, wrongArity } from '../../protocol/resp/respError.js';
import { nameOf, requireBatchBytes } from './args.js';
import type { Args } from './args.js';
import type { Command, ConnectionCommand } from './command.js';
import type { Read, Write } from './plans.js';
import type { Reply } from './reply.js';
import { commandTable, takes } from './commandTable.js';
import { executeRead, executeWrite, replyOf } from './execute.js';
import { LaterReply } from './laterReply.js';
import { OwnWrites } from './ownWrites.js';
import { errorReply } from './replies.js';
import type { RespClient, Transaction } from './respClient.js';
import type { QueuedCommand } from './plans.js';

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

  /**
   * @param words - of one request; they are the runner's from now on
   * @throws RespError, KvcError
   */
  run(words: Buffer[]): Reply | LaterReply {
    const word = words.shift();
    const args: Args = words;
    const command = this.#commandOf(word, args);
    const { transaction } = this.#client;
    if (transaction !== undefined && !this.#isImmediate(transaction, command)) {
      return this.#queue(transaction, command, args);
    }
    if (command.kind === 'connection') return this.#alone(command, args);
    if (command.kind === 'read') return this.#read(command.parse(args));
    return this.#write(command.parse(args));
  }

  /** @throws RespError; what is wrong with one command of a transaction stops all of it */
  #commandOf(word: Buffer | undefined, args: Args): Command {
    this.#client.state.counts.commands += 1;
    const name = nameOf(word);
    const command = commandTable.get(name);
    // What is no command is not kept: it is any bytes.
    this.#client.lastCommand = command === undefined ? 'NULL' : name;
    if (command !== undefined && takes(command, args.length + 1)) return command;
    if (this.#client.transaction !== undefined) this.#client.transaction.isBroken = true;
    throw command === undefined ? unknownCommand(word, args) : wrongArity(name);
  }

  #isImmediate(transaction: Transaction, command: Command): boolean {
    try {
      return isImmediate(command);
    } catch (error) {
      // As Redis has it, a nested MULTI alone does no harm.
      if (command.name !== 'multi') transaction.isBroken = true;
      throw error;
    }
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
    return { kind: 'connection', run: () => atOnce(command.run(this.#client, kept)) };
  }

  /** After all that came before; and what comes behind waits for it, if it takes time. */
  #alone(command: ConnectionCommand, args: Args): Reply | LaterReply {
    if (this.#own.count > 0) return this.#afterOwn(() => command.run(this.#client, args));
    const outcome = command.run(this.#client, args);
    return typeof outcome === 'function' ? outcome : this.#blocking(laterOf(outcome));
  }

  #read(read: Read): Reply | LaterReply {
    if (!this.#own.hinder(read.keys)) return executeRead(this.#client, read);
    return this.#afterOwn(() => executeRead(this.#client, read));
  }

  #write(write: Write): LaterReply {
    if (!write.looks) {
      if (this.#own.mayBeOvertaken(write.keys)) return this.#afterOwn(() => this.#begin(write));
      return this.#begin(write);
    }
    if (this.#own.hinder(write.keys, write.family)) return this.#afterOwn(() => this.#begin(write));
    // Planned by what is there, it may have to be planned again: not after what comes behind it.
    return write.family === undefined ? this.#blocking(this.#begin(write)) : this.#begin(write);
  }

  #begin(write: Write): LaterReply {
    return executeWrite(this.#client, write, this.#own.begin(write));
  }

  /** When the connection's own writes are answered; nothing behind it is begun before it is answered itself. */
  #afterOwn(run: () => Reply | LaterReply | Promise<Reply>): LaterReply {
    const later = new LaterReply();
    this.#own.whenAnswered(() => {
      try {
        const outcome = run();
        if (typeof outcome === 'function') later.settle(outcome);
        else passOn(laterOf(outcome), later);
      } catch (error) {
        later.settle(errorReply(error));
      }
    });
    return this.#blocking(later);
  }

  #blocking(later: LaterReply): LaterReply {
    if (later.reply !== undefined) return later;
    this.#isBlocked = true;
    later.whenThere(() => (this.#isBlocked = false));
    return later;
  }
}

function laterOf(outcome: LaterReply | Promise<Reply>): LaterReply {
  return outcome instanceof LaterReply ? outcome : replyOf(outcome);
}

function passOn(from: LaterReply, to: LaterReply): void {
  const { reply } = from;
  if (reply !== undefined) to.settle(reply);
  else from.whenThere(() => to.settle(from.reply ?? errorReply(new Error('there is no answer'))));
}

/** Commands that take time cannot stand in a transaction. */
function atOnce(outcome: Reply | LaterReply | Promise<Reply>): Reply {
  if (typeof outcome === 'function') return outcome;
  throw new RespError('this command cannot stand in a transaction');
}

/** @throws RespError if it cannot stand in a transaction */
function isImmediate(command: Command): boolean {
  const place = command.kind === 'connection' ? command.inTransaction : 'queued';
  if (command.name === 'multi') throw new RespError('MULTI calls can not be nested');
  if (place === 'refused') {
    throw new RespError(`Command '${command.name}' not allowed inside a transaction`);
  }
  return place === 'immediate';
}

function unknownCommand(word: Buffer | undefined, args: Args): RespError {
  const text = (each: Buffer | undefined): string => (each?.toString('latin1') ?? '').slice(0, 128);
  const shown = args.slice(0, 8).map((arg) => `'${text(arg)}' `);
  return new RespError(`unknown command '${text(word)}', with args beginning with: ${shown.join('')}`);
}
