import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesCodec, connect, jsonCodec, textCodec, type Codec, type KvcClient } from '../../../src/index.js';
import { TestNodes } from '../../support/testNodes.js';

const utf8 = new TextEncoder();

function roundTrip(codec: Codec, value: unknown): unknown {
  const encoded = codec.encode(value);
  return codec.decode(typeof encoded === 'string' ? utf8.encode(encoded) : encoded);
}

const stored = (value: unknown): string | Uint8Array => jsonCodec.encode(value);

describe('jsonCodec', () => {
  it('gives every value of JSON back', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(roundTrip(jsonCodec, value)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('gives every text back as that text, also text that looks like JSON', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string(),
      fc.json(),
      fc.constantFrom('5', ' 5 ', 'true', 'null', '"x"', '{}', '', '\ufefftext', '\ud800', '-0', '1e9'),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(roundTrip(jsonCodec, text)).toBe(text);
      }),
    );
  });

  it('gives bytes that are no UTF-8 back as they were', () => {
    const bytes = fc.uint8Array().map((some) => Uint8Array.of(0xff, ...some));
    fc.assert(
      fc.property(bytes, (some) => {
        expect(roundTrip(jsonCodec, some)).toEqual(some);
      }),
    );
  });

  it('stores text so that others see the same', () => {
    expect(stored('hello')).toBe('hello');
    expect(stored('{"a":1')).toBe('{"a":1');
    expect(stored('5')).toBe('"5"');
    expect(stored(5)).toBe('5');
    expect(roundTrip(jsonCodec, utf8.encode('hello')), 'bytes that are UTF-8').toBe('hello');
  });
});

describe('a client', () => {
  let nodes: TestNodes;
  let client: KvcClient;
  beforeAll(async () => {
    nodes = await TestNodes.start({ count: 1 });
    client = await connect({ nodes: [nodes.node(1).url] });
  });
  afterAll(async () => {
    await client.close();
    await nodes.stop();
  });

  it('gives back what was set, as it is', async () => {
    const values = [
      null,
      0,
      '',
      'x',
      '5',
      false,
      [1, { a: 'ü' }],
      Uint8Array.of(0, 255),
      '\ud800',
      '\ufeffx',
    ];
    for (const value of values) {
      await client.set('value', value);
      expect((await client.get('value')).value).toEqual(value);
    }
  });

  it('shows what was stored by others', async () => {
    await nodes.node(1).client.write('theirs', 'plain');
    expect((await client.get('theirs')).value).toBe('plain');
    await nodes.node(1).client.write('theirs', Uint8Array.of(255));
    expect((await client.get('theirs')).value).toEqual(Uint8Array.of(255));
  });

  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  it.each([undefined, () => 1, Symbol('x'), 1n, cycle, NaN, Infinity])('refuses %s', async (value) => {
    const before = client.token;
    await expect(client.set('value', value)).rejects.toMatchObject({ code: 'KVC_E_CODEC', definite: true });
    expect(() => client.batch().set('value', value)).toThrow(
      expect.objectContaining({ code: 'KVC_E_CODEC' }),
    );
    expect(client.token).toBe(before);
  });

  it('refuses a value that is too large, and a key that is none, before it is sent', async () => {
    await expect(client.set('big', 'x'.repeat(1024 * 1024 + 1))).rejects.toMatchObject({
      code: 'KVC_E_VALUE_TOO_LARGE',
    });
    await expect(client.set('', 1)).rejects.toMatchObject({ code: 'KVC_E_KEY_INVALID' });
    await expect(client.get('\ud800')).rejects.toMatchObject({ code: 'KVC_E_KEY_INVALID' });
    await expect(client.increment('n', 0)).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
    await expect(client.add('s', [])).rejects.toMatchObject({ code: 'KVC_E_BAD_REQUEST' });
  });

  it('gives itself with another codec: the same session, and with an end of its own', async () => {
    const raw = client.withCodec(bytesCodec);
    await raw.set('raw', utf8.encode('5'));
    expect(client.token).toBe(raw.token);
    expect((await client.get('raw')).value).toBe(5);
    expect((await raw.get('raw')).value).toEqual(utf8.encode('5'));
    await raw.close();
    await expect(raw.get('raw')).rejects.toMatchObject({ code: 'KVC_E_CLOSED' });
    expect((await client.get('raw')).value).toBe(5);
  });

  it('uses the codec that it was given, and reports what that throws', async () => {
    const failing: Codec = {
      encode: (value) => String(value),
      decode: () => {
        throw new Error('not mine');
      },
    };
    for (const [codec, value] of [
      [textCodec, '5'],
      [bytesCodec, utf8.encode('text')],
    ] as const) {
      await using other = await connect({ nodes: [nodes.node(1).url], codec });
      await other.set('coded', value);
      expect((await other.get('coded')).value).toEqual(value);
      await expect(other.set('coded', 5)).rejects.toMatchObject({ code: 'KVC_E_CODEC' });
    }
    await using other = await connect({ nodes: [nodes.node(1).url], codec: failing });
    await other.set('coded', 'x');
    await expect(other.get('coded')).rejects.toMatchObject({
      code: 'KVC_E_CODEC',
      message: expect.stringContaining('not mine') as unknown,
    });
  });
});
