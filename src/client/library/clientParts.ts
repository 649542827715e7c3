import { limits } from '../../protocol/limits.js';
import { asInteger } from '../../protocol/fields.js';
import { askNodes, type Call } from './askNodes.js';
import { inScope } from './callScope.js';
import type { Codec } from './codec.js';
import type { KnownNodes } from './knownNodes.js';
import type { Lifetime } from './lifetime.js';
import type { CallOptions } from './options.js';
import type { Session } from './session.js';

/** What a client consists of, for the parts of it that are in files of their own. */
export interface ClientParts {
  readonly nodes: KnownNodes;
  readonly session: Session;
  readonly codec: Codec;
  /** Deadline of a call in ms, where it says nothing else. */
  readonly timeoutMs: number;
  readonly lifetime: Lifetime;
  /** The node at which the client stays; undefined: any. */
  readonly pinned: string | undefined;
}

/** Asks the nodes for something within the time, signal and node that the call's options say. */
export async function askWithin<T>(parts: ClientParts, options: CallOptions, call: Call<T>): Promise<T> {
  const timeoutMs = timeoutOf(options.timeout, parts.timeoutMs);
  const { signal } = options;
  const terms = { timeoutMs, signal, lifetime: parts.lifetime };
  const node = options.node ?? parts.pinned;
  return inScope(terms, (scope) => askNodes(parts.nodes, scope, { ...call, node }));
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function timeoutOf(input: unknown, byDefault: number): number {
  return input === undefined ? byDefault : asInteger(input, 'timeout', 1, limits.timeoutMsMax);
}
