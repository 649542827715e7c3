import type { NodeData } from './nodeData.js';
import { whenRoom } from './snapshotLoader.js';
import type { Startup } from './startup.js';

const reason = 'the node takes over the snapshot that it has loaded';

/** While it takes over a snapshot, it says so this often: its supervisor ends a node that is silent. */
const beatMs = 10_000;

/** Takes over the snapshot that is staged whole. */
export async function installSnapshot(data: NodeData, startup: Startup): Promise<void> {
  const { time, become, progress, report, signal, onSnapshotTaken } = startup;
  become('loading', reason);
  const { source, checkpoint } = data.keys.staged ?? {};
  const beat = time.every(beatMs, () => progress(reason));
  try {
    await whenRoom({ time, progress, signal }, () => data.install());
  } finally {
    beat.cancel();
  }
  onSnapshotTaken();
  report('info', 'took over a snapshot', {
    from: source?.replica,
    updates: [...(checkpoint?.clock.values() ?? [])].reduce((sum, counter) => sum + counter, 0),
  });
}
