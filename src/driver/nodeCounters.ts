import type { CountersJson } from '../protocol/inspectApi.js';
import type { RunningNode } from './runningNode.js';

export const noCounts: CountersJson = {
  delivered: 0,
  duplicates: 0,
  relayed: 0,
  turned_away: 0,
  snapshots_given: 0,
  snapshots_taken: 0,
};

/** What a node has counted since its process started: before its replica was last built anew, and since. */
export function countersOf({ counted, replica, driver, snapshots }: RunningNode): CountersJson {
  const { delivered, duplicates, relayed } = replica.counters;
  return {
    delivered: counted.delivered + delivered,
    duplicates: counted.duplicates + duplicates,
    relayed: counted.relayed + relayed,
    turned_away: counted.turned_away + driver.overload.turnedAway,
    snapshots_given: counted.snapshots_given + snapshots.given,
    snapshots_taken: counted.snapshots_taken,
  };
}
