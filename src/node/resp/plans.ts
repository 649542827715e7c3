import type { KeyChange } from '../../core/step.js';
import type { Operation } from '../../core/update.js';
import type { RunningNode } from '../../driver/runningNode.js';
import type { KeyView } from './keyView.js';
import type { Reply } from './reply.js';
import type { ScanCursors } from './scanCursors.js';

/** What reads need besides the keys. */
export interface ReadContext {
  readonly node: RunningNode;
  readonly cursors: ScanCursors;
}

export interface Read {
  /** The keys that it looks at; undefined: any. */
  readonly keys: readonly string[] | undefined;
  read(view: KeyView, context: ReadContext): Reply;
}

export interface Write {
  readonly keys: readonly string[];
  /** What to do, given what is there. Called again where that changed before it could be done. */
  plan(view: KeyView, clock: { nowMs(): number }): WritePlan;
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

/** A command that waits for EXEC, its words taken apart. */
export type QueuedCommand =
  | { readonly kind: 'connection'; readonly run: () => Reply }
  | { readonly kind: 'read'; readonly read: Read }
  | { readonly kind: 'write'; readonly write: Write };
