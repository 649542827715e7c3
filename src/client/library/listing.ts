import { hasCode } from '../../errors.js';
import type { KeysResponseJson, ReadEntryJson } from '../../protocol/api.js';
import { asInteger } from '../../protocol/fields.js';
import { requireKeyText } from '../../protocol/keys.js';
import { limits } from '../../protocol/limits.js';
import { keysCursor } from '../../protocol/queries.js';
import type { NodeClient } from '../nodeClient.js';
import type { AttemptTerms } from './askNodes.js';
import { askWithin, type ClientParts } from './clientParts.js';
import { entryOf } from './entryOf.js';
import type { Entry } from './entry.js';
import type { KeyListing } from './kvcClient.js';
import type { ListOptions } from './options.js';

const pageKeys = limits.listLimitDefault;

interface Page<Value> {
  readonly entries: readonly Entry<Value>[];
  /** Where the next page begins; null: there is none. */
  readonly next: string | null;
}

/** Each iteration begins where the options say; `cursor` is where the latest one stands. */
export class Listing<Value> implements KeyListing<Value> {
  readonly #parts: ClientParts;
  readonly #options: ListOptions;
  #cursor: string | undefined;

  /** @throws KvcError KVC_E_BAD_REQUEST or KVC_E_KEY_INVALID */
  constructor(parts: ClientParts, options: ListOptions) {
    if (options.limit !== undefined) asInteger(options.limit, 'limit', 1, Number.MAX_SAFE_INTEGER);
    if (options.prefix !== undefined) requireKeyText(options.prefix, 'prefix');
    this.#parts = parts;
    this.#options = options;
    this.#cursor = options.cursor;
  }

  get cursor(): string | undefined {
    return this.#cursor;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry<Value>, void, undefined> {
    let left = this.#options.limit ?? Infinity;
    let next: string | null | undefined = this.#options.cursor;
    this.#cursor = next;
    while (next !== null && left > 0) {
      const page: Page<Value> = await readPage<Value>(
        this.#parts,
        this.#options,
        next,
        Math.min(left, pageKeys),
      );
      for (const entry of page.entries) {
        left -= 1;
        // Before it is given away: whoever leaves the loop has taken it.
        this.#cursor = keysCursor(entry.key);
        yield entry;
      }
      next = page.next;
      this.#cursor = next ?? undefined;
    }
  }
}

/** A page that is too large for one answer is read in smaller ones. */
async function readPage<Value>(
  parts: ClientParts,
  options: ListOptions,
  cursor: string | undefined,
  limit: number,
): Promise<Page<Value>> {
  try {
    return await askPage(parts, options, cursor, limit);
  } catch (error) {
    if (limit === 1 || !hasCode(error, 'KVC_E_MESSAGE_TOO_LARGE')) throw error;
    return readPage(parts, options, cursor, Math.ceil(limit / 8));
  }
}

/** Keys and then what they hold, at one node: by then some may be gone. */
async function askPage<Value>(
  parts: ClientParts,
  options: ListOptions,
  cursor: string | undefined,
  limit: number,
): Promise<Page<Value>> {
  const query = {
    limit,
    ...(options.prefix === undefined ? {} : { prefix: options.prefix }),
    ...(cursor === undefined ? {} : { cursor }),
  };
  const session = parts.session.token;
  const page = await askWithin(parts, options, {
    kind: 'read',
    attempt: async (node, left) => {
      const listed = await node.list({ ...query, ...left(), session });
      return { node: node.name, next: listed.cursor, ...(await readKeys(node, listed, left)) };
    },
  });
  parts.session.advance(page.token);
  const live = page.entries.filter(({ value, type }) => value !== null || type !== undefined);
  return { entries: live.map((read) => entryOf<Value>(parts.codec, read, page)), next: page.next };
}

async function readKeys(
  node: NodeClient,
  { keys, session }: KeysResponseJson,
  left: () => AttemptTerms,
): Promise<{ entries: readonly ReadEntryJson[]; token: string }> {
  if (keys.length === 0) return { entries: [], token: session };
  const read = await node.readMany(
    keys.map(({ key }) => key),
    { session, ...left() },
  );
  return { entries: read.entries, token: read.session };
}
