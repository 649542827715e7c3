import { expect } from 'vitest';
import {
  counterOf,
  covers,
  mergeVectors,
  type VersionVector,
} from '../../../src/core/clock/versionVector.js';
import type { ReplicaId } from '../../../src/core/ids.js';
import type { Update } from '../../../src/core/update.js';
import type { UpdateLog } from '../../../src/storage/updateLog.js';
import { collect } from '../updates.js';

/** What a log holds, as dumb as can be: a list. Where a log may choose, it follows the log, if that keeps to the rules. */
export class LogModel {
  held: Update[] = [];
  clock: VersionVector = new Map();
  start: VersionVector = new Map();

  append(update: Update): void {
    this.held.push(update);
    this.clock = new Map(this.clock).set(update.dot.replica, update.dot.counter);
  }

  jump(to: VersionVector): void {
    for (const [origin, counter] of to) {
      if (counter <= counterOf(this.clock, origin)) continue;
      this.clock = new Map(this.clock).set(origin, counter);
      this.#forget(origin, counter);
    }
  }

  /** A log drops as much of what is covered as it can do at once: no more, and nothing that it held before. */
  truncate(covered: VersionVector, start: VersionVector): void {
    expect(covers(start, this.start)).toBe(true);
    for (const [origin, counter] of start) {
      if (counter === counterOf(this.start, origin)) continue;
      expect(counter).toBeLessThanOrEqual(counterOf(covered, origin));
      this.#forget(origin, counter);
    }
  }

  /** The log holds exactly what the model does. All must be durable. */
  async expectSame(log: UpdateLog): Promise<void> {
    expect({ clock: log.clock, start: log.start }).toEqual({ clock: this.clock, start: this.start });
    expect(log.stats().updates).toBe(this.held.length);
    expect(await collect(log.replay(this.start))).toEqual(this.held);
    for (const origin of this.clock.keys()) await this.expectSameOf(log, origin);
  }

  async expectSameOf(log: UpdateLog, origin: ReplicaId): Promise<void> {
    const expected = this.held.filter(({ dot }) => dot.replica === origin);
    const [gone, last] = [counterOf(this.start, origin), counterOf(this.clock, origin)];
    expect(await log.read(origin, gone + 1, last, 1e9)).toEqual(expected);
    for (const update of expected) {
      expect(log.conflicts(update)).toBe(false);
      expect(log.conflicts({ ...update, timestamp: update.timestamp + 1 })).toBe(true);
    }
    if (gone === 0) return;
    await expect(log.read(origin, gone, last, 1e9)).rejects.toMatchObject({ code: 'KVC_E_LOG_TRUNCATED' });
    expect(log.conflicts({ ...unknown, dot: { replica: origin, counter: gone } })).toBe(false);
  }

  #forget(origin: ReplicaId, counter: number): void {
    this.start = mergeVectors(this.start, new Map([[origin, counter]]));
    this.held = this.held.filter(({ dot }) => dot.replica !== origin || dot.counter > counter);
  }
}

const unknown = { dependencies: new Map<ReplicaId, number>(), timestamp: 1, operations: [] };
