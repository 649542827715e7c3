import { describe, expect, it } from 'vitest';
import { inspectText } from '../../src/view/inspectText.js';
import { plainPaint } from '../../src/view/style.js';
import { delayFault, peerOf, pendingB, runningNode, silentNode, viewOf } from './clusterViews.js';

describe('inspectText', () => {
  it('shows the clock, and what is pending with what it waits for, since when and why', () => {
    const node1 = runningNode('node1', { clock: { node1: 1 } });
    const node3 = runningNode('node3', { pending: [pendingB], pending_total: 1 });
    const lines = inspectText(node3, viewOf([node1, node3], [delayFault]), plainPaint).split('\n');
    expect(lines.slice(0, 2)).toEqual([
      'node3  running  clock {}  keys 0',
      'pending (1)  b=2 from node2:1, waiting 3.1s for node1:1, which fault f1 holds back on node1 → node3',
    ]);
  });

  it('shows what a pending update does to counters and sets, and what it makes expire', () => {
    const operations = [
      { key: 'n', value: '2', change: 'increment' },
      { key: 'n', value: '-2', change: 'increment' },
      { key: 'tags', value: 'x', change: 'add' },
      { key: 'tags', value: 'x', change: 'remove' },
      { key: 'b', value: 'node3:1', change: 'expire' },
    ] as const;
    const shown = operations.map((operation) => {
      const node3 = runningNode('node3', {
        pending: [{ ...pendingB, operations: [operation] }],
        pending_total: 1,
      });
      const [, line = ''] = inspectText(node3, viewOf([node3]), plainPaint).split('\n');
      return /pending \(1\) {2}(.*) from /.exec(line)?.[1];
    });
    expect(shown).toEqual(['n += 2', 'n -= 2', 'tags += x', 'tags -= x', 'b expires (node3:1)']);
  });

  it('shows what each peer has acknowledged and what keeps the rest', () => {
    const peers = [
      peerOf('node2', { acked: { node1: 3 } }),
      peerOf('node3', { unacked: 3, in_flight: 2, delayed: 2, error: 'refused the connection' }),
    ];
    const node1 = runningNode('node1', { clock: { node1: 3 }, peers });
    const text = inspectText(node1, viewOf([node1]), plainPaint);
    expect(text).toContain('node2 ← acked {node1:3}, 0 unacked\n');
    expect(text).toContain(
      'node3 ← acked {}, 3 unacked, 2 in flight, 2 delayed, backing off: refused the connection\n',
    );
  });

  it('names the rules that act in the node, with their share, seed and end', () => {
    const rule = { source: 'node1', target: 'node3', seed: 7 };
    const faults = [
      { ...rule, id: 'f1', kind: 'drop', percent: 20, expires_at_ms: 6000 },
      { ...rule, id: 'f2', kind: 'partition', expires_at_ms: null },
    ] as const;
    const node1 = runningNode('node1', { faults });
    const lines = inspectText(node1, viewOf([node1]), plainPaint).split('\n');
    expect(lines).toContain('  fault f1: node1 → node3 drops 20% (seed 7), ends in 5s');
    expect(lines).toContain('  fault f2: node1 → node3 partitioned');
  });

  it('shows conflicts, waiting requests and a skewed clock only where there are any', () => {
    const calm = runningNode('node1');
    const [first = ''] = inspectText(calm, viewOf([calm]), plainPaint).split('\n');
    expect(first).toBe('node1  running  clock {}  keys 0');
    const node1 = runningNode('node1', { conflicts: 2, waiting_requests: 1, clock_skew_ms: 90_000 });
    expect(inspectText(node1, viewOf([node1]), plainPaint)).toContain(
      'conflicts 2  waiting requests 1  a remote clock is 1m30s ahead',
    );
  });

  it('shows ten pending updates and counts the rest', () => {
    const pending = Array.from({ length: 100 }, () => pendingB);
    const node3 = runningNode('node3', { pending, pending_total: 5000 });
    const text = inspectText(node3, viewOf([node3]), plainPaint);
    expect(text.match(/from node2:1/g)).toHaveLength(10);
    expect(text).toContain('pending (5000)');
    expect(text).toContain('and 4990 more');
  });

  it('escapes keys and values of pending updates', () => {
    const operations = [{ key: '\u001b[31m', value: 'x\ny' }];
    const node3 = runningNode('node3', { pending: [{ ...pendingB, operations }], pending_total: 1 });
    expect(inspectText(node3, viewOf([node3]), plainPaint)).toContain('\\x1b[31m=x\\ny from node2:1');
  });

  it('shows what is stable, who holds it back, and what the log and the store take', () => {
    const held = { stable: { node1: 2 }, held_back_by: 'node3', peers: [peerOf('node3', { behind: 1 })] };
    const log = { updates: 1, bytes: 2048, bytes_max: 1024 * 1024, segments: 1 };
    const store = { entries: 7, bytes: 8192, used_bytes: 4096, dirty_keys: 3, request_ids: 0 };
    const node1 = runningNode('node1', { ...held, log, store, durability: 'durable' });
    const lines = inspectText(node1, viewOf([node1]), plainPaint).split('\n');
    expect(lines).toContain('  stable {node1:2}, held back by node3, which lacks 1 update');
    expect(lines).toContain(
      '  log 1 update, 2.0 KiB of at most 1.0 MiB   store 7 entries, 4.0 KiB of 8.0 KiB in use, 3 not yet written',
    );
  });

  it('says what is known of a node that does not answer', () => {
    const view = viewOf([]);
    expect(inspectText(silentNode('node2', 'killed'), view, plainPaint)).toBe('node2  killed');
    expect(inspectText(silentNode('node2', 'unresponsive'), view, plainPaint)).toBe(
      'node2  unresponsive  node2 is unresponsive',
    );
  });
});
