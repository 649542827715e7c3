import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/protocol/limits.js';
import { expectRefused, type RefusedRequest } from '../support/refusedRequest.js';
import { testClusterId, TestNodes, type CallOptions } from '../support/testNodes.js';

let nodes: TestNodes;

beforeAll(async () => {
  nodes = await TestNodes.start({ count: 2 });
  await nodes.node(2).client.write('a', '1');
  await nodes.converged();
});
afterAll(() => nodes.stop());

const json = (text: string): CallOptions => ({
  body: Buffer.from(text),
  headers: { 'content-type': 'application/json' },
});
const token = (entries: string, cluster = testClusterId): CallOptions => ({
  headers: { 'kvc-session': `kvc1.${cluster}.${entries}` },
});
const longKey = 'k'.repeat(limits.keyBytesMax + 1);
const largeValue = 'v'.repeat(limits.valueBytesMax + 1);

describe('a client request that is wrong gets its 4xx, changes nothing, and the node goes on', () => {
  it.each<RefusedRequest>([
    ['no body', 'POST', '/write', { headers: { 'content-type': 'application/json' } }, 'KVC_E_BAD_REQUEST'],
    ['malformed JSON', 'POST', '/write', json('{"key":"a",'), 'KVC_E_BAD_REQUEST', 'JSON'],
    ['bytes that are no UTF-8', 'POST', '/write', json('"\xff"'), 'KVC_E_BAD_REQUEST'],
    ['an array', 'POST', '/write', { body: [] }, 'KVC_E_BAD_REQUEST', 'object'],
    ['null', 'POST', '/write', { body: null }, 'KVC_E_BAD_REQUEST', 'object'],
    ['no key', 'POST', '/write', { body: { value: '1' } }, 'KVC_E_KEY_INVALID', 'key'],
    ['a number for a key', 'POST', '/write', { body: { key: 1, value: '1' } }, 'KVC_E_KEY_INVALID', '1'],
    ['an empty key', 'POST', '/write', { body: { key: '', value: '1' } }, 'KVC_E_KEY_INVALID', 'empty'],
    [
      'half a character in a key',
      'POST',
      '/write',
      json('{"key":"\\ud800","value":"1"}'),
      'KVC_E_KEY_INVALID',
    ],
    [
      'a key of 1 KiB + 1',
      'POST',
      '/write',
      { body: { key: longKey, value: '1' } },
      'KVC_E_KEY_INVALID',
      '1024',
    ],
    ['no value', 'POST', '/write', { body: { key: 'k' } }, 'KVC_E_BAD_REQUEST', 'value'],
    [
      'a number for a value',
      'POST',
      '/write',
      { body: { key: 'k', value: 1 } },
      'KVC_E_BAD_REQUEST',
      'value',
    ],
    [
      'a value of 1 MiB + 1',
      'POST',
      '/write',
      { body: { key: 'k', value: largeValue } },
      'KVC_E_VALUE_TOO_LARGE',
    ],
    [
      'bad base64',
      'POST',
      '/write',
      { body: { key: 'k', value: '=', encoding: 'base64' } },
      'KVC_E_BAD_REQUEST',
    ],
    [
      'another encoding',
      'POST',
      '/write',
      { body: { key: 'k', value: '', encoding: 'hex' } },
      'KVC_E_BAD_REQUEST',
    ],
    [
      'a misspelled field',
      'POST',
      '/write',
      { body: { key: 'k', value: '', ttl: 1 } },
      'KVC_E_BAD_REQUEST',
      'ttl',
    ],
    [
      'an unknown parameter',
      'POST',
      '/write?sync=1',
      { body: { key: 'k', value: '' } },
      'KVC_E_BAD_REQUEST',
      'sync',
    ],
    [
      'a form',
      'POST',
      '/write',
      { ...json('{}'), headers: { 'content-type': 'text/plain' } },
      'KVC_E_MEDIA_TYPE',
    ],
    ['no content type', 'POST', '/write', { headers: {} }, 'KVC_E_MEDIA_TYPE', 'application/json'],

    ['an empty batch', 'POST', '/batch', { body: { writes: [] } }, 'KVC_E_BAD_REQUEST', 'writes'],
    ['a batch that is no array', 'POST', '/batch', { body: { writes: {} } }, 'KVC_E_BAD_REQUEST', 'writes'],
    [
      'a batch of which one write is wrong',
      'POST',
      '/batch',
      {
        body: {
          writes: [
            { key: 'k', value: '1' },
            { key: '', value: '2' },
          ],
        },
      },
      'KVC_E_KEY_INVALID',
      'writes[1]',
    ],
    [
      'a write that is a delete too',
      'POST',
      '/batch',
      { body: { writes: [{ key: 'k', value: '1', delete: true }] } },
      'KVC_E_BAD_REQUEST',
    ],
    [
      'too many writes',
      'POST',
      '/batch',
      {
        body: {
          writes: Array.from({ length: limits.batchOperationsMax + 1 }, () => ({ key: 'k', value: '' })),
        },
      },
      'KVC_E_MESSAGE_TOO_LARGE',
      String(limits.batchOperationsMax),
    ],
    [
      'too many bytes in one batch',
      'POST',
      '/batch',
      { body: { writes: Array.from({ length: 5 }, () => ({ key: 'k', value: 'v'.repeat(1024 * 1024) })) } },
      'KVC_E_MESSAGE_TOO_LARGE',
    ],

    ['no key to read', 'GET', '/read', {}, 'KVC_E_KEY_INVALID', 'key'],
    ['an empty key to read', 'GET', '/read?key=', {}, 'KVC_E_KEY_INVALID', 'key'],
    ['a key to read that is too long', 'GET', `/read?key=${longKey}`, {}, 'KVC_E_KEY_INVALID', '1024'],
    ['two keys in the query', 'GET', '/read?key=a&key=b', {}, 'KVC_E_BAD_REQUEST', 'key'],
    ['an unknown parameter', 'GET', '/read?key=a&node=1', {}, 'KVC_E_BAD_REQUEST', 'node'],
    ['a negative timeout', 'GET', '/read?key=a&timeout_ms=-1', token(''), 'KVC_E_BAD_REQUEST', 'timeout_ms'],
    ['an endless timeout', 'GET', '/read?key=a&timeout_ms=9999999', token('node2:9'), 'KVC_E_BAD_REQUEST'],
    [
      'a wrong timeout without a session',
      'GET',
      '/read?key=a&timeout_ms=soon',
      {},
      'KVC_E_BAD_REQUEST',
      'timeout_ms',
    ],
    ['no keys to read', 'POST', '/read', { body: { keys: [] } }, 'KVC_E_BAD_REQUEST', 'keys'],
    [
      'a bad key among those to read',
      'POST',
      '/read',
      { body: { keys: ['a', ''] } },
      'KVC_E_KEY_INVALID',
      'keys[1]',
    ],
    ['a limit of 0', 'GET', '/keys?limit=0', {}, 'KVC_E_BAD_REQUEST', 'limit'],
    ['a limit of 1001', 'GET', '/keys?limit=1001', {}, 'KVC_E_BAD_REQUEST', '1000'],
    ['a made-up cursor', 'GET', '/keys?cursor=%21', {}, 'KVC_E_BAD_REQUEST', 'cursor'],

    ['an empty raw key', 'PUT', '/kv/', { body: Buffer.from('x') }, 'KVC_E_KEY_INVALID'],
    ['a raw key that is too long', 'PUT', `/kv/${longKey}`, { body: Buffer.from('x') }, 'KVC_E_KEY_INVALID'],
    ['a raw key that is not UTF-8', 'PUT', '/kv/%ff', { body: Buffer.from('x') }, 'KVC_E_KEY_INVALID'],
    [
      'a raw value that is too large',
      'PUT',
      '/kv/k',
      { body: Buffer.from(largeValue) },
      'KVC_E_VALUE_TOO_LARGE',
    ],

    ['no token', 'GET', '/read?key=a', { headers: { 'kvc-session': '' } }, 'KVC_E_TOKEN_INVALID'],
    ['a made-up token', 'GET', '/read?key=a', { headers: { 'kvc-session': 'alice' } }, 'KVC_E_TOKEN_INVALID'],
    [
      'a token of a later version',
      'GET',
      '/read?key=a',
      { headers: { 'kvc-session': `kvc2.${testClusterId}.` } },
      'KVC_E_TOKEN_INVALID',
      'kvc2',
    ],
    ["another cluster's token", 'GET', '/read?key=a', token('', 'decade'), 'KVC_E_TOKEN_FOREIGN', 'decade'],
    ['a token with a counter of 0', 'GET', '/read?key=a', token('node1:0'), 'KVC_E_TOKEN_INVALID', 'node1:0'],
    [
      'a token with a huge counter',
      'GET',
      '/read?key=a',
      token('node1:9007199254740992'),
      'KVC_E_TOKEN_INVALID',
    ],
    [
      'a bad token on a write',
      'POST',
      '/write',
      { body: { key: 'k', value: '' }, ...token('x') },
      'KVC_E_TOKEN_INVALID',
    ],

    ['an unknown route', 'GET', '/writes', {}, 'KVC_E_ROUTE_NOT_FOUND', '/writes'],
    ['the root', 'GET', '/', {}, 'KVC_E_ROUTE_NOT_FOUND', '/'],
    ['a wrong method', 'GET', '/write', {}, 'KVC_E_METHOD_NOT_ALLOWED', 'POST'],
    ['a method that no route takes', 'PATCH', '/kv/a', {}, 'KVC_E_METHOD_NOT_ALLOWED', 'PUT'],
    ['a write to /healthz', 'POST', '/healthz', {}, 'KVC_E_METHOD_NOT_ALLOWED', 'GET'],
    [
      'a rebound host',
      'GET',
      '/read?key=a',
      { headers: { host: 'evil.example' } },
      'KVC_E_HOST_FORBIDDEN',
      'evil.example',
    ],
    [
      "another port's host",
      'GET',
      '/read?key=a',
      { headers: { host: '127.0.0.1:1' } },
      'KVC_E_HOST_FORBIDDEN',
    ],
    [
      'a rebound host for health',
      'GET',
      '/healthz',
      { headers: { host: 'evil.example' } },
      'KVC_E_HOST_FORBIDDEN',
    ],
  ])('%s: %s', async (...request) => {
    await expectRefused(nodes.node(1), request);
    expect(await nodes.node(1).client.read('a')).toMatchObject({ value: '1' });
  });
});
