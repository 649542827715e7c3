import { describe, expect, it } from 'vitest';
import { clusterNamedIn, remedyFor } from '../../src/cli/clusterFlag.js';

describe('remedyFor', () => {
  it.each([
    [
      'kvc down --purge, which deletes the cluster',
      'kvc down --cluster test --purge, which deletes the cluster',
    ],
    ['kvc remove node2 --force', 'kvc remove --cluster test node2 --force'],
    ['kvc session reset alice', 'kvc session reset --cluster test alice'],
    ['kvc status', 'kvc status --cluster test'],
  ])('names the cluster in %s', (remedy, expected) => {
    expect(remedyFor('test', remedy)).toBe(expected);
  });

  it.each(['--node 1', 'kvc ls', 'kvc up --help', 'kvc up -d --cluster other', 'free disk space'])(
    'leaves %s alone',
    (remedy) => {
      expect(remedyFor('test', remedy)).toBe(remedy);
    },
  );

  it('leaves everything alone for the default cluster', () => {
    expect(remedyFor('default', 'kvc status')).toBe('kvc status');
  });
});

describe('clusterNamedIn', () => {
  it.each([
    [['node1', '--cluster', 'a'], {}, 'a'],
    [['--cluster=a', 'node1'], { KVC_CLUSTER: 'b' }, 'a'],
    [['node1'], { KVC_CLUSTER: 'b' }, 'b'],
    [['node1'], {}, 'default'],
    [['--cluster'], {}, 'default'],
  ])('%j with %j is %s', (argv, env, expected) => {
    expect(clusterNamedIn(argv, env)).toBe(expected);
  });
});
