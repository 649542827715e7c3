import { asArray, badField } from '../../protocol/fields.js';
import { limits } from '../../protocol/limits.js';
import { timeoutOf } from './clientParts.js';
import type { Codec } from './codec.js';
import { jsonCodec } from './codecs.js';
import type { ConnectOptions } from './options.js';

export interface ConnectTerms {
  /** Origins, such as `http://127.0.0.1:7101`, each once. */
  readonly urls: readonly string[];
  readonly timeoutMs: number;
  readonly codec: Codec;
}

/** Nodes that one client may be told of. */
const nodesMax = 1024;

/**
 * The options of `connect` with what they stand for when they are absent.
 * @param environment - where KVC_NODES is looked for
 * @throws KvcError KVC_E_BAD_REQUEST
 */
export function parseConnectOptions(options: ConnectOptions, environment: NodeJS.ProcessEnv): ConnectTerms {
  return {
    urls: parseUrls(options.nodes ?? urlsOfEnvironment(environment)),
    timeoutMs: timeoutOf(options.timeout, limits.timeoutMsDefault),
    codec: options.codec ?? jsonCodec,
  };
}

function urlsOfEnvironment({ KVC_NODES }: NodeJS.ProcessEnv): readonly string[] {
  if (KVC_NODES !== undefined && KVC_NODES.trim() !== '')
    return KVC_NODES.split(',').map((url) => url.trim());
  throw badField(
    'nodes',
    'given, or the environment variable KVC_NODES set, to the URLs of nodes',
    undefined,
  );
}

function parseUrls(input: unknown): string[] {
  const urls = asArray(input, 'nodes');
  if (urls.length === 0 || urls.length > nodesMax) throw badField('nodes', `1 to ${nodesMax} URLs`, urls);
  return [...new Set(urls.map((url, index) => parseUrl(url, `nodes[${index}]`)))];
}

function parseUrl(input: unknown, field: string): string {
  const url = typeof input === 'string' && URL.canParse(input) ? new URL(input) : undefined;
  const isOrigin =
    url?.protocol === 'http:' && url.pathname === '/' && url.search + url.hash + url.username === '';
  if (url !== undefined && isOrigin) return url.origin;
  throw badField(field, 'a URL such as http://127.0.0.1:7101', input);
}
