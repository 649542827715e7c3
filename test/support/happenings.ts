/** What the faults, clients and operators of a run really did: a test that asserts their absence would otherwise prove nothing. */
export interface Happenings {
  messages: number;
  losses: number;
  duplicates: number;
  reorderings: number;
  crashes: number;
  lostInCrash: number;
  pendings: number;
  refusals: number;
  /** Messages to peers that did not know the replica whose they were. */
  unknown: number;
  contextsWaited: number;
  contextTimeouts: number;
  /** Updates of other origins that were shipped. */
  relayed: number;
  /** The same, of origins that had left. */
  relayedOfLeft: number;
  /** Runs in which cuts stayed for ever, and all got everything all the same. */
  spreadPastCuts: number;
  retries: number;
  /** Retries answered by the dot of another replica's write, and such that were given a dot of their own. */
  retriesKnown: number;
  twins: number;
  requestsExpired: number;
  tombstonesCollected: number;
  requestsForgotten: number;
  /** Updates dropped from a log, while all members had them, and while one lacked them. */
  truncatedStable: number;
  truncatedEarly: number;
  snapshotsLoaded: number;
  /** Snapshots merged into a state that had own updates which the snapshot lacked. */
  snapshotsMerged: number;
  disksLost: number;
  joined: number;
  left: number;
  removed: number;
  closed: number;
  /** Writes that were durable at as many replicas as was asked, and that were not in time. */
  copiesMade: number;
  copiesMissed: number;
  /** Such writes that lived on although the disk of their origin was lost. */
  survivedByCopies: number;
  /** Writes that were lost with the only disk that had them, and requests that were told so. */
  writesLost: number;
  contextsLost: number;
}

export function nothingHappened(): Happenings {
  return {
    messages: 0,
    losses: 0,
    duplicates: 0,
    reorderings: 0,
    crashes: 0,
    lostInCrash: 0,
    pendings: 0,
    refusals: 0,
    unknown: 0,
    contextsWaited: 0,
    contextTimeouts: 0,
    relayed: 0,
    relayedOfLeft: 0,
    spreadPastCuts: 0,
    retries: 0,
    retriesKnown: 0,
    twins: 0,
    requestsExpired: 0,
    tombstonesCollected: 0,
    requestsForgotten: 0,
    truncatedStable: 0,
    truncatedEarly: 0,
    snapshotsLoaded: 0,
    snapshotsMerged: 0,
    disksLost: 0,
    joined: 0,
    left: 0,
    removed: 0,
    closed: 0,
    copiesMade: 0,
    copiesMissed: 0,
    survivedByCopies: 0,
    writesLost: 0,
    contextsLost: 0,
  };
}
