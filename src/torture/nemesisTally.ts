/** What the nemesis did, each counted only when it was seen to have happened. */
export interface NemesisTally {
  /** By SIGKILL: nodes that stayed down for a while, and nodes that their supervisor brought back. */
  kills: number;
  crashes: number;
  pauses: number;
  pausedMs: number;
  partitions: number;
  /** Sets of lossy or clogged links. */
  packets: number;
  /** Nodes that came back without their data, as another replica. */
  disksLost: number;
  /** Torn ends that a node cut off its log. */
  tailsCut: number;
  /** Changed bytes that a node noticed: it became another replica, or cut them off. */
  flipsNoticed: number;
  /** Changed bytes that did not matter: what they were part of was not needed any more. */
  flipsHarmless: number;
  clockSteps: number;
  added: number;
  removed: number;
  /** Replicas that a node became because it could not go on as the one that it was. */
  incarnations: number;
}

export function newTally(): NemesisTally {
  return {
    kills: 0,
    crashes: 0,
    pauses: 0,
    pausedMs: 0,
    partitions: 0,
    packets: 0,
    disksLost: 0,
    tailsCut: 0,
    flipsNoticed: 0,
    flipsHarmless: 0,
    clockSteps: 0,
    added: 0,
    removed: 0,
    incarnations: 0,
  };
}
