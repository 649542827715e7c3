import type { BatchWrite, WriteOptions } from '../client/nodeClient.js';
import { asKvcError, type KvcError } from '../errors.js';
import { widOf } from './answeredLines.js';
import type { AskedNode, ReadEntry, Written } from './clientNodes.js';
import { isDefinite } from './outcome.js';
import type { Recorder } from './recorder.js';

/** What became of a write, after all attempts. */
export type WriteOutcome =
  | {
      readonly status: 'ok';
      /** Its name; undefined if that is not known. */
      readonly wid: string | undefined;
      /** What was to be deleted where there was nothing to delete. */
      readonly absent: readonly ReadEntry[];
      readonly session: string;
      readonly replica: string;
    }
  | { readonly status: 'fail' | 'info'; readonly error: KvcError };

/** Of one request: what the node may wait for the session, and in all. */
export const deadlines = { timeoutMs: 1000, requestTimeoutMs: 1500 } as const;

export interface WriteOrder {
  readonly writes: readonly BatchWrite[];
  readonly session: string;
  /** A name by which it may be sent again; undefined: it is sent once. */
  readonly requestId: string | undefined;
}

const attemptsMax = 3;

/**
 * Sends a write, and again to other nodes while it is not known whether it happened, if it has a request id. One attempt
 * that may have happened makes it one that may have happened, whatever is said to later ones.
 * @param nextNode - where to send it, for each attempt
 */
export async function sendWrite(
  order: WriteOrder,
  nextNode: () => AskedNode,
  recorder: Recorder,
): Promise<WriteOutcome> {
  let mayHaveHappened = false;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptWrite(order, nextNode(), recorder);
    if (outcome.status === 'ok') return outcome;
    mayHaveHappened ||= outcome.status === 'info';
    const status = mayHaveHappened ? 'info' : 'fail';
    const isOver = outcome.status === 'fail' || order.requestId === undefined || attempt === attemptsMax;
    if (isOver) return { status, error: outcome.error };
    recorder.tally.retried += 1;
  }
}

/** The same write to several nodes at once: it is to happen once. */
export async function sendTwins(
  order: WriteOrder,
  nodes: readonly AskedNode[],
  recorder: Recorder,
): Promise<WriteOutcome> {
  const outcomes = await Promise.all(nodes.map((node) => attemptWrite(order, node, recorder)));
  const good = outcomes.filter((outcome) => outcome.status === 'ok');
  const [first] = good;
  const dots = new Set(good.map(({ wid }) => wid)).size;
  recorder.tally.deduplicated += good.length - dots;
  recorder.tally.twins += Math.max(0, dots - 1);
  return first ?? outcomes.find(({ status }) => status === 'info') ?? (outcomes[0] as WriteOutcome);
}

/** Sends a write that was acknowledged once more: its name must come back, unless another node has taken it anew. */
export async function sendAgain(
  order: WriteOrder,
  node: AskedNode,
  before: string,
  recorder: Recorder,
): Promise<void> {
  const outcome = await attemptWrite(order, node, recorder);
  if (outcome.status !== 'ok') return;
  if (outcome.wid === before) recorder.tally.deduplicated += 1;
  else recorder.tally.twins += 1;
}

async function attemptWrite(order: WriteOrder, node: AskedNode, recorder: Recorder): Promise<WriteOutcome> {
  try {
    const { dot, session, clock, absent = [] } = await send(order, node);
    recorder.answered(clock);
    const wid = dot === null ? undefined : widOf(dot);
    return { status: 'ok', wid, absent, session, replica: node.name };
  } catch (thrown) {
    const error = asKvcError(thrown);
    recorder.failed(error);
    return { status: isDefinite(error) ? 'fail' : 'info', error };
  }
}

/** A write of one value goes the usual way, so that both ways are taken. */
function send({ writes, session, requestId }: WriteOrder, node: AskedNode): Promise<Written> {
  const options: WriteOptions = {
    ...deadlines,
    session,
    ...(requestId === undefined ? {} : { requestId }),
  };
  const [only] = writes;
  const isPlain = writes.length === 1 && only !== undefined && 'value' in only;
  return isPlain ? node.write(only.key, String(only.value), options) : node.batch(writes, options);
}
