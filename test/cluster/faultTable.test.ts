import { describe, expect, it } from 'vitest';
import { FaultTable, inputOf, type NewFault } from '../../src/cluster/faultTable.js';

const delay = { kind: 'delay', delay_ms: 5000, jitter_ms: 0, both: false, for_ms: null, seed: 7 } as const;
const hold = { kind: 'hold', target: 'node1:node2', both: false, for_ms: null, seed: 8 } as const;
const partition = { kind: 'partition', for_ms: null, seed: 9 } as const;
const linkText = (table: FaultTable, target: string, both = false): string =>
  table
    .linksOf(target, both)
    .map((link) => `${link.source}>${link.target}`)
    .sort()
    .join(' ');

/** A table whose nodes hold all the rules that were planned for them. */
function tableWith(...faults: NewFault[]): FaultTable {
  const table = new FaultTable(['node1', 'node2', 'node3']);
  for (const fault of faults) make(table, fault);
  return table;
}

function make(table: FaultTable, fault: NewFault): void {
  for (const [source, rules] of table.plan(fault, 1000).rules) {
    table.setRules(source, [...table.rulesOf(source, 1000), ...rules]);
  }
}

/** The links of each fault that stands, as `f1: node1>node2`. */
const standing = (table: FaultTable): string[] =>
  table
    .list(1000)
    .map(({ id, links }) => `${id}: ${links.map(({ source, target }) => `${source}>${target}`).join(' ')}`);

describe('FaultTable', () => {
  it('expands what arrives at a node, one link, all links, and both directions', () => {
    const table = tableWith();
    expect(linkText(table, 'node3')).toBe('node1>node3 node2>node3');
    expect(linkText(table, 'node1:node3')).toBe('node1>node3');
    expect(linkText(table, 'node1:node3', true)).toBe('node1>node3 node3>node1');
    expect(linkText(table, 'node3', true)).toBe('node1>node3 node2>node3 node3>node1 node3>node2');
    expect(linkText(table, 'all', true).split(' ')).toHaveLength(6);
  });

  it.each(['node4', 'node1:node4', 'node9:node1'])('refuses the unknown node in %s', (target) => {
    expect(() => tableWith().linksOf(target, false)).toThrow(
      expect.objectContaining({ code: 'KVC_E_NODE_UNKNOWN' }) as Error,
    );
  });

  it.each(['node1:node1', 'node1:node2:node3'])('refuses %s, which is no link', (target) => {
    expect(() => tableWith().linksOf(target, false)).toThrow(
      expect.objectContaining({ code: 'KVC_E_BAD_REQUEST' }) as Error,
    );
  });

  it('says that a cluster of one node has no links', () => {
    expect(() => new FaultTable(['node1']).linksOf('all', false)).toThrow(/no links/);
  });

  it('lists a fault once, with its id, its target as given, and the links on which it still acts', () => {
    const table = tableWith({ ...delay, target: 'node3' }, hold);
    table.setRules('node2', []);
    expect(table.list(1000)).toEqual([
      {
        id: 'f1',
        target: 'node3',
        links: [{ source: 'node1', target: 'node3' }],
        expires_at_ms: null,
        seed: 7,
        kind: 'delay',
        delay_ms: 5000,
        jitter_ms: 0,
      },
      {
        id: 'f2',
        target: 'node1:node2',
        links: [{ source: 'node1', target: 'node2' }],
        expires_at_ms: null,
        seed: 8,
        kind: 'hold',
      },
    ]);
  });

  it('forgets what has expired', () => {
    const table = tableWith({ ...delay, target: 'node1:node3', for_ms: 500 });
    expect(table.list(1499)).toMatchObject([{ expires_at_ms: 1500 }]);
    expect(table.list(1500)).toEqual([]);
    expect(table.rulesOf('node1', 1500)).toEqual([]);
  });

  it('finds the rules that a request to clear means', () => {
    const table = tableWith({ ...delay, target: 'all' }, hold);
    const count = (filter: object): number => table.matching(filter, 1000).length;
    expect([
      count({}),
      count({ kind: 'hold' }),
      count({ target: 'node3' }),
      count({ target: 'node1:node2' }),
    ]).toEqual([7, 1, 2, 2]);
    expect(count({ target: 'node1:node2', both: true, kind: 'delay' })).toBe(2);
  });

  it('knows rules that were made at a node directly', () => {
    const table = tableWith();
    const rule = {
      id: 'node1-f1',
      source: 'node1',
      target: 'node2',
      expires_at_ms: null,
      seed: 7,
      kind: 'hold',
    } as const;
    table.setRules('node1', [rule]);
    expect(table.list(1000)).toMatchObject([{ id: 'node1-f1', target: 'node1:node2' }]);
    expect(inputOf(rule)).toEqual({
      id: 'node1-f1',
      target: 'node2',
      expires_at_ms: null,
      seed: 7,
      kind: 'hold',
    });
  });

  it('gives every rule of a fault its seed and its share', () => {
    const { fault, rules } = tableWith().plan(
      { kind: 'drop', percent: 0.5, target: 'node3', both: false, for_ms: null, seed: 7 },
      1000,
    );
    expect(fault).toMatchObject({ id: 'f1', kind: 'drop', percent: 0.5, seed: 7 });
    expect([...rules.values()].flat().map(inputOf)).toEqual(
      [1, 2].map(() => ({
        id: 'f1',
        target: 'node3',
        expires_at_ms: null,
        seed: 7,
        kind: 'drop',
        percent: 0.5,
      })),
    );
  });

  it('makes one fault of a partition, beside faults of other kinds on the same links', () => {
    const table = tableWith(hold, { ...partition, groups: [['node1']], for_ms: 500 });
    expect(standing(table)).toEqual([
      'f1: node1>node2',
      'f2: node1>node2 node1>node3 node2>node1 node3>node1',
    ]);
    expect(table.list(1000)[1]).toMatchObject({
      kind: 'partition',
      target: 'node1 | node2,node3',
      seed: 9,
      expires_at_ms: 1500,
    });
    expect(table.matching({ kind: 'partition' }, 1000)).toHaveLength(4);
  });

  it('knows no partition with a node that there is not', () => {
    const plan = () => tableWith().plan({ ...partition, groups: [['node1'], ['node9']] }, 1000);
    expect(plan).toThrow(expect.objectContaining({ code: 'KVC_E_NODE_UNKNOWN' }) as Error);
  });

  it('lets faults that stand not extend to a node that joins, but later ones do', () => {
    const table = tableWith({ ...delay, target: 'node3' }, { ...partition, groups: [['node1']] });
    const before = standing(table);
    table.addNode('node4');
    expect(standing(table)).toEqual(before);
    expect(linkText(table, 'node3')).toBe('node1>node3 node2>node3 node4>node3');
    expect(table.plan({ ...partition, shape: 'one' }, 1000).fault.target).toBe('node1,node2,node3 | node4');
  });

  it('forgets the rules of and towards a node that leaves, also those that others still tell of', () => {
    const table = tableWith({ ...delay, target: 'node3' }, { ...partition, shape: 'one' }, hold);
    const [atNode1, atNode3] = [table.rulesOf('node1', 1000), table.rulesOf('node3', 1000)];
    table.removeNode('node3');
    table.setRules('node1', atNode1);
    table.setRules('node3', atNode3);
    expect(standing(table)).toEqual(['f3: node1>node2']);
    expect(() => table.linksOf('node3', false)).toThrow(/no node is named "node3"/);
    table.addNode('node3');
    expect(standing(table)).toEqual(['f3: node1>node2']);
    table.removeNode('node9');
    expect(linkText(table, 'all').split(' ')).toHaveLength(6);
  });
});
