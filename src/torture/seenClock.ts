import type { ClockJson } from '../protocol/api.js';

/** Of each replica, the highest counter that any client has been told of. */
export class SeenClock {
  readonly #counters = new Map<string, number>();

  add(clock: ClockJson): void {
    for (const [replica, counter] of Object.entries(clock)) {
      if (counter > (this.#counters.get(replica) ?? 0)) this.#counters.set(replica, counter);
    }
  }

  /**
   * What a client was told of and none of these clocks has. A replica that has left is named by no clock once everybody
   * has all of its updates.
   * @param hasLeft - whether the replica of an id is known to be of the past
   */
  missingFrom(clocks: readonly ClockJson[], hasLeft: (replica: string) => boolean): string[] {
    return [...this.#counters]
      .filter(([replica, counter]) => {
        const held = Math.max(0, ...clocks.map((clock) => clock[replica] ?? 0));
        return held < counter && !(held === 0 && hasLeft(replica));
      })
      .map(([replica, counter]) => `${replica}:${counter}`);
  }
}
