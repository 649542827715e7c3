/** What befell the machines and the network of a run. */
export interface MachineCounts {
  /** Requests that were sent, whether or not they arrived. */
  messages: number;
  answers: number;
  /** Requests and answers, by chance. */
  lost: number;
  /** Requests and answers, by a partition. */
  cut: number;
  duplicated: number;
  /** Requests that arrived after a later one of their link. */
  reordered: number;
  /** Requests and answers that arrived when the sender had given up. */
  late: number;
  timeouts: number;
  boots: number;
  /** The machine lost its power. */
  crashes: number;
  /** Those that came in the middle of what the process did, by `crashAt`. */
  crashesWithin: number;
  /** The process ended; what it had written stayed. */
  kills: number;
  pauses: number;
  wipes: number;
  skews: number;
  syncs: number;
  /** Files that lost something of what was written and not synced, those within one write, and names. */
  lostWrites: number;
  tornWrites: number;
  lostNames: number;
  fullWrites: number;
  damagedFiles: number;
  checkpoints: number;
}

export function noMachineCounts(): MachineCounts {
  return {
    messages: 0,
    answers: 0,
    lost: 0,
    cut: 0,
    duplicated: 0,
    reordered: 0,
    late: 0,
    timeouts: 0,
    boots: 0,
    crashes: 0,
    crashesWithin: 0,
    kills: 0,
    pauses: 0,
    wipes: 0,
    skews: 0,
    syncs: 0,
    lostWrites: 0,
    tornWrites: 0,
    lostNames: 0,
    fullWrites: 0,
    damagedFiles: 0,
    checkpoints: 0,
  };
}
