import { describe, expect, it } from 'vitest';
import type { NodeState } from '../../src/cluster/controlApi.js';
import { explainPending } from '../../src/view/explainPending.js';
import type { NodeView } from '../../src/view/clusterView.js';
import {
  delayFault,
  dropFault,
  holdFault,
  partitionFault,
  peerOf,
  pendingB,
  runningNode,
  silentNode,
  viewOf,
} from './clusterViews.js';

/** node3 has b=2 from node2:1 pending, which misses node1:1. */
const node3 = runningNode('node3', { pending: [pendingB], pending_total: 1 });
const hasWritten = { clock: { node1: 1 } };

function explain(origin: NodeView | undefined, faults = [] as Parameters<typeof viewOf>[1]) {
  const nodes = [...(origin === undefined ? [] : [origin]), node3];
  return explainPending(node3, pendingB, viewOf(nodes, faults));
}

describe('explainPending', () => {
  it('blames the delay that stands on the link from the origin', () => {
    expect(explain(runningNode('node1', hasWritten), [delayFault])).toEqual({
      reason: 'delayed',
      text: 'which fault f1 holds back on node1 → node3',
      faultId: 'f1',
    });
  });

  it('blames a hold before a delay, for it alone stops the update for good, and says how to step it', () => {
    const explanation = explain(runningNode('node1', hasWritten), [delayFault, holdFault]);
    expect(explanation).toMatchObject({ reason: 'held', faultId: 'f2' });
    expect(explanation.text).toContain('kvc step node1:node3');
  });

  it('blames a partition that cuts the link, before all else', () => {
    const faults = [holdFault, delayFault, dropFault(100), partitionFault];
    expect(explain(runningNode('node1', hasWritten), faults)).toEqual({
      reason: 'partitioned',
      text: 'which fault f3 cuts on node1 → node3',
      faultId: 'f3',
    });
  });

  it('blames a drop, and says that the update is sent again', () => {
    expect(explain(runningNode('node1', hasWritten), [dropFault(20)])).toEqual({
      reason: 'dropped',
      text: 'which fault f4 drops (20%) on node1 → node3, it is sent again',
      faultId: 'f4',
    });
  });

  it('blames a delay before a drop, unless the drop lets nothing through', () => {
    const origin = runningNode('node1', hasWritten);
    expect(explain(origin, [dropFault(20), delayFault]).reason).toBe('delayed');
    expect(explain(origin, [delayFault, holdFault, dropFault(100)]).reason).toBe('dropped');
  });

  it('blames neither what sends messages twice nor what lets others overtake', () => {
    const faults = [dropFault(100, 'duplicate'), dropFault(100, 'reorder')];
    expect(explain(runningNode('node1', hasWritten), faults).reason).toBe('not-sent-yet');
  });

  it('knows rules that the node has and the supervisor has not', () => {
    const rule = {
      id: 'node1-f7',
      source: 'node1',
      target: 'node3',
      expires_at_ms: null,
      seed: 7,
      kind: 'hold' as const,
    };
    expect(explain(runningNode('node1', { ...hasWritten, faults: [rule] }))).toMatchObject({
      reason: 'held',
      faultId: 'node1-f7',
    });
  });

  it('does not blame faults on other links', () => {
    const elsewhere = { ...delayFault, links: [{ source: 'node3', target: 'node1' }] };
    expect(explain(runningNode('node1', hasWritten), [elsewhere]).reason).toBe('not-sent-yet');
  });

  it.each<[NodeState | 'unresponsive', string, RegExp]>([
    ['killed', 'origin-stopped', /kvc restart node1/],
    ['paused', 'origin-stopped', /kvc resume node1/],
    ['failed', 'origin-stopped', /kvc logs node1/],
    ['restarting', 'origin-stopped', /will send when it is up/],
    ['unresponsive', 'origin-silent', /does not answer/],
  ])('blames an origin that is %s, even if a fault stands too', (state, reason, text) => {
    const explanation = explain(silentNode('node1', state), [delayFault]);
    expect(explanation).toMatchObject({ reason, faultId: null });
    expect(explanation.text).toMatch(text);
  });

  it('says that the origin has no such update', () => {
    const explanation = explain(runningNode('node1'), [delayFault]);
    expect(explanation.reason).toBe('no-such-update');
    expect(explanation.text).toContain('does not exist');
  });

  it('says that no node of that name exists', () => {
    expect(explain(undefined).reason).toBe('origin-unknown');
  });

  it('gives the reason why the link backs off', () => {
    const peers = [peerOf('node3', { state: 'backing-off', error: 'refused the connection', unacked: 1 })];
    expect(explain(runningNode('node1', { ...hasWritten, peers }))).toMatchObject({
      reason: 'backing-off',
      text: 'which node1 tries to send again: refused the connection',
    });
  });

  it('tells what is on its way from what was not sent', () => {
    const inFlight = [peerOf('node3', { in_flight: 1, unacked: 1 })];
    expect(explain(runningNode('node1', { ...hasWritten, peers: inFlight })).reason).toBe('in-flight');
    const idle = [peerOf('node3', { unacked: 1 })];
    expect(explain(runningNode('node1', { ...hasWritten, peers: idle })).reason).toBe('not-sent-yet');
  });

  it('names the loss when the origin was told that the update is durable here', () => {
    const peers = [peerOf('node3', { acked: { node1: 1 } })];
    expect(explain(runningNode('node1', { ...hasWritten, peers })).reason).toBe('acknowledged-but-missing');
  });

  it('sees that the missing update is pending itself', () => {
    const missing = { node: 'node2', counter: 1 };
    const second = { ...pendingB, dot: { node: 'node2', counter: 2 }, missing };
    expect(explainPending(node3, second, viewOf([node3])).reason).toBe('pending-too');
  });

  it('sees that the missing update arrived between two answers', () => {
    const caughtUp = runningNode('node3', { clock: { node1: 1 } });
    expect(explainPending(caughtUp, pendingB, viewOf([caughtUp])).reason).toBe('delivered-since');
  });

  it('names the loss when a node misses an update of its own', () => {
    const own = { ...pendingB, missing: { node: 'node3', counter: 4 } };
    expect(explainPending(node3, own, viewOf([node3])).reason).toBe('own-write-lost');
  });
});
