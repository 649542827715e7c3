import { describe, expect, it } from 'vitest';
import { spaceTimeDiagram } from '../../src/demo/spaceTimeDiagram.js';
import type { TimelineEvent } from '../../src/demo/timeline.js';
import { plainPaint } from '../../src/view/style.js';

const nodes = ['node1', 'node2', 'node3'];

function draw(events: readonly TimelineEvent[]): string {
  return '\n' + spaceTimeDiagram(nodes, events, plainPaint).join('\n') + '\n';
}

type Written = readonly ['written' | 'delivered', number, string, number, string];

/** [kind, time, node, counter of its origin's, label]; the origin is node1 for a, node2 for b. */
function update([kind, at_ms, node, counter, label]: Written): TimelineEvent {
  return { kind, at_ms, node, dot: { node: originOf(label), counter }, label };
}

function originOf(label: string): string {
  return label.startsWith('a') ? 'node1' : 'node2';
}

describe('spaceTimeDiagram', () => {
  it('draws an update that overtakes the one it depends on', () => {
    const drawing = draw([
      update(['written', 0, 'node1', 1, 'a=1']),
      update(['delivered', 3, 'node2', 1, 'a=1']),
      update(['written', 8, 'node2', 1, 'b=2']),
      update(['delivered', 9, 'node1', 1, 'b=2']),
      {
        kind: 'waiting',
        at_ms: 10,
        node: 'node3',
        dot: { node: 'node2', counter: 1 },
        label: 'b=2',
        missing: { node: 'node1', counter: 1 },
      },
      { kind: 'read', at_ms: 12, node: 'node3', label: 'a=∅ b=∅' },
      update(['delivered', 1503, 'node3', 1, 'a=1']),
      update(['delivered', 1503, 'node3', 1, 'b=2']),
    ]);
    expect(drawing).toBe(`
        node1                node2                node3
    0 ms  ● a=1                │                    │
          ├┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮   │
    3 ms  ├───────────────────▶● a=1            ┊   │
    8 ms  │                    ● b=2            ┊   │
    9 ms  ●◀─ b=2 ─────────────┤                ┊   │
   10 ms  │                    ├────────────────┊──▶◌ b=2 waits for node1:1
   12 ms  │                    │                ┊   ○ a=∅ b=∅
       ⋮  │                    │                ┊   ┊
 1503 ms  │                    │                ╰┄┄▶● a=1
          │                    │                    ● b=2
          │                    │                    │
`);
  });

  it('draws updates that cross each other, each in a lane of its own', () => {
    const drawing = draw([
      update(['written', 0, 'node1', 1, 'a=1']),
      update(['written', 5, 'node2', 1, 'b=2']),
      update(['delivered', 20, 'node2', 1, 'a=1']),
      update(['delivered', 20, 'node3', 1, 'a=1']),
      update(['delivered', 21, 'node1', 1, 'b=2']),
      update(['delivered', 22, 'node3', 1, 'b=2']),
    ]);
    expect(drawing).toBe(`
        node1                node2                node3
    0 ms  ● a=1                │                    │
          ├┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┬┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮   │
    5 ms  │                ┊   ● b=2            ┊   │
          │             ╭┄┄┊┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄╮  ┊   │
   20 ms  │             ┊  ╰┄┄▶● a=1         ┊  ┊   │
          │             ┊      │             ┊  ╰┄┄▶● a=1
   21 ms  ●◀┄ b=2 ┄┄┄┄┄┄╯      │             ┊      │
   22 ms  │                    │             ╰┄┄┄┄┄▶● b=2
          │                    │                    │
`);
  });

  it('leaves an update on its way that does not arrive, and shows one whose origin nobody saw', () => {
    const drawing = draw([
      update(['written', 0, 'node1', 1, 'a=1']),
      update(['delivered', 1, 'node2', 1, 'a=1']),
      update(['delivered', 2, 'node3', 1, 'b=by hand']),
    ]);
    expect(drawing).toBe(`
        node1                node2                node3
    0 ms  ● a=1                │                    │
          ├┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┼┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╮   │
    1 ms  ├───────────────────▶● a=1            ┊   │
    2 ms  │                    │                ┊   ● b=by hand
          │                    │                ┊   │
`);
  });

  it('cuts a label that would reach into the next lifeline', () => {
    const drawing = draw([update(['written', 0, 'node1', 1, 'a=a very long value indeed'])]);
    expect(drawing).toContain('● a=a very long v…   │');
  });

  it('fits 80 columns with three nodes', () => {
    const waits = draw([
      {
        kind: 'waiting',
        at_ms: 0,
        node: 'node3',
        dot: { node: 'node2', counter: 1 },
        label: 'so glad!',
        missing: { node: 'node1', counter: 2 },
      },
    ]);
    expect(Math.max(...waits.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  });
});
