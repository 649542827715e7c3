import { expect, it } from 'vitest';
import { violationKind } from '../../src/simulate/violationKind.js';

it('is the same for the same failure of other replicas, writes and values', () => {
  const [one, other] = ['node1 shows node2:2 before node3:1', 'node3.k3x9fa shows node1:7 before node2:4'];
  expect(violationKind(one)).toBe(violationKind(other));
  expect(violationKind('node1 has a as node1:1=3.0 node2:1=4.0, not as node2:1=4.0')).toBe(
    violationKind('node2 has a as node3:5=7.1, not as node3:5=7.1 node1:1=deleted'),
  );
  expect(violationKind('what clients saw violates CC (WriteCORead): session s1 read x')).toBe(
    violationKind('what clients saw violates CC (WriteCORead): session s2 read y'),
  );
  expect(violationKind('the replicas did not converge\n  node1 (stays) is down')).toBe(
    violationKind('the replicas did not converge\n  node2 (stays) shows {}'),
  );
});

it('is another one for another failure', () => {
  const kinds = [
    'node1 shows node2:2 before node3:1',
    'node1 shows node2:2, which nobody wrote',
    'node1:3 was acknowledged and is lost',
    'node1 serves a session without node2:3',
    'what clients saw violates CC (WriteCORead): session s1 read x',
    'what clients saw violates CCv (CyclicCF): session s1 read x',
  ].map(violationKind);
  expect(new Set(kinds).size).toBe(kinds.length);
});
