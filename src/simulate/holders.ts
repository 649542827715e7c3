import type { ReplicaDisk } from './replicaDisk.js';
import type { World } from './world.js';

/** What is on all the disks that count, but for one: those that are whole, of nodes that are not to be thrown away. */
export function holders({ nodes }: Pick<World, 'nodes'>, except?: ReplicaDisk): ReplicaDisk[] {
  return nodes
    .filter(({ fate }) => fate === 'stays' || fate === 'leaves')
    .flatMap(({ judge }) => judge.disk ?? [])
    .filter((disk) => disk !== except && !disk.isDamaged);
}
