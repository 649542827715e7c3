import type { NodeClient, RequestOptions } from '../client/nodeClient.js';
import type { KeysResponseJson } from '../protocol/api.js';
import { limits } from '../protocol/limits.js';

export interface KeyListing extends Omit<KeysResponseJson, 'cursor'> {
  /** Whether there are further keys behind these. */
  readonly more: boolean;
}

/**
 * Up to `limit` keys in order, fetched page by page. What one page shows, the next has seen: their sessions are chained.
 * Without a session, a write between two pages may show in the later one only.
 */
export async function listKeys(
  node: NodeClient,
  query: { readonly prefix: string; readonly limit: number },
  options: RequestOptions,
): Promise<KeyListing> {
  const keys: KeysResponseJson['keys'][number][] = [];
  let page: KeysResponseJson | undefined;
  do {
    const limit = Math.min(limits.listLimitMax, query.limit - keys.length);
    const session = options.session === undefined ? {} : { session: page?.session ?? options.session };
    const cursor = page?.cursor ? { cursor: page.cursor } : {};
    page = await node.list({ ...options, ...session, ...cursor, prefix: query.prefix, limit });
    keys.push(...page.keys);
  } while (page.cursor !== null && keys.length < query.limit);
  return { keys, more: page.cursor !== null, clock: page.clock, session: page.session };
}
