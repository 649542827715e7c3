import { hasCode } from '../../errors.js';
import { asInteger } from '../../protocol/fields.js';
import { timeoutOf, type ClientParts } from './clientParts.js';
import { commitWrites } from './commitWrites.js';
import { versionsOf } from './entryOf.js';
import type { Entry, KeyVersion } from './entry.js';
import type { ResolveOptions } from './options.js';
import { readEntry } from './readEntry.js';
import { putOf } from './writeOf.js';

const attemptsDefault = 10;

/** Reads, merges and writes back on the condition that nothing changed; again, where something did. */
export async function resolveSiblings<Value>(
  parts: ClientParts,
  key: string,
  merge: (siblings: readonly KeyVersion<Value>[]) => Value | Promise<Value>,
  options: ResolveOptions,
): Promise<Entry<Value>> {
  const attempts = asInteger(options.attempts ?? attemptsDefault, 'attempts', 1, Number.MAX_SAFE_INTEGER);
  const endMs = performance.now() + timeoutOf(options.timeout, parts.timeoutMs);
  const left = () => ({ ...options, timeout: Math.max(1, Math.floor(endMs - performance.now())) });
  for (let attempt = 1; ; attempt += 1) {
    const entry = await readEntry<Value>(parts, key, left());
    if (entry.siblings.length === 0) return entry;
    const value = await merge(versionsOf(entry));
    try {
      return await replace(parts, entry, value, left());
    } catch (error) {
      if (attempt >= attempts || !hasCode(error, 'KVC_E_CONDITION_FAILED')) throw error;
    }
  }
}

/** At the node that was read, if it still answers: it has what was read. */
async function replace<Value>(
  parts: ClientParts,
  read: Entry<Value>,
  value: Value,
  options: ResolveOptions,
): Promise<Entry<Value>> {
  const write = putOf(parts.codec, read.key, value, undefined);
  const terms = { ...options, ifContext: read };
  const { node, answer } = await commitWrites(parts, [write], terms, read.node);
  const { token } = parts.session;
  return { key: read.key, value, type: 'value', dot: answer.dot, siblings: [], node, token };
}
