import { fileURLToPath } from 'node:url';
import { loadForkNode } from '../../src/cluster/forkedNode.js';
import { TemporaryCluster, type TemporaryClusterOptions } from '../../src/cluster/temporaryCluster.js';

const entry = { path: fileURLToPath(new URL('./standInNode.mjs', import.meta.url)), execArgv: [] };

export interface StandIns {
  readonly cluster: TemporaryCluster;
  /** Of the processes that were forked last. */
  readonly pids: Readonly<Record<string, number>>;
}

type Options = Omit<TemporaryClusterOptions, 'request' | 'forkNode'> & { readonly nodes: number };

/** A temporary cluster whose nodes start at once (standInNode.mjs). */
export async function startStandIns({ nodes, ...options }: Options): Promise<StandIns> {
  const forkNode = await loadForkNode();
  const pids: Record<string, number> = {};
  const cluster = await TemporaryCluster.start({
    ...options,
    request: { name: 'standins', nodes },
    forkNode: (forkOptions) => {
      const forked = forkNode({ ...forkOptions, entry });
      if (forked.pid !== undefined) pids[forkOptions.config.self] = forked.pid;
      return forked;
    },
  });
  return { cluster, pids };
}
