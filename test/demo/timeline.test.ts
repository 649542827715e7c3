import { describe, expect, it } from 'vitest';
import { Timeline } from '../../src/demo/timeline.js';

const a = { node: 'node1', counter: 1 };
const b = { node: 'node2', counter: 1 };

/** A timeline and a clock to be set. */
function start() {
  const time = { nowMs: 1000 };
  return { time, timeline: new Timeline(() => time.nowMs) };
}

describe('Timeline', () => {
  it('records each fact once, in ms since the first one', () => {
    const { time, timeline } = start();
    timeline.written(a, 'a=1', timeline.moment());
    time.nowMs = 1005;
    timeline.clock('node2', { node1: 1 });
    time.nowMs = 1010;
    timeline.clock('node2', { node1: 1 });
    timeline.clock('node1', { node1: 1 });
    expect(timeline.events()).toEqual([
      { at_ms: 0, node: 'node1', kind: 'written', dot: a, label: 'a=1' },
      { at_ms: 5, node: 'node2', kind: 'delivered', dot: a, label: 'a=1' },
    ]);
  });

  it('calls an update by its name although its arrival is seen before the writer is answered', () => {
    const { timeline } = start();
    const moment = timeline.moment();
    timeline.clock('node2', { node1: 1 });
    timeline.written(a, 'a=1', moment);
    expect(timeline.events().map(({ kind, label }) => `${kind} ${label}`)).toEqual([
      'written a=1',
      'delivered a=1',
    ]);
  });

  it('lets no update wait before it is written, though the node counts in whole ms', () => {
    const { timeline, time } = start();
    time.nowMs = 1000.7;
    const moment = timeline.moment();
    timeline.waiting('node3', b, a, 1000);
    timeline.written(b, 'b=2', moment);
    expect(timeline.events().map(({ kind }) => kind)).toEqual(['written', 'waiting']);
  });

  it('puts an update that freed others before those that had waited, where all are seen at one time', () => {
    const { timeline } = start();
    timeline.name(b, 'b');
    timeline.waiting('node3', { node: 'node1', counter: 2 }, b, 1000);
    timeline.clock('node3', { node1: 2, node2: 1 });
    expect(timeline.events().map(({ label }) => label)).toEqual(['node1:2', 'node1:1', 'b', 'node1:2']);
  });

  it('keeps reads in their place', () => {
    const { timeline, time } = start();
    timeline.read('node3', 'a=∅');
    time.nowMs = 1500;
    timeline.clock('node3', { node1: 1 });
    timeline.read('node3', 'a=1');
    expect(timeline.events().map(({ at_ms, label }) => [at_ms, label])).toEqual([
      [0, 'a=∅'],
      [500, 'node1:1'],
      [500, 'a=1'],
    ]);
  });
});
