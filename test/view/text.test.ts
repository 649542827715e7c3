import { describe, expect, it } from 'vitest';
import type { FaultJson } from '../../src/cluster/controlApi.js';
import { clearedText } from '../../src/view/clearedText.js';
import { columns } from '../../src/view/columns.js';
import { allNodesText } from '../../src/view/allNodesText.js';
import { entryText, readCommand, readManyText } from '../../src/view/entryText.js';
import { keysText } from '../../src/view/keysText.js';
import { faultsText } from '../../src/view/faultsText.js';
import { faultText, seedText } from '../../src/view/faultText.js';
import { formatBytes } from '../../src/view/formatBytes.js';
import { printable } from '../../src/view/printable.js';
import { removedText } from '../../src/view/removedText.js';
import { stepText } from '../../src/view/stepText.js';
import { paintFor } from '../../src/view/style.js';
import { batchText, changeText, writeText } from '../../src/view/writeText.js';
import { dropFault, partitionFault } from './clusterViews.js';

const dot = (node: string, counter: number) => ({ node, counter });
const place = { dot: dot('node1', 1), clock: { node1: 1 }, session: 'kvc1.c.node1:1' };
const read = { key: 'a', value: '1', siblings: [], ...place };
const sibling = { value: '2', dot: dot('node2', 1) };
const delayOnLink = {
  id: 'f1',
  target: 'node1:node3',
  links: [{ source: 'node1', target: 'node3' }],
  expires_at_ms: null,
  seed: 7,
  kind: 'delay',
  delay_ms: 5000,
  jitter_ms: 0,
} satisfies FaultJson;

describe('a value on a line', () => {
  it('has its dot and the clock of its node', () => {
    expect(entryText(read, false, 0)).toBe('a = 1   dot node1:1   clock {node1:1}');
    expect(writeText({ key: 'a', value: '1', ...place }, 0)).toBe('a = 1   dot node1:1   clock {node1:1}');
  });

  it('says how to see siblings, or shows them', () => {
    const conflicted = { ...read, siblings: [sibling] };
    expect(entryText(conflicted, false, 0)).toBe(
      'a = 1   dot node1:1   clock {node1:1}   (1 sibling: kvc read a --siblings)',
    );
    expect(entryText(conflicted, true, 0).split('\n')).toEqual([
      'a = 1   dot node1:1   clock {node1:1}',
      'a = 2   dot node2:1   (sibling)',
    ]);
  });

  it('cannot take over the terminal', () => {
    const hostile = { ...read, key: 'a\n', value: '\u001b[2J\r\u202egnp.exe\u2028' };
    expect(entryText(hostile, false, 0)).toBe(
      'a\\n = \\x1b[2J\\r\\u202egnp.exe\\u2028   dot node1:1   clock {node1:1}',
    );
    expect(printable('größe 🎉 日本')).toBe('größe 🎉 日本');
  });

  it('is base64 where it is no text, and visible where it is empty', () => {
    expect(entryText({ ...read, value: '' }, false, 0)).toContain('a = (empty)   dot');
    expect(entryText({ ...read, value: '/w==', encoding: 'base64' }, false, 0)).toContain(
      'a = /w== (base64)',
    );
  });

  it('of one snapshot share a clock, and what is absent shows', () => {
    const { session, clock } = place;
    const entries = [
      { key: 'a', value: '1', dot: dot('node1', 1), siblings: [] },
      { key: 'b', value: null, dot: null, siblings: [] },
      { key: 'c', value: null, dot: dot('node1', 2), siblings: [] },
    ];
    expect(readManyText({ node: 'node1', entries, clock, session }, false, 0).split('\n')).toEqual([
      'a = 1   dot node1:1',
      'b = (none)',
      'c = (none)   deleted or expired by node1:2',
      'one snapshot of node1   clock {node1:1}',
    ]);
  });

  it('that was written is echoed up to 200 characters; a batch names its one dot', () => {
    expect(writeText({ key: 'a', value: 'x'.repeat(201), ...place }, 0)).toContain(
      `a = ${'x'.repeat(200)}...   dot`,
    );
    const writes = [
      { key: 'a', value: '1' },
      { key: 'b', value: null },
    ];
    expect(batchText({ writes, ...place }, 0).split('\n')).toEqual([
      'a = 1',
      'b deleted',
      '2 keys, one atomic update   dot node1:1   clock {node1:1}',
    ]);
  });

  it('says when it expires, if it does', () => {
    const brief = { ...read, expires_at_ms: 30_000 };
    expect(entryText(brief, false, 2000)).toBe('a = 1   expires in 28s   dot node1:1   clock {node1:1}');
    expect(entryText(brief, false, 30_001), 'its node is to end it').toContain('a = 1   expires now   dot');
    const written = { key: 'a', value: '1', expires_at_ms: 30_000, ...place };
    expect(writeText(written, 0)).toBe('a = 1   expires in 30s   dot node1:1   clock {node1:1}');
    const readings = [{ node: 'node1', entries: [brief], clock: {}, error: null }];
    expect(allNodesText(readings, false, 2000)).toMatch(/a +1 \(expires in 28s\) +node1:1/);
  });

  it('comes with a command that a shell takes', () => {
    expect(readCommand('user/1', '--siblings')).toBe('kvc read user/1 --siblings');
    expect(readCommand("it's; rm -rf", '--siblings')).toBe(`kvc read --siblings -- 'it'\\''s; rm -rf'`);
    expect(readCommand('-x', '--siblings')).toBe(`kvc read --siblings -- '-x'`);
  });
});

describe('a counter or set on a line', () => {
  const set = (...members: string[]) => ({
    key: 'tags',
    value: JSON.stringify(members),
    type: 'set' as const,
    members: members.map((value) => ({ value })),
  });

  it('is its count, or its members', () => {
    const counter = { key: 'visits', value: '42', type: 'counter' as const };
    expect(changeText({ ...counter, ...place }, '(none)')).toBe(
      'visits = 42   dot node1:1   clock {node1:1}',
    );
    expect(entryText({ ...counter, siblings: [], ...place }, false, 0)).toContain('visits = 42   dot');
    expect(entryText({ ...set('a', 'b'), siblings: [], ...place }, false, 0)).toContain(
      'tags = {a, b}   dot',
    );
  });

  it('that has lost its last member is empty', () => {
    expect(changeText({ key: 'tags', value: null, ...place }, '{}')).toBe(
      'tags = {}   dot node1:1   clock {node1:1}',
    );
  });

  it('quotes members that could be taken for others', () => {
    const shown = changeText({ ...set('', 'a, b', '{}', 'it"s', '\u001b[2J'), ...place }, '{}');
    expect(shown).toContain(String.raw`tags = {"", "a, b", "{}", "it\"s", \x1b[2J}   dot`);
    const bytes = { ...set('a'), members: [{ value: '/w==', encoding: 'base64' as const }] };
    expect(changeText({ ...bytes, ...place }, '{}')).toContain('tags = {/w== (base64)}   dot');
  });

  it('has its type in the list of keys', () => {
    const keys = [
      { key: 'a', dot: dot('node1', 1), siblings: 0, expires_at_ms: 30_000 },
      { key: 'tags', dot: dot('node1', 2), siblings: 1, type: 'set' as const },
    ];
    expect(keysText(keys, 2000).split('\n')).toEqual([
      'KEY   TYPE   DOT      SIBLINGS',
      'a     value  node1:1  0         expires in 28s',
      'tags  set    node1:2  1',
    ]);
  });
});

describe('the values at all nodes', () => {
  const entry = { key: 'a', value: '1', dot: dot('node1', 1), siblings: [sibling] };
  const readings = [
    { node: 'node1', entries: [entry], clock: { node1: 1 }, error: null },
    { node: 'node2', entries: null, clock: null, error: { message: 'node2 is killed' } },
  ];

  it('are a row each, and a node that does not answer says why', () => {
    expect(allNodesText(readings, false, 0).split('\n')).toEqual([
      'NODE   KEY  VALUE              DOT      SIBLINGS  CLOCK',
      'node1  a    1                  node1:1  1         {node1:1}',
      'node2  -    (node2 is killed)',
    ]);
  });

  it('show siblings in rows of their own', () => {
    expect(allNodesText(readings, true, 0)).toMatch(/node1 +a +2 +node2:1 +sibling\n/);
  });
});

describe('a fault', () => {
  it('says what it does, and how long', () => {
    expect(faultText(delayOnLink, 0)).toBe('node1 → node3 delayed 5s, one way, until cleared (fault f1)');
  });

  it('on both directions says so', () => {
    const links = [...delayOnLink.links, { source: 'node3', target: 'node1' }];
    const text = faultText({ ...delayOnLink, links, expires_at_ms: 30_000, jitter_ms: 100 }, 0);
    expect(text).toBe('node1 → node3 delayed 5s±100ms, both ways, for 30s (fault f1)');
  });

  it('on what arrives at a node, or on all links, is told by its target', () => {
    const { id, expires_at_ms, seed } = delayOnLink;
    const held = { id, expires_at_ms, seed, kind: 'hold' as const };
    const links = [{ source: 'node1', target: 'node3' }];
    expect(faultText({ ...held, target: 'node3', links }, 0)).toBe(
      'everything to node3 held, until cleared (fault f1)',
    );
    expect(faultText({ ...held, target: 'all', links }, 0)).toBe('all links held, until cleared (fault f1)');
  });

  it('on a share of the messages says how many, and what kind of thing it does', () => {
    expect(faultText(dropFault(20), 0)).toBe('node1 → node3 drops 20%, one way, until cleared (fault f4)');
    expect(faultText({ ...dropFault(0.5, 'duplicate'), target: 'node3' }, 0)).toBe(
      'every link to node3 duplicates 0.5%, until cleared (fault f4)',
    );
    expect(faultText({ ...dropFault(20, 'reorder'), target: 'all', expires_at_ms: 30_000 }, 0)).toBe(
      'every link reorders 20%, for 30s (fault f4)',
    );
  });

  it('that is a partition shows who can still talk to whom', () => {
    expect(faultText(partitionFault, 0)).toBe('partition node1 | node2,node3 until cleared (fault f3)');
    const ring = { ...partitionFault, target: 'ring node1,node2,node3,node4', expires_at_ms: 30_000 };
    expect(faultText(ring, 0)).toBe('partition ring node1,node2,node3,node4 for 30s (fault f3)');
    expect(clearedText({ cleared: [partitionFault], faults: [] })).toBe(
      'fault f3 (partition node1 | node2,node3) cleared',
    );
  });

  it('that cuts one link, made at a node directly, is told by its link', () => {
    const cut = { ...partitionFault, target: 'node1:node3' };
    expect(clearedText({ cleared: [cut], faults: [] })).toBe('fault f3 (node1 → node3 partitioned) cleared');
  });

  it('has a row with what waits because of it and what it did so far; unknown is not 0', () => {
    const unknown = { ...delayOnLink, expires_at_ms: 2500, waiting: null, acted: null };
    const rows = faultsText(
      [unknown, { ...dropFault(20), waiting: 0, acted: 12 }, { ...partitionFault, waiting: 0, acted: 3 }],
      0,
    ).split('\n');
    expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
      ['ID', 'TARGET', 'EFFECT', 'ENDS', 'WAITING', 'SO FAR', 'LINKS'],
      ['f1', 'node1:node3', 'delayed 5s', 'in 2.5s', '?', '? delayed', 'node1 → node3'],
      ['f4', 'node1:node3', 'drops 20% (seed 7)', 'when cleared', '0', '12 dropped', 'node1 → node3'],
      [
        'f3',
        'node1 | node2,node3',
        'partitioned',
        'when cleared',
        '0',
        '3 cut off',
        'node1 → node2, node1 → node3, node2 → node1, node3 → node1',
      ],
    ]);
  });

  it('shows its seed where chance decides anything', () => {
    const shown = [delayOnLink, { ...delayOnLink, jitter_ms: 5 }, partitionFault, dropFault(1)].map(seedText);
    expect(shown).toEqual(['', ' (seed 7)', '', ' (seed 7)']);
  });

  it('that is cleared is named, and so is one that acts on', () => {
    expect(clearedText({ cleared: [delayOnLink], faults: [] })).toBe(
      'fault f1 (node1 → node3 delayed 5s) cleared',
    );
    expect(clearedText({ cleared: [delayOnLink], faults: [delayOnLink] })).toMatch(/cleared in part/);
    expect(clearedText({ cleared: [], faults: [] })).toMatch(/^Nothing to clear/);
  });

  it('that is stepped names the dots that went and how many messages are left', () => {
    const link = { source: 'node1', target: 'node3' };
    expect(stepText({ ...link, released: [dot('node1', 1), dot('node1', 2)], held: 3 })).toBe(
      'node1 → node3: let through node1:1, node1:2; 3 messages still held',
    );
    expect(stepText({ ...link, released: [], held: 0 })).toBe('node1 → node3: no update waits; none left');
  });
});

describe('layout', () => {
  it('aligns columns and leaves no space at the ends of lines', () => {
    expect(
      columns([
        ['A', 'B', 'C'],
        ['long', '→', ''],
      ]),
    ).toBe('A     B  C\nlong  →');
  });

  it('sizes in powers of 1024', () => {
    expect([0, 512, 1536, 5 * 1024 ** 2].map(formatBytes)).toEqual(['0 B', '512 B', '1.5 KiB', '5.0 MiB']);
  });

  it('colours terminals only, and never where NO_COLOR is set', () => {
    expect(paintFor({ isTTY: true }, {})('red', 'x')).not.toBe('x');
    expect(paintFor({ isTTY: false }, {})('red', 'x')).toBe('x');
    expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'x')).toBe('x');
    expect(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'x')).toBe('x');
  });
});

describe('a node that was removed', () => {
  const left = (...handed_on_to: string[]) => removedText({ node: 'node2', forced: false, handed_on_to });
  const forced = (held: Record<string, number>) => removedText({ node: 'node2', forced: true, held });

  it('says who has its data now', () => {
    expect(left('node1', 'node3')).toBe('node2 removed; node1 and node3 have all of its writes');
    expect(left('node1')).toBe('node2 removed; node1 has all of its writes');
    expect(left('node1', 'node3', 'node4')).toContain('node1, node3 and node4 have all');
    expect(left()).toBe('node2 removed; it had no writes to hand on');
  });

  it('by force, says which writes the others have, and that the rest is lost', () => {
    expect(forced({ node2: 41 })).toBe(
      'node2 removed; the other nodes have its writes up to node2:41, later ones are lost',
    );
    expect(forced({ node2: 41, 'node2.k3x9f': 3 })).toContain('up to node2:41 and node2.k3x9f:3, later');
    expect(forced({})).toBe(
      'node2 removed; the other nodes have no write of it, and any that it made are lost',
    );
  });
});
