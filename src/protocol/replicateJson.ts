import { formatDot } from '../core/clock/dot.js';
import type { NodeName } from '../core/ids.js';
import { sameUpdate, type Update } from '../core/update.js';
import { KvcError } from '../errors.js';
import { clockText, encodeDot, parseClock } from './clockJson.js';
import { asArray, asBoolean, asInteger, asObject } from './fields.js';
import { limits } from './limits.js';
import { parseNodeName, parseReplicaId } from './names.js';
import type { ReplicateAnswer, ReplicateMessage } from './replicateMessage.js';
import { parseUpdate, updateText } from './updateJson.js';

/** The JSON text of a replication message (`ReplicateRequestJson`), put together from the texts of its updates. */
export function replicateRequestText(message: ReplicateMessage): string {
  const updates = message.updates.map(updateText).join(',');
  const { from, clock, unreached, offersSnapshot } = message;
  const gaps = unreached.length === 0 ? '' : `,"unreached":${JSON.stringify(unreached)}`;
  const offer = offersSnapshot ? ',"snapshot":true' : '';
  return `{"from":"${from}","clock":${clockText(clock)}${gaps}${offer},"updates":[${updates}]}`;
}

/**
 * A replication message that arrives from outside. An update may be in it twice, but not two updates of one dot.
 * @throws KvcError KVC_E_DOT_REUSED, KVC_E_MESSAGE_TOO_LARGE beyond `replicateUpdatesMax`, or the error of an update
 */
export function parseReplicateRequest(input: unknown): ReplicateMessage {
  const fields = asObject(input, 'body', ['from', 'clock', 'unreached', 'snapshot', 'updates']);
  const from = parseReplicaId(fields.from, 'from');
  const clock = parseClock(fields.clock, 'clock');
  const items = asArray(fields.updates, 'updates');
  if (items.length > limits.replicateUpdatesMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `updates has ${items.length} updates; at most ${limits.replicateUpdatesMax} are allowed in one message`,
      { field: 'updates', limit: limits.replicateUpdatesMax },
    );
  }
  const updates = items.map((item, index) => parseUpdate(item, `updates[${index}]`));
  requireDotsOnce(updates);
  const unreached = parseNodeNames(fields.unreached ?? [], 'unreached');
  const offersSnapshot = asBoolean(fields.snapshot ?? false, 'snapshot');
  return { from, clock, unreached, offersSnapshot, updates };
}

/** The JSON text of the acknowledgement (`ReplicateResponseJson`). */
export function replicateAnswerText(answer: ReplicateAnswer): string {
  const { from, clock, received, refused, unreached } = answer;
  return `{"from":"${from}","clock":${clockText(clock)},"received":${clockText(received)},"refused":${refused},"unreached":${JSON.stringify(unreached)}}`;
}

/** @throws KvcError KVC_E_BAD_REQUEST */
export function parseReplicateAnswer(input: unknown): ReplicateAnswer {
  const fields = asObject(input, 'answer', ['from', 'clock', 'received', 'refused', 'unreached']);
  return {
    from: parseReplicaId(fields.from, 'from'),
    clock: parseClock(fields.clock, 'clock'),
    received: parseClock(fields.received, 'received'),
    refused: asInteger(fields.refused, 'refused', 0, Number.MAX_SAFE_INTEGER),
    unreached: parseNodeNames(fields.unreached, 'unreached'),
  };
}

function parseNodeNames(input: unknown, field: string): NodeName[] {
  const items = asArray(input, field);
  if (items.length > limits.vectorEntriesMax) {
    throw new KvcError(
      'KVC_E_MESSAGE_TOO_LARGE',
      `${field} has ${items.length} names; at most ${limits.vectorEntriesMax} are allowed`,
      { field, limit: limits.vectorEntriesMax },
    );
  }
  return items.map((item, index) => parseNodeName(item, `${field}[${index}]`));
}

/** @throws KvcError KVC_E_DOT_REUSED for two updates of one dot; one that is there twice is fine */
export function requireDotsOnce(updates: readonly Update[]): void {
  const byDot = new Map<string, Update>();
  for (const update of updates) {
    const name = formatDot(update.dot);
    const other = byDot.get(name);
    if (other === undefined) byDot.set(name, update);
    else if (!sameUpdate(other, update)) {
      throw new KvcError(
        'KVC_E_DOT_REUSED',
        `the message has two different updates of dot ${name}; a dot names one write for ever`,
        { dot: encodeDot(update.dot) },
      );
    }
  }
}
