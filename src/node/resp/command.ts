import type { Args } from './args.js';
import type { LaterReply } from './laterReply.js';
import type { Read, Write } from './plans.js';
import type { Reply } from './reply.js';
import type { RespClient } from './respClient.js';

interface CommandFacts {
  /** In lower case. */
  readonly name: string;
  /** How many words there are, the name included; negative: at least so many. As COMMAND tells it. */
  readonly arity: number;
  readonly summary: string;
  /** Where keys stand among the words, counted from 1, the last from the end if negative; absent: there are none. */
  readonly keys?: readonly [first: number, last: number, step: number];
}

/** One that concerns the connection or the node. In a transaction it is done in its turn, unless it says that it cannot be. */
export interface ConnectionCommand extends CommandFacts {
  readonly kind: 'connection';
  /**
   * Between MULTI and EXEC: `queued` like others (the default), `immediate` as it concerns the transaction or the connection as
   * a whole, `refused` as it takes time, or changes what the answers look like.
   */
  readonly inTransaction?: 'queued' | 'immediate' | 'refused';
  run(client: RespClient, args: Args): Reply | LaterReply | Promise<Reply>;
}

/** One that only looks. */
export interface ReadCommand extends CommandFacts {
  readonly kind: 'read';
  /** @throws RespError for words that are wrong: before anything is done, also in a transaction */
  parse(args: Args): Read;
}

export interface WriteCommand extends CommandFacts {
  readonly kind: 'write';
  /** @throws RespError as for reads */
  parse(args: Args): Write;
}

export type Command = ConnectionCommand | ReadCommand | WriteCommand;
