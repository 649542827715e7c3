import { describe, expect, it } from 'vitest';
import type { PartitionJson } from '../../src/cluster/controlApi.js';
import { planPartition } from '../../src/cluster/partition.js';

const nodes = (count: number) => Array.from({ length: count }, (_, index) => `node${index + 1}`);

/** Pairs of nodes between which both links are cut, as `1-2 1-3`, after its target. A link cut one way shows as `1>2`. */
function cuts(partition: PartitionJson, count: number): string {
  const { target, links } = planPartition(partition, nodes(count));
  const cut = new Set(links.map((link) => `${link.source}>${link.target}`.replaceAll('node', '')));
  expect(cut.size).toBe(links.length);
  const pairs = [...cut].flatMap((link) => {
    const [source = '', to = ''] = link.split('>');
    if (!cut.has(`${to}>${source}`)) return [link];
    return source < to ? [`${source}-${to}`] : [];
  });
  return `${target}: ${pairs.join(' ')}`;
}

const conflict = expect.objectContaining({ code: 'KVC_E_STATE_CONFLICT' }) as Error;

describe('a partition', () => {
  it('cuts every link between groups, both ways', () => {
    expect(cuts({ groups: [['node1'], ['node2', 'node3']] }, 3)).toBe('node1 | node2,node3: 1-2 1-3');
    expect(cuts({ groups: [['node3'], ['node1'], ['node2']] }, 3)).toBe('node3 | node1 | node2: 1-2 1-3 2-3');
  });

  it('makes a last group of the nodes that are not named', () => {
    expect(cuts({ groups: [['node2']] }, 4)).toBe('node2 | node1,node3,node4: 1-2 2-3 2-4');
    expect(cuts({ groups: [['node2'], ['node4', 'node1']] }, 4)).toBe(
      'node2 | node4,node1 | node3: 1-2 1-3 2-3 2-4 3-4',
    );
  });

  it('leaves the last node alone in shape one', () => {
    expect(cuts({ shape: 'one' }, 4)).toBe('node1,node2,node3 | node4: 1-4 2-4 3-4');
    expect(cuts({ shape: 'one' }, 2)).toBe('node1 | node2: 1-2');
  });

  it('parts the nodes in the middle in shape halves, the smaller half first', () => {
    expect(cuts({ shape: 'halves' }, 4)).toBe('node1,node2 | node3,node4: 1-3 1-4 2-3 2-4');
    expect(cuts({ shape: 'halves' }, 3)).toBe('node1 | node2,node3: 1-2 1-3');
  });

  it('leaves every node its two neighbours in shape ring', () => {
    expect(cuts({ shape: 'ring' }, 4)).toBe('ring node1,node2,node3,node4: 1-3 2-4');
    expect(cuts({ shape: 'ring' }, 5)).toBe('ring node1,node2,node3,node4,node5: 1-3 1-4 2-4 2-5 3-5');
  });

  it.each<[string, PartitionJson, number]>([
    ['all nodes in one group', { groups: [['node1', 'node2']] }, 2],
    ['no group', { groups: [] }, 3],
    ['one node alone in its cluster', { shape: 'one' }, 1],
    ['half of one node', { shape: 'halves' }, 1],
    ['a ring of three', { shape: 'ring' }, 3],
    ['a ring of one', { shape: 'ring' }, 1],
  ])('that would cut nothing is refused: %s', (_, partition, count) => {
    expect(() => planPartition(partition, nodes(count))).toThrow(conflict);
  });

  it.each([[[['node1'], ['node1']]], [[['node1', 'node2', 'node1']]]])(
    'with a node given twice is refused: %j',
    (groups) => {
      expect(() => planPartition({ groups }, nodes(3))).toThrow(
        expect.objectContaining({
          code: 'KVC_E_BAD_REQUEST',
          message: expect.stringContaining('node1 twice') as string,
        }) as Error,
      );
    },
  );
});
