import type { HistoryLine } from '../check/historyLine.js';
import { asKvcError } from '../errors.js';
import { readFields } from './answeredLines.js';
import type { Recorder } from './recorder.js';
import { pause, serveMsMax } from './stage.js';
import type { TortureCluster } from './tortureCluster.js';

const keysAtOnce = 100;
const pauseMs = 100;

/**
 * Reads every key that was ever written to at every node, when all have the same. Each node's reads are a session of
 * their own, which has seen nothing before: what it gets is what the node ended with.
 * @throws KvcError if a node goes on not answering
 */
export async function readFinally(
  cluster: TortureCluster,
  recorder: Recorder,
  signal: AbortSignal,
): Promise<void> {
  const keys = [...new Set(recorder.lines.flatMap(keysOf))].sort();
  for (const replica of cluster.nodeNames()) {
    for (let from = 0; from < keys.length; from += keysAtOnce) {
      const start = recorder.now();
      const { entries } = await readMany(cluster, replica, keys.slice(from, from + keysAtOnce), signal);
      const common = { session: `final.${replica}`, type: 'read', start, end: recorder.now() } as const;
      for (const entry of entries) {
        recorder.lines.push({ ...common, ...readFields(entry), status: 'ok', final: true, replica });
      }
    }
  }
}

/** A node that is level may still be about to put a snapshot in its place that it had asked for before. */
async function readMany(cluster: TortureCluster, node: string, keys: readonly string[], signal: AbortSignal) {
  const deadlineMs = performance.now() + serveMsMax;
  for (;;) {
    try {
      return await cluster.client(node).readMany(keys);
    } catch (error) {
      if (!asKvcError(error).retryable || performance.now() > deadlineMs) throw error;
      await pause(pauseMs, signal);
      signal.throwIfAborted();
    }
  }
}

function keysOf(line: HistoryLine): string[] {
  return (line.ops ?? [line]).flatMap(({ type, key }) => (type === 'read' || key === undefined ? [] : [key]));
}
