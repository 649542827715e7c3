import type { Effect } from '../../../src/core/step.js';
import type { MemberChange } from '../../../src/core/update.js';
import { dot, vector } from '../../support/builders.js';
import type { StepDriver } from '../../support/stepDriver.js';

/** The changes of members in an update of this history. */
export function changesOf(a: StepDriver, name: string): readonly MemberChange[] | undefined {
  const { replica, counter } = dot(name);
  const found = a.history.updates.find(
    (each) => each.dot.replica === replica && each.dot.counter === counter,
  );
  return found?.memberChanges;
}

/** Peers that say they have this durably. */
export function hear(a: StepDriver, clock: Readonly<Record<string, number>>, peers = ['b', 'c']): Effect[] {
  return peers.flatMap((peer) => a.receive(peer, [], vector(clock)));
}
