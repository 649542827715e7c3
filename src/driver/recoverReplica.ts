import { counterOf } from '../core/clock/versionVector.js';
import type { DeliveredFacts } from '../core/delivery.js';
import { firstReplicaId } from '../core/ids.js';
import { Replica } from '../core/replica.js';
import type { NodeLimits } from '../protocol/nodeLimits.js';
import type { NodeConfig } from '../protocol/nodeMessages.js';
import { hasPeers, type NodeData } from './nodeData.js';
import { ownAddress } from './ownPort.js';
import { replicaLimitsOf } from './replicaLimits.js';

/**
 * Builds the replica from what is stored.
 * @param facts - of the keys as they are now
 * @returns it, and how many updates of the log the keys lacked
 */
export async function recoverReplica(
  config: NodeConfig,
  limits: NodeLimits,
  { replica: self, log, keys }: NodeData,
  facts: DeliveredFacts,
  random: () => number,
): Promise<{ readonly replica: Replica; readonly replayed: number }> {
  const { founders, self: name, delivery, hasServed } = config;
  // A node that is alone, and begins again without the data of its former self, founds the cluster anew.
  const isAlone = !hasPeers(config) || (hasServed && counterOf(facts.clock, self) === 0);
  const isKnown = facts.members.length > 0 || self === firstReplicaId(name);
  const replica = new Replica(
    {
      self,
      founders: isAlone && !isKnown ? [self] : founders.map(firstReplicaId),
      address: ownAddress(config),
      delivery,
      random,
      limits: replicaLimitsOf(limits),
    },
    { history: log, keys, requests: keys.requests },
    facts,
  );
  let replayed = 0;
  for await (const update of log.replay(facts.clock)) {
    replica.replay(update);
    replayed += 1;
  }
  return { replica, replayed };
}
