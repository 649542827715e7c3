import { randomUUID } from 'node:crypto';
import { hasCode, type KvcError } from '../../errors.js';
import type { BatchResponseJson, BatchWriteJson } from '../../protocol/api.js';
import { contextOf } from './checkOptions.js';
import { askWithin, type ClientParts } from './clientParts.js';
import type { Written } from './entry.js';
import type { WriteCallOptions } from './options.js';

export interface Committed {
  readonly node: string;
  readonly answer: BatchResponseJson;
}

/**
 * Writes as one update of the session. Each attempt has the same request id and the same session, so that it is the same write
 * wherever it arrives.
 */
export async function commitWrites(
  parts: ClientParts,
  writes: readonly BatchWriteJson[],
  options: WriteCallOptions,
  first?: string,
): Promise<Committed> {
  const beganMs = performance.now();
  try {
    return await commitOnce(parts, writes, options, first);
  } catch (error) {
    if (!hasCode(error, 'KVC_E_REQUEST_EXPIRED') || !isClockWrong(parts, error, beganMs)) throw error;
    return commitOnce(parts, writes, options, first);
  }
}

/** What the session has written, for its client. */
export function writtenOf({ session }: ClientParts, { node, answer }: Committed): Written {
  return { dot: answer.dot, node, token: session.token };
}

async function commitOnce(
  parts: ClientParts,
  writes: readonly BatchWriteJson[],
  options: WriteCallOptions,
  first: string | undefined,
): Promise<Committed> {
  const terms = {
    ...conditionsOf(options, parts.nodes.clusterId),
    session: parts.session.token,
    requestId: newRequestId(parts),
  };
  const committed = await askWithin(parts, options, {
    kind: 'write',
    first,
    attempt: async (node, left): Promise<Committed> => {
      const answer = await node.batch(writes, { ...terms, ...left() });
      return { node: node.name, answer };
    },
  });
  parts.session.advance(committed.answer.session);
  return committed;
}

function conditionsOf({ replicas, create, ifContext }: WriteCallOptions, clusterId: string) {
  return {
    ...(replicas === undefined ? {} : { replicas }),
    ...(create === undefined ? {} : { ifAbsent: create }),
    ...(ifContext === undefined ? {} : { ifContext: contextOf(ifContext, clusterId) }),
  };
}

function newRequestId({ nodes }: ClientParts): string {
  return `${String(Math.round(nodes.nowMs)).padStart(13, '0')}-${randomUUID()}`;
}

/**
 * Whether the node found a new id too old or of the future, which only wrong clocks explain; then it is corrected. The time that
 * the call took is none of the clock's fault.
 */
function isClockWrong({ nodes }: ClientParts, error: KvcError, beganMs: number): boolean {
  const ageMs = error.facts['age_ms'];
  if (typeof ageMs !== 'number') return false;
  nodes.correctClock(ageMs - (ageMs > 0 ? performance.now() - beganMs : 0));
  return true;
}
