import { describe, expect, it } from 'vitest';
import type { ReplicaId } from '../../src/core/ids.js';
import { KvcError } from '../../src/errors.js';
import { clockText, encodeClock } from '../../src/protocol/clockJson.js';
import { encodeError, errorOfBody } from '../../src/protocol/errorJson.js';
import { parseFaultFilter, parseFaultsRequest, parseStepRequest } from '../../src/protocol/faultJson.js';
import { parseKeysQuery, parseTimeoutMs, refuseUnknownParameters } from '../../src/protocol/queries.js';
import { parseReplicateRequest } from '../../src/protocol/replicateJson.js';
import { parseBatchRequest, parseWriteRequest } from '../../src/protocol/requests.js';
import { decodeValue, encodeValue, encodeContent } from '../../src/protocol/valueJson.js';

const text = (value: string) => new TextEncoder().encode(value);

describe('values', () => {
  it('are text in JSON where their bytes are UTF-8, a byte order mark included', () => {
    expect(encodeValue(text('grün'))).toEqual({ value: 'grün' });
    expect(encodeValue(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]))).toEqual({ value: '\ufeffa' });
    expect(encodeValue(new Uint8Array())).toEqual({ value: '' });
  });

  it('are base64 where they are not, and say so', () => {
    expect(encodeValue(new Uint8Array([0xff, 1]))).toEqual({ value: '/wE=', encoding: 'base64' });
    // The bytes of half a surrogate pair look like UTF-8 to a lenient decoder.
    expect(encodeValue(new Uint8Array([0xed, 0xa0, 0x80]))).toEqual({ value: '7aCA', encoding: 'base64' });
  });

  it('are encoded from the part of a buffer that they are', () => {
    expect(encodeValue(text('xabcx').subarray(1, 4))).toEqual({ value: 'abc' });
  });

  it('are decoded into memory of their own', () => {
    for (const input of [{ value: 'abc' }, { value: 'YWJj', encoding: 'base64' }]) {
      const bytes = decodeValue(input);
      expect(bytes).toEqual(text('abc'));
      expect(bytes.buffer.byteLength).toBe(3);
    }
  });

  it('of a tombstone are null', () => {
    const dot = { replica: 'node1' as ReplicaId, counter: 2 };
    expect(encodeContent({ dot, timestamp: 1, value: null })).toEqual({
      value: null,
      dot: { node: 'node1', counter: 2 },
    });
  });
});

describe('requests', () => {
  it('give operations', () => {
    expect(parseWriteRequest({ key: 'a', value: '1' })).toEqual({ kind: 'put', key: 'a', value: text('1') });
    expect(
      parseBatchRequest({
        writes: [
          { key: 'a', value: 'MQ==', encoding: 'base64' },
          { key: 'b', delete: true },
        ],
      }),
    ).toEqual([
      { kind: 'put', key: 'a', value: text('1') },
      { kind: 'delete', key: 'b' },
    ]);
  });

  it('may bring the same update twice in one message', () => {
    const update = {
      dot: { node: 'node1', counter: 1 },
      dependencies: { node2: 3 },
      timestamp: 5,
      operations: [{ key: 'a', value: '1' }],
    };
    expect(
      parseReplicateRequest({ from: 'node1', clock: {}, updates: [update, update] }).updates,
    ).toHaveLength(2);
  });

  it('have defaults', () => {
    expect(parseKeysQuery(new URLSearchParams())).toEqual({ prefix: '', limit: 100 });
    expect(parseTimeoutMs(null)).toBe(5000);
    expect(parseTimeoutMs('0')).toBe(0);
    expect(parseStepRequest({ target: 'node2' })).toEqual({ target: 'node2', count: 1 });
    expect(parseFaultsRequest({ faults: [{ target: 'node2', kind: 'hold' }] })).toEqual([
      { target: 'node2', kind: 'hold', expires_at_ms: null },
    ]);
    expect(parseFaultFilter(new URLSearchParams())).toEqual({});
    expect(() => refuseUnknownParameters(new URLSearchParams('key=a'), ['key'])).not.toThrow();
  });

  it('give faults of every kind, with the seed if there is one', () => {
    const faults = [
      { kind: 'delay', delay_ms: 100, jitter_ms: 10, seed: 0 },
      { kind: 'drop', percent: 0.5, seed: 7 },
      { kind: 'duplicate', percent: 10 },
      { kind: 'reorder', percent: 100 },
      { kind: 'partition', id: 'f3' },
    ].map((effect) => ({ target: 'node2', expires_at_ms: null, ...effect }));
    expect(parseFaultsRequest({ faults })).toEqual(faults);
  });

  it('that remove faults say which', () => {
    expect(parseFaultFilter(new URLSearchParams('id=f1&target=node2&kind=hold'))).toEqual({
      id: 'f1',
      target: 'node2',
      kind: 'hold',
    });
  });
});

describe('clocks', () => {
  it('are written in the order of the names, whatever the order in which they grew', () => {
    const grown = new Map([
      ['node2' as ReplicaId, 5],
      ['node1' as ReplicaId, 3],
    ]);
    expect(clockText(grown)).toBe('{"node1":3,"node2":5}');
    expect(Object.keys(encodeClock(grown))).toEqual(['node1', 'node2']);
    expect(clockText(new Map())).toBe('{}');
  });
});

describe('errors', () => {
  it('have code and message first, and no fact takes their place', () => {
    const error = new KvcError('KVC_E_NODE_UNKNOWN', 'no node4', { code: 'x', message: 'y', node: 'node4' });
    expect(JSON.stringify(encodeError(error))).toBe(
      '{"error":{"code":"KVC_E_NODE_UNKNOWN","message":"no node4","node":"node4"}}',
    );
  });

  it.each([
    [undefined, /HTTP status 500/],
    ['text', /HTTP status 500/],
    [{ error: null }, /HTTP status 500/],
    [{ error: { code: 'KVC_E_NODE_UNKNOWN' } }, /HTTP status 500/],
    [{ error: { code: 'KVC_E_OF_TOMORROW', message: 'new' } }, /HTTP status 500.*it says: new/],
    [{ error: { code: 'toString', message: 'odd' } }, /odd/],
  ])('that are not known here are KVC_E_INTERNAL: %j', (body, says) => {
    expect(errorOfBody(body, 500)).toMatchObject({
      code: 'KVC_E_INTERNAL',
      message: expect.stringMatching(says) as string,
      facts: { http_status: 500 },
    });
  });
});
