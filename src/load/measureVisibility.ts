import { benchKey } from './benchRequests.js';
import type { BenchNode } from './benchNodes.js';
import type { BenchVisibilityJson } from './benchReport.js';
import { ConnectionPool } from './connectionPool.js';
import { Histogram } from './histogram.js';
import { answerMsMax, latencyOf, requireWanted, type Watched } from './measureWork.js';
import { readableAfterMs, writeAlone, type Asked } from './visibility.js';

const progressMs = 250;

/**
 * One write after the other, in turn at each node and looked for at the next one; nothing else is going on meanwhile.
 * @param nodes - at least two
 * @throws KvcError what a node answers, KVC_E_NODE_UNREACHABLE, KVC_E_ABORTED
 */
export async function measureVisibility(
  nodes: readonly BenchNode[],
  { keys, valueBytes }: { readonly keys: number; readonly valueBytes: number },
  { seconds, signal, onProgress }: Watched & { readonly seconds: number },
): Promise<BenchVisibilityJson> {
  const asked = nodes.map(({ name, port }): Asked => ({ port, pool: new ConnectionPool(port, name) }));
  const closeAll = (): void => {
    for (const { pool } of asked) pool.close();
  };
  const lags = new Histogram();
  const beganMs = performance.now();
  const giveUp = setTimeout(closeAll, seconds * 1000 + answerMsMax);
  const ticks = setInterval(() => onProgress?.(lags.count, performance.now() - beganMs), progressMs);
  try {
    const value = 'x'.repeat(valueBytes);
    for (let index = 0; performance.now() < beganMs + seconds * 1000; index += 1) {
      requireWanted(signal);
      const [writer, reader] = [at(asked, index), at(asked, index + 1)];
      const key = benchKey(index % keys);
      lags.record(await readableAfterMs(reader, key, await writeAlone(writer, key, value)));
    }
  } finally {
    clearTimeout(giveUp);
    clearInterval(ticks);
    closeAll();
  }
  return { samples: lags.count, ...latencyOf(lags) };
}

function at(asked: readonly Asked[], index: number): Asked {
  const one = asked[index % asked.length];
  if (one === undefined) throw new RangeError('there is no node');
  return one;
}
