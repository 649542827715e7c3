import type { NodeName } from '../../src/core/ids.js';
import { KvcError } from '../../src/errors.js';
import type { FaultKind } from '../../src/protocol/faultsApi.js';
import type { ReplicateAnswer, ReplicateMessage } from '../../src/protocol/replicateMessage.js';
import { SeededChance } from '../../src/transport/seededChance.js';
import type { Transport } from '../../src/transport/transport.js';
import { answerWith } from './messages.js';

/** Notes what leaves, as `node2:1+2` for a message with node1:1 and node1:2, and answers with its last counter. */
export class RecordingTransport implements Transport {
  readonly left: string[] = [];
  isClosed = false;
  answer = (counters: readonly number[]): Promise<ReplicateAnswer> =>
    Promise.resolve(answerWith(counters.at(-1) ?? 0));

  send(peer: NodeName, sent: ReplicateMessage): Promise<ReplicateAnswer> {
    const counters = sent.updates.map(({ dot }) => dot.counter);
    this.left.push(`${peer}:${counters.join('+')}`);
    return this.answer(counters);
  }

  fetchSnapshot(peer: NodeName): Promise<never> {
    this.left.push(`${peer}:snapshot`);
    return Promise.reject(new KvcError('KVC_E_SNAPSHOT_GONE', 'there is none'));
  }

  join(peer: NodeName): Promise<void> {
    this.left.push(`${peer}:join`);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }
}

/** What chance decides of the first messages from node1 to node2. */
export function draws(seed: number, kind: FaultKind, count: number): number[] {
  const chance = new SeededChance({ seed, kind, source: 'node1', target: 'node2' });
  return Array.from({ length: count }, () => chance.next());
}

/** The first seed of which chance makes what is wanted of the first messages from node1 to node2. */
export function seedWhere(
  kind: FaultKind,
  count: number,
  isWanted: (draws: readonly number[]) => boolean,
): number {
  for (let seed = 0; seed < 100_000; seed += 1) if (isWanted(draws(seed, kind, count))) return seed;
  throw new Error('no seed does that');
}
