import type { Codec } from './codec.js';

/** Exactly: a byte order mark is part of the text. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The default. Text is stored as it is, so that other clients, the command line and curl see the same; but text that would be
 * read as JSON, such as `5` or `true`, as its JSON, so that it comes back as text. `Uint8Array` is stored as it is. Everything
 * else is stored as JSON, by the rules of `JSON.stringify`: a Date becomes text, a property that is undefined goes.
 *
 * Back: bytes that are no UTF-8 are a `Uint8Array`, JSON is its value, anything else is text. So bytes that happen to be UTF-8 come
 * back as text, or even as what they are in JSON: to store bytes of all kinds use `bytesCodec`.
 *
 * `undefined`, functions, symbols, BigInt, NaN, infinite numbers and values that contain themselves are refused with KVC_E_CODEC.
 *
 * @example
 * ```ts
 * const client = await connect({ codec: jsonCodec }); // which is the default
 * await client.set('cart', { items: ['book'] });
 * const { value } = await client.get<{ items: string[] }>('cart');
 * ```
 */
export const jsonCodec: Codec = {
  encode(value) {
    if (value instanceof Uint8Array) return value;
    if (typeof value === 'string' && value.isWellFormed() && !isJson(value)) return value;
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`);
    // Its type does not say that there are values without JSON.
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`);
    return text;
  },
  decode(bytes) {
    const text = textOf(bytes);
    if (text === undefined) return bytes;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      return text;
    }
  },
};

/**
 * Values are text. Anything else is refused with KVC_E_CODEC, and so is what is stored and no UTF-8.
 *
 * @example
 * ```ts
 * const client = await connect({ codec: textCodec });
 * await client.set('greeting', '5'); // and '5' it stays
 * ```
 */
export const textCodec: Codec = {
  encode(value) {
    if (typeof value !== 'string') throw new TypeError(`a value must be text, not ${typeof value}`);
    return value;
  },
  decode: (bytes) => utf8.decode(bytes),
};

/**
 * Values are bytes, exactly. Anything but a `Uint8Array` is refused with KVC_E_CODEC.
 *
 * @example
 * ```ts
 * const client = await connect({ codec: bytesCodec });
 * await client.set('image', await readFile('image.png'));
 * ```
 */
export const bytesCodec: Codec = {
  encode(value) {
    if (!(value instanceof Uint8Array)) throw new TypeError(`a value must be bytes, not ${typeof value}`);
    return value;
  },
  decode: (bytes) => bytes,
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
