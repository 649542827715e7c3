import type { KeyChange } from '../../core/step.js';
import type { Operation } from '../../core/update.js';
import type { ReplyWriter } from '../../protocol/resp/replyWriter.js';
import type { KeyView } from './keyView.js';
import type { LaterReply } from './laterReply.js';
import type { RespClient } from './respClient.js';

/** The words of a request, without the command's own name. */
export type Args = readonly Buffer[];

/** Writes the answer of one command, whole. */
export type Reply = (writer: ReplyWriter) => void;

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
  /** May it stand in a transaction? Default true. */
  readonly isForTransactions?: boolean;
  run(client: RespClient, args: Args): Reply | LaterReply | Promise<Reply>;
}

/** One that only looks. */
export interface ReadCommand extends CommandFacts {
  readonly kind: 'read';
  /** @throws RespError for words that are wrong: before anything is done, also in a transaction */
  parse(args: Args): Read;
}

export interface Read {
  /** The keys that it looks at; undefined: any. */
  readonly keys: readonly string[] | undefined;
  read(view: KeyView, client: RespClient): Reply;
}

export interface WriteCommand extends CommandFacts {
  readonly kind: 'write';
  /** @throws RespError as for reads */
  parse(args: Args): Write;
}

export interface Write {
  readonly keys: readonly string[];
  /** What to do, given what is there. Called again where that changed before it could be done. */
  plan(view: KeyView, nowMs: () => number): WritePlan;
  /** It looks at what is there, and so at what the connection wrote before. */
  readonly looks: boolean;
  /** Writes of one family do not change what another one of it does: a connection's need not wait for each other. */
  readonly family?: 'counter' | 'addition' | 'removal' | 'deletion';
}

export interface WritePlan {
  /** Empty: nothing is to be done, and the answer is known. */
  readonly operations: readonly Operation[];
  /** It is right only as long as its keys are what was looked at. */
  readonly isConditional?: boolean;
  /** The answer says what was changed. */
  readonly tellsChanges?: boolean;
  /** @param changes - what the operations changed, a key each, in the order of its first operation; none if it was not asked for */
  readonly reply: (changes: readonly KeyChange[]) => Reply;
}

export type Command = ConnectionCommand | ReadCommand | WriteCommand;
