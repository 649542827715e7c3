import { askWithin, type ClientParts } from './clientParts.js';
import { entryOf } from './entryOf.js';
import type { Entry } from './entry.js';
import type { CallOptions } from './options.js';
import { asArray } from '../../protocol/fields.js';
import { parseKey } from '../../protocol/keys.js';

/** What one key holds. The session has seen it then, siblings included. */
export async function readEntry<Value>(
  parts: ClientParts,
  key: string,
  options: CallOptions,
): Promise<Entry<Value>> {
  const asked = parseKey(key);
  const session = parts.session.token;
  const { read, node } = await askWithin(parts, options, {
    kind: 'read',
    attempt: async (at, left) => ({ read: await at.read(asked, { session, ...left() }), node: at.name }),
  });
  parts.session.advance(read.session);
  return entryOf<Value>(parts.codec, read, { node, token: read.session });
}

/** All keys as of one instant of one node. */
export async function readEntries<Value>(
  parts: ClientParts,
  keys: readonly string[],
  options: CallOptions,
): Promise<Entry<Value>[]> {
  const asked = asArray(keys, 'keys').map((key, index) => parseKey(key, `keys[${index}]`));
  if (asked.length === 0) return [];
  const session = parts.session.token;
  const { read, node } = await askWithin(parts, options, {
    kind: 'read',
    attempt: async (at, left) => ({
      read: await at.readMany(asked, { session, ...left() }),
      node: at.name,
    }),
  });
  parts.session.advance(read.session);
  return read.entries.map((entry) => entryOf<Value>(parts.codec, entry, { node, token: read.session }));
}
