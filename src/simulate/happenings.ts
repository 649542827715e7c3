/** What can go wrong in a run, or is changed in it from without. */
export const faultKinds = [
  'message lost',
  'message repeated',
  'message overtaken',
  'answer too late',
  'link cut',
  'link slowed',
  'node paused',
  'crash',
  'crash between two effects',
  'unsynced write lost',
  'write torn',
  'unsynced name lost',
  'clean restart',
  'disk lost',
  'log damaged',
  'store damaged',
  'clock set',
  'node joined',
  'node left',
  'node removed',
] as const;

/**
 * What must happen somewhere in a long series of runs: else its judges may have had nothing to judge, and their silence
 * would prove nothing.
 */
export const marks = [
  'sibling',
  'pending update',
  'pending update refused',
  'session waited',
  'session timed out',
  'session told of a loss',
  'several keys read at once',
  'relay',
  'relay for a node that left',
  'spread past cuts',
  'retry sent',
  'retry recognised',
  'retry with a dot of its own',
  'request id expired',
  'request id forgotten',
  'tombstone collected',
  'copies made',
  'copies not made in time',
  'write saved by its copies',
  'unflushed write lost',
  'torn tail cut',
  'log truncated',
  'snapshot taken',
  'snapshot merged',
  'store rebuilt',
  'incarnation',
  'write lost with its disk',
  'peer did not know the sender',
  'end of a history settled',
  'counter merged',
  'increment lost to a delete',
  'concurrent add and removal',
  'value expired by its origin',
  'value expired by another node',
  'condition failed',
  'created at two nodes',
] as const;

export type FaultKind = (typeof faultKinds)[number];
export type Mark = (typeof marks)[number];

/** How often each thing happened. */
export type Happenings = Record<FaultKind | Mark, number>;

export function nothingHappened(): Happenings {
  return Object.fromEntries([...faultKinds, ...marks].map((kind) => [kind, 0])) as Happenings;
}

export function addHappenings(target: Happenings, added: Readonly<Happenings>): void {
  for (const kind of [...faultKinds, ...marks]) target[kind] += added[kind];
}
