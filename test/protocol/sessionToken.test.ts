import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import { limits } from '../../src/protocol/limits.js';
import { decodeToken, encodeToken, mergeTokens, parseToken } from '../../src/protocol/sessionToken.js';

const context = new Map([
  ['node1' as ReplicaId, 3],
  ['node2' as ReplicaId, 5],
]);

describe('parseToken', () => {
  it('gives the context of a token of this cluster', () => {
    expect(encodeToken('c1', context)).toBe('kvc1.c1.node1:3,node2:5');
    expect(parseToken('kvc1.c1.node1:3,node2:5', 'c1')).toEqual(context);
    expect(parseToken('kvc1.c1.', 'c1').size).toBe(0);
  });

  it('takes "new" for a session that has seen nothing', () => {
    expect(parseToken('new', 'c1').size).toBe(0);
  });

  it('refuses a token of another cluster and names both', () => {
    expect(() => parseToken('kvc1.c2.node1:3', 'c1')).toThrow(
      expect.objectContaining({
        code: 'KVC_E_TOKEN_FOREIGN',
        message: expect.stringMatching(/cluster c2, this is cluster c1/) as string,
      }),
    );
  });

  it('says that a token is of a later version, whatever the rest of it looks like to come', () => {
    expect(() => parseToken('kvc2.c1.node1:3', 'c1')).toThrow(
      expect.objectContaining({
        code: 'KVC_E_TOKEN_INVALID',
        message: expect.stringMatching(/its version is kvc2.*reads kvc1/) as string,
      }),
    );
  });

  it.each([
    [''],
    ['NEW'],
    ['kvc1'],
    ['kvc1.c1'],
    ['kvc1.c1.node1'],
    ['kvc1.c1.node1:'],
    ['kvc1.c1.node1:0'],
    ['kvc1.c1.node1:-1'],
    ['kvc1.c1.node1:1.5'],
    ['kvc1.c1.node1:1e3'],
    ['kvc1.c1.node1:01'],
    ['kvc1.c1.node1:9007199254740992'],
    ['kvc1.c1.node1:3,'],
    ['kvc1.c1.node1:3,node1:4'],
    ['kvc1.c1.1node:3'],
    ['kvc1.c1.__proto__:3'],
    ['kvc1.c1.node1:3 '],
    ['kvc1..node1:3'],
    ['kvc1.C1.node1:3'],
  ])('refuses %j', (text) => {
    expect(() => parseToken(text, 'c1')).toThrow(expect.objectContaining({ code: 'KVC_E_TOKEN_INVALID' }));
  });
});

it('refuses a token that is longer than the limit', () => {
  const entries = Array.from({ length: limits.tokenCharactersMax / 8 }, (_, index) => `n${1000 + index}:1`);
  expect(() => parseToken(`kvc1.c1.${entries.slice(0, -2).join(',')}`, 'c1')).not.toThrow();
  expect(() => parseToken(`kvc1.c1.${entries.join(',')}`, 'c1')).toThrow(
    expect.objectContaining({
      code: 'KVC_E_TOKEN_INVALID',
      message: expect.stringContaining(String(limits.tokenCharactersMax)) as string,
    }),
  );
});

describe('mergeTokens', () => {
  it('refuses tokens of different clusters, which share no history', () => {
    expect(() => mergeTokens('kvc1.c1.node1:3', 'kvc1.c2.node1:4')).toThrow(
      expect.objectContaining({ code: 'KVC_E_TOKEN_FOREIGN' }),
    );
  });

  it('keeps the higher counter of each node', () => {
    expect(mergeTokens('kvc1.c1.node1:3,node2:1', 'kvc1.c1.node2:4,node3:2')).toBe(
      'kvc1.c1.node1:3,node2:4,node3:2',
    );
    expect(decodeToken('kvc1.c1.').clusterId).toBe('c1');
  });
});
