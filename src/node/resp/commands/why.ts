import { formatDot, sameDot } from '../../../core/clock/dot.js';
import { msOfTimestamp } from '../../../core/clock/hybridClock.js';
import type { PendingUpdate } from '../../../core/pendingUpdates.js';
import { dotsOf, isTombstone, type Version } from '../../../core/versions.js';
import type { RunningNode } from '../../../driver/runningNode.js';
import { keyOfBytes } from '../../../protocol/resp/keyBytes.js';
import type { Command } from '../command.js';
import type { Read } from '../plans.js';
import type { Reply } from '../reply.js';

/** Pending updates that are looked through: a full buffer would hold the node up. */
const pendingLookedAtMax = 4096;

export const whyCommands: readonly Command[] = [
  {
    kind: 'read',
    name: 'kvc.why',
    arity: 2,
    keys: [1, 1, 1],
    summary: 'Why a key holds what it does here: its versions, and the updates of it that wait for others',
    parse: ([word]): Read => {
      const key = keyOfBytes(word ?? Buffer.alloc(0));
      return {
        keys: [key],
        read: (view, { node }) => linesReply(explain(node, key, view.versionsWithDots(key))),
      };
    },
  },
];

function linesReply(lines: readonly string[]): Reply {
  return (writer) => {
    writer.array(lines.length);
    for (const line of lines) writer.bulk(line);
  };
}

function explain(node: RunningNode, key: string, versions: readonly Version[]): string[] {
  const held = versions.map((version) => describeVersion(node, version));
  const waiting: string[] = [];
  let looked = 0;
  for (const pending of node.replica.pending.values()) {
    if ((looked += 1) > pendingLookedAtMax) break;
    if (pending.update.operations.some((operation) => operation.key === key)) {
      waiting.push(describePending(pending, node.driver.nowMs()));
    }
  }
  return [
    ...(held.length === 0 ? ['nothing was ever delivered here, or it is forgotten'] : held),
    ...waiting,
  ];
}

function describeVersion({ replica }: RunningNode, version: Version): string {
  const dots = dotsOf(version).map(formatDot).join(', ');
  const at = new Date(msOfTimestamp(version.timestamp)).toISOString();
  const copies = replica.nodesWith(version.dot).join(', ');
  return `${kindOf(version)} ${dots} of ${at}, durable at ${copies === '' ? 'no node yet' : copies}`;
}

function kindOf(version: Version): string {
  if (version.kind !== undefined) return version.kind === 'trace' ? 'removal' : version.kind;
  return isTombstone(version) ? 'tombstone' : 'value';
}

function describePending({ update, missing, sinceMs }: PendingUpdate, nowMs: number): string {
  const { dot } = update;
  const previous = { replica: dot.replica, counter: dot.counter - 1 };
  const why = sameDot(missing, previous) ? 'the one before it' : 'on which it depends';
  return `update ${formatDot(dot)} waits for ${formatDot(missing)}, ${why}, since ${Math.floor(nowMs - sinceMs)} ms`;
}
