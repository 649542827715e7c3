import { formatDot, type Dot } from '../core/clock/dot.js';
import { containsDot, type VersionVector } from '../core/clock/versionVector.js';
import type { ReplicaId } from '../core/ids.js';
import type { DotText } from './acceptedWrite.js';
import type { CausalOracle } from './causalOracle.js';

/** What is on the disk of a replica that counts: that is not lost, and not about to be thrown away. */
export interface Holder {
  readonly self: ReplicaId;
  readonly durable: VersionVector;
}

/**
 * Judges what may be lost: a write may go with a disk if no other disk held it at that moment, and in no other way. It
 * need not go even then, for it may be under way to somebody.
 */
export class Survival {
  readonly #oracle: CausalOracle;
  readonly #excused = new Set<DotText>();
  /** What was on the disks that are lost. */
  readonly #lost: Holder[] = [];

  constructor(oracle: CausalOracle) {
    this.#oracle = oracle;
  }

  /** How many writes may be lost. */
  get excused(): number {
    return this.#excused.size;
  }

  isExcused(dot: Dot): boolean {
    return this.#excused.has(formatDot(dot));
  }

  /** @returns how many writes nobody else has. */
  lose(disk: Holder, others: readonly Holder[]): number {
    this.#lost.push({ self: disk.self, durable: new Map(disk.durable) });
    const before = this.#excused.size;
    for (const { update } of this.#oracle) {
      const { dot } = update;
      const wasThere = dot.replica === disk.self || containsDot(disk.durable, dot);
      if (wasThere && !others.some(({ durable }) => containsDot(durable, dot)))
        this.#excused.add(formatDot(dot));
    }
    return this.#excused.size - before;
  }

  /** A replica says that so many have a write. It may count some that lost their disk meanwhile. */
  checkCopies(dot: Dot, replicas: number, holders: readonly Holder[]): void {
    const having = [...holders, ...this.#lost].filter(({ durable }) => containsDot(durable, dot));
    const copies = new Set(having.map(({ self }) => self)).size;
    if (copies >= replicas) return;
    this.#oracle.violations.push(
      `${formatDot(dot)} is said to be at ${replicas} replicas, but is at ${copies}`,
    );
  }

  /** A replica that leaves says that another one has all that it has. */
  checkHandedOver(disk: Holder, others: readonly Holder[]): void {
    const receivers = [...others, ...this.#lost].filter(({ self }) => self !== disk.self);
    for (const { update } of this.#oracle) {
      const { dot } = update;
      const isThere = containsDot(disk.durable, dot) && !this.isExcused(dot);
      if (!isThere || receivers.some(({ durable }) => containsDot(durable, dot))) continue;
      this.#oracle.violations.push(`${disk.self} left without handing over ${formatDot(dot)}`);
    }
  }

  /** In the end all replicas show exactly this. */
  checkEnd(shown: VersionVector): void {
    for (const { update } of this.#oracle) {
      const { dot } = update;
      if (containsDot(shown, dot) || this.isExcused(dot)) continue;
      this.#oracle.violations.push(
        `${formatDot(dot)} is lost, although there was always a disk that held it`,
      );
    }
  }
}
